# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fabric: what differs from type to type: definitions, creationPayload, formats, names, publishing, value sets."""

from __future__ import annotations

import json
import typing as t

import pytest
import requests

import samples
from conftest import Emulator
from test_fabric_items import FINANCE, SALES, finished, result

ITEMS = f"/workspaces/{FINANCE}/items"


def post(
    emulator: Emulator, kind: str, name: str, parts: samples.Parts | None = None, **more: t.Any
) -> requests.Response:
    """A creation in a workspace on a capacity; ``format`` goes into the definition."""
    definition = {}
    if parts is not None:
        form = {"format": more.pop("format")} if "format" in more else {}
        definition = {"definition": {**samples.definition(parts), **form}}
    return emulator.fabric("POST", ITEMS, json={"displayName": name, "type": kind, **definition, **more})


def code_of(answer: requests.Response) -> str:
    body = answer.json()
    return str(body.get("moreDetails", [{}])[0].get("message") or body["errorCode"])


def test_a_paginated_report_is_created_in_the_root_and_at_once(emulator: Emulator) -> None:
    folder = emulator.fabric("POST", f"/workspaces/{FINANCE}/folders", json={"displayName": "Sub"}).json()
    answer = post(emulator, "PaginatedReport", "Inv", {"Inv.rdl": samples.RDL}, folderId=folder["id"])
    assert answer.status_code == 201
    assert "folderId" not in answer.json()
    [moved] = emulator.fabric(
        "POST", f"{ITEMS}/{answer.json()['id']}/move", json={"targetFolderId": folder["id"]}
    ).json()["value"]
    assert moved["folderId"] == folder["id"]


@pytest.mark.parametrize("name", ["Invoice.rdl", "inv.rdl", "a/Inv.rdl"])
def test_the_rdl_part_bears_the_display_name(emulator: Emulator, name: str) -> None:
    answer = post(emulator, "PaginatedReport", "Inv", {name: samples.RDL})
    assert answer.status_code == 400
    assert answer.json()["errorCode"].startswith("Workload_")
    made = post(emulator, "PaginatedReport", "Inv", {"Inv.rdl": samples.RDL}).json()
    body = {"definition": samples.definition({name: samples.RDL})}
    state = finished(emulator, emulator.fabric("POST", f"{ITEMS}/{made['id']}/updateDefinition", json=body))
    assert state["status"] == "Failed"


def test_a_paginated_report_fails_to_import_as_often_as_switched(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"failing_paginated_imports": 1})
    refused = post(emulator, "PaginatedReport", "Inv", {"Inv.rdl": samples.RDL})
    assert refused.status_code == 400
    assert "failed to import" in refused.json()["message"]
    assert post(emulator, "PaginatedReport", "Inv", {"Inv.rdl": samples.RDL}).status_code == 201


@pytest.mark.parametrize(("text", "expected"), [("<Report>", "Inv.rdl"), ("<Sheet/>", "root element")])
def test_a_damaged_paginated_report(emulator: Emulator, text: str, expected: str) -> None:
    answer = post(emulator, "PaginatedReport", "Inv", {"Inv.rdl": text})
    assert answer.json()["errorCode"] == "Workload_FailedToParseFile"
    assert expected in answer.json()["message"]


@pytest.mark.parametrize("kind", ["Warehouse", "MLExperiment", "MLModel"])
def test_types_without_a_definition(emulator: Emulator, kind: str) -> None:
    refused = post(emulator, kind, "One", {"a.sql": "select 1"})
    assert refused.json()["errorCode"] == "OperationNotSupportedForItem"
    path = f"{ITEMS}/{result(emulator, post(emulator, kind, 'One'))['id']}"
    assert emulator.fabric("POST", f"{path}/getDefinition").json()["errorCode"] == "OperationNotSupportedForItem"
    body = {"definition": samples.definition({"a.sql": "select 1"})}
    refused = emulator.fabric("POST", f"{path}/updateDefinition", json=body)
    assert refused.json()["errorCode"] == "OperationNotSupportedForItem"


@pytest.mark.parametrize(
    ("kind", "payload", "shown"),
    [
        ("Warehouse", {"defaultCollation": "Latin1_General_100_CI_AS_KS_WS_SC_UTF8"}, None),
        ("Lakehouse", {"enableSchemas": True}, {"defaultSchema": "dbo"}),
        ("Lakehouse", None, None),
        ("Eventhouse", None, None),
    ],
)
def test_a_creation_payload_shows_in_the_properties(
    emulator: Emulator, kind: str, payload: dict[str, t.Any] | None, shown: dict[str, t.Any] | None
) -> None:
    more = {"creationPayload": payload} if payload else {}
    made = result(emulator, post(emulator, kind, "One", **more))
    typed = emulator.fabric("GET", f"/workspaces/{FINANCE}/{kind.lower()}s/{made['id']}").json()
    assert (shown or payload or {}).items() <= typed["properties"].items()
    assert "properties" not in emulator.fabric("GET", f"{ITEMS}/{made['id']}").json()


@pytest.mark.parametrize(
    ("kind", "more", "expected"),
    [
        ("Warehouse", {"creationPayload": {"collation": "x"}}, "unknown properties: collation"),
        ("Warehouse", {"creationPayload": "x"}, "not supported"),
        ("MLModel", {"creationPayload": {"a": 1}}, "not supported"),
        ("WarehouseSnapshot", {}, "creationPayload field is required"),
        ("Lakehouse", {"creationPayload": {"enableSchemas": True}, "definition": {"parts": []}}, "not both"),
    ],
)
def test_bad_creation_payloads(emulator: Emulator, kind: str, more: dict[str, t.Any], expected: str) -> None:
    assert expected in code_of(post(emulator, kind, "One", **more))


@pytest.mark.parametrize(("name", "taken"), [("Lake_1", True), ("my-lake", False), ("my lake", False), ("1st", False)])
def test_names_of_lakehouses(emulator: Emulator, name: str, taken: bool) -> None:
    answer = post(emulator, "Lakehouse", name)
    assert (answer.status_code == 201) is taken
    assert taken or "DisplayName is Invalid for ArtifactType" in code_of(answer)


def test_spark_jobs_keep_files_in_the_second_format_alone(emulator: Emulator) -> None:
    parts = {"SparkJobDefinitionV1.json": "{}", "Main/main.py": "print()"}
    for name, form, kept in (("A", "SparkJobDefinitionV1", False), ("B", "SparkJobDefinitionV2", True)):
        made = result(emulator, post(emulator, "SparkJobDefinition", name, parts, format=form))
        path = f"{ITEMS}/{made['id']}/getDefinition?format={form}"
        found = samples.decoded(result(emulator, emulator.fabric("POST", path)))
        assert ("Main/main.py" in found) is kept


def test_notebooks_come_back_in_the_format_of_git(emulator: Emulator) -> None:
    cells = [{"cell_type": "markdown", "source": ["Title\n"]}, {"cell_type": "code", "source": "print(1)"}]
    parts = {"notebook-content.ipynb": json.dumps({"cells": cells})}
    assert finished(emulator, post(emulator, "Notebook", "N", parts))["status"] == "Failed"
    made = result(emulator, post(emulator, "Notebook", "N", parts, format="ipynb"))
    path = f"{ITEMS}/{made['id']}/getDefinition"
    assert "notebook-content.ipynb" in samples.decoded(
        result(emulator, emulator.fabric("POST", f"{path}?format=ipynb"))
    )
    source = samples.decoded(result(emulator, emulator.fabric("POST", path)))["notebook-content.py"]
    assert "# Title" in source
    assert "print(1)" in source


def test_an_environment_is_published(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"publish_time": 60, "failing_publishes": ["Bad"]})
    for name, end in (("Good", "Success"), ("Bad", "Failed")):
        made = result(emulator, post(emulator, "Environment", name, {"Setting/Sparkcompute.yml": "a: 1\n"}))
        path = f"/workspaces/{FINANCE}/environments/{made['id']}"
        assert "properties" not in emulator.fabric("GET", path).json()
        assert emulator.fabric("POST", f"{path}/staging/publish").status_code == 202
        assert emulator.fabric("GET", path).json()["properties"]["publishDetails"] == {"state": "Running"}
        assert emulator.fabric("POST", f"{path}/staging/publish").status_code == 400
        emulator.advance()
        assert emulator.fabric("GET", path).json()["properties"]["publishDetails"] == {"state": end}


def test_a_value_set_is_activated(emulator: Emulator) -> None:
    settings = json.dumps({"valueSetsOrder": ["Test", "Prod"]})
    made = result(emulator, post(emulator, "VariableLibrary", "V", {"variables.json": "{}", "settings.json": settings}))
    path = f"/workspaces/{FINANCE}/variableLibraries/{made['id']}"
    assert emulator.fabric("GET", path).json()["properties"] == {"activeValueSetName": "Default value set"}
    for name, status in (("Prod", 200), ("Nowhere", 400)):
        answer = emulator.fabric("PATCH", path, json={"properties": {"activeValueSetName": name}})
        assert answer.status_code == status
    assert emulator.fabric("GET", path).json()["properties"] == {"activeValueSetName": "Prod"}
    assert emulator.fabric("PATCH", path, json={"properties": {"other": 1}}).status_code == 400


def test_limits_of_a_workspace(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"item_limit": 1, "folder_limit": 1})
    assert result(emulator, post(emulator, "MLModel", "A"))
    assert post(emulator, "MLModel", "B").json()["errorCode"] == "WorkspaceItemsLimitExceeded"
    folders = f"/workspaces/{FINANCE}/folders"
    assert emulator.fabric("POST", folders, json={"displayName": "A"}).status_code == 201
    assert emulator.fabric("POST", folders, json={"displayName": "B"}).json()["errorCode"] == "TooManyFolders"


@pytest.mark.parametrize("name", ["recycled", "$Recycle.Bin", "a\x85b", "a:b", " a", "x" * 256])
def test_names_that_folders_can_not_have(emulator: Emulator, name: str) -> None:
    assert emulator.fabric("POST", f"/workspaces/{SALES}/folders", json={"displayName": name}).status_code == 400


@pytest.mark.parametrize(
    ("kind", "collection", "path"),
    [
        ("Lakehouse", "lakehouses", ("sqlEndpointProperties", "connectionString")),
        ("Warehouse", "warehouses", ("connectionString",)),
        ("SQLDatabase", "sqlDatabases", ("serverFqdn",)),
        ("Eventhouse", "eventhouses", ("queryServiceUri",)),
    ],
)
def test_an_endpoint_is_there_some_time_after_the_creation(
    emulator: Emulator, kind: str, collection: str, path: tuple[str, ...]
) -> None:
    emulator.control("PATCH", "tenant", {"endpoint_time": 5})
    made = result(emulator, post(emulator, kind, "One"))

    def value() -> t.Any:
        found = emulator.fabric("GET", f"/workspaces/{FINANCE}/{collection}/{made['id']}").json().get("properties", {})
        for name in path:
            found = found.get(name, {})
        return found

    assert not value()
    emulator.advance(6)
    assert "fabric.microsoft.com" in value()


def test_spark_pools_of_a_workspace(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"spark_pools": ["Large"]})
    pools = emulator.fabric("GET", f"/workspaces/{FINANCE}/spark/pools").json()["value"]
    assert [(pool["name"], pool["type"]) for pool in pools] == [("Starter Pool", "Workspace"), ("Large", "Workspace")]
