# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Differences as people see them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content import diff
from ansible_collections.community.powerbi.plugins.module_utils._content.folder import scan
from ansible_collections.community.powerbi.plugins.module_utils._content.normalise import Comparison, compare

BASE = (
    "table Sales\n\tlineageTag: 1\n\n\tmeasure Total = SUM(Sales[Amount])\n\t\tformatString: 0\n\n\tcolumn Amount\n"
    "\t\tdataType: int64\n\n\tpartition Sales = m\n\t\tmode: import\n\t\tsource = 1\n"
)


def of(local: str, live: str = BASE) -> Comparison:
    path = "definition/tables/Sales.tmdl"
    return compare({path: local.encode()}, {path: live.encode()}, "SemanticModel")


def test_a_changed_measure_is_one_line_of_the_diff() -> None:
    comparison = of(BASE.replace("SUM(Sales[Amount])", "SUM(Sales[Amount]) * 2"))

    assert diff.unified_text(diff.part_diffs(comparison, "Sales.SemanticModel"), context=0) == (
        "--- Sales.SemanticModel/definition/tables/Sales.tmdl (live)\n"
        "+++ Sales.SemanticModel/definition/tables/Sales.tmdl\n"
        "@@ -4 +4 @@\n"
        "-\tmeasure Total = SUM(Sales[Amount])\n"
        "+\tmeasure Total = SUM(Sales[Amount]) * 2\n"
    )
    (entry,) = diff.part_diffs(comparison, "Sales.SemanticModel")
    assert sorted(entry) == ["after", "after_header", "before", "before_header"]
    assert "* 2" in entry["after"] and "* 2" not in entry["before"]


def test_no_difference_no_diff() -> None:
    assert diff.part_diffs(of(BASE), "x") == []
    assert diff.unified_text([]) == ""
    assert diff.summary(of(BASE)) == []


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("SUM(Sales[Amount])", "1", ["measure Sales[Total] changed (expression)"]),
        ("formatString: 0", "formatString: 1\n\t\tisHidden", ["measure Sales[Total] changed (formatString, isHidden)"]),
        ("measure Total", "measure Sum", ["measure Sales[Total] removed", "measure Sales[Sum] added"]),
        ("dataType: int64", "dataType: string", ["column Sales[Amount] changed (dataType)"]),
        ("source = 1", "source = 2", ["partition Sales[Sales] changed (source)"]),
        ("lineageTag: 1\n", "lineageTag: 1\n\n\tannotation Owner = me\n", ["table Sales changed (Owner)"]),
        ("\tmeasure Total", "\t/// sum\n\tmeasure Total", ["measure Sales[Total] changed (description)"]),
        (
            "\tcolumn Amount",
            "\trefreshPolicy\n\t\tpolicyType: basic\n\n\tcolumn Amount",
            ["refreshPolicy Sales[refreshPolicy] added"],
        ),
    ],
)
def test_what_changed_in_one_line_an_object(old: str, new: str, lines: list[str]) -> None:
    assert diff.summary(of(BASE.replace(old, new))) == lines


def test_a_table_that_is_added_or_removed_is_shown_whole() -> None:
    other = BASE + "\ntable Other\n\tcolumn a\n\t\tdataType: int64\n"

    assert diff.summary(of(other)) == ["table Other added"]
    assert diff.summary(of(BASE, other)) == ["table Other removed"]


def test_pages_and_visuals_of_a_report_are_named(sample: Path) -> None:
    report = next(item for item in scan(str(sample)).items if item.type == "Report")
    live = {path: data for path, data in report.parts.items() if "regions" not in path or path.endswith("pages.json")}
    visual = "definition/pages/overview/visuals/revenue/visual.json"
    live[visual] = report.parts[visual].replace(b'"x": 40', b'"x": 50')

    assert diff.summary(compare(report.parts, live, "Report")) == [
        "visual revenue of page 'Overview' changed",
        "page 'Revenue by region' added",
        "visual byregion of page 'Revenue by region' added",
    ]


def test_binary_parts_are_shown_by_size_and_digest() -> None:
    comparison = compare({"a.png": b"\0new"}, {"b.png": b"\0old"})
    first, second = diff.part_diffs(comparison, "R.Report")

    assert first["before"] == "" and first["before_header"].endswith("a.png (absent)")
    assert first["after"].startswith("binary, 4 bytes, sha256 ")
    assert second["after"] == "" and second["after_header"].endswith("b.png (removed)")


def test_a_difference_without_words_is_shown_by_its_part() -> None:
    """The words are made for valid models: here they are about the first of two annotations of one name."""
    live = b'{"compatibilityLevel": 1567, "model": {"annotations": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]}}'
    comparison = compare({"model.bim": live.replace(b'"2"', b'"3"')}, {"model.bim": live}, "SemanticModel")

    assert diff.summary(comparison) == ["part model.bim changed"]


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("measure Total", "measure TOTAL", ["measure Sales[TOTAL] changed (name)"]),
        ("table Sales", "table SALES", ["table SALES changed (name)"]),
        ("formatString: 0", "formatString = 0", ["measure Sales[Total] changed (formatString)"]),
    ],
)
def test_a_name_in_another_case_is_a_change(old: str, new: str, lines: list[str]) -> None:
    assert diff.summary(of(BASE.replace(old, new))) == lines


def test_models_as_tmsl_have_the_same_descriptions() -> None:
    live = b'{"compatibilityLevel": 1567, "model": {"tables": [{"name": "S", "measures": [{"name": "M", "expression": "1"}]}]}}'

    assert diff.summary(compare({"model.bim": live.replace(b'"1"', b'"2"')}, {"model.bim": live})) == [
        "measure S[M] changed (expression)"
    ]
