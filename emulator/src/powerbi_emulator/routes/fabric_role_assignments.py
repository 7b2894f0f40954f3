# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fabric: roles in a workspace. The id of an assignment is that of its principal."""

from __future__ import annotations

import typing as t

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.emulator_state import EmulatorState, emulated_of
from powerbi_emulator.fabric_api import (
    PREFIX,
    FabricError,
    Related,
    answer,
    bad_request,
    created,
    done,
    json_object,
    page,
    workspace_of,
)
from powerbi_emulator.principals import principal_to_json, requested_principal
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.directory import Directory
from powerbi_emulator.state.workspaces import ROLES, Member, Workspace, Workspaces

MOST_MEMBERS: t.Final = 1000


def _to_json(emulated: EmulatorState, member: Member) -> dict[str, t.Any]:
    principal = principal_to_json(member.principal, emulated.store(Directory))
    return {"id": member.principal.object_id, "principal": principal, "role": member.role}


async def list_assignments(request: Request) -> Response:
    workspace, _ = workspace_of(request, "Member")
    emulated = emulated_of(request)
    return page(request, workspace.members, lambda member: _to_json(emulated, member))


async def add_assignment(request: Request) -> Response:
    """Add a role assignment: a member may assign roles up to its own; 409 for a principal with a role."""
    workspace, caller = workspace_of(request, "Member")
    emulated, body = emulated_of(request), await json_object(request)
    role = _role(body)
    principal = requested_principal(body, emulated.store(Directory), Related("Workspace", workspace.id))
    if not workspace.allows(caller, role):
        raise FabricError(403, "InsufficientPrivileges", f"The caller may not give the role {role}.")
    if workspace.member(principal.object_id):
        text = "The principal already has a role in the workspace."
        raise FabricError(409, "PrincipalAlreadyHasWorkspaceRolePermissions", text)
    if len(workspace.members) >= MOST_MEMBERS:
        raise FabricError(400, "WorkspaceRoleAssignmentsLimitExceeded", f"At most {MOST_MEMBERS} principals.")
    member = Member(principal, role)
    workspace.members.append(member)
    return created(
        request, _to_json(emulated, member), f"/workspaces/{workspace.id}/roleAssignments/{principal.object_id}"
    )


async def get_assignment(request: Request) -> Response:
    workspace, _ = workspace_of(request, "Member")
    return answer(_to_json(emulated_of(request), _member_of(request, workspace)))


async def update_assignment(request: Request) -> Response:
    workspace, _ = workspace_of(request, "Admin")
    role = _role(await json_object(request))
    member = _member_of(request, workspace)
    if role != "Admin":
        _keep_an_admin(workspace, member)
    member.role = role
    return answer(_to_json(emulated_of(request), member))


async def delete_assignment(request: Request) -> Response:
    workspace, _ = workspace_of(request, "Admin")
    member = _member_of(request, workspace)
    _keep_an_admin(workspace, member)
    workspace.members.remove(member)
    return done()


def _role(body: dict[str, t.Any]) -> str:
    """The role of a request, in any case. Raises FabricError."""
    role = {one.lower(): one for one in ROLES[1:]}.get(str(body.get("role")).lower())
    if role is None:
        raise bad_request(f"The role field must be one of {', '.join(ROLES[1:])}.")
    return role


def _member_of(request: Request, workspace: Workspace) -> Member:
    requested = request.path_params["assignment_id"].lower()
    member = next((one for one in workspace.members if one.principal.object_id == requested), None)
    if member is None:
        raise FabricError(404, "EntityNotFound", "The requested role assignment was not found.")
    return member


def _keep_an_admin(workspace: Workspace, leaving: Member) -> None:
    if leaving.role == "Admin" and not any(one.role == "Admin" for one in workspace.members if one is not leaving):
        text = "The role assignment of the last admin can't be changed or deleted."
        raise FabricError(400, "LastWorkspaceAdminCannotBeRemoved", text)


_ASSIGNMENTS: t.Final = f"{PREFIX}/workspaces/{{workspace_id}}/roleAssignments"

GROUP = RouteGroup(
    "fabric_role_assignments",
    [
        route(_ASSIGNMENTS, "GET", list_assignments),
        route(_ASSIGNMENTS, "POST", add_assignment),
        route(f"{_ASSIGNMENTS}/{{assignment_id}}", "GET", get_assignment),
        route(f"{_ASSIGNMENTS}/{{assignment_id}}", "PATCH", update_assignment),
        route(f"{_ASSIGNMENTS}/{{assignment_id}}", "DELETE", delete_assignment),
    ],
    stores=(Directory, Workspaces),
)
