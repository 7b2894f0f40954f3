# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""HashiCorp Vault and OpenBao: log in, read and write KV secrets, leases of the Azure engine.

Errors never quote the server's texts, which may repeat a header or a token: they are only matched (`hashi_vault_errors`).
"""

from __future__ import annotations

import json
import typing as t
from urllib.parse import quote

from .._errors import ConfigError, ConflictError, TransportError
from .._secret import Secret
from .hashi_vault_errors import Failure, deleted_version, failure_of

if t.TYPE_CHECKING:
    import requests

Send = t.Callable[..., "requests.Response"]


class VaultLogin(t.NamedTuple):
    """``method`` is the type of the auth method, ``mount`` its path, ``body`` the request's; ``name`` goes into the path."""

    method: str
    mount: str
    body: dict[str, t.Any]
    name: str = ""


class VaultToken(t.NamedTuple):
    """A token of a login. ``duration`` in seconds (0: no end); ``uses`` is the number of requests (0: any)."""

    token: Secret
    duration: int
    uses: int


class KvSecret(t.NamedTuple):
    """The fields of a secret; ``version`` is None for KV version 1."""

    fields: dict[str, t.Any]
    version: int | None


class AzureLease(t.NamedTuple):
    """A client secret of the Azure secrets engine; it is removed when its lease of ``duration`` seconds ends."""

    client_id: str
    client_secret: Secret
    lease_id: str
    duration: int


class HashiVault:
    """One vault. ``send`` is the transport's; ``token`` may be set later, by ``log_in``.

    All methods raise TransportError, and ApiError or one of its subclasses.
    """

    def __init__(self, send: Send, address: str, namespace: str = "", token: Secret | None = None) -> None:
        self.address = address
        self._send = send
        self._namespace = namespace
        self.token = token

    def log_in(self, login: VaultLogin) -> VaultToken:
        """POST auth/MOUNT/login. All later requests use the token."""
        tail = f"/{quote(login.name, safe='')}" if login.name else ""
        path = f"auth/{_quoted(login.mount)}/login{tail}"
        result = self._call("POST", path, login.body, what=f"the login by {login.method}", step="login")
        auth = _mapping(result.get("auth"))
        if not isinstance(auth.get("client_token"), str):
            raise _odd(self.address)
        self.token = Secret(auth["client_token"])
        return VaultToken(self.token, _number(auth.get("lease_duration")), _number(auth.get("num_uses")))

    def unwrap(self, wrapping_token: Secret) -> Secret:
        """The secret_id in a response-wrapping token, which works once. POST sys/wrapping/unwrap."""
        held, self.token = self.token, wrapping_token
        try:
            result = self._call("POST", "sys/wrapping/unwrap", {}, what="the wrapped secret_id", step="unwrap")
        finally:
            self.token = held
        found = _mapping(result.get("data")).get("secret_id")
        if not isinstance(found, str) or not found:
            raise ConfigError(
                "the wrapping token holds no secret_id",
                option="wrapped_secret_id",
                remedy="wrap the secret_id of an AppRole",
            )
        return Secret(found)

    def read(self, mount: str, path: str, kv_version: int, version: int | None = None) -> KvSecret:
        """GET MOUNT/data/PATH (KV version 2) or MOUNT/PATH."""
        what = f"{mount}/{path}"
        if kv_version == 1:
            result = self._call("GET", f"{_quoted(mount)}/{_quoted(path)}", what=what, kv=(mount, 1))
            return KvSecret(_mapping(result.get("data")), None)
        tail = f"?version={version}" if version else ""
        result = self._call("GET", f"{_quoted(mount)}/data/{_quoted(path)}{tail}", what=what, kv=(mount, 2))
        data = _mapping(result.get("data"))
        if not isinstance(data.get("data"), dict):
            raise deleted_version(self._failure(404, what), data)
        return KvSecret(data["data"], _number(_mapping(data.get("metadata")).get("version")))

    def write(self, mount: str, path: str, fields: t.Mapping[str, t.Any], *, cas: int) -> int:
        """POST MOUNT/data/PATH: a new version of a KV version 2 secret with exactly these fields, if ``cas`` is the current
        version (0: the secret does not exist). Raises ConflictError if it is not."""
        body = {"data": dict(fields), "options": {"cas": cas}}
        what = f"{mount}/{path}"
        result = self._call("POST", f"{_quoted(mount)}/data/{_quoted(path)}", body, what=what, step="write")
        return _number(_mapping(result.get("data")).get("version"))

    def current(self, mount: str, path: str) -> KvSecret:
        """The current fields and version, for an update; no fields and 0 where there is no secret."""
        what = f"{mount}/{path}"
        response, result = self._exchange("GET", f"{_quoted(mount)}/data/{_quoted(path)}", None)
        data = _mapping(result.get("data"))
        metadata = _mapping(data.get("metadata"))
        if response.status_code == 404 and not metadata:
            return KvSecret({}, 0)
        if response.status_code not in (200, 404):
            raise self._failed(response, result, what, "", (mount, 2))
        return KvSecret(_mapping(data.get("data")), _number(metadata.get("version")))

    def azure_secret(self, mount: str, role: str) -> AzureLease:
        """GET MOUNT/creds/ROLE."""
        what = f"{mount}/creds/{role}"
        result = self._call("GET", f"{_quoted(mount)}/creds/{_quoted(role)}", what=what)
        data = _mapping(result.get("data"))
        if not isinstance(data.get("client_id"), str) or not isinstance(data.get("client_secret"), str):
            raise _odd(self.address)
        lease = str(result.get("lease_id") or "")
        return AzureLease(
            data["client_id"], Secret(data["client_secret"]), lease, _number(result.get("lease_duration"))
        )

    def revoke_lease(self, lease_id: str) -> None:
        """PUT sys/leases/revoke: revoke a lease; the vault removes its client secret."""
        self._call("PUT", "sys/leases/revoke", {"lease_id": lease_id}, what="the revocation of the lease")

    def log_out(self) -> None:
        """POST auth/token/revoke-self: revoke the token."""
        self._call("POST", "auth/token/revoke-self", {}, what="the revocation of its token")

    def _call(
        self,
        method: str,
        path: str,
        body: t.Any = None,
        *,
        what: str,
        step: str = "",
        kv: tuple[str, int] | None = None,
    ) -> dict[str, t.Any]:
        response, result = self._exchange(method, path, body)
        if not 200 <= response.status_code < 300:
            raise self._failed(response, result, what, step, kv)
        return result

    def _exchange(self, method: str, path: str, body: t.Any) -> tuple[requests.Response, dict[str, t.Any]]:
        headers = {"X-Vault-Request": "true", "Accept": "application/json"}
        if self._namespace:
            headers["X-Vault-Namespace"] = self._namespace
        if self.token:
            headers["X-Vault-Token"] = self.token.reveal()
        try:
            response = self._send(method, f"{self.address}/v1/{path}", headers=headers, json=body)
        except TransportError as error:  # the transport names the options of the Power BI API
            error.remedy = error.remedy.replace("`api_url` or `authority`", "`url`").replace("`ca_path`", "`ca_cert`")
            raise
        if 300 <= response.status_code < 400:
            raise TransportError(
                f"{self.address} responded with a redirection ({response.status_code}), which is not followed with a token",
                remedy="give the address of the active node, or of the load balancer, as url",
                retryable=False,
            )
        try:
            return response, _mapping(json.loads(response.content.decode("utf-8-sig"))) if response.content else {}
        except (ValueError, RecursionError):
            if response.status_code < 400:
                raise _odd(self.address) from None
            return response, {}

    def _failed(
        self,
        response: requests.Response,
        result: t.Mapping[str, t.Any],
        what: str,
        step: str,
        kv: tuple[str, int] | None,
    ) -> Exception:
        data = _mapping(result.get("data"))
        status = response.status_code
        if kv and status == 404 and _mapping(data.get("metadata")):
            return deleted_version(self._failure(status, what), data)
        texts = result.get("errors")
        failure = self._failure(status, what)._replace(
            texts=" ".join(str(text) for text in texts) if isinstance(texts, list) else "",
            step=step,
            kv_expected=kv[1] if kv else 0,
            kv_there=self._kv_version(kv[0]) if kv and status in (403, 404) else 0,
            mount=kv[0] if kv else "",
        )
        return failure_of(failure)

    def _failure(self, status: int, what: str) -> Failure:
        where = f"{self.address}, namespace {self._namespace}" if self._namespace else self.address
        return Failure(status, where, what)

    def _kv_version(self, mount: str) -> int:
        """GET sys/internal/ui/mounts/MOUNT: the KV version of the mount, 0 if unknown."""
        try:
            response, result = self._exchange("GET", f"sys/internal/ui/mounts/{_quoted(mount)}", None)
        except TransportError:
            return 0
        if response.status_code != 200:
            return 0
        return _number(_mapping(_mapping(result.get("data")).get("options")).get("version"))


__all__ = ["AzureLease", "ConflictError", "HashiVault", "KvSecret", "VaultLogin", "VaultToken"]


def _quoted(path: str) -> str:
    return quote(path.strip("/"), safe="/")


def _mapping(value: t.Any) -> dict[str, t.Any]:
    return value if isinstance(value, dict) else {}


def _number(value: t.Any) -> int:
    try:
        return int(value or 0)
    except (TypeError, ValueError, OverflowError):
        return 0


def _odd(address: str) -> TransportError:
    return TransportError(
        f"the response of {address} is not the response of a vault",
        remedy="check that url is the address of HashiCorp Vault or OpenBao, without /v1",
        retryable=False,
    )
