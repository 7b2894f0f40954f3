# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Causes and remedies for errors of HashiCorp Vault and OpenBao. Pure. The server's texts are matched, never shown."""

from __future__ import annotations

import re
import typing as t

from .._errors import ApiError, ConflictError, ForbiddenError, NotFoundError, ThrottledError


class Failure(t.NamedTuple):
    """``where`` is the vault, ``what`` the path or step; ``texts`` the server's; ``kv_*`` are KV versions, 0 for unknown."""

    status: int
    where: str
    what: str
    texts: str = ""
    step: str = ""
    mount: str = ""
    kv_expected: int = 0
    kv_there: int = 0


class _Rule(t.NamedTuple):
    """``step`` and ``statuses`` may be empty: any. ``match`` is searched for in the server's texts."""

    why: str
    remedy: str
    match: str = ""
    step: str = ""
    statuses: tuple[int, ...] = ()


_POLICY = (
    'allow it with the capability read (KV version 2: path "MOUNT/data/PATH", version 1: "MOUNT/PATH"; Azure engine: '
    '"azure/creds/ROLE"), and check mount, path and KV version'
)
_WRAPPING = _Rule(
    "The wrapping token has expired or was used before",
    "wrap a new secret_id; if none of your runs has used the token, another party may have: revoke the secret_id",
)
# The first rule that matches applies.
_RULES = (
    _Rule(
        "It is sealed",
        "unseal it (vault operator unseal, bao operator unseal), and find out why it was restarted",
        match="sealed",
    ),
    _Rule(
        "Requests are limited (429, its rate limit quota)",
        "run it again later, with fewer forks, or have the quota raised; `retries` makes the task wait and try again",
        statuses=(429,),
    ),
    _WRAPPING._replace(match="wrapping token"),
    _WRAPPING._replace(step="unwrap", statuses=(400, 403, 404)),
    _Rule(
        "It refused the AppRole login",
        "check role_id and secret_id; a secret_id expires after its TTL or its number of uses: make a new one",
        match="invalid role or secret ID|invalid secret id|invalid role_id|role_id and secret_id",
    ),
    _Rule(
        "It refused the JWT login",
        "get a fresh token right before the run, and compare its iss, aud and sub with the role's bound_audiences and "
        "bound_claims",
        match="error validating token|error validating claims|token is expired|claim",
        step="login",
    ),
    _Rule(
        "It refused the login",
        "check auth_method, mount_point and what belongs to them; for Kubernetes the service account and namespace that the "
        "role is bound to",
        step="login",
        statuses=(400, 401, 403),
    ),
    _Rule("There is no such auth method", "check auth_method and mount_point", step="login", statuses=(404,)),
    _Rule(
        "The secret was written by another party since it was read",
        "run it again; let one rotation of a secret run at a time",
        match="check-and-set|did not match",
        step="write",
    ),
    _Rule(
        "Its policy denies the write",
        'give the login the capabilities create and update on "MOUNT/data/PATH"',
        step="write",
        statuses=(403,),
    ),
    _Rule("Its policy denies that path, or the login is no longer valid", _POLICY, statuses=(401, 403)),
    _Rule(
        "There is nothing at that path",
        "check powerbi_credentials_path (without mount and without data/), powerbi_credentials_hashi_vault_mount and "
        "powerbi_credentials_version",
        statuses=(404,),
    ),
    _Rule(
        "It is a standby or a secondary that does not serve requests",
        "give the address of the active node",
        statuses=(472, 473),
    ),
    _Rule(
        "The vault reports an internal error",
        "read the vault's log, and run it again later",
        statuses=(500, 502, 503, 504),
    ),
)
_OTHER = _Rule("", "check the options of the vault; its audit log has the request and its error message")
_KINDS: dict[int, type[ApiError]] = {401: ForbiddenError, 403: ForbiddenError, 404: NotFoundError}


def failure_of(failure: Failure) -> ApiError:
    """The error for a failed response of the vault, without the server's text."""
    what = f"{failure.where} did not give {failure.what}" if failure.step != "write" else _refused_write(failure)
    status = failure.status
    if failure.kv_there and failure.kv_there != failure.kv_expected:
        return NotFoundError(
            what,
            why=f"The mount {failure.mount}/ holds KV version {failure.kv_there}, but version {failure.kv_expected} was "
            "requested",
            remedy=f"set powerbi_credentials_hashi_vault_kv_version: {failure.kv_there} (kv_version of the module)",
            status=status,
        )
    rule = next((rule for rule in _RULES if _fits(rule, failure)), _OTHER)
    why = rule.why or f"It responded with status {status}"
    if status == 429:
        return ThrottledError(what, why=why, remedy=rule.remedy, status=status)
    kind = ConflictError if failure.step == "write" and status == 400 else _KINDS.get(status, ApiError)
    return kind(what, why=why, remedy=rule.remedy, status=status)


def deleted_version(failure: Failure, data: t.Mapping[str, t.Any]) -> NotFoundError:
    """The error for reading a KV version 2 secret whose version is deleted or destroyed."""
    metadata = data.get("metadata")
    destroyed = isinstance(metadata, dict) and metadata.get("destroyed")
    undelete = "" if destroyed else "undelete it (vault kv undelete), "
    return NotFoundError(
        f"{failure.where} did not give {failure.what}",
        why=f"That version of the secret was {'destroyed' if destroyed else 'deleted'}",
        remedy=f"{undelete}write a new one, or set powerbi_credentials_version to one that is there",
        status=failure.status,
    )


def _refused_write(failure: Failure) -> str:
    return f"{failure.where} did not take a new version of {failure.what}"


def _fits(rule: _Rule, failure: Failure) -> bool:
    return (
        (not rule.step or rule.step == failure.step)
        and (not rule.statuses or failure.status in rule.statuses)
        and (not rule.match or re.search(rule.match, failure.texts, re.IGNORECASE) is not None)
    )
