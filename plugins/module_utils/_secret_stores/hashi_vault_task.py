# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Implements powerbi_hashi_vault: one request to a vault, with a login before it and a logout after it if needed."""

from __future__ import annotations

import contextlib
import typing as t

from .._api.hashi_vault import HashiVault, KvSecret, VaultToken
from .._empty_values import is_emptied_field
from .._ensure import ensure
from .._errors import ConfigError, PowerBIError
from .._http.retry import RetryPolicy
from .._http.sender import RetryingSender
from .._http.transport import Transport
from .._module import Context, Result
from .._plan import Plan, plan_whole
from .._resource import Resource, Task
from .._secret import Secret
from .._session import USER_AGENT
from .hashi_vault_login import address, given_token, header_text, login_of, method_of, with_environment

_TIMEOUT = 30.0
_RETRY_BUDGET = 60.0  # seconds, where `retries` is given


def run_hashi_vault(context: Context) -> Result:
    """The run() of powerbi_hashi_vault. Raises ConfigError, AuthError, ApiError, TransportError."""
    task = _Task(context)
    try:
        requests: dict[str, t.Callable[[], Result]] = {
            "read": task.read,
            "write": task.write,
            "login": task.login,
            "logout": task.logout,
            "azure_secret": task.azure_secret,
            "revoke_lease": task.revoke_lease,
        }
        return requests[context.params["request"]]()
    finally:
        task.close()


class _Task:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._params = context.params
        self._values = with_environment(context.params, context.environ)
        if self._values.get("validate_certs") is False:
            raise ConfigError(
                "validate_certs is false, and TLS is always verified",
                option="validate_certs",
                remedy="name the CA that signed the vault's certificate as ca_cert",
            )
        self._own_token = False
        self._unwrapped = Secret("")
        self._transport: Transport | None = None
        self._vault: HashiVault | None = None

    # The requests

    def login(self) -> Result:
        """A token for other tasks; with auth_method token, the one that is set."""
        if method_of(self._values) in ("token", "none"):
            token = given_token(self._values)
            return Result(
                values={
                    "token": token.reveal() if token else "",
                    "revocable": False,
                    "lease_duration": 0,
                    "num_uses": 0,
                }
            )
        made = self._log_in()
        self._own_token = False  # it is for the caller
        values = {
            "token": made.token.reveal(),
            "lease_duration": made.duration,
            "num_uses": made.uses,
            "revocable": True,
        }
        if self._unwrapped:
            values["secret_id"] = self._unwrapped.reveal()
        return Result(values=values)

    def read(self) -> Result:
        version = self._params["version"]
        secret = self._opened().read(self._params["mount"], self._path(), self._params["kv_version"], version)
        self._context.register_secrets(str(value) for value in secret.fields.values())
        return Result(values=_shown(secret))

    def write(self) -> Result:
        """Write fields. Other fields are not changed; a field with None is removed."""
        if self._params["kv_version"] != 2:
            raise ConfigError(
                "kv_version 1 is not written: it has no check for concurrent writes",
                option="kv_version",
                remedy="keep the secret in a mount of KV version 2",
            )
        data = self._params["data"] or {}
        empty = sorted(key for key, value in data.items() if isinstance(value, str) and is_emptied_field(value))
        if empty or not data:
            raise ConfigError(
                f"data has no value for {', '.join(empty)}" if empty else "data is empty",
                option="data",
                remedy="give each field a value, or null to remove it",
            )
        return ensure(self._context, _ManagedFields(self._opened(), self._path(), data, self._params))

    def azure_secret(self) -> Result:
        made = self._opened().azure_secret(self._params["mount"], self._path())
        self._own_token = False  # the lease ends with the token that created it
        self._context.mark_changed()
        return Result(
            True,
            {
                "client_id": made.client_id,
                "client_secret": made.client_secret.reveal(),
                "lease_id": made.lease_id,
                "lease_duration": made.duration,
            },
        )

    def revoke_lease(self) -> Result:
        if not self._params["lease_id"]:
            raise ConfigError("lease_id is not set", option="lease_id", remedy="give the lease to revoke")
        if not self._context.check_mode:
            self._opened().revoke_lease(self._params["lease_id"])
        return Result(True)

    def logout(self) -> Result:
        if not self._context.check_mode or self._values.get("token"):
            self._opened().log_out()
        return Result(True)

    # Login and connection

    def _opened(self) -> HashiVault:
        """The vault, logged in."""
        vault = self._connected()
        if vault.token is None:
            method = method_of(self._values)
            if method == "token":
                vault.token = given_token(self._values)
                if vault.token is None:
                    raise ConfigError(
                        "token is not set, which auth_method token needs",
                        option="token",
                        remedy="set token, VAULT_TOKEN or a file ~/.vault-token, or another auth_method",
                    )
                self._context.register_secrets([vault.token.reveal()])
            elif method != "none":
                self._log_in()
        return vault

    def _log_in(self) -> VaultToken:
        vault = self._connected()
        wrapped = self._params["wrapped_secret_id"]
        if wrapped and method_of(self._values) == "approle":
            self._unwrapped = vault.unwrap(Secret(header_text("wrapped_secret_id", wrapped)))
            self._context.register_secrets([self._unwrapped.reveal()])
        login = login_of(self._values, self._unwrapped or None)
        self._context.register_secrets(
            str(value) for key, value in login.body.items() if key not in ("role", "role_id", "name")
        )
        made = vault.log_in(login)
        self._context.register_secrets([made.token.reveal()])
        self._own_token = True
        return made

    def _connected(self) -> HashiVault:
        if self._vault is None:
            base = address(self._values)
            certificate = None
            if method_of(self._values) == "cert":
                login_of(self._values)
                certificate = (self._values["cert_auth_public_key"], self._values.get("cert_auth_private_key"))
            self._transport = Transport(
                ca_path=self._values.get("ca_cert"),
                proxy=_proxy(self._values.get("proxies")),
                timeout=float(self._values.get("timeout") or _TIMEOUT),
                user_agent=USER_AGENT,
                environ=self._context.environ,
                client_certificate=certificate,
            )
            budget = _RETRY_BUDGET if self._values.get("retries") not in (None, "", 0, "0", False) else 0.0
            sender = RetryingSender(self._transport, RetryPolicy(budget=budget))
            self._vault = HashiVault(sender.send, base, self._namespace())
        return self._vault

    def _namespace(self) -> str:
        namespace = str(self._values.get("namespace") or "").strip()
        return header_text("namespace", namespace) if namespace else ""

    def _path(self) -> str:
        path = str(self._params["path"] or "").strip().strip("/")
        if not path:
            raise ConfigError("path is not set", option="path", remedy="give the secret's path below the mount")
        return path

    def close(self) -> None:
        """Revoke the token of this task's own login. A token without that permission expires."""
        if self._own_token and self._vault is not None:
            with contextlib.suppress(PowerBIError):
                self._vault.log_out()
        if self._transport is not None:
            self._transport.close()


class _ManagedFields(Resource[Plan]):
    """The fields of one KV 2 secret. Other fields are kept unless ``replace`` is set; a field with None is removed."""

    def __init__(
        self, vault: HashiVault, path: str, data: t.Mapping[str, t.Any], params: t.Mapping[str, t.Any]
    ) -> None:
        self._vault = vault
        self._mount: str = params["mount"]
        self._path = path
        self._data = data
        self._replace: bool = params["replace"]
        self._cas: int | None = params["cas"]
        self._desired: dict[str, t.Any] = {}
        self._version = 0

    def plan(self, task: Task) -> Plan:
        blind = self._replace and self._cas is not None  # a token may be limited to one request
        current = KvSecret({}, self._cas) if blind else self._vault.current(self._mount, self._path)
        existing = {} if self._replace else current.fields
        self._desired = {key: value for key, value in {**existing, **self._data}.items() if value is not None}
        self._version = current.version or 0
        before = dict.fromkeys(sorted(current.fields), "(a value)")
        after = {key: _change_label(current.fields.get(key), value) for key, value in sorted(self._desired.items())}
        return plan_whole(
            after, before if self._version else None, label=f"{self._mount}/{self._path} in {self._vault.address}"
        )

    def apply(self, change: Plan, task: Task) -> None:
        cas = self._version if self._cas is None else self._cas
        self._version = self._vault.write(self._mount, self._path, self._desired, cas=cas)
        task.mark_changed()

    def values(self, change: Plan) -> dict[str, t.Any]:
        return {"version": self._version}

    def values_of_failure(self, change: Plan) -> dict[str, t.Any]:
        return self.values(change)


def _shown(secret: KvSecret) -> dict[str, t.Any]:
    return {"fields": secret.fields, "version": secret.version if secret.version is not None else 0}


def _change_label(current: t.Any, desired: t.Any) -> str:
    return "(a value)" if current is None or current == desired else "(another value)"


def _proxy(proxies: t.Any) -> str | None:
    """The proxy of a text, or of a mapping by scheme."""
    if isinstance(proxies, dict):
        proxies = proxies.get("https") or proxies.get("http")
    return str(proxies) if proxies else None
