# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power BI: the users of a workspace. Changes take effect at once; in the service they take minutes."""

from __future__ import annotations

import typing as t

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.emulator_state import emulated_of
from powerbi_emulator.powerbi_api import PREFIX, PowerBIError, caller, collection, empty, json_object, page
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.directory import Directory
from powerbi_emulator.state.directory_objects import Principal
from powerbi_emulator.state.workspaces import ROLES, Member, Workspace, Workspaces
from powerbi_emulator.workspace_access import workspace_of

MOST_MEMBERS: t.Final = 1000
_KINDS: t.Final = ("User", "Group", "App")


def _to_json(member: Member) -> dict[str, t.Any]:
    """A GroupUser: a user's identifier is the UPN, an app's and a group's the object id."""
    principal = member.principal
    result: dict[str, t.Any] = {
        "groupUserAccessRight": member.role,
        "displayName": principal.display_name,
        "identifier": principal.identifier,
        "principalType": principal.kind,
    }
    return {"emailAddress": principal.upn, **result} if principal.kind == "User" else result


async def list_users(request: Request) -> Response:
    workspace, _ = workspace_of(request)
    return collection(page(request, [_to_json(member) for member in workspace.members]), "users")


async def add_user(request: Request) -> Response:
    """Add a user; 400 for a principal with access, which PUT changes."""
    workspace, _ = workspace_of(request, "Admin")
    principal, role = _requested(request, await json_object(request))
    if workspace.member(principal.object_id):
        raise PowerBIError(400, "AddingAlreadyExistsGroupUserNotSupportedError")
    if len(workspace.members) >= MOST_MEMBERS:
        raise PowerBIError(400, "InvalidRequest", f"A workspace has at most {MOST_MEMBERS} users.")
    if role != "None":
        workspace.members.append(Member(principal, role))
    return empty()


async def update_user(request: Request) -> Response:
    workspace, _ = workspace_of(request, "Admin")
    principal, role = _requested(request, await json_object(request))
    member = _member(workspace, principal.object_id)
    if role != "Admin":
        _keep_an_admin(workspace, member)
    if role == "None":
        workspace.members.remove(member)
    else:
        member.role = role
    return empty()


async def delete_user(request: Request) -> Response:
    """``{user}`` is the UPN of a user or the object id of any principal."""
    workspace, _ = workspace_of(request, "Admin")
    member = _member(workspace, request.path_params["user"])
    _keep_an_admin(workspace, member)
    workspace.members.remove(member)
    return empty()


async def refresh_user_permissions(request: Request) -> Response:
    """RefreshUserPermissions: no effect, as changes are immediate here."""
    caller(request)
    return empty()


def _requested(request: Request, body: dict[str, t.Any]) -> tuple[Principal, str]:
    """The principal and the role in a body. Raises PowerBIError; an app's identifier is its object id."""
    role = body.get("groupUserAccessRight")
    if role not in ROLES:
        raise PowerBIError(400, "InvalidRequest", "Parameter userDetails.GroupUserAccessRight is missing or invalid")
    email = body.get("emailAddress")
    identifier, kind = body.get("identifier") or email, body.get("principalType") or ("User" if email else None)
    if kind not in _KINDS or not isinstance(identifier, str):
        raise PowerBIError(400, "InvalidRequest", "Parameter PrincipalType or Identifier is missing or invalid")
    principal = emulated_of(request).store(Directory).principal(identifier)
    if principal is None or principal.kind != kind:
        text = "Failed to get service principal details from AAD" if kind == "App" else f"No {kind} of that identifier"
        raise PowerBIError(400, "PrincipalNotFound", text)
    return principal, str(role)


def _member(workspace: Workspace, identifier: str) -> Member:
    member = workspace.member(identifier)
    if member is None:
        raise PowerBIError(404, "PowerBIEntityNotFound", detail="The principal has no access to the workspace.")
    return member


def _keep_an_admin(workspace: Workspace, leaving: Member) -> None:
    if leaving.role == "Admin" and not any(one.role == "Admin" for one in workspace.members if one is not leaving):
        raise PowerBIError(400, "InvalidRequest", "The last admin of a workspace can't be removed.")


GROUP = RouteGroup(
    "workspace_users",
    [
        route(f"{PREFIX}/groups/{{group_id}}/users", "GET", list_users),
        route(f"{PREFIX}/groups/{{group_id}}/users", "POST", add_user),
        route(f"{PREFIX}/groups/{{group_id}}/users", "PUT", update_user),
        route(f"{PREFIX}/groups/{{group_id}}/users/{{user}}", "DELETE", delete_user),
        route(f"{PREFIX}/RefreshUserPermissions", "POST", refresh_user_permissions),
    ],
    stores=(Directory, Workspaces),
)
