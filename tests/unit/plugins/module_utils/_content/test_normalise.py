# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is a difference between a local definition and the live one, and what isn't."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content import diff
from ansible_collections.community.powerbi.plugins.module_utils._content.comparison_rules import RULES
from ansible_collections.community.powerbi.plugins.module_utils._content.normalise import compare, normalise
from ansible_collections.community.powerbi.plugins.module_utils._content.rebind import rebind

MODEL = "11111111-2222-3333-4444-555555555555"


def table(text: str) -> dict[str, bytes]:
    return {"definition/tables/S.tmdl": f"table S\n{text}".encode()}


def changed(local: t.Mapping[str, t.Any], live: t.Mapping[str, t.Any], item_type: str = "") -> tuple[str, ...]:
    def parts(files: t.Mapping[str, t.Any]) -> dict[str, bytes]:
        return {path: data if isinstance(data, bytes) else json.dumps(data).encode() for path, data in files.items()}

    return compare(parts(local), parts(live), item_type).changed


SAME_MODEL = {
    "lineage tags and editors' notes that only the service has": (
        "\tmeasure M = 1\n",
        "\tlineageTag: x\n\n\tmeasure M = 1\n\t\tlineageTag: y\n\n\t\tannotation PBI_FormatHint = {}\n",
    ),
    "a stated default": (
        "\tcolumn c\n\t\tdataType: int64\n\t\tisHidden: false\n\t\tsummarizeBy: Default\n",
        "\tcolumn c\n\t\tdataType: int64\n",
    ),
    "case of enumerations": ("\tcolumn c\n\t\tdataType: Int64\n", "\tcolumn c\n\t\tdataType: int64\n"),
    "a flag or its value": ("\tcolumn c\n\t\tisHidden: True\n", "\tcolumn c\n\t\tisHidden\n"),
    "quotes of a text": ('\tmeasure M = 1\n\t\tdisplayFolder: "A b"\n', "\tmeasure M = 1\n\t\tdisplayFolder: A b\n"),
    "blanks around the lines of a description": (
        "\t///  one\n\t/// two\n\tmeasure M = 1\n",
        "\t///one \n\t/// two\n\tmeasure M = 1\n",
    ),
    "one line or several": ("\tmeasure M =\n\t\t\tSUM(x)\n", "\tmeasure M = SUM(x)\n"),
    "JSON of an extended property": (
        '\textendedProperty P = {"a":1,"b":2}\n',
        '\textendedProperty P =\n\t\t\t{\n\t\t\t  "b": 2,\n\t\t\t  "a": 1\n\t\t\t}\n',
    ),
}

OTHER_MODEL = {
    "an expression": ("\tmeasure M = 1\n", "\tmeasure M = 2\n"),
    "blanks inside an expression": ('\tmeasure M = "a b"\n', '\tmeasure M = "a  b"\n'),
    "case of an expression": ('\tmeasure M = "a"\n', '\tmeasure M = "A"\n'),
    "a format": ("\tmeasure M = 1\n\t\tformatString: 0\n", "\tmeasure M = 1\n\t\tformatString: 0.0\n"),
    "a lineage tag that both state": ("\tlineageTag: a\n", "\tlineageTag: b\n"),
    "an annotation that both have": ("\tannotation PBI_ResultType = A\n", "\tannotation PBI_ResultType = B\n"),
    "an annotation of the user": ("\tmeasure M = 1\n", "\tmeasure M = 1\n\n\tannotation Owner = me\n"),
    "a measure less": ("\tmeasure M = 1\n", "\tmeasure M = 1\n\tmeasure N = 1\n"),
    "a measure more": ("\tmeasure M = 1\n\tmeasure N = 1\n", "\tmeasure M = 1\n"),
    "a description": ("\t/// a\n\tmeasure M = 1\n", "\tmeasure M = 1\n"),
    "a line break in a description": (
        "\t/// one two\n\tmeasure M = 1\n",
        "\t/// one\n\t/// two\n\tmeasure M = 1\n",
    ),
    "case of a name": ("\tmeasure Total = 1\n", "\tmeasure TOTAL = 1\n"),
    "case of a text that could be a flag": (
        "\tmeasure M = 1\n\t\tdisplayFolder: True\n",
        "\tmeasure M = 1\n\t\tdisplayFolder: true\n",
    ),
    "order of calculation items": (
        "\tcalculationGroup\n\t\tcalculationItem B = 1\n\t\tcalculationItem A = 2\n",
        "\tcalculationGroup\n\t\tcalculationItem A = 2\n\t\tcalculationItem B = 1\n",
    ),
    "a group-by column": (
        "\tcolumn c\n\t\trelatedColumnDetails\n\t\t\tgroupByColumn: a\n",
        "\tcolumn c\n\t\trelatedColumnDetails\n\t\t\tgroupByColumn: b\n",
    ),
    "a member of a property": ("\tcolumn c\n\t\tsourceColumn: A\n", "\tcolumn c\n\t\tsourceColumn: a\n"),
    "order of a hierarchy's levels": (
        "\thierarchy H\n\t\tlevel A\n\t\t\tcolumn: A\n\t\tlevel B\n\t\t\tcolumn: B\n",
        "\thierarchy H\n\t\tlevel B\n\t\t\tcolumn: B\n\t\tlevel A\n\t\t\tcolumn: A\n",
    ),
    "blanks at a line's end inside a literal": (
        '\tmeasure M =\n\t\t\t"a \n\t\t\tb"\n',
        '\tmeasure M =\n\t\t\t"a\n\t\t\tb"\n',
    ),
    "a text in a literal over lines": ('\tmeasure M =\n\t\t\t"a\n\t\t\t  b"\n', '\tmeasure M =\n\t\t\t"a\n\t\t\t b"\n'),
}


@pytest.mark.parametrize("case", SAME_MODEL)
def test_no_difference_of_models(case: str) -> None:
    local, live = SAME_MODEL[case]

    assert changed(table(local), table(live), "SemanticModel") == ()


@pytest.mark.parametrize("case", OTHER_MODEL)
def test_a_difference_of_models(case: str) -> None:
    local, live = OTHER_MODEL[case]

    assert changed(table(local), table(live), "SemanticModel") == ("definition/tables/S.tmdl",)
    assert changed(table(live), table(local), "SemanticModel") == ("definition/tables/S.tmdl",)


def test_a_lineage_tag_that_only_the_files_have_is_published() -> None:
    assert changed(table("\tlineageTag: a\n"), table("\tmeasure M = 1\n"), "SemanticModel")


def test_database_name_and_references_are_no_content() -> None:
    local = {
        "definition/database.tmdl": b"database\n\tcompatibilityLevel: 1567\n",
        "definition/model.tmdl": b"model Model\n",
    }
    live = {
        "definition/database.tmdl": b"database 0b5b\n\tid: 0b5b\n\tcompatibilityLevel: 1567\n",
        "definition/model.tmdl": b"model Model\n\nref table S\nref cultureInfo en-US\n",
    }

    assert changed(local, live, "SemanticModel") == ()
    live["definition/database.tmdl"] = b"database\n\tcompatibilityLevel: 1600\n"
    assert changed(local, live, "SemanticModel") == ("definition/database.tmdl",)


def test_tables_with_similar_names_in_a_path_stay_apart() -> None:
    parts = {"definition/tables/a.tmdl": b"table 'a/b'\n\tmeasure M = 1\n\ntable a_b\n\tmeasure N = 1\n"}

    assert sorted(normalise(parts, "SemanticModel").parts) == [
        "definition/tables/a%2Fb.tmdl",
        "definition/tables/a_b.tmdl",
    ]


def test_a_model_that_can_not_be_read_is_compared_as_text() -> None:
    odd = {"definition/tables/S.tmdl": b"table S\n\t{what}\n"}

    assert changed(odd, {"definition/tables/S.tmdl": b"table S\r\n\t{what}\r\n\r\n"}, "SemanticModel") == ()
    assert changed(odd, table("\tmeasure M = 1\n"), "SemanticModel") == ("definition/tables/S.tmdl",)
    assert changed(table("\tmeasure M = 1\n"), odd, "SemanticModel") == ("definition/tables/S.tmdl",)


BIM: dict[str, t.Any] = {
    "compatibilityLevel": 1567,
    "model": {
        "culture": "en-US",
        "tables": [
            {"name": "B", "columns": [{"name": "c", "dataType": "int64"}]},
            {"name": "A", "measures": [{"name": "M", "expression": ["1", "+ 1"]}]},
        ],
        "annotations": [{"name": "Owner", "value": "me"}],
    },
}


def test_tmsl_is_compared_by_its_content() -> None:
    live = json.loads(json.dumps(BIM))
    live["name"], live["id"] = "0b5b", "0b5b"
    live["model"]["tables"].reverse()
    live["model"]["modifiedTime"] = "2026-01-01T00:00:00"
    live["model"]["tables"][0]["lineageTag"] = "x"
    live["model"]["tables"][0]["measures"][0]["expression"] = "1\n+ 1"
    live["model"]["tables"][1]["columns"][0]["isHidden"] = False
    live["model"]["annotations"].append({"name": "PBIDesktopVersion", "value": "2.1"})

    assert changed({"model.bim": BIM}, {"model.bim": live}) == ()
    live["model"]["tables"][0]["measures"][0]["expression"] = "2"
    assert changed({"model.bim": BIM}, {"model.bim": live}) == ("model.bim",)


def of_model(**members: t.Any) -> dict[str, t.Any]:
    return {"model.bim": {"compatibilityLevel": 1567, "model": {"tables": [], **members}}}


def of_column(**members: t.Any) -> dict[str, t.Any]:
    return of_model(tables=[{"name": "T", "columns": [{"name": "c", "dataType": "string", **members}]}])


def rule_with(**value: t.Any) -> dict[str, t.Any]:
    return of_column(extendedProperties=[{"type": "json", "name": "Rule", "value": value}])


def groups_by(name: str) -> dict[str, t.Any]:
    return of_column(relatedColumnDetails={"groupByColumns": [{"groupingColumn": name}]})


DIFFERENT_TMSL = {
    "a member of an extended property that elsewhere is volatile": (rule_with(state="open"), rule_with(state="shut")),
    "a member of an extended property that elsewhere is a default": (rule_with(isHidden=False), rule_with()),
    "lines of an extended property": (rule_with(of=["a", "b"]), rule_with(of="a\nb")),
    "a group-by column": (groups_by("a"), groups_by("b")),
    "the folder of a query group": (
        of_model(queryGroups=[{"folder": "Sources"}]),
        of_model(queryGroups=[{"folder": "Staging"}]),
    ),
    "an annotation of a query group": (
        of_model(queryGroups=[{"folder": "F", "annotations": [{"name": "PBI_QueryGroupOrder", "value": "0"}]}]),
        of_model(queryGroups=[{"folder": "F", "annotations": [{"name": "PBI_QueryGroupOrder", "value": "1"}]}]),
    ),
    "a changed property": (
        of_column(changedProperties=[{"property": "IsHidden"}]),
        of_column(changedProperties=[{"property": "FormatString"}]),
    ),
    "case of a name": (of_model(tables=[{"name": "Dates"}]), of_model(tables=[{"name": "dates"}])),
    "a blank inside a literal of several lines": (
        of_model(expressions=[{"name": "E", "kind": "m", "expression": ['"a ', 'b"']}]),
        of_model(expressions=[{"name": "E", "kind": "m", "expression": ['"a', 'b"']}]),
    ),
    "a setting of a data source": (
        of_model(dataSources=[{"name": "D", "connectionDetails": {"address": {"state": "NY"}}}]),
        of_model(dataSources=[{"name": "D", "connectionDetails": {"address": {"state": "NJ"}}}]),
    ),
}


@pytest.mark.parametrize("case", DIFFERENT_TMSL)
def test_a_difference_of_tmsl_has_a_line(case: str) -> None:
    local, live = ({path: json.dumps(value).encode() for path, value in side.items()} for side in DIFFERENT_TMSL[case])

    for one, other in ((local, live), (live, local)):
        comparison = compare(one, other, "SemanticModel")
        assert comparison.changed == ("model.bim",)
        assert diff.summary(comparison)


def test_the_default_name_of_a_model_may_be_stated() -> None:
    assert changed(of_model(name="Model"), of_model()) == changed(of_model(), of_model(name="Model")) == ()
    assert changed(of_model(name="Other"), of_model()) == ("model.bim",)


def test_empty_settings_alone_are_no_difference() -> None:
    assert changed({"definition.pbism": {"settings": {}}}, {"definition.pbism": {}}) == ()
    assert changed({"definition.pbism": {"other": {}}}, {"definition.pbism": {}}) == ("definition.pbism",)


def test_objects_without_names_are_compared_by_their_places() -> None:
    columns = [{"groupingColumn": "a", "lineageTag": "1"}, {"groupingColumn": "b"}]
    local = of_column(relatedColumnDetails={"groupByColumns": columns})
    live = of_column(relatedColumnDetails={"groupByColumns": [columns[0], {**columns[1], "lineageTag": "2"}]})

    assert changed(local, live) == ()
    assert changed(local, of_column(relatedColumnDetails={"groupByColumns": columns[:1]})) == ("model.bim",)


def test_pbir_legacy_holds_json_in_strings() -> None:
    local = {"report.json": {"config": '{"a":1,"b":[1.0]}', "sections": [{"filters": "[]", "name": "s"}]}}
    live = {"report.json": {"sections": [{"name": "s", "filters": "[ ]"}], "config": '{ "b": [1], "a": 1 }'}}

    assert changed(local, live, "Report") == ()
    live["report.json"]["config"] = '{"a":2,"b":[1]}'
    assert changed(local, live, "Report") == ("report.json",)


def test_other_strings_in_the_form_of_json_are_texts() -> None:
    assert changed({"report.json": {"title": "[1]"}}, {"report.json": {"title": "[ 1 ]"}}, "Report") == ("report.json",)


def test_schemas_and_versions_of_files_are_the_services() -> None:
    local = {"definition.pbism": {"version": "4.0"}, "definition/version.json": {"version": "1.0.0"}}
    live = {
        "definition.pbism": {"$schema": "s", "version": "4.2", "settings": {}},
        "definition/version.json": {"version": "2.0.0", "$schema": "s"},
    }

    assert changed(local, live) == ()
    live["definition.pbism"]["settings"] = {"qnaEnabled": True}
    assert changed(local, live) == ("definition.pbism",)


V1 = {
    "version": "1.0",
    "datasetReference": {"byConnection": {"pbiModelDatabaseName": MODEL.upper(), "connectionString": None}},
}
V2 = {"version": "4.0", "datasetReference": {"byConnection": {"connectionString": f"semanticmodelid={MODEL}"}}}
LIVE = {
    "$schema": "x",
    "version": "4.0",
    "datasetReference": {
        "byConnection": {
            "connectionString": 'Data Source="powerbi://api.powerbi.com/v1.0/myorg/W";initial catalog="Sales";'
            f"integrated security=ClaimsToken;semanticmodelid={MODEL}"
        }
    },
}


@pytest.mark.parametrize("local", [V1, V2])
def test_all_forms_of_a_connection_to_one_model_are_equal(local: dict[str, t.Any]) -> None:
    assert changed({"definition.pbir": local}, {"definition.pbir": LIVE}, "Report") == ()


def test_a_report_bound_to_another_model_differs() -> None:
    other = json.loads(json.dumps(V2).replace("5555", "6666"))

    assert changed({"definition.pbir": other}, {"definition.pbir": LIVE}, "Report") == ("definition.pbir",)


def test_a_report_by_path_equals_the_live_one_once_it_is_rebound() -> None:
    local = b'{"version": "4.0", "datasetReference": {"byPath": {"path": "../Sales.SemanticModel"}}}'

    assert changed({"definition.pbir": local}, {"definition.pbir": LIVE}, "Report") == ("definition.pbir",)
    assert changed({"definition.pbir": rebind(local, MODEL)}, {"definition.pbir": LIVE}, "Report") == ()


def test_platform_parts_are_compared_by_type_and_name() -> None:
    local = {
        ".platform": {"metadata": {"type": "Report", "displayName": "A"}, "config": {"logicalId": "x"}},
        "a.txt": b"1",
    }
    live = {".platform": {"metadata": {"type": "Report", "displayName": "A", "description": "d"}}, "a.txt": b"1\r\n"}

    assert changed(local, live) == ()
    assert changed({"a.txt": b"1"}, live) == changed(local, {"a.txt": b"1"}) == ()
    live[".platform"]["metadata"]["displayName"] = "B"
    assert changed(local, live) == (".platform",)


def test_editor_state_and_shared_themes_may_be_on_one_side() -> None:
    both = {"definition/report.json": {}}
    theirs = {**both, "StaticResources/SharedResources/BaseThemes/CY.json": {}, "diagramLayout.json": {}}

    assert changed(both, theirs, "Report") == ()
    assert changed({**both, "diagramLayout.json": {"a": 1}}, both, "Report") == ()
    assert changed({**both, "diagramLayout.json": {"a": 1}}, theirs, "Report") == ("diagramLayout.json",)
    assert changed(both, {**both, "StaticResources/RegisteredResources/a.png": b"\0"}, "Report") != ()
    assert changed(theirs, both, "Report") == ("StaticResources/SharedResources/BaseThemes/CY.json",)


def test_binary_parts_are_compared_byte_by_byte() -> None:
    assert changed({"a.png": b"\0\r\n"}, {"a.png": b"\0\n"}) == ("a.png",)


def test_rdl_is_compared_as_xml() -> None:
    local = b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?>\r\n<Report b="1" a=\'2\'><X></X></Report>'
    live = b'<Report a="2" b="1"><X/></Report>\n'

    assert changed({"R.rdl": local}, {"R.rdl": live}, "PaginatedReport") == ()
    assert changed({"R.rdl": local}, {"R.rdl": live.replace(b"<X/>", b"<X>1</X>")}, "PaginatedReport") == ("R.rdl",)


def test_a_document_type_is_never_expanded() -> None:
    bomb = b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">]><Report>&a;</Report>'

    assert normalise({"R.rdl": bomb}, "PaginatedReport").parts == {"R.rdl": bomb + b"\n"}


def test_files_of_a_user_are_no_parts() -> None:
    assert normalise({".pbi/localSettings.json": b"{}", "definition/.pbi/cache.abf": b"\0"}).parts == {}


def test_every_rule_has_place_problem_and_reason() -> None:
    assert all(rule.scope and rule.what and rule.reason for rule in RULES)
    assert len({(rule.scope, rule.what) for rule in RULES}) == len(RULES)


def test_a_repeated_key_in_the_json_of_a_model_is_a_difference() -> None:
    once, repeated = ('\textendedProperty P = {"a": 1}\n', '\textendedProperty P = {"a": 1, "a": 1}\n')

    assert changed(table(repeated), table(once)) == ("definition/tables/S.tmdl",)
