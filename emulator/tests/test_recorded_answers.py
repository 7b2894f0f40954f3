# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the recordings of the real services show and the documents leave open: absent fields, headers, spellings."""

from __future__ import annotations

import typing as t

import pytest

import samples
from conftest import MEGAN, Emulator
from test_fabric_items import FINANCE, SALES, result

ITEMS = f"/workspaces/{FINANCE}/items"
TEXT = {"notebook-content.py": "# Fabric notebook source\n"}
PARTS: dict[str, samples.Parts] = {
    "DataPipeline": {"pipeline-content.json": "{}"},
    "Dataflow": {"queryMetadata.json": "{}", "mashup.pq": "section Section1;"},
    "Environment": {"Setting/Sparkcompute.yml": "a: 1\n"},
    "Notebook": TEXT,
    "SparkJobDefinition": {"SparkJobDefinitionV1.json": "{}"},
    "UserDataFunction": {"definition.json": "{}"},
    "DataBuildToolJob": {"dbt-content.json": "{}"},
    "Map": {"map.json": "{}"},
}


def test_a_description_that_was_never_set_is_absent(emulator: Emulator) -> None:
    body = {"displayName": "N", "type": "Lakehouse"}
    assert "description" not in emulator.fabric("POST", ITEMS, json=body).json()
    item = emulator.fabric("POST", ITEMS, json={**body, "displayName": "M", "description": ""}).json()
    assert item["description"] == ""
    assert "description" not in emulator.fabric("POST", "/workspaces", json={"displayName": "New"}).json()
    model = {"displayName": "S", "type": "SemanticModel", "definition": samples.definition(samples.MODEL)}
    assert result(emulator, emulator.fabric("POST", ITEMS, json=model))["description"] == ""


def test_answers_with_one_item_have_an_empty_etag(emulator: Emulator) -> None:
    made = emulator.fabric("POST", ITEMS, json={"displayName": "N", "type": "Lakehouse"})
    path = f"{ITEMS}/{made.json()['id']}"
    answers = [made, emulator.fabric("GET", path), emulator.fabric("PATCH", path, json={"displayName": "M"})]
    answers.append(emulator.fabric("POST", ITEMS, json={"displayName": "W", "type": "Warehouse"}))
    assert [answer.headers.get("ETag") for answer in answers] == ['""'] * 4
    model = {"displayName": "S", "type": "SemanticModel", "definition": samples.definition(samples.MODEL)}
    for answer in (emulator.fabric("POST", ITEMS, json=model), emulator.fabric("GET", ITEMS)):
        assert "ETag" not in answer.headers


def test_only_items_are_created_without_a_location(emulator: Emulator) -> None:
    made = emulator.fabric("POST", ITEMS, json={"displayName": "N", "type": "Lakehouse"})
    folder = emulator.fabric("POST", f"/workspaces/{FINANCE}/folders", json={"displayName": "F"})
    workspace = emulator.fabric("POST", "/workspaces", json={"displayName": "New"})
    assert [answer.status_code for answer in (made, folder, workspace)] == [201, 201, 201]
    assert ["Location" in answer.headers for answer in (made, folder, workspace)] == [False, True, True]


@pytest.mark.parametrize(
    ("kind", "with_definition", "without"),
    [
        ("DataPipeline", 201, 201),
        ("Dataflow", 201, 201),
        ("DataBuildToolJob", 201, 201),
        ("Environment", 202, 201),
        ("Map", 202, 201),
        ("Notebook", 202, 201),
        ("SparkJobDefinition", 201, 201),
        ("UserDataFunction", 202, 201),
    ],
)
def test_creations_that_are_done_when_they_are_answered(
    emulator: Emulator, kind: str, with_definition: int, without: int
) -> None:
    body = {"displayName": "A", "type": kind, "definition": samples.definition(PARTS[kind])}
    assert emulator.fabric("POST", ITEMS, json=body).status_code == with_definition
    assert emulator.fabric("POST", ITEMS, json={"displayName": "B", "type": kind}).status_code == without


@pytest.mark.parametrize("kind", ["MLModel", "SQLDatabase", "Warehouse", "CosmosDBDatabase", "KQLDatabase"])
def test_creations_without_a_definition_that_take_a_while(emulator: Emulator, kind: str) -> None:
    answer = emulator.fabric("POST", ITEMS, json={"displayName": "A", "type": kind})
    assert answer.status_code == 202
    assert result(emulator, answer)["type"] == kind


@pytest.mark.parametrize(("kind", "read", "update"), [("DataPipeline", 200, 200), ("Notebook", 202, 202)])
def test_definitions_that_are_read_and_replaced_at_once(emulator: Emulator, kind: str, read: int, update: int) -> None:
    body = {"displayName": "A", "type": kind, "definition": samples.definition(PARTS[kind])}
    path = f"{ITEMS}/{result(emulator, emulator.fabric('POST', ITEMS, json=body))['id']}"
    assert emulator.fabric("POST", f"{path}/getDefinition").status_code == read
    body = {"definition": samples.definition(PARTS[kind])}
    assert emulator.fabric("POST", f"{path}/updateDefinition", json=body).status_code == update


def test_roles_and_collections_in_any_case(emulator: Emulator) -> None:
    path = f"/workspaces/{FINANCE}/RoleAssignments"
    user = next(
        one["principal"]
        for one in emulator.fabric("GET", f"/workspaces/{SALES}/roleassignments").json()["value"]
        if one["principal"].get("userDetails", {}).get("userPrincipalName") == MEGAN
    )
    body = {"principal": {"id": user["id"], "type": "User"}, "role": "member"}
    made = emulator.fabric("POST", path, json=body)
    assert made.status_code in (201, 409), made.text
    if made.status_code == 201:
        assert made.json()["role"] == "Member"
    for collection in ("variablelibraries", "VariableLibraries", "userdatafunctions", "graphqlapis"):
        assert emulator.fabric("GET", f"/Workspaces/{FINANCE}/{collection}").json() == {"value": []}


def test_errors_name_the_resources_they_are_about(emulator: Emulator) -> None:
    unknown = "0000000a-0000-4000-8000-000000000000"
    body = {"principal": {"id": unknown, "type": "User"}, "role": "Viewer"}
    error = emulator.fabric("POST", f"/workspaces/{FINANCE}/roleAssignments", json=body).json()
    assert error["moreDetails"] == [{"relatedResource": {"resourceId": unknown, "resourceType": "Principal"}}]
    assert error["relatedResource"] == {"resourceId": FINANCE, "resourceType": "Workspace"}
    folders = f"/workspaces/{FINANCE}/folders"
    folder = emulator.fabric("POST", folders, json={"displayName": "F"}).json()["id"]
    emulator.fabric("POST", ITEMS, json={"displayName": "N", "type": "Lakehouse", "folderId": folder})
    error = emulator.fabric("DELETE", f"{folders}/{folder}").json()
    assert (error["errorCode"], error["relatedResource"]["resourceType"]) == ("FolderNotEmpty", "Folder")


def test_the_connections_of_a_warehouse(emulator: Emulator) -> None:
    made = result(emulator, emulator.fabric("POST", ITEMS, json={"displayName": "W", "type": "Warehouse"}))
    answer = emulator.fabric("GET", f"{ITEMS}/{made['id']}/connections")
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "OperationNotSupportedForItem")


def test_throttling_names_the_time(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"throttle_requests": 0})
    answer = emulator.fabric("GET", "/workspaces")
    assert answer.status_code == 429
    assert "until: " in answer.json()["message"]
    assert answer.json()["message"].endswith(" (UTC)")


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", f"/v1/workspaces/{SALES}/git/status", lambda body: body["errorCode"]),
        ("GET", f"/v1/workspaces/{SALES}/managedPrivateEndpoints", lambda body: body["errorCode"]),
        ("PUT", "/v1/workspaces", lambda body: body["errorCode"]),
        ("GET", "/v1.0/myorg/admin/groups", lambda body: body["error"]["code"]),
        ("GET", "/v1.0/users", lambda body: body["error"]["code"]),
        ("GET", "/secrets/a/b/c/d", lambda body: body["error"]["code"]),
        ("GET", "/nowhere", lambda body: {"not_implemented": "NotEmulated"}[body["error"]]),
    ],
)
def test_what_the_emulator_does_not_have_is_501_in_the_form_of_the_service(
    emulator: Emulator, method: str, path: str, code: t.Callable[[t.Any], str]
) -> None:
    answer = emulator.request(method, path, headers={"Authorization": f"Bearer {emulator.token()}"})
    assert answer.status_code == 501
    assert code(answer.json()) == "NotEmulated"
    assert path.split("?")[0] in answer.text


def test_missing_objects_of_known_paths_are_404(emulator: Emulator) -> None:
    nothing = "0000000a-0000-4000-8000-000000000000"
    for path in (f"/workspaces/{nothing}", f"{ITEMS}/{nothing}", f"/workspaces/{FINANCE}/reports/{nothing}"):
        assert emulator.fabric("GET", path).status_code == 404


def test_a_doubled_slash_of_msgraph_sdk(emulator: Emulator) -> None:
    token = emulator.token(scope="https://graph.microsoft.com/.default")
    headers = {"Authorization": f"Bearer {token}"}
    answer = emulator.request("GET", "/v1.0//applications", headers=headers)
    assert answer.status_code == emulator.request("GET", "/v1.0/applications", headers=headers).status_code
    assert answer.status_code in (200, 403)
