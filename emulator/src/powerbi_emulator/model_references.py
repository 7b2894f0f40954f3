# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names in a semantic model of objects that it does not have, which the service rejects. Pure."""

from __future__ import annotations

import json
import typing as t

from powerbi_emulator.definition_parts import text_of_part
from powerbi_emulator.model_languages import as_tmsl
from powerbi_emulator.model_languages.vocabulary import Json, TranslationError
from powerbi_emulator.state.items import Parts

_COLLECTIONS: t.Final = ("columns", "measures", "hierarchies")


def unresolved(parts: Parts) -> str:
    """The first path to an object that does not exist, "" for none and for a model that can't be parsed."""
    try:
        model = json.loads(text_of_part(parts if "model.bim" in parts else as_tmsl(parts), "model.bim"))["model"]
        return next(_Model(model).unresolved(), "")
    except (TranslationError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ""


class _Model:
    """``names`` are the objects of tables as (table, collection, name), in lower case."""

    def __init__(self, model: Json) -> None:
        self.model = model
        self.tables = {str(table["name"]).lower(): table for table in model.get("tables", [])}
        self.names = {
            (name, collection, str(entry["name"]).lower())
            for name, table in self.tables.items()
            for collection in _COLLECTIONS
            for entry in table.get(collection, [])
        }

    def unresolved(self) -> t.Iterator[str]:
        for relationship in self.model.get("relationships", []):
            for end in ("from", "to"):
                yield from self._path(relationship[f"{end}Table"], "columns", relationship[f"{end}Column"])
        for expression in self.model.get("expressions", []):
            yield from self._top("queryGroups", expression.get("queryGroup"), "folder")
        for name, table in self.tables.items():
            yield from self._of_table(name, table)
        for role in self.model.get("roles", []):
            for permission in role.get("tablePermissions", []):
                columns = permission.get("columnPermissions", [])
                yield from self._objects(permission["name"], {"columns": columns})
        for perspective in self.model.get("perspectives", []):
            for table in perspective.get("tables", []):
                yield from self._objects(table["name"], table)
        for culture in self.model.get("cultures", []):
            for table in ((culture.get("translations") or {}).get("model") or {}).get("tables", []):
                yield from self._objects(table["name"], table)

    def _of_table(self, name: str, table: Json) -> t.Iterator[str]:
        for column in table.get("columns", []):
            yield from self._path(name, "columns", column.get("sortByColumn"))
            for variation in column.get("variations", []):
                yield from self._top("relationships", variation.get("relationship"))
                target = variation.get("defaultHierarchy")
                if isinstance(target, dict):
                    yield from self._path(target["table"], "hierarchies", target["hierarchy"])
            alternate = column.get("alternateOf") or {}
            base = alternate.get("baseColumn") or {"table": alternate.get("baseTable")}
            if base["table"] is not None:
                yield from self._path(base["table"], "columns", base.get("column"))
        for hierarchy in table.get("hierarchies", []):
            for level in hierarchy.get("levels", []):
                yield from self._path(name, "columns", level.get("column"))
        for partition in table.get("partitions", []):
            source = partition.get("source") or {}
            yield from self._top("expressions", source.get("expressionSource"))
            yield from self._top("dataSources", source.get("dataSource", partition.get("dataSource")))
            yield from self._top("queryGroups", partition.get("queryGroup"), "folder")

    def _objects(self, table: str, collections: Json) -> t.Iterator[str]:
        yield from self._path(table)
        for collection in _COLLECTIONS:
            for entry in collections.get(collection, []):
                yield from self._path(table, collection, entry["name"])

    def _path(self, table: str, collection: str = "", name: str | None = "") -> t.Iterator[str]:
        """The path, if there is no such object. The service makes the columns of calculated tables itself."""
        found = self.tables.get(str(table).lower())
        if found is None:
            yield f"Model/Tables/{table}"
        elif name and (str(table).lower(), collection, str(name).lower()) not in self.names:
            kinds = {(one.get("source") or {}).get("type") for one in found.get("partitions", [])}
            if collection != "columns" or not (
                kinds & {"calculated", "calculationGroup"} or "calculationGroup" in found
            ):
                yield f"Model/Tables/{table}/{collection.capitalize()}/{name}"

    def _top(self, collection: str, name: t.Any, key: str = "name") -> t.Iterator[str]:
        if name is not None:
            text = str(name)
            if text.lower() not in {str(one.get(key)).lower() for one in self.model.get(collection, [])}:
                yield f"Model/{collection[0].upper()}{collection[1:]}/{text}"
