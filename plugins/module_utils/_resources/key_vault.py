# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Azure Key Vault's secrets and certificates: Microsoft's libraries, on this collection's log-in, TLS and proxies.

The one file that imports azure. A vault is told by its URL; a certificate's key is read as the secret of its name.
"""

from __future__ import annotations

import datetime as dt
import importlib
import logging
import re
import sys
import typing as t
from urllib.parse import urlsplit

from ansible_collections.community.powerbi.plugins.module_utils._errors import (
    ApiError,
    ConfigError,
    MissingLibraryError,
    TransportError,
)
from ansible_collections.community.powerbi.plugins.module_utils._http.api_errors import to_error
from ansible_collections.community.powerbi.plugins.module_utils._http.failure import read_failure
from ansible_collections.community.powerbi.plugins.module_utils._http.proxies import is_loopback
from ansible_collections.community.powerbi.plugins.module_utils._secret import Secret

if t.TYPE_CHECKING:
    from ansible_collections.community.powerbi.plugins.module_utils._session import Session

_NAME = re.compile(r"[0-9a-zA-Z-]{1,127}\Z")
_RETRIES = 4


class VaultSecret(t.NamedTuple):
    """A version of a secret. Times in seconds since the epoch, or None."""

    name: str
    value: Secret
    version: str
    content_type: str
    tags: dict[str, str]
    expires: float | None


class KeyVault:
    """One vault. All raise ConfigError, MissingLibraryError, AuthError, TransportError and ApiError with its kinds."""

    def __init__(self, session: Session, url: str) -> None:
        self.url = _checked_url(url)
        self._session = session
        self._options: dict[str, t.Any] = {
            "credential": _SdkCredential(session),
            "retry_total": _RETRIES,
            "timeout": session.settings.timeout,
            # The challenge must come from the vault's own domain; on loopback there is none to compare with. The token's
            # audience is ours to choose in any case.
            "verify_challenge_resource": not is_loopback(urlsplit(self.url).hostname or ""),
        }

    def secret(self, name: str, version: str = "") -> VaultSecret:
        """The current version, or the one named. GET /secrets/{name}/{version}."""
        found = self._call("secrets", "SecretClient", "get secret", name, lambda c: c.get_secret(name, version or None))
        return _secret(found)

    def set_secret(
        self, name: str, value: Secret, *, content_type: str, tags: t.Mapping[str, str], expires: float | None
    ) -> VaultSecret:
        """A new version. PUT /secrets/{name}."""
        options = {"content_type": content_type, "tags": dict(tags), "expires_on": _date(expires)}

        def write(client: t.Any) -> t.Any:
            return client.set_secret(name, value.reveal(), **options)

        return _secret(self._call("secrets", "SecretClient", "set secret", name, write))

    def update_secret(self, name: str, *, tags: t.Mapping[str, str], expires: float | None) -> None:
        """What is noted of the current version. PATCH /secrets/{name}/{version}."""
        options = {"tags": dict(tags), "expires_on": _date(expires)}
        self._call(
            "secrets", "SecretClient", "update secret", name, lambda c: c.update_secret_properties(name, **options)
        )

    def delete_secret(self, name: str) -> None:
        """Soft: it can be recovered. DELETE /secrets/{name}."""
        self._call("secrets", "SecretClient", "delete secret", name, lambda c: c.begin_delete_secret(name))

    def import_certificate(self, name: str, pem: Secret, tags: t.Mapping[str, str]) -> str:
        """A new version from PEM with key and certificate; returns its id. POST /certificates/{name}/import."""

        def load(client: t.Any) -> t.Any:
            from azure.keyvault.certificates import CertificateContentType, CertificatePolicy

            policy = CertificatePolicy(issuer_name="Unknown", content_type=CertificateContentType.pem)
            return client.import_certificate(name, pem.reveal().encode(), policy=policy, tags=dict(tags))

        made = self._call("certificates", "CertificateClient", "import certificate", name, load)
        return str(made.properties.version)

    def _call(self, library: str, client: str, action: str, name: str, call: t.Callable[[t.Any], t.Any]) -> t.Any:
        if not _NAME.match(name):
            raise ConfigError(
                f"name is {name!r}, which Key Vault can't have",
                option="name",
                remedy="use letters, digits and hyphens, at most 127",
            )
        module = _library(library)
        from azure.core import exceptions
        from azure.core.pipeline.transport import RequestsTransport

        path = f"{action} {name} of {self.url}"
        transport = RequestsTransport(session=_SdkSession(self._session), session_owner=False)
        try:
            with getattr(module, client)(self.url, transport=transport, **self._options) as opened:
                return call(opened)
        except exceptions.HttpResponseError as error:
            raise _explained(error, path, self._session) from None
        except exceptions.AzureError as error:
            raise TransportError(
                f"{path}: {type(error).__name__}", remedy="check the vault's URL and the way to it"
            ) from None


class _SdkCredential:
    """What the libraries take for a credential. It gives tokens for Key Vault, whatever the challenge names."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get_token(self, *_scopes: str, **_options: t.Any) -> t.Any:
        from azure.core.credentials import AccessToken

        token = self._session.tokens.token(scope=self._session.settings.cloud.key_vault_scope)
        return AccessToken(token.value.reveal(), token.expires_on)


class _SdkSession:
    """What the libraries take for a requests.Session: this collection's transport."""

    def __init__(self, session: Session) -> None:
        self._transport = session.transport

    def request(self, method: str, url: str, *, headers: t.Any = None, data: t.Any = None, **_options: t.Any) -> t.Any:
        return self._transport.send(method, url, headers=dict(headers or {}), data=data or None)


def _library(name: str) -> t.Any:
    logging.getLogger("azure").setLevel(logging.CRITICAL)
    try:
        return importlib.import_module(f"azure.keyvault.{name}")
    except ImportError as error:
        package = f"azure-keyvault-{name}"
        raise MissingLibraryError(
            package,
            f"the Python library {package} is missing for {sys.executable}. "
            f"Remedy: {sys.executable} -m pip install {package}",
        ) from error


def _checked_url(url: str) -> str:
    parts = urlsplit(url if "://" in url else f"https://{url}")
    if parts.scheme != "https" or not parts.hostname or parts.path.strip("/") or parts.query or parts.username:
        raise ConfigError(
            "vault_url is not the https address of a key vault",
            option="vault_url",
            remedy="give it as https://NAME.vault.azure.net",
        )
    return f"https://{parts.netloc}"


def _explained(error: t.Any, path: str, session: Session) -> ApiError:
    """An answer of Key Vault as our error, by the table that explains all APIs."""
    response = error.response
    headers = getattr(response, "headers", None) or {}
    try:
        content = response.body()
    except (AttributeError, ValueError):
        content = b""
    failure = read_failure(int(error.status_code or 0), headers, content, session.known_secrets())
    return to_error(
        failure,
        "",
        path,
        api="key_vault",
        caller=session.client.caller("key_vault"),
        retry_after=_number(headers.get("Retry-After")),
    )


def _secret(found: t.Any) -> VaultSecret:
    properties = found.properties
    return VaultSecret(
        str(found.name),
        Secret(str(found.value)),
        str(properties.version),
        str(properties.content_type or ""),
        {str(key): str(value) for key, value in (properties.tags or {}).items()},
        properties.expires_on.timestamp() if properties.expires_on else None,
    )


def _date(seconds: float | None) -> dt.datetime | None:
    return None if seconds is None else dt.datetime.fromtimestamp(int(seconds), tz=dt.timezone.utc)


def _number(text: t.Any) -> float | None:
    try:
        return float(text)
    except (TypeError, ValueError):
        return None
