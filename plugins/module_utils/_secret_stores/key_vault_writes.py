# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Implements powerbi_key_vault_secret: compare with the current version, write only what differs."""

from __future__ import annotations

import time
import typing as t

from .._api.key_vault import KeyVault, VaultSecret, is_certificate
from .._clock import parse_timestamp, timestamp
from .._empty_values import described, is_emptied
from .._errors import ConfigError, NotFoundError
from .._module import Context
from .._plan import Plan
from .._secret import Secret


def ensure_secret(context: Context) -> tuple[Plan, str]:
    """Create a new version or update its properties if they differ. Returns the plan, and the current version afterwards."""
    params = context.params
    certificate = params["kind"] == "certificate"
    _refuse_emptied_properties(params)
    value = _value(params["value"], certificate)
    vault = KeyVault(context.session, params["vault_url"])
    name = params["name"]
    try:
        current: VaultSecret | None = vault.secret(name)
    except NotFoundError:
        if value is None:
            raise
        current = None
    if current is not None and value is not None and is_certificate(current) is not certificate:
        raise ConfigError(
            f"{name} is {'the key of a certificate' if is_certificate(current) else 'a plain secret'} in {vault.url}",
            option="kind",
            remedy="use another name, or the kind that it has",
        )
    desired = _desired(params, current, certificate)
    same = value is None or (current is not None and _same(current.value, value, certificate))
    before = _state("(a value)", _properties(current), certificate) if current else None
    after = _state("(a value)" if same or current is None else "(another value)", desired, certificate)
    action: t.Any = "create" if before is None else "none" if before == after else "update"
    plan = Plan(action, before, after, {}, f"{params['kind']} {name} in {vault.url}")
    version = current.version if current else ""
    if not same and desired.expires is not None and not certificate and desired.expires <= time.time():
        context.warn(f"{name}: the new value expires on {timestamp(desired.expires)}, which has passed. Set expires_on")
    if plan.changed and not context.check_mode:
        version = _write(vault, name, version, None if same else value, desired, certificate)
        context.mark_changed()
    return plan, version


def _write(
    vault: KeyVault, name: str, version: str, value: Secret | None, desired: _Properties, certificate: bool
) -> str:
    """Create a version with the value; without a value, update the properties of ``version``. Returns the current version."""
    properties: dict[str, t.Any] = (
        {} if certificate else {"content_type": desired.content_type, "expires": desired.expires}
    )
    if value is None and certificate:
        vault.update_certificate(name, version, desired.tags)
    elif value is None:
        vault.update_secret(name, version, tags=desired.tags, **properties)
    elif certificate:
        return vault.import_certificate(name, value, desired.tags)
    else:
        return vault.set_secret(name, value, tags=desired.tags, **properties).version
    return version


class _Properties(t.NamedTuple):
    """The properties of a version."""

    content_type: str
    tags: dict[str, str]
    expires: float | None


def _value(text: str | None, certificate: bool) -> Secret | None:
    if text is None:
        return None
    if is_emptied(text):
        raise ConfigError(
            f"value is {described(text)}",
            option="value",
            remedy="check the variable that it comes from, or leave the option out (`omit`)",
        )
    if certificate and "-----BEGIN" not in text:
        raise ConfigError("value is not PEM", option="value", remedy="give key and certificate as PEM text")
    return Secret(text)


def _refuse_emptied_properties(params: t.Mapping[str, t.Any]) -> None:
    """Raises ConfigError for a property whose variable has no value, an empty tag included."""
    tags = params["tags"] or {}
    given = {name: params[name] for name in ("content_type", "expires_on") if params[name] is not None}
    given.update({f"tags.{key}": str(value) for key, value in tags.items() if value != ""})
    for name, text in given.items():
        if is_emptied(text):
            raise ConfigError(
                f"{name} is {text!r}, which is a variable without a value",
                option=name.partition(".")[0],
                remedy="check the variable that it comes from, or leave it out (`omit`): the current version's stays",
            )


def _properties(current: VaultSecret) -> _Properties:
    return _Properties(current.content_type, current.tags, current.expires)


def _desired(params: t.Mapping[str, t.Any], current: VaultSecret | None, certificate: bool) -> _Properties:
    """The properties of the options, the others from the current version."""
    held = _properties(current) if current else _Properties("text/plain", {}, None)
    tags = held.tags if params["tags"] is None else {str(k): str(v) for k, v in params["tags"].items()}
    expires = parse_timestamp(params["expires_on"]) if params["expires_on"] else held.expires
    kind = held.content_type if certificate or params["content_type"] is None else params["content_type"]
    return _Properties(kind, tags, expires)


def _same(current: Secret, value: Secret, certificate: bool) -> bool:
    if not certificate:
        return current == value
    return set(_blocks(current.reveal())) == set(_blocks(value.reveal()))


def _blocks(pem: str) -> list[str]:
    """The parts of a PEM text, sorted and without line breaks."""
    return ["".join(part.split()) for part in pem.replace("-----END", "\0-----END").split("\0") if part.strip()]


def _state(value: str, properties: _Properties, certificate: bool) -> dict[str, t.Any]:
    state: dict[str, t.Any] = {"value": value, "tags": dict(properties.tags)}
    if certificate:
        return state
    state["content_type"] = properties.content_type
    return state if properties.expires is None else {**state, "expires_on": timestamp(properties.expires)}
