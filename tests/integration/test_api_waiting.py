# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""powerbi_api waits for whatever a request begins, fails as that fails, and names what it can't wait for."""

from __future__ import annotations

import base64
import json
import typing as t
from pathlib import Path

import pytest

from harness.emulator import Emulator
from harness.files import pbix
from harness.modules import Modules

FINANCE: t.Final = "f01de400-0000-4000-8000-000000000002"
CAPACITY: t.Final = "ca900000-0000-4000-8000-00000000000f"
TIME: t.Final = 1.0  # seconds that things take in the service


@pytest.fixture
def modules(fresh_emulator: Emulator) -> Modules:
    fresh_emulator.tenant(
        refresh_time=TIME, job_time=TIME, export_time=TIME, import_time=TIME, capacity_assignment_time=TIME
    )
    return Modules(fresh_emulator)


def item(modules: Modules, kind: str, name: str, parts: dict[str, str]) -> str:
    definition = [
        {"path": path, "payload": base64.b64encode(text.encode()).decode(), "payloadType": "InlineBase64"}
        for path, text in parts.items()
    ]
    body = {"displayName": name, "definition": {"parts": definition}}
    path = f"/workspaces/{FINANCE}/{kind}"
    return str(modules("powerbi_api", api="fabric", method="POST", path=path, body=body)["json"]["id"])


def model(modules: Modules, name: str = "Waiting") -> str:
    parts = {"definition.pbism": '{"version": "4.2"}', "definition/model.tmdl": "model Model\n"}
    return f"/groups/{FINANCE}/datasets/{item(modules, 'semanticModels', name, parts)}"


REFRESHES: t.Final = [
    pytest.param({"notifyOption": "NoNotification"}, id="plain"),
    pytest.param({"type": "Full"}, id="enhanced"),
    pytest.param(None, id="without a body"),
]


@pytest.mark.parametrize("body", REFRESHES)
def test_a_refresh_is_waited_for(modules: Modules, body: t.Any) -> None:
    path = f"{model(modules)}/refreshes"
    result = modules("powerbi_api", method="POST", path=path, body=body)
    assert (result["changed"], result["status"], result["json"]["status"]) == (True, 202, "Completed")
    assert result["json"]["endTime"]


@pytest.mark.parametrize("body", REFRESHES)
def test_a_refresh_that_fails_fails_the_task(modules: Modules, fresh_emulator: Emulator, body: t.Any) -> None:
    fresh_emulator.tenant(failing_refreshes=["Waiting"])
    path = f"{model(modules)}/refreshes"
    result = modules.fail("powerbi_api", method="POST", path=path, body=body)
    assert (result["changed"], result["error"]["kind"]) == (True, "operation_failed")
    assert f"The refresh that POST {path} began failed" in result["msg"]
    assert result["error"]["why"]


def test_of_several_refreshes_the_own_one_counts(modules: Modules, fresh_emulator: Emulator) -> None:
    path = f"{model(modules)}/refreshes"
    fresh_emulator.tenant(failing_refreshes=["Waiting"])
    first = modules.fail("powerbi_api", method="POST", path=path)
    fresh_emulator.tenant(failing_refreshes=[])
    second = modules("powerbi_api", method="POST", path=path)
    assert second["json"]["requestId"] not in json.dumps(first["error"])


def test_a_cancelled_refresh_fails_the_task(modules: Modules, fresh_emulator: Emulator) -> None:
    fresh_emulator.tenant(refresh_time=600)
    path = f"{model(modules)}/refreshes"
    started = modules("powerbi_api", method="POST", path=path, body={"type": "Full"}, wait=False)
    assert (started["json"], started["status"]) == (None, 202)
    late = modules.fail("powerbi_api", method="POST", path=path, body={"type": "Full"})
    assert late["changed"] is False  # another one is running


def notebook(modules: Modules) -> str:
    identity = item(modules, "notebooks", "Steps", {"notebook-content.py": "# Fabric notebook source\n"})
    return f"/workspaces/{FINANCE}/items/{identity}/jobs"


def test_a_job_is_waited_for(modules: Modules) -> None:
    path = f"{notebook(modules)}/RunNotebook/instances"
    result = modules("powerbi_api", api="fabric", method="POST", path=path)
    assert (result["status"], result["json"]["status"]) == (202, "Completed")


def test_a_job_that_fails_fails_the_task(modules: Modules, fresh_emulator: Emulator) -> None:
    fresh_emulator.tenant(failing_jobs=["Steps"])
    path = f"{notebook(modules)}/instances"
    result = modules.fail("powerbi_api", api="fabric", method="POST", path=path, query={"jobType": "RunNotebook"})
    assert "Job instance failed" in result["msg"]
    assert result["changed"] is True


def test_a_job_that_is_cancelled_is_as_it_was_meant(modules: Modules, fresh_emulator: Emulator) -> None:
    fresh_emulator.tenant(job_time=600)
    jobs = notebook(modules)
    started = modules("powerbi_api", api="fabric", method="POST", path=f"{jobs}/RunNotebook/instances", wait=False)
    instance = started["location"].rpartition("/")[2]
    ended = modules("powerbi_api", api="fabric", method="POST", path=f"{jobs}/instances/{instance}/cancel")
    assert ended["json"]["status"] == "Cancelled"


def test_a_job_that_takes_too_long_fails_with_its_state(modules: Modules, fresh_emulator: Emulator) -> None:
    fresh_emulator.tenant(job_time=600)
    path = f"{notebook(modules)}/RunNotebook/instances"
    result = modules.fail("powerbi_api", api="fabric", method="POST", path=path, wait_timeout=1)
    assert "did not end within 1 s" in result["msg"]
    assert "last known state is NotStarted" in result["msg"]


@pytest.fixture
def report(modules: Modules, tmp_path: Path) -> str:
    modules("powerbi_import", workspace="Finance", src=[str(pbix(tmp_path / "Board.pbix"))])
    reports = modules("powerbi_api", path=f"/groups/{FINANCE}/reports")["json"]["value"]
    identity = next(one["id"] for one in reports if one["name"] == "Board")
    return f"/groups/{FINANCE}/reports/{identity}"


def test_an_export_is_waited_for(modules: Modules, fresh_emulator: Emulator, report: str) -> None:
    result = modules("powerbi_api", method="POST", path=f"{report}/ExportTo", body={"format": "PDF"})
    assert (result["status"], result["json"]["status"]) == (202, "Succeeded")
    assert result["json"]["resourceLocation"]
    fresh_emulator.tenant(failing_exports=["Board"])
    failed = modules.fail("powerbi_api", method="POST", path=f"{report}/ExportTo", body={"format": "PDF"})
    assert "The export that POST" in failed["msg"]


def test_an_import_is_waited_for(modules: Modules, fresh_emulator: Emulator, tmp_path: Path) -> None:
    options = {"method": "POST", "path": f"/groups/{FINANCE}/imports", "src": str(pbix(tmp_path / "Own.pbix"))}
    result = modules("powerbi_api", query={"datasetDisplayName": "Own.pbix"}, **options)
    assert result["json"]["importState"] == "Succeeded"
    assert result["json"]["reports"]
    fresh_emulator.tenant(failing_imports=["Bad"])
    failed = modules.fail("powerbi_api", query={"datasetDisplayName": "Bad.pbix"}, **options)
    assert "The import that POST" in failed["msg"]


@pytest.mark.parametrize("api", ["powerbi", "fabric"])
def test_a_workspace_is_on_its_capacity_afterwards(modules: Modules, api: str) -> None:
    identity = modules("powerbi_workspace", name="Moves")["workspace"]["id"]
    if api == "powerbi":
        path, off = f"/groups/{identity}/AssignToCapacity", f"/groups/{identity}/AssignToCapacity"
    else:
        path, off = f"/workspaces/{identity}/assignToCapacity", f"/workspaces/{identity}/unassignFromCapacity"
    on = modules("powerbi_api", api=api, method="POST", path=path, body={"capacityId": CAPACITY.upper()})
    assert on["json"]["capacityId"].lower() == CAPACITY
    assert modules("powerbi_workspace_info", workspace="Moves")["workspaces"][0]["capacity_id"] == CAPACITY
    nothing = {"body": {"capacityId": "00000000-0000-0000-0000-000000000000"}} if api == "powerbi" else {}
    modules("powerbi_api", api=api, method="POST", path=off, **nothing)
    assert modules("powerbi_workspace_info", workspace="Moves")["workspaces"][0]["capacity_id"] == ""


def test_what_can_not_be_waited_for_is_a_warning(modules: Modules, fresh_emulator: Emulator) -> None:
    path = f"/groups/{FINANCE}/dataflows/00000000-0000-4000-8000-000000000001/refreshes"
    fresh_emulator.fault(path="/dataflows/", status=200, body={}, times=1)
    result = modules("powerbi_api", method="POST", path=path, body={"notifyOption": "NoNotification"})
    assert "its end is not waited for" in result["warnings"][0]
    fresh_emulator.fault(path="/dataflows/", status=200, body={}, times=1)
    assert "warnings" not in modules("powerbi_api", method="POST", path=path, wait=False)
