# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fields that a report shows and its model doesn't have."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content.folder import scan

VISUAL = "Sales.Report/definition/pages/p1/visuals/v/visual.json"


def field(kind: str, table: str, name: str, **source: str) -> dict[str, t.Any]:
    return {kind: {"Expression": {"SourceRef": {"Entity": table, **source}}, "Property": name}}


def hierarchy(level: str) -> dict[str, t.Any]:
    inner = {"Hierarchy": {"Expression": {"SourceRef": {"Entity": "Sales"}}, "Hierarchy": "Dates"}}
    return {"HierarchyLevel": {"Expression": inner, "Level": level}}


def query(table: str, column: str) -> dict[str, t.Any]:
    """A filter, which names its tables by aliases, and a subquery, which is no table."""
    aliased = {"Column": {"Expression": {"SourceRef": {"Source": "x"}}, "Property": column}}
    inner = {"Column": {"Expression": {"SourceRef": {"Source": "sub"}}, "Property": "anything"}}
    sources = [{"Name": "x", "Entity": table, "Type": 0}, {"Name": "sub", "Expression": {"Subquery": {}}, "Type": 2}]
    return {"filter": {"From": sources, "Where": [{"Condition": {"In": {"Expressions": [aliased, inner]}}}]}}


def test_the_sample_shows_what_it_has(sample: Path) -> None:
    assert scan(str(sample)).problems == ()


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (field("Measure", "Sales", "Total"), ""),
        (field("Measure", "sales", "TOTAL"), ""),
        (field("Column", "Sales", "Amount"), ""),
        (field("Column", "Calc", "anything"), ""),
        (field("Measure", "Sales", "Own"), ""),
        (field("Measure", "Sales", "Other", Schema="extension"), ""),
        ({"Measure": {"Expression": {"SourceRef": {"Source": "s"}}, "Property": "Alias"}}, ""),
        (field("Measure", "Sales", "_Total Status"), ""),
        (field("Measure", "Sales", "_Total Color"), "the measure Sales[_Total Color] isn't in Sales.SemanticModel"),
        (hierarchy("Year"), ""),
        (hierarchy("Day"), "the level Sales[Dates.Day] isn't in Sales.SemanticModel"),
        (
            {"Hierarchy": {"Expression": {"SourceRef": {"Entity": "Sales"}}, "Hierarchy": "Gone"}},
            "the hierarchy Sales[Gone] isn't in Sales.SemanticModel",
        ),
        (query("Sales", "Amount"), ""),
        (query("Sales", "Gone"), "the column Sales[Gone] isn't in Sales.SemanticModel"),
        (query("Gone", "Amount"), "the column Gone[Amount] isn't in Sales.SemanticModel"),
        (field("Measure", "Sales", "Sum"), "the measure Sales[Sum] isn't in Sales.SemanticModel"),
        (field("Column", "Sales", "Total"), "the column Sales[Total] isn't in Sales.SemanticModel"),
        (field("Column", "Gone", "a"), "the column Gone[a] isn't in Sales.SemanticModel"),
        (field("Measure", "Calc", "m"), "the measure Calc[m] isn't in Sales.SemanticModel"),
    ],
)
def test_fields_of_visuals(tree: t.Any, model_files: t.Any, report_files: t.Any, shown: t.Any, expected: str) -> None:
    own = {"entities": [{"name": "Sales", "measures": [{"name": "Own", "expression": "1"}]}]}
    files = {
        **model_files,
        **report_files,
        "Sales.SemanticModel/definition/tables/Sales.tmdl": (
            model_files["Sales.SemanticModel/definition/tables/Sales.tmdl"].replace(
                "measure Total", "hierarchy Dates\n\t\tlevel Year\n\t\t\tcolumn: Amount\n\n\tmeasure Total", 1
            )
            + "\n\tmeasure Total\n\t\tkpi\n\t\t\ttargetExpression = 1\n"
        ),
        "Sales.SemanticModel/definition/tables/Calc.tmdl": "table Calc\n\tpartition Calc = calculated\n\t\tsource = {1}\n",
        "Sales.Report/definition/reportExtensions.json": json.dumps(own),
        VISUAL: json.dumps({"visual": {"query": [{"field": shown}, {"again": shown}]}}),
    }
    result = scan(tree(files))

    assert [(problem.file, problem.what, problem.severity) for problem in result.problems] == (
        [(VISUAL, expected, "warning")] if expected else []
    )
    assert len(result.check()) == 2


def test_a_field_that_is_used_in_many_files_is_one_warning(
    tree: t.Any, model_files: t.Any, report_files: t.Any
) -> None:
    gone = json.dumps({"a": [field("Measure", "Sales", "Gone"), field("Column", "Sales", "Gone")]}, indent=1)
    other = VISUAL.replace("/v/", "/w/")
    files = {**model_files, **report_files, VISUAL: gone, other: gone, "Sales.Report/definition/bookmarks/b.json": gone}

    assert [(found.file.rpartition("/")[2], found.line, found.what) for found in scan(tree(files)).problems] == [
        ("b.json", 10, "the column Sales[Gone] isn't in Sales.SemanticModel (used in 3 files)"),
        ("b.json", 10, "the measure Sales[Gone] isn't in Sales.SemanticModel (used in 3 files)"),
    ]


def test_fields_of_the_legacy_format(tree: t.Any, model_files: t.Any, report_files: t.Any) -> None:
    filters = json.dumps([{"expression": field("Column", "Sales", "Gone")}])
    config = json.dumps({"singleVisual": {"prototypeQuery": query("Sales", "Lost")["filter"]}})
    section = {"name": "s", "filters": filters, "visualContainers": [{"config": config, "query": "{broken SourceRef"}]}
    files = {path: text for path, text in report_files.items() if "/definition/" not in path}
    files["Sales.Report/report.json"] = json.dumps({"sections": [section]})

    found = [
        problem.what for problem in scan(tree({**model_files, **files})).problems if problem.code == "missing-field"
    ]

    assert found == [
        "the column Sales[Gone] isn't in Sales.SemanticModel",
        "the column Sales[Lost] isn't in Sales.SemanticModel",
    ]
