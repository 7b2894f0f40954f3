# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The order of renames: a name is free before another item gets it.

An item that has a name which another one is to get is renamed before all other writes. One that is to be deleted gets a
temporary name first, as the service reserves the name of a deleted item for some minutes; it is deleted at the end. Items that
exchange their names do so through a temporary name. A run that was killed leaves items that their ownership annotations identify.
"""

from __future__ import annotations

import typing as t

from .._api.items import Item
from .._errors import ConfigError, listed
from .changes import CreateItem, ImportFile, UpdateProperties
from .desired import Desired
from .identity.matches import slots_of
from .identity.owner import described
from .item_plan import DELETE, ItemPlan
from .remote import RemoteWorkspace

_TEMPORARY = "powerbi_deploy_"

Key = tuple[str, str]


class Rename(t.NamedTuple):
    """A rename before all other writes: of an item of ``plan``, by its id. ``aside``: until it is deleted."""

    plan: ItemPlan
    item: Item
    name: str
    aside: bool = False


def temporary_name(item: Item) -> str:
    """A name that is valid for all types, and recognised by `has_temporary_name`."""
    return f"{_TEMPORARY}{item.id.replace('-', '')[:12]}"


def has_temporary_name(item: Item) -> bool:
    return item.name == temporary_name(item)


def names_of(desired: Desired, plan: ItemPlan) -> dict[Key, set[str]]:
    """The types and names that a plan needs, each with the ids of the items that get it, none for a new item."""
    found: dict[Key, set[str]] = {}
    types = {item.id: item.type for item in plan.before}
    for change in plan.changes:
        if isinstance(change, CreateItem):
            found.setdefault(change.local.key, set())
        elif isinstance(change, ImportFile):
            for slot in slots_of(desired, change.local):
                found.setdefault(slot, set()).update(item.id for item in plan.before if item.type == slot[0])
        elif isinstance(change, UpdateProperties):
            for item_id, name in change.names.items():
                found.setdefault((types[item_id], name.casefold()), set()).add(item_id)
    return found


def first_renames(desired: Desired, plans: t.Sequence[ItemPlan], live: RemoteWorkspace) -> list[Rename]:
    """The renames before all other writes, in order. Raises ConfigError for names that items have which keep them."""
    holders = _holders(desired, plans, live)
    deletions = {item.id: plan for plan in plans if plan.action == DELETE for item in plan.before}
    renames = {
        item.id: Rename(plan, item, change.names[item.id])
        for plan in plans
        for change in plan.changes
        if isinstance(change, UpdateProperties)
        for item in plan.before
        if item.id in change.names
    }
    stuck = [
        (plan, item)
        for plan, item in holders
        if item.id not in deletions and item.id not in renames and not _is_imported(plan)
    ]
    if stuck:
        raise _taken(stuck)
    asides = {item.id: item for _plan, item in holders if item.id in deletions}
    early = {item.id: renames[item.id] for _plan, item in holders if item.id in renames}
    return [
        *(Rename(deletions[item.id], item, temporary_name(item), aside=True) for item in asides.values()),
        *_ordered(list(early.values())),
    ]


def _is_imported(plan: ItemPlan) -> bool:
    """Whether the items of a plan get their names by an import: these were checked when the file was matched."""
    return any(isinstance(change, ImportFile) for change in plan.changes)


def _holders(desired: Desired, plans: t.Sequence[ItemPlan], live: RemoteWorkspace) -> list[tuple[ItemPlan, Item]]:
    """The items that have a name which another one is to get, with the plan of that one."""
    items: dict[Key, list[Item]] = {}
    for item in live.all():
        items.setdefault(item.key, []).append(item)
    return [
        (plan, item)
        for plan in plans
        for key, own in names_of(desired, plan).items()
        for item in items.get(key, ())
        if item.id not in own
    ]


def _ordered(renames: list[Rename]) -> list[Rename]:
    """Each rename once its name is free; one of a cycle through a temporary name."""
    ordered: list[Rename] = []
    open_ = {rename.item.id: rename for rename in renames}
    held = {rename.item.id: rename.item.key for rename in renames}
    while open_:
        ready = [one for one in open_.values() if _target(one) not in [held[i] for i in open_ if i != one.item.id]]
        for rename in ready:
            ordered.append(rename)
            del open_[rename.item.id]
        if not ready:
            first = next(iter(open_.values()))
            ordered.append(first._replace(name=temporary_name(first.item)))
            held[first.item.id] = _target(ordered[-1])
    return ordered


def _target(rename: Rename) -> Key:
    return (rename.item.type, rename.name.casefold())


def _taken(stuck: t.Sequence[tuple[ItemPlan, Item]]) -> ConfigError:
    found = [f"{described(item)} has the name of {plan.label}" for plan, item in stuck]
    return ConfigError(
        f"{len(stuck)} names are taken by items of the workspace that keep them, so nothing was written"
        if len(stuck) > 1
        else f"{stuck[0][0].label} can't get its name, so nothing was written",
        option="src",
        why=listed(found, separator="; "),
        remedy="delete or rename those items, let prune delete them if the folder no longer has them, or deploy them too if "
        "the patterns exclude them",
    )


def leftovers(plans: t.Sequence[ItemPlan], live: RemoteWorkspace) -> list[str]:
    """A warning for each item that an interrupted run has left with a temporary name, and that this run leaves so."""
    handled = {item.id for plan in plans if plan.changes for item in plan.before}
    return [
        f"{described(item)} has a temporary name, which an interrupted run gave it: rename it or delete it by hand, or let prune "
        "delete it"
        for item in live.all()
        if has_temporary_name(item) and item.id not in handled
    ]
