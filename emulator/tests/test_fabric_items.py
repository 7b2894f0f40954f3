# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fabric: items by definition, and the long-running operations they take."""

from __future__ import annotations

import json
import typing as t

import pytest
import requests

import samples
from conftest import READER, READER_SECRET, Emulator

SALES = "f01de400-0000-4000-8000-000000000001"
FINANCE = "f01de400-0000-4000-8000-000000000002"
ITEMS = f"/workspaces/{SALES}/items"


def finished(emulator: Emulator, answer: requests.Response) -> dict[str, t.Any]:
    """The state of an operation at its end."""
    assert answer.status_code == 202, answer.text
    assert answer.json() is None
    state = emulator.fabric("GET", f"/operations/{answer.headers['x-ms-operation-id']}")
    assert state.json()["status"] in ("Succeeded", "Failed")
    return {**state.json(), "location": state.headers.get("Location")}


def result(emulator: Emulator, answer: requests.Response) -> t.Any:
    """What an operation made, at once or as a long-running operation, depending on the type of the item."""
    if answer.status_code in (200, 201):
        return answer.json()
    state = finished(emulator, answer)
    assert state["status"] == "Succeeded", state
    return emulator.fabric("GET", state["location"].removeprefix(f"{emulator.url}/v1")).json()


def create(emulator: Emulator, kind: str, name: str, parts: samples.Parts, **more: t.Any) -> dict[str, t.Any]:
    body = {"displayName": name, "type": kind, "definition": samples.definition(parts), **more}
    made: dict[str, t.Any] = result(emulator, emulator.fabric("POST", ITEMS, json=body))
    return made


def failure(emulator: Emulator, kind: str, parts: samples.Parts) -> dict[str, t.Any]:
    body = {"displayName": "Broken", "type": kind, "definition": samples.definition(parts)}
    state = finished(emulator, emulator.fabric("POST", ITEMS, json=body))
    assert (state["status"], state["location"]) == ("Failed", None)
    assert emulator.fabric("GET", ITEMS).json()["value"] == []
    return t.cast("dict[str, t.Any]", state["error"])


def test_model_and_report_and_back(emulator: Emulator) -> None:
    model = create(emulator, "SemanticModel", "Orders", samples.MODEL, description="what was ordered")
    assert (model["type"], model["workspaceId"]) == ("SemanticModel", SALES)
    assert model["description"] == "what was ordered"
    report = create(emulator, "Report", "Orders", samples.report(model["id"]))
    listed = emulator.fabric("GET", ITEMS).json()["value"]
    assert [one["id"] for one in listed] == [model["id"], report["id"]]
    typed = emulator.fabric("GET", f"/workspaces/{SALES}/reports").json()["value"]
    assert [one["id"] for one in typed] == [report["id"]]
    assert emulator.fabric("GET", f"/workspaces/{SALES}/semanticModels/{model['id'].upper()}").json() == model
    assert emulator.fabric("GET", f"/workspaces/{SALES}/reports/{model['id']}").status_code == 404
    parts = samples.decoded(result(emulator, emulator.fabric("POST", f"{ITEMS}/{model['id']}/getDefinition")))
    assert set(parts) == {*samples.MODEL, ".platform"}
    platform = json.loads(parts[".platform"])
    assert platform["metadata"] == {
        "type": "SemanticModel",
        "displayName": "Orders",
        "description": "what was ordered",
    }
    assert platform["config"]["logicalId"] == "00000000-0000-0000-0000-000000000000"


def test_definitions_come_back_in_the_services_formatting(emulator: Emulator) -> None:
    model = create(emulator, "SemanticModel", "Orders", samples.MODEL)
    path = f"/workspaces/{SALES}/semanticModels/{model['id']}/getDefinition"
    table = samples.decoded(result(emulator, emulator.fabric("POST", f"{path}?format=TMDL")))
    lines = table["definition/tables/Orders.tmdl"].split("\r\n")
    assert lines[0] == "table Orders"
    assert lines[1].startswith("\tlineageTag: ")
    assert lines[3] == "\tcolumn Amount"
    assert lines[4].startswith("\t\tlineageTag: ")
    again = samples.decoded(result(emulator, emulator.fabric("POST", path)))
    assert again == table
    emulator.control("PATCH", "tenant", {"definition_rewrite": False})
    plain = samples.decoded(result(emulator, emulator.fabric("POST", path)))
    assert {name: text for name, text in plain.items() if name != ".platform"} == samples.MODEL
    assert set(samples.decoded(result(emulator, emulator.fabric("POST", f"{path}?format=TMSL")))) == {
        ".platform",
        "definition.pbism",
        "model.bim",
    }
    assert emulator.fabric("POST", f"{path}?format=tmdl").status_code == 400


def test_update_replaces_all_parts_and_has_no_result(emulator: Emulator) -> None:
    model = create(emulator, "SemanticModel", "Orders", samples.MODEL)
    changed = {**samples.MODEL, "definition/tables/Orders.tmdl": "table Orders\n\tisHidden\n"}
    del changed["definition/expressions.tmdl"]
    platform = json.dumps({"metadata": {"type": "SemanticModel", "displayName": "Renamed", "description": "new"}})
    body = {"definition": samples.definition({**changed, ".platform": platform})}
    answer = emulator.fabric("POST", f"{ITEMS}/{model['id']}/updateDefinition", json=body)
    state = finished(emulator, answer)
    assert (state["status"], state["percentComplete"], state["location"]) == ("Succeeded", 100, None)
    none = emulator.fabric("GET", f"/operations/{answer.headers['x-ms-operation-id']}/result")
    assert (none.status_code, none.json()["errorCode"]) == (400, "OperationHasNoResult")
    assert emulator.fabric("GET", f"{ITEMS}/{model['id']}").json()["displayName"] == "Orders"
    parts = samples.decoded(result(emulator, emulator.fabric("POST", f"{ITEMS}/{model['id']}/getDefinition")))
    assert "definition/expressions.tmdl" not in parts
    assert "isHidden" in parts["definition/tables/Orders.tmdl"]
    renaming = f"{ITEMS}/{model['id']}/updateDefinition?updateMetadata=true"
    assert finished(emulator, emulator.fabric("POST", renaming, json=body))["status"] == "Succeeded"
    item = emulator.fabric("GET", f"{ITEMS}/{model['id']}").json()
    assert (item["displayName"], item["description"]) == ("Renamed", "new")


def test_operations_run_for_a_while_and_elsewhere(emulator: Emulator) -> None:
    elsewhere = "https://wabi-north-europe-redirect.analysis.windows.net"
    switches = {"operation_polls": 2, "operation_retry_after": 7, "operation_url": elsewhere, "operation_time": 600}
    emulator.control("PATCH", "tenant", switches)
    body = {"displayName": "Orders", "type": "SemanticModel", "definition": samples.definition(samples.MODEL)}
    answer = emulator.fabric("POST", ITEMS, json=body)
    operation = answer.headers["x-ms-operation-id"]
    assert (answer.status_code, answer.content) == (202, b"null")
    assert answer.headers["Location"] == f"{elsewhere}/v1/operations/{operation}"
    assert answer.headers["Retry-After"] == "7"
    states = [emulator.fabric("GET", f"/operations/{operation}") for _ in range(2)]
    for state in states:
        assert (state.json()["status"], state.json()["percentComplete"]) == ("Running", None)
        assert state.headers["Location"] == answer.headers["Location"]
    assert emulator.fabric("GET", f"/operations/{operation}/result").status_code == 400
    emulator.advance()
    done = emulator.fabric("GET", f"/operations/{operation}")
    assert (done.json()["status"], done.headers["Location"]) == ("Succeeded", f"{answer.headers['Location']}/result")
    assert "Retry-After" not in done.headers
    assert emulator.fabric("GET", f"/operations/{operation}/result").json()["displayName"] == "Orders"
    reader = emulator.token(client_id=READER, client_secret=READER_SECRET)
    assert emulator.fabric("GET", f"/operations/{operation}", reader).status_code == 404


def test_at_once_by_switch(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"long_running": False})
    body = {"displayName": "Orders", "definition": samples.definition(samples.MODEL)}
    created = emulator.fabric("POST", f"/workspaces/{SALES}/semanticModels", json=body)
    assert (created.status_code, created.json()["type"]) == (201, "SemanticModel")
    path = f"{ITEMS}/{created.json()['id']}"
    assert emulator.fabric("POST", f"{path}/getDefinition").json()["definition"]["format"] == "TMDL"
    updated = emulator.fabric("POST", f"{path}/updateDefinition", json={"definition": body["definition"]})
    assert (updated.status_code, updated.content) == (200, b"")


@pytest.mark.parametrize(
    ("kind", "change", "code", "text"),
    [
        ("SemanticModel", {"definition.pbism": None}, "Dataset_Import_FailedToImportDataset", "definition.pbism"),
        ("SemanticModel", {"definition/model.tmdl": None}, "Dataset_Import_FailedToImportDataset", "model.tmdl"),
        (
            "SemanticModel",
            {"definition/tables/Orders.tmdl": "table Orders\n\ttabel x\ncolum Amount\n"},
            "Dataset_Import_FailedToImportDataset",
            "Line Number - 3",
        ),
        ("Report", {"definition.pbir": None}, "Report_Import_FailedToImportReport", "definition.pbir"),
        (
            "Report",
            {"definition.pbir": '{"datasetReference": {"byPath": {"path": "../Orders.SemanticModel"}}}'},
            "Report_Import_FailedToImportReport",
            "byPath",
        ),
        ("Report", {"definition/pages/a1/page.json": None}, "Report_Import_FailedToImportReport", "no pages"),
        (
            "Report",
            {"definition/pages/pages.json": '{"pageOrder": ["gone"]}'},
            "Report_Import_FailedToImportReport",
            "There is no page 'gone'",
        ),
        (
            "SemanticModel",
            {"definition/change.tmdl": "createOrReplace\n\tref table A\n"},
            "Dataset_Import_FailedToImportDataset",
            "createOrReplace",
        ),
        (
            "SemanticModel",
            {"definition/relationships.tmdl": "relationship r\n\tfromColumn: Orders.Amount\n\ttoColumn: Days.Day\n"},
            "Dataset_Import_FailedToImportDataset",
            "Cannot resolve all paths while de-serializing Database. The object 'Model/Tables/Days' does not exist",
        ),
        ("Report", {"definition/report.json": "{"}, "Workload_FailedToParseFile", "definition/report.json"),
    ],
)
def test_definitions_that_fail(
    emulator: Emulator, kind: str, change: dict[str, str | None], code: str, text: str
) -> None:
    base = {"SemanticModel": samples.MODEL, "Report": samples.report(SALES)}[kind]
    parts = {path: content for path, content in {**base, **change}.items() if content is not None}
    error = failure(emulator, kind, parts)
    assert error["errorCode"] == code
    assert text in error["message"]


def test_a_report_needs_its_model(emulator: Emulator) -> None:
    error = failure(emulator, "Report", samples.report("11111111-2222-4333-8444-555555555555"))
    assert "11111111-2222-4333-8444-555555555555" in error["message"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"type": "Sheet"}, "InvalidItemType"),
        ({"type": "Dashboard"}, "UnsupportedItemType"),
        ({"type": "SemanticModel"}, "InvalidInput"),
        ({"type": "SemanticModel", "displayName": "n" * 257}, "InvalidInput"),
        ({"type": "SemanticModel", "definition": {"parts": [{"path": "a"}]}}, "InvalidInput"),
        (
            {"definition": {"parts": [{"path": "a", "payload": "%%", "payloadType": "InlineBase64"}]}},
            "CorruptedPayload",
        ),
        (
            {"definition": {"parts": [{"path": ".platform", "payload": "e30=", "payloadType": "InlineBase64"}]}},
            "CorruptedPayload",
        ),
        ({"folderId": SALES, "definition": samples.definition(samples.MODEL)}, "FolderNotFound"),
    ],
)
def test_requests_refused_at_once(emulator: Emulator, body: dict[str, t.Any], code: str) -> None:
    answer = emulator.fabric("POST", ITEMS, json={"displayName": "Orders", "type": "SemanticModel", **body})
    assert answer.json()["errorCode"] == code, answer.text


def test_names(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"name_reservation": 600})
    model = create(emulator, "SemanticModel", "Orders", samples.MODEL)
    body = {"displayName": "ORDERS", "type": "SemanticModel", "definition": samples.definition(samples.MODEL)}
    taken = emulator.fabric("POST", ITEMS, json=body)
    assert (taken.status_code, taken.json()["errorCode"]) == (400, "ItemDisplayNameAlreadyInUse")
    assert emulator.fabric("DELETE", f"{ITEMS}/{model['id']}").status_code == 200
    reserved = emulator.fabric("POST", ITEMS, json=body)
    assert (reserved.status_code, reserved.json()["errorCode"]) == (400, "ItemDisplayNameNotAvailableYet")
    assert reserved.json()["isRetriable"] is True
    emulator.control("PATCH", "tenant", {"clock_skew": 601})
    other = result(emulator, emulator.fabric("POST", ITEMS, json=body))
    renamed = emulator.fabric("PATCH", f"{ITEMS}/{other['id']}", json={"displayName": "Sold", "description": "d"})
    assert (renamed.json()["displayName"], renamed.json()["description"]) == ("Sold", "d")


def test_two_creates_of_one_name_at_once(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"operation_time": 600})
    body = {"displayName": "Orders", "type": "SemanticModel", "definition": samples.definition(samples.MODEL)}
    answers = [emulator.fabric("POST", ITEMS, json=body) for _ in range(2)]
    emulator.advance()
    states = [finished(emulator, answer) for answer in answers]
    assert [state["status"] for state in states] == ["Succeeded", "Failed"]
    assert states[1]["error"]["errorCode"] == "ItemDisplayNameAlreadyInUse"
    assert len(emulator.fabric("GET", ITEMS).json()["value"]) == 1


def test_other_types_need_a_capacity(emulator: Emulator) -> None:
    notebook = {"displayName": "Load", "type": "Notebook"}
    refused = emulator.fabric("POST", ITEMS, json=notebook)
    assert (refused.status_code, refused.json()["errorCode"]) == (403, "FeatureNotAvailable")
    created = emulator.fabric("POST", f"/workspaces/{FINANCE}/notebooks", json=notebook)
    assert created.status_code == 201
    assert "Location" not in created.headers
    assert created.headers["ETag"] == '""'


def test_folders_and_moves(emulator: Emulator) -> None:
    folder = emulator.fabric("POST", f"/workspaces/{SALES}/folders", json={"displayName": "F"}).json()
    model = create(emulator, "SemanticModel", "Orders", samples.MODEL, folderId=folder["id"])
    assert model["folderId"] == folder["id"]
    assert emulator.fabric("DELETE", f"/workspaces/{SALES}/folders/{folder['id']}").status_code == 400
    assert emulator.fabric("GET", f"{ITEMS}?recursive=false").json()["value"] == []
    below = emulator.fabric("GET", ITEMS, params={"rootFolderId": folder["id"]}).json()["value"]
    assert [one["id"] for one in below] == [model["id"]]
    [moved] = emulator.fabric("POST", f"{ITEMS}/{model['id']}/move", json={}).json()["value"]
    assert "folderId" not in moved
    assert emulator.fabric("DELETE", f"/workspaces/{SALES}/folders/{folder['id']}").status_code == 200


def test_deleting_a_model_takes_its_reports_along(emulator: Emulator) -> None:
    model = create(emulator, "SemanticModel", "Orders", samples.MODEL)
    create(emulator, "Report", "Orders", samples.report(model["id"]))
    assert emulator.fabric("DELETE", f"{ITEMS}/{model['id']}").status_code == 200
    assert emulator.fabric("GET", ITEMS).json()["value"] == []


def test_new_items_are_replicated_later(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"replication_reads": 1})
    model = create(emulator, "SemanticModel", "Orders", samples.MODEL)
    assert emulator.fabric("GET", f"{ITEMS}/{model['id']}").json()["errorCode"] == "ItemNotFound"
    assert emulator.fabric("GET", f"{ITEMS}/{model['id']}").status_code == 200


def test_three_hundred_items_in_pages(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"page_size": 100, "long_running": False})
    token = emulator.token()
    for number in range(250):
        body = {"displayName": f"N{number}", "type": "SemanticModel", "definition": samples.definition(samples.MODEL)}
        assert emulator.fabric("POST", ITEMS, token, json=body).status_code == 201
    names, query = [], {}
    while True:
        answer = emulator.fabric("GET", ITEMS, token, params=query).json()
        names += [one["displayName"] for one in answer["value"]]
        if "continuationToken" not in answer:
            break
        query = {"continuationToken": answer["continuationToken"]}
    assert names == [f"N{number}" for number in range(250)]
