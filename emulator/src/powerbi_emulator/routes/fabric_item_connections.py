# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fabric: the connections of an item's data sources."""

from __future__ import annotations

import typing as t

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.emulator_state import EmulatorState, emulated_of
from powerbi_emulator.fabric_api import FabricError, bad_request, done, guid_of, json_object, page
from powerbi_emulator.model_content import FABRIC_TYPES, Source, sources
from powerbi_emulator.routes.fabric_items import ITEM, item_of
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.connections import Connections
from powerbi_emulator.state.datasets import Datasets
from powerbi_emulator.state.items import Item, Items

_UNBOUND: t.Final = ("None", "Automatic")


async def list_connections(request: Request) -> Response:
    """One entry for each data source, bound to a connection or not."""
    item, _, _ = item_of(request, "Contributor")
    if item.type == "Warehouse":
        raise FabricError(400, "OperationNotSupportedForItem", "Operation not supported for requested item")
    emulated = emulated_of(request)
    found = sources(item.parts) if item.type == "SemanticModel" else []
    return page(request, found, lambda source: _to_json(emulated, item, source))


async def bind_connection(request: Request) -> Response:
    """Bind a data source of a semantic model, or remove the binding (no id). For its owner."""
    item, _, caller = item_of(request, "Contributor")
    if item.type != "SemanticModel":
        raise FabricError(404, "ItemNotFound", "The requested semantic model was not found.")
    if item.owner.object_id != caller.object_id:
        raise FabricError(403, "InsufficientPrivileges", "The caller must be the owner of the semantic model.")
    emulated = emulated_of(request)
    binding = (await json_object(request)).get("connectionBinding")
    if not isinstance(binding, dict) or not isinstance(binding.get("connectionDetails"), dict):
        raise bad_request("The connectionBinding field must have connectionDetails.")
    place = _place(str(binding["connectionDetails"].get("type")), str(binding["connectionDetails"].get("path")))
    if place not in {_place(_fabric_type(one), one.path) for one in sources(item.parts)}:
        raise FabricError(400, "InvalidRequest", "The semantic model has no such data source reference.")
    connections = emulated.store(Datasets).of(item).connections
    connection_id = guid_of(binding, "id")
    if connection_id is None or binding.get("connectivityType") in _UNBOUND:
        connections.pop(place, None)
        return done()
    connection = emulated.store(Connections).find(connection_id)
    if connection is None or not connection.allows(caller, "User"):
        raise FabricError(404, "EntityNotFound", "The requested connection was not found.")
    if _place(connection.type, connection.path) != place:
        raise FabricError(400, "InvalidRequest", "The connection leads to another data source.")
    connections[place] = connection.id
    return done()


def _to_json(emulated: EmulatorState, item: Item, source: Source) -> dict[str, t.Any]:
    details = {"path": source.path, "type": _fabric_type(source)}
    bound = emulated.store(Datasets).of(item).connections.get(_place(details["type"], source.path))
    connection = emulated.store(Connections).find(bound) if bound else None
    if connection is None:
        return {"connectivityType": "None", "connectionDetails": details}
    result = {"id": connection.id, "displayName": connection.name, "connectivityType": connection.connectivity}
    return {
        **result,
        **({"gatewayId": connection.gateway_id} if connection.gateway_id else {}),
        "connectionDetails": details,
    }


def _fabric_type(source: Source) -> str:
    return FABRIC_TYPES.get(source.type, source.type)


def _place(source_type: str, path: str) -> tuple[str, str]:
    return source_type.lower(), path.lower()


GROUP = RouteGroup(
    "fabric_item_connections",
    [
        route(f"{ITEM}/connections", "GET", list_connections),
        route(f"{ITEM}/bindConnection", "POST", bind_connection),
    ],
    stores=(Connections, Items, Datasets),
)
