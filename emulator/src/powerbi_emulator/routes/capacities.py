# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power BI: capacities, and the assignment of workspaces to them."""

from __future__ import annotations

import typing as t

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from powerbi_emulator.control_body import control_object
from powerbi_emulator.emulator_state import emulated_of
from powerbi_emulator.field_checks import FieldError, choice
from powerbi_emulator.guids import ZERO_GUID
from powerbi_emulator.powerbi_api import PREFIX, PowerBIError, caller, collection, empty, entity, json_object
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.capacities import STATES, Capacities, Capacity
from powerbi_emulator.state.capacity_assignments import CapacityAssignments, capacity_right
from powerbi_emulator.state.directory import Directory
from powerbi_emulator.state.workspaces import Workspaces
from powerbi_emulator.timestamps import utc
from powerbi_emulator.workspace_access import workspace_of


def _to_json(capacity: Capacity, right: str, directory: Directory) -> dict[str, t.Any]:
    """A capacity in the Power BI API: id in upper case, admins as UPNs, or as object ids for apps."""
    admins = []
    for object_id in capacity.admins:
        principal = directory.principal(object_id)
        admins.append(principal.upn if principal and principal.upn else object_id)
    return {
        "id": capacity.id.upper(),
        "displayName": capacity.display_name,
        "admins": admins,
        "sku": capacity.sku,
        "state": capacity.state,
        "capacityUserAccessRight": right,
        "region": capacity.region,
        "users": [],
    }


async def list_capacities(request: Request) -> Response:
    """The capacities that the caller administers or may assign workspaces to."""
    who, emulated = caller(request), emulated_of(request)
    directory = emulated.store(Directory)
    rights = [(one, capacity_right(one, who)) for one in emulated.store(Capacities).capacities.values()]
    result = [_to_json(one, right, directory) for one, right in rights if right != "None"]
    return collection(result, "capacities")


async def assign_to_capacity(request: Request) -> Response:
    """200; the assignment follows. Rejected if the capacity is paused or the caller has no right on it."""
    workspace, who = workspace_of(request, "Admin")
    requested = (await json_object(request)).get("capacityId")
    emulated = emulated_of(request)
    if not isinstance(requested, str):
        raise PowerBIError(400, "InvalidRequest", "Parameter capacityId is missing or invalid")
    capacity = None
    if requested != ZERO_GUID:
        capacity = emulated.store(Capacities).find(requested)
        if capacity is None:
            raise PowerBIError(404, "PowerBIEntityNotFound", detail="There is no such capacity.")
        if capacity_right(capacity, who) == "None":
            raise PowerBIError(403, "PowerBINotAuthorizedException", detail="The caller may not assign to it.")
        if capacity.state != "Active":
            raise PowerBIError(400, "CapacityNotActive", detail=f"The capacity is {capacity.state}.")
    emulated.store(CapacityAssignments).begin(workspace, capacity)
    return empty()


async def capacity_assignment_status(request: Request) -> Response:
    workspace, _ = workspace_of(request)
    assignment = emulated_of(request).store(CapacityAssignments).last(workspace)
    if assignment is None:
        where = workspace.capacity_id or ZERO_GUID
        return entity({"status": "CompletedSuccessfully", "capacityId": where.upper()}, "capacityAssignmentStatus")
    content = {
        "status": assignment.status,
        "startTime": utc(assignment.started),
        "capacityId": (assignment.capacity_id or ZERO_GUID).upper(),
        "activityId": assignment.activity_id,
    }
    if assignment.ended is not None:
        content["endTime"] = utc(assignment.ended)
    return entity(content, "capacityAssignmentStatus")


async def my_workspace(request: Request) -> Response:
    """Only users have a My workspace, not service principals; the emulator has none."""
    caller(request)
    raise PowerBIError(403, "PowerBINotAuthorizedException", detail="The caller has no My workspace.")


async def set_state(request: Request) -> Response:
    """For tests: ``{"state": "Suspended"}`` pauses a capacity, as an administrator of Azure does."""
    capacity = emulated_of(request).store(Capacities).find(request.path_params["capacity_id"])
    body = await control_object(request, ("state",))
    if capacity is None:
        raise FieldError("capacity_id", "the id of a capacity in the seed", request.path_params["capacity_id"])
    capacity.state = choice("state", body.get("state"), STATES)
    return JSONResponse({"id": capacity.id, "state": capacity.state})


GROUP = RouteGroup(
    "capacities",
    [
        route(f"{PREFIX}/capacities", "GET", list_capacities),
        route(f"{PREFIX}/groups/{{group_id}}/AssignToCapacity", "POST", assign_to_capacity),
        route(f"{PREFIX}/groups/{{group_id}}/CapacityAssignmentStatus", "GET", capacity_assignment_status),
        route("/_emulator/capacities/{capacity_id}", "PATCH", set_state),
        route(f"{PREFIX}/AssignToCapacity", "POST", my_workspace),
        route(f"{PREFIX}/CapacityAssignmentStatus", "GET", my_workspace),
    ],
    stores=(Directory, Capacities, Workspaces, CapacityAssignments),
)
