# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fabric: reading and replacing the definition of an item."""

from __future__ import annotations

import typing as t

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.definition_parts import requested_parts
from powerbi_emulator.definition_rewriting import parts_to_json
from powerbi_emulator.destructive_changes import deletes_data
from powerbi_emulator.emulator_state import EmulatorState, emulated_of
from powerbi_emulator.fabric_api import FabricError, json_object
from powerbi_emulator.item_definitions import FORMATS, Definition, examined, platform_of, requested_format
from powerbi_emulator.item_types import BY_NAME
from powerbi_emulator.model_languages import as_tmdl, as_tmsl
from powerbi_emulator.model_languages.vocabulary import TranslationError
from powerbi_emulator.notebook_formats import as_source, without_files
from powerbi_emulator.routes.fabric_items import ITEM, check_import, check_model, check_name, item_of
from powerbi_emulator.routes.fabric_operations import finished, run
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.items import Item, Items, Parts
from powerbi_emulator.state.operations import Operations
from powerbi_emulator.state.workspaces import Workspace
from powerbi_emulator.synchronous_answers import reading_is_done, update_is_done

# The format of the response if none is requested, in whichever format the definition was written.
_DEFAULT_FORMATS: t.Final = {"Notebook": "FabricGitSource", "SparkJobDefinition": "SparkJobDefinitionV1"}
_TRANSLATIONS: t.Final = {
    "TMSL": as_tmsl,
    "TMDL": as_tmdl,
    "FabricGitSource": as_source,
    "SparkJobDefinitionV1": without_files,
}


async def get_definition(request: Request) -> Response:
    """getDefinition in the requested format, else in the default of the type or in the format of the last write."""
    item, _, caller = item_of(request, "Contributor")
    _check_support(item)
    query_format = request.query_params.get("format")
    if query_format is not None and item.type not in FORMATS:
        raise FabricError(400, "InvalidDefinitionFormat", f"The format '{query_format}' is not known for {item.type}.")
    requested = requested_format(item.type, {"format": query_format}) or _DEFAULT_FORMATS.get(item.type)
    emulated = emulated_of(request)

    def work() -> dict[str, t.Any]:
        if requested is None or item.format in (None, requested):
            kind, parts = requested or item.format, definition_parts(emulated, item)
        else:
            kind, parts = requested, _translated(emulated, item, requested)
        return {"definition": {**({"format": kind} if kind else {}), "parts": parts}}

    return finished(work()) if reading_is_done(item.type) else run(request, caller, work, "read", item.type)


async def update_definition(request: Request) -> Response:
    """Replace all parts; with the query ``updateMetadata``, ``.platform`` may rename the item."""
    item, workspace, caller = item_of(request, "Contributor")
    _check_support(item)
    given = (await json_object(request)).get("definition")
    parts, form = requested_parts(given), requested_format(item.type, given)
    with_metadata = request.query_params.get("updateMetadata", "").lower() == "true"
    emulated = emulated_of(request)

    def work() -> None:
        definition = examined(item.type, parts, name=item.name if not with_metadata else None, format=form)
        check_model(emulated, definition.model_id)
        check_import(emulated, item.type)
        check_data(emulated, item, definition.parts)
        if with_metadata:
            _update_metadata(emulated, workspace, item, definition)
        item.parts, item.format, item.model_id = definition.parts, definition.format, definition.model_id
        item.owner = caller.principal
        item.touch(emulated)

    if update_is_done(item.type):
        work()
        return finished(None)
    return run(request, caller, work, "update", item.type)


def check_data(emulated: EmulatorState, item: Item, parts: Parts) -> None:
    """Raise FabricError for a definition that would delete rows of the semantic model."""
    if not emulated.switches.destructive_updates_refused or item.type != "SemanticModel":
        return
    if deletes_data(item.parts, parts, item.loaded):
        text = f"Dataset {item.id} changes will cause data deletion."
        raise FabricError(400, "Alm_InvalidRequest_PurgeRequired", text)


def _update_metadata(emulated: EmulatorState, workspace: Workspace, item: Item, definition: Definition) -> None:
    platform = platform_of(definition.parts)
    if platform is None:
        return
    name, description = platform
    check_name(emulated, workspace, item.type, name, item)
    item.name = name
    item.description = item.description if description is None else description


def definition_parts(emulated: EmulatorState, item: Item) -> list[dict[str, t.Any]]:
    """The parts as the service returns them, cached until the item changes."""
    if item.returned_parts is None or item.rewritten_parts is not emulated.switches.definition_rewrite:
        item.rewritten_parts = emulated.switches.definition_rewrite
        item.returned_parts = parts_to_json(item, item.parts, rewrite=item.rewritten_parts)
    return item.returned_parts


def _translated(emulated: EmulatorState, item: Item, requested: str) -> list[dict[str, t.Any]]:
    translations = {
        "TMSL": as_tmsl,
        "TMDL": as_tmdl,
        "FabricGitSource": as_source,
        "SparkJobDefinitionV1": without_files,
    }
    translate = translations.get(requested)
    if translate is None:
        text = f"The definition is in the format {item.format}: the emulator does not translate it to {requested}."
        raise FabricError(400, "InvalidDefinitionFormat", text)
    try:
        parts = translate(item.parts)
    except TranslationError as error:
        raise FabricError(
            400, "InvalidDefinitionFormat", f"The emulator can't convert it to {requested}: {error}"
        ) from error
    return parts_to_json(item, parts, rewrite=emulated.switches.definition_rewrite)


def _check_support(item: Item) -> None:
    if not BY_NAME[item.type].has_definition:
        text = f"Operation not supported for requested item: {item.type}."
        raise FabricError(400, "OperationNotSupportedForItem", text)


GROUP = RouteGroup(
    "fabric_item_definitions",
    [
        route(f"{ITEM}/getDefinition", "POST", get_definition),
        route(f"{ITEM}/updateDefinition", "POST", update_definition),
    ],
    stores=(Items, Operations),
)
