# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Checks of a plan against the limits of the workspace: items that need a capacity, and the number of items."""

from __future__ import annotations

import typing as t

from .._content import item_types
from .._content.item import DEFINITION, LocalItem
from .._content.problem import Problem, refuse
from .._errors import listed
from .entry import CREATE, DELETE, UNCHANGED, Entry
from .remote import RemoteWorkspace

MAX_ITEMS = 1000


def check(live: RemoteWorkspace, entries: t.Sequence[Entry]) -> None:
    """Raise ContentError with every limit that the plan exceeds."""
    problems = []
    in_need = [entry.local for entry in entries if entry.local is not None and _needs_capacity(entry)]
    if live.workspace.id and not live.workspace.capacity_id and in_need:
        problems.append(_without_capacity(live, in_need))
    made = sum(_made(entry) for entry in entries)
    present = len(live.all())
    if made and present + made > MAX_ITEMS:
        gone = sum(entry.action == DELETE for entry in entries)
        what = f"the workspace has {present} items and would get {made} more, the service takes {MAX_ITEMS}"
        remedy = "Delete items first, or spread the content over workspaces"
        if gone:
            what += f"; the {gone} that are to be deleted go last, and count until they are deleted permanently"
        problems.append(Problem("", 0, 0, what, remedy))
    refuse(problems)


def _needs_capacity(entry: Entry) -> bool:
    local = entry.local
    return (
        local is not None
        and entry.action != UNCHANGED
        and local.kind == DEFINITION
        and item_types.of(local.type).needs_capacity
    )


def _without_capacity(live: RemoteWorkspace, items: t.Sequence[LocalItem]) -> Problem:
    what = (
        f"the workspace {live.workspace.name!r} is on no capacity, which items of other types than semantic models and "
        f"reports need: {listed(item.path for item in items)}"
    )
    remedy = "Assign the workspace to a capacity (option capacity of powerbi_workspace), or leave them out with exclude"
    return Problem("", 0, 0, what, remedy)


def _made(entry: Entry) -> int:
    """The number of items that a new entry creates: a .pbix with a model creates two."""
    if entry.action != CREATE or entry.local is None:
        return 0
    both = entry.file is not None and entry.file.package.has_model and entry.local.kind == "pbix"
    return 2 if both else 1
