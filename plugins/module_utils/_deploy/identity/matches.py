# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Which live items are which local items, one to one: the one structure that planning, pruning and references read."""

from __future__ import annotations

import threading
import typing as t

from ..._api.items import Item
from ..._content.item import DEFINITION, PBIX, REPORT, SEMANTIC_MODEL, LocalItem
from ..desired import Desired
from ..remote import RemoteWorkspace

Items = tuple[Item, ...]


class Matches:
    """The live items of each local item, also of those that the patterns exclude: none, one, or for a file a semantic model
    and its report, in this order. No live item is that of two local ones.

    A run records the items that it creates and changes. Threads may share it.
    """

    def __init__(self, desired: Desired, live: RemoteWorkspace) -> None:
        self._live = live
        self._items: dict[LocalItem, tuple[str, ...]] = {}
        self._locals: dict[str, LocalItem] = {}  # by the ids of live items
        self._slots = {slot: item for item in desired.items for slot in slots_of(desired, item)}
        self._deployed = frozenset(desired.items)
        self._lock = threading.Lock()

    def record(self, local: LocalItem, items: t.Iterable[Item]) -> None:
        """Set the live items of a local one."""
        ids = tuple(item.id for item in items)
        with self._lock:
            self._items[local] = ids
            self._locals.update((identity, local) for identity in ids)

    def of(self, local: LocalItem) -> Items:
        """The live items of a local one, as they are now."""
        found = (self._live.with_id(identity) for identity in self._items.get(local, ()))
        return tuple(item for item in found if item is not None)

    def one(self, local: LocalItem) -> Item | None:
        """The live item of the local one's type, None if there is none yet."""
        return next((item for item in reversed(self.of(local)) if item.type == local.type), None)

    def local_of(self, item: Item) -> LocalItem | None:
        """The local item of a live one, None for an item that the folder does not have."""
        return self._locals.get(item.id)

    def unmatched(self) -> list[Item]:
        """The live items without a local one."""
        return [item for item in self._live.all() if item.id not in self._locals]

    def local_named(self, item_type: str, name: str) -> LocalItem | None:
        """The local item that is deployed as an item of that type and name."""
        return self._slots.get((item_type, name.casefold()))

    def named(self, item_type: str, name: str) -> Item | None:
        """The live item that has the type and name after the deployment: None for one that is not created yet.

        Raises ConfigError as `RemoteWorkspace.named`.
        """
        local = self.local_named(item_type, name)
        if local is not None:
            return next((item for item in self.of(local) if item.type == item_type), None)
        found = self._live.named(item_type, name)
        return None if found is not None and self.local_of(found) in self._deployed else found


def slots_of(desired: Desired, item: LocalItem) -> list[tuple[str, str]]:
    """Types and names (as `Item.key`) of the live items that a local item becomes, the semantic model of a file first.

    The content of a file that the patterns exclude is unknown: it may have a semantic model.
    """
    if item.kind == DEFINITION:
        return [item.key]
    package = desired.packages.get(item)
    has_model = package.has_model if package is not None else item.kind == PBIX
    types = [SEMANTIC_MODEL, item.type] if has_model and item.type == REPORT else [item.type]
    return [(item_type, item.display_name.casefold()) for item_type in types]
