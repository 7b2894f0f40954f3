# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Names and ids: every resource may be given by either. A name that is not unique is an error."""

from __future__ import annotations

import difflib
import typing as t

from .._errors import ConfigError, PowerBIError, listed
from .._guid import is_guid, normalise_guid
from .._http.response import printable

_MOST_NAMES = 10  # in a message


class Named(t.Protocol):
    """The id and name that nearly every resource has. ``id`` as `normalise_guid` returns it."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def name(self) -> str:
        """Its name."""


T = t.TypeVar("T")
N = t.TypeVar("N", bound=Named)


def unique(found: t.Sequence[T], noun: str, name: str, identity: t.Callable[[T], str], option: str) -> T | None:
    """The only element of ``found``, None if it is empty. Raises ConfigError, with the ids, if there are several."""
    if len(found) > 1:
        raise ConfigError(
            f"{len(found)} {noun}s are called {name!r}",
            option=option,
            why="Their ids: " + listed(sorted(identity(item) for item in found)),
            remedy=f"give the id of the one that is meant in `{option}`",
        )
    return found[0] if found else None


def not_found(noun: str, name: str, option: str, remedy: str) -> PowerBIError:
    """The error for a required resource that does not exist or that the caller can't see."""
    return ConfigError(f"there is no {noun} {name!r} that this caller can see", option=option, remedy=remedy)


def similar_names(name: str, known: t.Iterable[str], noun: str) -> str:
    """What a name may have meant: the names that are like it, and the first of all that there are."""
    names = {printable(one, 60).lower(): printable(one, 60) for one in known}
    similar = [names[one] for one in difflib.get_close_matches(name.lower(), names)]
    meant = f"Similar: {listed(repr(one) for one in similar)}. " if similar else ""
    there = listed((repr(one) for one in sorted(names.values())), _MOST_NAMES)
    return f"{meant}Its {noun}: {there}" if there else f"It has no {noun}"


def odata_literal(text: str) -> str:
    """A text as a literal of an OData filter."""
    return "'" + text.replace("'", "''") + "'"


def matching(found: t.Iterable[N], name_or_id: str | None) -> list[N]:
    """The resources with this name (in any case) or id, or all of them without one; sorted by name."""
    desired = name_or_id or ""
    if is_guid(desired):
        found = [item for item in found if item.id == normalise_guid(desired)]
    elif desired:
        found = [item for item in found if item.name.lower() == desired.lower()]
    return sorted(found, key=lambda item: (item.name, item.id))
