# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power BI: reports, by definition and by import; exports."""

from __future__ import annotations

import json
import typing as t

import pytest
import requests

import samples
from conftest import Emulator

SALES = "f01de400-0000-4000-8000-000000000001"
FINANCE = "f01de400-0000-4000-8000-000000000002"
BOARD = "f01de400-0000-4000-8000-000000000003"
F64 = "ca900000-0000-4000-8000-00000000000f"
REPORTS = f"/groups/{SALES}/reports"
RDL = samples.RDL.replace(
    "<Body>",
    '<DataSources><DataSource Name="Main"><ConnectionProperties><DataProvider>SQL</DataProvider>'
    "<ConnectString>Data Source=sql01;Initial Catalog=Sales</ConnectString></ConnectionProperties></DataSource>"
    "</DataSources><Body>",
)


@pytest.fixture(autouse=True)
def at_once(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"long_running": False, "definition_rewrite": False})


def code(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.headers.get("X-PowerBI-Error-Info", "")


def create(emulator: Emulator, noun: str, name: str, parts: samples.Parts, workspace: str = SALES) -> str:
    body = {"displayName": name, "definition": samples.definition(parts)}
    answer = emulator.fabric("POST", f"/workspaces/{workspace}/{noun}", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def upload(emulator: Emulator, name: str, data: bytes, conflict: str = "Abort") -> dict[str, t.Any]:
    query = {"datasetDisplayName": name, "nameConflict": conflict}
    answer = emulator.api("POST", f"/groups/{SALES}/imports", params=query, files={"file": data})
    shown: dict[str, t.Any] = emulator.api("GET", f"/groups/{SALES}/imports/{answer.json()['id']}").json()
    return shown


def test_reports_of_both_origins(emulator: Emulator) -> None:
    model = create(emulator, "semanticModels", "Orders", samples.MODEL)
    report = create(emulator, "reports", "Overview", samples.report(model))
    shown = upload(emulator, "Sales.pbix", samples.pbix())
    listed = {one["name"]: one for one in emulator.api("GET", REPORTS).json()["value"]}
    assert (listed["Overview"]["id"], listed["Overview"]["datasetId"]) == (report, model)
    assert listed["Sales"]["datasetId"] == shown["datasets"][0]["id"]
    assert listed["Sales"]["webUrl"] == shown["reports"][0]["webUrl"]
    assert emulator.api("GET", f"{REPORTS}/{report}").json()["reportType"] == "PowerBIReport"
    assert emulator.api("DELETE", f"{REPORTS}/{report}").status_code == 200
    assert code(emulator.api("GET", f"{REPORTS}/{report}")) == (404, "PowerBIEntityNotFound")


def test_pages(emulator: Emulator) -> None:
    model = create(emulator, "semanticModels", "Orders", samples.MODEL)
    more = {
        "definition/pages/pages.json": json.dumps({"pageOrder": ["b2", "a1"]}),
        "definition/pages/b2/page.json": json.dumps({"name": "b2", "displayName": "First"}),
    }
    report = create(emulator, "reports", "Overview", samples.report(model, **more))
    pages = emulator.api("GET", f"{REPORTS}/{report}/pages").json()["value"]
    assert pages == [
        {"name": "b2", "displayName": "First", "order": 0},
        {"name": "a1", "displayName": "Overview", "order": 1},
    ]
    assert emulator.api("GET", f"{REPORTS}/{report}/pages/a1").json()["displayName"] == "Overview"
    assert emulator.api("GET", f"{REPORTS}/{report}/pages/zz").status_code == 404


def test_rebind_and_clone(emulator: Emulator) -> None:
    first, second = (create(emulator, "semanticModels", name, samples.MODEL) for name in ("One", "Two"))
    report = create(emulator, "reports", "Overview", samples.report(first))
    assert emulator.api("POST", f"{REPORTS}/{report}/Rebind", json={"datasetId": second}).status_code == 200
    assert emulator.api("GET", f"{REPORTS}/{report}").json()["datasetId"] == second
    parts = samples.decoded(emulator.fabric("POST", f"/workspaces/{SALES}/reports/{report}/getDefinition").json())
    reference = json.loads(parts["definition.pbir"])["datasetReference"]["byConnection"]
    assert reference == {"connectionString": f"semanticmodelid={second}"}
    missing = emulator.api("POST", f"{REPORTS}/{report}/Rebind", json={"datasetId": report})
    assert code(missing) == (404, "PowerBIEntityNotFound")
    body = {"name": "Copy", "targetWorkspaceId": FINANCE, "targetModelId": first}
    copy = emulator.api("POST", f"{REPORTS}/{report}/Clone", json=body).json()
    assert (copy["name"], copy["datasetId"]) == ("Copy", first)
    assert emulator.api("GET", f"/groups/{FINANCE}/reports/{copy['id']}").status_code == 200
    refused = emulator.api("POST", f"{REPORTS}/{report}/Clone", json={"name": "Copy", "targetWorkspaceId": BOARD})
    assert code(refused) == (404, "PowerBIFolderNotFound")


def test_overwriting_keeps_a_report_that_is_bound_elsewhere(emulator: Emulator) -> None:
    shown = upload(emulator, "Sales.pbix", samples.pbix())
    other = create(emulator, "semanticModels", "Other", samples.MODEL)
    body = {"name": "Sales", "targetModelId": other}
    copy = emulator.api("POST", f"{REPORTS}/{shown['reports'][0]['id']}/Clone", json=body).json()
    again = upload(emulator, "Sales.pbix", samples.pbix(text="new"), "CreateOrOverwrite")
    assert again["reports"][0]["id"] == shown["reports"][0]["id"]
    assert emulator.api("GET", f"{REPORTS}/{copy['id']}").json()["datasetId"] == other


def test_update_content_keeps_the_model(emulator: Emulator) -> None:
    first, second = (create(emulator, "semanticModels", name, samples.MODEL) for name in ("One", "Two"))
    source = create(emulator, "reports", "Source", samples.report(first, **{"definition/note.json": "{}"}))
    target = create(emulator, "reports", "Target", samples.report(second))
    body = {"sourceType": "ExistingReport", "sourceReport": {"sourceReportId": source, "sourceWorkspaceId": SALES}}
    updated = emulator.api("POST", f"{REPORTS}/{target}/UpdateReportContent", json=body)
    assert (updated.json()["id"], updated.json()["datasetId"]) == (target, second)
    path = f"/workspaces/{SALES}/reports/{target}/getDefinition"
    assert "definition/note.json" in samples.decoded(emulator.fabric("POST", path).json())


def test_export_gives_the_file_back(emulator: Emulator) -> None:
    data = samples.pbix(text="exactly this")
    report = upload(emulator, "Sales ä.pbix", data)["reports"][0]["id"]
    answer = emulator.api("GET", f"{REPORTS}/{report}/Export?downloadType=IncludeModel")
    assert (answer.content, answer.headers["Content-Type"]) == (data, "application/octet-stream")
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''Sales%20%C3%A4.pbix"
    paginated = upload(emulator, "Invoices.rdl", RDL.encode())["reports"][0]["id"]
    assert emulator.api("GET", f"{REPORTS}/{paginated}/Export").content == RDL.encode()
    model = create(emulator, "semanticModels", "Orders", samples.MODEL)
    by_definition = create(emulator, "reports", "Overview", samples.report(model))
    assert code(emulator.api("GET", f"{REPORTS}/{by_definition}/Export")) == (400, "ExportReportNotSupported")


def test_client_routing(emulator: Emulator) -> None:
    report = upload(emulator, "Sales.pbix", samples.pbix())["reports"][0]["id"]
    path = f"{REPORTS}/{report}/Export"
    assert emulator.api("GET", f"{path}?preferClientRouting=true").status_code == 200
    emulator.control(
        "PATCH", "tenant", {"client_routing_url": "https://wabi-north-europe-redirect.analysis.windows.net"}
    )
    answer = emulator.api("GET", f"{path}?preferClientRouting=true&downloadType=LiveConnect", allow_redirects=False)
    expected = f"https://wabi-north-europe-redirect.analysis.windows.net/v1.0/myorg{path}?downloadType=LiveConnect"
    assert (answer.status_code, answer.headers["Location"]) == (307, expected)
    query = {"datasetDisplayName": "B.pbix", "preferClientRouting": "true"}
    imports = f"/groups/{SALES}/imports"
    upload_answer = emulator.api("POST", imports, params=query, files={"f": samples.pbix()}, allow_redirects=False)
    assert upload_answer.status_code == 307


def test_paginated_sources(emulator: Emulator) -> None:
    report = upload(emulator, "Invoices.rdl", RDL.encode())["reports"][0]["id"]
    path = f"{REPORTS}/{report}"
    [source] = emulator.api("GET", f"{path}/datasources").json()["value"]
    assert (source["name"], source["connectionDetails"]) == ("Main", {"server": "sql01", "database": "Sales"})
    body = {"updateDetails": [{"datasourceName": "Main", "connectionDetails": {"server": "a&b"}}]}
    assert emulator.api("POST", f"{path}/Default.UpdateDatasources", json=body).status_code == 200
    [source] = emulator.api("GET", f"{path}/datasources").json()["value"]
    assert source["connectionDetails"] == {"server": "a&b", "database": "Sales"}
    assert emulator.api("POST", f"{path}/Default.TakeOver").status_code == 200
    gateway = {"gatewayObjectId": "9a7e0000-0000-4000-8000-000000000001", "bindDetails": [{"dataSourceName": "Main"}]}
    assert emulator.api("POST", f"{path}/Default.BindToGateway", json=gateway).status_code == 200
    assert "datasetId" not in emulator.api("GET", path).json()
    assert code(emulator.api("POST", f"{path}/Rebind", json={"datasetId": report})) == (400, "InvalidRequest")


def test_export_to_a_file(emulator: Emulator) -> None:
    report = upload(emulator, "Sales.pbix", samples.pbix())["reports"][0]["id"]
    path = f"{REPORTS}/{report}"
    assert code(emulator.api("POST", f"{path}/ExportTo", json={"format": "PDF"})) == (403, "FeatureNotAvailable")
    assert emulator.api("POST", f"/groups/{SALES}/AssignToCapacity", json={"capacityId": F64}).ok
    assert code(emulator.api("POST", f"{path}/ExportTo", json={"format": "XLSX"})) == (400, "InvalidRequest")
    emulator.control("PATCH", "tenant", {"export_time": 600})
    started = emulator.api("POST", f"{path}/ExportTo", json={"format": "PDF"})
    assert (started.status_code, started.json()["status"]) == (202, "Running")
    assert started.headers["Retry-After"] == "1"
    one = f"{path}/exports/{requests.utils.quote(started.json()['id'], safe='')}"
    running = emulator.api("GET", one)
    assert (running.status_code, "Retry-After" in running.headers) == (202, False)
    assert emulator.api("GET", f"{one}/file").status_code == 404
    emulator.advance()
    done = emulator.api("GET", one)
    assert (done.status_code, done.json()["percentComplete"], done.json()["resourceFileExtension"]) == (
        200,
        100,
        ".pdf",
    )
    assert emulator.api("GET", f"{one}/file").content.startswith(b"%PDF-")


def test_an_export_that_fails(emulator: Emulator) -> None:
    report = upload(emulator, "Sales.pbix", samples.pbix())["reports"][0]["id"]
    assert emulator.api("POST", f"/groups/{SALES}/AssignToCapacity", json={"capacityId": F64}).ok
    emulator.control("PATCH", "tenant", {"failing_exports": ["Sales"]})
    started = emulator.api("POST", f"{REPORTS}/{report}/ExportTo", json={"format": "PNG"})
    done = emulator.api("GET", f"{REPORTS}/{report}/exports/{started.json()['id']}")
    assert (done.status_code, done.json()["status"]) == (200, "Failed")
