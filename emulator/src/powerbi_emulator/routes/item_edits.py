# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""``/_emulator/items``: edits of items in the portal or by XMLA, for which the services have no REST path."""

from __future__ import annotations

import typing as t

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from powerbi_emulator.control_body import BodyError, control_object
from powerbi_emulator.definition_parts import encoded
from powerbi_emulator.emulator_state import EmulatorState, emulated_of
from powerbi_emulator.errors import ServiceError
from powerbi_emulator.field_checks import FieldError, mapping, text, texts
from powerbi_emulator.item_definitions import examined
from powerbi_emulator.report_conversion import converted
from powerbi_emulator.role_members import UnknownRoleError, with_members
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.directory import Directory
from powerbi_emulator.state.items import Item, Items, Parts


async def edit_definition(request: Request) -> Response:
    """``{"parts": {"definition/tables/A.tmdl": "text", "b.json": null}, "by": "megan.bowen@..."}``, both optional.

    A text replaces a part, null removes it. With the switch ``report_conversion`` a report in the legacy format is
    converted to PBIR at its first edit, before the parts are replaced.
    """
    emulated = emulated_of(request)
    item, body = _item_of(request), await control_object(request, ("parts", "by"))
    changes = mapping("parts", body.get("parts", {}))
    for path, content in changes.items():
        text("parts", path)
        if content is not None and not isinstance(content, str):
            raise FieldError(f"parts.{path}", "a text, or null for a part to remove", content)
    parts: Parts = dict(item.parts)
    if item.type == "Report" and "report.json" in parts and emulated.switches.report_conversion:
        parts = converted(parts)
    for path, content in changes.items():
        parts.pop(path, None)
        parts.update({} if content is None else {path: encoded(content)})
    _take(emulated, item, parts, body.get("by"))
    return Response(status_code=204)


async def put_role_members(request: Request) -> Response:
    """``{"Reader": ["megan.bowen@..."]}``: the members of a semantic model's roles; other roles are unchanged."""
    emulated = emulated_of(request)
    item, body = _item_of(request), await control_object(request)
    if item.type != "SemanticModel":
        raise FieldError("item_id", "the id of a semantic model", item.type)
    members = {role: texts(role, names) for role, names in body.items()}
    try:
        _take(emulated, item, with_members(item.parts, members), None)
    except UnknownRoleError as error:
        return JSONResponse({"error": str(error)}, 400)
    return Response(status_code=204)


def _item_of(request: Request) -> Item:
    item = emulated_of(request).store(Items).anywhere(request.path_params["item_id"])
    if item is None:
        raise FieldError("item_id", "the id of an item", request.path_params["item_id"])
    return item


def _take(emulated: EmulatorState, item: Item, parts: Parts, by: t.Any) -> None:
    """Replace an item's parts; the editor becomes its owner."""
    editor = item.owner
    if by is not None:
        found = emulated.store(Directory).principal(text("by", by))
        if found is None:
            raise FieldError("by", "a principal of the tenant, by name or id", by)
        editor = found
    try:
        definition = examined(item.type, parts)
    except ServiceError as error:
        raise BodyError(f"`parts`: the definition would not be valid: {error}") from error
    item.parts, item.format, item.owner = definition.parts, definition.format, editor
    item.model_id = definition.model_id or item.model_id
    item.touch(emulated)


_ITEM: t.Final = "/_emulator/items/{item_id}"

GROUP = RouteGroup(
    "item_edits",
    [
        route(f"{_ITEM}/definition", "PATCH", edit_definition),
        route(f"{_ITEM}/role-members", "PUT", put_role_members),
    ],
    stores=(Directory, Items),
)
