# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Items that the service makes by itself: SQL endpoints, default models, staging of dataflows, usage metrics."""

from __future__ import annotations

import typing as t
import uuid

from powerbi_emulator.definition_parts import encoded
from powerbi_emulator.emulator_state import EmulatorState
from powerbi_emulator.state.directory_objects import Principal
from powerbi_emulator.state.items import Item, Items

WITH_SQL_ENDPOINT: t.Final = ("Lakehouse", "MirroredDatabase")
_WITH_DEFAULT_MODEL: t.Final = (*WITH_SQL_ENDPOINT, "Warehouse")
_STAGING: t.Final = {"Lakehouse": "StagingLakehouseForDataflows_", "Warehouse": "StagingWarehouseForDataflows_"}
_MODEL: t.Final = "model Model\n\tculture: en-US\n"
_PBISM: t.Final = '{"version": "4.2", "settings": {}}'


def sql_endpoint_id(item: Item) -> str:
    return str(uuid.uuid5(uuid.UUID(item.id), "endpoint"))


def add_companions(emulated: EmulatorState, item: Item) -> None:
    """The items that the service makes for a new one, as far as the switches have them."""
    items = emulated.store(Items)
    if emulated.switches.companion_items and item.type in WITH_SQL_ENDPOINT:
        _create(items, item, "SQLEndpoint", item.name, parent_id=item.id, item_id=sql_endpoint_id(item))
    if emulated.switches.default_semantic_models and item.type in _WITH_DEFAULT_MODEL:
        _create(items, item, "SemanticModel", item.name, parent_id=item.id, **_definition())
    if emulated.switches.companion_items and item.type == "Dataflow":
        for item_type, prefix in _STAGING.items():
            if not any(one.name.startswith(prefix) for one in items.all(item.workspace_id, item_type)):
                _create(items, item, item_type, f"{prefix}20260102030405")


def create_usage_metrics(emulated: EmulatorState, workspace_id: str, owner: Principal) -> list[Item]:
    """The semantic model and the report of usage metrics, which the service makes when they are first opened."""
    items = emulated.store(Items)
    model = items.create(workspace_id, "SemanticModel", "Report Usage Metrics Model", owner, **_definition())
    return [model, items.create(workspace_id, "Report", "Report Usage Metrics Report", owner, model_id=model.id)]


def _create(items: Items, origin: Item, item_type: str, name: str, **fields: t.Any) -> None:
    items.create(origin.workspace_id, item_type, name, origin.owner, **fields)


def _definition() -> dict[str, t.Any]:
    parts = {"definition.pbism": _PBISM, "definition/model.tmdl": _MODEL, "definition/database.tmdl": "database\n"}
    return {"format": "TMDL", "parts": {path: encoded(content) for path, content in parts.items()}}
