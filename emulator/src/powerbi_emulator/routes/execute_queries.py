# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power BI: executeQueries, for DAX without data: EVALUATE of ROW or of a table, which is empty here."""

from __future__ import annotations

import json
import re
import typing as t

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.definition_parts import text_of_part
from powerbi_emulator.powerbi_api import PowerBIError, json_object, plain
from powerbi_emulator.powerbi_items import item_of
from powerbi_emulator.routes.datasets import DATASET, MODEL
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.items import Item

_ROW: t.Final = re.compile(r'\s*EVALUATE\s+ROW\s*\(\s*(".*)\)\s*', re.IGNORECASE | re.DOTALL)
_TABLE: t.Final = re.compile(r"\s*EVALUATE\s+(?:'([^']+)'|(\w+))\s*", re.IGNORECASE)
_PAIR: t.Final = re.compile(r'"((?:[^"]|"")*)"\s*,\s*("(?:[^"]|"")*"|-?\d+(?:\.\d+)?|TRUE\(\)|FALSE\(\))\s*(?:,\s*|\Z)')


async def execute_queries(request: Request) -> Response:
    item, _, _ = item_of(request, "dataset_id", MODEL, "Viewer")
    queries = (await json_object(request)).get("queries")
    if not isinstance(queries, list) or len(queries) != 1 or not isinstance(queries[0], dict):
        raise PowerBIError(400, "InvalidRequest", "Parameter queries: expected one query")
    rows = _evaluated(item, str(queries[0].get("query", "")))
    return plain({"results": [{"tables": [{"rows": rows}]}]})


def _evaluated(item: Item, query: str) -> list[dict[str, t.Any]]:
    row = _ROW.fullmatch(query)
    if row:
        pairs = list(_PAIR.finditer(row[1].strip()))
        if "".join(pair[0] for pair in pairs) == row[1].strip():
            return [{f"[{pair[1]}]": _literal(pair[2]) for pair in pairs}]
    table = _TABLE.fullmatch(query)
    if table and (table[1] or table[2]).lower() in _tables(item):
        return []
    name = (table[1] or table[2]) if table else ""
    text = (
        f"Cannot find table '{name}'." if name else f"Query (1, 1) The syntax for '{query[:20].strip()}' is incorrect."
    )
    raise PowerBIError(400, "DatasetExecuteQueriesError", detail=text)


def _literal(text: str) -> t.Any:
    if text.startswith('"'):
        return text[1:-1].replace('""', '"')
    if text.upper() in ("TRUE()", "FALSE()"):
        return text.upper() == "TRUE()"
    return float(text) if "." in text else int(text)


def _tables(item: Item) -> set[str]:
    if "model.bim" in item.parts:
        tables = json.loads(text_of_part(item.parts, "model.bim"))["model"].get("tables", [])
        return {str(table.get("name", "")).lower() for table in tables}
    found: set[str] = set()
    for path in item.parts:
        if path.endswith(".tmdl"):
            names = re.findall(r"^table (?:'([^'\n]+)'|(\S+))", text_of_part(item.parts, path), re.MULTILINE)
            found |= {(quoted or bare).lower() for quoted, bare in names}
    return found


GROUP = RouteGroup("execute_queries", [route(f"{DATASET}/executeQueries", "POST", execute_queries)])
