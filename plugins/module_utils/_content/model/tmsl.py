# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""Parses `model.bim` (Tabular Model Scripting Language, JSON) into the same objects as TMDL, and canonicalizes it."""

from __future__ import annotations

import typing as t

from .. import json_text
from . import rules, tmdl_expression
from .tree import Node, Property

PART = "model.bim"

_COLLECTIONS: t.Mapping[str, str] = {
    "tables": "table", "columns": "column", "measures": "measure", "hierarchies": "hierarchy", "levels": "level",
    "partitions": "partition", "relationships": "relationship", "roles": "role", "members": "member",
    "tablePermissions": "tablePermission", "columnPermissions": "columnPermission", "expressions": "expression",
    "cultures": "cultureInfo", "perspectives": "perspective", "dataSources": "dataSource", "annotations": "annotation",
    "extendedProperties": "extendedProperty", "calculationItems": "calculationItem", "queryGroups": "queryGroup",
    "variations": "variation", "functions": "function", "changedProperties": "changedProperty",
    "calendars": "calendar", "calendarColumnGroups": "calendarColumnGroup",
}  # fmt: skip

_VALUE_OF: t.Mapping[str, tuple[str, ...]] = {
    "measure": ("expression",), "column": ("expression",), "expression": ("expression",),
    "calculationItem": ("expression",), "tablePermission": ("filterExpression",), "annotation": ("value",),
    "extendedProperty": ("value",), "columnPermission": ("metadataPermission",), "member": ("memberType",),
    "changedProperty": ("property",), "calendarColumnGroup": ("timeUnit",),
}  # fmt: skip
"""Kind -> the member that TMDL writes after the object's equals sign."""

_NAMES = ("name", "memberName", "folder", "table")
"""Members with the name of an object, the first that it has: groups of queries have a folder, filters of roles a table."""

_LISTS: t.Mapping[str, str] = {
    "groupByColumns": "groupByColumn", "associatedColumns": "associatedColumn", "columns": "column",
}  # fmt: skip
"""Members that are lists of columns, by their names alone or in objects: the property that TMDL states several times."""

_PATHS = {
    "defaultHierarchy": ("table", "hierarchy"), "baseColumn": ("table", "column"), "parameterValuesColumn": ("table", "column"),
    "defaultMeasure": ("table", "measure"),
}  # fmt: skip
"""Members that are the path of another object: TMDL writes it as one name."""

_FREE = frozenset(("connectionDetails", "credential", "options", "linguisticMetadata"))
"""Members whose values are not objects of a model: everything in them is content."""

_UNORDERED = frozenset(name for name in _COLLECTIONS if name not in ("levels", "calculationItems"))


def read(value: t.Any, file: str, text: str = "") -> Node:
    """The objects of a model.bim's JSON value: a database, its model, and the model's objects side by side.

    With the ``text`` of the value, objects and properties have their lines; that takes longer.
    """
    root = Node("", file=file)
    if isinstance(value, dict):
        _Reader(file, _lines(text) if text else {}).database(root, value)
    return root


def _lines(text: str) -> dict[tuple[t.Any, ...], int]:
    """The line of each member of a JSON text, by its path; that of an object in a list is the line of its first member."""
    lines: dict[tuple[t.Any, ...], int] = {}
    offset, line = 0, 1
    for member in sorted(json_text.members(text), key=lambda found: found.key_start):
        line += text.count("\n", offset, member.key_start)
        offset = member.key_start
        lines[member.path] = line
        lines.setdefault(member.path[:-1], line)
    return lines


class _Reader:
    def __init__(self, file: str, lines: t.Mapping[tuple[t.Any, ...], int]) -> None:
        self.file = file
        self.lines = lines

    def database(self, root: Node, value: t.Mapping[str, t.Any]) -> None:
        database = self._node("database", "", ())
        root.children.append(database)
        model = value.get("model")
        self._fill(database, {name: value[name] for name in value if name not in ("model", "name", "id")}, ())
        if isinstance(model, dict):
            node = self._node("model", str(model.get("name", "Model")), ("model",))
            self._fill(node, {name: found for name, found in model.items() if name != "name"}, ("model",))
            root.children.append(node)

    def _node(self, kind: str, name: str, path: tuple[t.Any, ...]) -> Node:
        return Node(kind, name, file=self.file, line=self.lines.get(path, 0))

    def _fill(self, node: Node, members: t.Mapping[str, t.Any], above: tuple[t.Any, ...]) -> None:
        for name, found in members.items():
            path = (*above, name)
            kind, line = _COLLECTIONS.get(name), self.lines.get(path, 0)
            entries = found if isinstance(found, list) else []
            objects = [(place, entry) for place, entry in enumerate(entries) if isinstance(entry, dict)]
            if name in _LISTS and entries and not (kind and objects):
                node.properties.update(self._columns(_LISTS[name], entries, path))
            elif kind and isinstance(found, list):
                node.children.extend(self._object(kind, entry, (*path, place)) for place, entry in objects)
            elif name in _VALUE_OF.get(node.kind, ()):
                node.value = _text(found)
            elif isinstance(found, dict):
                self._nested(node, name, found, path)
            elif name == "description":
                node.description = _text(found)
            else:
                node.properties[name] = Property(_text(found), line, expression="xpression" in name)

    def _columns(self, name: str, entries: list[t.Any], path: tuple[t.Any, ...]) -> dict[str, Property]:
        """The names of columns, as a property that an object states several times."""
        result = {}
        for place, entry in enumerate(entries):
            column = entry.get("groupingColumn") if isinstance(entry, dict) else entry
            line = self.lines.get((*path, place), self.lines.get(path, 0))
            result[f"{name}#{place + 1}" if place else name] = Property(_text(column), line)
        return result

    def _nested(self, node: Node, name: str, found: t.Mapping[str, t.Any], path: tuple[t.Any, ...]) -> None:
        if name in _PATHS:
            names = (tmdl_expression.quote_name(_text(found.get(key))) for key in _PATHS[name])
            node.properties[name] = Property(".".join(names), self.lines.get(path, 0))
            return
        child = self._node(name, "", path)
        self._fill(child, found, path)
        if name == "source" and node.kind == "partition":
            node.value = child.text("type") or node.value
            inner = child.properties.get("expression") or child.properties.get("query")
            child.value = inner.value if inner else None
        node.children.append(child)

    def _object(self, kind: str, members: t.Mapping[str, t.Any], path: tuple[t.Any, ...]) -> Node:
        key = next((key for key in _NAMES if key in members), "")
        node = self._node(kind, _text(members.get(key)), (*path, key) if key else path)
        self._fill(node, {name: found for name, found in members.items() if name != key or name == "table"}, path)
        return node


def _is_text(found: t.Any) -> bool:
    return isinstance(found, list) and bool(found) and all(isinstance(line, str) for line in found)


def _text(found: t.Any) -> str:
    if isinstance(found, bool):
        return "true" if found else "false"
    if _is_text(found):
        return "\n".join(found)
    if isinstance(found, (dict, list)):
        return json_text.dump(found, indent=2, sort_keys=True)
    return "" if found is None else str(found)


def canonical(value: t.Any) -> t.Any:
    """The JSON value without volatile members and defaults, texts of several lines joined, named lists by name."""
    if isinstance(value, dict):
        result = {name: _member(name, found) for name, found in value.items() if not _is_noise(name, found)}
        if "model" in result and "compatibilityLevel" in result:
            result = {name: found for name, found in result.items() if name not in ("name", "id")}
            model = result["model"]
            if isinstance(model, dict) and model.get("name") == "Model":  # the default, which the service states
                result["model"] = {name: found for name, found in model.items() if name != "name"}
        return result
    if isinstance(value, list):
        if _is_text(value):
            return tmdl_expression.without_blanks(value)
        return [canonical(entry) for entry in value]
    return tmdl_expression.without_blanks(value.split("\n")) if isinstance(value, str) and "\n" in value else value


def _is_noise(name: str, found: t.Any) -> bool:
    if name in rules.VOLATILE_TMSL or (name in rules.DEFAULTS and _is_default(name, found)):
        return True
    return name == "annotations" and isinstance(found, list) and all(map(_is_ownership_annotation, found))


def _member(name: str, found: t.Any) -> t.Any:
    """The canonical value of a member of an object."""
    if name in _FREE:
        return found
    if name == "extendedProperties" and isinstance(found, list):
        return sorted(found, key=_name)
    if name == "annotations" and isinstance(found, list):
        found = [entry for entry in found if not _is_ownership_annotation(entry)]
    inner = canonical(found)
    return sorted(inner, key=_name) if name in _UNORDERED and isinstance(inner, list) else inner


def _is_ownership_annotation(entry: t.Any) -> bool:
    return isinstance(entry, dict) and entry.get("name") == rules.OWNERSHIP_ANNOTATION


def _is_default(name: str, found: t.Any) -> bool:
    return _text(found).lower() == rules.DEFAULTS[name].lower()


def _name(entry: t.Any) -> str:
    if isinstance(entry, dict):
        return _text(next((entry[key] for key in _NAMES if key in entry), entry.get("property", ""))).casefold()
    return str(entry)


def reconcile(local: t.Any, live: t.Any) -> t.Any:
    """The service's canonical value without additions of the service or an editor that the local one does not state."""
    if isinstance(local, dict) and isinstance(live, dict):
        return {
            name: reconcile(local.get(name), found)
            for name, found in live.items()
            if name in local or not (name in rules.SERVICE_PROPERTIES or _only_tools(name, found))
        }
    if isinstance(local, list) and isinstance(live, list):
        twins = {_name(entry): entry for entry in local}
        if len(twins) < len(local):  # without names: the place identifies an entry
            twins_of = [*local, *([None] * len(live))]
            return [reconcile(twin, entry) for twin, entry in zip(twins_of, live)]
        kept = [entry for entry in live if _name(entry) in twins or not _is_tool(entry)]
        return [reconcile(twins.get(_name(entry)), entry) for entry in kept]
    return live


def _is_tool(entry: t.Any) -> bool:
    return isinstance(entry, dict) and set(entry) == {"name", "value"} and entry["name"] in rules.TOOL_ANNOTATIONS


def _only_tools(name: str, found: t.Any) -> bool:
    return name == "annotations" and isinstance(found, list) and all(_is_tool(entry) for entry in found)
