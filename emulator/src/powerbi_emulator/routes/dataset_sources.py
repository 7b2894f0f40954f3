# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power BI: parameters and data sources of semantic models, and gateways with these data sources."""

from __future__ import annotations

import typing as t
import uuid

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.callers import Caller
from powerbi_emulator.emulator_state import EmulatorState, emulated_of
from powerbi_emulator.model_content import (
    ON_PREMISES,
    ParameterError,
    Source,
    parameters,
    sources,
    with_parameters,
    with_source,
)
from powerbi_emulator.powerbi_api import PowerBIError, collection, empty, json_object
from powerbi_emulator.powerbi_items import check_owner, item_of
from powerbi_emulator.routes.datasets import DATASET, MODEL
from powerbi_emulator.routes.gateways import datasource_to_json, gateway_to_json
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.datasets import Datasets, DatasetSettings
from powerbi_emulator.state.gateways import Gateway, GatewayDatasource, Gateways
from powerbi_emulator.state.items import Item, Items

MOST_CHANGES: t.Final = 100
_UPDATABLE: t.Final = ("Sql", "AnalysisServices", "OData", "SharePointList", "Teradata")


async def list_parameters(request: Request) -> Response:
    item, _, _ = item_of(request, "dataset_id", MODEL, "Contributor")
    result = [
        {"name": one.name, "type": one.type, "isRequired": one.is_required, "currentValue": one.value}
        for one in parameters(item.parts)
    ]
    return collection(result, "mashupParameters")


async def update_parameters(request: Request) -> Response:
    """UpdateParameters: all or none. The change is visible in the definition's text."""
    item, changes = await _owned(request)
    requested: dict[str, str] = {}
    for position, change in enumerate(changes, start=1):
        name, value = change.get("name"), change.get("newValue")
        if not isinstance(name, str) or not isinstance(value, str):
            raise PowerBIError(400, "InvalidRequest", "updateDetails: expected a name and a newValue, both texts")
        if name in requested:
            raise _invalid_parameter(item, position, "DuplicateParameter")
        requested[name] = value
        try:
            with_parameters(item.parts, {name: value})
        except ParameterError as error:
            raise _invalid_parameter(item, position, error.reason) from error
    item.parts = with_parameters(item.parts, requested)
    item.touch(emulated_of(request))
    return empty()


def _invalid_parameter(item: Item, position: int, reason: str) -> PowerBIError:
    text = f"Dataset parameter at position {position} is invalid in {item.id}. Reason: {reason}"
    return PowerBIError(400, "InvalidRequest", text)


async def list_datasources(request: Request) -> Response:
    item, _, _ = item_of(request, "dataset_id", MODEL, "Contributor")
    settings = emulated_of(request).store(Datasets).of(item)
    return collection([_to_json(item, settings, source) for source in sources(item.parts)], "datasources")


async def update_datasources(request: Request) -> Response:
    """UpdateDatasources: another server, database or URL for sources that are literals in the model."""
    item, changes = await _owned(request)
    parts = item.parts
    for change in changes:
        details = change.get("connectionDetails")
        if not isinstance(details, dict):
            raise PowerBIError(400, "InvalidRequest", "updateDetails: connectionDetails is missing")
        parts = with_source(parts, _selected(sources(parts), change.get("datasourceSelector")), details)
    item.parts = parts
    item.touch(emulated_of(request))
    return empty()


async def discover_gateways(request: Request) -> Response:
    """The gateways that the caller may use and that have one of the model's sources."""
    item, _, caller = item_of(request, "dataset_id", MODEL, "Contributor")
    gateways = emulated_of(request).store(Gateways).gateways.values()
    found = [one for one in gateways if one.usable_by(caller) and _matching(item, one)]
    return collection([gateway_to_json(one) for one in found], "gateways")


async def bind_to_gateway(request: Request) -> Response:
    item, _, caller = item_of(request, "dataset_id", MODEL, "Contributor")
    check_owner(item, caller)
    body, emulated = await json_object(request), emulated_of(request)
    gateway = _gateway(emulated, caller, body.get("gatewayObjectId"))
    ids = body.get("datasourceObjectIds")
    if ids is None:
        ids = [one.id for one in _matching(item, gateway)]
    if not isinstance(ids, list) or not ids or not all(str(one).lower() in gateway.datasources for one in ids):
        raise PowerBIError(400, "DMTS_DatasourceNotFound", detail="The gateway has no such data source.")
    settings = emulated.store(Datasets).of(item)
    settings.gateway_id, settings.datasource_ids = gateway.id, [str(one).lower() for one in ids]
    return empty()


async def bound_datasources(request: Request) -> Response:
    item, _, _ = item_of(request, "dataset_id", MODEL, "Contributor")
    emulated = emulated_of(request)
    settings = emulated.store(Datasets).of(item)
    gateway = emulated.store(Gateways).find(settings.gateway_id) if settings.gateway_id else None
    bound = [gateway.datasources[one] for one in settings.datasource_ids] if gateway else []
    return collection([datasource_to_json(gateway, one) for one in bound] if gateway else [], "gatewayDatasources")


async def _owned(request: Request) -> tuple[Item, list[dict[str, t.Any]]]:
    """The caller's own dataset and the ``updateDetails`` of the body."""
    item, _, caller = item_of(request, "dataset_id", MODEL, "Contributor")
    check_owner(item, caller)
    changes = (await json_object(request)).get("updateDetails")
    if not isinstance(changes, list) or not changes or not all(isinstance(one, dict) for one in changes):
        raise PowerBIError(400, "InvalidRequest", "Parameter updateDetails is missing or invalid")
    if len(changes) > MOST_CHANGES:
        raise PowerBIError(400, "InvalidRequest", f"At most {MOST_CHANGES} changes in one request.")
    return item, changes


def _selected(found: list[Source], selector: t.Any) -> Source:
    """The source of a selector, which may be absent if there is only one source."""
    if isinstance(selector, dict):
        requested = selector.get("connectionDetails") or {}
        kind = str(selector.get("datasourceType", "")).lower()
        found = [
            one
            for one in found
            if one.type.lower() == kind
            and all(one.details.get(key) == value for key, value in requested.items() if value)
        ]
    if len(found) != 1:
        raise PowerBIError(400, "InvalidRequest", "datasourceSelector must mean exactly one data source.")
    if found[0].type not in _UPDATABLE or not found[0].literal:
        text = "The data source is parameterized, or of a type that can't be updated."
        raise PowerBIError(400, "InvalidRequest", text)
    return found[0]


def _to_json(item: Item, settings: DatasetSettings, source: Source) -> dict[str, t.Any]:
    """A data source; ids of cloud sources are derived from their type and path, so that they are stable."""
    result: dict[str, t.Any] = {"datasourceType": source.type, "connectionDetails": source.details}
    if settings.gateway_id and settings.datasource_ids:
        result |= {"gatewayId": settings.gateway_id, "datasourceId": settings.datasource_ids[0]}
    elif source.type not in ON_PREMISES:
        owner = uuid.UUID(item.owner.object_id)
        result["gatewayId"] = str(uuid.uuid5(owner, source.type))
        result["datasourceId"] = str(uuid.uuid5(owner, f"{source.type} {source.path.lower()}"))
    return result


def _matching(item: Item, gateway: Gateway) -> list[GatewayDatasource]:
    places = [(source.type, source.path.lower()) for source in sources(item.parts)]
    return [
        one
        for one in gateway.datasources.values()
        if (one.type, ";".join(map(str, one.connection.values())).lower()) in places
    ]


def _gateway(emulated: EmulatorState, caller: Caller, gateway_id: t.Any) -> Gateway:
    gateway = emulated.store(Gateways).find(gateway_id) if isinstance(gateway_id, str) else None
    if gateway is None or not gateway.usable_by(caller):
        raise PowerBIError(404, "DMTS_MonikerWithUnboundDataSources", detail="Gateway not found.")
    return gateway


GROUP = RouteGroup(
    "dataset_sources",
    [
        route(f"{DATASET}/parameters", "GET", list_parameters),
        route(f"{DATASET}/Default.UpdateParameters", "POST", update_parameters),
        route(f"{DATASET}/datasources", "GET", list_datasources),
        route(f"{DATASET}/Default.UpdateDatasources", "POST", update_datasources),
        route(f"{DATASET}/Default.DiscoverGateways", "GET", discover_gateways),
        route(f"{DATASET}/Default.BindToGateway", "POST", bind_to_gateway),
        route(f"{DATASET}/Default.GetBoundGatewayDatasources", "GET", bound_datasources),
    ],
    stores=(Gateways, Items, Datasets),
)
