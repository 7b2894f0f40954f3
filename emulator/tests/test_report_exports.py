# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power BI: what ExportTo makes of which report, and what it refuses."""

from __future__ import annotations

import io
import json
import typing as t
import zipfile

import pytest
import requests

import samples
from conftest import Emulator

SALES = "f01de400-0000-4000-8000-000000000001"
F64 = "ca900000-0000-4000-8000-00000000000f"
REPORTS = f"/groups/{SALES}/reports"


def code(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.headers.get("X-PowerBI-Error-Info", "")


def create(emulator: Emulator, noun: str, parts: samples.Parts) -> str:
    body = {"displayName": "Sales", "definition": samples.definition(parts)}
    answer = emulator.fabric("POST", f"/workspaces/{SALES}/{noun}", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@pytest.fixture(autouse=True)
def on_a_capacity(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"long_running": False, "definition_rewrite": False})
    assert emulator.api("POST", f"/groups/{SALES}/AssignToCapacity", json={"capacityId": F64}).ok


@pytest.fixture
def model(emulator: Emulator) -> str:
    return create(emulator, "semanticModels", samples.MODEL)


@pytest.fixture
def report(emulator: Emulator, model: str) -> str:
    """A report with two pages, one of them hidden, and a bookmark."""
    parts = samples.report(
        model,
        **{
            "definition/pages/pages.json": json.dumps({"pageOrder": ["a1", "b2"], "activePageName": "a1"}),
            "definition/pages/b2/page.json": json.dumps(
                {"name": "b2", "displayName": "Notes", "visibility": "HiddenInViewMode"}
            ),
            "definition/pages/a1/visuals/v1/visual.json": json.dumps({"name": "v1"}),
            "definition/bookmarks/north.bookmark.json": json.dumps({"name": "north", "displayName": "North"}),
        },
    )
    return create(emulator, "reports", parts)


def exported(emulator: Emulator, report: str, form: str, **configuration: t.Any) -> tuple[str, t.Any]:
    """The suffix of the file, and its content in the emulator's messages."""
    body = {"format": form, **configuration}
    started = emulator.api("POST", f"{REPORTS}/{report}/ExportTo", json=body)
    assert started.status_code == 202, started.text
    one = f"{REPORTS}/{report}/exports/{started.json()['id']}"
    done = emulator.api("GET", one).json()
    content = emulator.api("GET", f"{one}/file").content
    if done["resourceFileExtension"] in (".zip", ".pptx", ".xlsx"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = archive.read("content.txt")
    return done["resourceFileExtension"], json.loads(content.splitlines()[-1])


def test_hidden_pages_only_when_requested(emulator: Emulator, report: str) -> None:
    assert exported(emulator, report, "PNG") == (".png", {"pages": ["a1"], "configuration": {}})
    settings = {"settings": {"includeHiddenPages": True, "locale": "de-DE"}}
    assert exported(emulator, report, "PNG", powerBIReportConfiguration=settings) == (
        ".zip",
        {"pages": ["a1", "b2"], "configuration": settings},
    )


def test_pages_are_returned_as_requested(emulator: Emulator, report: str, model: str) -> None:
    requested = {
        "pages": [
            {"pageName": "b2", "bookmark": {"name": "north"}},
            {"pageName": "a1", "visualName": "v1", "bookmark": {"state": "H4sI"}},
        ],
        "datasetToBind": model,
        "reportLevelFilters": [{"filter": "Orders/Region eq 'North'"}],
        "identities": [{"username": "north@contoso.example", "roles": ["North"], "datasets": [model]}],
    }
    suffix, messages = exported(emulator, report, "PDF", powerBIReportConfiguration=requested)
    assert (suffix, messages) == (".pdf", {"pages": ["b2", "a1"], "configuration": requested})


def test_a_token_of_an_identity_is_not_shown(emulator: Emulator, report: str, model: str) -> None:
    identity = {"username": "me", "datasets": [model]}
    requested = {"identities": [{**identity, "identityBlob": {"value": "eyJ.secret"}}]}
    _suffix, messages = exported(emulator, report, "PDF", powerBIReportConfiguration=requested)
    assert messages["configuration"] == {"identities": [identity]}


@pytest.mark.parametrize(
    ("configuration", "words"),
    [
        ({"pages": [{"pageName": "Overview"}]}, "no page 'Overview'"),  # the display name is none
        ({"pages": [{"pageName": "b2", "visualName": "v1"}]}, "no visual 'v1'"),
        ({"pages": [{"pageName": "a1", "bookmark": {"name": "south"}}]}, "no bookmark 'south'"),
        ({"pages": [{"pageName": "a1", "bookmark": {"name": "north", "state": "x"}}]}, "not both"),
        ({"pages": [{"pageName": "a1"}] * 51}, "at most 50"),
        ({"defaultBookmark": {}}, "name or state"),
        ({"reportLevelFilters": [{"filter": "a/b eq 1"}, {"filter": "a/c eq 1"}]}, "only one filter"),
        ({"identities": [{"username": "me"}]}, "datasets is missing"),
        ({"identities": [{"username": "a b", "datasets": ["x"]}]}, "username"),
        ({"identities": [{"username": "me", "datasets": [REPORTS]}]}, "none of them is for the dataset"),
    ],
)
def test_what_is_refused(emulator: Emulator, report: str, configuration: dict[str, t.Any], words: str) -> None:
    body = {"format": "PDF", "powerBIReportConfiguration": configuration}
    answer = emulator.api("POST", f"{REPORTS}/{report}/ExportTo", json=body)
    assert code(answer) == (400, "InvalidRequest")
    assert words in answer.json()["error"]["message"]


def test_a_dataset_that_there_is_not(emulator: Emulator, report: str) -> None:
    body = {"format": "PDF", "powerBIReportConfiguration": {"datasetToBind": report}}
    answer = emulator.api("POST", f"{REPORTS}/{report}/ExportTo", json=body)
    assert code(answer) == (404, "PowerBIEntityNotFound")


def test_a_paginated_report(emulator: Emulator) -> None:
    parameters = '<ReportParameters><ReportParameter Name="Customer"/></ReportParameters></Report>'
    text = samples.RDL.replace("</Report>", parameters)
    report = create(emulator, "paginatedReports", {"Sales.rdl": text})
    requested = {
        "parameterValues": [{"name": "Customer", "value": "1"}, {"name": "Customer", "value": "2"}],
        "formatSettings": {"StartPage": "1"},
        "identities": [{"username": "me@contoso.example"}],
    }
    found = exported(emulator, report, "XLSX", paginatedReportConfiguration=requested)
    assert found == (".xlsx", {"pages": [], "configuration": requested})
    jpeg = {"formatSettings": {"OutputFormat": "JPEG"}}
    assert exported(emulator, report, "IMAGE", paginatedReportConfiguration=jpeg)[0] == ".jpeg"
    assert exported(emulator, report, "IMAGE")[0] == ".tiff"
    assert exported(emulator, report, "ACCESSIBLEPDF")[0] == ".pdf"
    for configuration, words in (
        ({"parameterValues": [{"name": "Nothing", "value": "1"}]}, "no parameter 'Nothing'"),
        ({"formatSettings": {"OutputFormat": "WEBP"}}, "OutputFormat is one of"),
        ({"identities": [{"username": "a"}, {"username": "b"}]}, "a single one"),
    ):
        body = {"format": "IMAGE", "paginatedReportConfiguration": configuration}
        answer = emulator.api("POST", f"{REPORTS}/{report}/ExportTo", json=body)
        assert code(answer) == (400, "InvalidRequest")
        assert words in answer.json()["error"]["message"]
