# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What lies in workspaces: Fabric's items, which Power BI shows as datasets and reports under the same ids."""

from __future__ import annotations

import dataclasses
import typing as t
import uuid

from powerbi_emulator.emulator_state import EmulatorState, Store
from powerbi_emulator.replication import Replica
from powerbi_emulator.seed import Section
from powerbi_emulator.state.directory_objects import Principal

# The path of a part -> its content in base64, as it came.
Parts = dict[str, str]


@dataclasses.dataclass(slots=True)
class Item:
    """``model_id`` is the semantic model that a report shows. ``owner`` is who configured it. Times in epoch seconds.

    ``content_hash`` is the SHA-256 of the file that an import brought, None for what a definition made; ``content`` the
    file itself, unless it was large.
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
    properties: dict[str, t.Any] = dataclasses.field(default_factory=dict)  # shown by the path of the type alone
    model_id: str | None = None
    content_hash: str | None = None
    content: bytes | None = dataclasses.field(default=None, repr=False)
    replica: Replica = dataclasses.field(default_factory=Replica)
    # the parts as the service shows them, made when first asked for
    shown: list[dict[str, t.Any]] | None = None
    rewritten_parts: bool = False
    loaded: frozenset[str] = frozenset()  # tables of a semantic model (in lower case) that hold rows
    needs_gateway: bool | None = None  # whether a source is on premises; None: not looked yet

    def touch(self, emulated: EmulatorState) -> None:
        """The item or its definition was changed."""
        self.modified = emulated.now()
        self.shown = self.needs_gateway = None


class Items(Store):
    """Items by workspace and id. Other stores keep what only some types have, by the item's id."""

    def __init__(self, emulated: EmulatorState, seed: Section) -> None:  # noqa: ARG002 - content is deployed, not seeded
        self._emulated = emulated
        self._items: dict[str, dict[str, Item]] = {}
        self._deleted: dict[str, dict[str, Item]] = {}
        self._reserved: dict[tuple[str, str, str], float] = {}

    def all(self, workspace_id: str, *types: str) -> list[Item]:
        """What is in the workspace (of these types), in order of creation, as far as it has been replicated."""
        items = self._items.get(workspace_id, {}).values()
        return [one for one in items if (not types or one.type in types) and one.replica.is_there(self._emulated)]

    def find(self, workspace_id: str, item_id: str, *types: str) -> Item | None:
        """The item of that id, if it is of one of the types and has been replicated."""
        item = self._items.get(workspace_id, {}).get(item_id.lower())
        if item is None or (types and item.type not in types) or not item.replica.is_there(self._emulated):
            return None
        return item

    def anywhere(self, item_id: str, *types: str) -> Item | None:
        """The item of that id in whichever workspace."""
        requested = item_id.lower()
        for items in self._items.values():
            if requested in items and (not types or items[requested].type in types):
                return items[requested]
        return None

    def everywhere(self, *types: str) -> list[Item]:
        """Those of the types in all workspaces."""
        return [one for items in self._items.values() for one in items.values() if one.type in types]

    def named(self, workspace_id: str, item_type: str, name: str) -> list[Item]:
        """Those of that type and name, in any case. Only imports can make more than one."""
        requested = name.lower()
        items = self._items.get(workspace_id, {}).values()
        return [one for one in items if one.type == item_type and one.name.lower() == requested]

    def create(self, workspace_id: str, item_type: str, name: str, owner: Principal, **fields: t.Any) -> Item:
        """A new item; whoever calls has checked the name."""
        now = self._emulated.now()
        item = Item(
            str(uuid.uuid4()),
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
        """What was soft-deleted in the workspace and could still be recovered."""
        return list(self._deleted.get(workspace_id, {}).values())

    def remove_deleted(self, item: Item) -> None:
        """Delete for good what was soft-deleted."""
        self._deleted.get(item.workspace_id, {}).pop(item.id, None)

    def delete(self, item: Item, *, soft: bool = False) -> None:
        """Remove it; its name stays taken for ``name_reservation`` seconds. A model takes its reports along.

        ``soft``: it is kept apart, where it counts towards the limits of the workspace.
        """
        self._items.get(item.workspace_id, {}).pop(item.id, None)
        if soft:
            self._deleted.setdefault(item.workspace_id, {})[item.id] = item
        until = self._emulated.now() + self._emulated.switches.name_reservation
        self._reserved[item.workspace_id, item.type, item.name.lower()] = until
        if item.type == "SemanticModel":
            for report in [one for one in self.everywhere("Report") if one.model_id == item.id]:
                self.delete(report, soft=soft)

    def is_reserved(self, workspace_id: str, item_type: str, name: str) -> bool:
        """Whether an item of that name was deleted a moment ago."""
        return self._emulated.now() < self._reserved.get((workspace_id, item_type, name.lower()), 0.0)
