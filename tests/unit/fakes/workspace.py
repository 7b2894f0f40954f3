# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A workspace of the emulator, and deployments into it, planned."""

from __future__ import annotations

import base64
import re
import typing as t
import uuid
from urllib.parse import urlsplit

import requests

from ansible_collections.community.powerbi.plugins.module_utils._api.workspaces import Workspace
from ansible_collections.community.powerbi.plugins.module_utils._content import graph
from ansible_collections.community.powerbi.plugins.module_utils._content.item import DEFINITION, LocalItem
from ansible_collections.community.powerbi.plugins.module_utils._content.parameters.rules import Rules
from ansible_collections.community.powerbi.plugins.module_utils._content.parameters.substitution import substitute
from ansible_collections.community.powerbi.plugins.module_utils._deploy.deployment import Deployment
from ansible_collections.community.powerbi.plugins.module_utils._deploy.desired import Desired
from ansible_collections.community.powerbi.plugins.module_utils._deploy.options import DeployOptions
from ansible_collections.community.powerbi.plugins.module_utils._deploy.remote import Planned, nothing_planned
from fakes.emulator import CAPACITY, DEPLOY_OBJECT_ID, FINANCE, EmulatedService
from fakes.wire import Sent, Wire, wire
from powerbi_emulator.state.connections import Connection, Connections
from powerbi_emulator.state.directory import Directory
from powerbi_emulator.state.folders import Folder, Folders
from powerbi_emulator.state.items import Item, Items

WORKSPACE = Workspace(FINANCE, "Finance", CAPACITY, "large", "Workspace")
_PATH = re.compile(r"^/v1/workspaces/[^/]+/(\w+)(?:/([^/]+))?(?:/(\w+))?$")
_VERBS = {"updateDefinition": "update", "move": "move", "bindConnection": "bind"}


class FakeWorkspace(EmulatedService):
    """The workspace Finance of the emulator, seen past the collection.

    ``writes`` are the requests that changed an item or a folder, in order, as "create Name.Type": also those whose
    response a fault replaced.
    """

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[str] = []

    def __call__(self, sent: Sent) -> requests.Response:
        written = self._write(sent)
        response = super().__call__(sent)
        if written and (response.ok or self._acted()):
            self.writes.append(written)
        return response

    def add(
        self,
        item_type: str,
        name: str,
        description: str | None = None,
        parts: t.Mapping[str, bytes] | None = None,
        *,
        owner: str = DEPLOY_OBJECT_ID,
        **fields: t.Any,
    ) -> str:
        """Put an item there, whose content is not checked. ``owner``: an object id or a UPN. Returns the item's id."""
        principal = self.store(Directory).principal(owner)
        assert principal is not None
        content = {path: base64.b64encode(data).decode() for path, data in (parts or {}).items()}
        item = self.store(Items).create(
            FINANCE, item_type, name, principal, description=description, parts=content, **fields
        )
        return item.id

    def add_connection(self, identity: str, name: str, source_type: str, path: str) -> None:
        """A connection of the tenant that the seed's app may use."""
        connection = Connection(identity, name, "ShareableCloud", source_type, path, "Organizational", "Anonymous")
        connection.roles[DEPLOY_OBJECT_ID] = "Owner"
        self.store(Connections).connections[identity] = connection

    def add_folder(self, path: str) -> str | None:
        """The id of the folder of that path, made on the way. The root is None."""
        folders, parent = self.store(Folders), None
        for name in filter(None, path.split("/")):
            folder = folders.named(FINANCE, parent, name)
            if folder is None:
                folder = Folder(str(uuid.uuid4()), FINANCE, name, parent)
                folders.folders[folder.id] = folder
            parent = folder.id
        return parent

    def names(self) -> list[str]:
        return sorted(_label(item) for item in self.all_items())

    def item(self, label: str) -> Item:
        """The only item of that Name.Type."""
        (found,) = [item for item in self.all_items() if _label(item) == label]
        return found

    def identity(self, label: str) -> str:
        return self.item(label).id

    def parts(self, label: str) -> dict[str, bytes]:
        """The definition of the item of that Name.Type, as it was written."""
        return {path: base64.b64decode(data) for path, data in self.item(label).parts.items()}

    def put(self, label: str, parts: t.Mapping[str, bytes]) -> None:
        """Replace the definition of the item of that Name.Type."""
        item = self.item(label)
        item.parts = {path: base64.b64encode(data).decode() for path, data in parts.items()}
        item.touch(self.emulated)

    def folder_of(self, label: str) -> str:
        """The path of the folder of the item of that Name.Type, "" for the root."""
        folders, names = self.store(Folders).folders, []
        folder_id = self.item(label).folder_id
        while folder_id:
            names.append(folders[folder_id].name)
            folder_id = folders[folder_id].parent_id
        return "/".join(reversed(names))

    def all_items(self) -> list[Item]:
        return self.store(Items).all(FINANCE)

    def _write(self, sent: Sent) -> str:
        """What the request is to do, empty for a read."""
        found = _PATH.match(urlsplit(sent.url).path)
        if found is None or sent.method == "GET" or found[3] == "getDefinition" or found[2] == "bulkExportDefinitions":
            return ""
        collection, identity, action = found.groups()
        if identity == "bulkImportDefinitions":
            return "bulk import"
        if collection == "folders":
            return f"folder {sent.json['displayName']}"
        if identity is None:
            return f"create {sent.json['displayName']}.{sent.json.get('type', collection)}"
        item = self.store(Items).find(FINANCE, identity)
        verb = _VERBS.get(action) or {"PATCH": "describe", "DELETE": "delete"}[sent.method]
        return f"{verb} {_label(item)}" if item else ""

    def _acted(self) -> bool:
        """Whether a fault replaced the response to the last request after the emulator had processed it."""
        number = self.emulated.log.entries()[-1].get("fault")
        return any(fault.acted for fault in self.emulated.faults.all() if fault.id == number)


def _label(item: Item) -> str:
    return f"{item.name}.{item.type}"


def local(label: str, *, folder: str = "", logical_id: str = "", **parts: str) -> LocalItem:
    """An item of a folder, "Name.Type"; the names of ``parts`` are written with underscores for dots."""
    name, _dot, item_type = label.rpartition(".")
    given = {path.replace("_", "."): text.encode() for path, text in parts.items()}
    return LocalItem(
        item_type, name, DEFINITION, f"/src/{label}", label, folder=folder, logical_id=logical_id, parts=given
    )


def desired_of(
    *items: LocalItem,
    needs: t.Mapping[LocalItem, t.Sequence[LocalItem]] | None = None,
    rules: Rules | None = None,
    outside: t.Sequence[LocalItem] = (),
) -> Desired:
    """What `desired.read` would make of those items; ``needs`` has the dependencies."""
    rules = rules or Rules()
    order, cycles = graph.build(items, outside, needs or {})
    assert not cycles
    return Desired(order, {item: substitute(item, rules) for item in items}, rules, (), {}, tuple(outside))


class Deployed:
    """A deployment of ``desired`` into ``service``, planned."""

    def __init__(
        self,
        service: FakeWorkspace,
        desired: Desired,
        options: DeployOptions | None = None,
        *,
        parallel: int = 4,
        workspace: Workspace = WORKSPACE,
        planned: Planned = nothing_planned,
    ) -> None:
        self.service = service
        self.net: Wire = wire(service)
        self.notified: list[str] = []
        self.warned: list[str] = []
        self.deployment = Deployment(
            self.net.client,
            workspace,
            desired,
            options or DeployOptions.of(bulk_api="never"),
            parallel=parallel,
            timeout=60.0,
            planned=planned,
        )
        self.plans = self.deployment.plan()

    @property
    def actions(self) -> dict[str, str]:
        return {plan.label: plan.action for plan in self.plans}

    def run(self, *, stop: bool = True) -> t.Any:
        return self.deployment.execute(lambda: self.notified.append("written"), stop=stop, warn=self.warned.append)
