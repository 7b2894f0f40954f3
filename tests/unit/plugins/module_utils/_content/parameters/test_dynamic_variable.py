# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables for values of the target."""

from __future__ import annotations

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content.parameters.dynamic_variable import (
    Variable,
    is_dynamic,
    parse,
)


@pytest.mark.parametrize(
    ("text", "expected", "again"),
    [
        ("$workspace.id", Variable("id"), "$workspace.$id"),
        ("$workspace.$id", Variable("id"), "$workspace.$id"),
        ("$workspace.$name", Variable("name"), "$workspace.$name"),
        ("$workspace.$name_encoded", Variable("name_encoded"), "$workspace.$name_encoded"),
        ("$workspace.Team A", Variable("id", "Team A"), "$workspace.Team A.$id"),
        ("$workspace.Team.A.$id", Variable("id", "Team.A"), "$workspace.Team.A.$id"),
        (
            "$items.Lakehouse.My.Lake.$SQLEndpoint",
            Variable("sqlendpoint", "", "Lakehouse", "My.Lake"),
            "$items.Lakehouse.My.Lake.$sqlendpoint",
        ),
        (
            "$items.SemanticModel.Sales.id",
            Variable("id", "", "SemanticModel", "Sales"),
            "$items.SemanticModel.Sales.$id",
        ),
        ("$workspace.W.$items.Report.R.$id", Variable("id", "W", "Report", "R"), "$workspace.W.$items.Report.R.$id"),
    ],
)
def test_variables(text: str, expected: Variable, again: str) -> None:
    assert is_dynamic(text)
    assert parse(text) == expected
    assert str(expected) == again
    assert parse(again) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("$what", "is no variable"),
        ("$workspace.$unknown", "a workspace has"),
        ("$workspace.W.$name", "of another workspace there is only"),
        ("$workspace.", "names no workspace"),
        ("$workspace.$items.Report.R.$id", "names no workspace"),
        ("$workspace..$items.Report.R.$id", "names no workspace"),
        ("$workspace.W.$items.Report.R.id", "is incomplete"),
        ("$items.Report", "is incomplete"),
        ("$items.Report.R", "is incomplete"),
        ("$items..R.$id", "is incomplete"),
        ("$items.report.R.$id", "which isn't an item type; did you mean 'Report'"),
        ("$items.Notebook.N.$sqlendpoint", "Lakehouse, MirroredDatabase, Warehouse, SQLDatabase have a sqlendpoint"),
        ("$workspace.W.$items.Lakehouse.L.$queryserviceuri", "a Lakehouse has none"),
        ("$items.Report.R.$name", "use one of id, sqlendpoint"),
    ],
)
def test_what_is_no_variable(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message.replace("$", r"\$")):
        parse(text)
