# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The changes of a plan, one class for each kind. Planning constructs them, with their texts and diffs; a run applies them."""

from __future__ import annotations

import dataclasses
import typing as t

from .._api.imports import seconds_of_import
from .._api.items import Item, seconds_of_operation
from .._content import data_loss, ownership_annotation
from .._content.item import PBIX, SEMANTIC_MODEL, LocalItem
from .._content.ownership_annotation import Ownership
from . import model_connections
from .change import Change, Diff, Run
from .files.file_import import FileImport
from .final_parts import final_parts, names_itself
from .identity.matches import Items
from .model_connections import DesiredConnections


@dataclasses.dataclass
class CreateItem(Change):
    """Create an item with its definition. ``description`` is the whole one, with the annotation."""

    label = "the item"
    local: LocalItem
    description: str
    ownership: Ownership | None
    folder: str
    diffs: t.Sequence[Diff]
    texts: t.Sequence[str] = ("created",)
    created: Item | None = None
    _may_exist: bool = False
    _has_definition: bool = False

    def target_folder(self) -> str | None:
        return self.folder

    def new_items(self) -> int:
        return 1

    def expected_seconds(self) -> float:
        return seconds_of_operation("creation", self.local.type)

    def new_parts(self, run: Run) -> dict[str, bytes]:
        """The definition to create it with."""
        return _owned(final_parts(run.desired, run.live, run.matches, self.local), self.ownership)

    def begin_with(self, item: Item | None, *, is_complete: bool) -> None:
        """The item exists already, by a bulk import; unless it ``is_complete`` its definition is written again.

        None for an item that was not found: it was created, if ``is_complete``, or may have been.
        """
        self.created, self._may_exist, self._has_definition = item, True, is_complete

    def apply(self, items: Items, run: Run) -> Items:
        parts = self.new_parts(run)
        item = self._write(run, parts)
        if item is None:
            return items
        run.live.record_owner_in(item.id, parts)
        # The annotation contains the logical id as well, which is no reference.
        if names_itself(self.local, ownership_annotation.remove(parts)):
            run.live.record(item)
            run.matches.record(self.local, (item,))
            run.writer.update(item, self.local, self.new_parts(run))
        return (item,)

    def _write(self, run: Run, parts: dict[str, bytes]) -> Item | None:
        folder_id = run.live.folder_ids[self.folder]
        if self.created is None and self._has_definition:
            self.created = run.writer.find(self.local)
        if self.created is None:
            return run.writer.create(
                self.local, self.description, folder_id, parts, self._record, may_exist=self._may_exist
            )
        if not self._has_definition:
            run.writer.update(self.created, self.local, parts)
        return run.writer.complete(self.created, self.local, self.description, folder_id)

    def begun(self) -> str:
        if self.created is not None:
            return f"the item (id {self.created.id}), not all of it"
        return "the item, which could not be read" if self._has_definition else ""

    def begun_items(self, items: Items) -> Items:
        return items if self.created is None else (self.created,)

    def _record(self, item: Item) -> None:
        self.created = item


@dataclasses.dataclass
class UpdateDefinition(Change):
    """Replace the definition. ``parts`` are the desired ones as far as they are known beforehand, ``live_parts`` the current
    ones, of which ``preserve`` names what stays."""

    label = "the definition"
    local: LocalItem
    ownership: Ownership | None
    preserve: t.Sequence[str]
    parts: t.Mapping[str, bytes] = dataclasses.field(default_factory=dict)
    live_parts: t.Mapping[str, bytes] = dataclasses.field(default_factory=dict)
    texts: list[str] = dataclasses.field(default_factory=list)
    diffs: list[Diff] = dataclasses.field(default_factory=list)

    def expected_seconds(self) -> float:
        return seconds_of_operation("update", self.local.type)

    def losses(self) -> t.Sequence[str]:
        if self.local.type != SEMANTIC_MODEL or not self.live_parts:
            return ()
        found = data_loss.data_loss(self.parts, self.live_parts)
        return [str(finding) for finding in found if finding.kind != data_loss.MEMBER]

    def apply(self, items: Items, run: Run) -> Items:
        parts = final_parts(run.desired, run.live, run.matches, self.local, self.live_parts, self.preserve)
        parts = _owned(parts, self.ownership)
        run.writer.update(items[-1], self.local, parts)
        run.live.record_owner_in(items[-1].id, parts)
        return items


@dataclasses.dataclass
class UpdateProperties(Change):
    """Rename items (``names`` by their ids), and replace the ``description`` of the first, with the annotation."""

    label = "name and description"
    names: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    description: str | None = None
    texts: list[str] = dataclasses.field(default_factory=list)
    diffs: list[Diff] = dataclasses.field(default_factory=list)

    def apply(self, items: Items, run: Run) -> Items:
        names = (None if self.names.get(item.id) == item.name else self.names.get(item.id) for item in items)
        descriptions = (self.description, *(None for _item in items[1:]))
        return tuple(
            run.writer.describe(item, name, description) for item, name, description in zip(items, names, descriptions)
        )


@dataclasses.dataclass
class Move(Change):
    """Move the items to another workspace folder."""

    label = "the folder"
    source: str
    folder: str
    diffs: t.Sequence[Diff] = ()

    def __post_init__(self) -> None:
        self.texts = [f"moved from {self.source or 'the root'} to {self.folder or 'the root'}"]

    def target_folder(self) -> str | None:
        return self.folder

    def apply(self, items: Items, run: Run) -> Items:
        return tuple(run.writer.move(item, run.live.folder_ids[self.folder]) for item in items)


@dataclasses.dataclass
class BindConnections(Change):
    """Bind the data sources of a semantic model to the connections of the parameters, as far as they are not yet."""

    label = "the connections"
    local: LocalItem
    requested: DesiredConnections
    take_over: bool
    texts: t.Sequence[str] = ()
    diffs: t.Sequence[Diff] = ()

    def apply(self, items: Items, run: Run) -> Items:
        warn = run.warn if self.take_over else None
        for item in items:
            model_connections.bind(run.live, self.local, item, self.requested, run.written, take_over=warn)
        return items


@dataclasses.dataclass
class Publish(Change):
    """Publish an environment."""

    label = "the publishing"
    texts: t.Sequence[str] = ("published",)
    diffs: t.Sequence[Diff] = ()

    def apply(self, items: Items, run: Run) -> Items:
        for item in items:
            operation = run.live.properties.publish(item)
            run.written()
            operation.wait()
        return items


@dataclasses.dataclass
class ActivateValueSet(Change):
    """Activate a value set of a variable library, instead of ``current`` ("" for a new library)."""

    label = "the active value set"
    name: str
    current: str
    diffs: t.Sequence[Diff] = ()

    def __post_init__(self) -> None:
        before = f"changed from {self.current} to" if self.current else "is"
        self.texts = [f"active value set {before} {self.name}"]

    def apply(self, items: Items, run: Run) -> Items:
        for item in items:
            run.live.properties.activate_value_set(item, self.name)
            run.written()
        return items


@dataclasses.dataclass
class ImportFile(Change):
    """Import a file, which creates or replaces its items. ``import_id`` is set once it was sent."""

    label = "the file"
    local: LocalItem
    file: FileImport
    texts: list[str]
    diffs: list[Diff]
    folder: str | None = None
    lost: t.Sequence[str] = ()
    import_id: str = ""
    is_imported: bool = False

    def target_folder(self) -> str | None:
        return self.folder

    def new_items(self) -> int:
        if self.folder is None:
            return 0
        return 2 if self.file.package.has_model and self.local.kind == PBIX else 1

    def expected_seconds(self) -> float:
        return seconds_of_import(self.local.source)

    def losses(self) -> t.Sequence[str]:
        return self.lost

    def apply(self, items: Items, run: Run) -> Items:
        def sent(import_id: str) -> None:
            self.import_id = import_id

        def imported() -> None:
            self.is_imported = True

        return run.imports.execute(self.local, self.file, items, sent, imported)

    def begun(self) -> str:
        if self.is_imported:
            return "the file, without the binding of its report or the fingerprint"
        return f"the file was sent (import {self.import_id})" if self.import_id else ""


@dataclasses.dataclass
class DeleteItem(Change):
    """Delete an item; ``hard``: it can't be restored."""

    label = "the deletion"
    hard: bool
    texts: t.Sequence[str] = ("deleted",)
    diffs: t.Sequence[Diff] = ()

    def apply(self, items: Items, run: Run) -> Items:
        for item in items:
            run.live.items.delete(item, hard=self.hard)
            run.live.remove(item)
            run.written()
        return ()


def _owned(parts: dict[str, bytes], ownership: Ownership | None) -> dict[str, bytes]:
    """The parts with the ownership annotation, or without one."""
    return ownership_annotation.remove(parts) if ownership is None else ownership_annotation.write(parts, ownership)
