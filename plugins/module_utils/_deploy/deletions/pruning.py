# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Pruning: the items to delete, because the folder does not have them. What the service deletes with them: `dependents`."""

from __future__ import annotations

import typing as t

from ..._api.items import Item
from ..._content import patterns
from ..._content.item import REPORT, SEMANTIC_MODEL, XLSX
from ..._content.problem import Problem
from ..._errors import ConfigError, listed
from ..changes import DeleteItem
from ..desired import Desired
from ..identity.description_annotation import imported_file
from ..identity.matches import Matches
from ..identity.owner import Owner, described
from ..item_plan import ItemPlan
from ..options import PruneOptions
from ..remote import RemoteWorkspace
from ..selection import is_left_out, is_protected
from . import service_items


def prune(
    desired: Desired,
    matches: Matches,
    plans: t.Sequence[ItemPlan],
    live: RemoteWorkspace,
    owner: Owner,
    options: PruneOptions,
) -> list[ItemPlan]:
    """The plans of the items to delete. Reports are before the models that they need.

    What the patterns exclude is not deployed, and not deleted either, whether it is in the folder or not.

    Raises ConfigError for more than ``max_deletions``, and for a folder that seems not to be the deployed one.
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
        and item.type != service_items.SQL_ENDPOINT
        and (options.prune == "all" or owner.may_prune(live.owner(item)))
        and not is_protected(item, options)
        and not is_left_out(desired, live, item)
    ]
    if options.prune == "all":
        unneeded = _without_items_of_the_service(unneeded, live)
    unneeded += [
        item for item in _reports_of_files(live, unneeded, kept, options) if not is_left_out(desired, live, item)
    ]
    _refuse_wrong_folder(desired, plans, live, unneeded)
    check_number([_label(item) for item in unneeded], options)
    return ordered([ItemPlan(None, (item,), [DeleteItem(options.hard_delete)]) for item in unneeded])


def kept_without_source(
    desired: Desired, matches: Matches, live: RemoteWorkspace, owner: Owner, options: PruneOptions
) -> list[str]:
    """A warning for each item that stays as its annotation, of an earlier version, does not name the folder."""
    if options.prune != "deployed":
        return []
    return [
        f"{described(item)} is not in the folder, and stays: its ownership annotation, of an earlier version, does not name the "
        "folder that it was deployed from, which may be another. If it is a leftover, delete it with powerbi_item; otherwise "
        "name it in protect"
        for item in matches.unmatched()
        if owner.is_without_source(live.owner(item))
        and not is_protected(item, options)
        and not is_left_out(desired, live, item)
    ]


def check_number(labels: t.Sequence[str], options: PruneOptions) -> None:
    """Raise ConfigError for more items to delete than ``max_deletions``."""
    if options.max_deletions is not None and len(labels) > options.max_deletions:
        raise ConfigError(
            f"{'1 item' if len(labels) == 1 else f'{len(labels)} items'} would be deleted, but max_deletions is "
            f"{options.max_deletions}",
            option="max_deletions",
            why=f"{'It is' if len(labels) == 1 else 'They are'} {listed(sorted(labels))}",
            remedy="raise max_deletions, or name the items to keep in protect",
        )


def ordered(deletions: t.Iterable[ItemPlan]) -> list[ItemPlan]:
    """Reports before the models that they need."""

    def order(plan: ItemPlan) -> tuple[bool, str, str]:
        item = plan.before[0]
        return item.type == SEMANTIC_MODEL, item.type, item.name

    return sorted(deletions, key=order)


def _label(item: Item) -> str:
    return f"{item.name}.{item.type}"


def _without_items_of_the_service(items: t.Sequence[Item], live: RemoteWorkspace) -> list[Item]:
    """Without what the service makes for itself, and without what it made together with an item that stays."""
    found = [item for item in items if not service_items.is_of_the_service(item)]
    ids = {item.id for item in found}
    staying = [item for item in live.all() if item.id not in ids]
    return [item for item in found if not service_items.made_with(item, staying)]


def _refuse_wrong_folder(
    desired: Desired, plans: t.Sequence[ItemPlan], live: RemoteWorkspace, unneeded: t.Sequence[Item]
) -> None:
    """Raise ConfigError for deletions because ``src`` is a part of the deployed folder, or has a part that is empty."""
    for folder in desired.empty_folders:
        inside = [item for item in unneeded if f"{live.path_of(item)}/".casefold().startswith(f"{folder}/".casefold())]
        if inside:
            raise ConfigError(
                f"the folder {folder!r} of src is empty, and {listed(sorted(map(_label, inside)))} would be deleted",
                option="src",
                why="A submodule that is not checked out leaves an empty folder",
                remedy="check it out; if the items are to be deleted, remove the empty folder as well",
            )
    place = _deployed_as(desired, plans, live) if unneeded else ""
    if place:
        raise ConfigError(
            f"src is the folder {place!r} of what was deployed, and {listed(sorted(map(_label, unneeded)))} would be deleted",
            option="src",
            why=f"All items of src that are in the workspace are there in {place!r}, and would be moved out of it",
            remedy="give the folder that contains it, select it with include, or deploy once with prune set to none",
        )


def _deployed_as(desired: Desired, plans: t.Sequence[ItemPlan], live: RemoteWorkspace) -> str:
    """The workspace folder that holds all items of ``src`` in their places, and has its name; "" if there is none."""
    places = {(plan.local.folder, live.path_of(plan.before[-1])) for plan in plans if plan.local and plan.before}
    roots = set()
    for local, there in places:
        end = f"/{local}" if local else ""
        roots.add(there[: len(there) - len(end)] if there.endswith(end) else "")
    root = next(iter(roots)) if len(roots) == 1 else ""
    return root if root.rpartition("/")[2].casefold() == desired.source.casefold() else ""


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
    names = {
        item.name.casefold() for item in unneeded if item.type == SEMANTIC_MODEL and imported_file(item.description)
    }
    return [
        item
        for item in live.all()
        if item.type == REPORT
        and item.name.casefold() in names
        and item.id not in kept
        and item.id not in ids
        and not is_protected(item, options)
    ]
