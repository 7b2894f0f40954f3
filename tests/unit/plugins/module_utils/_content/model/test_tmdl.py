# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading TMDL: the content of a document, and where it is broken."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content import normalise
from ansible_collections.community.powerbi.plugins.module_utils._content.model import merge, tmdl, tmdl_writer
from ansible_collections.community.powerbi.plugins.module_utils._content.model.tree import Node

TABLE = (Path(__file__).parents[1] / "data" / "orders.tmdl").read_text(encoding="utf-8")


def read(text: str) -> Node:
    root, problems = tmdl.read(text, "x.tmdl")
    assert problems == []
    return root


def found(text: str) -> list[tuple[int, int, str, str]]:
    return [(each.line, each.column, each.severity, each.what) for each in tmdl.read(text, "x.tmdl")[1]]


def test_objects_properties_and_expressions_of_a_table() -> None:
    (table,) = read(TABLE).children
    counted, fenced = table.of_kind("measure")
    (column,) = table.of_kind("column")

    assert (table.kind, table.name, table.description) == ("table", "Orders", "Every order\nof every day")
    assert (table.start, table.line, table.end) == (1, 3, TABLE.count("\n"))
    assert counted.name == "Orders'  count"
    assert counted.value == "VAR n = COUNTROWS(Orders)\n\nRETURN n"
    assert {name: found.value for name, found in counted.properties.items()} == {
        "formatString": "#,0",
        "displayFolder": ' My "own" ',
        "isHidden": "true",
    }
    assert fenced.value == 'VAR a = "x"\n\nRETURN a'
    assert column.value == "DATE(2026, 1, 1)"
    assert column.text("isAvailableInMdx") == "False"
    assert [(note.name, note.value) for note in column.children] == [("SummarizationSetBy", "Automatic")]


def test_nested_objects_without_names() -> None:
    (table,) = read(TABLE).children
    (group,) = table.of_kind("calculationGroup")
    (policy,) = table.of_kind("refreshPolicy")
    (partition,) = table.of_kind("partition")

    assert [(item.name, item.value) for item in group.children] == [("YTD", "CALCULATE(SELECTEDMEASURE())")]
    assert policy.text("sourceExpression") == "let\n    a = 1\nin a"
    assert policy.properties["sourceExpression"].expression
    assert partition.value == "m"
    assert partition.children[0].value == "let\n    Source = 1\nin\n    Source"


@pytest.mark.parametrize("unit", ["  ", "    ", "\t"])
def test_the_width_of_a_level_is_found(unit: str) -> None:
    assert tmdl_writer.write(read(TABLE.replace("\t", unit)).children) == tmdl_writer.write(read(TABLE).children)


def test_an_expression_as_deep_as_the_properties_is_taken() -> None:
    (role,) = read("role R\n\tmodelPermission: read\n\ttablePermission T =\n\t\t[a] = 1\n\t\t|| [b]\n").children

    assert [(child.name, child.value) for child in role.children] == [("T", "[a] = 1\n|| [b]")]


def test_keywords_in_any_case_and_members_of_roles() -> None:
    (role,) = read(
        "ROLE R\n\tModelPermission: read\n\tMember 'a@b.example' = user\n\t\tidentityProvider: AzureAD\n"
    ).children

    assert (role.kind, role.text("modelPermission")) == ("role", "read")
    assert (role.children[0].kind, role.children[0].name, role.children[0].value) == ("member", "a@b.example", "user")


def test_translations_repeat_the_tree_of_the_model() -> None:
    text = "cultureInfo de-DE\n\ttranslations\n\t\tmodel Model\n\t\t\ttable Sales\n\t\t\t\tcaption: Verkauf\n"
    (culture,) = read(text).children

    assert culture.children[0].children[0].children[0].text("caption") == "Verkauf"


EDITOR = """\
table Facts
\tlineageTag: 1

\tmeasure '# rows' = COUNTROWS(Facts)
\t\tformatString: \\$#,0;(\\$#,0);\\$#,0

\t\tchangedProperty = FormatString

\t\tchangedProperty = IsHidden

\t\tannotation PBI_FormatHint = {"isCustom":true}

\t/// With a target
\t///\x20
\tmeasure Margin = ```
\t\t\tSUMX (\x20
\t\t\t    Facts,
\t\t\t    Facts[a]
\t\t\t)
\t\t\t```

\t\tkpi
\t\t\ttargetExpression = ```
\t\t\t\t[Target]
\t\t\t\t
\t\t\t\t```
\t\t\tstatusExpression =
\t\t\t\tVAR m = [Margin]
\t\t\t\tRETURN
\t\t\t\t    IF ( m > 0, 1 )  -- good

\tcolumn Field
\t\tdataType: string
\t\tsourceColumn: [Value1]
\t\tsortByColumn: 'Field order'

\t\trelatedColumnDetails
\t\t\tgroupByColumn: 'Field name'
\t\t\tgroupByColumn: 'Field order'

\t\tvariation Variation
\t\t\tisDefault
\t\t\trelationship: 77ecc27a-f31d-4241-afd4-d7708086a51d
\t\t\tdefaultHierarchy: LocalDateTable_1.'Date Hierarchy'

\t\textendedProperty ParameterMetadata =
\t\t\t\t{
\t\t\t\t  "version": 3,
\t\t\t\t  "kind": 2
\t\t\t\t}

\thierarchy Year-Month-Day
\t\tlineageTag: 2

\t\tlevel Year
\t\t\tcolumn: Year

\tcalculationGroup
\t\tprecedence: 1

\t\tcalculationItem YOY% =
\t\t\t\t
\t\t\t\tDIVIDE (
\t\t\t\t    1, 2
\t\t\t\t)

\t\t\tformatStringDefinition = "#,##0.00%"

\tcalendar Fiscal
\t\tlineageTag: 3

\t\tcalendarColumnGroup = year
\t\t\tprimaryColumn: Year

\t\tcalendarColumnGroup = month
\t\t\tprimaryColumn: Month
\t\t\tassociatedColumn: 'Month number'
\t\t\tassociatedColumn: 'Month name'

\tpartition 'Facts-2023' = policyRange
\t\tmode: import
\t\tqueryGroup: 'Raw data'
\t\tsource
\t\t\tstart: 1/1/2023 12:00:00 AM
\t\t\tgranularity: year

dataSource 'SQL/one;Sales' = structured
\tconnectionDetails =
\t\t\t{
\t\t\t  "protocol": "tds"
\t\t\t}
\tcredential = {"AuthenticationKind": "x"}

queryGroup 'Raw data\\more'

\tannotation PBI_QueryGroupOrder = 0

function 'Add tax' =
\t\t(amount : NUMERIC) =>
\t\t    amount * 1.2
\tlineageTag: 4

perspective View
\tperspectiveTable Facts
\t\tincludeAll

\t\tperspectiveMeasure '# rows'

culture de-DE
\ttranslations
\t\tmodel Model
\t\t\ttable Facts
\t\t\t\tcaption: Fakten
"""


def test_what_editors_write_is_taken_and_keeps_its_meaning() -> None:
    root = read(EDITOR)
    merged, problems = merge.merge([root])
    once = normalise.normalise({"definition/model.tmdl": EDITOR.encode()}, "SemanticModel").parts
    text = b"".join(once.values()).decode()

    assert problems == []
    assert dict(normalise.normalise(once, "SemanticModel").parts) == dict(once)
    assert text.count("changedProperty = ") == 2
    assert (
        text.count("groupByColumn: ") == text.count("associatedColumn: ") == text.count("calendarColumnGroup = ") == 2
    )
    assert (
        "statusExpression =\n\t\t\t\tVAR m = [Margin]\n\t\t\t\tRETURN\n\t\t\t\t    IF ( m > 0, 1 )  -- good\n" in text
    )
    assert "(amount : NUMERIC) =>\n\t\t    amount * 1.2\n" in text
    assert {node.kind for node in merged.children} >= {"table", "dataSource", "queryGroup", "function", "cultureInfo"}


def test_what_an_object_states_several_times_is_compared_as_a_whole() -> None:
    def differs(old: str, new: str) -> bool:
        one, other = EDITOR.encode(), EDITOR.replace(old, new, 1).encode()
        assert one != other
        return not normalise.compare({"definition/a.tmdl": one}, {"definition/a.tmdl": other}, "SemanticModel").equal

    assert differs("changedProperty = IsHidden", "changedProperty = SortByColumn")
    assert differs("\t\t\tgroupByColumn: 'Field order'\n", "")
    assert differs("associatedColumn: 'Month name'", "associatedColumn: Month")


def test_references_are_marked_and_an_empty_document_is_one() -> None:
    assert [(node.kind, node.name, node.reference) for node in read("ref table 'My table'\nref role R\n").children] == [
        ("table", "My table", True),
        ("role", "R", True),
    ]
    assert read("").children == read("\n\n").children == []


def test_a_new_kind_of_object_is_passed_on_with_a_warning() -> None:
    root, problems = tmdl.read("table T\n\tgizmo G\n\t\tsize: 1\n\t\tmeasure M = 1\n", "x.tmdl")

    assert [(each.severity, each.line) for each in problems] == [("warning", 2)]
    assert root.children[0].children[0].text("size") == "1"


@pytest.mark.parametrize(
    ("text", "line", "column", "part"),
    [
        ("tabel Sales\n", 1, 1, "unknown object 'tabel'"),
        ("garbage\n", 1, 1, "unknown object 'garbage'"),
        ("{}\n", 1, 1, "this isn't TMDL"),
        ("measure M = 1\n", 1, 1, "'measure' can't stand at the top level: it belongs in table"),
        ("table T\n\tcolumn a\n\t\tmeasure M = 1\n", 3, 3, "'measure' can't stand in column"),
        ("table T\n\tmesure M = 1\n", 2, 2, "unknown object 'mesure'"),
        ("table T\n\tcolumn a b\n", 2, 11, "unexpected text after the name 'a': 'b'"),
        ("table T\n\tcolumn 'a\n\t\tdataType: int64\n", 2, 9, "the quote of the name isn't closed"),
        ("table T\n\tmeasure M = ```\n\t\t\t1\n\n\tcolumn a\n", 2, 14, "the ``` isn't closed"),
        ("table T\n\tmeasure M = ``` 1\n\t\t\t```\n", 2, 14, "text follows the opening ```"),
        ("table T\n\tmeasure M = 1\n\t\t\t+ 1\n", 3, 4, "this isn't TMDL: '+ 1'"),
        ("table T\n\tisHidden\n\t\tdataType: int64\n", 3, 3, "unexpected indentation"),
        ("table T\n\tisHidden\n    lineageTag: 1\n", 3, 1, "tabs and spaces are mixed"),
        ("table T\n\tlineageTag: 1\n\tlineageTag: 2\n", 3, 2, "'lineageTag' is set again (first in line 2)"),
        ("lineageTag: 1\n", 1, 1, "the property 'lineageTag' belongs to no object"),
        ("table\n\tcolumn a\n", 1, 1, "'table' has no name"),
    ],
)
def test_what_is_broken_is_reported_with_its_place(text: str, line: int, column: int, part: str) -> None:
    problems = found(text)

    assert [(each[0], each[1]) for each in problems if part in each[3] and each[2] == "error"] == [(line, column)], (
        problems
    )


def test_one_fault_does_not_hide_the_next() -> None:
    problems = found("table T\n\tmesure M = 1\n\tcolumn 'a\n\t\tdataType: int64\n\tcolumn b c\n")

    assert [each[0] for each in problems] == [2, 3, 5]


def test_a_line_that_can_not_be_read_takes_what_is_below_it_along() -> None:
    assert [each[0] for each in found("table T\n\t{\n\t\t}}\n\t\t\t))\n\tcolumn 'a\n")] == [2, 5]


def test_written_text_reads_back_as_the_same_objects() -> None:
    def plain(nodes: t.Iterable[Node]) -> list[t.Any]:
        return [
            (node.kind, node.name, node.value, node.description, _texts(node), plain(node.children)) for node in nodes
        ]

    first = read(TABLE).children
    assert plain(read(tmdl_writer.write(first)).children) == plain(first)


def _texts(node: Node) -> dict[str, str]:
    return {
        name: found.value.lower() if found.value == "False" else found.value for name, found in node.properties.items()
    }
