# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Selects the items in the service whose ownership annotation has to be read, and reads them.

An item that a local one matches by type and name is read for the comparison anyway. The others are items without a
local one, where a local item may have been renamed, or where pruning needs their owner.
"""

from __future__ import annotations

import typing as t

from .._api.items import Item
from .._content import patterns
from .._content.item import DEFINITION, REPORT, SEMANTIC_MODEL, LocalItem
from .._errors import NotFoundError, PowerBIError
from .._jobs import Jobs
from . import description_annotation
from .desired import Desired
from .entry import DeployOptions, Entry
from .fingerprint import content, is_unreadable
from .fingerprint_reading import read_together
from .remote import RemoteWorkspace

TYPES = (SEMANTIC_MODEL, REPORT)  # types whose definitions can hold the annotation


def damaged(entries: t.Sequence[Entry], live: RemoteWorkspace) -> list[str]:
    """A warning for each item without an entry in the plan whose annotation was read and is malformed."""
    planned = {entry.live.id for entry in entries if entry.live is not None}
    planned |= {target.id for entry in entries if entry.file is not None for target in entry.file.targets}
    return [
        f"the ownership annotation of {item.name}.{item.type} can't be read: something other than this collection has changed "
        "it. No deployment owns the item, so it is neither recognised in another name nor deleted by prune. Delete it by "
        "hand, or deploy an item of its name"
        for item in live.all()
        if item.id not in planned and (item.id in live.damaged or description_annotation.is_damaged(item.description))
    ]


def local_keys(desired: Desired) -> set[tuple[str, str]]:
    """Type and name of all items of the folder, including those that the patterns exclude."""
    keys = {item.key for item in (*desired.items, *desired.outside)}
    files = [item for item in (*desired.items, *desired.outside) if item.kind != DEFINITION]
    keys.update((item_type, item.display_name.casefold()) for item in files for item_type in TYPES)
    return keys


def candidates(desired: Desired, live: RemoteWorkspace, choices: DeployOptions) -> list[Item]:
    """The items whose owner is needed and is only in their definitions."""
    keys = local_keys(desired)
    there = {item.key for item in live.all()}
    renamed = {item.type for item in (*desired.items, *desired.outside) if _may_be_renamed(there, item)}
    return [
        item
        for item in live.all()
        if item.type in TYPES
        and item.key not in keys
        and not live.is_owner_known(item)
        and (item.type in renamed or (choices.prune == "deployed" and not is_protected(item, choices)))
    ]


def is_protected(item: Item, choices: DeployOptions) -> bool:
    return any(patterns.fits(f"{item.name}.{item.type}", pattern) for pattern in choices.protect)


def _may_be_renamed(there: t.Container[tuple[str, str]], item: LocalItem) -> bool:
    """Whether a local item has no counterpart of its name, and could be recognised as renamed."""
    return item.kind == DEFINITION and bool(item.logical_id) and item.key not in there


def read_owners(desired: Desired, live: RemoteWorkspace, choices: DeployOptions, jobs: Jobs) -> list[str]:
    """Read the annotations of `candidates`, in few operations where possible. Returns warnings. Raises PowerBIError."""
    items = candidates(desired, live, choices)
    read = read_together(live, items, choices.bulk_api)
    for identity, found in read.items():
        live.learn_from(identity, found.parts)
    warnings = jobs.map(lambda item: _read_owner(live, item), [item for item in items if item.id not in read])
    return [warning for warning in warnings if warning]


def _read_owner(live: RemoteWorkspace, item: Item) -> str:
    """Read one item's annotation. An item whose definition the service does not return has no owner."""
    try:
        found = content(live, item)
    except NotFoundError:
        live.record_owner(item.id, None)  # deleted meanwhile
    except PowerBIError as error:
        if not is_unreadable(error):
            raise
        live.record_owner(item.id, None)
        return f"{item.name}.{item.type} counts as an item that no deployment owns: {error.what}"
    else:
        live.learn_from(item.id, found.parts)
    return ""
