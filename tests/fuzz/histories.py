# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Histories of a folder: items are added, renamed, exchanged, moved, edited, created anew and deleted, over several runs, some of
which are killed. After each run that ends, the workspace is the folder, and no item has lost its id.

A history is a sequence of bytes, each of which is a decision, so that Hypothesis can shrink it and `make fuzz` can damage it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._content import ownership_annotation, rebind
from ansible_collections.community.powerbi.plugins.module_utils._content.item import LocalItem
from ansible_collections.community.powerbi.plugins.module_utils._deploy.options import DeployOptions
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError, PowerBIError
from fakes.workspace import Deployed, FakeWorkspace, desired_of, local
from powerbi_emulator.state.items import Items

NAMES: t.Final = ("Alpha", "Beta", "Gamma", "alpha", "BETA")
FOLDERS: t.Final = ("", "North", "North/Small")
KINDS: t.Final = ("SemanticModel", "Notebook", "Report", "Lakehouse", "PaginatedReport")
RUNS: t.Final = 5
RDL: t.Final = (
    '<Report xmlns="http://schemas.microsoft.com/sqlserver/reporting/2016/01/reportdefinition">'
    "<Description>{}</Description></Report>"
)
FOREIGN: t.Final = "a person's"


class Decisions:
    """Numbers from bytes; zero once they are used up."""

    def __init__(self, data: bytes) -> None:
        self._data = iter(data)

    def pick(self, number: int) -> int:
        return next(self._data, 0) % number


@dataclasses.dataclass
class DesiredItem:
    """An item of the folder. ``model`` is the one that a report shows."""

    type: str
    name: str
    number: int
    content: int = 0
    folder: str = ""
    model: DesiredItem | None = None

    @property
    def key(self) -> tuple[str, str]:
        return (self.type, self.name.casefold())

    @property
    def logical_id(self) -> str:
        return f"20000000-0000-4000-8000-{self.number:012d}"

    def parts(self) -> dict[str, bytes]:
        if self.type == "SemanticModel":
            return {
                "definition.pbism": b'{"version": "4.2"}',
                "definition/model.tmdl": f"model Model\n\tculture: c-{self.content}\n".encode(),
            }
        if self.type == "Report":
            assert self.model is not None
            reference = {"datasetReference": {"byPath": {"path": f"../{self.model.name}.SemanticModel"}}}
            return {
                rebind.PART: json.dumps(reference).encode(),
                "definition/report.json": json.dumps({"settings": {"a": self.content}}).encode(),
                "definition/version.json": b'{"version": "2.0.0"}',
                "definition/pages/pages.json": b'{"pageOrder": ["p1"]}',
                "definition/pages/p1/page.json": b'{"name": "p1", "displayName": "One"}',
            }
        if self.type == "PaginatedReport":
            return {"Printed.rdl": RDL.format(self.content).encode()}
        return {"content.py": str(self.content).encode()} if self.type == "Notebook" else {}

    def local(self) -> LocalItem:
        item = local(f"{self.name}.{self.type}", folder=self.folder, logical_id=self.logical_id)
        return item.with_parts(self.parts())


class History:
    def __init__(self, data: bytes) -> None:
        self._decisions = Decisions(data)
        self._service = FakeWorkspace()
        self._folder: list[DesiredItem] = []
        self._number = 0
        self._ids: dict[
            str, str
        ] = {}  # by logical id: those of the last run that ended, as long as the folder has them
        self._notes: list[str] = []

    def play(self) -> None:
        """Raises AssertionError, with the history, where the workspace is not as the folder has it."""
        for _number in range(1 + self._decisions.pick(RUNS)):
            for _change in range(1 + self._decisions.pick(4)):
                self._change_folder()
            if self._decisions.pick(4) == 0:
                self._change_workspace()
            still = {desired.logical_id for desired in self._folder}
            self._ids = {logical_id: identity for logical_id, identity in self._ids.items() if logical_id in still}
            options = DeployOptions.of(bulk_api="never", prune=("deployed", "none")[self._decisions.pick(4) == 3])
            if self._decisions.pick(3) == 2:
                self._kill(options, self._decisions.pick(8))
                continue
            try:
                self._run(options)
            except PowerBIError as error:
                raise AssertionError(f"{error}: {self._shown()}") from error

    def _change_folder(self) -> None:
        pick = self._decisions.pick
        action = (self._add, self._rename, self._rename, self._delete, self._edit, self._move, self._create_anew)[
            pick(7)
        ]
        if action == self._add or not self._folder:
            item_type = KINDS[pick(5)]
            self._add(item_type, self._name(item_type))
        else:
            action(self._folder[pick(len(self._folder))])

    def _name(self, item_type: str) -> str:
        """A lakehouse has other names: a semantic model that is called as one is deleted with it."""
        name = NAMES[self._decisions.pick(5)]
        return f"Lake_{name}" if item_type == "Lakehouse" else name

    def _named(self, item_type: str, name: str) -> DesiredItem | None:
        return next((one for one in self._folder if one.key == (item_type, name.casefold())), None)

    def _add(self, item_type: str, name: str) -> None:
        models = [one for one in self._folder if one.type == "SemanticModel"]
        if self._named(item_type, name) is None and (item_type != "Report" or models):
            self._number += 1
            model = models[self._decisions.pick(len(models))] if item_type == "Report" else None
            self._folder.append(DesiredItem(item_type, name, self._number, self._number, model=model))
            self._notes.append(f"add {name}.{item_type} {self._number}")

    def _rename(self, desired: DesiredItem) -> None:
        """To any name; an item that has it gets the other's."""
        name = self._name(desired.type)
        other = self._named(desired.type, name)
        self._notes.append(f"rename {desired.name}.{desired.type} {desired.number} to {name}")
        if other is not None and other is not desired:
            other.name = desired.name
        desired.name = name

    def _delete(self, desired: DesiredItem) -> None:
        gone = [desired, *(one for one in self._folder if one.model is desired)]
        self._folder = [one for one in self._folder if one not in gone]
        self._notes.append(f"delete {[f'{one.name}.{one.type} {one.number}' for one in gone]}")

    def _edit(self, desired: DesiredItem) -> None:
        self._number += 1
        desired.content = self._number
        self._notes.append(f"edit {desired.name}.{desired.type}")

    def _move(self, desired: DesiredItem) -> None:
        desired.folder = FOLDERS[self._decisions.pick(3)]
        self._notes.append(f"move {desired.name}.{desired.type} to {desired.folder}")

    def _create_anew(self, desired: DesiredItem) -> None:
        """Another item of the same name."""
        self._number += 1
        desired.number = desired.content = self._number
        self._notes.append(f"anew {desired.name}.{desired.type} {desired.number}")

    def _change_workspace(self) -> None:
        """What an earlier version has annotated, or a person has created or renamed."""
        choice = self._decisions.pick(3)
        items = [item for item in self._service.all_items() if item.type in ("SemanticModel", "Report")]
        if items and choice == 2:
            item, name = items[self._decisions.pick(len(items))], NAMES[self._decisions.pick(5)]
            if not any(one.name.lower() == name.lower() for one in items if one.type == item.type):
                self._notes.append(f"a person renames {item.name}.{item.type} to {name}")
                item.name = name
        elif items and choice == 1:
            label = f"{items[0].name}.{items[0].type}"
            parts = self._service.parts(label)
            owner = ownership_annotation.read(parts)
            if owner is not None:
                self._service.put(label, ownership_annotation.remove(parts))
                items[0].description = f"[powerbi_deploy {owner.logical_id}]"
                self._notes.append(f"{label} is annotated in its description")
        else:
            kind, name = KINDS[self._decisions.pick(2)], NAMES[self._decisions.pick(3)]
            if f"{name}.{kind}".lower() not in {label.lower() for label in self._service.names()}:
                self._service.add(kind, name, FOREIGN, DesiredItem(kind, name, 0).parts())
                self._notes.append(f"{name}.{kind} is created by a person")

    def _plan(self, options: DeployOptions) -> Deployed:
        items = {id(desired): desired.local() for desired in self._folder}
        return Deployed(self._service, desired_of(*items.values()), options, parallel=1)

    def _kill(self, options: DeployOptions, writes: int) -> None:
        self._notes.append(f"killed after {writes} writes")
        with contextlib.suppress(ConfigError, KilledError):
            kill_after(self._plan(options), writes)

    def _run(self, options: DeployOptions) -> None:
        self._notes.append(f"run, prune {options.pruning.prune}")
        self._service.writes.clear()
        try:
            planned = self._plan(options)
        except ConfigError as error:
            if "keep them" not in error.what and "can't get its name" not in error.what:
                raise
            self._free_names()
            options = DeployOptions.of(bulk_api="never", prune="deployed")
            planned = self._plan(options)
        outcome = planned.run()
        assert not outcome.failed, f"{outcome.failed[0][1]}: {self._shown()}"
        self._check(options)
        self._service.writes.clear()
        again = self._plan(options)
        assert not again.deployment.changed, f"{[plan.texts for plan in again.plans]}: {self._shown()}"
        self._ids = {
            desired.logical_id: self._service.identity(f"{desired.name}.{desired.type}") for desired in self._folder
        }

    def _free_names(self) -> None:
        """A person's items have names that items of the folder are to get, or those that are not pruned."""
        assert not self._service.writes, self._shown()
        self._notes.append("a name is taken")
        for item in self._service.all_items():
            if item.description == FOREIGN and item.id not in self._ids.values():
                self._service.store(Items).delete(item)

    def _check(self, options: DeployOptions) -> None:
        """The workspace has the items of the folder with their contents, places and ids."""
        labels = {f"{desired.name}.{desired.type}" for desired in self._folder}
        made_by_service = {label for label in self._service.names() if label.endswith(".SQLEndpoint")}  # of a lakehouse
        others = set(self._service.names()) - labels - made_by_service
        assert labels <= set(self._service.names()), self._shown()
        if options.pruning.prune == "deployed":
            assert all(self._service.item(label).description == FOREIGN for label in others), self._shown()
        for desired in self._folder:
            label = f"{desired.name}.{desired.type}"
            kept = self._ids.get(desired.logical_id)
            assert kept in (None, self._service.identity(label)), f"{label} has lost its id: {self._shown()}"
            assert self._service.folder_of(label) == desired.folder, self._shown()
            parts = ownership_annotation.remove(self._service.parts(label))
            expected = desired.parts()
            if desired.model is not None:
                del parts[rebind.PART], expected[rebind.PART]
                model_id = self._service.identity(f"{desired.model.name}.SemanticModel")
                assert self._service.item(label).model_id == model_id, self._shown()
            if desired.type == "PaginatedReport":  # the part keeps its name when only the item is renamed
                parts = dict(zip(expected, parts.values(), strict=True))
            assert _words(parts) == _words(expected), f"{label}: {self._shown()}"

    def _shown(self) -> str:
        return "\n".join(["", *self._notes, f"live: {self._service.names()}"])


def _words(parts: t.Mapping[str, bytes]) -> dict[str, list[bytes]]:
    return {path: data.split() for path, data in parts.items()}


class KilledError(Exception):
    """The process ends: nothing more is sent."""


def kill_after(planned: Deployed, writes: int) -> None:
    """Run the plan until so many writes were sent. Raises KilledError, unless there are fewer."""
    transport, numbers = planned.net.transport, iter(range(1000))
    send = transport.send

    def killed(method: str, url: str, **request: t.Any) -> t.Any:
        if method != "GET" and "/getDefinition" not in url and next(numbers) >= writes:
            raise KilledError
        return send(method, url, **request)

    transport.send = killed  # type: ignore[method-assign]
    planned.run()


def check(data: bytes) -> None:
    History(data).play()
