# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading a model.bim: the objects have the values that TMDL writes after an object's equals sign."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content.model import tmsl
from ansible_collections.community.powerbi.plugins.module_utils._content.model.tree import Node


def read(model: dict[str, t.Any]) -> Node:
    (node,) = [one for one in tmsl.read({"model": model}, "model.bim").children if one.kind == "model"]
    return node


def find(node: Node, *path: tuple[str, str]) -> Node:
    for kind, name in path:
        (node,) = [child for child in node.children if (child.kind, child.name) == (kind, name)]
    return node


TABLE: t.Final = {
    "name": "Orders",
    "columns": [{"name": "Net", "type": "calculated", "expression": ["1", "+ 1"], "changedProperties": []}],
    "measures": [{"name": "Total", "expression": "SUM(Orders[Net])", "annotations": [{"name": "A", "value": "x"}]}],
    "calculationGroup": {"calculationItems": [{"name": "YTD", "expression": "SELECTEDMEASURE()"}]},
    "extendedProperties": [{"name": "P", "type": "string", "value": "y"}],
}
ROLE: t.Final = {
    "name": "Reader",
    "modelPermission": "read",
    "members": [{"memberName": "ann@x.test", "memberType": "user"}],
    "tablePermissions": [
        {
            "name": "Orders",
            "filterExpression": "TRUE()",
            "columnPermissions": [{"name": "Net", "metadataPermission": "none"}],
        }
    ],
}
MODEL: t.Final = {
    "tables": [TABLE],
    "roles": [ROLE],
    "expressions": [{"name": "Server", "kind": "m", "expression": '"a"'}],
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ([("table", "Orders"), ("column", "Net")], "1\n+ 1"),
        ([("table", "Orders"), ("measure", "Total")], "SUM(Orders[Net])"),
        ([("table", "Orders"), ("measure", "Total"), ("annotation", "A")], "x"),
        ([("table", "Orders"), ("calculationGroup", ""), ("calculationItem", "YTD")], "SELECTEDMEASURE()"),
        ([("table", "Orders"), ("extendedProperty", "P")], "y"),
        ([("role", "Reader"), ("member", "ann@x.test")], "user"),
        ([("role", "Reader"), ("tablePermission", "Orders")], "TRUE()"),
        ([("role", "Reader"), ("tablePermission", "Orders"), ("columnPermission", "Net")], "none"),
        ([("expression", "Server")], '"a"'),
    ],
)
def test_the_value_of_an_object(path: list[tuple[str, str]], value: str) -> None:
    assert find(read(MODEL), *path).value == value


def test_a_changed_property_is_its_own_value() -> None:
    column = {"name": "Net", "changedProperties": [{"property": "DataType"}]}
    (changed,) = find(
        read({"tables": [{"name": "T", "columns": [column]}]}), ("table", "T"), ("column", "Net")
    ).children
    assert (changed.kind, changed.value) == ("changedProperty", "DataType")


def test_other_members_are_properties() -> None:
    permission = find(read(MODEL), ("role", "Reader"))
    assert permission.properties["modelPermission"].value == "read"
