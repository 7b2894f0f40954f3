# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The identities that the tasks and lookups of one run use: a run that mixes them unintentionally is warned, once for each."""

from __future__ import annotations

import hashlib
import typing as t

from .files import RunFiles

if t.TYPE_CHECKING:
    from .._settings.resolve import Credential

_FILE = "identities"


def record_identity(directory: str | None, credential: Credential) -> str | None:
    """Record the identity for the run; returns a warning if the run uses another one already, else None.

    Identities that are all explicit (options, variables, a named profile) are intentional and cause no warning. Nor does
    a token that was passed in, whose identity is unknown before it is decoded. ``directory`` is the run's private folder;
    without one nothing is recorded.
    """
    if credential.method == "access_token":
        return None
    files = RunFiles(directory)
    who = _who(credential)
    key = hashlib.sha256(who.lower().encode()).hexdigest()[:16]
    if key in files.read(_FILE) or not files.usable():
        return None
    with files.lock(f"{_FILE}.lock"):
        recorded = files.read(_FILE)
        if key in recorded:
            return None
        files.write(
            _FILE, {**recorded, key: {"who": who, "source": credential.source, "explicit": credential.explicit}}
        )
    return next(
        (_warning(entry, credential, who) for entry in recorded.values() if _is_implicit(entry, credential)), None
    )


def _who(credential: Credential) -> str:
    name = credential.text("username") or credential.client_id
    if not name:
        name = "the signed-in az" if credential.method == "azure_cli" else "the system-assigned managed identity"
    return f"{name} of tenant {credential.tenant_id}" if credential.tenant_id else name


def _is_implicit(entry: t.Any, credential: Credential) -> bool:
    return isinstance(entry, dict) and not (entry.get("explicit") and credential.explicit)


def _warning(entry: dict[str, t.Any], credential: Credential, who: str) -> str:
    return (
        f"This run uses more than one identity: {entry.get('who')} (from {entry.get('source')}) and {who} "
        f"(from {credential.source}). Lookups do not see module_defaults, and neither they nor tasks of other plays see a "
        "play's environment. Give the credential in one place, or name both identities explicitly."
    )
