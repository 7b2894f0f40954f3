# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power BI: imports of files in one request."""

from __future__ import annotations

import hashlib
import typing as t
from pathlib import Path

import pytest
import requests

import samples
from conftest import Emulator

SALES = "f01de400-0000-4000-8000-000000000001"
IMPORTS = f"/groups/{SALES}/imports"


def post(emulator: Emulator, name: str, data: bytes, conflict: str | None = None, **query: str) -> requests.Response:
    params = {"datasetDisplayName": name, **({"nameConflict": conflict} if conflict else {}), **query}
    return emulator.api("POST", IMPORTS, params=params, files={"file": (name, data)})


def imported(emulator: Emulator, name: str, data: bytes, conflict: str | None = None, **query: str) -> dict[str, t.Any]:
    answer = post(emulator, name, data, conflict, **query)
    assert answer.status_code == 202, answer.text
    shown: dict[str, t.Any] = emulator.api("GET", f"{IMPORTS}/{answer.json()['id']}").json()
    assert shown["importState"] == "Succeeded", shown
    return shown


def names(emulator: Emulator, noun: str) -> list[str]:
    items = emulator.fabric("GET", f"/workspaces/{SALES}/{noun}").json()["value"]
    return [one["displayName"] for one in items]


def code(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.headers.get("X-PowerBI-Error-Info", "")


def test_a_pbix_becomes_a_model_and_a_report(emulator: Emulator) -> None:
    shown = imported(emulator, "Sales.pbix", samples.pbix())
    assert (shown["name"], shown["connectionType"], shown["source"]) == ("Sales", "import", "Upload")
    [dataset], [report] = shown["datasets"], shown["reports"]
    assert dataset["name"] == report["name"] == "Sales"
    assert report["reportType"] == "PowerBIReport"
    items = emulator.fabric("GET", f"/workspaces/{SALES}/items").json()["value"]
    assert {one["type"]: one["id"] for one in items} == {"SemanticModel": dataset["id"], "Report": report["id"]}
    assert [one["id"] for one in emulator.api("GET", IMPORTS).json()["value"]] == [shown["id"]]


def test_publishing_takes_a_while(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"import_time": 600})
    answer = post(emulator, "Sales.pbix", samples.pbix())
    path = f"{IMPORTS}/{answer.json()['id']}"
    shown = emulator.api("GET", path).json()
    assert (shown["importState"], shown["datasets"], shown["reports"]) == ("Publishing", [], [])
    assert names(emulator, "items") == []
    emulator.advance()
    assert emulator.api("GET", path).json()["importState"] == "Succeeded"


def test_an_import_that_fails(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"failing_imports": ["Sales"]})
    shown = emulator.api("GET", f"{IMPORTS}/{post(emulator, 'Sales.pbix', samples.pbix()).json()['id']}").json()
    assert (shown["importState"], shown["error"]["code"], shown["datasets"]) == ("Failed", "ImportFailed", [])


def test_ignore_makes_another_of_the_same_name(emulator: Emulator) -> None:
    first, second = (imported(emulator, "Sales.pbix", samples.pbix()) for _ in range(2))
    assert first["datasets"][0]["id"] != second["datasets"][0]["id"]
    assert names(emulator, "semanticModels") == ["Sales", "Sales"]
    for conflict in ("Overwrite", "CreateOrOverwrite"):
        refused = post(emulator, "Sales.pbix", samples.pbix(), conflict)
        assert code(refused) == (409, "MoreThanOneDuplicatePackageFoundError")


def test_abort_and_overwrite(emulator: Emulator) -> None:
    missing = post(emulator, "Sales.pbix", samples.pbix(), "Overwrite")
    assert code(missing) == (404, "DuplicatePackageNotFoundError")
    first = imported(emulator, "Sales.pbix", samples.pbix(), "Abort")
    exists = post(emulator, "sales.pbix", samples.pbix(), "Abort")
    assert code(exists) == (400, "PbixAlreadyImported")
    assert exists.content == b""
    for conflict in ("Overwrite", "CreateOrOverwrite"):
        again = imported(emulator, "Sales.pbix", samples.pbix(text=conflict), conflict)
        assert again["datasets"][0]["id"] == first["datasets"][0]["id"]
        assert again["reports"][0]["id"] == first["reports"][0]["id"]
    assert names(emulator, "items") == ["Sales", "Sales"]


@pytest.mark.parametrize(
    ("name", "conflict"),
    [
        ("a.pbix", "GenerateUniqueName"),
        ("a.rdl", "Ignore"),
        ("a.rdl", None),
        ("a.rdl", "CreateOrOverwrite"),
        ("a.pbix", "Replace"),
    ],
)
def test_conflicts_that_do_not_go_with_the_file(emulator: Emulator, name: str, conflict: str | None) -> None:
    assert code(post(emulator, name, samples.pbix(), conflict)) == (400, "InvalidRequest")


def test_skip_report_and_live_connection(emulator: Emulator) -> None:
    imported(emulator, "Model.pbix", samples.pbix(), skipReport="true")
    live = imported(emulator, "Live.pbix", samples.pbix(model=False))
    assert live["datasets"] == []
    assert names(emulator, "items") == ["Model", "Live"]


def test_paginated_report(emulator: Emulator) -> None:
    shown = imported(emulator, "Invoices.rdl", samples.RDL.encode(), "Abort")
    assert shown["datasets"] == []
    assert (shown["reports"][0]["name"], shown["reports"][0]["reportType"]) == ("Invoices", "PaginatedReport")
    assert code(post(emulator, "Invoices.rdl", samples.RDL.encode(), "Abort")) == (400, "PbixAlreadyImported")
    again = imported(emulator, "Invoices.rdl", samples.RDL.encode(), "Overwrite")
    assert again["reports"][0]["id"] == shown["reports"][0]["id"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.pbix", b"not a zip"),
        ("a.pbix", b""),
        ("a.xlsx", samples.pbix()[:200]),
        ("a.rdl", b"<Report"),
        ("a.rdl", b"\xef\xbb\xbf" + samples.RDL.encode()),
        ("a.rdl", b"<Sheet/>"),
        ("a", samples.RDL.encode()),
    ],
)
def test_files_that_can_not_be_read(emulator: Emulator, name: str, data: bytes) -> None:
    answer = post(emulator, name, data, "Abort")
    assert code(answer) == (400, "RequestedFileIsEncryptedOrCorrupted")


def test_an_rdl_of_report_builder_is_taken_unless_the_switch_refuses_it(emulator: Emulator) -> None:
    data = samples.RDL.replace("<Report ", '<Report MustUnderstand="df" xmlns:df="urn:df" ', 1).encode()
    assert post(emulator, "Builder.rdl", data, "Abort").status_code == 202
    emulator.control("PATCH", "tenant", {"imports_refuse_df": True})
    assert code(post(emulator, "Second.rdl", data, "Abort")) == (400, "RequestedFileIsEncryptedOrCorrupted")


def test_a_part_without_a_name(emulator: Emulator) -> None:
    """As the official .NET SDK writes it."""
    body = b"--b0\r\nContent-Disposition: form-data\r\n\r\n" + samples.pbix() + b"\r\n--b0--\r\n"
    query = {"datasetDisplayName": "Sales.pbix"}
    token = emulator.token()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": 'multipart/form-data; boundary="b0"'}
    answer = emulator.request("POST", f"/v1.0/myorg{IMPORTS}", params=query, headers=headers, data=body)
    assert answer.status_code == 202, answer.text
    headers["Content-Type"] = "application/octet-stream"
    raw = emulator.request("POST", f"/v1.0/myorg{IMPORTS}", params=query, headers=headers, data=samples.pbix())
    assert code(raw) == (400, "RequestedFileIsEncryptedOrCorrupted")


def test_content_is_remembered_by_its_hash(emulator: Emulator) -> None:
    data = samples.pbix()
    imported(emulator, "Sales.pbix", data)
    [entry] = [one for one in emulator.log("imports$") if one["method"] == "POST"]
    assert entry["sha256"] == hashlib.sha256(data).hexdigest()
    assert entry["size"] == len(data)


def test_into_a_folder(emulator: Emulator) -> None:
    folder = emulator.fabric("POST", f"/workspaces/{SALES}/folders", json={"displayName": "F"}).json()["id"]
    imported(emulator, "Sales.pbix", samples.pbix(), subfolderObjectId=folder)
    items = emulator.fabric("GET", f"/workspaces/{SALES}/items").json()["value"]
    assert [one["folderId"] for one in items] == [folder, folder]
    missing = post(emulator, "Sales.pbix", samples.pbix(), subfolderObjectId=SALES)
    assert code(missing) == (404, "FolderNotFound")


def test_dataflows_are_not_for_service_principals(emulator: Emulator) -> None:
    assert post(emulator, "model.json", b"{}", "Abort").status_code == 403


def test_too_large_for_one_request(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"import_limit": 100})
    assert code(post(emulator, "Sales.pbix", samples.pbix())) == (413, "RequestEntityTooLarge")


@pytest.mark.parametrize(
    "path", sorted(Path("/work/shared/data/content").glob("pbix*/*.pbix")), ids=lambda one: one.name
)
def test_real_files(emulator: Emulator, path: Path) -> None:
    shown = imported(emulator, path.name, path.read_bytes())
    assert len(shown["reports"]) == 1
    assert len(shown["datasets"]) == (0 if "report_only" in path.name else 1)
