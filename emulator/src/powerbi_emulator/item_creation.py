# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The service's checks before it creates an item, and the properties of single types besides a definition."""

from __future__ import annotations

import re
import typing as t

from powerbi_emulator.emulator_state import EmulatorState
from powerbi_emulator.fabric_api import FabricError, bad_request
from powerbi_emulator.item_definitions import value_sets
from powerbi_emulator.item_types import ItemType
from powerbi_emulator.state.items import Item, Items
from powerbi_emulator.state.workspaces import Workspace

_COLLATION: t.Final = "Latin1_General_100_BIN2_UTF8"
DEFAULT_VALUE_SET: t.Final = "Default value set"


def check_display_name(item_type: ItemType, name: str) -> None:
    """Raise FabricError for a name that is invalid for the type."""
    if item_type.display_name and not re.fullmatch(item_type.display_name, name):
        raise bad_request(f"DisplayName is Invalid for ArtifactType. DisplayName: {name}")


def check_limit(emulated: EmulatorState, workspace: Workspace) -> None:
    """Raise FabricError if the workspace has reached its item limit; soft-deleted items count as well."""
    items = emulated.store(Items)
    if len(items.all(workspace.id)) + len(items.deleted(workspace.id)) >= emulated.switches.item_limit:
        raise FabricError(400, "WorkspaceItemsLimitExceeded", "Workspace item limit exceeded.")


def creation_payload(item_type: ItemType, body: dict[str, t.Any]) -> dict[str, t.Any]:
    """The creationPayload of a request, checked. Raises FabricError."""
    given = body.get("creationPayload")
    if given is None:
        if item_type.needs_payload:
            raise bad_request("The creationPayload field is required.")
        return {}
    if body.get("definition") is not None:
        raise bad_request("Use either creationPayload or definition, not both.")
    if not isinstance(given, dict) or not item_type.creation_payload:
        raise bad_request(f"The creationPayload field is not supported for {item_type.name}.")
    unknown = sorted(set(given) - set(item_type.creation_payload))
    if unknown:
        raise bad_request(f"The creationPayload field has unknown properties: {', '.join(unknown)}.")
    return given


def properties_of(item_type: ItemType, payload: dict[str, t.Any]) -> dict[str, t.Any]:
    """The ``properties`` of a new item, at the path of its type."""
    if item_type.name == "Lakehouse":
        return {"defaultSchema": "dbo"} if payload.get("enableSchemas") is True else {}
    if item_type.name == "Warehouse":
        return {"defaultCollation": payload.get("defaultCollation", _COLLATION)}
    if item_type.name == "VariableLibrary":
        return {"activeValueSetName": DEFAULT_VALUE_SET}
    return dict(payload)


def update_properties(item: Item, given: t.Any) -> None:
    """``properties`` of a PATCH to the type's own path. Raises FabricError."""
    if item.type != "VariableLibrary" or not isinstance(given, dict) or set(given) != {"activeValueSetName"}:
        raise bad_request(f"The properties field is not supported for {item.type}.")
    name = given["activeValueSetName"]
    if name != DEFAULT_VALUE_SET and name not in value_sets(item.parts):
        raise bad_request(f"There is no value set '{name}'.")
    item.properties = {**item.properties, "activeValueSetName": name}
