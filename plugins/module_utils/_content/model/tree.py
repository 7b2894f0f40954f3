# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""A semantic model as a tree of objects, the same for both languages (TMDL, TMSL)."""

from __future__ import annotations

import dataclasses
import typing as t

from .tmdl_grammar import REPEATED


@dataclasses.dataclass
class Property:
    """A property's text. A flag (``isHidden``) is "true"; ``expression``: the text follows an equals sign.

    A property that an object states several times is stored as ``name``, ``name#2``, ``name#3``.
    """

    value: str
    line: int = 0
    expression: bool = False


@dataclasses.dataclass
class Node:
    """An object of a model. Parsers build it; all other code only reads it.

    ``value`` is the text after the object's equals sign (an expression, a partition's source type), None without one.
    ``start`` and ``end`` are the object's first and last line in ``file``, from 1, its description included.
    """

    kind: str
    name: str = ""
    value: str | None = None
    description: str = ""
    properties: dict[str, Property] = dataclasses.field(default_factory=dict)
    children: list[Node] = dataclasses.field(default_factory=list)
    file: str = ""
    line: int = 0
    start: int = 0
    end: int = 0
    reference: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """Kind and name (or a substitute for it) in lower case: names of model objects are case-insensitive."""
        name = self.name if self.name or self.kind not in REPEATED else self.value or ""
        return (self.kind, name.casefold())

    def text(self, name: str, default: str = "") -> str:
        """The text of a property, by its name."""
        found = self.properties.get(name)
        return default if found is None else found.value

    def of_kind(self, *kinds: str) -> list[Node]:
        return [child for child in self.children if child.kind in kinds]


def label(path: t.Sequence[Node]) -> str:
    """The name of an object in messages, for the chain of objects from the outermost: ``measure Sales[Total]``."""
    named = [node for node in path if node.kind not in ("database", "model")]
    if not named:
        return path[-1].kind if path else "model"
    if named[0].kind == "table" and len(named) > 1:
        inner = named[1].name or named[1].kind
        tail = "".join(f".{node.name or node.kind}" for node in named[2:])
        return f"{named[-1].kind} {named[0].name}[{inner}]{tail}"
    return f"{named[-1].kind} " + ".".join(node.name or node.kind for node in named)


def walk(node: Node, above: tuple[Node, ...] = ()) -> t.Iterator[tuple[Node, ...]]:
    """Every object below (not including) the node, each as its chain from the outermost."""
    for child in node.children:
        chain = (*above, child)
        yield chain
        yield from walk(child, chain)
