# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power BI: collections that are always empty (Gen1 dataflows), and My workspace, which only users have."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.powerbi_api import PREFIX, PowerBIError, caller, collection
from powerbi_emulator.routing import Handler, RouteGroup, route
from powerbi_emulator.workspace_access import workspace_of

_OF_WORKSPACES = ("dataflows",)
_OF_USERS = ("dashboards", "datasets", "imports", "reports")


def _in_workspace(noun: str) -> Handler:
    async def none(request: Request) -> Response:
        workspace_of(request)
        return collection([], noun)

    return none


def _in_my_workspace(noun: str) -> Handler:
    async def none(request: Request) -> Response:
        if caller(request).is_app:
            text = "A service principal has no My workspace."
            raise PowerBIError(403, "PowerBINotAuthorizedException", detail=text)
        return collection([], noun)

    return none


GROUP = RouteGroup(
    "empty_collections",
    [
        *(route(f"{PREFIX}/groups/{{group_id}}/{noun}", "GET", _in_workspace(noun)) for noun in _OF_WORKSPACES),
        *(route(f"{PREFIX}/{noun}", "GET", _in_my_workspace(noun)) for noun in _OF_USERS),
    ],
)
