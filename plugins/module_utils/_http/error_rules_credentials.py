# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Rules of the services for credentials: Microsoft Graph (app registrations, app management policy) and Azure Key Vault."""

from __future__ import annotations

from .error_rule import Rule

_FEDERATION = "use a federated credential, which needs no secret (auth_method: federated)"
_VAULT = ("key_vault",)

GRAPH_RULES: tuple[Rule, ...] = (
    Rule(
        "The tenant's app management policy limits how long credentials may live",
        "set `valid_for` to at most what the policy allows (the service names the policy), or " + _FEDERATION,
        codes=("CredentialInvalidLifetimeAsPerAppPolicy",),
    ),
    Rule(
        "The tenant's app management policy does not allow this type of credential",
        "use a certificate (powerbi_client_certificate), or "
        + _FEDERATION
        + ", or have an administrator exempt the app from the policy",
        codes=("CredentialTypeNotAllowedAsPerAppPolicy",),
    ),
    Rule(
        "The caller lacks a permission of Microsoft Graph for this, or does not own the app registration",
        "grant the caller's app registration the application permission Application.ReadWrite.OwnedBy of Microsoft Graph "
        "with admin consent and make its service principal an owner of the app that it changes (to read any app: "
        "Application.Read.All)",
        codes=("Authorization_RequestDenied",),
    ),
    Rule(
        "The caller lacks a permission of Microsoft Graph for this, or does not own the app registration",
        "grant the caller's app registration the application permission Application.ReadWrite.OwnedBy of Microsoft Graph "
        "with admin consent and make its service principal an owner of the app that it changes (to read any app: "
        "Application.Read.All)",
        statuses=(403,),
        apis=("graph",),
    ),
    Rule(
        "Microsoft Graph refused the token",
        "check `cloud` and `tenant_id`, and the clock where the task runs",
        statuses=(401,),
        apis=("graph",),
    ),
    Rule(
        "There is no such object in the directory, or it was created moments ago and not all of Graph knows it yet",
        "check the id (an app registration has a client id and an object id) and `tenant_id`; after a creation try again "
        "a minute later",
        statuses=(404,),
        apis=("graph",),
    ),
)


_ROLES = (
    "assign it Key Vault Secrets User (to read), Key Vault Secrets Officer or Certificates Officer (to write) on the vault; "
    "that takes up to ten minutes to work"
)

KEY_VAULT_RULES: tuple[Rule, ...] = (
    Rule(
        "The vault's firewall does not let this address in",
        "allow the address of the host where the task runs, or run it where the vault's private endpoint can be reached",
        codes=("ForbiddenByFirewall", "ForbiddenByConnection"),
        apis=_VAULT,
    ),
    Rule("That version is disabled", "enable it, or write a new version", codes=("SecretDisabled",), apis=_VAULT),
    Rule("The caller has no role that allows it", _ROLES, codes=("ForbiddenByRbac",), apis=_VAULT),
    Rule(
        "The vault's access policy does not allow it",
        "add a policy for the caller's enterprise application: get (to read), set and import (to write)",
        codes=("AccessDenied", "ForbiddenByPolicy"),
        apis=_VAULT,
    ),
    Rule(
        "A secret or certificate of that name was deleted and can still be recovered",
        "recover it (az keyvault secret recover, or certificate recover), have it purged, or use another name",
        codes=("ObjectIsDeletedButRecoverable",),
        apis=_VAULT,
    ),
    Rule(
        "A secret or certificate of that name is being deleted or recovered",
        "run it again in a minute",
        codes=("ObjectIsBeingDeleted", "ObjectIsBeingRecovered"),
        apis=_VAULT,
    ),
    Rule(
        "The vault holds an ordinary secret of that name, so no certificate can have it",
        "use another name for the certificate, or delete and purge the secret",
        statuses=(409,),
        message=r"(secret|key).{0,60}(already exists|already in use|same name)|already exists.{0,60}(secret|key)",
        path=r"certificate",
        apis=_VAULT,
    ),
    Rule(
        "Another operation on that name is in the way: it is deleted but recoverable, being deleted, or taken by another type",
        "check the vault's deleted secrets and certificates (az keyvault secret list-deleted), recover or purge what has "
        "the name, or use another name",
        statuses=(409,),
        apis=_VAULT,
    ),
    Rule(
        "The vault refused the token",
        "check that tenant_id is the vault's tenant, and cloud its cloud",
        statuses=(401,),
        apis=_VAULT,
    ),
    Rule("The caller may not do that", "check its roles on the vault: " + _ROLES, statuses=(403,), apis=_VAULT),
    Rule(
        "The vault has nothing of that name and version",
        "check vault_url, the name and the version",
        statuses=(404,),
        apis=_VAULT,
    ),
    Rule(
        "The vault throttles its callers",
        "run it again later, or with fewer hosts at once",
        statuses=(429,),
        apis=_VAULT,
    ),
)
