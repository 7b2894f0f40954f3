# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""What the errors of Entra ID mean and what to do about them: data; `explain.py` is the code.

To add a code, add it here and to docs/errors.md (``UPDATE_DOCS=1`` with the tests of this file writes that page).

How the texts are written: ``what`` is one sentence, ``why`` names the causes with the likeliest first, ``remedy`` begins
with a verb. Options of the collection are named as they are where the name has an underscore, else as in "option cloud".
CLIENT_ID and TENANT_ID are replaced with the values that were used. Microsoft recommends that clients rely on the OAuth
error and the HTTP status, since numbers and texts change: the numbers select texts here, never control flow alone.
"""

from __future__ import annotations

import typing as t

# What `explain` checks, in the local facts or in the response, to distinguish the causes:
# ids        whether tenant_id and client_id have the form of such ids
# secret     whether the client secret has the form of something else
# assertion  the claims of the assertion
# federated  the same, as values that the federated credential must have
# clock      the clock of this machine, that of Entra ID, and the assertion's expiry
# scope      the scope that was requested
# server     the server's own text, which names the parameter, scope or policy
Evidence = t.Literal["ids", "secret", "assertion", "federated", "clock", "scope", "server"]


class Retry(t.NamedTuple):
    """Whether sending the same request again can help.

    no               never: it fails until a user changes the configuration
    yes              after ``seconds`` or the header Retry-After, with exponential backoff
    after_change     only within ``seconds`` of the change that the remedy names, until that has propagated in Entra ID
    fresh_assertion  once, with a new assertion
    """

    when: t.Literal["no", "yes", "after_change", "fresh_assertion"]
    seconds: int = 0


class EntraCode(t.NamedTuple):
    """One error, or several that mean the same. ``errors`` and ``statuses`` are the OAuth errors and HTTP statuses seen.

    They are empty where reports don't agree. ``evidence`` names the facts that `explain` adds. ``methods``: the entry
    applies only to these login methods, and takes precedence over an entry of the same code for all.
    """

    codes: tuple[str, ...]
    errors: tuple[str, ...]
    statuses: tuple[int, ...]
    what: str
    why: str
    remedy: str
    retry: Retry
    evidence: tuple[Evidence, ...] = ()
    methods: tuple[str, ...] = ()


NO = Retry("no")
YES = Retry("yes")
FRESH = Retry("fresh_assertion")
# Replicas of Entra ID respond differently for seconds, at times a minute, after a change; federated credentials longer.
SOON = Retry("after_change", 60)
LATER = Retry("after_change", 300)

_SECRETS_PAGE = "Entra admin center > App registrations > the app > Certificates & secrets"
_FEDERATED_PAGE = f"{_SECRETS_PAGE} > Federated credentials (az ad app federated-credential list --id CLIENT_ID)"

# People log in, through the app of client_id.
USER_METHODS = ("device_code", "password")

ENTRA_CODES: tuple[EntraCode, ...] = (
    # The client secret
    EntraCode(
        codes=("7000215",),
        errors=("invalid_client",),
        statuses=(401,),
        what="Entra ID refused the client secret",
        why="The secret's ID was given instead of its Value, the value was cut or changed on its way (by a shell, a "
        "template or a vault), or it was created seconds ago and not all of Entra ID knows it yet",
        remedy="give the Value, not the Secret ID, of a secret of this app in client_secret or client_secret_file, and "
        f"read it from the vault again; when it is lost, create a new one: {_SECRETS_PAGE}, or az ad app credential reset "
        "--append --id CLIENT_ID",
        retry=SOON,
        evidence=("secret",),
    ),
    EntraCode(
        codes=("7000222",),
        errors=("invalid_client",),
        statuses=(401,),
        what="The client secret has expired",
        why="All secrets of the app, or the one that was used, are past their end date",
        remedy=f"create a new secret ({_SECRETS_PAGE}, or az ad app credential reset --append --id CLIENT_ID), store its "
        "Value in the vault and give it in client_secret or client_secret_file",
        retry=NO,
    ),
    EntraCode(
        codes=("7000218",),
        errors=("invalid_client",),
        statuses=(401,),
        what="The app does not allow the login of people without a secret",
        why="'Allow public client flows' is off in its registration, so Entra ID requires a client secret or certificate as well",
        remedy="switch it on: Entra admin center > App registrations > the app of client_id > Authentication > Settings > Allow "
        "public client flows (az ad app update --id CLIENT_ID --is-fallback-public-client true)",
        retry=NO,
        methods=USER_METHODS,
    ),
    EntraCode(
        codes=("7000216", "7000218"),
        errors=("invalid_client",),
        statuses=(401,),
        what="The request reached Entra ID without a credential",
        why="The variable or file behind the credential is empty",
        remedy="check that client_secret, client_secret_file, certificate_path or federated_token really has a value where "
        "the task runs",
        retry=NO,
        evidence=("secret",),
    ),
    EntraCode(
        codes=("700025",),
        errors=("invalid_client",),
        statuses=(401,),
        what="The app is registered as a public client, which may not present a secret",
        why="Its registration has only mobile and desktop platforms, or client_id belongs to another app",
        remedy="register it as a confidential client: Entra admin center > App registrations > the app > Authentication, "
        "add the platform Web; or set client_id to the app that owns the secret",
        retry=NO,
    ),
    # The app
    EntraCode(
        codes=("700016",),
        errors=("unauthorized_client",),
        statuses=(400,),
        what="The tenant does not know the application in client_id",
        why="client_id holds an object ID instead of the application ID, tenant_id or option cloud points to another "
        "directory, or the app was created moments ago",
        remedy="set client_id to the Application (client) ID and tenant_id to the Directory (tenant) ID of Entra admin "
        "center > App registrations > the app > Overview (az ad app list --display-name NAME --query [].appId)",
        retry=SOON,
        evidence=("ids",),
    ),
    EntraCode(
        codes=("7000229",),
        errors=("invalid_client",),
        statuses=(401,),
        what="The app has no service principal in the tenant",
        why="The app is registered, but has no enterprise application in this tenant: none was created or consented to",
        remedy="create it with az ad sp create --id CLIENT_ID, or let an administrator consent; check tenant_id if the app "
        "should log in elsewhere",
        retry=SOON,
        evidence=("ids",),
    ),
    EntraCode(
        codes=("7000112",),
        errors=("unauthorized_client",),
        statuses=(400,),
        what="The app is disabled in the tenant",
        why="An administrator has switched off sign-in for the app or its service principal",
        remedy="have it enabled: Entra admin center > Enterprise applications > the app > Properties > Enabled for users to "
        "sign-in (az ad sp update --id CLIENT_ID --set accountEnabled=true), or set client_id to another app",
        retry=NO,
    ),
    # The tenant and the cloud
    EntraCode(
        codes=("90002",),
        errors=("invalid_request",),
        statuses=(400,),
        what="Entra ID does not know the tenant",
        why="tenant_id is mistyped, or the tenant is in another cloud than the one that the request was sent to",
        remedy="set tenant_id to the Directory (tenant) ID of the Entra admin center's overview page (az account show "
        "--query tenantId), and option cloud to the cloud of that tenant",
        retry=NO,
        evidence=("ids",),
    ),
    EntraCode(
        codes=("900023",),
        errors=("invalid_request",),
        statuses=(400,),
        what="tenant_id is neither a GUID nor a domain name",
        why="A template was not rendered, or the value has stray characters",
        remedy="set tenant_id to the Directory (tenant) ID of the Entra admin center's overview page (az account show "
        "--query tenantId)",
        retry=NO,
        evidence=("ids",),
    ),
    EntraCode(
        codes=("50059", "90019"),
        errors=("invalid_request",),
        statuses=(400,),
        what="The request does not name its tenant",
        why="tenant_id is empty, or the authority has no tenant in it",
        remedy="set tenant_id to the Directory (tenant) ID of the Entra admin center's overview page",
        retry=NO,
        evidence=("ids",),
    ),
    EntraCode(
        codes=("9001023", "50194"),
        errors=("invalid_request",),
        statuses=(400,),
        what="An app can't log in at a shared endpoint (common, organizations)",
        why="tenant_id names a shared endpoint, or the app is not multi-tenant",
        remedy="set tenant_id to the GUID or domain name of the app's own tenant",
        retry=NO,
        evidence=("ids",),
    ),
    EntraCode(
        codes=("900382", "900432", "90038"),
        errors=("invalid_request", "invalid_client"),
        statuses=(),
        what="The app is registered in another cloud than the one that the request was sent to",
        why="Option cloud or option authority names the login host of another national cloud",
        remedy="set option cloud to the one where the app is registered (public, gcc, gcc_high, dod, china), and drop "
        "option authority unless a private endpoint needs it",
        retry=NO,
    ),
    EntraCode(
        codes=("50049",),
        errors=("invalid_instance",),
        statuses=(400,),
        what="Entra ID does not know the login host",
        why="Option authority names a host that is none of Microsoft's, so its metadata was requested from the public cloud",
        remedy="correct option authority, or drop it and set option cloud",
        retry=NO,
    ),
    EntraCode(
        codes=("100007",),
        errors=(),
        statuses=(),
        what="The regional endpoint of Entra ID serves only Microsoft's own apps",
        why="The environment sets one for msal (MSAL_FORCE_REGION), or option authority names a regional host",
        remedy="unset MSAL_FORCE_REGION where the task runs and drop the region from option authority",
        retry=NO,
    ),
    EntraCode(
        codes=("5000225",),
        errors=("invalid_grant",),
        statuses=(),
        what="The tenant is blocked because it was not used for long",
        why="Microsoft blocks inactive tenants before it deletes them",
        remedy="have an administrator of the tenant reactivate it, which is possible for about 20 days; check tenant_id if "
        "another one is meant",
        retry=NO,
    ),
    # The scope and the permissions
    EntraCode(
        codes=("500011", "50001"),
        errors=("invalid_resource",),
        statuses=(400,),
        what="The tenant does not know the API that a token was requested for",
        why="Option scope or option resource is mistyped (a slash too many is enough), belongs to another cloud, or Power BI "
        "was never used in this tenant",
        remedy="drop option scope and option resource so that option cloud decides; in a new tenant sign in once at the "
        "Power BI portal, which creates its service principal",
        retry=NO,
        evidence=("scope", "server"),
    ),
    EntraCode(
        codes=("500014",),
        errors=("invalid_resource",),
        statuses=(400,),
        what="The API's service principal is disabled in the tenant",
        why="An administrator has disabled the enterprise application of Power BI (or of the API in option scope), or the "
        "tenant has no subscription for it",
        remedy="have it enabled: Entra admin center > Enterprise applications > Power BI Service > Properties > Enabled for "
        "users to sign-in; check the tenant's licences, and option scope",
        retry=NO,
        evidence=("scope", "server"),
    ),
    EntraCode(
        codes=("650057", "65005"),
        errors=("invalid_resource", "invalid_client"),
        statuses=(),
        what="The app does not list the API among its permissions",
        why="The registration has no permission of the API that option scope or option resource names",
        remedy="add one: Entra admin center > App registrations > the app > API permissions > Power BI Service; or correct "
        "option scope or option resource",
        retry=NO,
        evidence=("scope", "server"),
    ),
    EntraCode(
        codes=("65001",),
        errors=("invalid_grant",),
        statuses=(400,),
        what="The app's access lacks consent",
        why="The login of a user needs a consent that neither the user nor an administrator has given",
        remedy="grant it: Entra admin center > App registrations > the app > API permissions > Grant admin consent (az ad "
        "app permission admin-consent --id CLIENT_ID); or use a service principal instead of auth_method device_code or "
        "password",
        retry=NO,
        evidence=("server",),
    ),
    EntraCode(
        codes=("650051", "650052"),
        errors=("invalid_client",),
        statuses=(400,),
        what="The organisation lacks the service that the app requests",
        why="It has no licence or subscription for it, or an earlier consent failed halfway and left a service principal of "
        "that name",
        remedy="subscribe to Power BI in this tenant, then let an administrator consent again: Entra admin center > "
        "Enterprise applications > the app > Permissions; check tenant_id and option scope",
        retry=NO,
        evidence=("server",),
    ),
    EntraCode(
        codes=("501051",),
        errors=("invalid_grant", "invalid_client"),
        statuses=(),
        what="The API admits only apps that have one of its roles, and this app has none",
        why="The API of option scope or option resource requires an assignment; Power BI itself does not",
        remedy="assign a role of that API to the app (Entra admin center > Enterprise applications > the API > Users and "
        "groups), or drop option scope and option resource so that the token is for Power BI",
        retry=NO,
        evidence=("scope", "server"),
    ),
    EntraCode(
        codes=("50105",),
        errors=("invalid_grant",),
        statuses=(400,),
        what="The user is not assigned to the app",
        why="The enterprise application admits only users and groups that are assigned to it",
        remedy="assign the user of option username or a group of theirs: Entra admin center > Enterprise applications > the "
        "app > Users and groups",
        retry=NO,
    ),
    EntraCode(
        codes=("1002012",),
        errors=("invalid_scope",),
        statuses=(400,),
        what="The scope does not have the form that the login of an app needs",
        why="An app requests all of its permissions at once, as <resource>/.default",
        remedy="end option scope in /.default, or drop it so that option cloud decides",
        retry=NO,
        evidence=("scope", "server"),
    ),
    EntraCode(
        codes=("70011", "28003"),
        errors=("invalid_scope",),
        statuses=(400,),
        what="The scope is malformed",
        why="Option scope names several APIs, or has a wrong form",
        remedy="give option scope as one <resource>/.default, or drop it so that option cloud decides",
        retry=NO,
        evidence=("scope", "server"),
    ),
    # The request itself
    EntraCode(
        codes=("901002",),
        errors=("invalid_request",),
        statuses=(400,),
        what="The parameter resource is not allowed at this endpoint",
        why="Version 2.0 of the endpoint, which this collection uses, takes a scope; option authority may point to a "
        "gateway that rewrites the request",
        remedy="use option scope instead of option resource, and check what option authority points to",
        retry=NO,
    ),
    EntraCode(
        codes=("900144", "90014"),
        errors=("invalid_request",),
        statuses=(400,),
        what="A required parameter is missing from the request",
        why="One of the values is empty, or a proxy changed the body or its content type",
        remedy="check that tenant_id, client_id, the credential and option scope have values; compare with a run without "
        "option proxy",
        retry=NO,
        evidence=("ids", "server"),
    ),
    EntraCode(
        codes=("9002313",),
        errors=("invalid_request",),
        statuses=(400,),
        what="The request reached Entra ID malformed",
        why="A proxy or gateway between here and Entra ID changed its body",
        remedy="check option authority and option proxy, and compare with a run without the proxy",
        retry=NO,
        evidence=("server",),
    ),
    EntraCode(
        codes=("900561",),
        errors=("invalid_request",),
        statuses=(400,),
        what="The request reached Entra ID as a GET instead of a POST",
        why="A proxy or gateway responded with a redirect, which turned the request into a GET",
        remedy="check option authority and option proxy, and compare with a run without the proxy",
        retry=NO,
    ),
    # The certificate and the assertion signed with it
    EntraCode(
        codes=("700027",),
        errors=("invalid_client",),
        statuses=(401,),
        what="Entra ID can't verify the signature with any certificate of the app",
        why="The certificate is not uploaded to this app, certificate_thumbprint belongs to another one, the private key "
        "does not belong to the certificate, the first certificate of the chain is not the app's own, or it was uploaded "
        "moments ago",
        remedy=f"upload the public part of certificate_path or certificate_data: {_SECRETS_PAGE} > Certificates; drop "
        "certificate_thumbprint so that it is computed; check that key and certificate are a pair (openssl x509 -noout "
        "-pubkey -in FILE and openssl pkey -pubout -in FILE print the same)",
        retry=SOON,
        evidence=("server",),
    ),
    EntraCode(
        codes=("700030",),
        errors=("invalid_client",),
        statuses=(401,),
        what="Entra ID does not accept the certificate by its subject name and issuer",
        why="The app does not trust this subject and issuer, or the chain that was sent does not begin with the app's own "
        "certificate",
        remedy="put the app's own certificate first in certificate_path, then the intermediate ones; compare its subject and "
        "issuer with the app's trusted ones; or switch send_certificate_chain off and upload the certificate to the app",
        retry=NO,
        evidence=("server",),
    ),
    EntraCode(
        codes=("1000502",),
        errors=("invalid_client",),
        statuses=(401,),
        what="The certificate is outside its period of validity",
        why="It has expired, or its first day is still to come",
        remedy="renew it, upload the new public part "
        f"({_SECRETS_PAGE} > Certificates) and give the new file in certificate_path or certificate_data (openssl x509 "
        "-noout -dates -in FILE shows the dates)",
        retry=NO,
    ),
    EntraCode(
        codes=("7000214",),
        errors=("invalid_client",),
        statuses=(401,),
        what="Entra ID refuses the certificate",
        why="It is revoked, or a policy of the tenant does not admit it",
        remedy="replace it: upload another one "
        f"({_SECRETS_PAGE} > Certificates) and give it in certificate_path or certificate_data",
        retry=NO,
        evidence=("server",),
    ),
    EntraCode(
        codes=("700024", "500133"),
        errors=("invalid_client", "invalid_grant"),
        statuses=(401,),
        what="The assertion is outside its period of validity",
        why="The clock of the machine that made it is wrong, or the OIDC token had already expired when it was sent",
        remedy="for clock skew, set the clock of the machine that made it (timedatectl, chronyc tracking); for a stale "
        "token, give federated_token_file or let the pipeline's own provider (federated_provider) fetch a token each time, "
        "instead of a federated_token that ages",
        retry=FRESH,
        evidence=("clock", "assertion"),
    ),
    EntraCode(
        codes=("50012", "50013", "50027"),
        errors=("invalid_client", "invalid_grant"),
        statuses=(),
        what="Entra ID can't use the assertion",
        why="It can't be parsed, its signature or algorithm is wrong, its header names no key (x5t, kid), or it has expired",
        remedy="give the whole, current OIDC token of a provider that signs with RS256 in federated_token or "
        "federated_token_file; with a certificate, check that certificate_path holds a matching pair of key and certificate "
        "and drop certificate_thumbprint",
        retry=FRESH,
        evidence=("assertion", "server"),
    ),
    EntraCode(
        codes=("50048",),
        errors=("invalid_request",),
        statuses=(400,),
        what="Subject and issuer of the assertion differ",
        why="An assertion that the app signs itself has client_id as both, and this one has not",
        remedy="give an assertion of an external provider in federated_token or federated_token_file, or log in with "
        "certificate_path, where the collection makes the assertion from client_id",
        retry=NO,
        evidence=("assertion",),
    ),
    # Federated credentials
    EntraCode(
        codes=("70021",),
        errors=("invalid_client",),
        statuses=(400, 401),
        what="No federated credential of the app matches the token",
        why="Issuer, subject or audience differ from those of the app's federated credentials, or the credential was "
        "created minutes ago",
        remedy="compare all three, character by character, with the federated credential of the app in client_id: "
        f"{_FEDERATED_PAGE}; federated_audience changes the token's audience",
        retry=LATER,
        evidence=("federated", "server"),
    ),
    EntraCode(
        codes=("700211",),
        errors=("invalid_client",),
        statuses=(401,),
        what="The token's issuer matches no federated credential of the app",
        why="The issuers differ, often only by a slash at the end, or the federated credential was created minutes ago",
        remedy="copy the token's issuer (iss) into the federated credential of the app in client_id, or give a token of "
        f"the right provider in federated_token or federated_token_file: {_FEDERATED_PAGE}",
        retry=LATER,
        evidence=("federated", "server"),
    ),
    EntraCode(
        codes=("700212", "7002121"),
        errors=("invalid_client",),
        statuses=(401,),
        what="The token's audience matches no federated credential of the app",
        why="The token was made for another audience than the one of the cloud, or the federated credential was created "
        "minutes ago",
        remedy="request the token for the audience of the federated credential (federated_audience; in a pipeline, its "
        "own setting), as a rule api://AzureADTokenExchange with the suffix of the cloud: "
        f"{_FEDERATED_PAGE}",
        retry=LATER,
        evidence=("federated", "server"),
    ),
    EntraCode(
        codes=("700213",),
        errors=("invalid_client",),
        statuses=(401,),
        what="The token's subject matches no federated credential of the app",
        why="The job runs on another branch, tag, environment or service account than the federated credential names, the "
        "provider uses immutable subjects with ids, or the federated credential was created minutes ago",
        remedy="copy the token's subject (sub) into the federated credential of the app in client_id, or run the job where "
        f"the credential expects it: {_FEDERATED_PAGE}",
        retry=LATER,
        evidence=("federated", "server"),
    ),
    EntraCode(
        codes=("7002137", "7002138"),
        errors=("invalid_client",),
        statuses=(401,),
        what="The token differs from the app's federated credential only in upper and lower case",
        why="Entra ID compares issuer, subject and audience exactly",
        remedy="copy subject (sub) and issuer (iss) of the token, character by character, into the federated credential of "
        f"the app in client_id: {_FEDERATED_PAGE}",
        retry=NO,
        evidence=("federated", "server"),
    ),
    EntraCode(
        codes=("700222", "700226", "700227", "700229"),
        errors=("invalid_client",),
        statuses=(),
        what="The token is of a kind that can't be used as a federated credential",
        why="It was issued by Entra ID itself but not to a managed identity, not to an app, or for an audience that is "
        "not allowed",
        remedy="give the token of an external provider or of a managed identity in federated_token or "
        "federated_token_file, or log in as the managed identity itself with auth_method managed_identity",
        retry=NO,
        evidence=("assertion", "server"),
    ),
    # Users and policies
    EntraCode(
        codes=("53003",),
        errors=("access_denied", "invalid_grant"),
        statuses=(400,),
        what="A Conditional Access policy blocks the login of this person",
        why="The policy does not admit the device, the place, the way to log in or the app, or requires a second factor",
        remedy="have the administrator find the policy by the correlation id in Entra admin center > Sign-in logs > User "
        "sign-ins (interactive and non-interactive), and admit the user of option username, or use a service principal",
        retry=NO,
        evidence=("server",),
        methods=USER_METHODS,
    ),
    EntraCode(
        codes=("530035",),
        errors=("access_denied", "invalid_grant"),
        statuses=(400,),
        what="Security defaults block the login",
        why="The tenant has security defaults, which block ways to log in without a second factor",
        remedy="use a service principal (client secret, certificate or federated credential) instead of auth_method password "
        "or device_code",
        retry=NO,
        evidence=("server",),
    ),
    EntraCode(
        codes=("50053",),
        errors=("invalid_grant",),
        statuses=(400,),
        what="The account is locked for a while, or the request came from an address with a bad reputation",
        why="Too many logins with a wrong password were tried",
        remedy="wait some minutes without trying, then check option password; have an administrator check the sign-in log "
        "when it stays locked",
        retry=NO,
    ),
    EntraCode(
        codes=("50055",),
        errors=("invalid_grant",),
        statuses=(400,),
        what="The password has expired",
        why="The tenant's policy requires a new one",
        remedy="sign in interactively as the user of option username and change the password, then store the new one; or use a "
        "service principal, which has no password",
        retry=NO,
    ),
    EntraCode(
        codes=("50057",),
        errors=("invalid_grant",),
        statuses=(400,),
        what="The user's account is disabled",
        why="An administrator has disabled it",
        remedy="have it enabled (Entra admin center > Users > the user > Account status), or give another option username",
        retry=NO,
    ),
    EntraCode(
        codes=("50072",),
        errors=("invalid_grant",),
        statuses=(400,),
        what="The user must set up a second factor first",
        why="The tenant requires multi-factor authentication, and the account has no method for it, or the request came from a "
        "new place",
        remedy="sign in once interactively as that user and register a method; auth_method password can't use a second factor, "
        "so take device_code or a service principal",
        retry=NO,
    ),
    EntraCode(
        codes=("53003",),
        errors=("access_denied", "invalid_grant"),
        statuses=(400,),
        what="A Conditional Access policy blocks the login",
        why="The policy does not admit the address that the request came from, or rates the app as a risk",
        remedy="have the administrator find the policy by the correlation id in Entra admin center > Sign-in logs > Service "
        "principal sign-ins, and admit the app of client_id or the machine's outgoing address (option proxy changes it)",
        retry=NO,
        evidence=("server",),
    ),
    EntraCode(
        codes=("50034",),
        errors=("invalid_grant",),
        statuses=(400,),
        what="The tenant does not know the user",
        why="The user name is mistyped, or belongs to another tenant",
        remedy="give option username as the user principal name (name@domain) and tenant_id of that user's tenant",
        retry=NO,
    ),
    EntraCode(
        codes=("50126",),
        errors=("invalid_grant",),
        statuses=(400,),
        what="User name or password is wrong",
        why="The password is mistyped or was changed",
        remedy="log in as an app instead (client_secret, certificate_path or federated_token); auth_method password is a "
        "last resort, needs the current values of option username and option password, and locks accounts when they are "
        "wrong",
        retry=NO,
    ),
    EntraCode(
        codes=("50076", "50079"),
        errors=("invalid_grant",),
        statuses=(400,),
        what="The user must pass multi-factor authentication",
        why="The tenant requires a second factor, which auth_method password can't give",
        remedy="log in as an app instead (client_secret, certificate_path or federated_token), or set auth_method to "
        "device_code where a person is present",
        retry=NO,
    ),
    EntraCode(
        codes=("70016", "70019", "70020"),
        errors=("authorization_pending", "expired_token"),
        statuses=(400,),
        what="The device code expired before it was entered",
        why="A person has some minutes to open the page that is shown and to enter the code",
        remedy="run again and enter the code at once; for unattended runs log in as an app (client_secret, "
        "certificate_path or federated_token)",
        retry=NO,
    ),
    # Entra ID is busy
    EntraCode(
        codes=("50196",),
        errors=("invalid_grant",),
        statuses=(400,),
        what="Entra ID blocked a client that requests the same token again and again",
        why="Many requests for one token came in a short time, usually because a cache is off",
        remedy="wait a minute; leave option cache at run so that one token serves the whole run",
        retry=Retry("yes", 60),
    ),
    EntraCode(
        codes=("90055",),
        errors=(),
        statuses=(429, 400),
        what="Entra ID limits the tenant's requests",
        why="All clients of the tenant together request too many tokens",
        remedy="run again later; leave option cache at run, and raise option retry_timeout so that this run may wait longer",
        retry=YES,
    ),
    EntraCode(
        codes=("90033", "90024", "90006", "90012", "90090", "50033", "50000"),
        errors=("temporarily_unavailable", "server_error"),
        statuses=(),
        what="Entra ID has a passing fault",
        why="The service reports it; nothing in the request is wrong",
        remedy="run again; raise option retry_timeout so that this run may wait longer",
        retry=YES,
        evidence=("server",),
    ),
)

BY_CODE: dict[str, EntraCode] = {code: entry for entry in ENTRA_CODES if not entry.methods for code in entry.codes}
_BY_METHOD = {(code, method): entry for entry in ENTRA_CODES for method in entry.methods for code in entry.codes}


def entry_of(code: str, method: str) -> EntraCode | None:
    """The entry of a code for a way to log in."""
    return _BY_METHOD.get((code, method)) or BY_CODE.get(code)


# The texts for 400 of the managed identity endpoint without an AADSTS code.
UNKNOWN_MANAGED_IDENTITY = EntraCode(
    codes=(),
    errors=("invalid_request",),
    statuses=(400,),
    what="This machine has no such managed identity",
    why="No identity is assigned to it, or client_id, managed_identity_resource_id or managed_identity_object_id names "
    "one that is not",
    remedy="assign the identity to the machine (its page in the Azure portal > Identity, or az vm identity assign), or "
    "correct that option; without any of the three, the system-assigned identity is used",
    retry=NO,
    evidence=("server",),
)

REFUSED_BY_MACHINE = EntraCode(
    codes=(),
    errors=("invalid_scope",),  # msal's error for any refusal of the App Service endpoint
    statuses=(401,),
    what="The managed identity endpoint of this machine refused the request",
    why="IDENTITY_HEADER is not the one of this machine's endpoint; it changes with each start",
    remedy="let the platform set IDENTITY_ENDPOINT and IDENTITY_HEADER where the task runs, or set another auth_method",
    retry=NO,
    evidence=("server",),
)


class OAuthError(t.NamedTuple):
    """What an OAuth error means by its standard, for codes and providers that the table does not have.

    CREDENTIAL in ``remedy`` is replaced with the options of the way to log in.
    """

    meaning: str
    remedy: str
    retry: Retry = NO


# RFC 6749 sections 4.1.2.1 and 5.2, RFC 8628 section 3.5; invalid_resource and authorization_declined are Entra ID's own.
OAUTH_ERRORS: dict[str, OAuthError] = {
    "invalid_request": OAuthError(
        "the request lacks a parameter, repeats one or is malformed",
        "check client_id, CREDENTIAL, option scope and option authority",
    ),
    "invalid_client": OAuthError(
        "the client is unknown, or its credential was not accepted",
        "check client_id and CREDENTIAL, and that option authority names the provider they belong to",
    ),
    "invalid_grant": OAuthError(
        "the password, code or assertion is wrong, has expired or was revoked", "check CREDENTIAL"
    ),
    "unauthorized_client": OAuthError(
        "the client may not use this way to log in", "admit it in the app's registration, or set another auth_method"
    ),
    "unsupported_grant_type": OAuthError(
        "the server does not offer this way to log in", "set another auth_method, or correct option authority"
    ),
    "invalid_scope": OAuthError(
        "the scope is unknown or malformed, or goes beyond what is allowed", "check option scope and option resource"
    ),
    "invalid_resource": OAuthError(
        "the API that the token is for is unknown", "check option scope and option resource"
    ),
    "access_denied": OAuthError("the user or a policy denied the request", "contact the administrator of the tenant"),
    "authorization_declined": OAuthError("the user declined the request", "run again and accept it"),
    "authorization_pending": OAuthError(
        "the device code was not entered in time", "run again and enter the code at once, or use a client_secret"
    ),
    "expired_token": OAuthError(
        "the device code expired before it was used", "run again and enter the code at once, or use a client_secret"
    ),
    "temporarily_unavailable": OAuthError(
        "the server is overloaded or under maintenance", "run again; raise option retry_timeout to wait longer", YES
    ),
    "server_error": OAuthError(
        "the server met an unexpected condition", "run again; raise option retry_timeout to wait longer", YES
    ),
}
