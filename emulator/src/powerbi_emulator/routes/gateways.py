# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power BI: gateways and their data sources, for gateway admins."""

from __future__ import annotations

import json
import typing as t

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.emulator_state import emulated_of
from powerbi_emulator.powerbi_api import PREFIX, PowerBIError, caller, collection, empty, entity
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.directory import Directory
from powerbi_emulator.state.gateways import Gateway, GatewayDatasource, Gateways, public_key


def gateway_to_json(gateway: Gateway) -> dict[str, t.Any]:
    """A gateway in the Power BI API; ``gatewayAnnotation`` is JSON in a string."""
    annotation = {"gatewayContactInformation": [], "gatewayVersion": gateway.version, "gatewayMachine": gateway.name}
    return {
        "id": gateway.id,
        "name": gateway.name,
        "type": "Resource",
        "publicKey": public_key(gateway.id),
        "gatewayAnnotation": json.dumps(annotation),
        "gatewayStatus": "Live" if gateway.online else "NotReachable",
    }


def datasource_to_json(gateway: Gateway, datasource: GatewayDatasource) -> dict[str, t.Any]:
    """A data source of a gateway; its credentials are never returned."""
    return {
        "id": datasource.id,
        "gatewayId": gateway.id,
        "datasourceName": datasource.name,
        "datasourceType": datasource.type,
        "connectionDetails": json.dumps(datasource.connection, separators=(",", ":")),
        "credentialType": datasource.credential_type,
        "credentialDetails": {"useEndUserOAuth2Credentials": False},
    }


def _gateway_of(request: Request) -> Gateway:
    who = caller(request)
    gateway = emulated_of(request).store(Gateways).find(request.path_params["gateway_id"])
    if gateway is None or not gateway.administered_by(who):
        raise PowerBIError(404, "DMTS_MonikerWithUnboundDataSources", detail="Gateway not found.")
    return gateway


def _datasource_of(request: Request) -> tuple[Gateway, GatewayDatasource]:
    gateway = _gateway_of(request)
    datasource = gateway.datasources.get(request.path_params["datasource_id"].lower())
    if datasource is None:
        raise PowerBIError(404, "DMTS_DatasourceNotFound", detail="Data source not found.")
    return gateway, datasource


async def list_gateways(request: Request) -> Response:
    who = caller(request)
    gateways = [one for one in emulated_of(request).store(Gateways).gateways.values() if one.administered_by(who)]
    return collection([gateway_to_json(one) for one in gateways], "gateways")


async def get_gateway(request: Request) -> Response:
    return entity(gateway_to_json(_gateway_of(request)), "gateways/$entity")


async def list_datasources(request: Request) -> Response:
    gateway = _gateway_of(request)
    return collection([datasource_to_json(gateway, one) for one in gateway.datasources.values()], "datasources")


async def get_datasource(request: Request) -> Response:
    return entity(datasource_to_json(*_datasource_of(request)), "datasources/$entity")


async def datasource_status(request: Request) -> Response:
    """200 without a body if the gateway reaches its data source."""
    gateway, datasource = _datasource_of(request)
    if not gateway.online:
        raise PowerBIError(400, "DM_GWPipeline_Client_GatewayUnreachable")
    if not datasource.reachable:
        raise PowerBIError(400, "DM_GWPipeline_Gateway_DataSourceAccessError")
    return empty()


async def list_datasource_users(request: Request) -> Response:
    _, datasource = _datasource_of(request)
    directory = emulated_of(request).store(Directory)
    result: list[dict[str, t.Any]] = []
    for object_id in datasource.users:
        principal = directory.principal(object_id)
        if principal is None:
            continue
        user: dict[str, t.Any] = {"emailAddress": principal.upn} if principal.upn else {}
        user |= {"datasourceAccessRight": "Read", "displayName": principal.display_name}
        result.append(user | {"identifier": principal.identifier, "principalType": principal.kind})
    return collection(result, "users")


_GATEWAY: t.Final = f"{PREFIX}/gateways/{{gateway_id}}"
_DATASOURCE: t.Final = f"{_GATEWAY}/datasources/{{datasource_id}}"

GROUP = RouteGroup(
    "gateways",
    [
        route(f"{PREFIX}/gateways", "GET", list_gateways),
        route(_GATEWAY, "GET", get_gateway),
        route(f"{_GATEWAY}/datasources", "GET", list_datasources),
        route(_DATASOURCE, "GET", get_datasource),
        route(f"{_DATASOURCE}/status", "GET", datasource_status),
        route(f"{_DATASOURCE}/users", "GET", list_datasource_users),
    ],
    stores=(Directory, Gateways),
)
