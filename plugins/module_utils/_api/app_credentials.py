# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Which credential of an app to make, and which to remove. Pure.

No state is kept between runs: the app's credentials are read from Microsoft Graph, the one in use from the vault.
"""

from __future__ import annotations

import typing as t

from .._errors import ConfigError, listed
from .._guid import is_guid, normalise_guid
from .applications import DAY, AppCredential


class DesiredCredential(t.NamedTuple):
    """The options of the task. ``rotate_before`` and the other periods are in days; None in ``rotate_before`` means "now"."""

    state: str
    display_name: str
    key_id: str
    rotate_before: int | None


def find_current(credentials: t.Sequence[AppCredential], key_id: str, secret: str) -> AppCredential | None:
    """The credential that the vault holds: by key id, else by the secret's first three characters if these are unique."""
    if key_id:
        return next((item for item in credentials if item.key_id == normalise_guid(key_id)), None)
    found = beginning_like(credentials, secret)
    return found[0] if len(found) == 1 else None


def beginning_like(credentials: t.Sequence[AppCredential], secret: str) -> list[AppCredential]:
    """The credentials whose hint is the beginning of a secret: usually one, by chance several."""
    return [item for item in credentials if item.hint and secret.startswith(item.hint)]


def key_ids(option: str, values: t.Iterable[t.Any]) -> set[str]:
    """The key ids of an option in Graph's spelling. Raises ConfigError for an empty entry and for one that is no GUID."""
    found = [str("" if value is None else value) for value in values]
    wrong = next((text for text in found if not is_guid(text)), None)
    if wrong is not None:
        raise ConfigError(
            f"`{option}` has an empty entry"
            if not wrong.strip()
            else f"`{option}` has {wrong!r}, which is not a key ID",
            option=option,
            why="A key ID that is not known protects nothing and names nothing",
            remedy="give key IDs, and leave out those that are not set: `| select`",
        )
    return {normalise_guid(text) for text in found}


def reason_for_new(
    desired: DesiredCredential, current: AppCredential | None, credentials: t.Sequence[AppCredential], now: float
) -> str:
    """Why a new credential is needed, as text for messages; empty if none is."""
    if desired.state == "present":
        named = [item for item in credentials if item.display_name == desired.display_name and item.valid(now)]
        return "" if named else f"the app has no valid one called {desired.display_name!r}"
    if desired.rotate_before is None:
        return "a new one was requested"
    if current is None:
        return "the one in use is not known, or the app does not have it any more"
    if not current.valid(now):
        return "the one in use has expired"
    if current.ends < now + desired.rotate_before * DAY:
        return f"the one in use expires in {current.days_left(now)} days"
    return ""


def to_remove(
    credentials: t.Sequence[AppCredential], display_name: str, key_ids: t.Collection[str], keep: t.Collection[str]
) -> list[AppCredential]:
    """The credentials with this ``display_name`` (empty: none) or with an id in the list, except those of ``keep``."""
    return [
        item
        for item in credentials
        if item.key_id not in keep and (item.key_id in key_ids or (display_name and item.display_name == display_name))
    ]


def refuse_to_remove_the_login(removed: t.Sequence[AppCredential], login: t.Collection[AppCredential]) -> None:
    """Raises ConfigError if a credential that the task may have logged in with would be removed."""
    found = [item.key_id for item in removed if item in login]
    if found:
        raise ConfigError(
            f"that would remove the credential that this task logs in with ({listed(found)})",
            option="allow_lockout",
            why="What uses it could not log in any more",
            remedy="name it in keep_key_ids, log in with another one, or set allow_lockout: true if that is intended",
        )


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
            option="allow_lockout",
            why="Then no log-in as this app would be possible",
            remedy="keep one with keep_key_ids, or set allow_lockout: true if that is intended",
        )
