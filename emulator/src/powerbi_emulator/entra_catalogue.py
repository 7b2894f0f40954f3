# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Entra ID's error codes as data: OAuth error, HTTP status and message.

``error`` and status are the most frequent ones in reports; for 501051, 650051, 53003 and 70021 reports differ, so a
fault may combine a code with another ``status``.
"""

from __future__ import annotations

import typing as t


class Entry(t.NamedTuple):
    error: str
    message: str
    status: int = 400
    suberror: str = ""


def _client(message: str) -> Entry:
    return Entry("invalid_client", message, 401)


def request_error(message: str) -> Entry:
    return Entry("invalid_request", message)


def _grant(message: str, suberror: str = "") -> Entry:
    return Entry("invalid_grant", message, 400, suberror)


def _scope(message: str) -> Entry:
    return Entry("invalid_scope", message)


def _resource(message: str) -> Entry:
    return Entry("invalid_resource", message)


def _transient(message: str, error: str = "temporarily_unavailable", status: int = 503) -> Entry:
    return Entry(error, message, status)


_FEDERATION_DOCS: t.Final = (
    "Check your federated identity credential Subject, Audience and Issuer against the presented assertion. "
    "https://learn.microsoft.com/entra/workload-id/workload-identity-federation"
)
_RESOURCE_MISSING: t.Final = (
    "The resource principal named {resource} was not found in the tenant named {tenant_name}. This can happen if the "
    "application has not been installed by the administrator of the tenant or consented to by any user in the tenant. "
    "You might have sent your authentication request to the wrong tenant."
)

CATALOGUE: t.Final[dict[int, Entry]] = {
    # the client's credential
    7000215: _client(
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not "
        "the client secret ID, for a secret added to app '{client_id}'."
    ),
    7000222: _client(
        "The provided client secret keys for app '{client_id}' are expired. Visit the Azure portal to create new keys "
        "for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: "
        "https://aka.ms/certCreds."
    ),
    7000216: _client(
        "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type."
    ),
    7000218: _client("The request body must contain the following parameter: 'client_assertion' or 'client_secret'."),
    700025: _client("Client is public so neither 'client_assertion' nor 'client_secret' should be presented."),
    700016: Entry(
        "unauthorized_client",
        "Application with identifier '{client_id}' was not found in the directory '{tenant_name}'. This can happen if "
        "the application has not been installed by the administrator of the tenant or consented to by any user in the "
        "tenant. You may have sent your authentication request to the wrong tenant.",
    ),
    7000229: _client(
        "The client application {client_id} is missing service principal in the tenant {tenant_id}. See instructions "
        "here: https://go.microsoft.com/fwlink/?linkid=2225119"
    ),
    7000112: Entry("unauthorized_client", "Application '{client_id}'({app_name}) is disabled."),
    700027: _client(
        "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - "
        "{reason}, Thumbprint of key used by client: '{thumbprint}', Please visit the Azure Portal, Graph Explorer or "
        "directly use MS Graph to see configured keys for app Id '{client_id}'. Review the documentation at "
        "https://docs.microsoft.com/en-us/graph/deployments to determine the corresponding service endpoint]."
    ),
    700030: _client(
        "Invalid certificate - subject name in certificate is not authorized. SubjectNames/SubjectAlternativeNames (up "
        "to 10) in token certificate are: {subject}."
    ),
    1000502: _client("The provided certificate is not within its specified validity period."),
    7000214: _client("Certificate has been revoked."),
    700024: _client(
        "Client assertion is not within its valid time range. Current time: {current_time}, assertion valid from "
        "{valid_from}, expiry time of assertion {valid_until}. Review the documentation at "
        "https://learn.microsoft.com/entra/identity-platform/certificate-credentials ."
    ),
    50012: _client("Authentication failed. The client assertion is invalid: {reason}."),
    50013: _client(
        "Assertion failed signature validation. [Reason - {reason}, Thumbprint of key used by client: '{thumbprint}']"
    ),
    50027: request_error("JWT token is invalid or malformed."),
    500133: _grant("Assertion is not within its valid time range."),
    50048: request_error("Subject must match the issuer claim in the client assertion."),
    70021: _client(
        "No matching federated identity record found for presented assertion. Assertion Issuer: '{issuer}'. Assertion "
        "Subject: '{subject}'. Assertion Audience: '{audience}'. "
        "https://learn.microsoft.com/entra/workload-id/workload-identity-federation"
    ),
    700211: _client(
        f"No matching federated identity record found for presented assertion issuer '{{issuer}}'. {_FEDERATION_DOCS}"
    ),
    700212: _client(
        f"No matching federated identity record found for presented assertion audience '{{audience}}'. "
        f"{_FEDERATION_DOCS}"
    ),
    7002121: _client(
        f"No matching federated identity record found for presented assertion audience '{{audience}}'. "
        f"{_FEDERATION_DOCS}"
    ),
    700213: _client(
        f"No matching federated identity record found for presented assertion subject '{{subject}}'. {_FEDERATION_DOCS}"
    ),
    7002137: _client(
        "No matching federated identity record found for presented assertion subject '{subject}'. Please make sure the "
        "federated identity credential Subject is '{expected}'."
    ),
    7002138: _client(
        "No matching federated identity record found for presented assertion subject '{subject}'. The subject matches "
        f"with case-insensitive comparison, but not with case-sensitive comparison. {_FEDERATION_DOCS}"
    ),
    700222: _client("AAD-issued tokens may not be used for federated identity flows."),
    700226: _client("Requested token audience '{audience}' is for a first party AAD Workload Identity."),
    700227: _client("Token is not an app-only token and may not be used for federated identity flows."),
    700229: _client("Only app-only tokens can be used as Federated Identity Credentials for AAD issuer."),
    # the tenant
    90002: request_error(
        "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the "
        "correct "
        "cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for "
        "the "
        "tenant."
    ),
    900023: request_error(
        "Specified tenant identifier '{tenant}' is neither a valid DNS name, nor a valid external domain."
    ),
    50059: request_error(
        "No tenant-identifying information found in either the request or implied by any provided credentials."
    ),
    90019: request_error(
        "No tenant-identifying information found in either the request or implied by any provided credentials."
    ),
    9001023: request_error(
        "The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or "
        "tenant-specific endpoint."
    ),
    50194: request_error(
        "Application '{client_id}'({app_name}) is not configured as a multi-tenant application. Usage of the /common "
        "endpoint is not supported for such apps created after '10/15/2018'. Use a tenant-specific endpoint or "
        "configure "
        "the application to be multi-tenant."
    ),
    900382: request_error("Confidential Client is not supported in Cross Cloud request."),
    900432: request_error("Confidential Client is not supported in Cross Cloud request."),
    90038: _client("Confidential Client is not supported in Cross Cloud request."),
    5000225: _grant(
        "This tenant has been blocked due to inactivity. To learn more about tenant lifecycle policies, see "
        "https://aka.ms/TenantLifecycle."
    ),
    # requested resources and scopes
    500011: _resource(_RESOURCE_MISSING),
    50001: _resource(_RESOURCE_MISSING),
    650057: _resource(
        "Invalid resource. The client has requested access to a resource which is not listed in the requested "
        "permissions in the client's application registration. Client app ID: {client_id}({app_name}). Resource value "
        "from request: {resource}."
    ),
    65005: Entry("invalid_client", "Misconfigured required resource access in client application registration.", 400),
    65001: _grant(
        "The user or administrator has not consented to use the application with ID '{client_id}' named '{app_name}'. "
        "Send an interactive authorization request for this user and resource.",
        "consent_required",
    ),
    650051: Entry(
        "invalid_client",
        "Using application '{app_name}' is currently not supported for your organization.",
        400,
    ),
    650052: Entry(
        "invalid_client",
        "The app is trying to access a service '{resource}' that your organization '{tenant_id}' lacks a service "
        "principal for. Contact your IT Admin to review the configuration of your service subscriptions or consent to "
        "the application in order to create the required service principal.",
        400,
    ),
    501051: _grant("Application '{client_id}'({app_name}) is not assigned to a role for the application '{resource}'."),
    50105: _grant(
        "Your administrator has configured the application {app_name} ('{client_id}') to block users unless they are "
        "specifically granted ('assigned') access to the application."
    ),
    1002012: _scope(
        "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with "
        "/.default suffixed to the resource identifier (application ID URI)."
    ),
    70011: _scope(
        "The provided request must include a 'scope' input parameter. The provided value for the input parameter "
        "'scope' is not valid. The scope {scope} is not valid."
    ),
    28003: _scope("Provided value for the input parameter scope '{scope}' is not valid."),
    901002: request_error("The 'resource' request parameter is not supported."),
    900144: request_error("The request body must contain the following parameter: '{parameter}'."),
    90014: request_error(
        "The required field '{parameter}' is missing from the credential. Ensure that you have all the necessary "
        "parameters for the login request."
    ),
    9002313: request_error("Invalid request. Request is malformed or invalid."),
    900561: request_error("The endpoint only accepts POST requests. Received a {method} request."),
    70003: Entry("unsupported_grant_type", "The app requested an unsupported grant type '{grant_type}'."),
    50049: Entry("invalid_instance", "Unknown or invalid instance."),
    100007: request_error(
        "AAD Regional ONLY supports auth either for MSIs OR for requests from MSAL using SN+I for 1P apps or 3P apps "
        "onboarded in Microsoft infrastructure tenants."
    ),
    # users
    50034: _grant(
        "The user account {user} does not exist in the {tenant_id} directory. To sign into this application, the "
        "account must be added to the directory."
    ),
    50053: _grant(
        "The account is locked, you've tried to sign in too many times with an incorrect user ID or password.",
    ),
    50055: _grant("The password is expired."),
    50057: _grant("The user account is disabled."),
    50072: _grant(
        "Due to a configuration change made by your administrator, or because you moved to a new location, you must "
        "enroll in multi-factor authentication to access '{resource}'.",
        "basic_action",
    ),
    530035: Entry("access_denied", "Access has been blocked by security defaults."),
    500014: _resource(
        "The service principal for resource '{resource}' is disabled. This indicate that a subscription within the "
        "tenant has lapsed, or that the administrator for this tenant has disabled the application, preventing tokens "
        "from being issued for it."
    ),
    50126: _grant("Error validating credentials due to invalid username or password."),
    50076: _grant(
        "Due to a configuration change made by your administrator, or because you moved to a new location, you must "
        "use "
        "multi-factor authentication to access '{resource}'.",
        "basic_action",
    ),
    50079: _grant(
        "Due to a configuration change made by your administrator, or because you moved to a new location, you must "
        "enroll in multi-factor authentication to access '{resource}'.",
        "basic_action",
    ),
    70016: Entry("authorization_pending", "OAuth 2.0 device flow error. Authorization is pending. Continue polling."),
    70018: Entry(
        "bad_verification_code",
        "Invalid verification code due to User typing in wrong user code for device code flow.",
    ),
    70020: Entry(
        "expired_token",
        "The provided value for the input parameter 'device_code' is not valid. This device code has expired.",
    ),
    53003: _grant(
        "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.",
        "message_only",
    ),
    50196: _grant(
        "The server terminated an operation because it encountered a client request loop. Please contact your app "
        "vendor."
    ),
    # the service
    90055: _transient("The service received too many requests for this tenant. Try again later.", "throttled", 429),
    90033: _transient("A transient error has occurred. Please try again."),
    90024: _transient("RequestBudgetExceededError: A transient error has occurred. Please try again."),
    90006: _transient("External server is retryable. Please try again."),
    90012: _transient("Request timed out. Please try again."),
    90090: _transient("GraphRetryableError: The service is temporarily unavailable."),
    50033: _transient("RetryableError: A transient error not related to the database operations has occurred."),
    50000: _transient("There was an error issuing a token or an issue with our sign-in service.", "server_error", 500),
}
