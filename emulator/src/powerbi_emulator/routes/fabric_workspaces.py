# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fabric: workspaces, and their assignment to capacities."""

from __future__ import annotations

import typing as t

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.callers import Caller
from powerbi_emulator.emulator_state import EmulatorState, emulated_of
from powerbi_emulator.fabric_api import (
    PREFIX,
    FabricError,
    accepted,
    answer,
    bad_request,
    caller,
    created,
    done,
    guid_of,
    json_object,
    page,
    text_of,
    workspace_of,
)
from powerbi_emulator.kept_descriptions import kept
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.capacities import Capacities, Capacity
from powerbi_emulator.state.capacity_assignments import CapacityAssignments, capacity_right
from powerbi_emulator.state.directory import Directory
from powerbi_emulator.state.workspaces import ROLES, Workspace, Workspaces
from powerbi_emulator.throttling import Throttle

LONGEST_NAME: t.Final = 256
LONGEST_DESCRIPTION: t.Final = 4000
_PROGRESS: t.Final = {
    "Pending": "InProgress",
    "InProgress": "InProgress",
    "CompletedSuccessfully": "Completed",
    "AssignmentFailed": "Failed",
}


def _to_json(emulated: EmulatorState, workspace: Workspace) -> dict[str, t.Any]:
    """A Workspace: the capacity's id in lower case, which Power BI shows in upper case."""
    result: dict[str, t.Any] = {
        "id": workspace.id,
        "displayName": workspace.name,
        **({} if workspace.description is None else {"description": workspace.description}),
        "type": workspace.type,
    }
    capacity = emulated.store(Capacities).find(workspace.capacity_id) if workspace.capacity_id else None
    if capacity:
        result |= {"capacityId": capacity.id, "capacityRegion": capacity.region}
    return result


def _info_to_json(emulated: EmulatorState, workspace: Workspace) -> dict[str, t.Any]:
    """A WorkspaceInfo: with the progress of the last assignment to a capacity."""
    result = _to_json(emulated, workspace)
    assignment = emulated.store(CapacityAssignments).last(workspace)
    if assignment:
        result["capacityAssignmentProgress"] = _PROGRESS[assignment.status]
    elif workspace.capacity_id:
        result["capacityAssignmentProgress"] = "Completed"
    if "capacityRegion" in result:
        region = result["capacityRegion"].replace(" ", "").lower()
        result["oneLakeEndpoints"] = {
            "blobEndpoint": f"https://{region}-onelake.blob.fabric.microsoft.com",
            "dfsEndpoint": f"https://{region}-onelake.dfs.fabric.microsoft.com",
        }
    return result


async def list_workspaces(request: Request) -> Response:
    """All workspaces in which the caller has a role, or one of the query ``roles``."""
    who, emulated = caller(request), emulated_of(request)
    workspaces = emulated.store(Workspaces).visible_to(who)
    roles = request.query_params.get("roles")
    if roles:
        requested = {role.strip() for role in roles.split(",")}
        if not requested <= set(ROLES[1:]):
            raise FabricError(400, "InvalidParameter", f"Invalid workspace role: {roles}.")
        workspaces = [one for one in workspaces if one.role_of(who) in requested]
    return page(request, workspaces, lambda one: _to_json(emulated, one))


async def create_workspace(request: Request) -> Response:
    who, emulated = caller(request), emulated_of(request)
    if who.is_app and not emulated.switches.service_principals_can_create:
        raise FabricError(401, "Unauthorized", "The caller is not allowed to create workspaces.")
    body = await json_object(request)
    name = text_of(body, "displayName", LONGEST_NAME, required=True) or ""
    description = text_of(body, "description", LONGEST_DESCRIPTION)
    capacity_id = guid_of(body, "capacityId")
    capacity = _usable_capacity(emulated, capacity_id, who) if capacity_id else None
    _check_name_is_free(emulated, name, None)
    workspace = emulated.store(Workspaces).create(name, who, kept(emulated.switches, "", description))
    if capacity:
        workspace.capacity_id = capacity.id
    return created(request, _to_json(emulated, workspace), f"/workspaces/{workspace.id}")


async def get_workspace(request: Request) -> Response:
    workspace, _ = workspace_of(request)
    return answer(_info_to_json(emulated_of(request), workspace))


async def update_workspace(request: Request) -> Response:
    workspace, _ = workspace_of(request, "Admin")
    emulated, body = emulated_of(request), await json_object(request)
    name = text_of(body, "displayName", LONGEST_NAME, required="displayName" in body)
    description = text_of(body, "description", LONGEST_DESCRIPTION)
    if name is None and description is None:
        raise bad_request("One of displayName and description is required.")
    if name is not None:
        _check_name_is_free(emulated, name, workspace)
        workspace.name = name
    if description is not None:
        workspace.description = kept(emulated.switches, "", description)
    return answer(_to_json(emulated, workspace))


async def delete_workspace(request: Request) -> Response:
    workspace, _ = workspace_of(request, "Admin")
    emulated_of(request).store(Workspaces).delete(workspace)
    return done()


async def assign_to_capacity(request: Request) -> Response:
    """202 without a Location: the workspace's ``capacityAssignmentProgress`` contains the state."""
    workspace, who = workspace_of(request, "Admin")
    emulated = emulated_of(request)
    capacity_id = guid_of(await json_object(request), "capacityId", required=True)
    capacity = _usable_capacity(emulated, capacity_id or "", who)
    emulated.store(CapacityAssignments).begin(workspace, capacity)
    return accepted()


async def unassign_from_capacity(request: Request) -> Response:
    workspace, _ = workspace_of(request, "Admin")
    if workspace.capacity_id is None:
        raise FabricError(400, "WorkspaceHasNoCapacityAssigned", "The workspace is not assigned to a capacity.")
    emulated_of(request).store(CapacityAssignments).begin(workspace, None)
    return accepted()


async def list_capacities(request: Request) -> Response:
    who, emulated = caller(request), emulated_of(request)
    capacities = [one for one in emulated.store(Capacities).capacities.values() if capacity_right(one, who) != "None"]
    return page(request, capacities, _capacity_to_json)


async def get_capacity(request: Request) -> Response:
    who = caller(request)
    capacity = emulated_of(request).store(Capacities).find(request.path_params["capacity_id"])
    if capacity is None or capacity_right(capacity, who) == "None":
        raise FabricError(404, "EntityNotFound", "The requested capacity was not found.")
    return answer(_capacity_to_json(capacity))


def _capacity_to_json(capacity: Capacity) -> dict[str, t.Any]:
    return {
        "id": capacity.id,
        "displayName": capacity.display_name,
        "sku": capacity.sku,
        "region": capacity.region,
        "state": "Active" if capacity.state == "Active" else "Inactive",
    }


def _usable_capacity(emulated: EmulatorState, capacity_id: str, who: Caller) -> Capacity:
    capacity = emulated.store(Capacities).find(capacity_id)
    if capacity is None:
        raise FabricError(404, "CapacityNotFound", "The requested capacity was not found.")
    if capacity_right(capacity, who) == "None":
        raise FabricError(403, "InsufficientPrivileges", "The caller may not assign workspaces to the capacity.")
    if capacity.state != "Active":
        raise FabricError(400, "CapacityNotActive", "Unable to complete the action: the capacity is not active.")
    return capacity


def _check_name_is_free(emulated: EmulatorState, name: str, workspace: Workspace | None) -> None:
    other = emulated.store(Workspaces).named(name)
    if other is not None and other is not workspace:
        raise FabricError(409, "WorkspaceNameAlreadyExists", f"There is a workspace named '{name}' already.")


_WORKSPACE: t.Final = f"{PREFIX}/workspaces/{{workspace_id}}"

GROUP = RouteGroup(
    "fabric_workspaces",
    [
        route(f"{PREFIX}/workspaces", "GET", list_workspaces),
        route(f"{PREFIX}/workspaces", "POST", create_workspace),
        route(_WORKSPACE, "GET", get_workspace),
        route(_WORKSPACE, "PATCH", update_workspace),
        route(_WORKSPACE, "DELETE", delete_workspace),
        route(f"{_WORKSPACE}/assignToCapacity", "POST", assign_to_capacity),
        route(f"{_WORKSPACE}/unassignFromCapacity", "POST", unassign_from_capacity),
        route(f"{PREFIX}/capacities", "GET", list_capacities),
        route(f"{PREFIX}/capacities/{{capacity_id}}", "GET", get_capacity),
    ],
    stores=(Directory, Throttle, Capacities, Workspaces, CapacityAssignments),
)
