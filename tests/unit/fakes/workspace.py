# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A workspace in memory behind a scripted wire, and deployments into it: what the rooms below `_deploy` really ask."""

from __future__ import annotations

import base64
import dataclasses
import re
import typing as t
from urllib.parse import urlsplit

from ansible_collections.community.powerbi.plugins.module_utils._api.workspaces import Workspace
from ansible_collections.community.powerbi.plugins.module_utils._content import graph
from ansible_collections.community.powerbi.plugins.module_utils._content.item import DEFINITION, LocalItem
from ansible_collections.community.powerbi.plugins.module_utils._content.parameters.rules import Rules
from ansible_collections.community.powerbi.plugins.module_utils._content.parameters.substitution import substitute
from ansible_collections.community.powerbi.plugins.module_utils._deploy.deployment import Deployment
from ansible_collections.community.powerbi.plugins.module_utils._deploy.desired import Desired
from ansible_collections.community.powerbi.plugins.module_utils._deploy.entry import DeployOptions
from ansible_collections.community.powerbi.plugins.module_utils._deploy.remote import Planned, nothing_planned
from fakes.wire import Reply, Sent, Wire, reply, wire

WORKSPACE = Workspace(
    "f01de400-0000-4000-8000-000000000001", "Sales", "ca900000-0000-4000-8000-000000000001", "small", "Workspace"
)
_PREFIX = re.compile(r"^/v1(\.0/myorg/groups|/workspaces)/[^/]+")


@dataclasses.dataclass
class Refusal:
    """``times`` requests of that method and path (regular expression) get the answer; ``acted``: after the work."""

    method: str
    path: str
    answer: t.Callable[[], Reply]
    times: int = 1
    acted: bool = False


class FakeWorkspace:
    """Items with their definitions. ``writes`` are what changed something, in order, as "create Name.Type" and so on."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, t.Any]] = {}
        self.parts: dict[str, dict[str, bytes]] = {}
        self.folders: dict[str, dict[str, str]] = {}
        self.reports: list[dict[str, str]] = []
        self.connections: dict[str, dict[str, t.Any]] = {}
        self.sources: dict[str, list[dict[str, t.Any]]] = {}
        self.refusals: list[Refusal] = []
        self.writes: list[str] = []
        self._made = 0

    def add(self, item_type: str, name: str, description: str = "", parts: t.Mapping[str, bytes] | None = None) -> str:
        """Put an item there, as somebody else does. Returns its id."""
        identity = self._identity()
        self.items[identity] = {"id": identity, "type": item_type, "displayName": name, "description": description}
        self.parts[identity] = dict(parts or {})
        return identity

    def names(self) -> list[str]:
        return sorted(self.label(identity) for identity in self.items)

    def label(self, identity: str) -> str:
        return f"{self.items[identity]['displayName']}.{self.items[identity]['type']}"

    def identity(self, label: str) -> str:
        (found,) = [identity for identity in self.items if self.label(identity) == label]
        return found

    def __call__(self, sent: Sent) -> Reply:
        address = urlsplit(sent.url).path
        path = _PREFIX.sub("", address)
        refusal = next((one for one in self.refusals if one.method == sent.method and re.search(one.path, path)), None)
        if refusal is not None:
            refusal.times -= 1
            if not refusal.times:
                self.refusals.remove(refusal)
            if refusal.acted:
                self._act(sent.method, path, sent.json)
            return refusal.answer()
        return self._act(sent.method, path, sent.json)

    def _act(self, method: str, path: str, body: t.Any) -> Reply:
        """``path`` is below the workspace: /items, /items/{id}, /items/{id}/getDefinition; or whole, for what is not."""
        if path == "/v1.0/myorg/groups":
            return reply(200, {"value": []})
        if path.startswith("/v1/connections/"):
            found = self.connections.get(path.rpartition("/")[2])
            return reply(200, found) if found else reply(404, {"errorCode": "EntityNotFound"})
        collection, *item = path.strip("/").split("/")
        name = (collection, "one", item[-1] if item else "")[len(item)]
        handler = getattr(self, f"_{method.lower()}_{name}")
        return t.cast("Reply", handler(item[0], body) if item else handler(body))

    def _get_items(self, _body: t.Any) -> Reply:
        return reply(200, {"value": list(self.items.values())})

    def _get_folders(self, _body: t.Any) -> Reply:
        return reply(200, {"value": list(self.folders.values())})

    def _get_reports(self, _body: t.Any) -> Reply:
        return reply(200, {"value": self.reports})

    def _post_folders(self, body: t.Any) -> Reply:
        identity = self._identity()
        self.folders[identity] = {"id": identity, **body}
        self.writes.append(f"folder {body['displayName']}")
        return reply(201, self.folders[identity])

    def _post_items(self, body: t.Any) -> Reply:
        taken = {(item["type"], item["displayName"].casefold()) for item in self.items.values()}
        if (body["type"], body["displayName"].casefold()) in taken:
            return reply(409, {"errorCode": "ItemDisplayNameAlreadyInUse", "message": "taken"})
        identity = self.add(body["type"], body["displayName"], body.get("description", ""))
        if body.get("folderId"):
            self.items[identity]["folderId"] = body["folderId"]
        self.parts[identity] = _decoded(body)
        self.writes.append(f"create {self.label(identity)}")
        return reply(201, self.items[identity])

    def _post_getDefinition(self, identity: str, _body: t.Any) -> Reply:  # noqa: N802  as the service names it
        parts = [
            {"path": path, "payload": base64.b64encode(data).decode(), "payloadType": "InlineBase64"}
            for path, data in self.parts[identity].items()
        ]
        return reply(200, {"definition": {"parts": parts}})

    def _post_updateDefinition(self, identity: str, body: t.Any) -> Reply:  # noqa: N802  as the service names it
        self.parts[identity] = _decoded(body)
        self.writes.append(f"update {self.label(identity)}")
        return reply(200)

    def _post_move(self, identity: str, body: t.Any) -> Reply:
        self.items[identity]["folderId"] = body.get("targetFolderId", "")
        self.writes.append(f"move {self.label(identity)}")
        return reply(200, {"value": [self.items[identity]]})

    def _post_bindConnection(self, identity: str, body: t.Any) -> Reply:  # noqa: N802  as the service names it
        binding = body["connectionBinding"]
        for source in self.sources[identity]:
            if source["connectionDetails"] == binding["connectionDetails"]:
                source["id"] = binding["id"]
        self.writes.append(f"bind {self.label(identity)}")
        return reply(200)

    def _get_connections(self, identity: str, _body: t.Any) -> Reply:
        return reply(200, {"value": self.sources.get(identity, [])})

    def _patch_one(self, identity: str, body: t.Any) -> Reply:
        self.items[identity].update(body)
        self.writes.append(f"describe {self.label(identity)}")
        return reply(200, self.items[identity])

    def _delete_one(self, identity: str, _body: t.Any) -> Reply:
        if identity not in self.items:
            return reply(404, {"errorCode": "ItemNotFound"})
        self.writes.append(f"delete {self.label(identity)}")
        del self.items[identity], self.parts[identity]
        return reply(200)

    def _identity(self) -> str:
        self._made += 1
        return f"{self._made:08x}-0000-4000-8000-000000000000"


def _decoded(body: t.Any) -> dict[str, bytes]:
    return {part["path"]: base64.b64decode(part["payload"]) for part in body.get("definition", {}).get("parts", ())}


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
    """What `desired.read` would make of those items; ``needs`` says what depends on what."""
    rules = rules or Rules()
    order, cycles = graph.build(items, outside, needs or {})
    assert not cycles
    return Desired(order, {id(item): substitute(item, rules) for item in items}, rules, (), {}, tuple(outside))


class Deployed:
    """A deployment of ``desired`` into ``service``, planned."""

    def __init__(
        self,
        service: FakeWorkspace,
        desired: Desired,
        choices: DeployOptions | None = None,
        *,
        parallel: int = 4,
        workspace: Workspace = WORKSPACE,
        planned: Planned = nothing_planned,
    ) -> None:
        self.service = service
        self.net: Wire = wire(service)
        self.told: list[str] = []
        self.warned: list[str] = []
        self.deployment = Deployment(
            self.net.client,
            workspace,
            desired,
            choices or DeployOptions(bulk_api="never"),
            parallel=parallel,
            timeout=60.0,
            planned=planned,
        )
        self.entries = self.deployment.plan()

    @property
    def actions(self) -> dict[str, str]:
        return {entry.label: entry.action for entry in self.entries}

    def run(self, *, stop: bool = True) -> t.Any:
        return self.deployment.execute(lambda: self.told.append("written"), stop=stop, warn=self.warned.append)
