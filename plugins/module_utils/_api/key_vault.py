# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Azure Key Vault's secrets and certificates, by its REST API on this collection's log-in, TLS and proxies.

A vault is named by its URL; a certificate's key is read as the secret of its name.
"""

from __future__ import annotations

import json
import re
import typing as t
from urllib.parse import urlsplit

from .._errors import ConfigError, PowerBIError
from .._http.api_errors import to_error
from .._http.client import Client
from .._http.failure import read_failure
from .._http.response import ApiResponse
from .._http.retry import retry_after_seconds
from .._secret import Secret
from .._urls import is_https_base, is_loopback

if t.TYPE_CHECKING:
    from .._session import Session

_API: t.Final = "key_vault"
_VERSION: t.Final = {"api-version": "7.4"}
_NAME = re.compile(r"[0-9a-zA-Z-]{1,127}\Z")
_BUDGET = 20.0  # seconds of repetitions
_PEM, _PFX = "application/x-pem-file", "application/x-pkcs12"


class VaultSecret(t.NamedTuple):
    """A version of a secret. Times in seconds since the epoch, or None."""

    name: str
    value: Secret
    version: str
    content_type: str
    tags: dict[str, str]
    expires: float | None


class KeyVault:
    """One vault. All methods raise ConfigError, AuthError, TransportError, and ApiError or one of its subclasses."""

    def __init__(self, session: Session, url: str) -> None:
        scope = session.settings.cloud.key_vault_scope
        self.url = _checked_url(url, urlsplit(scope).hostname or "", session.settings.api_url)
        self._session = session
        self._client = Client(session.sender, session.tokens, {_API: self.url}, {_API: scope})

    def secret(self, name: str, version: str = "") -> VaultSecret:
        """GET /secrets/{name}/{version}: the current version, or the one given."""
        path = f"/secrets/{_checked_name(name)}" + (f"/{_checked_name(version, 'version')}" if version else "")
        return _secret(name, self._call("GET", path, f"get secret {name}"))

    def set_secret(
        self, name: str, value: Secret, *, content_type: str, tags: t.Mapping[str, str], expires: float | None
    ) -> VaultSecret:
        """PUT /secrets/{name}: create a version."""
        body = {"value": value.reveal(), "contentType": content_type, "tags": dict(tags), "attributes": _times(expires)}
        return _secret(name, self._call("PUT", f"/secrets/{_checked_name(name)}", f"set secret {name}", body))

    def update_secret(
        self, name: str, version: str, *, content_type: str, tags: t.Mapping[str, str], expires: float | None
    ) -> None:
        """PATCH /secrets/{name}/{version}: set the attributes and tags of a version."""
        body = {"contentType": content_type, "tags": dict(tags), "attributes": _times(expires)}
        self._call("PATCH", f"/secrets/{_checked_name(name)}/{version}", f"update secret {name}", body)

    def import_certificate(self, name: str, pem: Secret, tags: t.Mapping[str, str]) -> str:
        """POST /certificates/{name}/import: a version from PEM with key and certificate; returns its id."""
        policy = {"secret_props": {"contentType": _PEM}, "issuer": {"name": "Unknown"}}
        body = {"value": pem.reveal(), "policy": policy, "tags": dict(tags)}
        response = self._call("POST", f"/certificates/{_checked_name(name)}/import", f"import certificate {name}", body)
        return _version_of(response)

    def update_certificate(self, name: str, version: str, tags: t.Mapping[str, str]) -> None:
        """PATCH /certificates/{name}/{version}: set the tags of a version."""
        self._call(
            "PATCH",
            f"/certificates/{_checked_name(name)}/{version}",
            f"update certificate {name}",
            {"tags": dict(tags)},
        )

    def _call(self, method: str, path: str, action: str, body: t.Any = None) -> dict[str, t.Any]:
        response = self._client.request(
            method, path, api=_API, query=_VERSION, body=body, success=range(600), budget=_BUDGET
        )
        if not 200 <= response.status < 300:
            raise self._explained(response, f"{action} of {self.url}")
        return response.body if isinstance(response.body, dict) else {}

    def _explained(self, response: ApiResponse, path: str) -> PowerBIError:
        """The error for a failed response of Key Vault, from the table of all APIs."""
        content = b"" if response.body is None else json.dumps(response.body).encode()
        failure = read_failure(response.status, response.headers, content, self._session.known_secrets())
        wait = retry_after_seconds(response.headers, self._session.sender.clock.time())
        caller = self._session.client.caller(_API)
        return to_error(failure, "", path, api=_API, caller=caller, retry_after=wait)


def is_certificate(secret: VaultSecret) -> bool:
    """Whether the secret is the key of a certificate, which Key Vault stores as a secret of the same name."""
    return secret.content_type in (_PEM, _PFX)


def _checked_name(name: str, option: str = "name") -> str:
    if not _NAME.match(name):
        raise ConfigError(
            f"{option} is {name!r}, which Key Vault can't have",
            option=option,
            remedy="use letters, digits and hyphens, at most 127",
        )
    return name


def _checked_url(url: str, domain: str, api_url: str) -> str:
    """A token for Key Vault goes to hosts of the cloud's Key Vault only, and to this machine."""
    base = (url if "://" in url else f"https://{url}").rstrip("/")
    parts = urlsplit(base) if is_https_base(base) else None
    if parts is None or parts.path:
        raise ConfigError(
            "vault_url is not the https address of a key vault",
            option="vault_url",
            remedy="give it as https://NAME.vault.azure.net",
        )
    host = parts.hostname or ""
    if not (host.endswith(f".{domain}") or is_loopback(host) or host == (urlsplit(api_url).hostname or "")):
        raise ConfigError(
            f"vault_url names {host}, which is no key vault of this cloud",
            option="vault_url",
            why=f"A token is sent to it, and its key vaults are at NAME.{domain}",
            remedy=f"give it as https://NAME.{domain}, or set `cloud` to the vault's cloud",
        )
    return f"https://{parts.netloc}"


def _secret(name: str, found: t.Mapping[str, t.Any]) -> VaultSecret:
    attributes = found.get("attributes") or {}
    expires = attributes.get("exp")
    return VaultSecret(
        name,
        Secret(str(found.get("value") or "")),
        _version_of(found),
        str(found.get("contentType") or ""),
        {str(key): str(value) for key, value in (found.get("tags") or {}).items()},
        float(expires) if expires is not None else None,
    )


def _version_of(found: t.Mapping[str, t.Any]) -> str:
    return str(found.get("id") or "").rstrip("/").rpartition("/")[2]


def _times(expires: float | None) -> dict[str, t.Any]:
    return {"enabled": True} if expires is None else {"enabled": True, "exp": int(expires)}
