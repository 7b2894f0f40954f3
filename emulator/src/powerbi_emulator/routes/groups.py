# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power BI: workspaces, which its REST API calls groups."""

from __future__ import annotations

import typing as t

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.emulator_state import emulated_of
from powerbi_emulator.odata_filter import FilterError, parse_filter
from powerbi_emulator.powerbi_api import PREFIX, PowerBIError, caller, collection, empty, entity, json_object, page
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.capacities import Capacities
from powerbi_emulator.state.directory import Directory
from powerbi_emulator.state.workspaces import Workspace, Workspaces
from powerbi_emulator.throttling import Throttle
from powerbi_emulator.workspace_access import workspace_of

STORAGE_FORMATS: t.Final = ("Small", "Large")


def group(workspace: Workspace) -> dict[str, t.Any]:
    """A workspace in the Power BI API: the capacity's id in upper case, storage only on a dedicated capacity."""
    result: dict[str, t.Any] = {
        "id": workspace.id,
        "isReadOnly": workspace.is_read_only,
        "isOnDedicatedCapacity": workspace.capacity_id is not None,
    }
    if workspace.capacity_id is not None:
        result["capacityId"] = workspace.capacity_id.upper()
        result["defaultDatasetStorageFormat"] = workspace.storage_format
    return {**result, "type": workspace.type, "name": workspace.name}


async def list_groups(request: Request) -> Response:
    who = caller(request)
    groups = [group(workspace) for workspace in emulated_of(request).store(Workspaces).visible_to(who)]
    expression = request.query_params.get("$filter")
    if expression:
        try:
            predicate = parse_filter(expression)
        except FilterError as error:
            raise PowerBIError(400, "InvalidRequest", f"The $filter expression is not valid: {error}") from error
        groups = [one for one in groups if predicate(one)]
    return collection(page(request, groups), "groups")


async def create_group(request: Request) -> Response:
    who = caller(request)
    emulated = emulated_of(request)
    if who.is_app and not emulated.switches.service_principals_can_create:
        raise PowerBIError(401, "PowerBINotAuthorizedException")
    name = _name(await json_object(request))
    store = emulated.store(Workspaces)
    if store.named(name):
        raise PowerBIError(400, "PowerBIEntityAlreadyExists")
    return entity(group(store.create(name, who)), "groups/$entity")


async def get_group(request: Request) -> Response:
    workspace, _ = workspace_of(request)
    return entity(group(workspace), "groups/$entity")


async def update_group(request: Request) -> Response:
    workspace, _ = workspace_of(request, "Admin")
    body = await json_object(request)
    store = emulated_of(request).store(Workspaces)
    name = _name(body) if "name" in body else workspace.name
    other = store.named(name)
    if other is not None and other is not workspace:
        raise PowerBIError(400, "PowerBIEntityAlreadyExists")
    storage = body.get("defaultDatasetStorageFormat", workspace.storage_format)
    if storage not in STORAGE_FORMATS:
        raise PowerBIError(400, "InvalidRequest", f"defaultDatasetStorageFormat: one of {', '.join(STORAGE_FORMATS)}.")
    if "defaultDatasetStorageFormat" in body and workspace.capacity_id is None:
        raise PowerBIError(400, "InvalidRequest", "Only the name of a workspace in shared capacity can be changed.")
    workspace.name, workspace.storage_format = name, storage
    return empty()


async def delete_group(request: Request) -> Response:
    workspace, _ = workspace_of(request, "Admin")
    emulated_of(request).store(Workspaces).delete(workspace)
    return empty()


def _name(body: dict[str, t.Any]) -> str:
    name = body.get("name")
    if not isinstance(name, str) or not name.strip() or len(name) > 256:
        raise PowerBIError(400, "InvalidRequest", "The workspace's name is missing, empty or too long.")
    return name.strip()


GROUP = RouteGroup(
    "groups",
    [
        route(f"{PREFIX}/groups", "GET", list_groups),
        route(f"{PREFIX}/groups", "POST", create_group),
        route(f"{PREFIX}/groups/{{group_id}}", "GET", get_group),
        route(f"{PREFIX}/groups/{{group_id}}", "PATCH", update_group),
        route(f"{PREFIX}/groups/{{group_id}}", "DELETE", delete_group),
    ],
    stores=(Directory, Throttle, Capacities, Workspaces),
)
