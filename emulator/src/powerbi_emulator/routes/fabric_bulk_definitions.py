# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fabric: definitions of many items in one operation (beta), with ``beta=true``."""

from __future__ import annotations

import json
import typing as t

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.definition_parts import PLATFORM, requested_parts, text_of_part
from powerbi_emulator.emulator_state import EmulatorState, emulated_of
from powerbi_emulator.fabric_api import PREFIX, FabricError, bad_request, json_object, workspace_of
from powerbi_emulator.item_definitions import examined, platform_of
from powerbi_emulator.item_types import BY_NAME
from powerbi_emulator.routes.fabric_item_definitions import check_data, definition_parts
from powerbi_emulator.routes.fabric_items import check_capacity, check_model, check_name
from powerbi_emulator.routes.fabric_operations import run
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.directory_objects import Principal
from powerbi_emulator.state.items import Item, Items, Parts
from powerbi_emulator.state.operations import Operations
from powerbi_emulator.state.workspaces import Workspace


async def export(request: Request) -> Response:
    """All items of the workspace, or those in the body, each in a folder with its name."""
    workspace, caller = workspace_of(request, "Contributor")
    _check_beta(request)
    emulated = emulated_of(request)
    check_capacity(emulated, workspace, None)
    body = await json_object(request) if await request.body() else {"mode": "All"}
    if body.get("mode") not in ("All", "Selective"):
        raise bad_request("The mode field must be All or Selective.")
    items = _requested(emulated, workspace, body.get("items") if body["mode"] == "Selective" else None)

    def work() -> dict[str, t.Any]:
        index, parts = [], []
        for item in items:
            root = f"/{item.name}.{item.type}/"
            index.append({"id": item.id, "rootPath": root})
            parts += [{**part, "path": root + part["path"]} for part in definition_parts(emulated, item)]
        return {"itemDefinitionsIndex": index, "definitionParts": parts}

    return run(request, caller, work, "bulk")


async def import_(request: Request) -> Response:
    """Create or replace every item of the body; each has its result, and one failure does not stop the others."""
    workspace, caller = workspace_of(request, "Contributor")
    _check_beta(request)
    emulated, body = emulated_of(request), await json_object(request)
    check_capacity(emulated, workspace, None)
    by_name = bool((body.get("options") or {}).get("allowPairingByName"))
    folders = _by_folder(requested_parts({"parts": _without_root(body.get("definitionParts"))}))

    def work() -> dict[str, t.Any]:
        # models first, as reports refer to them
        order = sorted(folders.items(), key=lambda one: one[0][1] != "SemanticModel")
        results = [_put(emulated, workspace, caller.principal, *key, parts, by_name=by_name) for key, parts in order]
        return {"importItemDefinitionsDetails": results}

    return run(request, caller, work, "bulk")


def _put(
    emulated: EmulatorState,
    workspace: Workspace,
    owner: Principal,
    name: str,
    kind: str,
    parts: Parts,
    *,
    by_name: bool,
) -> dict[str, t.Any]:
    items = emulated.store(Items)
    found = items.named(workspace.id, kind, name) if by_name else []
    result: dict[str, t.Any] = {
        "itemDisplayName": name,
        "itemType": kind,
        "operationType": "Update" if found else "Create",
    }
    try:
        check_name(emulated, workspace, kind, name, found[0] if found else None)
        definition = examined(kind, parts, name=name)
        check_model(emulated, definition.model_id)
        if found:
            check_data(emulated, found[0], definition.parts)
    except FabricError:  # the documented response has no member for the reason
        return {**result, "operationStatus": "Failed"}
    item = found[0] if found else items.create(workspace.id, kind, name, owner)
    item.owner = owner
    item.parts, item.format, item.model_id = definition.parts, definition.format, definition.model_id
    item.touch(emulated)
    return {**result, "itemId": item.id, "operationStatus": "Succeeded"}


def _check_beta(request: Request) -> None:
    if request.query_params.get("beta", "").lower() != "true":
        raise bad_request("The beta query parameter must be true.")
    if not emulated_of(request).switches.bulk_definitions:
        raise FabricError(403, "FeatureNotAvailable", "The feature is not available.")


def _requested(emulated: EmulatorState, workspace: Workspace, references: t.Any) -> list[Item]:
    items = emulated.store(Items)
    if references is None:
        return [one for one in items.all(workspace.id) if BY_NAME[one.type].has_definition]
    ids = [str(one.get("id")) for one in references if isinstance(one, dict)] if isinstance(references, list) else []
    if len(set(ids)) != len(ids):
        raise FabricError(400, "ItemReferencedMoreThanOnce", "The same item is referenced more than once.")
    found = [items.find(workspace.id, one) for one in ids]
    if not found or None in found:
        raise FabricError(404, "ItemNotFound", "The requested item was not found.")
    return [one for one in found if one is not None]


def _without_root(parts: t.Any) -> t.Any:
    """The parts with paths without the leading slash."""
    if not isinstance(parts, list):
        raise bad_request("The definitionParts field is required.")
    return [{**one, "path": str(one.get("path", "")).removeprefix("/")} for one in parts if isinstance(one, dict)]


def _by_folder(parts: Parts) -> dict[tuple[str, str], Parts]:
    """The parts of each item by its name and type, from ``.platform`` or the folder's name."""
    folders: dict[str, Parts] = {}
    for path, payload in parts.items():
        root, _, inner = path.partition("/")
        if not inner:
            raise FabricError(400, "InvalidFilesPath", f"The path '{path}' is not in the folder of an item.")
        folders.setdefault(root, {})[inner] = payload
    found: dict[tuple[str, str], Parts] = {}
    for root, inside in folders.items():
        name, _, kind = root.rpartition(".")
        if PLATFORM in inside:
            platform = platform_of(inside)
            name = platform[0] if platform else name
            kind = json.loads(text_of_part(inside, PLATFORM))["metadata"].get("type", kind)
        if kind not in BY_NAME:
            raise FabricError(400, "InvalidFilesPath", f"The folder '{root}' names no type of item.")
        if (name, kind) in found:
            raise FabricError(400, "DuplicateDisplayNameAndType", f"There are two items {name}.{kind}.")
        found[name, kind] = inside
    return found


_ITEMS: t.Final = f"{PREFIX}/workspaces/{{workspace_id}}/items"

GROUP = RouteGroup(
    "fabric_bulk_definitions",
    [
        route(f"{_ITEMS}/bulkExportDefinitions", "POST", export),
        route(f"{_ITEMS}/bulkImportDefinitions", "POST", import_),
    ],
    stores=(Items, Operations),
)
