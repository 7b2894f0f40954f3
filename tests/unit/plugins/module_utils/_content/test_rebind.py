# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Binding a report to a model, and reading what one is bound to."""

from __future__ import annotations

import json

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content.rebind import (
    Binding,
    connection_string,
    read,
    rebind,
)

MODEL = "11111111-2222-3333-4444-555555555555"
PROPERTIES = "https://developer.microsoft.com/json-schemas/fabric/item/report/definitionProperties"
BY_PATH = """{
  "$schema": "PROPERTIES/2.0.0/schema.json",
  // the model beside it
  "version": "4.0",
  "datasetReference": {
    "byPath": {
      "path": "../Sales.SemanticModel"
    }
  },
  "settings": {"keep":  "this"}
}
""".replace("PROPERTIES", PROPERTIES)


def bound(data: bytes) -> Binding:
    found, problem = read(data, "definition.pbir")
    assert problem is None
    return found


def test_schema_2_takes_nothing_but_a_connection_string() -> None:
    after = rebind(BY_PATH.encode(), MODEL.upper()).decode()

    assert '"connectionString": "semanticmodelid=' + MODEL + '"' in after
    assert bound(after.encode()) == Binding(model_id=MODEL)
    head, dummy, tail = BY_PATH.partition('"datasetReference"')
    assert after.startswith(head)
    assert after.endswith(tail[tail.index(',\n  "settings"') :])


@pytest.mark.parametrize("schema", ["", f'"$schema": "{PROPERTIES}/1.0.0/schema.json", '])
def test_schema_1_names_the_model_beside_four_constants(schema: str) -> None:
    data = f'{{{schema}"version": "1.0", "datasetReference": {{"byPath": {{"path": "../S"}}, "byConnection": null}}}}'
    value = json.loads(rebind(data.encode(), MODEL))

    assert value["datasetReference"] == {
        "byConnection": {
            "connectionString": None,
            "pbiServiceModelId": None,
            "pbiModelVirtualServerName": "sobe_wowvirtualserver",
            "pbiModelDatabaseName": MODEL,
            "name": "EntityDataSource",
            "connectionType": "pbiServiceXmlaStyleLive",
        }
    }
    assert value["version"] == "1.0"


def test_the_file_keeps_its_indentation_and_line_ends() -> None:
    after = rebind(BY_PATH.replace("\n", "\r\n").replace("  ", "\t").encode(), MODEL)

    assert b'\r\n\t"datasetReference": {\r\n\t\t"byConnection": {\r\n\t\t\t"connectionString"' in after
    assert after.count(b"\n") == after.count(b"\r\n")


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (
            "Data Source=powerbi://api.powerbi.com/v1.0/myorg/Team;Initial Catalog=Sales",
            Binding("", "", "Team", "Sales"),
        ),
        (
            f"Data Source=powerbi://api.powerbi.com/v1.0/myorg/Team - {MODEL.upper()};Initial Catalog=Sales",
            Binding("", "", MODEL, "Sales"),
        ),
        (
            f"Data Source=powerbi://api.powerbi.com/v1.0/myorg/Team - East;Initial Catalog=Sales - {MODEL}",
            Binding("", MODEL, "Team - East", ""),
        ),
    ],
)
def test_names_that_are_not_unique_have_an_id_in_xmla_connections(members: str, expected: Binding) -> None:
    value = {"datasetReference": {"byConnection": {"connectionString": members}}}

    assert bound(json.dumps(value).encode()) == expected


def test_a_report_that_is_bound_already_stays_as_it_is() -> None:
    once = rebind(BY_PATH.encode(), MODEL)

    assert rebind(once, MODEL.upper()) == once
    assert bound(rebind(once, MODEL.replace("5", "6"))).model_id == MODEL.replace("5", "6")


def test_a_file_without_a_reference_gets_one() -> None:
    assert bound(rebind(b'{\n  "version": "4.0"\n}', MODEL)).model_id == MODEL
    assert bound(rebind(b"{}", MODEL)).model_id == MODEL


def test_what_a_live_report_is_bound_to() -> None:
    text = (
        'Data Source="powerbi://api.powerbi.com/v1.0/myorg/My; space";initial catalog="Sales ""x""";'
        f"access mode=readonly;integrated security=ClaimsToken;semanticmodelid={MODEL}"
    )
    data = json.dumps({"datasetReference": {"byConnection": {"connectionString": text}}}).encode()

    assert bound(data) == Binding(model_id=MODEL, workspace="My; space", model='Sales "x"')
    assert connection_string(text)["accessmode"] == "readonly"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"byPath": {"path": "../S.SemanticModel"}, "byConnection": None}, Binding(path="../S.SemanticModel")),
        ({"byConnection": {"pbiModelDatabaseName": MODEL.upper()}}, Binding(model_id=MODEL)),
        (
            {"byConnection": {"connectionString": f"Data Source=pbiazure://api.powerbi.com;Initial Catalog={MODEL};"}},
            Binding(model_id=MODEL),
        ),
        ({"byConnection": {"connectionString": "initial catalog=Sales"}}, Binding(model="Sales")),
        (
            {"byConnection": {"connectionString": "Data Source=asazure://x/server;Initial Catalog=Sales"}},
            Binding(model="Sales", server="asazure://x/server"),
        ),
        ({}, Binding()),
        ({"byConnection": None}, Binding()),
    ],
)
def test_all_forms_are_read(value: dict[str, object], expected: Binding) -> None:
    assert bound(json.dumps({"datasetReference": value}).encode()) == expected
    assert bool(expected) == (expected != Binding())


def test_a_part_that_is_no_json_is_a_problem_not_an_exception() -> None:
    found, problem = read(b"{", "R.Report/definition.pbir")

    assert not found
    assert str(problem).startswith("R.Report/definition.pbir:1:2: invalid JSON")
