# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""Fields of a report that its semantic model does not have, for example after a measure was renamed.

The service accepts such a report, so these are warnings, one for each field, at the first place that uses it. Only certain
cases are reported: fields of a model in the same folder, and not of calculated tables, whose columns may be missing in the
files. All places count: visuals, filters, drillthrough parameters, bookmarks and sorting, in both formats of reports.
"""

from __future__ import annotations

import re
import typing as t

from .. import json_text
from ..item import LocalItem
from ..model import read
from ..model.tree import Node
from ..problem import WARNING, Problem
from ..text import decode, position, suffix

_KINDS = {"Column": ("column", "Property"), "Measure": ("measure", "Property"), "Hierarchy": ("hierarchy", "Hierarchy")}
"""Key of a field -> its kind, and the key of its name."""

_OF_KPIS = ("Goal", "Status", "Trend")
"""Measures that the service makes for the KPI of a measure ("_Margin Status")."""

_EXTENSIONS = "definition/reportExtensions.json"
_LEGACY = "report.json"

Field = tuple[str, str, str]
"""Kind, table and name; that of a level contains its hierarchy ("Date.Year")."""


class Fields:
    """The fields of a model: tables, and per table its columns, measures, hierarchies and whether it may have more columns."""

    def __init__(self, root: Node) -> None:
        self.tables: dict[str, Node] = {table.name.casefold(): table for table in root.of_kind("table")}
        self.fields = {
            (field.kind, table.name.casefold(), field.name.casefold())
            for table in self.tables.values()
            for field in table.of_kind("column", "measure", "hierarchy")
        }
        self.fields |= {
            ("level", table.name.casefold(), f"{hierarchy.name}.{level.name}".casefold())
            for table in self.tables.values()
            for hierarchy in table.of_kind("hierarchy")
            for level in hierarchy.of_kind("level")
        }
        self.fields |= {
            ("measure", table.name.casefold(), f"_{measure.name} {part}".casefold())
            for table in self.tables.values()
            for measure in table.of_kind("measure")
            for part in _OF_KPIS
            if measure.of_kind("kpi")
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
    """A warning for each field that the model doesn't have, at its first place."""
    own = set(_own_measures(report))
    places: dict[Field, list[tuple[str, int]]] = {}
    for path in sorted(report.parts):
        data = report.parts[path]
        if b"SourceRef" not in data or not (path == _LEGACY or path.startswith("definition/")):
            continue
        if suffix(path) != ".json":
            continue
        text = decode(data)
        value = json_text.parse(text, path)[0] if text else None
        for field in sorted(set(_shown(value, nested=path == _LEGACY))):
            kind, table, name = field
            if not fields.has(*field) and (kind, table.casefold(), name.casefold()) not in own:
                places.setdefault(field, []).append((path, _line_of(text or "", name.rpartition(".")[2])))
    for (kind, table, name), used in places.items():
        what = f"the {kind} {table}[{name}] isn't in {model}"
        what += f" (used in {len(used)} files)" if len(used) > 1 else ""
        path, line = used[0]
        yield Problem(
            f"{report.path}/{path}", line, 0, what, "Correct the visual, or the model", WARNING, "missing-field"
        )


def _line_of(text: str, name: str) -> int:
    """The line of the first field with that name, 0 for none."""
    match = re.search(rf'"(?:Property|Hierarchy|Level)"\s*:\s*{re.escape(json_text.dump(name, indent=None))}', text)
    return position(text, match.start())[0] if match else 0


def _shown(value: t.Any, *, nested: bool) -> t.Iterator[Field]:
    """Every field in a JSON value, at any depth. ``nested``: also in the JSON texts inside it, as in the legacy format."""
    waiting: list[tuple[t.Any, dict[str, str]]] = [(value, {})]
    while waiting:
        found, aliases = waiting.pop()
        if isinstance(found, list):
            waiting.extend((entry, aliases) for entry in found)
        elif isinstance(found, dict):
            aliases = {**aliases, **_aliases(found.get("From"))}
            waiting.extend((entry, aliases) for entry in found.values())
            for key, (kind, name) in _KINDS.items():
                field = found.get(key)
                if isinstance(field, dict) and isinstance(field.get(name), str):
                    yield from _of_table(kind, _table(field, aliases), field[name])
            level = found.get("HierarchyLevel")
            inner = level.get("Expression") if isinstance(level, dict) else None
            hierarchy = inner.get("Hierarchy") if isinstance(inner, dict) else None
            if isinstance(level, dict) and isinstance(hierarchy, dict):
                path = f"{hierarchy.get('Hierarchy')}.{level.get('Level')}"
                yield from _of_table("level", _table(hierarchy, aliases), path)
        elif nested and isinstance(found, str) and found[:1] in ("{", "[") and "SourceRef" in found:
            waiting.append((json_text.parse(found, "")[0], {}))


def _of_table(kind: str, table: str, name: str) -> t.Iterator[Field]:
    if table:
        yield kind, table, name


def _aliases(sources: t.Any) -> dict[str, str]:
    """The tables of a query's sources by their aliases, "" for a source that is no table."""
    result = {}
    for source in sources if isinstance(sources, list) else ():
        if isinstance(source, dict) and isinstance(source.get("Name"), str):
            entity = source.get("Entity") if "Schema" not in source else None
            result[source["Name"]] = entity if isinstance(entity, str) else ""
    return result


def _table(field: t.Mapping[str, t.Any], aliases: t.Mapping[str, str]) -> str:
    """The table of a field; "" for one of another query, of a variation, or of the report itself (with a schema)."""
    expression = field.get("Expression")
    source = expression.get("SourceRef") if isinstance(expression, dict) else None
    if not isinstance(source, dict) or "Schema" in source:
        return ""
    entity, alias = source.get("Entity"), source.get("Source")
    if isinstance(alias, str):
        return aliases.get(alias, "")
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
