# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power BI: semantic models, which its REST API calls datasets, and their permissions."""

from __future__ import annotations

import typing as t

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.emulator_state import EmulatorState, emulated_of
from powerbi_emulator.model_content import ON_PREMISES, sources
from powerbi_emulator.powerbi_api import PREFIX, PowerBIError, collection, empty, entity, json_object
from powerbi_emulator.powerbi_items import check_owner, dataset_links, item_of
from powerbi_emulator.role_members import has_roles
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.datasets import Datasets
from powerbi_emulator.state.directory import Directory
from powerbi_emulator.state.directory_objects import Principal
from powerbi_emulator.state.items import Item, Items
from powerbi_emulator.state.workspaces import Workspace
from powerbi_emulator.timestamps import utc
from powerbi_emulator.workspace_access import workspace_of

MODEL: t.Final = ("SemanticModel",)
DATASETS: t.Final = f"{PREFIX}/groups/{{group_id}}/datasets"
DATASET: t.Final = f"{DATASETS}/{{dataset_id}}"
# The permissions of a role in the workspace.
_INHERITED: t.Final = {
    "Admin": "ReadWriteReshareExplore",
    "Member": "ReadWriteReshareExplore",
    "Contributor": "ReadWriteExplore",
    "Viewer": "Read",
}
_GRANTABLE: t.Final = ("Read", "ReadReshare", "ReadExplore", "ReadReshareExplore")


def _to_json(emulated: EmulatorState, item: Item) -> dict[str, t.Any]:
    """A dataset in camel case, as in the service's responses."""
    settings = emulated.store(Datasets).of(item)
    if item.needs_gateway is None:
        item.needs_gateway = any(source.type in ON_PREMISES for source in sources(item.parts))
    secured = has_roles(item.parts)
    return {
        "id": item.id,
        "name": item.name,
        "description": item.description or "",
        **dataset_links(item),
        "addRowsAPIEnabled": False,
        "configuredBy": item.owner.identifier,
        "isRefreshable": True,
        "isEffectiveIdentityRequired": secured,
        "isEffectiveIdentityRolesRequired": secured,
        "isOnPremGatewayRequired": item.needs_gateway,
        "targetStorageMode": settings.storage_mode,
        "createdDate": utc(item.created),
        "upstreamDatasets": [],
        "users": [],
        "queryScaleOutSettings": settings.scale_out,
    }


async def list_datasets(request: Request) -> Response:
    workspace, _ = workspace_of(request)
    emulated = emulated_of(request)
    result = [_to_json(emulated, item) for item in emulated.store(Items).all(workspace.id, *MODEL)]
    return collection(result, "datasets")


async def get_dataset(request: Request) -> Response:
    item, _, _ = item_of(request, "dataset_id", MODEL, "Viewer")
    return entity(_to_json(emulated_of(request), item), "datasets/$entity")


async def delete_dataset(request: Request) -> Response:
    item, _, _ = item_of(request, "dataset_id", MODEL, "Contributor")
    emulated_of(request).store(Items).delete(item)
    return empty()


async def update_dataset(request: Request) -> Response:
    item, workspace, caller = item_of(request, "dataset_id", MODEL, "Contributor")
    check_owner(item, caller)
    body = await json_object(request)
    settings = emulated_of(request).store(Datasets).of(item)
    mode = body.get("targetStorageMode", settings.storage_mode)
    if mode not in ("Abf", "PremiumFiles"):
        raise PowerBIError(400, "InvalidRequest", "targetStorageMode: expected Abf or PremiumFiles")
    if mode == "PremiumFiles" and workspace.capacity_id is None:
        raise PowerBIError(400, "InvalidRequest", "PremiumFiles needs a workspace on a capacity.")
    scale_out = _scale_out(body.get("queryScaleOutSettings", {}))
    if scale_out.get("maxReadOnlyReplicas", 0) != 0 and (mode == "Abf" or workspace.capacity_id is None):
        text = "Query scale-out needs a workspace on a capacity and the large semantic model storage format."
        raise PowerBIError(400, "InvalidRequest", text)
    settings.storage_mode = mode
    settings.scale_out = {**settings.scale_out, **scale_out}
    return empty()


def _scale_out(settings: t.Any) -> dict[str, t.Any]:
    """The settings of a request, with the types of the official document. Raises PowerBIError for others."""
    if not isinstance(settings, dict):
        raise PowerBIError(400, "InvalidRequest", "queryScaleOutSettings: expected an object")
    replicas, sync = settings.get("maxReadOnlyReplicas", 0), settings.get("autoSyncReadOnlyReplicas", True)
    if isinstance(replicas, bool) or not isinstance(replicas, int) or not -1 <= replicas <= 64:
        raise PowerBIError(400, "InvalidRequest", "maxReadOnlyReplicas: expected -1 to 64")
    if not isinstance(sync, bool):
        raise PowerBIError(400, "InvalidRequest", "autoSyncReadOnlyReplicas: expected true or false")
    return settings


async def take_over(request: Request) -> Response:
    """TakeOver: the caller becomes the owner; the former owner's credentials are gone, and so are the bindings."""
    item, _, caller = item_of(request, "dataset_id", MODEL, "Contributor")
    emulated = emulated_of(request)
    if item.owner.object_id != caller.object_id and emulated.switches.take_over_drops_bindings:
        emulated.store(Datasets).of(item).drop_bindings()
    item.owner = caller.principal
    return empty()


async def list_users(request: Request) -> Response:
    """The principals with a role in the workspace, and those with a permission on this dataset."""
    item, workspace, _ = item_of(request, "dataset_id", MODEL, "Contributor")
    emulated = emulated_of(request)
    directory, rights = emulated.store(Directory), _rights(workspace)
    for object_id, right in emulated.store(Datasets).of(item).users.items():
        rights.setdefault(object_id, right)
    result = []
    for object_id, right in rights.items():
        principal = directory.principal(object_id)
        if principal is not None:
            caller = {"identifier": principal.identifier, "principalType": principal.kind}
            result.append({**caller, "datasetUserAccessRight": right})
    return collection(result, "users")


async def add_user(request: Request) -> Response:
    item, _, _ = item_of(request, "dataset_id", MODEL, "Member")
    principal, right = _requested(request, await json_object(request), _GRANTABLE)
    emulated_of(request).store(Datasets).of(item).users[principal.object_id] = right
    return empty()


async def update_user(request: Request) -> Response:
    """None removes the permission; the permissions of a workspace role can't be removed here."""
    item, workspace, _ = item_of(request, "dataset_id", MODEL, "Member")
    principal, right = _requested(request, await json_object(request), ("None", *_GRANTABLE))
    users = emulated_of(request).store(Datasets).of(item).users
    if right == "None" and principal.object_id in _rights(workspace):
        raise PowerBIError(400, "InvalidRequest", "The right is inherited from the workspace.")
    users.pop(principal.object_id, None)
    if right != "None":
        users[principal.object_id] = right
    return empty()


def _rights(workspace: Workspace) -> dict[str, str]:
    return {member.principal.object_id: _INHERITED[member.role] for member in workspace.members}


def _requested(request: Request, body: dict[str, t.Any], rights: tuple[str, ...]) -> tuple[Principal, str]:
    right, kind, identifier = body.get("datasetUserAccessRight"), body.get("principalType"), body.get("identifier")
    if right not in rights or kind not in ("User", "Group") or not isinstance(identifier, str):
        raise PowerBIError(400, "InvalidRequest", "identifier, principalType or datasetUserAccessRight is not valid.")
    principal = emulated_of(request).store(Directory).principal(identifier)
    if principal is None or principal.kind != kind:
        raise PowerBIError(400, "PrincipalNotFound", f"No {kind} of that identifier")
    return principal, str(right)


GROUP = RouteGroup(
    "datasets",
    [
        route(DATASETS, "GET", list_datasets),
        route(DATASET, "GET", get_dataset),
        route(DATASET, "DELETE", delete_dataset),
        route(DATASET, "PATCH", update_dataset),
        route(f"{DATASET}/Default.TakeOver", "POST", take_over),
        route(f"{DATASET}/users", "GET", list_users),
        route(f"{DATASET}/users", "POST", add_user),
        route(f"{DATASET}/users", "PUT", update_user),
    ],
    stores=(Directory, Items, Datasets),
)
