# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power BI: operations of paginated reports only: their data sources, owner and gateways."""

from __future__ import annotations

import typing as t
import uuid

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.emulator_state import emulated_of
from powerbi_emulator.powerbi_api import PowerBIError, collection, empty, json_object
from powerbi_emulator.powerbi_items import check_owner, item_of
from powerbi_emulator.report_content import RdlSource, rdl_sources, with_rdl_source
from powerbi_emulator.routes.reports import REPORT
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.gateways import Gateways
from powerbi_emulator.state.items import Item, Items

_PAGINATED: t.Final = ("PaginatedReport",)


def _to_json(item: Item, source: RdlSource) -> dict[str, t.Any]:
    owner = uuid.UUID(item.owner.object_id)
    return {
        "name": source.name,
        "datasourceType": source.type,
        "connectionDetails": {"server": source.server, "database": source.database},
        "datasourceId": str(uuid.uuid5(owner, f"{source.type} {source.server} {source.database}".lower())),
        "gatewayId": str(uuid.uuid5(owner, source.type)),
    }


async def list_datasources(request: Request) -> Response:
    item, _, _ = item_of(request, "report_id", _PAGINATED, "Contributor")
    return collection([_to_json(item, source) for source in rdl_sources(item.parts)], "datasources")


async def update_datasources(request: Request) -> Response:
    item, _, caller = item_of(request, "report_id", _PAGINATED, "Contributor")
    check_owner(item, caller)
    parts = item.parts
    for change in _details(await json_object(request), "updateDetails"):
        details, name = change.get("connectionDetails"), str(change.get("datasourceName"))
        current = next((one for one in rdl_sources(parts) if one.name == name), None)
        if current is None or not isinstance(details, dict):
            raise PowerBIError(400, "InvalidRequest", f"There is no data source '{name}'.")
        server, database = details.get("server") or current.server, details.get("database") or current.database
        parts = with_rdl_source(parts, name, server, database)
    item.parts = parts
    item.touch(emulated_of(request))
    return empty()


async def take_over(request: Request) -> Response:
    item, _, caller = item_of(request, "report_id", _PAGINATED, "Contributor")
    item.owner = caller.principal
    return empty()


async def bind_to_gateway(request: Request) -> Response:
    item, _, caller = item_of(request, "report_id", _PAGINATED, "Contributor")
    check_owner(item, caller)
    body = await json_object(request)
    gateway = emulated_of(request).store(Gateways).find(str(body.get("gatewayObjectId")))
    if gateway is None or not gateway.usable_by(caller):
        raise PowerBIError(404, "DMTS_MonikerWithUnboundDataSources", detail="Gateway not found.")
    names = {one.name for one in rdl_sources(item.parts)}
    if not all(one.get("dataSourceName") in names for one in _details(body, "bindDetails")):
        raise PowerBIError(400, "InvalidRequest", "bindDetails: no such data source")
    return empty()


def _details(body: dict[str, t.Any], key: str) -> list[dict[str, t.Any]]:
    details = body.get(key)
    if not isinstance(details, list) or not details or not all(isinstance(one, dict) for one in details):
        raise PowerBIError(400, "InvalidRequest", f"Parameter {key} is missing or invalid")
    return details


GROUP = RouteGroup(
    "paginated_reports",
    [
        route(f"{REPORT}/datasources", "GET", list_datasources),
        route(f"{REPORT}/Default.UpdateDatasources", "POST", update_datasources),
        route(f"{REPORT}/Default.TakeOver", "POST", take_over),
        route(f"{REPORT}/Default.BindToGateway", "POST", bind_to_gateway),
    ],
    stores=(Gateways, Items),
)
