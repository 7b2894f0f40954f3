# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fabric: the Spark pools that an environment may use. The tenant's switch names the pools of all workspaces."""

from __future__ import annotations

import typing as t
import uuid

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.emulator_state import emulated_of
from powerbi_emulator.fabric_api import PREFIX, page, workspace_of
from powerbi_emulator.routing import RouteGroup, route

_STARTER: t.Final = {"id": str(uuid.UUID(int=0)), "name": "Starter Pool", "type": "Workspace"}


async def list_pools(request: Request) -> Response:
    workspace, _ = workspace_of(request, "Viewer")
    names = emulated_of(request).switches.spark_pools or ()
    ids = {name: str(uuid.uuid5(uuid.UUID(workspace.id), name)) for name in names}
    custom = [{"id": pool_id, "name": name, "type": "Workspace"} for name, pool_id in ids.items()]
    return page(request, [_STARTER, *custom], lambda pool: pool)


GROUP = RouteGroup("spark_pools", [route(f"{PREFIX}/workspaces/{{workspace_id}}/spark/pools", "GET", list_pools)])
