# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The one file that imports msal. All msal input and output goes through this file.

What msal does by default and this file prevents: requests for the OpenID configuration (it has a constant pattern, so
it is answered locally, and an uncached token costs one request), requests to login.microsoftonline.com about unknown
hosts, regional endpoints from the environment, reading netrc and CA variables (it uses the collection's transport),
replaying errors from its own cache (each acquisition has a new app object), and logging bodies.
"""

from __future__ import annotations

import json
import logging
import typing as t
import warnings

from .._errors import AuthError, ConfigError, PowerBIError
from .._requirements import missing
from .._secret import Secret
from .._settings.resolve import Settings
from .claims import decode
from .explain import LoginFacts, explain, explain_plain
from .tokens import AccessToken, HttpResponse, Login

_UNKNOWN_LIFE = 300  # seconds

# A metadata service that is being updated returns 404 or 410 for a while. Seconds between tries.
_BEING_UPDATED = (404, 410)
_METADATA_PAUSES = (1.0, 4.0, 10.0)

_SECRET_FIELDS = ("client_secret", "client_assertion", "password", "device_code")


def client_credentials(
    settings: Settings, scope: str, login: Login, credential: t.Any, facts: LoginFacts
) -> AccessToken:
    """Client credentials grant. ``credential`` in one of the shapes of msal's ``client_credential``.

    Source: Microsoft identity platform, POST /{tenant}/oauth2/v2.0/token.
    """
    http = _MsalHttp(settings, login, facts)
    application = _build(
        lambda library: library.ConfidentialClientApplication(
            settings.credential.client_id,
            client_credential=credential,
            authority=f"{settings.authority}/{settings.credential.tenant_id}",
            http_client=http,
            instance_discovery=False,
            azure_region=False,
        )
    )
    response = _quietly(lambda: application.acquire_token_for_client([scope]))
    return _token(response, scope, login, http)


def device_code(settings: Settings, scope: str, login: Login, facts: LoginFacts) -> AccessToken:
    """Device authorization grant: shows msal's message through ``login.notify`` and waits for the person."""
    http = _MsalHttp(settings, login, facts)
    application = _public_application(settings, http)
    flow = _quietly(lambda: application.initiate_device_flow([scope]))
    if "user_code" not in flow:
        raise http.explained(flow)
    if login.notify is not None:
        login.notify(_prompt(flow))
    response = _quietly(lambda: application.acquire_token_by_device_flow(flow))
    return _token(response, scope, login, http)


def password(
    settings: Settings, scope: str, login: Login, username: str, secret: Secret, facts: LoginFacts
) -> AccessToken:
    """Resource owner password grant, after GET /common/userrealm/{username}."""
    http = _MsalHttp(settings, login, facts)
    application = _public_application(settings, http)
    response = _quietly(lambda: application.acquire_token_by_username_password(username, secret.reveal(), [scope]))
    return _token(response, scope, login, http)


def managed_identity(
    settings: Settings, scope: str, login: Login, identity: t.Mapping[str, str], facts: LoginFacts
) -> AccessToken:
    """The machine's identity: App Service, Arc, Azure ML, Cloud Shell or IMDS, by the environment variables that are set.

    ``identity`` holds at most one of client_id, resource_id, object_id; none is the system-assigned identity.
    """
    http = _MsalHttp(settings, login, facts)
    client = _build(
        lambda library: library.ManagedIdentityClient(
            library.UserAssignedManagedIdentity(**identity) if identity else library.SystemAssignedManagedIdentity(),
            http_client=http,
        )
    )
    resource = scope.removesuffix("/.default")
    response = _quietly(lambda: client.acquire_token_for_client(resource=resource))
    return _token(response, scope, login, http)


def _prompt(flow: t.Mapping[str, t.Any]) -> str:
    """The prompt that Entra ID returns, else a text of this file: RFC 8628 leaves it to the client."""
    where = flow.get("verification_uri")
    return str(flow.get("message") or f"To sign in, open {where} and enter the code {flow['user_code']}.")


def _build(make: t.Callable[[t.Any], t.Any]) -> t.Any:
    try:
        import msal
    except ImportError as error:
        raise missing("sign_in", error) from error
    for name in ("msal", "urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # msal logs bodies of responses that are not JSON
    return _quietly(lambda: make(msal))


def _public_application(settings: Settings, http: _MsalHttp) -> t.Any:
    return _build(
        lambda library: library.PublicClientApplication(
            settings.credential.client_id,
            authority=f"{settings.authority}/{settings.credential.tenant_id}",
            http_client=http,
            instance_discovery=False,
        )
    )


def _quietly(call: t.Callable[[], t.Any]) -> t.Any:
    """Call msal; pass the collection's errors on, and turn any other exception into AuthError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return call()
    except PowerBIError:
        raise
    except Exception as error:  # msal documents no exceptions, and their texts may quote a body
        raise AuthError(
            f"msal could not carry out the login ({type(error).__name__})",
            remedy="check the credential's options; report it with the Python and msal versions if they are right",
        ) from None


def _token(response: t.Any, scope: str, login: Login, http: _MsalHttp) -> AccessToken:
    if not isinstance(response, dict) or not response.get("access_token"):
        raise http.explained(response if isinstance(response, dict) else {})
    now = int(login.now())
    value = str(response["access_token"])
    return AccessToken(Secret(value), now + _life(response, value, now), now, scope)


def _life(response: t.Mapping[str, t.Any], token: str, now: int) -> int:
    """Lifetime in seconds. RFC 6749 only recommends expires_in; without it from the token's claims, else `_UNKNOWN_LIFE`."""
    try:
        return int(response["expires_in"])
    except (KeyError, TypeError, ValueError):
        pass
    try:
        return int(decode(token)["exp"]) - now
    except (ConfigError, KeyError, TypeError, ValueError, OverflowError):
        return _UNKNOWN_LIFE


class _MsalHttp:
    """msal's HTTP client interface on the collection's transport. Keeps the last status and Date for `explain`."""

    def __init__(self, settings: Settings, login: Login, facts: LoginFacts) -> None:
        self._facts = facts
        self._authority = settings.authority
        self._tenant_url = f"{settings.authority}/{settings.credential.tenant_id}"
        self._login = login
        self._status: int | None = None
        self._date: str | None = None
        self._secrets: list[str] = []

    def get(self, url: str, **kwargs: t.Any) -> t.Any:
        if url.endswith("/.well-known/openid-configuration"):
            return _LocalResponse(json.dumps(_openid_configuration(self._tenant_url)))
        before, realm, user = url.partition("/common/userrealm/")
        if realm and before != self._authority:  # msal drops the authority's port here
            url = f"{self._authority}{realm}{user}"
        return self._send("GET", url, kwargs)

    def post(self, url: str, **kwargs: t.Any) -> t.Any:
        return self._send("POST", url, kwargs)

    def close(self) -> None:
        """Does nothing: the session closes its transport."""

    def explained(self, response: t.Mapping[str, t.Any]) -> AuthError:
        """The error for an OAuth error response to the last request, without that request's secrets."""
        return explain(response, status=self._status, facts=self._facts, server_time=self._date, secrets=self._secrets)

    def _send(self, method: str, url: str, kwargs: dict[str, t.Any]) -> t.Any:
        form = kwargs.get("data") or {}
        given = [form[name] for name in _SECRET_FIELDS if form.get(name)]
        self._secrets = [value.decode() if isinstance(value, bytes) else value for value in given]
        response = self._exchange(method, url, kwargs)
        for pause in _METADATA_PAUSES if self._facts.method == "managed_identity" else ():
            if response.status_code not in _BEING_UPDATED:
                break
            self._login.sleep(pause)
            response = self._exchange(method, url, kwargs)
        self._status = response.status_code
        self._date = response.headers.get("Date")
        self._refuse_what_is_not_oauth(response, url)
        return response

    def _exchange(self, method: str, url: str, kwargs: dict[str, t.Any]) -> t.Any:
        return self._login.sender.send(
            method,
            url,
            headers=kwargs.get("headers"),
            params=kwargs.get("params"),
            data=kwargs.get("data"),
            idempotent=True,  # a token request changes nothing
        )

    def _refuse_what_is_not_oauth(self, response: HttpResponse, url: str) -> None:
        """Raises the error for 5xx and non-JSON responses: msal would drop the first and log the second."""
        try:
            body = json.loads(response.text)
        except ValueError:
            body = None
        if isinstance(body, dict) and "error" in body and response.status_code >= 500:
            raise self.explained(body)
        if not isinstance(body, dict) or response.status_code >= 500:
            if self._facts.method == "managed_identity" and response.status_code in (401, 404) and not response.text:
                return  # Azure Arc's challenge has no body
            raise explain_plain(
                status=response.status_code,
                content_type=response.headers.get("Content-Type", ""),
                text_start=response.text[:500],
                url_host=url.split("/")[2],
            )


class _LocalResponse:
    """A response that is made locally."""

    def __init__(self, text: str) -> None:
        self.status_code = 200
        self.text = text
        self.headers: dict[str, str] = {}

    def raise_for_status(self) -> None:
        """It is always 200."""


def _openid_configuration(tenant_url: str) -> dict[str, str]:
    """The endpoints that GET /{tenant}/v2.0/.well-known/openid-configuration returns, in every cloud."""
    oauth = f"{tenant_url}/oauth2/v2.0"
    return {
        "issuer": f"{tenant_url}/v2.0",
        "token_endpoint": f"{oauth}/token",
        "authorization_endpoint": f"{oauth}/authorize",
        "device_authorization_endpoint": f"{oauth}/devicecode",
        "jwks_uri": f"{tenant_url}/discovery/v2.0/keys",
    }
