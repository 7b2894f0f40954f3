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
from .._plan import Plan, plan_whole
from .._resource import Resource, Task
from .._secret import Secret


class ManagedVaultSecret(Resource[Plan]):
    """A secret or certificate of a Key Vault; None as value keeps the current one. Properties are replaced as a whole.

    ``params`` are the options of powerbi_key_vault_secret. A difference in the value creates a version.
    """

    def __init__(self, vault: KeyVault, params: t.Mapping[str, t.Any]) -> None:
        _refuse_emptied_properties(params)
        self._vault = vault
        self._params = params
        self._name: str = params["name"]
        self._certificate = params["type"] == "certificate"
        self._value = _value(params["value"], self._certificate)
        self._writes_value = False
        self._version = ""
        self._properties = _Properties("text/plain", {}, None)

    def plan(self, task: Task) -> Plan:
        name, certificate, value = self._name, self._certificate, self._value
        current = self._read()
        if current is not None and value is not None and is_certificate(current) is not certificate:
            raise ConfigError(
                f"{name} is {'the key of a certificate' if is_certificate(current) else 'a plain secret'} in {self._vault.url}",
                option="type",
                remedy="use another name, or the type that it has",
            )
        desired = self._properties = _desired(self._params, current, certificate)
        same = value is None or (current is not None and _same(current.value, value, certificate))
        self._version, self._writes_value = current.version if current else "", not same
        if not same and desired.expires is not None and not certificate and desired.expires <= time.time():
            task.warn(
                f"{name}: the new value expires on {timestamp(desired.expires)}, which has passed. Set expires_on"
            )
        return plan_whole(
            _state("(a value)" if same or current is None else "(another value)", desired, certificate),
            _state("(a value)", _properties(current), certificate) if current else None,
            label=f"{self._params['type']} {name} in {self._vault.url}",
        )

    def apply(self, change: Plan, task: Task) -> None:
        self._version = self._write(self._value if self._writes_value else None)
        task.mark_changed()

    def values(self, change: Plan) -> dict[str, t.Any]:
        return {"version": self._version} if self._version else {}

    def values_of_failure(self, change: Plan) -> dict[str, t.Any]:
        return self.values(change)

    def _read(self) -> VaultSecret | None:
        try:
            return self._vault.secret(self._name)
        except NotFoundError:
            if self._value is None:
                raise
            return None

    def _write(self, value: Secret | None) -> str:
        """Create a version with the value; without a value, update the current one. Returns the current version."""
        vault, name, version, desired = self._vault, self._name, self._version, self._properties
        properties: dict[str, t.Any] = (
            {} if self._certificate else {"content_type": desired.content_type, "expires": desired.expires}
        )
        if value is None and self._certificate:
            vault.update_certificate(name, version, desired.tags)
        elif value is None:
            vault.update_secret(name, version, tags=desired.tags, **properties)
        elif self._certificate:
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
