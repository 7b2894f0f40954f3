# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""Writes objects of a model as TMDL text, in the layout for comparisons and insertions."""

from __future__ import annotations

import typing as t

from .tmdl_expression import quote, quote_name
from .tree import Node, Property


def write(nodes: t.Iterable[Node], *, depth: int = 0, unit: str = "\t") -> str:
    """The text of objects side by side, with a blank line between objects that have lines below them."""
    lines: list[str] = []
    previous: Node | None = None
    for node in nodes:
        if previous is not None and not (previous.reference and node.reference):
            lines.append("")
        lines.extend(_object(node, depth, unit))
        previous = node
    return "\n".join(lines) + "\n" if lines else ""


def _object(node: Node, depth: int, unit: str) -> list[str]:
    lead = unit * depth
    head = f"{lead}ref {node.kind}" if node.reference else lead + node.kind
    if node.name:
        head += f" {quote_name(node.name)}"
    lines = [f"{lead}/// {line}".rstrip() for line in node.description.split("\n")] if node.description else []
    lines.extend(_valued(f"{head} =", node.value, depth + 2, unit) if node.value is not None else [head])
    for name, prop in node.properties.items():
        lines.extend(_property(name, prop, depth + 1, unit))
    for index, child in enumerate(node.children):
        if index or node.properties or node.value is not None:
            lines.append("")
        lines.extend(_object(child, depth + 1, unit))
    return lines


def _property(name: str, prop: Property, depth: int, unit: str) -> list[str]:
    lead = unit * depth
    name = name.partition("#")[0]
    if prop.expression:
        return _valued(f"{lead}{name} =", prop.value, depth + 1, unit)
    if "\n" in prop.value:
        return _valued(f"{lead}{name}:", prop.value, depth + 1, unit, fenced=True)
    if prop.value == "true":
        return [lead + name]
    return [f"{lead}{name}: {quote(prop.value)}"]


def _valued(head: str, value: str, depth: int, unit: str, *, fenced: bool = False) -> list[str]:
    if value and "\n" not in value and value == value.strip() and "```" not in value:
        return [f"{head} {value}"]
    lead = unit * depth
    body = [lead + line if line else "" for line in value.split("\n")] if value else []
    return [f"{head} ```", *body, f"{lead}```"] if fenced else [head, *body]
