# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Properties of items that the service adds some time after the creation: SQL endpoints, servers, query URIs."""

from __future__ import annotations

import typing as t
import uuid

from powerbi_emulator.companion_items import WITH_SQL_ENDPOINT, sql_endpoint_id
from powerbi_emulator.emulator_state import EmulatorState
from powerbi_emulator.state.items import Item


def provision(emulated: EmulatorState, item: Item) -> None:
    """Add the properties of the type to a new item after the switch's time; nothing for other types."""
    values = _values(item)
    if not values:
        return
    if item.type in WITH_SQL_ENDPOINT:
        item.properties["sqlEndpointProperties"] = {"provisioningStatus": "InProgress"}

    def end() -> None:
        failing = item.type in WITH_SQL_ENDPOINT and item.name in (emulated.switches.failing_endpoints or ())
        item.properties.update({"sqlEndpointProperties": {"provisioningStatus": "Failed"}} if failing else values)

    if emulated.switches.endpoint_time:
        emulated.timers.later(emulated.switches.endpoint_time, end)
    else:
        end()


def _values(item: Item) -> dict[str, t.Any]:
    host = uuid.uuid5(uuid.UUID(item.id), "host").hex[:26]
    if item.type in WITH_SQL_ENDPOINT:
        endpoint = {
            "connectionString": f"{host}.datawarehouse.fabric.microsoft.com",
            "id": sql_endpoint_id(item),
            "provisioningStatus": "Success",
        }
        return {"sqlEndpointProperties": endpoint}
    if item.type == "Warehouse":
        return {"connectionString": f"{host}.datawarehouse.fabric.microsoft.com"}
    if item.type == "SQLDatabase":
        return {"serverFqdn": f"{host}.database.fabric.microsoft.com,1433", "databaseName": f"{item.name}-{item.id}"}
    if item.type == "Eventhouse":
        return {"queryServiceUri": f"https://trd-{host}.z0.kusto.fabric.microsoft.com"}
    return {}
