# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The items of workspaces: Fabric's items, which are datasets and reports with the same ids in Power BI."""

from __future__ import annotations

import dataclasses
import typing as t
import uuid

from powerbi_emulator.emulator_state import EmulatorState, Store
from powerbi_emulator.replication import Replica
from powerbi_emulator.seed import Section
from powerbi_emulator.state.directory_objects import Principal

# The path of a part -> its content in base64, as received.
Parts = dict[str, str]


@dataclasses.dataclass(slots=True)
class Tile:
    """A tile of a dashboard, with the ids of the report it was pinned from and of its semantic model."""

    id: str
    title: str
    report_id: str
    model_id: str


@dataclasses.dataclass(slots=True)
class Item:
    """``model_id`` is the semantic model of a report. ``owner`` is the last editor. Times in epoch seconds.

    ``content_hash`` is the SHA-256 of the imported file, None for an item from a definition; ``content`` the file
    itself, unless it was large. ``parent_id`` is the item that this one was created with, and is deleted with.
    """

    id: str
    workspace_id: str
    type: str
    name: str
    owner: Principal
    created: float
    modified: float
    description: str | None = None  # None: never set
    folder_id: str | None = None
    format: str | None = None
    parts: Parts = dataclasses.field(default_factory=dict)
    properties: dict[str, t.Any] = dataclasses.field(default_factory=dict)  # returned at the path of the type only
    model_id: str | None = None
    content_hash: str | None = None
    content: bytes | None = dataclasses.field(default=None, repr=False)
    replica: Replica = dataclasses.field(default_factory=Replica)
    # the parts as the service returns them, created on first use
    returned_parts: list[dict[str, t.Any]] | None = None
    rewritten_parts: bool = False
    loaded: frozenset[str] = frozenset()  # tables of a semantic model (in lower case) with rows
    parent_id: str | None = None
    tiles: list[Tile] = dataclasses.field(default_factory=list)  # of a dashboard
    needs_gateway: bool | None = None  # whether a source is on premises; None: not checked yet

    def touch(self, emulated: EmulatorState) -> None:
        """The item or its definition was changed."""
        self.modified = emulated.now()
        self.returned_parts = self.needs_gateway = None


class Items(Store):
    """Items by workspace and id. Other stores keep the data of single types, by the item's id."""

    def __init__(self, emulated: EmulatorState, seed: Section) -> None:  # noqa: ARG002 - items are not in a seed
        self._emulated = emulated
        self._items: dict[str, dict[str, Item]] = {}
        self._deleted: dict[str, dict[str, Item]] = {}
        self._reserved: dict[tuple[str, str, str], float] = {}

    def all(self, workspace_id: str, *types: str) -> list[Item]:
        """The items of the workspace (of these types) that have been replicated, in order of creation."""
        items = self._items.get(workspace_id, {}).values()
        return [one for one in items if (not types or one.type in types) and one.replica.is_there(self._emulated)]

    def find(self, workspace_id: str, item_id: str, *types: str) -> Item | None:
        """The item of that id, if it is of one of the types and has been replicated."""
        item = self._items.get(workspace_id, {}).get(item_id.lower())
        if item is None or (types and item.type not in types) or not item.replica.is_there(self._emulated):
            return None
        return item

    def anywhere(self, item_id: str, *types: str) -> Item | None:
        """The item of that id in any workspace."""
        requested = item_id.lower()
        for items in self._items.values():
            if requested in items and (not types or items[requested].type in types):
                return items[requested]
        return None

    def of_workspace(self, workspace_id: str) -> list[Item]:
        """The items of the workspace, also those that have not been replicated."""
        return list(self._items.get(workspace_id, {}).values())

    def everywhere(self, *types: str) -> list[Item]:
        """The items of the types in all workspaces."""
        return [one for items in self._items.values() for one in items.values() if one.type in types]

    def named(self, workspace_id: str, item_type: str, name: str) -> list[Item]:
        """The items of that type and name, case-insensitive. Only imports can create more than one."""
        requested = name.lower()
        items = self._items.get(workspace_id, {}).values()
        return [one for one in items if one.type == item_type and one.name.lower() == requested]

    def create(
        self, workspace_id: str, item_type: str, name: str, owner: Principal, *, item_id: str = "", **fields: t.Any
    ) -> Item:
        """A new item; the caller has checked the name."""
        now = self._emulated.now()
        item = Item(
            item_id or str(uuid.uuid4()),
            workspace_id,
            item_type,
            name,
            owner,
            now,
            now,
            replica=Replica.made_now(self._emulated),
            **fields,
        )
        self._items.setdefault(workspace_id, {})[item.id] = item
        return item

    def deleted(self, workspace_id: str) -> list[Item]:
        """The soft-deleted items of the workspace, which can be recovered."""
        return list(self._deleted.get(workspace_id, {}).values())

    def remove_deleted(self, item: Item) -> None:
        """Delete a soft-deleted item permanently, with the items whose parent it is."""
        deleted = self._deleted.get(item.workspace_id, {})
        for one in [one for one in deleted.values() if item.id in (one.id, one.parent_id)]:
            del deleted[one.id]

    def delete(self, item: Item, *, soft: bool = False) -> None:
        """Remove an item; its name is reserved for ``name_reservation`` seconds.

        A semantic model's reports and tiles in all workspaces, and the items whose parent it is, are removed with it.
        ``soft``: it still counts towards the limits of the workspace.
        """
        self._items.get(item.workspace_id, {}).pop(item.id, None)
        if soft:
            self._deleted.setdefault(item.workspace_id, {})[item.id] = item
        until = self._emulated.now() + self._emulated.switches.name_reservation
        self._reserved[item.workspace_id, item.type, item.name.lower()] = until
        if item.type == "SemanticModel":
            for report in [one for one in self.everywhere("Report") if one.model_id == item.id]:
                self.delete(report, soft=soft)
            for dashboard in self.everywhere("Dashboard"):
                dashboard.tiles = [tile for tile in dashboard.tiles if tile.model_id != item.id]
        for companion in [one for one in self.of_workspace(item.workspace_id) if one.parent_id == item.id]:
            self.delete(companion, soft=soft)

    def is_reserved(self, workspace_id: str, item_type: str, name: str) -> bool:
        """Whether the name of a deleted item is still reserved."""
        return self._emulated.now() < self._reserved.get((workspace_id, item_type, name.lower()), 0.0)
