# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""The canonical form of a semantic model: two definitions of the same model become the same texts."""

from __future__ import annotations

import json
import typing as t
import urllib.parse

from .. import json_text
from . import rules, tmdl_grammar, tmdl_writer
from .tree import Node, Property

_FIRST = ("dataType", "isHidden", "formatString", "displayFolder", "mode")
"""Properties that are first in a diff; the others follow in the order of their names."""


_SPELLING = {
    name.lower(): name for name in (*rules.DEFAULTS, *rules.ENUM_PROPERTIES, *rules.SERVICE_PROPERTIES, *_FIRST)
}
"""Property names in lower case -> as the service writes them: TMDL is case-insensitive when read."""


def canonical(root: Node) -> Node:
    """A tree of `merge.merge` without what is not content, and with objects without an order sorted."""
    result = Node("")
    result.children = _ordered([_object(child) for child in root.children if not _is_ownership_annotation(child)])
    return result


def _is_ownership_annotation(node: Node) -> bool:
    return node.kind == "annotation" and node.name == rules.OWNERSHIP_ANNOTATION


def _object(node: Node) -> Node:
    value = node.value or None
    if value and node.kind in rules.ENUM_VALUED_KINDS:
        value = rules.ENUM_WORDS.get(value.lower(), value)
    elif value and node.kind in rules.JSON_VALUED_KINDS:
        value = _json(value)
    result = Node(node.kind, node.name, value, _description(node.description))
    owned: t.Sequence[str] = ()
    if node.kind in rules.SERVICE_OWNED:
        result.name, owned = "", rules.SERVICE_OWNED[node.kind][1]
    properties = {_SPELLING.get(name.lower(), name): prop for name, prop in node.properties.items()}
    for name in sorted(properties, key=_rank):
        prop = properties[name]
        text = _text(name, prop)
        if name not in owned and rules.DEFAULTS.get(name) != text:
            result.properties[name] = Property(text, expression=prop.expression)
    result.children = _ordered([_object(child) for child in node.children])
    return result


def _description(text: str) -> str:
    return "\n".join(line.strip() for line in text.split("\n")).strip("\n")


def _rank(name: str) -> tuple[int, str]:
    return (_FIRST.index(name) if name in _FIRST else len(_FIRST), name)


def _text(name: str, prop: Property) -> str:
    if name in rules.ENUM_PROPERTIES or rules.is_flag(name):
        return rules.ENUM_WORDS.get(prop.value.lower(), prop.value)
    return prop.value


def _json(value: str) -> str:
    try:
        json.loads(value)
    except (ValueError, RecursionError):
        return value
    found, problem = json_text.parse(value, "")  # a repeated key is one
    return value if problem else json_text.dump(found, indent=2, sort_keys=True)


_PLACE = {kind: place for place, kind in enumerate(
    ("database", "model", "measure", "column", "hierarchy", "calculationGroup", "partition", "refreshPolicy")
)}  # fmt: skip


def _ordered(nodes: list[Node]) -> list[Node]:
    def place(node: Node) -> tuple[int, str, str, str]:
        last = 1 if node.kind in ("annotation", "extendedProperty", "changedProperty") else 0
        place = _PLACE.get(node.kind, len(_PLACE)) + 100 * last
        if node.kind in tmdl_grammar.ORDERED:
            return (place, node.kind, "", "")
        return (place, node.kind, node.name.casefold(), node.value or "")

    return sorted(nodes, key=place)


def documents(root: Node) -> dict[str, str]:
    """A canonical tree as TMDL texts by part path, in the service's layout."""
    groups: dict[str, list[Node]] = {}
    for node in root.children:
        groups.setdefault(part_of(node), []).append(node)
    return {path: tmdl_writer.write(nodes) for path, nodes in sorted(groups.items())}


def part_of(node: Node) -> str:
    """The part in which a top-level object is written."""
    folder = tmdl_grammar.TEXT_UNITS.get(node.kind)
    if folder:
        # Escaped, so that two names can't share a part; the blanks and umlauts of real names stay readable.
        name = urllib.parse.quote(node.name, safe=" !#$&'()+,;=@[]{}~äöüÄÖÜßéèêàçñ")
        return f"definition/{folder}/{name}.tmdl"
    return f"definition/{tmdl_grammar.ROOT_FILES.get(node.kind, 'model')}.tmdl"


def reconcile(local: Node, live: Node) -> Node:
    """The service's tree without additions of the service or an editor that the local files don't state."""
    result = Node(live.kind, live.name, live.value, live.description)
    result.properties = {
        name: prop
        for name, prop in live.properties.items()
        if name not in rules.SERVICE_PROPERTIES or name in local.properties
    }
    twins = {child.key: child for child in local.children}
    for child in live.children:
        twin = twins.get(child.key)
        if twin is None and child.kind == "annotation" and child.name in rules.TOOL_ANNOTATIONS:
            continue
        # An object that only the service has is kept as a whole: a deployment would remove it.
        result.children.append(reconcile(twin, child) if twin else child)
    return result
