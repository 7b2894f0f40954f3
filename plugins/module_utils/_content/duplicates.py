# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""Duplicates among the items of a folder: items with the same type and name, or the same logical id."""

from __future__ import annotations

import typing as t

from . import platform
from .item import DEFINITION, LocalItem
from .problem import Problem


def remedy_of(first: LocalItem, second: LocalItem) -> str:
    """What to do about two items of one name: a .pbix beside its project (PBIP) is left out by a pattern."""
    files = [item for item in (second, first) if item.kind != DEFINITION]
    if len(files) == 1:
        return f"Leave the file out: exclude: [{files[0].path!r}]; or rename one of the two"
    return "Rename one: a name is unique per type in a workspace"


def problems_of(items: t.Sequence[LocalItem]) -> t.Iterator[Problem]:
    names: dict[tuple[str, str], LocalItem] = {}
    ids: dict[str, LocalItem] = {}
    for item in items:
        first = names.setdefault(item.key, item)
        if first is not item:
            what = f"{item} has the name of the {first.type} in {first.path}"
            yield Problem(item.path, 0, 0, what, remedy_of(first, item), code="duplicate-name")
        if item.logical_id:
            first = ids.setdefault(item.logical_id, item)
            if first is not item:
                what = f"{item} has the logicalId of {first.path}"
                yield Problem(
                    f"{item.path}/{platform.PART}",
                    0,
                    0,
                    what,
                    "Give the copy a new random GUID",
                    code="duplicate-logical-id",
                )
