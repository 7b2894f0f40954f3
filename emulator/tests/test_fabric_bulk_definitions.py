# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fabric: bulk export and import of definitions; and collections that are always empty."""

from __future__ import annotations

import json
import typing as t

import pytest

import samples
from conftest import MEGAN, MEGANS_PASSWORD, PUBLIC, Emulator

SALES = "f01de400-0000-4000-8000-000000000001"
ITEMS = f"/workspaces/{SALES}/items"


@pytest.fixture(autouse=True)
def at_once(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"long_running": False, "definition_rewrite": False, "bulk_definitions": True})


def bulk_import(emulator: Emulator, parts: samples.Parts, **options: bool) -> t.Any:
    body = {"definitionParts": samples.definition(parts)["parts"], "options": options}
    return emulator.fabric("POST", f"{ITEMS}/bulkImportDefinitions?beta=true", json=body)


def folder(
    name: str, kind: str, parts: samples.Parts, *, place: str = "", logical_id: str | None = None, **metadata: str
) -> samples.Parts:
    config = {"version": "2.0", **({"logicalId": logical_id} if logical_id else {})}
    platform = {"metadata": {"type": kind, "displayName": name, **metadata}, "config": config}
    return {
        f"/{place}{name}.{kind}/{path}": text for path, text in {**parts, ".platform": json.dumps(platform)}.items()
    }


def test_import_then_export(emulator: Emulator) -> None:
    broken = {**samples.MODEL, "definition.pbism": "{"}
    answer = bulk_import(
        emulator, {**folder("A", "SemanticModel", samples.MODEL), **folder("B", "SemanticModel", broken)}
    )
    details = {one["itemDisplayName"]: one for one in answer.json()["importItemDefinitionsDetails"]}
    assert (details["A"]["operationType"], details["A"]["operationStatus"]) == ("Create", "Succeeded")
    assert details["B"]["operationStatus"] == "Failed"
    [item] = emulator.fabric("GET", ITEMS).json()["value"]
    assert item["id"] == details["A"]["itemId"]
    exported = emulator.fabric("POST", f"{ITEMS}/bulkExportDefinitions?beta=true", json={"mode": "All"}).json()
    assert exported["itemDefinitionsIndex"] == [{"id": item["id"], "rootPath": "/A.SemanticModel/"}]
    parts = samples.decoded({"definition": {"parts": exported["definitionParts"]}})
    assert parts["/A.SemanticModel/definition/model.tmdl"] == samples.MODEL["definition/model.tmdl"]


def test_pairing_by_name_is_optional(emulator: Emulator) -> None:
    parts = folder("A", "SemanticModel", samples.MODEL)
    statuses = []
    for options in ({}, {}, {"allowPairingByName": True}):
        [detail] = bulk_import(emulator, parts, **options).json()["importItemDefinitionsDetails"]
        statuses.append((detail["operationType"], detail["operationStatus"]))
    assert statuses == [("Create", "Succeeded"), ("Create", "Failed"), ("Update", "Succeeded")]


def test_folders_and_descriptions_of_an_import(emulator: Emulator) -> None:
    parts = folder("A", "SemanticModel", samples.MODEL, place="Monthly/Europe/", description="Sales of Europe")
    [detail] = bulk_import(emulator, parts).json()["importItemDefinitionsDetails"]
    item = emulator.fabric("GET", f"{ITEMS}/{detail['itemId']}").json()
    assert item["description"] == "Sales of Europe"
    [monthly, europe] = emulator.fabric("GET", f"/workspaces/{SALES}/folders").json()["value"]
    assert (monthly["displayName"], europe["displayName"], europe["parentFolderId"]) == (
        "Monthly",
        "Europe",
        monthly["id"],
    )
    assert item["folderId"] == europe["id"]


def test_a_report_is_bound_to_the_model_of_its_path(emulator: Emulator) -> None:
    def by_path(model: str) -> samples.Parts:
        reference = {"version": "4.0", "datasetReference": {"byPath": {"path": f"../{model}.SemanticModel"}}}
        return {**samples.report("unused"), "definition.pbir": json.dumps(reference)}

    parts = {**folder("R", "Report", by_path("A")), **folder("A", "SemanticModel", samples.MODEL)}
    details = bulk_import(emulator, parts).json()["importItemDefinitionsDetails"]
    assert [one["operationStatus"] for one in details] == ["Succeeded", "Succeeded"]
    [report] = emulator.api("GET", f"/groups/{SALES}/reports").json()["value"]
    assert report["datasetId"] == details[0]["itemId"]
    answer = bulk_import(emulator, folder("Q", "Report", by_path("Missing")))
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "DependenciesCouldNotBeResolved")


def test_logical_ids_of_an_import_are_unique(emulator: Emulator) -> None:
    zero = "00000000-0000-0000-0000-000000000000"
    first = folder("A", "SemanticModel", samples.MODEL, logical_id=zero)
    [detail] = bulk_import(emulator, first).json()["importItemDefinitionsDetails"]
    assert detail["itemLogicalId"] == zero
    parts = {
        **folder("B", "SemanticModel", samples.MODEL, logical_id=zero),
        **folder("C", "SemanticModel", samples.MODEL, logical_id=zero),
    }
    assert bulk_import(emulator, parts).json()["errorCode"] == "BadSystemFiles"


def test_requests_refused(emulator: Emulator) -> None:
    again = {"mode": "Selective", "items": [{"id": SALES}, {"id": SALES}]}
    answer = emulator.fabric("POST", f"{ITEMS}/bulkExportDefinitions?beta=true", json=again)
    assert answer.json()["errorCode"] == "ItemReferencedMoreThanOnce"
    assert emulator.fabric("POST", f"{ITEMS}/bulkExportDefinitions", json={"mode": "All"}).status_code == 400
    assert bulk_import(emulator, {"loose.txt": "x"}).json()["errorCode"] == "InvalidFilesPath"
    emulator.control("PATCH", "tenant", {"bulk_definitions": False})
    off = emulator.fabric("POST", f"{ITEMS}/bulkExportDefinitions?beta=true", json={"mode": "All"})
    assert (off.status_code, off.json()["errorCode"]) == (403, "FeatureNotAvailable")


def test_collections_that_are_empty(emulator: Emulator) -> None:
    assert emulator.api("GET", f"/groups/{SALES}/dashboards").json()["value"] == []
    assert emulator.api("GET", f"/groups/{SALES}/dataflows").json()["value"] == []
    assert emulator.api("GET", "/reports").status_code == 403
    token = emulator.token(
        client_id=PUBLIC, client_secret=None, grant_type="password", username=MEGAN, password=MEGANS_PASSWORD
    )
    assert emulator.api("GET", "/datasets", token).json()["value"] == []


@pytest.mark.parametrize(
    ("status", "code"), [(429, "RequestBlocked"), (503, "ServiceUnavailable"), (500, "UnknownError")]
)
def test_faults_speak_as_fabric(emulator: Emulator, status: int, code: str) -> None:
    emulator.control("POST", "faults", {"path": "/v1/workspaces", "status": status})
    answer = emulator.fabric("GET", "/workspaces")
    assert (answer.status_code, answer.json()["errorCode"]) == (status, code)
