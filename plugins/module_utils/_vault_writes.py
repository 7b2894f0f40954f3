# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The work of powerbi_key_vault_secret: compare with the current version, write only what differs."""

from __future__ import annotations

import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError, NotFoundError
from ansible_collections.community.powerbi.plugins.module_utils._plan import Plan
from ansible_collections.community.powerbi.plugins.module_utils._resources.applications import (
    parse_timestamp,
    timestamp,
)
from ansible_collections.community.powerbi.plugins.module_utils._resources.key_vault import KeyVault, VaultSecret
from ansible_collections.community.powerbi.plugins.module_utils._secret import Secret
from ansible_collections.community.powerbi.plugins.module_utils._session import Session


def keep(session: Session, params: t.Mapping[str, t.Any], *, write: bool) -> tuple[Plan, str]:
    """Make the vault hold it. Returns what that changes, and the version that is current afterwards."""
    vault = KeyVault(session, params["vault_url"])
    name, value, is_certificate = params["name"], Secret(params["value"]), params["kind"] == "certificate"
    try:
        current: VaultSecret | None = vault.secret(name)
    except NotFoundError:
        current = None
    if is_certificate and "-----BEGIN" not in value.reveal():
        raise ConfigError("value is not PEM", option="value", remedy="give key and certificate as PEM text")
    tags = {str(k): str(v) for k, v in params["tags"].items()} if params["tags"] is not None else None
    if tags is None:
        tags = current.tags if current else {}
    expires = current.expires if current else None
    if params["expires_on"]:
        expires = parse_timestamp(params["expires_on"])
    same_value = current is not None and _same(current.value, value, is_certificate)
    before = _state("(a value)", current.tags, None if is_certificate else current.expires) if current else None
    after = _state(
        "(a value)" if same_value or current is None else "(another value)", tags, None if is_certificate else expires
    )
    action: t.Any = "create" if before is None else "none" if before == after else "update"
    plan = Plan(action, before, after, {}, f"{params['kind']} {name} in {vault.url}")
    version = current.version if current else ""
    if not write or not plan.changed:
        return plan, version
    if is_certificate:
        return plan, vault.import_certificate(name, value, tags)
    if same_value:
        vault.update_secret(name, tags=tags, expires=expires)
        return plan, version
    made = vault.set_secret(name, value, content_type=params["content_type"], tags=tags, expires=expires)
    return plan, made.version


def _same(current: Secret, value: Secret, is_certificate: bool) -> bool:
    if not is_certificate:
        return current == value
    return set(_blocks(current.reveal())) == set(_blocks(value.reveal()))


def _blocks(pem: str) -> list[str]:
    """The parts of a PEM text, whatever their order and line breaks."""
    return ["".join(part.split()) for part in pem.replace("-----END", "\0-----END").split("\0") if part.strip()]


def _state(value: str, tags: t.Mapping[str, str], expires: float | None) -> dict[str, t.Any]:
    state: dict[str, t.Any] = {"value": value, "tags": dict(tags)}
    return state if expires is None else {**state, "expires_on": timestamp(expires)}
