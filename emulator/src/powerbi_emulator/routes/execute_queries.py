# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power BI: executeQueries, on the rows that a control path has put into a semantic model. `dax.py` is the DAX."""

from __future__ import annotations

import json
import typing as t

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from powerbi_emulator.callers import Caller
from powerbi_emulator.control_body import control_object
from powerbi_emulator.dax import DaxError, evaluate
from powerbi_emulator.emulator_state import EmulatorState, emulated_of
from powerbi_emulator.field_checks import FieldError, text
from powerbi_emulator.model_content import tables
from powerbi_emulator.powerbi_api import PowerBIError, json_object, plain, throttled
from powerbi_emulator.powerbi_items import item_of
from powerbi_emulator.role_members import has_roles
from powerbi_emulator.routes.datasets import DATASET, MODEL
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.datasets import Datasets
from powerbi_emulator.state.items import Item, Items
from powerbi_emulator.state.query_quota import QueryQuota
from powerbi_emulator.state.workspaces import Workspace

SYNTAX_ERROR: t.Final = "3239575574"  # of Analysis Services
MOST_VALUES: t.Final = 1_000_000
MOST_BYTES: t.Final = 15 << 20
_NOT_TO_BE_QUERIED: t.Final = (
    "You cannot query the dataset by using the REST API because the dataset was not found or you do not have the "
    "required permissions."
)


async def execute_queries(request: Request) -> Response:
    item, workspace, caller = item_of(request, "dataset_id", MODEL, "Viewer")
    emulated = emulated_of(request)
    _check_caller(emulated, item, workspace, caller)
    body = await json_object(request)
    queries = body.get("queries")
    if not isinstance(queries, list) or len(queries) != 1 or not isinstance(queries[0], dict):
        raise PowerBIError(400, "InvalidRequest", "Parameter queries: expected one query")
    settings = body.get("serializerSettings") or {}
    try:
        rows, problem = evaluate(
            str(queries[0].get("query", "")), tables(item.parts), emulated.store(Datasets).of(item).rows
        )
    except DaxError as error:
        raise PowerBIError(400, "DatasetExecuteQueriesError", detail=str(error), engine_code=SYNTAX_ERROR) from error
    if settings.get("includeNulls") is not True:
        rows = [{name: value for name, value in row.items() if value is not None} for row in rows]
    rows, limit = _limited(rows, int(emulated.switches.query_rows))
    problem = problem or limit
    result: dict[str, t.Any] = {"tables": [{"rows": rows}]}
    if problem:
        result["error"] = {"code": "DatasetExecuteQueriesError", "message": problem}
    return plain({"results": [result]})


async def set_rows(request: Request) -> Response:
    """``{"Orders": [{"Amount": 7}]}``: the rows of tables of a semantic model, as a refresh loads them."""
    body, emulated = await control_object(request), emulated_of(request)
    item = emulated.store(Items).anywhere(request.path_params["item_id"], *MODEL)
    if item is None:
        raise FieldError("item_id", "the id of a semantic model", request.path_params["item_id"])
    known = {name.lower() for name in tables(item.parts)}
    for name, rows in body.items():
        if name.lower() not in known:
            raise FieldError(text("table", name), f"one of {sorted(known)}", name)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise FieldError(name, "a list of rows, each an object", rows)
    emulated.store(Datasets).of(item).rows.update({name.lower(): rows for name, rows in body.items()})
    return JSONResponse({name: len(rows) for name, rows in body.items()})


def _check_caller(emulated: EmulatorState, item: Item, workspace: Workspace, caller: Caller) -> None:
    """Raise PowerBIError for a caller who may not query this model, or not now."""
    switches = emulated.switches
    if not switches.execute_queries:
        raise PowerBIError(403, "PowerBINotAuthorizedException")
    right = emulated.store(Datasets).of(item).users.get(caller.object_id, "")
    if not workspace.allows(caller, "Contributor") and "Explore" not in right:
        raise PowerBIError(404, "PowerBIEntityNotFound", detail=_NOT_TO_BE_QUERIED)
    if caller.is_app and (has_roles(item.parts) or item.name in (switches.sso_models or ())):
        raise PowerBIError(401, "PowerBINotAuthorizedException")
    seconds = emulated.store(QueryQuota).wait(caller.object_id)
    if seconds:
        raise throttled(seconds)


def _limited(rows: list[dict[str, t.Any]], most_rows: int) -> tuple[list[dict[str, t.Any]], str]:
    """The rows that are returned, and the error if these are not all."""
    most = min(most_rows, MOST_VALUES // max(1, *(len(row) for row in rows))) if rows else most_rows
    if len(rows) > most:
        return rows[:most], f"More than {most} rows in a query result"
    size = 0
    for number, row in enumerate(rows, start=1):
        size += len(json.dumps(row, ensure_ascii=False).encode())
        if size > MOST_BYTES and number < len(rows):
            return rows[:number], "More than 15 MB in a query result"
    return rows, ""


GROUP = RouteGroup(
    "execute_queries",
    [
        route(f"{DATASET}/executeQueries", "POST", execute_queries),
        route("/_emulator/semantic-models/{item_id}/rows", "PUT", set_rows),
    ],
    stores=(Items, Datasets, QueryQuota),
)
