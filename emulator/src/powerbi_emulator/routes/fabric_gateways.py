# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fabric: gateways that the caller administers or uses."""

from __future__ import annotations

import typing as t

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.emulator_state import emulated_of
from powerbi_emulator.fabric_api import PREFIX, FabricError, answer, caller, page
from powerbi_emulator.principals import principal_to_json
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.directory import Directory
from powerbi_emulator.state.gateways import Gateway, Gateways, public_key


def _to_json(gateway: Gateway) -> dict[str, t.Any]:
    """An OnPremisesGateway of one member."""
    return {
        "id": gateway.id,
        "type": "OnPremises",
        "displayName": gateway.name,
        "publicKey": public_key(gateway.id),
        "version": gateway.version,
        "numberOfMemberGateways": 1,
        "loadBalancingSetting": "Failover",
        "allowCloudConnectionRefresh": False,
        "allowCustomConnectors": False,
    }


def _gateway_of(request: Request) -> Gateway:
    who = caller(request)
    gateway = emulated_of(request).store(Gateways).find(request.path_params["gateway_id"])
    if gateway is None or not gateway.usable_by(who):
        raise FabricError(404, "EntityNotFound", "The requested gateway was not found.")
    return gateway


async def list_gateways(request: Request) -> Response:
    who = caller(request)
    gateways = [one for one in emulated_of(request).store(Gateways).gateways.values() if one.usable_by(who)]
    return page(request, gateways, _to_json)


async def get_gateway(request: Request) -> Response:
    return answer(_to_json(_gateway_of(request)))


async def list_members(request: Request) -> Response:
    gateway = _gateway_of(request)
    member = {
        "id": gateway.id,
        "displayName": gateway.name,
        "publicKey": public_key(gateway.id),
        "version": gateway.version,
        "enabled": gateway.online,
    }
    return answer({"value": [member]})


async def list_role_assignments(request: Request) -> Response:
    gateway = _gateway_of(request)
    directory = emulated_of(request).store(Directory)
    admins = [principal for principal in map(directory.principal, gateway.admins) if principal]
    return page(
        request,
        admins,
        lambda one: {"id": one.object_id, "principal": principal_to_json(one, directory), "role": "Admin"},
    )


GROUP = RouteGroup(
    "fabric_gateways",
    [
        route(f"{PREFIX}/gateways", "GET", list_gateways),
        route(f"{PREFIX}/gateways/{{gateway_id}}", "GET", get_gateway),
        route(f"{PREFIX}/gateways/{{gateway_id}}/members", "GET", list_members),
        route(f"{PREFIX}/gateways/{{gateway_id}}/roleAssignments", "GET", list_role_assignments),
    ],
    stores=(Directory, Gateways),
)
