# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""Fields of a report that its semantic model does not have, for example after a measure was renamed.

The service accepts such a report, so these are warnings. Only certain cases are reported: fields with the name of
their table, for a model in the same folder, and not of calculated tables, whose columns may be missing in the files.
"""

from __future__ import annotations

import re
import typing as t

from . import json_text
from .item import LocalItem
from .model import read
from .model.tree import Node
from .problem import WARNING, Problem
from .text import decode, position, suffix

_KINDS = {"Column": "column", "Measure": "measure"}
_EXTENSIONS = "definition/reportExtensions.json"


class Fields:
    """The fields of a model: tables, and per table its columns, measures and whether it may have more."""

    def __init__(self, root: Node) -> None:
        self.tables: dict[str, Node] = {table.name.casefold(): table for table in root.of_kind("table")}
        self.fields = {
            (field.kind, table.name.casefold(), field.name.casefold())
            for table in self.tables.values()
            for field in table.of_kind("column", "measure")
        }

    def has(self, kind: str, table: str, name: str) -> bool:
        found = self.tables.get(table.casefold())
        if found is None:
            return False
        computed = any((part.value or "").lower() == "calculated" for part in found.of_kind("partition"))
        computed = computed or bool(found.of_kind("calculationGroup"))
        return (kind, table.casefold(), name.casefold()) in self.fields or (kind == "column" and computed)


def fields_of(model: LocalItem) -> Fields | None:
    """The fields of a model; None if it can't be parsed unambiguously."""
    root = read.read_model(model.parts)
    return None if root is None else Fields(root)


def missing_fields(report: LocalItem, model: LocalItem, fields: Fields) -> t.Iterator[Problem]:
    """A warning for each field that the model doesn't have, and each part that uses it."""
    own = set(_own_measures(report))
    for path, data in report.parts.items():
        if suffix(path) != ".json" or b'"SourceRef"' not in data or not path.startswith("definition/"):
            continue
        text = decode(data)
        value = json_text.parse(text, path)[0] if text else None
        for kind, table, name in sorted(set(_shown(value))):
            if not fields.has(kind, table, name) and (kind, table.casefold(), name.casefold()) not in own:
                what = f"the {kind} {table}[{name}] isn't in {model}"
                yield Problem(
                    f"{report.path}/{path}",
                    _line_of(text or "", name),
                    0,
                    what,
                    "Correct the visual, or the model",
                    WARNING,
                    "missing-field",
                )


def _line_of(text: str, name: str) -> int:
    """The line of the first field with that name, 0 for none."""
    match = re.search(rf'"Property"\s*:\s*{re.escape(json_text.dump(name, indent=None))}', text)
    return position(text, match.start())[0] if match else 0


def _shown(value: t.Any) -> t.Iterator[tuple[str, str, str]]:
    """Kind, table and name of every field in a JSON value, at any depth."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, list):
            waiting.extend(found)
        elif isinstance(found, dict):
            waiting.extend(found.values())
            for key, kind in _KINDS.items():
                field = found.get(key)
                if isinstance(field, dict) and isinstance(field.get("Property"), str):
                    table = _entity(field)
                    if table:
                        yield kind, table, field["Property"]


def _entity(field: dict[str, t.Any]) -> str:
    """The table of a field; "" for an alias, and for a report-level measure (with a schema)."""
    expression = field.get("Expression")
    source = expression.get("SourceRef") if isinstance(expression, dict) else None
    entity = source.get("Entity") if isinstance(source, dict) and "Schema" not in source else None
    return entity if isinstance(entity, str) else ""


def _own_measures(report: LocalItem) -> t.Iterator[tuple[str, str, str]]:
    """Measures that the report itself defines."""
    text = decode(report.parts.get(_EXTENSIONS, b""))
    value = json_text.parse(text, _EXTENSIONS)[0] if text else None
    entities = value.get("entities") if isinstance(value, dict) else None
    for entity in entities if isinstance(entities, list) else ():
        measures = entity.get("measures") if isinstance(entity, dict) else None
        for measure in measures if isinstance(measures, list) else ():
            if isinstance(measure, dict):
                yield "measure", str(entity.get("name", "")).casefold(), str(measure.get("name", "")).casefold()
