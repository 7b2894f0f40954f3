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


def test_the_sample_shows_what_it_has(sample: Path) -> None:
    assert scan(str(sample)).problems == ()


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        (field("Measure", "Sales", "Total"), ""),
        (field("Measure", "sales", "TOTAL"), ""),
        (field("Column", "Sales", "Amount"), ""),
        (field("Column", "Calc", "anything"), ""),
        (field("Measure", "Sales", "Own"), ""),
        (field("Measure", "Sales", "Other", Schema="extension"), ""),
        ({"Measure": {"Expression": {"SourceRef": {"Source": "s"}}, "Property": "Alias"}}, ""),
        (field("Measure", "Sales", "Sum"), "the measure Sales[Sum] isn't in Sales.SemanticModel"),
        (field("Column", "Sales", "Total"), "the column Sales[Total] isn't in Sales.SemanticModel"),
        (field("Column", "Gone", "a"), "the column Gone[a] isn't in Sales.SemanticModel"),
        (field("Measure", "Calc", "m"), "the measure Calc[m] isn't in Sales.SemanticModel"),
    ],
)
def test_fields_of_visuals(tree: t.Any, model_files: t.Any, report_files: t.Any, shown: t.Any, told: str) -> None:
    own = {"entities": [{"name": "Sales", "measures": [{"name": "Own", "expression": "1"}]}]}
    files = {
        **model_files,
        **report_files,
        "Sales.SemanticModel/definition/tables/Calc.tmdl": "table Calc\n\tpartition Calc = calculated\n\t\tsource = {1}\n",
        "Sales.Report/definition/reportExtensions.json": json.dumps(own),
        VISUAL: json.dumps({"visual": {"query": [{"field": shown}, {"again": shown}]}}),
    }
    result = scan(tree(files))

    assert [(problem.file, problem.what, problem.severity) for problem in result.problems] == (
        [(VISUAL, told, "warning")] if told else []
    )
    assert len(result.check()) == 2
