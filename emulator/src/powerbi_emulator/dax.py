# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A few forms of DAX queries, enough for smoke tests: EVALUATE of a table, of TOPN of it, and of ROW. Pure.

An expression in ROW is a literal, BLANK(), COUNTROWS(Table), or SUM, MIN or MAX of a column.
"""

from __future__ import annotations

import re
import typing as t

Rows = list[dict[str, t.Any]]

_QUERY: t.Final = re.compile(r"\s*EVALUATE\b(?P<body>.*)", re.IGNORECASE | re.DOTALL)
_STRING: t.Final = r'"(?:[^"]|"")*"'
_NAME: t.Final = r"(?:'(?:[^']|'')+'|\w+)"
_ROW: t.Final = re.compile(r"ROW\s*\((.*)\)", re.IGNORECASE | re.DOTALL)
_TOPN: t.Final = re.compile(rf"TOPN\s*\(\s*(\d+)\s*,\s*({_NAME})\s*\)", re.IGNORECASE)
_PAIR: t.Final = re.compile(
    rf"\s*({_STRING})\s*,\s*({_STRING}|-?\d+(?:\.\d+)?|\w+\s*\(\s*(?:{_NAME}\s*(?:\[[^\]]+\])?)?\s*\))\s*(?:,|\Z)",
)
_CALL: t.Final = re.compile(rf"(\w+)\s*\(\s*(?:({_NAME})\s*(?:\[([^\]]+)\])?)?\s*\)")
_AGGREGATES: t.Final[dict[str, t.Callable[[t.Iterable[t.Any]], t.Any]]] = {"SUM": sum, "MIN": min, "MAX": max}


class DaxError(ValueError):
    """The query can't be run; the text is that of the service."""


def evaluate(query: str, known: t.Iterable[str], loaded: t.Mapping[str, Rows]) -> tuple[Rows, str]:
    """The rows of a query, and the error that the service returns with them, empty for none. Raises DaxError.

    ``known`` are the names of the model's tables; ``loaded`` their rows, by name in lower case.
    """
    found = _QUERY.fullmatch(query)
    if found is None:
        raise DaxError(f"Query (1, 1) The syntax for '{query.strip()[:20]}' is incorrect.")
    first, *others = re.split(r"\bEVALUATE\b", found["body"], flags=re.IGNORECASE)
    names = {name.lower(): name for name in known}
    return _rows(first.strip(), names, loaded), "More than one result table in a query" if others else ""


def _rows(text: str, names: t.Mapping[str, str], loaded: t.Mapping[str, Rows]) -> Rows:
    row, top = _ROW.fullmatch(text), _TOPN.fullmatch(text)
    if row is not None:
        return [_row(row[1], names, loaded)]
    if top is not None:
        return _table(top[2], names, loaded)[: int(top[1])]
    if re.fullmatch(_NAME, text):
        return _table(text, names, loaded)
    raise DaxError(f"Query (1, 10) The syntax for '{text[:20]}' is incorrect.")


def _table(text: str, names: t.Mapping[str, str], loaded: t.Mapping[str, Rows]) -> Rows:
    name = _known(text, names)
    return [{f"{name}[{column}]": value for column, value in row.items()} for row in loaded.get(name.lower(), [])]


def _known(text: str, names: t.Mapping[str, str]) -> str:
    name = text[1:-1].replace("''", "'") if text.startswith("'") else text
    if name.lower() not in names:
        raise DaxError(f"Cannot find table '{name}'.")
    return names[name.lower()]


def _row(text: str, names: t.Mapping[str, str], loaded: t.Mapping[str, Rows]) -> dict[str, t.Any]:
    result: dict[str, t.Any] = {}
    position = 0
    for pair in _PAIR.finditer(text):
        if pair.start() != position:
            break
        position = pair.end()
        result[f"[{_unquoted(pair[1])}]"] = _value(pair[2], names, loaded)
    if not result or position != len(text):
        raise DaxError(f"Query (1, 14) The syntax for '{text[position:].strip()[:20]}' is incorrect.")
    return result


def _value(text: str, names: t.Mapping[str, str], loaded: t.Mapping[str, Rows]) -> t.Any:
    call = _CALL.fullmatch(text)
    if text.startswith('"'):
        return _unquoted(text)
    if call is None:
        return float(text) if "." in text else int(text)
    function, table, column = call[1].upper(), call[2], call[3]
    if table is None and function in ("TRUE", "FALSE", "BLANK"):
        return None if function == "BLANK" else function == "TRUE"
    if table is not None and column is None and function == "COUNTROWS":
        return len(_table(table, names, loaded)) or None  # COUNTROWS of an empty table is blank
    if table is not None and column is not None and function in _AGGREGATES:
        name = _known(table, names)
        values = [row[column] for row in loaded.get(name.lower(), []) if row.get(column) is not None]
        return _AGGREGATES[function](values) if values else None
    raise DaxError(
        f"Query (1, 14) Failed to resolve name '{call[1]}'. It is not a valid table, variable, or function name."
    )


def _unquoted(text: str) -> str:
    return text[1:-1].replace('""', '"')
