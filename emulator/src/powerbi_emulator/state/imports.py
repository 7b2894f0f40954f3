# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Imports: files that become semantic models and reports, some time after they were received."""

from __future__ import annotations

import dataclasses
import json
import typing as t
import uuid

from powerbi_emulator.definition_parts import encoded
from powerbi_emulator.destructive_changes import table_names
from powerbi_emulator.emulator_state import EmulatorState, Store
from powerbi_emulator.packages import Package
from powerbi_emulator.received_file import ReceivedFile
from powerbi_emulator.seed import Section
from powerbi_emulator.state.directory_objects import Principal
from powerbi_emulator.state.durations import Durations
from powerbi_emulator.state.items import Item, Items

State = t.Literal["Publishing", "Succeeded", "Failed"]
# The allowed values of nameConflict by kind of file.
CONFLICTS: t.Final[dict[str, tuple[str, ...]]] = {
    "pbix": ("Ignore", "Abort", "Overwrite", "CreateOrOverwrite"),
    "xlsx": ("Ignore", "Abort", "Overwrite", "CreateOrOverwrite"),
    "rdl": ("Abort", "Overwrite"),
}


class ConflictError(Exception):
    """The name conflicts with an existing item. ``code`` and ``status`` are the service's."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


@dataclasses.dataclass(frozen=True)
class Order:
    """An import request: the file, the workspace, the name and the caller."""

    workspace_id: str
    name: str
    package: Package
    file: ReceivedFile
    conflict: str
    skip_report: bool
    folder_id: str | None
    owner: Principal


@dataclasses.dataclass
class Import:
    """``items`` are the created or replaced ones; empty until it has succeeded. Times in epoch seconds."""

    id: str
    order: Order
    created: float
    updated: float
    state: State = "Publishing"
    error: str | None = None
    items: list[Item] = dataclasses.field(default_factory=list)


class Imports(Store):
    """``import_time`` is the duration of an import, and longer for large files with ``import_rate``.

    Those whose name is in ``failing_imports`` fail at its end.
    """

    def __init__(self, emulated: EmulatorState, seed: Section) -> None:  # noqa: ARG002
        self._emulated = emulated
        self._imports: dict[str, Import] = {}

    def of_workspace(self, workspace_id: str) -> list[Import]:
        return [one for one in self._imports.values() if one.order.workspace_id == workspace_id]

    def find(self, workspace_id: str, import_id: str) -> Import | None:
        found = self._imports.get(import_id.lower())
        return found if found and found.order.workspace_id == workspace_id else None

    def begin(self, order: Order) -> Import:
        """Start an import. Raises ConflictError for a name conflict that exists already."""
        self._matches(order)
        now = self._emulated.now()
        one = Import(str(uuid.uuid4()), order, now, now)
        self._imports[one.id] = one
        self._emulated.timers.later(self._seconds(order), lambda: self._finish(one))
        return one

    def _seconds(self, order: Order) -> float:
        switches = self._emulated.switches
        upload = order.file.size / switches.import_rate if switches.import_rate else 0.0
        return self._emulated.store(Durations).next("import", order.package.kind, switches.import_time + upload)

    def _finish(self, one: Import) -> None:
        one.updated = self._emulated.now()
        if one.order.name in (self._emulated.switches.failing_imports or ()):
            one.state, one.error = "Failed", "ImportFailed"
            return
        try:
            one.items = self._publish(one.order)
        except ConflictError as error:
            one.state, one.error = "Failed", error.code
        else:
            one.state = "Succeeded"

    def _matches(self, order: Order) -> list[Item]:
        """The items to replace: none or one. Raises ConflictError as documented for nameConflict."""
        kind = "PaginatedReport" if order.package.kind == "rdl" else "SemanticModel"
        kind = kind if order.package.has_model or kind == "PaginatedReport" else "Report"
        found = self._emulated.store(Items).named(order.workspace_id, kind, order.name)
        if order.conflict == "Abort" and found:
            raise ConflictError(400, "PbixAlreadyImported")
        if order.conflict == "Overwrite" and not found:
            raise ConflictError(404, "DuplicatePackageNotFoundError")
        if order.conflict in ("Overwrite", "CreateOrOverwrite") and len(found) > 1:
            raise ConflictError(409, "MoreThanOneDuplicatePackageFoundError")
        return [] if order.conflict == "Ignore" else found

    def _publish(self, order: Order) -> list[Item]:
        """Create or replace the items of the file. A report that is bound to another model keeps its binding."""
        found, package = self._matches(order), order.package
        if package.kind == "rdl":
            parts = {f"{order.name}.rdl": package.report_parts["report.rdl"]}
            return [self._put(order, "PaginatedReport", found, parts, "PaginatedReportDefinition")]
        items: list[Item] = []
        model_id, reports = package.model_id, found
        if package.has_model:
            model = self._put(order, "SemanticModel", found, package.model_parts, "TMDL")
            items.append(model)
            model_id = model.id
            named = self._emulated.store(Items).named(order.workspace_id, "Report", order.name)
            reports = [one for one in named if one.model_id == model_id] if found else []
        if not (order.skip_report and package.has_model):
            parts = {**package.report_parts, "definition.pbir": encoded(bound_pbir(model_id))}
            report = self._put(order, "Report", reports, parts, "PBIR-Legacy")
            report.model_id = model_id
            items.append(report)
        return items

    def _put(self, order: Order, kind: str, found: list[Item], parts: dict[str, str], form: str) -> Item:
        if found:
            item = found[0]
            item.owner = order.owner
        else:
            item = self._emulated.store(Items).create(
                order.workspace_id, kind, order.name, order.owner, folder_id=order.folder_id
            )
        item.parts, item.format = parts, form
        item.loaded = table_names(parts) if kind == "SemanticModel" else frozenset()
        item.content_hash, item.content = order.file.sha256, order.file.content
        item.touch(self._emulated)
        return item


def bound_pbir(model_id: str | None) -> str:
    """A ``definition.pbir`` that is bound to a model."""
    reference = {"byConnection": {"connectionString": f"semanticmodelid={model_id}"}}
    return json.dumps({"version": "4.0", "datasetReference": reference}, indent=2)
