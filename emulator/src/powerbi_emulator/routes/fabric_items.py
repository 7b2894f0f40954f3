# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fabric: items of a workspace, by the generic path (``/items``) and by the types' own (``/reports``)."""

from __future__ import annotations

import typing as t

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.callers import Caller
from powerbi_emulator.companion_items import add_companions
from powerbi_emulator.definition_parts import requested_parts
from powerbi_emulator.emulator_state import EmulatorState, emulated_of
from powerbi_emulator.exchange import exchange_of
from powerbi_emulator.fabric_api import (
    PREFIX,
    FabricError,
    answer,
    bad_request,
    done,
    guid_of,
    json_object,
    page,
    text_of,
    workspace_of,
)
from powerbi_emulator.item_creation import (
    check_display_name,
    check_limit,
    creation_payload,
    properties_of,
    update_properties,
)
from powerbi_emulator.item_definitions import examined, requested_format
from powerbi_emulator.item_types import BY_COLLECTION, BY_NAME, ItemType
from powerbi_emulator.kept_descriptions import kept
from powerbi_emulator.not_emulated import NotEmulatedError
from powerbi_emulator.provisioned_properties import provision
from powerbi_emulator.routes.fabric_folders import folder_filter, known_folder
from powerbi_emulator.routes.fabric_operations import run
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.capacities import Capacities
from powerbi_emulator.state.folders import Folders
from powerbi_emulator.state.items import Item, Items
from powerbi_emulator.state.operations import Operations
from powerbi_emulator.state.workspaces import Workspace
from powerbi_emulator.synchronous_answers import creation_is_done

LONGEST_NAME: t.Final = 256
LONGEST_DESCRIPTION: t.Final = 256
ANY: t.Final = "items"


ETAG: t.Final = {"ETag": '""'}  # of all responses with one item
_ALWAYS_DESCRIBED: t.Final = ("SemanticModel", "SQLEndpoint")


def item_to_json(item: Item) -> dict[str, t.Any]:
    """The item without unset properties; for some types an unset description is an empty text."""
    described = item.description is not None or item.type in _ALWAYS_DESCRIBED
    return {
        "id": item.id,
        "type": item.type,
        "displayName": item.name,
        **({"description": item.description or ""} if described else {}),
        "workspaceId": item.workspace_id,
        **({"folderId": item.folder_id} if item.folder_id else {}),
    }


def type_of(request: Request) -> ItemType | None:
    """The type of the path's collection, case-insensitive, None for ``items``. Raises NotEmulatedError."""
    collection = request.path_params["collection"].lower()
    if collection == ANY:
        return None
    if collection not in BY_COLLECTION:
        raise NotEmulatedError
    return BY_COLLECTION[collection]


def item_of(request: Request, role: str) -> tuple[Item, Workspace, Caller]:
    """The item of the path, for a caller with ``role``. Raises FabricError 404 also for an item of another type."""
    item_type = type_of(request)
    workspace, caller = workspace_of(request, role)
    emulated = emulated_of(request)
    check_capacity(emulated, workspace, None)
    types = (item_type.name,) if item_type else ()
    item = emulated.store(Items).find(workspace.id, request.path_params["item_id"], *types)
    if item is None:
        raise FabricError(404, "ItemNotFound", "The requested item was not found.")
    return item, workspace, caller


def check_capacity(emulated: EmulatorState, workspace: Workspace, item_type: ItemType | None) -> None:
    """Raise FabricError if the workspace's capacity is paused, or the type requires one and there is none."""
    capacity = emulated.store(Capacities).find(workspace.capacity_id) if workspace.capacity_id else None
    if capacity is not None and capacity.state != "Active":
        text = "Unable to complete the action because this Fabric capacity is currently paused."
        raise FabricError(404, "CapacityNotActive", text)
    if capacity is None and item_type is not None and item_type.needs_capacity:
        raise FabricError(403, "FeatureNotAvailable", "The feature is not available: the workspace has no capacity.")


def check_name(emulated: EmulatorState, workspace: Workspace, item_type: str, name: str, item: Item | None) -> None:
    """Raise FabricError if an item of that type has the name, or its name is still reserved after its deletion."""
    items = emulated.store(Items)
    if any(one is not item for one in items.named(workspace.id, item_type, name)):
        text = f"Requested '{name}' is already in use."
        raise FabricError(400, "ItemDisplayNameAlreadyInUse", text, retriable=False)
    if items.is_reserved(workspace.id, item_type, name) and (item is None or item.name.lower() != name.lower()):
        text = f"Requested '{name}' is not available yet and is expected to become available in the upcoming minutes."
        raise FabricError(400, "ItemDisplayNameNotAvailableYet", text, retriable=True)


def check_model(emulated: EmulatorState, model_id: str | None) -> None:
    """Raise FabricError if the semantic model of a report does not exist."""
    if model_id is not None and emulated.store(Items).anywhere(model_id, "SemanticModel") is None:
        text = f"The semantic model {model_id} that definition.pbir names was not found."
        raise FabricError(400, "Report_Import_FailedToImportReport", text)


def check_import(emulated: EmulatorState, item_type: str) -> None:
    """Raise FabricError if the switch makes the next write of a paginated report fail."""
    if item_type == "PaginatedReport" and emulated.switches.failing_paginated_imports > 0:
        emulated.switches.failing_paginated_imports -= 1
        text = (
            "Rdl Report Workload failed to import the report with report id {0} and threw an exception with this "
            "message: {1}."
        )
        raise FabricError(400, "UnknownError", text)


async def list_items(request: Request) -> Response:
    item_type = type_of(request)
    workspace, _ = workspace_of(request)
    requested = folder_filter(request, workspace)
    only = item_type.name if item_type else request.query_params.get("type")
    if only is not None and only not in BY_NAME:
        raise FabricError(400, "InvalidItemType", f"Invalid item type: {only}.")
    items = emulated_of(request).store(Items).all(workspace.id, *((only,) if only else ()))
    # fabric-cicd reads the description of each entry without a default.
    return page(
        request,
        [one for one in items if requested(one.folder_id)],
        lambda one: {"description": "", **item_to_json(one)},
    )


async def create_item(request: Request) -> Response:
    """Create an item: 201 or 202, depending on the type and on whether there is a definition."""
    item_type = type_of(request)
    workspace, caller = workspace_of(request, "Contributor")
    emulated, body = emulated_of(request), await json_object(request)
    if item_type is None:
        item_type = BY_NAME.get(str(body.get("type")))
        if item_type is None:
            raise FabricError(400, "InvalidItemType", f"Invalid item type: {body.get('type')}.")
    if not item_type.can_be_created:
        raise FabricError(400, "UnsupportedItemType", f"Items of the type {item_type.name} can't be created here.")
    check_capacity(emulated, workspace, item_type)
    name = item_name(body)
    description = text_of(body, "description", LONGEST_DESCRIPTION)
    # an empty id means the root, although the contract requires a GUID: fabric-cicd 1.4.0 relies on it
    folder_id = guid_of(body, "folderId") if body.get("folderId") != "" else None
    if folder_id is not None:
        folder_id = known_folder(emulated.store(Folders), workspace, folder_id)
    folder_id = None if item_type.root_only or emulated.switches.creation_in_root else folder_id
    given, payload = body.get("definition"), creation_payload(item_type, body)
    if given is None and item_type.needs_definition:
        raise bad_request("The definition field is required.")
    if given is not None and not item_type.has_definition:
        raise FabricError(400, "OperationNotSupportedForItem", f"{item_type.name} has no definition.")
    parts, form = (requested_parts(given), requested_format(item_type.name, given)) if given is not None else ({}, None)
    check_display_name(item_type, name)
    check_limit(emulated, workspace)
    check_name(emulated, workspace, item_type.name, name, None)

    def work() -> dict[str, t.Any]:
        check_name(emulated, workspace, item_type.name, name, None)
        definition = examined(item_type.name, parts, name=name, format=form)
        check_model(emulated, definition.model_id)
        check_import(emulated, item_type.name)
        described = None if emulated.switches.creation_drops_description else description
        item = emulated.store(Items).create(
            workspace.id,
            item_type.name,
            f"{name} 1" if emulated.switches.creation_changes_name else name,
            caller.principal,
            description=kept(emulated.switches, item_type.name, described),
            folder_id=folder_id,
            format=definition.format,
            parts=definition.parts,
            model_id=definition.model_id,
            properties=properties_of(item_type, payload),
        )
        provision(emulated, item)
        add_companions(emulated, item)
        return item_to_json(item)

    if creation_is_done(item_type.name, form, has_definition=given is not None):
        return answer(work(), 201, ETAG)
    headers = {} if item_type.name in ("Report", "SemanticModel") else ETAG
    exchange_of(request).note(item=name)
    return run(request, caller, work, "create", item_type.name, status=201, headers=headers, done_headers=ETAG)


async def get_item(request: Request) -> Response:
    """Get an item: at the path of its type with the properties of this type."""
    item, _, _ = item_of(request, "Viewer")
    own = {"properties": item.properties} if type_of(request) is not None and item.properties else {}
    return answer({**item_to_json(item), **own}, headers=ETAG)


async def update_item(request: Request) -> Response:
    item, workspace, _ = item_of(request, "Contributor")
    body = await json_object(request)
    description = text_of(body, "description", LONGEST_DESCRIPTION)
    if "properties" in body and type_of(request) is not None:
        update_properties(item, body["properties"])
    elif "displayName" not in body and description is None:
        raise FabricError(400, "InvalidRequest", "One of displayName and description is required.")
    if "displayName" in body:
        name = item_name(body)
        check_display_name(BY_NAME[item.type], name)
        check_name(emulated_of(request), workspace, item.type, name, item)
        item.name = name
    if description is not None:
        item.description = kept(emulated_of(request).switches, item.type, description)
    item.touch(emulated_of(request))
    return answer(item_to_json(item), headers=ETAG)


async def delete_item(request: Request) -> Response:
    """Soft delete by default; permanently with ``hardDelete=true``, by an admin of the workspace."""
    emulated, hard = emulated_of(request), request.query_params.get("hardDelete", "").lower() == "true"
    items = emulated.store(Items)
    workspace, caller = workspace_of(request, "Contributor")
    if hard and not workspace.allows(caller, "Admin"):
        text = "The caller needs the workspace role Admin to delete an item permanently."
        raise FabricError(403, "InsufficientWorkspaceRole", text)
    kept = {one.id: one for one in items.deleted(workspace.id)}.get(request.path_params["item_id"].lower())
    if hard and kept is not None:
        items.remove_deleted(kept)
        return done()
    item, _, _ = item_of(request, "Contributor")
    if item.parent_id is not None:
        text = "The operation is not supported: the item is deleted with the one that it belongs to."
        raise FabricError(400, "OperationNotSupportedForItem", text)
    items.delete(item, soft=emulated.switches.soft_deletion and not hard)
    return done()


async def move_item(request: Request) -> Response:
    item, workspace, _ = item_of(request, "Contributor")
    target = guid_of(await json_object(request), "targetFolderId")
    if target is not None:
        target = known_folder(emulated_of(request).store(Folders), workspace, target)
    item.folder_id = target
    return answer({"value": [item_to_json(item)]})


def item_name(body: dict[str, t.Any]) -> str:
    """The displayName of a request. Raises FabricError."""
    name = text_of(body, "displayName", LONGEST_NAME, required=True) or ""
    if name != name.strip():
        raise bad_request("The displayName field must not begin or end with white space.")
    return name


COLLECTION: t.Final = f"{PREFIX}/workspaces/{{workspace_id}}/{{collection}}"
ITEM: t.Final = f"{COLLECTION}/{{item_id}}"

GROUP = RouteGroup(
    "fabric_items",
    [
        route(COLLECTION, "GET", list_items),
        route(COLLECTION, "POST", create_item),
        route(ITEM, "GET", get_item),
        route(ITEM, "PATCH", update_item),
        route(ITEM, "DELETE", delete_item),
        route(f"{ITEM}/move", "POST", move_item),
    ],
    stores=(Folders, Items, Operations),
)
