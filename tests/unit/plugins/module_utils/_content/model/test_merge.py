# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several documents, one model: partial declarations, and duplicates."""

from __future__ import annotations

from ansible_collections.community.powerbi.plugins.module_utils._content.model import merge, references, tmdl


def merged(**documents: str) -> tuple[list[str], list[str]]:
    trees = [tmdl.read(text, f"{name}.tmdl")[0] for name, text in documents.items()]
    root, problems = merge.merge(trees)
    names = [".".join(node.name for node in chain) for chain in merge.index(root).values()]
    return names, [str(problem) for problem in (*problems, *references.dangling(root))]


def test_a_table_may_be_declared_in_several_files() -> None:
    names, problems = merged(
        a="table Sales\n\tlineageTag: 1\n\tcolumn c\n\t\tdataType: int64\n", b="table SALES\n\tmeasure m = 1\n"
    )

    assert names == ["Sales", "Sales.c", "Sales.m"]
    assert problems == []


def test_what_stands_in_the_model_stands_at_the_top() -> None:
    names, dummy = merged(a="model Model\n\ttable A\n\t\tmeasure m = 1\n\ttable B\n", b="table C\n")

    assert sorted(names) == ["A", "A.m", "B", "C", "Model"]


def test_a_duplicate_measure_in_a_table() -> None:
    dummy, problems = merged(a="table S\n\tmeasure Total = 1\n", b="table S\n\tmeasure total = 2\n")

    assert problems == [
        "b.tmdl:2: measure S[total] is declared again (first in a.tmdl:2). Remedy: Remove or rename one of the two."
    ]


def test_a_copied_table_file_is_reported_once() -> None:
    text = "table S\n\tlineageTag: 1\n\tcolumn a\n\t\tdataType: int64\n\tcolumn b\n\t\tdataType: int64\n"
    dummy, problems = merged(a=text, b=text)

    assert [problem.split(".")[0] for problem in problems] == ["b"]
    assert "table S is declared again (first in a.tmdl:2)" in problems[0]


def test_measures_are_unique_in_a_model_and_differ_from_columns() -> None:
    dummy, problems = merged(
        a="table S\n\tmeasure M = 1\n\ttable\n", b="table T\n\tmeasure m = 2\n\tcolumn M\n\t\tdataType: int64\n"
    )

    assert any("measure T[m] has the name of measure S[M] (a.tmdl:2)" in problem for problem in problems)
    assert any("measure T[m] has the name of a column of its table" in problem for problem in problems)


def test_a_relationship_needs_its_columns() -> None:
    tables = "table 'Fact Sales'\n\tcolumn 'a.b'\n\t\tdataType: int64\ntable D\n\tcolumn K\n\t\tdataType: int64\n"
    good = "relationship r\n\tfromColumn: 'Fact Sales'.'a.b'\n\ttoColumn: d.k\n"
    bad = "relationship s\n\tfromColumn: 'Fact Sales'.x\n\ttoColumn: E.K\n"

    assert merged(a=tables, r=good)[1] == []
    assert [problem.split(". ")[0] for problem in merged(a=tables, r=bad)[1]] == [
        "r.tmdl:2: relationship s needs the column Fact Sales[x], which isn't in the model",
        "r.tmdl:3: relationship s needs the table 'E', which isn't in the model",
    ]


def test_columns_of_calculated_tables_need_not_be_in_the_files() -> None:
    table = "table C\n\tpartition C = calculated\n\t\tsource = CALENDARAUTO()\n"

    assert merged(a=table, r="relationship r\n\tfromColumn: C.Date\n\ttoColumn: C.Other\n")[1] == []
