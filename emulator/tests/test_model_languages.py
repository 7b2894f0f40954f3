# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Semantic models from TMDL to TMSL and back."""

from __future__ import annotations

import base64
import json
import typing as t
from pathlib import Path

import pytest

import samples
from conftest import Emulator
from powerbi_emulator.definition_parts import encoded
from powerbi_emulator.model_languages import as_tmdl, as_tmsl
from powerbi_emulator.model_languages.vocabulary import TranslationError
from swagger import DATA

SALES = "f01de400-0000-4000-8000-000000000001"
SAMPLE = Path(__file__).resolve().parents[2] / "playbooks" / "files" / "sample" / "Sales.SemanticModel"
FOLDERS = [path for path in (DATA / "content" / "pbip" / "ABC.SemanticModel", SAMPLE) if path.is_dir()]
TABLE = """\
/// What was ordered,
/// line by line
table 'Order lines'
	isHidden
	lineageTag: 1

	measure 'Total ''net''' =
			VAR x = SUM('Order lines'[Amount])

			RETURN x
		formatString: 0
		displayFolder: Sums

		annotation Note = a: b

	measure Short = 1
		formatStringDefinition = "0.00"

	measure Fenced = ```
			IF(
				TRUE(), 1)
			```

	column Amount
		dataType: double
		summarizeBy: none
		sourceColumn: Amount
		sortByColumn: 'Line no'

		variation Variation
			isDefault
			relationship: 1-2
			defaultHierarchy: Dates.'Date Hierarchy'

	column Twice = [Amount] * 2
		isKey: false

	hierarchy H

		level L
			ordinal: 0
			column: Amount

	partition P = entity
		mode: directQuery
		source
			entityName: orders
			expressionSource: 'My Lake'

	extendedProperty Info = {"a": [1, 2]}

	changedProperty = IsHidden
"""


def decoded(parts: dict[str, str]) -> dict[str, str]:
    return {path: base64.b64decode(payload).decode() for path, payload in parts.items()}


def bim(parts: dict[str, str]) -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", json.loads(decoded(as_tmsl(parts))["model.bim"]))


def test_a_table_with_everything() -> None:
    parts = {"definition/tables/a.tmdl": encoded(TABLE), "definition.pbism": encoded("{}")}
    [table] = bim(parts)["model"]["tables"]
    total, short, fenced = table["measures"]
    assert (table["name"], table["description"], table["isHidden"]) == (
        "Order lines",
        "What was ordered,\nline by line",
        True,
    )
    assert total["name"] == "Total 'net'"
    assert total["expression"] == ["VAR x = SUM('Order lines'[Amount])", "", "RETURN x"]
    assert (total["formatString"], total["annotations"]) == ("0", [{"name": "Note", "value": "a: b"}])
    assert short["formatStringDefinition"] == {"expression": '"0.00"'}
    assert fenced["expression"] == ["IF(", "\tTRUE(), 1)"]
    amount, repeated = table["columns"]
    assert amount["sortByColumn"] == "Line no"
    assert amount["variations"][0]["defaultHierarchy"] == {"table": "Dates", "hierarchy": "Date Hierarchy"}
    assert (repeated["type"], repeated["expression"], repeated["isKey"]) == ("calculated", "[Amount] * 2", False)
    assert table["hierarchies"][0]["levels"] == [{"name": "L", "ordinal": 0, "column": "Amount"}]
    assert table["partitions"][0]["source"] == {
        "type": "entity",
        "entityName": "orders",
        "expressionSource": "My Lake",
    }
    assert table["extendedProperties"] == [{"type": "json", "name": "Info", "value": {"a": [1, 2]}}]
    assert table["changedProperties"] == [{"property": "IsHidden"}]
    assert bim(as_tmdl(as_tmsl(parts)))["model"]["tables"] == [table]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_real_models_come_back_as_they_were(folder: Path) -> None:
    files = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    parts = {path: encoded(file.read_text(encoding="utf-8")) for path, file in files.items()}
    back = as_tmdl(as_tmsl(parts))
    assert set(back) == set(parts)
    assert bim(back) == bim(parts)
    for path, text in decoded(back).items():
        if "/tables/" in path or "/roles/" in path:  # also the text is the same, where order is ours to choose
            assert text.split() == decoded(parts)[path].split()


@pytest.mark.parametrize("text", ["table A\n\tthis is nothing\n", "tabel A\n"])
def test_what_is_not_understood(text: str) -> None:
    with pytest.raises(TranslationError, match="is not understood"):
        as_tmsl({"definition/tables/a.tmdl": encoded(text)})


def test_the_service_gives_either_format(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"long_running": False, "definition_rewrite": False})
    tmdl = {path: encoded(text) for path, text in samples.MODEL.items()}
    tmsl = decoded(as_tmsl(tmdl))
    body = {"displayName": "Orders", "definition": samples.definition(tmsl)}
    item = emulator.fabric("POST", f"/workspaces/{SALES}/semanticModels", json=body).json()["id"]
    path = f"/workspaces/{SALES}/semanticModels/{item}"
    given = emulator.fabric("POST", f"{path}/getDefinition").json()
    assert (given["definition"]["format"], samples.decoded(given)["model.bim"]) == ("TMSL", tmsl["model.bim"])
    requested = emulator.fabric("POST", f"{path}/getDefinition?format=TMDL").json()
    assert requested["definition"]["format"] == "TMDL"
    assert samples.decoded(requested)["definition/tables/Orders.tmdl"].startswith("table Orders\n")
    parameters = emulator.api("GET", f"/groups/{SALES}/datasets/{item}/parameters").json()["value"]
    assert [one["name"] for one in parameters] == ["Server", "Rows"]
    body = {"updateDetails": [{"name": "Rows", "newValue": "5"}]}
    assert emulator.api("POST", f"/groups/{SALES}/datasets/{item}/Default.UpdateParameters", json=body).ok
    requested = emulator.fabric("POST", f"{path}/getDefinition?format=TMDL").json()
    assert "expression Rows = 5 meta" in samples.decoded(requested)["definition/expressions.tmdl"]


@pytest.mark.parametrize(
    "member",
    [
        {"name": "Sales model"},
        {
            "cultures": [
                {"name": "en-US", "linguisticMetadata": {"content": {"Version": "1.0.0"}, "contentType": "json"}}
            ]
        },
        {"tables": [{"name": "T", "measures": [{"name": "M", "expression": "1", "formatString": '"yes";"no"'}]}]},
        {"tables": [{"name": "T", "measures": [{"name": "M", "expression": "1", "formatString": ' "a" '}]}]},
        {"tables": [{"name": "T", "measures": [{"name": "M", "expression": "1", "displayFolder": "true"}]}]},
        {"tables": [{"name": "T", "columns": [{"type": "calculated", "name": "C", "expression": "1"}]}]},
        {
            "tables": [
                {
                    "name": "T",
                    "columns": [
                        {
                            "name": "C",
                            "extendedProperties": [
                                {"type": "string", "name": "S", "value": "text"},
                                {"type": "json", "name": "J", "value": {"a": 1}},
                            ],
                        }
                    ],
                }
            ]
        },
        {
            "tables": [
                {
                    "name": "T",
                    "calculationGroup": {
                        "multipleOrEmptySelectionExpression": {
                            "expression": "1",
                            "formatStringDefinition": {"expression": '"0"'},
                        }
                    },
                }
            ]
        },
    ],
)
def test_nothing_is_lost_from_tmsl_to_tmdl_and_back(member: dict[str, t.Any]) -> None:
    document = {"compatibilityLevel": 1604, "compatibilityMode": "powerBI", "model": {"name": "Model", **member}}

    again = as_tmsl(as_tmdl({"model.bim": encoded(json.dumps(document))}))
    assert json.loads(base64.b64decode(again["model.bim"])) == document
