# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Which live items have to be read for their ownership annotation, and reading them.

Most need not be: an item that a local one matches by type and name is read for the comparison anyway. What remains are live
items without a local one, where a local item may have been renamed, or where pruning has to know whose they are.
"""

from __future__ import annotations

import typing as t

from .._api.items import Item
from .._content import patterns
from .._content.item import DEFINITION, REPORT, SEMANTIC_MODEL, LocalItem
from .._errors import NotFoundError, PowerBIError
from .._scheduler import Job, Scheduler
from . import description_annotation
from .desired import Desired
from .entry import DeployOptions, Entry
from .fingerprint import content, is_unreadable
from .fingerprint_reading import read_together
from .remote import RemoteWorkspace

TYPES = (SEMANTIC_MODEL, REPORT)  # whose definitions have a place for the annotation


def damaged(entries: t.Sequence[Entry], live: RemoteWorkspace) -> list[str]:
    """A warning for each live item without a line in the plan whose annotation, as far as it was read, is damaged."""
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
    """Type and name of everything that the folder has, what the patterns leave out included."""
    keys = {item.key for item in (*desired.items, *desired.outside)}
    files = [item for item in (*desired.items, *desired.outside) if item.kind != DEFINITION]
    keys.update((item_type, item.display_name.casefold()) for item in files for item_type in TYPES)
    return keys


def candidates(desired: Desired, live: RemoteWorkspace, choices: DeployOptions) -> list[Item]:
    """The live items whose owner has to be known and can only be known from their definitions."""
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
    """Whether a local item has no live one of its name, and could be recognised in another."""
    return item.kind == DEFINITION and bool(item.logical_id) and item.key not in there


def read_now(desired: Desired, live: RemoteWorkspace, choices: DeployOptions, scheduler: Scheduler) -> None:
    """Read what `candidates` names. Raises PowerBIError."""
    errors: list[BaseException] = []

    def done(_result: t.Any, error: BaseException | None) -> None:
        if error is not None:
            errors.append(error)

    def batches_done(items: t.Any, error: BaseException | None) -> None:
        done(None, error)
        for item in items or ():
            scheduler.add(read_one(live, item), done)

    scheduler.add(read_in_batches(live, candidates(desired, live, choices), choices), batches_done)
    scheduler.run()
    if errors:
        raise errors[0]


def read_in_batches(live: RemoteWorkspace, items: t.Sequence[Item], choices: DeployOptions) -> Job:
    """What can be read of them in few operations. Returns the items that remain to be read one by one."""
    read = (yield from read_together(live, items)) if choices.bulk_read else {}
    for identity, found in read.items():
        live.learn_from(identity, found.parts)
    return [item for item in items if item.id not in read]


def read_one(live: RemoteWorkspace, item: Item) -> Job:
    """Read one item's annotation. One whose definition the service does not give is owned by no deployment."""
    try:
        found = yield from content(live, item)
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
