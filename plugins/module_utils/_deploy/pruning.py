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
from .._content.problem import Problem
from .._errors import ConfigError, listed
from . import description_annotation
from .changes import DeleteItem
from .desired import Desired
from .item_plan import ItemPlan
from .matches import Matches
from .matching import is_protected
from .options import PruneOptions
from .owner import Owner
from .remote import RemoteWorkspace

_NOT_ITS_OWN = frozenset(("SQLEndpoint",))  # created and deleted with its lakehouse


def prune(
    matches: Matches, plans: t.Sequence[ItemPlan], live: RemoteWorkspace, owner: Owner, options: PruneOptions
) -> list[ItemPlan]:
    """The plans of the items to delete. Reports are before the models that they need.

    Items of the folder that the patterns exclude are not deployed, and not deleted either.
    """
    if options.prune == "none":
        return []
    kept = {item.id for item in live.all() if matches.local_of(item) is not None}
    workbooks = {plan.local.display_name.casefold() for plan in plans if plan.local and plan.local.kind == XLSX}
    kept |= {item.id for item in live.all() if item.type == REPORT and item.name.casefold() in workbooks}
    unneeded = [
        item
        for item in live.all()
        if item.id not in kept
        and item.type not in _NOT_ITS_OWN
        and (options.prune == "all" or owner.owns(live.owner(item)))
        and not is_protected(item, options)
    ]
    unneeded += _reports_of_files(live, unneeded, kept, options)
    if options.max_deletions is not None and len(unneeded) > options.max_deletions:
        raise ConfigError(
            f"{len(unneeded)} items would be deleted, but max_deletions is {options.max_deletions}",
            option="max_deletions",
            why=f"They are {listed(sorted(f'{item.name}.{item.type}' for item in unneeded))}",
            remedy="raise max_deletions, or name the items to keep in protect",
        )
    unneeded.sort(key=lambda item: (item.type == SEMANTIC_MODEL, item.type, item.name))
    return [ItemPlan(None, (item,), [DeleteItem(options.hard_delete)]) for item in unneeded]


def unmatched_protect(desired: Desired, live: RemoteWorkspace, options: PruneOptions) -> t.Iterator[Problem]:
    """A warning for each pattern of ``protect`` that matches no item of the workspace and no local one."""
    if options.prune == "none":
        return
    names = {f"{item.name}.{item.type}" for item in live.all()}
    names |= {str(item) for item in (*desired.items, *desired.outside)}
    yield from patterns.unmatched_protect(names, options.protect)


def _reports_of_files(
    live: RemoteWorkspace, unneeded: t.Sequence[Item], kept: t.Container[str], options: PruneOptions
) -> list[Item]:
    """The report that was imported from one file with a semantic model, whose annotation applies to both."""
    ids = {item.id for item in unneeded}
    names = {item.name.casefold() for item in unneeded if item.type == SEMANTIC_MODEL and _is_from_file(item)}
    return [
        item
        for item in live.all()
        if item.type == REPORT
        and item.name.casefold() in names
        and item.id not in kept
        and item.id not in ids
        and not is_protected(item, options)
    ]


def _is_from_file(item: Item) -> bool:
    annotation = description_annotation.read(item.description).annotation
    return annotation is not None and bool(annotation.file)
