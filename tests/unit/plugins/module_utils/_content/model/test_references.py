# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""References between the objects of a model, in TMDL and TMSL, and of a report to its resources."""

from __future__ import annotations

import copy
import json
import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content import item_checks
from ansible_collections.community.powerbi.plugins.module_utils._content.item import LocalItem
from ansible_collections.community.powerbi.plugins.module_utils._content.problem import Problem
from ansible_collections.community.powerbi.plugins.module_utils._content.report import report_resources

PARTS: t.Final = {
    "definition.pbism": "{}",
    "definition/model.tmdl": "model Model\n\tdefaultMeasure: Facts.Total\n\nref table Facts\n\nqueryGroup Raw\n",
    "definition/expressions.tmdl": (
        "expression Lake = 1\n\tqueryGroup: Raw\n\texpressionSource: Lake\n\tparameterValuesColumn: Facts.Key\n"
    ),
    "definition/dataSources.tmdl": "dataSource 'SQL/one' = structured\n",
    "definition/relationships.tmdl": "relationship r\n\tfromColumn: Facts.Key\n\ttoColumn: 'Dim table'.Key\n",
    "definition/tables/Facts.tmdl": (
        "table Facts\n\n\tmeasure Total = 1\n\n\tcolumn Key\n\t\tsortByColumn: 'Sort order'\n\n\t\trelatedColumnDetails\n"
        "\t\t\tgroupByColumn: Key\n\t\t\tgroupByColumn: 'Sort order'\n\n\t\tvariation V\n\t\t\trelationship: r\n"
        "\t\t\tdefaultHierarchy: 'Dim table'.H\n\n\tcolumn 'Sort order'\n\n\tpartition Facts = entity\n\t\tqueryGroup: Raw\n"
        "\t\tsource\n\t\t\tentityName: f\n\t\t\texpressionSource: Lake\n"
    ),
    "definition/tables/Dim.tmdl": "table 'Dim table'\n\n\tcolumn Key\n\n\thierarchy H\n\t\tlevel L\n\t\t\tcolumn: Key\n",
    "definition/tables/Choice.tmdl": (
        "table Choice\n\n\tpartition Choice = calculated\n\t\tsource = {(1, NAMEOF('Facts'[Total])), (2, NAMEOF([Total]))}\n"
    ),
    "definition/tables/Dates.tmdl": (
        "table Dates\n\n\tcolumn Year\n\n\tcolumn Total\n\t\talternateOf\n\t\t\tsummarization: sum\n"
        "\t\t\tbaseColumn: Facts.Key\n\n\tcolumn Rows\n\t\talternateOf\n\t\t\tsummarization: count\n"
        "\t\t\tbaseTable: 'Dim table'\n\n\tcalendar 'The year'\n\n\t\tcalendarColumnGroup = year\n"
        "\t\t\tprimaryColumn: Year\n\t\t\tassociatedColumn: Rows\n\t\t\tassociatedColumn: Total\n\n"
        "\t\tcalendarColumnGroup\n\t\t\tcolumn: Year\n\n\tpartition Dates = query\n\t\tdataSource: 'SQL/one'\n"
        "\t\tsource = SELECT 1\n"
    ),
    "definition/roles/R.tmdl": "role R\n\n\ttablePermission Facts = TRUE()\n\n\t\tcolumnPermission Key = none\n",
    "definition/perspectives/P.tmdl": (
        "perspective P\n\n\tperspectiveTable Facts\n\n\t\tperspectiveColumn Key\n\n\t\tperspectiveMeasure Total\n\n"
        "\tperspectiveTable 'Dim table'\n\n\t\tperspectiveHierarchy H\n"
    ),
    "definition/cultures/de-DE.tmdl": (
        "cultureInfo de-DE\n\n\ttranslations\n\t\tmodel Model\n\t\t\ttable Facts\n\t\t\t\tcaption: F\n\n"
        "\t\t\t\tcolumn Key\n\t\t\t\t\tcaption: K\n"
    ),
}


def problems(parts: t.Mapping[str, str]) -> list[Problem]:
    data = {path: text.encode() for path, text in parts.items()}
    return list(
        item_checks.check_item(LocalItem("SemanticModel", "M", "definition", "", "M.SemanticModel", parts=data))
    )


def test_a_model_whose_references_are_right() -> None:
    assert problems(PARTS) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "what"),
    [
        ("relationships", "Facts.Key", "Facts.Gone", 2, "relationship r needs the column Facts[Gone]"),
        ("relationships", "'Dim table'.Key", "Gone.Key", 3, "relationship r needs the table 'Gone'"),
        ("expressions", ": Raw", ": 'Gone group'", 2, "expression Lake needs the queryGroup 'Gone group'"),
        (
            "tables/Facts",
            "sortByColumn: 'Sort order'",
            "sortByColumn: Gone",
            6,
            "column Facts[Key] needs the column Facts[Gone]",
        ),
        ("tables/Facts", "groupByColumn: Key", "groupByColumn: Gone", 9, "needs the column Facts[Gone]"),
        ("tables/Facts", "groupByColumn: 'Sort order'", "groupByColumn: 'Go ne'", 10, "needs the column Facts[Go ne]"),
        ("tables/Facts", "relationship: r", "relationship: gone", 13, "needs the relationship 'gone'"),
        ("tables/Facts", "'Dim table'.H", "'Dim table'.Gone", 14, "needs the hierarchy Dim table[Gone]"),
        ("tables/Facts", "\tqueryGroup: Raw", "\tqueryGroup: Gone", 19, "needs the queryGroup 'Gone'"),
        ("tables/Facts", "Source: Lake", "Source: 'The lake'", 22, "needs the expression 'The lake'"),
        ("tables/Dim", "column: Key", "column: Gone", 7, "level Dim table[H].L needs the column Dim table[Gone]"),
        ("model", "Facts.Total", "Facts.Gone", 2, "needs the measure Facts[Gone]"),
        ("expressions", "Source: Lake", "Source: Gone", 3, "expression Lake needs the expression 'Gone'"),
        ("expressions", "Facts.Key", "Facts.Gone", 4, "expression Lake needs the column Facts[Gone]"),
        (
            "tables/Dates",
            "Facts.Key",
            "Facts.Gone",
            8,
            "alternateOf Dates[Total].alternateOf needs the column Facts[Gone]",
        ),
        ("tables/Dates", "'Dim table'", "Gone", 13, "alternateOf Dates[Rows].alternateOf needs the table 'Gone'"),
        ("tables/Dates", "primaryColumn: Year", "primaryColumn: Gone", 18, "needs the column Dates[Gone]"),
        ("tables/Dates", "Column: Rows", "Column: 'Go ne'", 19, "needs the column Dates[Go ne]"),
        ("tables/Dates", "Column: Total", "Column: Gone", 20, "needs the column Dates[Gone]"),
        ("tables/Dates", "\tcolumn: Year", "\tcolumn: Gone", 23, "needs the column Dates[Gone]"),
        ("tables/Dates", "'SQL/one'", "Gone", 26, "partition Dates[Dates] needs the dataSource 'Gone'"),
        ("roles/R", "Facts", "Gone", 3, "role R names the table 'Gone'"),
        ("roles/R", "Key", "Gone", 5, "role R names the column Facts[Gone]"),
        ("perspectives/P", "Column Key", "Column Gone", 5, "perspective P names the column Facts[Gone]"),
        ("perspectives/P", "Measure Total", "Measure Gone", 7, "perspective P names the measure Facts[Gone]"),
        ("perspectives/P", "'Dim table'", "Gone", 9, "perspective P names the table 'Gone'"),
        ("perspectives/P", "Hierarchy H", "Hierarchy Gone", 11, "perspective P names the hierarchy Dim table[Gone]"),
        ("cultures/de-DE", "table Facts", "table Gone", 5, "cultureInfo de-DE names the table 'Gone'"),
        ("cultures/de-DE", "column Key", "column Gone", 8, "cultureInfo de-DE names the column Facts[Gone]"),
    ],
)
def test_a_reference_that_leads_nowhere(file: str, old: str, new: str, line: int, what: str) -> None:
    path = f"definition/{file}.tmdl"
    assert old in PARTS[path]
    (problem,) = problems({**PARTS, path: PARTS[path].replace(old, new, 1)})

    assert what in problem.what
    assert (problem.file, problem.line, problem.severity) == (f"M.SemanticModel/{path}", line, "error")


@pytest.mark.parametrize(
    ("path", "old", "new", "what", "severity"),
    [
        (
            "definition/model.tmdl",
            "ref table Facts",
            "ref table Gone",
            "ref table Gone: no file declares this table",
            "warning",
        ),
        (
            "definition/model.tmdl",
            "ref table Facts",
            "ref role Gone",
            "ref role Gone: no file declares this role",
            "warning",
        ),
        ("definition/tables/Choice.tmdl", "'Facts'[Total]", "'Facts'[Gone]", "names Facts[Gone] in NAMEOF", "warning"),
        ("definition/tables/Choice.tmdl", "NAMEOF([Total])", "NAMEOF([Gone])", "names [Gone] in NAMEOF", "warning"),
    ],
)
def test_what_the_service_accepts_is_a_warning(path: str, old: str, new: str, what: str, severity: str) -> None:
    (problem,) = problems({**PARTS, path: PARTS[path].replace(old, new, 1)})

    assert what in problem.what
    assert (problem.severity, problem.line > 0) == (severity, True)


def test_columns_that_the_service_computes_need_not_be_in_the_files() -> None:
    facts = PARTS["definition/relationships.tmdl"].replace("Facts.Key", "Choice.Value1")

    assert problems({**PARTS, "definition/relationships.tmdl": facts}) == []


BIM: t.Final[dict[str, t.Any]] = {
    "compatibilityLevel": 1600,
    "model": {
        "tables": [
            {
                "name": "F",
                "columns": [
                    {
                        "name": "K",
                        "sortByColumn": "K",
                        "relatedColumnDetails": {"groupByColumns": [{"groupingColumn": "K"}]},
                    }
                ],
                "hierarchies": [{"name": "H", "levels": [{"name": "L", "column": "K"}]}],
                "partitions": [{"name": "P", "source": {"type": "entity", "expressionSource": "Lake"}}],
                "calendars": [
                    {
                        "name": "C",
                        "calendarColumnGroups": [
                            {"timeUnit": "year", "primaryColumn": "K", "associatedColumns": ["K"]},
                            {"columns": ["K"]},
                        ],
                    }
                ],
            },
            {
                "name": "Sums",
                "columns": [
                    {"name": "A", "alternateOf": {"summarization": "sum", "baseColumn": {"table": "F", "column": "K"}}},
                    {"name": "B", "alternateOf": {"summarization": "count", "baseTable": "F"}},
                    {
                        "name": "D",
                        "variations": [
                            {"name": "V", "relationship": "r", "defaultHierarchy": {"table": "F", "hierarchy": "H"}}
                        ],
                    },
                ],
                "partitions": [{"name": "P", "source": {"type": "query", "query": "SELECT 1", "dataSource": "SQL"}}],
            },
        ],
        "dataSources": [{"name": "SQL", "type": "structured"}],
        "expressions": [{"name": "Lake", "kind": "m", "expression": "1"}],
        "relationships": [{"name": "r", "fromTable": "F", "fromColumn": "K", "toTable": "F", "toColumn": "K"}],
        "roles": [{"name": "R", "tablePermissions": [{"name": "F", "filterExpression": "TRUE()"}]}],
        "perspectives": [{"name": "P", "tables": [{"name": "F", "columns": [{"name": "K"}]}]}],
    },
}


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('"sortByColumn": "K"', '"sortByColumn": "Gone"', "needs the column F[Gone]"),
        ('"groupingColumn": "K"', '"groupingColumn": "Gone"', "needs the column F[Gone]"),
        ('"column": "K"', '"column": "Gone"', "needs the column F[Gone]"),
        ('"expressionSource": "Lake"', '"expressionSource": "Gone"', "needs the expression 'Gone'"),
        ('"fromColumn": "K"', '"fromColumn": "Gone"', "relationship r needs the column F[Gone]"),
        ('"toTable": "F"', '"toTable": "Gone"', "relationship r needs the table 'Gone'"),
        ('{"name": "F", "filterExpression"', '{"name": "Gone", "filterExpression"', "role R names the table 'Gone'"),
        ('"primaryColumn": "K"', '"primaryColumn": "Gone"', "needs the column F[Gone]"),
        ('"associatedColumns": ["K"', '"associatedColumns": ["Gone"', "needs the column F[Gone]"),
        ('"columns": ["K"]', '"columns": ["K", "Gone"]', "needs the column F[Gone]"),
        (
            '{"table": "F", "column": "K"}',
            '{"table": "F", "column": "Gone"}',
            "Sums[A].alternateOf needs the column F[Gone]",
        ),
        ('"baseTable": "F"', '"baseTable": "Gone"', "Sums[B].alternateOf needs the table 'Gone'"),
        ('"hierarchy": "H"', '"hierarchy": "Gone"', "Sums[D].V needs the hierarchy F[Gone]"),
        ('"relationship": "r"', '"relationship": "gone"', "Sums[D].V needs the relationship 'gone'"),
        ('"dataSource": "SQL"', '"dataSource": "Gone"', "needs the dataSource 'Gone'"),
        ('{"name": "F", "columns": [{"name": "K"}]}', '{"name": "Gone"}', "perspective P names the table 'Gone'"),
        ('[{"name": "K"}]}]}]', '[{"name": "Gone"}]}]}]', "perspective P names the column F[Gone]"),
    ],
)
def test_the_same_in_tmsl(old: str, new: str, what: str) -> None:
    text = json.dumps(copy.deepcopy(BIM))
    assert problems({"definition.pbism": "{}", "model.bim": text}) == []
    (problem,) = problems({"definition.pbism": "{}", "model.bim": text.replace(old, new, 1)})

    assert what in problem.what


@pytest.mark.parametrize(
    ("old", "what"),
    [
        ('"sortByColumn": "K"', "column F[K] needs the column F[Gone]"),
        ('"baseTable": "F"', "alternateOf Sums[B].alternateOf needs the table 'Gone'"),
        ('"dataSource": "SQL"', "source Sums[P].source needs the dataSource 'Gone'"),
    ],
)
def test_problems_of_tmsl_have_lines(old: str, what: str) -> None:
    new = old.rpartition(": ")[0] + ': "Gone"'
    text = json.dumps(BIM, indent=2).replace(old, new, 1)
    (problem,) = problems({"definition.pbism": "{}", "model.bim": text})

    assert problem.what.startswith(what)
    assert problem.line == 1 + text.splitlines().index(next(line for line in text.splitlines() if new in line))


def test_two_definitions_of_a_model_are_one_problem() -> None:
    both = problems({**PARTS, "model.bim": json.dumps(BIM)})

    assert [problem.what.partition(":")[0] for problem in both] == ["there are two definitions of the model"]


PACKAGES: t.Final = [
    {"name": "RegisteredResources", "type": "RegisteredResources", "items": [{"name": "logo", "path": "Logo.png"}]},
    {"name": "SharedResources", "type": "SharedResources", "items": [{"path": "BaseThemes/CY24.json"}]},
]


@pytest.mark.parametrize(
    ("part", "packages"),
    [
        ("definition/report.json", PACKAGES),
        ("report.json", [{"resourcePackage": {"type": 1, "items": [{"path": "Logo.png"}]}}]),
    ],
)
def test_resources_of_a_report(part: str, packages: t.Any) -> None:
    parts = {part: json.dumps({"resourcePackages": packages}).encode()}
    (problem,) = report_resources.problems_of(parts, "R.Report")

    assert problem.what == (
        "the report names the resource 'Logo.png', but there is no StaticResources/RegisteredResources/Logo.png"
    )
    assert (problem.file, problem.line, problem.severity) == (f"R.Report/{part}", 1, "error")
    there = {**parts, "StaticResources/RegisteredResources/logo.PNG": b"\0"}
    assert list(report_resources.problems_of(there, "R.Report")) == []
    assert list(report_resources.problems_of({part: b'{"resourcePackages": [1, {"items": 2}]}'}, "R.Report")) == []


def test_the_theme_of_a_report() -> None:
    def report(name: str, kind: str) -> dict[str, bytes]:
        theme = {"customTheme": {"name": name, "type": kind}, "baseTheme": {"name": "CY24", "type": "SharedResources"}}
        return {
            "definition/report.json": json.dumps({"themeCollection": theme, "resourcePackages": PACKAGES}).encode(),
            "StaticResources/RegisteredResources/Logo.png": b"\0",
        }

    for name, kind in (
        ("logo", "RegisteredResources"),
        ("Logo.png", "RegisteredResources"),
        ("Solar", "SharedResources"),
    ):
        assert list(report_resources.problems_of(report(name, kind), "R.Report")) == []
    (problem,) = report_resources.problems_of(report("Dark.json", "RegisteredResources"), "R.Report")
    assert problem.what == "the theme 'Dark.json' is no registered resource of the report"
    assert (problem.line, problem.severity) == (1, "warning")
