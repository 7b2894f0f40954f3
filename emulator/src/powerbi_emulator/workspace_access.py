# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The workspace of a Power BI path, with the check of the caller's role."""

from __future__ import annotations

from starlette.requests import Request

from powerbi_emulator.callers import Caller
from powerbi_emulator.emulator_state import emulated_of
from powerbi_emulator.powerbi_api import PowerBIError, caller
from powerbi_emulator.state.capacities import Capacities
from powerbi_emulator.state.workspaces import Workspace, Workspaces


def workspace_of(request: Request, role: str = "Viewer") -> tuple[Workspace, Caller]:
    """The workspace of ``{group_id}`` in the path, for a caller with ``role`` there.

    Raises PowerBIError: 404 for an unknown id, 401 GroupNotAccessible without a role, 403 for a role that is too low.
    """
    who = caller(request)
    if emulated_of(request).switches.inbound_policy:
        raise PowerBIError(403, "RequestDeniedByInboundPolicy", "Request is denied due to inbound communication policy")
    workspace = emulated_of(request).store(Workspaces).find(request.path_params["group_id"])
    if workspace is None:
        raise PowerBIError(404, "PowerBIFolderNotFound")
    if not workspace.allows(who, "Viewer"):
        raise PowerBIError(401, "GroupNotAccessible", empty=True)
    if not workspace.allows(who, role):
        raise PowerBIError(403, "PowerBINotAuthorizedException", detail=f"The caller needs the role {role}.")
    return workspace, who


def check_capacity(request: Request, workspace: Workspace) -> None:
    """Raise PowerBIError if the workspace's capacity is paused: its content can't be used then."""
    capacity = emulated_of(request).store(Capacities).find(workspace.capacity_id) if workspace.capacity_id else None
    if capacity is not None and capacity.state != "Active":
        raise PowerBIError(404, "CapacityNotActive", detail=f"The capacity of the workspace is {capacity.state}.")
