# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Pruning: the items to delete, because the folder does not have them."""

from __future__ import annotations

import typing as t

from .._api.items import Item
from .._content import patterns
from .._content.item import REPORT, SEMANTIC_MODEL, XLSX
from .._content.ownership_annotation import DEFAULT_DEPLOYMENT
from .._content.problem import Problem
from .._errors import ConfigError, listed
from . import description_annotation
from .desired import Desired
from .entry import DELETE, DeployOptions, Entry
from .item_errors import ambiguous_owner
from .ownership_reading import is_protected
from .remote import RemoteWorkspace

_NOT_ITS_OWN = frozenset(("SQLEndpoint",))  # created and deleted with its lakehouse


def prune(desired: Desired, entries: t.Sequence[Entry], live: RemoteWorkspace, choices: DeployOptions) -> list[Entry]:
    """The items to delete. Reports are before the models that they need.

    Items of the folder that the patterns exclude are not deployed, and not deleted either.
    """
    if choices.prune == "none":
        return []
    kept = {entry.live.id for entry in entries if entry.live is not None}
    kept |= {item.id for entry in entries if entry.file is not None for item in entry.file.targets}
    kept |= {found.id for item in desired.outside for found in (live.of(item),) if found is not None}
    workbooks = {entry.local.display_name.casefold() for entry in entries if entry.local and entry.local.kind == XLSX}
    kept |= {item.id for item in live.all() if item.type == REPORT and item.name.casefold() in workbooks}
    doomed = [
        item
        for item in live.all()
        if item.id not in kept
        and item.type not in _NOT_ITS_OWN
        and (choices.prune == "all" or _is_ours(live, item))
        and not is_protected(item, choices)
    ]
    if choices.prune == "deployed":
        _refuse_copies(entries, live, doomed)
    doomed += _reports_of_files(live, doomed, kept, choices)
    if choices.max_deletions is not None and len(doomed) > choices.max_deletions:
        raise ConfigError(
            f"{len(doomed)} items would be deleted, but max_deletions is {choices.max_deletions}",
            option="max_deletions",
            why=f"They are {listed(sorted(f'{item.name}.{item.type}' for item in doomed))}",
            remedy="raise max_deletions, or name the items to keep in protect",
        )
    doomed.sort(key=lambda item: (item.type == SEMANTIC_MODEL, item.type, item.name))
    return [Entry(DELETE, None, item, changes=["deleted"]) for item in doomed]


def unmatched_protect(desired: Desired, live: RemoteWorkspace, choices: DeployOptions) -> t.Iterator[Problem]:
    """A warning for each pattern of ``protect`` that matches no item of the workspace and no local one."""
    if choices.prune == "none":
        return
    names = {f"{item.name}.{item.type}" for item in live.all()}
    names |= {str(item) for item in (*desired.items, *desired.outside)}
    yield from patterns.unmatched_protect(names, choices.protect)


def _reports_of_files(
    live: RemoteWorkspace, doomed: t.Sequence[Item], kept: t.Container[str], choices: DeployOptions
) -> list[Item]:
    """The report that was imported from one file with a semantic model, whose annotation applies to both."""
    ids = {item.id for item in doomed}
    names = {item.name.casefold() for item in doomed if item.type == SEMANTIC_MODEL and _is_from_file(item)}
    return [
        item
        for item in live.all()
        if item.type == REPORT
        and item.name.casefold() in names
        and item.id not in kept
        and item.id not in ids
        and not is_protected(item, choices)
    ]


def _is_from_file(item: Item) -> bool:
    annotation = description_annotation.read(item.description).annotation
    return annotation is not None and bool(annotation.file)


def _is_ours(live: RemoteWorkspace, item: Item) -> bool:
    owner = live.owner(item)
    return owner is not None and owner.deployment == DEFAULT_DEPLOYMENT


def _refuse_copies(entries: t.Sequence[Entry], live: RemoteWorkspace, doomed: t.Sequence[Item]) -> None:
    """Raise ConfigError for an item with the logical id of a local one that has another counterpart in the service."""
    known = {
        (entry.local.type, entry.local.logical_id): entry
        for entry in entries
        if entry.local is not None and entry.local.logical_id and entry.live is not None
    }
    for item in doomed:
        owner = live.owner(item)
        entry = known.get((item.type, owner.logical_id)) if owner is not None else None
        if entry is not None and entry.local is not None and entry.live is not None:
            raise ambiguous_owner(entry.local, [entry.live, item])
