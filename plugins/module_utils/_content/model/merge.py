# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""Merges documents into one model: TMDL allows an object in several files, but no duplicate declarations in it."""

from __future__ import annotations

import typing as t

from ..problem import Problem
from .tmdl_grammar import REPEATED
from .tree import Node, label, walk


def merge(documents: t.Iterable[Node]) -> tuple[Node, list[Problem]]:
    """One tree of all documents' objects (without references, which only define an order), and problems for duplicates.

    Objects that are allowed at the top level and inside ``model`` are returned at the top level.
    """
    problems: list[Problem] = []
    root = Node("")
    index: dict[tuple[str, str], Node] = {}
    for document in documents:
        for node in document.children:
            _adopt(root, index, node, (), problems)
    problems.extend(_shared_names(root))
    return root, problems


def _adopt(
    parent: Node, index: dict[tuple[str, str], Node], node: Node, above: tuple[Node, ...], problems: list[Problem]
) -> None:
    if node.kind in ("model", "database"):
        # Their children need not be indented, so both places mean the same.
        inner = node.children
        node = _copy(node)
        for child in inner:
            _adopt(parent, index, child, above, problems)
    if node.reference and not node.children and not node.properties:
        return
    twin = None if node.kind in REPEATED else index.get(node.key)
    if twin is None:
        fresh = _copy(node)
        fresh.reference = False
        index[node.key] = fresh
        parent.children.append(fresh)
        below: dict[tuple[str, str], Node] = {}
        for child in node.children:
            _adopt(fresh, below, child, (*above, fresh), problems)
        return
    again = _duplicate_settings(twin, node)
    if again:
        first = f"line {again}" if twin.file == node.file else f"{twin.file}:{again}"
        what = f"{label((*above, node))} is declared again (first in {first})"
        problems.append(Problem(node.file, node.line, 0, what, "Remove or rename one of the two"))
        return
    if twin.value is None:
        twin.value = node.value
    twin.description = twin.description or node.description
    twin.properties.update(node.properties)
    below = {child.key: child for child in twin.children}
    for child in node.children:
        _adopt(twin, below, child, (*above, twin), problems)


def _duplicate_settings(first: Node, second: Node) -> int:
    """The line in ``first`` of a property or value that both declare, or 0."""
    if (first.value is not None and second.value is not None) or (first.description and second.description):
        return first.line
    for name in second.properties:
        if name in first.properties:
            return first.properties[name].line or first.line
    bare = not second.properties and not second.children and second.value is None
    return first.line if bare and first.kind not in ("table", "model", "database") else 0


def _copy(node: Node) -> Node:
    return Node(
        node.kind, node.name, node.value, node.description, dict(node.properties), [], node.file, node.line, node.start,
        node.end, node.reference,
    )  # fmt: skip


def _shared_names(root: Node) -> t.Iterator[Problem]:
    """Measures are unique in a model, and within a table columns and measures share one set of names."""
    measures: dict[str, tuple[Node, ...]] = {}
    for table in root.of_kind("table"):
        columns = {column.name.casefold(): column for column in table.of_kind("column")}
        for measure in table.of_kind("measure"):
            name = measure.name.casefold()
            twin = measures.setdefault(name, (table, measure))
            if twin[1] is not measure:
                where = f"{label(twin)} ({twin[1].file}:{twin[1].line})"
                what = f"{label((table, measure))} has the name of {where}"
                yield Problem(measure.file, measure.line, 0, what, "Rename one: measures are unique in a model")
            if name in columns:
                what = f"{label((table, measure))} has the name of a column of its table"
                yield Problem(measure.file, measure.line, 0, what, "Rename the measure or the column")


def index(root: Node) -> dict[tuple[tuple[str, str], ...], tuple[Node, ...]]:
    """Every object of a model by the keys of its chain, as its chain from the outermost."""
    return {tuple(node.key for node in chain): chain for chain in walk(root)}
