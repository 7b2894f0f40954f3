# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Which credential of an app to make, and which to remove. Pure.

Nothing is remembered between runs: what the app has comes from Graph, what is in use from the vault.
"""

from __future__ import annotations

import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError
from ansible_collections.community.powerbi.plugins.module_utils._resources.applications import DAY, AppCredential


class Wanted(t.NamedTuple):
    """What the task asks for. Days may be None: ``rotate_before`` then means "now"."""

    state: str
    display_name: str
    key_id: str
    rotate_before: int | None


def in_use(credentials: t.Sequence[AppCredential], key_id: str, secret: str) -> AppCredential | None:
    """The one that the vault holds: by its key id, else by the secret's first three characters if that is one only."""
    if key_id:
        return next((item for item in credentials if item.key_id == key_id.lower()), None)
    found = [item for item in credentials if item.hint and secret.startswith(item.hint)]
    return found[0] if len(found) == 1 else None


def reason_for_new(
    wanted: Wanted, current: AppCredential | None, credentials: t.Sequence[AppCredential], now: float
) -> str:
    """Why another credential is needed, in words for people; empty if none is."""
    if wanted.state == "present":
        named = [item for item in credentials if item.display_name == wanted.display_name and item.valid(now)]
        return "" if named else f"the app has no valid one called {wanted.display_name!r}"
    if wanted.rotate_before is None:
        return "a new one was asked for"
    if current is None:
        return "the one in use is not known, or the app does not have it any more"
    if not current.valid(now):
        return "the one in use has expired"
    if current.ends < now + wanted.rotate_before * DAY:
        return f"the one in use expires in {current.days_left(now)} days"
    return ""


def to_remove(
    credentials: t.Sequence[AppCredential], display_name: str, key_ids: t.Collection[str], keep: t.Collection[str]
) -> list[AppCredential]:
    """Those called ``display_name`` (empty: none) or named by id, but none of ``keep``."""
    named, kept = {item.lower() for item in key_ids}, {item.lower() for item in keep}
    return [
        item
        for item in credentials
        if item.key_id not in kept and (item.key_id in named or (display_name and item.display_name == display_name))
    ]


def refuse_to_remove_the_last(
    secrets: t.Sequence[AppCredential],
    certificates: t.Sequence[AppCredential],
    removed: t.Sequence[AppCredential],
    now: float,
) -> None:
    """Raises ConfigError if the app would be left with no valid credential, having one now."""
    gone = {item.key_id for item in removed}
    valid = [item for item in (*secrets, *certificates) if item.valid(now)]
    if valid and gone and all(item.key_id in gone for item in valid):
        raise ConfigError(
            "that would remove the app's last valid credential",
            option="force",
            why="Nobody could log in as this app any more",
            remedy="keep one with keep_key_ids, or set force: true if that is what you want",
        )
