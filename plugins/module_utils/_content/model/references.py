# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""References between the objects of a model: the service rejects a model with one that leads nowhere."""

from __future__ import annotations

import re
import typing as t

from ..problem import WARNING, Problem
from .tree import Node, label

_QUALIFIED = re.compile(r"^(?:'(?P<qt>(?:[^']|'')+)'|(?P<t>[^'.]+))\.(?:'(?P<qc>(?:[^']|'')+)'|(?P<c>[^'.]+))$")
_NAMEOF = re.compile(r"\bNAMEOF\s*\(\s*(?:'((?:[^']|'')+)'|(\w+))?\s*\[([^\]]+)\]", re.IGNORECASE)
_NAMED = {"column": "column", "measure": "measure", "hierarchy": "hierarchy"}  # in translations, and in TMSL
_IN_PERSPECTIVE = {f"perspective{kind.capitalize()}": kind for kind in _NAMED}
_OF_CALENDARS = frozenset(("primaryColumn", "associatedColumn", "column"))
_REMEDY = "Correct the name, or remove the reference"


def dangling(root: Node) -> t.Iterator[Problem]:
    """Problems for references of a merged model to objects that it does not have."""
    model = _Model(root)
    for relationship in root.of_kind("relationship"):
        yield from model.relationship(relationship)
    for expression in root.of_kind("expression"):
        yield from model.needs((expression,), "queryGroup", "queryGroup")
        yield from model.needs((expression,), "expressionSource", "expression")
        yield from model.needs_path((expression,), "parameterValuesColumn", "column")
    for whole in root.of_kind("model"):
        yield from model.needs_path((whole,), "defaultMeasure", "measure")
    for table in root.of_kind("table"):
        yield from _of_table(model, table)
    for owner, kind, kinds in (
        ("role", "tablePermission", {"columnPermission": "column"}),
        ("perspective", "perspectiveTable", _IN_PERSPECTIVE),
        ("perspective", "table", _NAMED),
        ("cultureInfo", "table", _NAMED),
    ):
        for one in root.of_kind(owner):
            translated = [part for inner in one.of_kind("translations") for part in inner.of_kind(kind)]
            for part in (*one.of_kind(kind), *translated):
                yield from model.objects((one, part), part, kinds)


def _of_table(model: _Model, table: Node) -> t.Iterator[Problem]:
    for column in table.of_kind("column"):
        yield from model.column(table, column)
    for hierarchy in table.of_kind("hierarchy"):
        for level in hierarchy.of_kind("level"):
            yield from model.needs_column((table, hierarchy, level), "column", table)
    for calendar in table.of_kind("calendar"):
        for group in calendar.children:
            for name in group.properties:
                if name.partition("#")[0] in _OF_CALENDARS:
                    yield from model.needs_column((table, calendar, group), name, table)
    for partition in table.of_kind("partition"):
        yield from model.partition(table, partition)


def unresolved(documents: t.Iterable[Node]) -> t.Iterator[Problem]:
    """Warnings for `ref` lines of objects that no document declares: they are ignored, so the object is missing."""
    trees = list(documents)
    nodes = [
        node
        for tree in trees
        for top in tree.children
        for node in (top, *(top.children if top.kind == "model" else ()))
    ]
    declared = {node.key for node in nodes if not node.reference}
    for node in nodes:
        if node.reference and node.key not in declared:
            what = f"ref {node.kind} {node.name}: no file declares this {node.kind}"
            if node.children or node.properties:
                yield Problem(node.file, node.line, 0, what, "Add its file", code="reference")
            else:
                remedy = "Add its file, or remove the line"
                yield Problem(node.file, node.line, 0, f"{what}, so the line is ignored", remedy, WARNING, "reference")


class _Model:
    """The names of a model's objects. ``open`` are tables whose columns the service computes: they need not be in the files."""

    def __init__(self, root: Node) -> None:
        self.root = root
        self.tables = {table.name.casefold(): table for table in root.of_kind("table")}
        self.names = {
            (table.name.casefold(), child.kind, child.name.casefold())
            for table in self.tables.values()
            for child in table.of_kind("column", "measure", "hierarchy")
        }
        self.open = {
            name
            for name, table in self.tables.items()
            if any((part.value or "").lower() == "calculated" for part in table.of_kind("partition"))
            or table.of_kind("calculationGroup")
        }

    def has(self, table: str, kind: str, name: str) -> bool:
        return (kind == "column" and table.casefold() in self.open) or (
            (table.casefold(), kind, name.casefold()) in self.names
        )

    def missing(self, table: str, kind: str, name: str) -> str:
        """The object that is missing, "" for none."""
        if table.casefold() not in self.tables:
            return f"table {table!r}"
        return "" if self.has(table, kind, name) else f"{kind} {table}[{name}]"

    def relationship(self, node: Node) -> t.Iterator[Problem]:
        for end in ("from", "to"):
            if f"{end}Column" not in node.properties:
                continue
            text = node.text(f"{end}Column")
            found = (node.text(f"{end}Table"), text) if f"{end}Table" in node.properties else qualified(text)
            gone = self.missing(found[0], "column", found[1]) if found is not None else ""
            if gone:
                what = f"relationship {node.name} needs the {gone}, which isn't in the model"
                yield _problem(node, f"{end}Column", what, "Correct the name, or remove the relationship")

    def column(self, table: Node, column: Node) -> t.Iterator[Problem]:
        yield from self.needs_column((table, column), "sortByColumn", table)
        for details in column.of_kind("relatedColumnDetails"):
            for name in details.properties:
                if name.partition("#")[0] == "groupByColumn":
                    yield from self.needs_column((table, column, details), name, table)
        for variation in column.of_kind("variation"):
            yield from self.needs((table, column, variation), "relationship", "relationship")
            yield from self.needs_path((table, column, variation), "defaultHierarchy", "hierarchy")
        for alternate in column.of_kind("alternateOf"):
            yield from self.needs_path((table, column, alternate), "baseColumn", "column")
            yield from self.needs((table, column, alternate), "baseTable", "table")

    def partition(self, table: Node, partition: Node) -> t.Iterator[Problem]:
        yield from self.needs((table, partition), "queryGroup", "queryGroup")
        for source in partition.of_kind("source"):
            yield from self.needs((table, partition, source), "expressionSource", "expression")
            yield from self.needs((table, partition, source), "dataSource", "dataSource")
        yield from self.needs((table, partition), "dataSource", "dataSource")
        text = " ".join([partition.text("source"), *(source.value or "" for source in partition.of_kind("source"))])
        if (partition.value or "").lower() != "calculated":
            return
        for match in _NAMEOF.finditer(text):
            name = match[3]
            owner = (match[1] or match[2] or "").replace("''", "'")
            if owner:
                found = any(self.has(owner, kind, name) for kind in ("column", "measure"))
            else:
                found = any(name.casefold() == known for _table, _kind, known in self.names)
            if not found:
                what = f"{label((table, partition))} names {owner}[{name}] in NAMEOF, which isn't in the model"
                place = partition.properties["source"].line if "source" in partition.properties else partition.line
                yield Problem(partition.file, place, 0, what, "Correct the field parameter", WARNING, "reference")

    def needs(self, chain: tuple[Node, ...], name: str, kind: str) -> t.Iterator[Problem]:
        """A property with the name of an object at the top level."""
        node = chain[-1]
        expected = plain_name(node.text(name))
        if expected and (kind, expected.casefold()) not in {one.key for one in self.root.of_kind(kind)}:
            what = f"{label(chain)} needs the {kind} {expected!r}, which isn't in the model"
            yield _problem(node, name, what, _REMEDY)

    def needs_path(self, chain: tuple[Node, ...], name: str, kind: str) -> t.Iterator[Problem]:
        """A property with the names of a table and of an object in it."""
        found = qualified(chain[-1].text(name))
        gone = self.missing(found[0], kind, found[1]) if found is not None else ""
        if gone:
            what = f"{label(chain)} needs the {gone}, which isn't in the model"
            yield _problem(chain[-1], name, what, _REMEDY)

    def needs_column(self, chain: tuple[Node, ...], name: str, table: Node) -> t.Iterator[Problem]:
        node = chain[-1]
        expected = plain_name(node.text(name))
        if expected and not self.has(table.name, "column", expected):
            what = f"{label(chain)} needs the column {table.name}[{expected}], which isn't in the model"
            yield _problem(node, name, what, _REMEDY)

    def objects(self, chain: tuple[Node, ...], part: Node, kinds: t.Mapping[str, str]) -> t.Iterator[Problem]:
        """An object of a role, a perspective or a translation that has the name of a table, and its children."""
        if part.name.casefold() not in self.tables:
            what = f"{label(chain[:1])} names the table {part.name!r}, which isn't in the model"
            yield Problem(part.file, part.line, 0, what, _REMEDY, code="reference")
            return
        for child in part.children:
            kind = kinds.get(child.kind)
            if kind and not self.has(part.name, kind, child.name):
                what = f"{label(chain[:1])} names the {kind} {part.name}[{child.name}], which isn't in the model"
                yield Problem(child.file, child.line, 0, what, _REMEDY, code="reference")


def _problem(node: Node, name: str, what: str, remedy: str) -> Problem:
    return Problem(node.file, node.properties[name].line or node.line, 0, what, remedy, code="reference")


def plain_name(text: str) -> str:
    """A name without the quotes that TMDL writes around some."""
    text = text.strip()
    return text[1:-1].replace("''", "'") if len(text) > 1 and text[0] == text[-1] == "'" else text


def qualified(text: str) -> tuple[str, str] | None:
    """Table and column of a reference such as ``'Fact Sales'.Amount``, or None when it isn't one."""
    match = _QUALIFIED.match(text.strip())
    if not match:
        return None
    names = [(quoted or plain) for quoted, plain in ((match["qt"], match["t"]), (match["qc"], match["c"]))]
    return names[0].replace("''", "'"), names[1].replace("''", "'")
