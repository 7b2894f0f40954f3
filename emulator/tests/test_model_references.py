# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Semantic models that name objects that they don't have are refused, in TMDL and TMSL."""

from __future__ import annotations

import json
import typing as t

import pytest

from powerbi_emulator.definition_parts import encoded, text_of_part
from powerbi_emulator.model_languages import as_tmdl, as_tmsl
from powerbi_emulator.model_references import unresolved

MODEL: t.Final = {
    "definition/model.tmdl": "model Model\n\nqueryGroup Raw\n",
    "definition/dataSources.tmdl": "dataSource 'SQL one' = structured\n",
    "definition/expressions.tmdl": "expression Lake = 1\n\tqueryGroup: Raw\n",
    "definition/relationships.tmdl": "relationship r\n\tfromColumn: Facts.Key\n\ttoColumn: 'Dim table'.Key\n",
    "definition/tables/Facts.tmdl": (
        "table Facts\n\n\tmeasure Total = 1\n\n\tcolumn Key\n\t\tsortByColumn: Key\n\n\t\trelatedColumnDetails\n"
        "\t\t\tgroupByColumn: Key\n\t\t\tgroupByColumn: 'Other key'\n\n\t\tvariation V\n\t\t\trelationship: r\n"
        "\t\t\tdefaultHierarchy: 'Dim table'.H\n\n\tcolumn 'Other key'\n\n\tpartition Facts = entity\n"
        "\t\tqueryGroup: Raw\n"
        "\t\tsource\n\t\t\tentityName: f\n\t\t\texpressionSource: Lake\n"
    ),
    "definition/tables/Dim.tmdl": (
        "table 'Dim table'\n\n\tcolumn Key\n\n\tcolumn Sum\n\t\talternateOf\n\t\t\tbaseColumn: Facts.Key\n\n"
        "\tcolumn Rows\n\t\talternateOf\n\t\t\tbaseTable: Facts\n\n\thierarchy H\n\n\t\tlevel L\n\t\t\tcolumn: Key\n\n"
        "\tpartition Dim = query\n\t\tdataSource: 'SQL one'\n\t\tsource = SELECT 1\n"
    ),
    "definition/tables/Choice.tmdl": "table Choice\n\n\tpartition Choice = calculated\n\t\tsource = {1}\n",
    "definition/roles/R.tmdl": "role R\n\n\ttablePermission Facts = TRUE()\n\n\t\tcolumnPermission Key = none\n",
    "definition/perspectives/P.tmdl": (
        "perspective P\n\n\tperspectiveTable Facts\n\n\t\tperspectiveMeasure Total\n\n\tperspectiveTable Choice\n\n"
        "\t\tperspectiveColumn Value1\n"
    ),
    "definition/cultures/de-DE.tmdl": (
        "cultureInfo de-DE\n\n\ttranslations\n\t\tmodel Model\n\t\t\ttable Facts\n\t\t\t\tcaption: Fakten\n\n"
        "\t\t\t\tmeasure Total\n\t\t\t\t\tdescription: Alles\n\t\t\t\t\tdisplayFolder: Summen\n"
    ),
}


def parts(changes: t.Mapping[str, str] | None = None) -> dict[str, str]:
    return {path: encoded(text) for path, text in {**MODEL, **(changes or {})}.items()}


def test_a_model_that_has_what_it_names_comes_back_as_it_was() -> None:
    assert unresolved(parts()) == ""
    tmsl = as_tmsl(parts())
    assert unresolved(tmsl) == ""
    model = json.loads(text_of_part(tmsl, "model.bim"))["model"]
    assert model["cultures"][0]["translations"]["model"]["tables"][0]["measures"] == [
        {"name": "Total", "translatedDescription": "Alles", "translatedDisplayFolder": "Summen"}
    ]
    assert model["tables"][2]["columns"][0]["relatedColumnDetails"] == {
        "groupByColumns": [{"groupingColumn": "Key"}, {"groupingColumn": "Other key"}]
    }
    assert as_tmsl(as_tmdl(tmsl)) == tmsl


@pytest.mark.parametrize(
    ("file", "old", "new", "path"),
    [
        ("expressions", ": Raw", ": Gone", "Model/QueryGroups/Gone"),
        ("relationships", "Facts.Key", "Facts.Gone", "Model/Tables/Facts/Columns/Gone"),
        ("relationships", "'Dim table'", "Gone", "Model/Tables/Gone"),
        ("tables/Facts", "sortByColumn: Key", "sortByColumn: Gone", "Model/Tables/facts/Columns/Gone"),
        ("tables/Facts", "relationship: r", "relationship: gone", "Model/Relationships/gone"),
        ("tables/Facts", "'Dim table'.H", "'Dim table'.Gone", "Model/Tables/Dim table/Hierarchies/Gone"),
        ("tables/Facts", "Source: Lake", "Source: 'The lake'", "Model/Expressions/The lake"),
        ("tables/Dim", "Facts.Key", "Facts.Gone", "Model/Tables/Facts/Columns/Gone"),
        ("tables/Dim", "baseTable: Facts", "baseTable: 'Go ne'", "Model/Tables/Go ne"),
        ("tables/Dim", "\tcolumn: Key", "\tcolumn: Gone", "Model/Tables/dim table/Columns/Gone"),
        ("tables/Dim", "'SQL one'", "'SQL two'", "Model/DataSources/SQL two"),
        ("roles/R", "Facts", "Gone", "Model/Tables/Gone"),
        ("roles/R", "Key", "Gone", "Model/Tables/Facts/Columns/Gone"),
        ("perspectives/P", "Total", "Gone", "Model/Tables/Facts/Measures/Gone"),
        ("cultures/de-DE", "table Facts", "table Gone", "Model/Tables/Gone"),
        ("cultures/de-DE", "Total", "Gone", "Model/Tables/Facts/Measures/Gone"),
    ],
)
def test_a_name_of_nothing(file: str, old: str, new: str, path: str) -> None:
    place = f"definition/{file}.tmdl"
    assert old in MODEL[place]
    changed = parts({place: MODEL[place].replace(old, new, 1)})

    assert unresolved(changed) == path
    assert unresolved(as_tmsl(changed)) == path


def test_what_can_not_be_parsed_is_left_to_the_other_checks() -> None:
    assert unresolved(parts({"definition/tables/Dim.tmdl": "table D\n\t???\n"})) == ""
    for text in ("{", "[]", '{"model": {"tables": [1]}}', '{"model": {"relationships": [{}]}}'):
        assert unresolved({"model.bim": encoded(text)}) == ""
