# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Matching: which live items are which local ones, all of them before anything is planned, and one to one.

First by ownership: an item whose annotation has this deployment and the logical id of a local item is that item, whatever its
name is. Then by type and name, among what is left on both sides. Files are matched by name, then by fingerprint.
"""

from __future__ import annotations

import typing as t

from ..._api.items import Item
from ..._content.item import DEFINITION, REPORT, SEMANTIC_MODEL, LocalItem
from ..._errors import ConfigError
from ..desired import Desired
from ..options import DeployOptions, PruneOptions
from ..remote import RemoteWorkspace
from ..selection import is_left_out, is_protected
from . import file_matching, match_errors
from .live_definitions import LiveDefinitions
from .matches import Items, Matches, slots_of
from .owner import Owner, described, shown

ANNOTATED_TYPES = (SEMANTIC_MODEL, REPORT)  # types whose definitions can hold the ownership annotation

_FEW = 8  # items of a type whose definitions are read at each run, if need be


def match(
    desired: Desired, live: RemoteWorkspace, owner: Owner, options: DeployOptions, definitions: LiveDefinitions
) -> tuple[Matches, list[str]]:
    """The live items of each local item, and warnings about owners that can't be read. Writes nothing.

    Raises ConfigError for names, owners and fingerprints that are ambiguous or those of others, and the errors of reading.
    """
    definitions.read_counterparts(_named(desired, live).items())
    warnings = definitions.read_owners(candidates(desired, live, owner, options))
    matching = _Matching(desired, live, owner, options)
    return matching.matches(), [*warnings, *matching.warnings()]


def _named(desired: Desired, live: RemoteWorkspace) -> dict[LocalItem, Item]:
    """The live items that have the type and name of a local definition; none where several have them: the owner decides."""
    named = ((item, live.only_named(item.type, item.display_name)) for item in desired.items if item.kind == DEFINITION)
    return {local: item for local, item in named if item is not None}


def candidates(desired: Desired, live: RemoteWorkspace, owner: Owner, options: DeployOptions) -> list[Item]:
    """The items whose owner is needed and is only in their definitions, after the items were read that local ones match by
    type and name: where a local item may have been renamed, a file would replace it, or pruning needs it.
    """
    named = _named(desired, live)
    everything = (*desired.items, *desired.outside)
    keys = {slot for item in everything for slot in slots_of(desired, item)}
    unknown = [item for item in live.all() if item.type in ANNOTATED_TYPES and not live.is_owner_known(item)]
    few = {kind for kind in ANNOTATED_TYPES if sum(item.type == kind for item in unknown) <= _FEW}
    sought = {
        item.type
        for item in desired.items
        if _may_be_renamed(live, owner, item, named.get(item), search=options.annotate and item.type in few)
    }
    files = [item for item in desired.items if item.kind != DEFINITION and options.files.own]
    replaced = {slot for item in files for slot in slots_of(desired, item)}
    return [
        item
        for item in unknown
        if item.type in sought
        or item.key in replaced
        or (item.key not in keys and _may_be_pruned(item, options.pruning))
    ]


def _may_be_renamed(live: RemoteWorkspace, owner: Owner, item: LocalItem, named: Item | None, *, search: bool) -> bool:
    """Whether an item of another name may be the local one, as that of its name is not known to be.

    ``search``: also if the item of its name has no annotation, which may be so at each run.
    """
    if item.kind != DEFINITION or not item.logical_id:
        return False
    found = live.owner(named) if named is not None else None
    if found is None:
        return named is None or search
    return (found.deployment, found.logical_id) != (owner.deployment, item.logical_id)


def _may_be_pruned(item: Item, pruning: PruneOptions) -> bool:
    return pruning.prune == "deployed" and not is_protected(item, pruning)


class _Matching:
    """One matching, whose errors are collected."""

    def __init__(self, desired: Desired, live: RemoteWorkspace, owner: Owner, options: DeployOptions) -> None:
        self._desired = desired
        self._live = live
        self._owner = owner
        self._options = options
        self._matches = Matches(desired, live)
        self._deployed = frozenset(desired.items)
        self._errors: list[ConfigError] = []

    def matches(self) -> Matches:
        """Raises ConfigError with all that is ambiguous or that of another owner."""
        self._match_by_ownership()
        self._match_definitions_by_name()
        self._match_files()
        if self._options.pruning.prune == "deployed":
            self._check_pruned()
        match_errors.refuse(self._errors)
        return self._matches

    def warnings(self) -> t.Iterator[str]:
        """A warning for each item of this logical id that is renamed although it was deployed from another folder."""
        for local in self._desired.items if self._owner.whole else ():
            item = self._matches.one(local)
            found = self._live.owner(item) if item is not None else None
            if item is None or found is None or item.key == local.key or not self._owner.collides_with(found):
                continue
            yield (
                f"{described(item)} becomes {local}: it has the same logical id, but was deployed by {shown(found)}, not from "
                f"{self._owner.source}. If both folders have it, give each its own deployment, and one of them new logical ids"
            )

    def _match_by_ownership(self) -> None:
        groups: dict[tuple[str, str], list[Item]] = {}
        for item in self._live.all():
            found = self._live.owner(item)
            if found is not None and found.deployment == self._owner.deployment and found.logical_id:
                groups.setdefault((item.type, found.logical_id), []).append(item)
        for local in (*self._desired.items, *self._desired.outside):
            items = groups.pop((local.type, local.logical_id), []) if local.kind == DEFINITION else []
            self._matches.record(local, self._unambiguous(items, local) if local in self._deployed else items)
        if self._options.pruning.prune == "deployed":
            for items in groups.values():
                self._unambiguous([item for item in items if not is_protected(item, self._options.pruning)], None)

    def _unambiguous(self, items: list[Item], local: LocalItem | None) -> Items:
        """The one of several items with the same logical id that the annotation proves, the others being copies."""
        proven = [item for item in items if self._is_proven(item)]
        if len(proven) == 1:
            for item in items:
                if item is not proven[0]:
                    self._live.record_owner(item.id, None)
            return (proven[0],)
        named = [item for item in items if local is not None and item.key == local.key]
        left = [item for item in items if item in named or not is_protected(item, self._options.pruning)] or items
        if len(left) > 1:
            self._errors.append(match_errors.ambiguous(local, left))
        return tuple(left[:1])

    def _is_proven(self, item: Item) -> bool:
        found = self._live.owner(item)
        return found is not None and found.item_id == item.id

    def _match_definitions_by_name(self) -> None:
        outside = [item for item in self._desired.outside if item.kind == DEFINITION]
        for local in (*(item for item in self._desired.items if item.kind == DEFINITION), *outside):
            find = self._live.named if local in self._deployed else self._live.only_named
            item = find(local.type, local.display_name) if not self._matches.of(local) else None
            if item is None or self._matches.local_of(item) is not None:
                continue
            found = self._live.owner(item)
            is_foreign = self._owner.is_foreign(found, local)
            if not is_foreign or (self._owner.take and local in self._deployed):
                self._matches.record(local, (item,))
            elif found is not None and local in self._deployed:
                self._errors.append(match_errors.foreign(local, item, found, self._owner))

    def _match_files(self) -> None:
        owner = self._owner if self._options.files.own and self._options.annotate else None
        files = file_matching.FileMatching(self._desired, self._live, self._matches, owner)
        for local in self._desired.items:
            if local.kind != DEFINITION:
                items = files.targets(local, skip_report=self._options.files.skip_report)
                self._matches.record(local, items)
                self._check_replaced(local, items)
        for local in self._desired.outside:
            if local.kind != DEFINITION:
                self._matches.record(local, files.named(local))

    def _check_replaced(self, local: LocalItem, items: Items) -> None:
        """A file replaces no item of another deployment."""
        for item in items if self._options.files.own and not self._owner.take else ():
            found = self._live.owner(item)
            if found is not None and not self._owner.owns(found):
                self._errors.append(match_errors.foreign(local, item, found, self._owner))

    def _check_pruned(self) -> None:
        """Items of the default name from another source are those of another folder: they are not deleted in silence."""
        others = [
            (item, found)
            for item in self._matches.unmatched()
            for found in (self._live.owner(item),)
            if found is not None
            and self._owner.collides_with(found)
            and not is_protected(item, self._options.pruning)
            and not is_left_out(self._desired, self._live, item)
        ]
        if others:
            self._errors.append(match_errors.collision(others, self._owner))
