# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Address and login of a HashiCorp Vault or OpenBao, from a task's options and the variables of community.hashi_vault.

Pure, apart from reading files with a token. Values for a header or a login are stripped of surrounding white space,
because mounted files and block scalars end with a line break.
"""

from __future__ import annotations

import os
import typing as t
from urllib.parse import urlsplit

from .._api.hashi_vault import VaultLogin
from .._errors import ConfigError
from .._secret import Secret
from .._urls import is_loopback

AUTH_METHODS = ("token", "approle", "jwt", "kubernetes", "userpass", "ldap", "cert", "azure", "none")
# The options, and the environment variables that set them where they are not given.
CONNECTION_OPTIONS: dict[str, dict[str, t.Any]] = {
    "url": {"type": "str", "aliases": ["addr"]},
    "namespace": {"type": "str"},
    "ca_cert": {"type": "path", "aliases": ["cacert"]},
    "validate_certs": {"type": "bool"},
    "proxies": {"type": "raw", "no_log": True},
    "timeout": {"type": "float"},
    "retries": {"type": "raw"},
    "retry_action": {"type": "str"},
}
LOGIN_OPTIONS: dict[str, dict[str, t.Any]] = {
    "auth_method": {"type": "str", "choices": list(AUTH_METHODS)},
    "mount_point": {"type": "str"},
    "token": {"type": "str", "no_log": True},
    "token_path": {"type": "path", "no_log": False},
    "token_file": {"type": "str", "no_log": False},
    "token_validate": {"type": "bool", "no_log": False},
    "role_id": {"type": "str"},
    "secret_id": {"type": "str", "no_log": True},
    "wrapped_secret_id": {"type": "str", "no_log": True},
    "jwt": {"type": "str", "no_log": True},
    "jwt_file": {"type": "path", "no_log": False},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "cert_auth_public_key": {"type": "path", "no_log": False},
    "cert_auth_private_key": {"type": "path", "no_log": False},
}
_ENVIRONMENT: dict[str, tuple[str, ...]] = {
    "url": ("ANSIBLE_HASHI_VAULT_ADDR", "VAULT_ADDR"),
    "namespace": ("ANSIBLE_HASHI_VAULT_NAMESPACE", "VAULT_NAMESPACE"),
    "ca_cert": ("ANSIBLE_HASHI_VAULT_CA_CERT", "VAULT_CACERT", "VAULT_CAPATH"),
    "proxies": ("ANSIBLE_HASHI_VAULT_PROXIES",),
    "timeout": ("ANSIBLE_HASHI_VAULT_TIMEOUT",),
    "retries": ("ANSIBLE_HASHI_VAULT_RETRIES",),
    "auth_method": ("ANSIBLE_HASHI_VAULT_AUTH_METHOD",),
    "token": ("ANSIBLE_HASHI_VAULT_TOKEN", "VAULT_TOKEN"),
    "token_path": ("ANSIBLE_HASHI_VAULT_TOKEN_PATH",),
    "token_file": ("ANSIBLE_HASHI_VAULT_TOKEN_FILE",),
    "role_id": ("ANSIBLE_HASHI_VAULT_ROLE_ID",),
    "secret_id": ("ANSIBLE_HASHI_VAULT_SECRET_ID",),
    "jwt": ("ANSIBLE_HASHI_VAULT_JWT",),
    "username": ("ANSIBLE_HASHI_VAULT_USERNAME",),
    "password": ("ANSIBLE_HASHI_VAULT_PASSWORD",),
    "cert_auth_public_key": ("ANSIBLE_HASHI_VAULT_CERT_AUTH_PUBLIC_KEY",),
    "cert_auth_private_key": ("ANSIBLE_HASHI_VAULT_CERT_AUTH_PRIVATE_KEY",),
}
_POD_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token"
_LONGEST = 64 * 1024  # bytes of a file that holds a token

Values = t.Mapping[str, t.Any]


def with_environment(params: Values, environ: Values) -> dict[str, t.Any]:
    """The options, with those that are not set taken from the environment."""
    values: dict[str, t.Any] = {}
    for name in (*CONNECTION_OPTIONS, *LOGIN_OPTIONS):
        value = params.get(name)
        if value in (None, ""):
            value = next((environ[key] for key in _ENVIRONMENT.get(name, ()) if environ.get(key)), None)
        if value is not None:
            values[name] = value
    return values


def address(values: Values) -> str:
    """The base URL, without a path of the API. Raises ConfigError, which never contains a password of the URL."""
    text = str(values.get("url") or "").strip()
    try:
        parts = urlsplit(text)
        host, port, secret = parts.hostname or "", parts.port, "@" in parts.netloc
    except ValueError:
        host, port, secret, parts = "", None, False, urlsplit("")
    if secret:
        raise ConfigError(
            "url holds a user or a password",
            option="url",
            remedy="give the address alone, as https://vault.example.com:8200, and the login by auth_method",
        )
    if (
        not host
        or not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))
        or parts.query
        or parts.fragment
    ):
        raise ConfigError(
            "url is not set" if not text else "url is not the https address of a vault",
            option="url",
            why="" if not text else "A token is sent to it, which needs TLS",
            remedy="give it as https://vault.example.com:8200, in `url` or VAULT_ADDR",
        )
    shown = f"[{host}]" if ":" in host else host
    path = parts.path.rstrip("/")
    return f"{parts.scheme}://{shown}{f':{port}' if port else ''}{path.removesuffix('/v1')}"


def method_of(values: Values) -> str:
    """The auth method. Raises ConfigError for one that is not supported."""
    method = str(values.get("auth_method") or "token").strip()
    if method not in AUTH_METHODS:
        raise ConfigError(
            f"auth_method is {method!r}, which is not supported",
            option="auth_method",
            remedy=f"use one of {', '.join(AUTH_METHODS)}; with another one, log in first and give the token",
        )
    return method


def given_token(values: Values) -> Secret | None:
    """The token of the option, or of a file as `vault login` writes it; None without one. Raises ConfigError."""
    if values.get("token"):
        return Secret(header_text("token", values["token"]))
    folder = os.path.expanduser(str(values.get("token_path") or "~"))
    text = _read("token_file", os.path.join(folder, str(values.get("token_file") or ".vault-token")), missing_ok=True)
    return None if text is None else Secret(header_text("token_file", text))


def login_of(values: Values, secret_id: Secret | None = None) -> VaultLogin:
    """The auth method's request. ``secret_id`` is one that was unwrapped. Raises ConfigError for a missing option."""
    method = method_of(values)
    mount = str(values.get("mount_point") or method).strip().strip("/")

    def text(option: str) -> str:
        if values.get(option) in (None, ""):
            raise ConfigError(
                f"{option} is not set, which auth_method {method} needs",
                option=option,
                remedy=f"set {option} in powerbi_credentials_hashi_vault, or by its environment variable",
            )
        return header_text(option, values[option])

    if method == "approle":
        body: dict[str, t.Any] = {"role_id": text("role_id")}
        if secret_id or values.get("secret_id"):  # a role may need none (bind_secret_id)
            body["secret_id"] = secret_id.reveal() if secret_id else text("secret_id")
        return VaultLogin(method, mount, body)
    if method in ("jwt", "kubernetes", "azure"):
        return VaultLogin(method, mount, {"role": text("role_id"), "jwt": _jwt(values, method)})
    if method in ("userpass", "ldap"):
        if not values.get("password"):
            text("password")
        return VaultLogin(method, mount, {"password": str(values["password"])}, text("username"))
    if method == "cert":
        text("cert_auth_public_key")
        return VaultLogin(method, mount, {"name": text("role_id")} if values.get("role_id") else {})
    raise ConfigError(f"auth_method {method} is no login", option="auth_method", remedy="use another method")


def header_text(option: str, value: t.Any) -> str:
    """A value for a header or a login, without surrounding white space. Raises ConfigError for a value that can't be sent."""
    text = str(value).strip()
    if not text:
        raise ConfigError(
            f"{option} is empty", option=option, remedy="check the variable or the file that it comes from"
        )
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ConfigError(
            f"{option} has a character in it that it can't have: a blank, a line break, or none of ASCII",
            option=option,
            remedy="check the variable or the file that it comes from; it is sent as one line",
        )
    return text


def _jwt(values: Values, method: str) -> str:
    if values.get("jwt"):
        return header_text("jwt", values["jwt"])
    path = values.get("jwt_file") or (_POD_TOKEN if method == "kubernetes" else "")
    if not path:
        raise ConfigError(
            f"jwt is not set, which auth_method {method} needs",
            option="jwt",
            remedy="set jwt or jwt_file in powerbi_credentials_hashi_vault, or ANSIBLE_HASHI_VAULT_JWT",
        )
    return header_text("jwt_file", _read("jwt_file", os.path.expanduser(str(path))))


def _read(option: str, path: str, *, missing_ok: bool = False) -> str | None:
    why = ""
    try:
        with open(path, "rb") as file:
            return file.read(_LONGEST).decode("utf-8-sig")
    except FileNotFoundError:
        if missing_ok:
            return None
        why = "There is no such file"
    except UnicodeDecodeError:
        why = "It is not text"
    except OSError as error:
        if missing_ok and isinstance(error, NotADirectoryError):
            return None
        why = error.strerror or type(error).__name__
    raise ConfigError(
        f"{option}: {path} can't be read", option=option, why=why, remedy="check the path and who may read it"
    )
