# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The patterns of `include`, `exclude` and `protect`, and problems for patterns that match nothing."""

from __future__ import annotations

import fnmatch
import re
import typing as t

from .item import LocalItem
from .problem import WARNING, Problem
from .text import folded

_REMEDY = "Give a pattern such as *.Report or Sales.*"


def fits(name: str, pattern: str) -> bool:
    """Names are compared case-insensitively, as in the service; a pattern also matches literally, for [ in a name."""
    name, pattern = folded(name), folded(pattern)
    return name == pattern or fnmatch.fnmatchcase(name, pattern)


def matches(item: LocalItem, patterns: t.Iterable[str]) -> bool:
    """Patterns as for `folder.scan`."""
    full = f"{item.folder}/{item}" if item.folder else str(item)
    for pattern in patterns:
        if pattern.endswith("/"):
            if f"{item.path}/".startswith(re.sub(r"^\./", "", pattern)):
                return True
        elif any(fits(name, pattern) for name in (full, str(item), item.path)):
            return True
    return False


def unmatched(items: t.Sequence[LocalItem], include: t.Iterable[str], exclude: t.Iterable[str]) -> t.Iterator[Problem]:
    """An error for each pattern of ``include`` that matches nothing, a warning for each of ``exclude``."""
    for pattern in include:
        if not any(matches(item, (pattern,)) for item in items):
            yield Problem("include", 0, 0, f"{pattern!r} matches no item", _REMEDY)
    for pattern in exclude if items else ():
        if not any(matches(item, (pattern,)) for item in items):
            what = f"{pattern!r} matches no item, so it leaves out nothing"
            yield Problem("exclude", 0, 0, what, _REMEDY, WARNING)


def unmatched_protect(names: t.Collection[str], protect: t.Iterable[str]) -> t.Iterator[Problem]:
    """A warning for each pattern of ``protect`` that fits none of these names (Name.Type)."""
    for pattern in protect:
        if not any(fits(name, pattern) for name in names):
            remedy = "Write it as Name.Type without a folder, such as Board.Report or *.Dashboard"
            yield Problem("protect", 0, 0, f"{pattern!r} fits no item, so it protects nothing", remedy, WARNING)
