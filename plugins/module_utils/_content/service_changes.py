# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""A semantic model without the changes that the service or API calls make after an import: for fingerprints.

A refresh creates partitions, API calls set parameters and data sources, administrators add members to roles, the
service writes properties and annotations. None of these is an edit of the model.
"""

from __future__ import annotations

import re

from .model import rules
from .model.tree import Node, Property

_PARAMETER = re.compile(r"\bmeta\s*\[[^\]]*\bIsParameterQuery\s*=\s*true\b", re.IGNORECASE)
_TYPE = re.compile(r'\bType\s*=\s*"([^"]*)"')
_LITERAL = r'"(?:[^"]|"")*"'
# Default.UpdateDatasources may change the server, database or URL of these sources where it is a text literal.
_SOURCE = re.compile(
    rf"\b((?:Sql|AnalysisServices|OData|SharePoint|Teradata|SapHana)\.\w+\s*\()\s*{_LITERAL}(?:\s*,\s*{_LITERAL})?"
)
_SERVICE_PROPERTIES = frozenset(("compatibilityLevel", "sourceQueryCulture", "defaultPowerBIDataSourceVersion"))
_SERVICE_OBJECTS = frozenset(("linguisticMetadata", "dataAccessOptions", "member"))
_M_KINDS = frozenset(("expression", "partition", "source", "refreshPolicy"))
_POLICY_PARTITION = "policyrange"


def stable(model: Node) -> Node:
    """The canonical tree of a model without those changes."""
    result = Node(model.kind, model.name)
    result.children = [_object(child) for child in model.children if _counts(child)]
    result.children = [child for child in result.children if child.kind != "cultureInfo" or child.children]
    return result


def _counts(node: Node) -> bool:
    if node.kind == "annotation":
        return node.name not in rules.TOOL_ANNOTATIONS
    return node.kind not in _SERVICE_OBJECTS


def _object(node: Node) -> Node:
    if node.kind == "dataSource":
        return Node(node.kind, node.name)
    result = Node(node.kind, node.name, _value(node), node.description)
    result.properties = {
        name: Property(_place_free(prop.value) if node.kind in _M_KINDS else prop.value, expression=prop.expression)
        for name, prop in node.properties.items()
        if name not in rules.SERVICE_PROPERTIES and name not in _SERVICE_PROPERTIES
    }
    has_policy = bool(node.of_kind("refreshPolicy"))
    for child in node.children:
        policy_made = child.kind == "partition" and (has_policy or (child.value or "").lower() == _POLICY_PARTITION)
        if _counts(child) and not policy_made:
            result.children.append(_object(child))
    return result


def _value(node: Node) -> str | None:
    if node.value is None or node.kind not in _M_KINDS:
        return node.value
    if node.kind == "expression" and _PARAMETER.search(node.value):
        kind = _TYPE.search(node.value)
        return f"parameter {kind.group(1) if kind else ''}"
    return _place_free(node.value)


def _place_free(text: str) -> str:
    """M code without the servers, databases and URLs in text literals."""
    return _SOURCE.sub(r'\1""', text)


def policy_partitions(model: Node) -> dict[str, int]:
    """The number of partitions of a refresh policy by table name; tables without any are omitted."""
    counts = {
        table.name: sum((part.value or "").lower() == _POLICY_PARTITION for part in table.of_kind("partition"))
        for table in model.of_kind("table")
    }
    return {name: count for name, count in counts.items() if count}
