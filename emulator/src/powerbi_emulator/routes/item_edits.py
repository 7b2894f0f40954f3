# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""``/_emulator/items``: what people do to items in the portal or by XMLA, for which the services have no REST path."""

from __future__ import annotations

import json
import typing as t

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from powerbi_emulator.errors import ServiceError
from powerbi_emulator.item_definitions import encoded, examined
from powerbi_emulator.report_conversion import converted
from powerbi_emulator.role_members import UnknownRoleError, with_members
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.directory import Directory
from powerbi_emulator.state.items import Item, Items, Parts
from powerbi_emulator.world import World, world_of


class _RefusedError(ValueError):
    """The request can't be done; its text says why."""


async def edit_definition(request: Request) -> Response:
    """``{"parts": {"definition/tables/A.tmdl": "text", "b.json": null}, "by": "megan.bowen@..."}``, both optional.

    A text replaces a part, null removes it. With the switch ``report_conversion`` a report in the legacy format becomes
    one in PBIR at its first edit, before the parts are replaced.
    """
    world = world_of(request)
    try:
        item, body = _item_of(request), await _object_of(request)
        changes = body.get("parts", {})
        if not isinstance(changes, dict) or not all(text is None or isinstance(text, str) for text in changes.values()):
            raise _RefusedError("`parts`: expected an object of texts, or null for a part to remove")
        parts: Parts = dict(item.parts)
        if item.type == "Report" and "report.json" in parts and world.switches.report_conversion:
            parts = converted(parts)
        for path, text in changes.items():
            parts.pop(path, None)
            parts.update({} if text is None else {path: encoded(text)})
        _take(world, item, parts, body.get("by"))
    except _RefusedError as error:
        return JSONResponse({"error": str(error)}, 400)
    return Response(status_code=204)


async def put_role_members(request: Request) -> Response:
    """``{"Reader": ["megan.bowen@..."]}``: the members of a semantic model's roles; roles not named keep theirs."""
    world = world_of(request)
    try:
        item, body = _item_of(request), await _object_of(request)
        if item.type != "SemanticModel" or not all(isinstance(names, list) for names in body.values()):
            raise _RefusedError("expected a semantic model, and lists of names by role")
        members = {role: [str(name) for name in names] for role, names in body.items()}
        _take(world, item, with_members(item.parts, members), None)
    except (_RefusedError, UnknownRoleError) as error:
        return JSONResponse({"error": str(error)}, 400)
    return Response(status_code=204)


def _item_of(request: Request) -> Item:
    item = world_of(request).store(Items).anywhere(request.path_params["item_id"])
    if item is None:
        raise _RefusedError("there is no such item")
    return item


async def _object_of(request: Request) -> dict[str, t.Any]:
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError as error:
        raise _RefusedError(str(error)) from error
    if not isinstance(body, dict):
        raise _RefusedError("expected a JSON object")
    return body


def _take(world: World, item: Item, parts: Parts, by: t.Any) -> None:
    """Give an item the parts; whoever edits it owns it from then on."""
    editor = item.owner
    if by is not None:
        found = world.store(Directory).principal(str(by))
        if found is None:
            raise _RefusedError(f"there is no principal {by!r}")
        editor = found
    try:
        definition = examined(item.type, parts)
    except ServiceError as error:
        raise _RefusedError(f"the definition would not be valid: {error}") from error
    item.parts, item.format, item.owner = definition.parts, definition.format, editor
    item.model_id = definition.model_id or item.model_id
    item.touch(world)


_ITEM: t.Final = "/_emulator/items/{item_id}"

GROUP = RouteGroup(
    "item_edits",
    [
        route(f"{_ITEM}/definition", "PATCH", edit_definition),
        route(f"{_ITEM}/role-members", "PUT", put_role_members),
    ],
    stores=(Directory, Items),
)
