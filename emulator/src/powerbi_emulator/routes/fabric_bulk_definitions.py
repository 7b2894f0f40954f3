# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fabric: definitions of many items in one operation (beta), with ``beta=true``."""

from __future__ import annotations

import base64
import dataclasses
import json
import posixpath
import typing as t
import uuid

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.definition_parts import PLATFORM, json_of_part, requested_parts, text_of_part
from powerbi_emulator.emulator_state import EmulatorState, emulated_of
from powerbi_emulator.fabric_api import PREFIX, FabricError, bad_request, json_object, workspace_of
from powerbi_emulator.item_definitions import examined, platform_of
from powerbi_emulator.item_types import BY_NAME
from powerbi_emulator.kept_descriptions import kept
from powerbi_emulator.routes.fabric_item_definitions import check_data, definition_parts
from powerbi_emulator.routes.fabric_items import check_capacity, check_model, check_name
from powerbi_emulator.routes.fabric_operations import run
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.directory_objects import Principal
from powerbi_emulator.state.folders import Folder, Folders
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
    given = _by_root(requested_parts({"parts": _without_root(body.get("definitionParts"))}))
    for one in given.values():
        _check_model_path(emulated, workspace, one, given)

    def work() -> dict[str, t.Any]:
        made: dict[str, Item] = {}
        # models first, as reports refer to them
        order = sorted(given.values(), key=lambda one: one.type != "SemanticModel")
        results = [_put(emulated, workspace, caller.principal, one, made, by_name=by_name) for one in order]
        return {"importItemDefinitionsDetails": results}

    return run(request, caller, work, "bulk")


@dataclasses.dataclass
class _Given:
    """An item of the body. ``root`` is its folder in the body, without slashes at the ends."""

    root: str
    name: str
    type: str
    description: str | None
    logical_id: str | None
    parts: Parts


def _put(
    emulated: EmulatorState,
    workspace: Workspace,
    owner: Principal,
    given: _Given,
    made: dict[str, Item],
    *,
    by_name: bool,
) -> dict[str, t.Any]:
    """``made`` has the items of the body by their roots, as far as they are there."""
    items = emulated.store(Items)
    found = items.named(workspace.id, given.type, given.name) if by_name else []
    result: dict[str, t.Any] = {
        "itemDisplayName": given.name,
        "itemType": given.type,
        "operationType": "Update" if found else "Create",
        **({"itemLogicalId": given.logical_id} if given.logical_id else {}),
    }
    try:
        check_name(emulated, workspace, given.type, given.name, found[0] if found else None)
        definition = examined(given.type, _bound(emulated, workspace, given, made), name=given.name)
        check_model(emulated, definition.model_id)
        if found:
            check_data(emulated, found[0], definition.parts)
        folder_id = _folder(emulated, workspace, given.root.rpartition("/")[0])
    except FabricError:  # the documented response has no member for the reason
        return {**result, "operationStatus": "Failed"}
    item = found[0] if found else items.create(workspace.id, given.type, given.name, owner, folder_id=folder_id)
    made[given.root] = item
    item.owner = owner
    if given.description is not None:
        item.description = kept(emulated.switches, given.type, given.description)
    item.parts, item.format, item.model_id = definition.parts, definition.format, definition.model_id
    item.touch(emulated)
    return {**result, "itemId": item.id, "operationStatus": "Succeeded"}


def _model_path(given: _Given) -> str | None:
    """The folder in the body of the semantic model that a report names by its path."""
    if given.type != "Report" or _PBIR not in given.parts:
        return None
    reference = json_of_part(given.parts, _PBIR).get("datasetReference")
    path = ((reference or {}).get("byPath") or {}).get("path")
    return posixpath.normpath(posixpath.join(given.root, path)) if isinstance(path, str) else None


def _check_model_path(
    emulated: EmulatorState, workspace: Workspace, given: _Given, others: t.Mapping[str, _Given]
) -> None:
    path = _model_path(given)
    if path is None or path in others or _model_of_workspace(emulated, workspace, path):
        return
    text = "The request contains items with dependencies that could not be resolved."
    raise FabricError(400, "DependenciesCouldNotBeResolved", text)


def _model_of_workspace(emulated: EmulatorState, workspace: Workspace, path: str) -> Item | None:
    name = posixpath.basename(path).rpartition(".")[0]
    return next(iter(emulated.store(Items).named(workspace.id, "SemanticModel", name)), None)


def _bound(emulated: EmulatorState, workspace: Workspace, given: _Given, made: t.Mapping[str, Item]) -> Parts:
    """The parts, in which a report that names its model by its path has the model's id."""
    path = _model_path(given)
    model = (made.get(path) or _model_of_workspace(emulated, workspace, path)) if path else None
    if model is None:
        return given.parts
    connection = {"connectionString": f"semanticmodelid={model.id}"}
    reference = json.dumps({"version": "4.0", "datasetReference": {"byConnection": connection}})
    return {**given.parts, _PBIR: base64.b64encode(reference.encode()).decode()}


def _folder(emulated: EmulatorState, workspace: Workspace, path: str) -> str | None:
    """The id of the folder of that path, which is created if it is missing; None for the root."""
    folders, parent = emulated.store(Folders), None
    for name in filter(None, path.split("/")):
        folder = folders.named(workspace.id, parent, name)
        if folder is None:
            folder = Folder(str(uuid.uuid4()), workspace.id, name, parent)
            folders.folders[folder.id] = folder
        parent = folder.id
    return parent


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


def _by_root(parts: Parts) -> dict[str, _Given]:
    """The items of the body by their folders in it: such as Monthly/Europe/Sales.Report."""
    folders: dict[str, Parts] = {}
    for path, payload in parts.items():
        steps = path.split("/")
        depth = next((number for number, step in enumerate(steps[:-1]) if step.rpartition(".")[2] in BY_NAME), None)
        if depth is None:
            raise FabricError(400, "InvalidFilesPath", f"The path '{path}' is not in the folder of an item.")
        folders.setdefault("/".join(steps[: depth + 1]), {})["/".join(steps[depth + 1 :])] = payload
    found = {root: _given(root, inside) for root, inside in folders.items()}
    names = [(one.name.lower(), one.type) for one in found.values()]
    if len(set(names)) < len(names):
        raise FabricError(400, "DuplicateDisplayNameAndType", "There are two items of the same type and name.")
    logical_ids = [one.logical_id for one in found.values() if one.logical_id]
    if len(set(logical_ids)) < len(logical_ids):
        raise FabricError(400, "BadSystemFiles", "There are two items with the same logical ID.")
    return found


def _given(root: str, parts: Parts) -> _Given:
    """The item of a folder, with the name and type of its ``.platform``, or of the folder."""
    name, _, kind = root.rpartition("/")[2].rpartition(".")
    platform = platform_of(parts)
    if platform is None:
        return _Given(root, name, kind, None, None, parts)
    content = json.loads(text_of_part(parts, PLATFORM))
    logical_id = (content.get("config") or {}).get("logicalId")
    kind = content["metadata"].get("type", kind)
    if kind not in BY_NAME:
        raise FabricError(400, "InvalidFilesPath", f"The folder '{root}' names no type of item.")
    return _Given(root, platform[0], kind, platform[1], logical_id, parts)


_PBIR: t.Final = "definition.pbir"
_ITEMS: t.Final = f"{PREFIX}/workspaces/{{workspace_id}}/items"

GROUP = RouteGroup(
    "fabric_bulk_definitions",
    [
        route(f"{_ITEMS}/bulkExportDefinitions", "POST", export),
        route(f"{_ITEMS}/bulkImportDefinitions", "POST", import_),
    ],
    stores=(Folders, Items, Operations),
)
