# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fabric: environments, whose staged changes have no effect until they are published."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.emulator_state import emulated_of
from powerbi_emulator.fabric_api import PREFIX, FabricError, answer, workspace_of
from powerbi_emulator.routes.fabric_items import check_capacity
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.items import Items


async def publish(request: Request) -> Response:
    """Start publishing. The state is in the environment: ``properties.publishDetails.state``."""
    workspace, _ = workspace_of(request, "Contributor")
    emulated = emulated_of(request)
    check_capacity(emulated, workspace, None)
    item = emulated.store(Items).find(workspace.id, request.path_params["item_id"], "Environment")
    if item is None:
        raise FabricError(404, "ItemNotFound", "The requested item was not found.")
    if item.properties.get("publishDetails") == {"state": "Running"}:
        raise FabricError(400, "EnvironmentPublishInProgress", "The environment is being published already.")
    item.properties["publishDetails"] = {"state": "Running"}

    def end() -> None:
        failing = item.name in (emulated.switches.failing_publishes or ())
        item.properties["publishDetails"] = {"state": "Failed" if failing else "Success"}

    emulated.timers.later(emulated.switches.publish_time, end)
    return answer({"publishDetails": {"state": "Running"}}, 202)


GROUP = RouteGroup(
    "environments",
    [route(f"{PREFIX}/workspaces/{{workspace_id}}/environments/{{item_id}}/staging/publish", "POST", publish)],
    stores=(Items,),
)
