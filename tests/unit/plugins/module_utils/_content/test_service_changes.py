# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a fingerprint leaves out: all that the service or an API call changes, and nothing that a person edits."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content.digest import model_digest, outline_digest

MODEL = {
    "definition/database.tmdl": "database\n\tcompatibilityLevel: 1550\n",
    "definition/model.tmdl": "model Model\n\tculture: en-US\n\nref table Sales\n",
    "definition/expressions.tmdl": (
        'expression Server = "dev.contoso.example" meta [IsParameterQuery=true, Type="Text"]\n\n'
        'expression RangeStart = #datetime(2020, 1, 1, 0, 0, 0) meta [IsParameterQuery=true, Type="DateTime"]\n\n'
        'expression Shared = Sql.Database("dev.contoso.example", "Sales")\n'
    ),
    "definition/roles/Reader.tmdl": "role Reader\n\tmodelPermission: read\n\n\ttablePermission Sales = [A] > 0\n",
    "definition/tables/Sales.tmdl": (
        "table Sales\n\n\trefreshPolicy\n\t\tpolicyType: basic\n\t\trollingWindowGranularity: year\n"
        "\t\trollingWindowPeriods: 5\n\t\tincrementalGranularity: day\n\t\tincrementalPeriods: 10\n"
        "\t\tsourceExpression = Source\n\n\tmeasure Total = SUM(Sales[A])\n\n"
        "\tcolumn A\n\t\tdataType: int64\n\t\tsourceColumn: A\n\n"
        "\tpartition Sales = m\n\t\tmode: import\n\t\tsource = Source\n"
    ),
    "definition/tables/Other.tmdl": (
        "table Other\n\n\tcolumn B\n\t\tdataType: int64\n\t\tsourceColumn: B\n\n"
        '\tpartition Other = m\n\t\tmode: import\n\t\tsource = Sql.Database( "dev.contoso.example","Sales"){[Name="B"]}\n'
    ),
}
SALES, OTHER = "definition/tables/Sales.tmdl", "definition/tables/Other.tmdl"
POLICY = (
    "\tpartition {0} = policyRange\n\t\tmode: import\n\t\tsource\n\t\t\tstart: {0}-01-01\n\t\t\tend: {1}-01-01\n"
    "\t\t\tgranularity: year\n"
)


def digest(**changes: tuple[str, str]) -> str:
    """Of the model in which texts are replaced, in the part whose name the keyword begins."""
    parts = dict(MODEL)
    for name, (old, new) in changes.items():
        path = next(path for path in MODEL if path.rpartition("/")[2].lower().startswith(name))
        assert old in parts[path], path
        parts[path] = parts[path].replace(old, new)
    return model_digest({path: text.encode() for path, text in parts.items()})


def partitions(*years: int) -> str:
    return "\n".join(POLICY.format(year, year + 1) for year in years)


INITIAL = "\tpartition Sales = m\n\t\tmode: import\n\t\tsource = Source\n"


@pytest.mark.parametrize(
    "changes",
    [
        {"sales": (INITIAL, partitions(2024, 2025))},
        {"sales": (INITIAL, partitions(2024, 2025, 2026))},
        {"sales": (INITIAL, "")},
        {"expressions": ('"dev.contoso.example" meta', '"prod" meta')},
        {"expressions": ("#datetime(2020, 1, 1, 0, 0, 0)", "#datetime(2026, 1, 1, 0, 0, 0)")},
        {"expressions": ('Database("dev.contoso.example", "Sales")', 'Database("prod.example", "Sales 2")')},
        {"other": ('Database( "dev.contoso.example","Sales")', 'Database("prod ""x""", "S")')},
        {"reader": ("\n\ttablePermission", "\n\tmember megan@contoso.example\n\n\ttablePermission")},
        {"database": ("1550", "1567")},
        {"model": ("culture: en-US\n", "culture: en-US\n\tsourceQueryCulture: de\n\tdataAccessOptions\n\t\tlegacyRedirects\n")},
        {"model": ("\nref table", "\nannotation PBI_ProTooling = [\"WebModelingEdit\"]\n\nref table")},
        {"sales": ("table Sales\n", "table Sales\n\tlineageTag: 11111111-1111-4111-8111-111111111111\n")},
    ],
)  # fmt: skip
def test_what_the_service_or_the_api_changes_is_left_out(changes: dict[str, tuple[str, str]]) -> None:
    assert digest(**changes) == digest()


@pytest.mark.parametrize(
    "changes",
    [
        {"sales": ("SUM(Sales[A])", "MAX(Sales[A])")},
        {"sales": ("int64", "double")},
        {"sales": ("rollingWindowPeriods: 5", "rollingWindowPeriods: 3")},
        {"sales": ("sourceExpression = Source", "sourceExpression = Other")},
        {"other": ('{[Name="B"]}', '{[Name="C"]}')},
        {"other": ("mode: import", "mode: directQuery")},
        {"other": ("Sql.Database", "Oracle.Database")},
        {"expressions": ("expression Shared", "expression Share")},
        {"expressions": ('Type="Text"', 'Type="Number"')},
        {"expressions": ("Sql.Database(", "Table.FirstN(Sql.Database(")},
        {"reader": ("[A] > 0", "[A] > 1")},
        {"reader": ("role Reader", "role Writer")},
        {"model": ("\nref table", "\nannotation Owner = Megan\n\nref table")},
    ],
)
def test_an_edit_is_seen(changes: dict[str, tuple[str, str]]) -> None:
    assert digest(**changes) != digest()


def test_the_same_for_a_model_in_tmsl() -> None:
    def bim(value: str, *partitions: t.Any, measure: str = "1", members: t.Sequence[t.Any] = ()) -> str:
        table = {
            "name": "Sales",
            "refreshPolicy": {"policyType": "basic", "rollingWindowPeriods": 5},
            "measures": [{"name": "Total", "expression": measure}],
            "partitions": list(partitions),
        }
        parameter = {
            "name": "Server",
            "kind": "m",
            "expression": f'"{value}" meta [IsParameterQuery=true, Type="Text"]',
        }
        role = {"name": "Reader", "members": list(members)}
        model = {"tables": [table], "expressions": [parameter], "roles": [role]}
        return model_digest({"model.bim": json.dumps({"compatibilityLevel": 1550, "model": model}).encode()})

    initial = {"name": "Sales", "source": {"type": "m", "expression": "Source"}}
    made = {"name": "2024", "source": {"type": "policyRange", "start": "2024-01-01T00:00:00"}}
    assert bim("dev", initial) == bim("prod", made, members=[{"memberName": "megan@contoso.example"}])
    assert bim("dev", initial) != bim("dev", initial, measure="2")


def test_a_model_that_can_not_be_read_is_compared_whole() -> None:
    broken = {"definition/model.tmdl": b"model Model\n\t\t\tnonsense here\n"}
    assert model_digest(broken) == model_digest(dict(broken))
    assert model_digest(broken) != model_digest({"definition/model.tmdl": b"model Model\n\t\t\tother nonsense\n"})


VISUAL = {
    "name": "v1",
    "singleVisual": {"visualType": "card", "projections": {"Values": [{"queryRef": "Sales.Total"}]}},
}
MEASURE = {"entities": [{"name": "Sales", "measures": [{"name": "Own", "expression": "1 +\n 1"}]}]}


def legacy(visual: t.Any = None, title: str = "One") -> dict[str, bytes]:
    container = {"x": 1.5, "config": json.dumps(visual or VISUAL)}
    section = {"name": "p1", "displayName": title, "visualContainers": [container]}
    report = {"config": json.dumps({"modelExtensions": [MEASURE]}), "sections": [section]}
    return {"report.json": json.dumps(report).encode()}


def pbir(**changes: t.Any) -> dict[str, bytes]:
    shown = {
        "visualType": "card",
        "query": {"queryState": {"Values": {"projections": [{"queryRef": "Sales.Total", "field": {"Measure": {}}}]}}},
        **changes,
    }
    return {
        "definition/pages/p1/page.json": b'{"name": "p1", "displayName": "One", "height": 720}',
        "definition/pages/p1/visuals/v1/visual.json": json.dumps({"name": "v1", "visual": shown}).encode(),
        "definition/reportExtensions.json": json.dumps(MEASURE).encode(),
        "definition/report.json": b"{}",
    }


def test_a_report_shows_the_same_after_its_conversion() -> None:
    assert outline_digest(legacy()) == outline_digest(pbir()) != ""


def test_a_report_that_was_edited_shows_something_else() -> None:
    same = outline_digest(legacy())
    assert outline_digest(legacy(title="Two")) != same
    assert outline_digest(pbir(visualType="table")) != same
    assert outline_digest(pbir(query={})) != same
    assert outline_digest({**pbir(), "definition/pages/p2/page.json": b'{"name": "p2"}'}) != same
    assert outline_digest({**pbir(), "definition/reportExtensions.json": b"{}"}) != same


@pytest.mark.parametrize("data", [b"[]", b"{", b'{"sections": 5}', b'{"sections": [5]}', b'{"config": "["}'])
def test_a_report_that_can_not_be_read_has_no_outline(data: bytes) -> None:
    assert outline_digest({"report.json": data}) == ""
    assert outline_digest({"definition/pages/a/page.json": b"[]"}) == ""
