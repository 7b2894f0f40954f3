# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power BI: refreshes of a dataset, plain and enhanced, and their schedule."""

from __future__ import annotations

import json
import typing as t

import pytest

from conftest import Emulator
from test_items_datasets import F64, SALES, code, made_model


@pytest.fixture
def model(emulator: Emulator) -> str:
    return made_model(emulator)


def test_a_refresh_runs_alone(emulator: Emulator, model: str) -> None:
    emulator.control("PATCH", "tenant", {"refresh_time": 600})
    started = emulator.api("POST", f"{model}/refreshes", json={"notifyOption": "NoNotification"})
    assert (started.status_code, started.content) == (202, b"")
    refresh_id = started.headers["RequestId"]
    second = emulator.api("POST", f"{model}/refreshes")
    assert second.status_code == 400
    assert "Another refresh request is already executing" in second.json()["error"]["message"]
    [running] = emulator.api("GET", f"{model}/refreshes?$top=1").json()["value"]
    assert (running["status"], running["refreshType"], running["requestId"]) == ("Unknown", "ViaApi", refresh_id)
    assert "endTime" not in running
    assert emulator.api("GET", f"{model}/refreshes/{refresh_id}").status_code == 404  # only enhanced ones have details
    emulator.advance()
    [done] = emulator.api("GET", f"{model}/refreshes").json()["value"]
    assert done["status"] == "Completed"
    assert done["endTime"] >= done["startTime"]
    assert emulator.api("POST", f"{model}/refreshes").status_code == 202
    assert len(emulator.api("GET", f"{model}/refreshes").json()["value"]) == 2


def test_a_refresh_that_fails(emulator: Emulator, model: str) -> None:
    emulator.control("PATCH", "tenant", {"failing_refreshes": ["Orders"]})
    assert emulator.api("POST", f"{model}/refreshes").status_code == 202
    [failed] = emulator.api("GET", f"{model}/refreshes").json()["value"]
    assert failed["status"] == "Failed"
    assert json.loads(failed["serviceExceptionJson"])["errorCode"] == "ModelRefreshFailed_CredentialsNotSpecified"


def test_enhanced_refresh(emulator: Emulator, model: str) -> None:
    full = {"type": "full", "objects": [{"table": "Orders"}], "timeout": "01:00:00"}
    assert code(emulator.api("POST", f"{model}/refreshes", json=full)) == (400, "InvalidRequest")  # no capacity
    assert emulator.api("POST", f"/groups/{SALES}/AssignToCapacity", json={"capacityId": F64}).ok
    emulator.control("PATCH", "tenant", {"refresh_time": 600, "replication_reads": 1})
    started = emulator.api("POST", f"{model}/refreshes", json=full)
    path = f"{model}/refreshes/{started.headers['x-ms-request-id']}"
    assert started.headers["Location"] == f"{emulator.url}/v1.0/myorg{path}"
    assert emulator.api("GET", path).status_code == 404  # not all servers know it yet
    running = emulator.api("GET", path)
    assert (running.status_code, running.json()["status"], running.json()["type"]) == (202, "Unknown", "Full")
    emulator.advance()
    done = emulator.api("GET", path)
    assert (done.status_code, done.json()["extendedStatus"]) == (200, "Completed")
    assert done.json()["objects"] == [{"table": "Orders", "status": "Completed"}]


def test_cancel(emulator: Emulator, model: str) -> None:
    assert emulator.api("POST", f"/groups/{SALES}/AssignToCapacity", json={"capacityId": F64}).ok
    emulator.control("PATCH", "tenant", {"refresh_time": 600})
    started = emulator.api("POST", f"{model}/refreshes", json={"type": "Full"})
    path = f"{model}/refreshes/{started.headers['x-ms-request-id']}"
    assert emulator.api("DELETE", path).status_code == 200
    assert emulator.api("GET", path).json()["extendedStatus"] == "Cancelled"
    assert emulator.api("GET", f"{model}/refreshes").json()["value"][0]["status"] == "Cancelled"
    assert emulator.api("DELETE", path).status_code == 400
    assert emulator.api("POST", f"{model}/refreshes").status_code == 202


@pytest.mark.parametrize(
    "options",
    [
        {"notifyOption": "MailOnFailure"},  # not for service principals
        {"notifyOption": "NoNotification", "type": "Full"},
        {"type": "Everything"},
        {"commitMode": "PartialBatch"},
        {"timeout": "1h", "type": "Full"},
        {"retries": 1},
    ],
)
def test_refresh_options_refused(emulator: Emulator, model: str, options: dict[str, t.Any]) -> None:
    assert emulator.api("POST", f"/groups/{SALES}/AssignToCapacity", json={"capacityId": F64}).ok
    assert code(emulator.api("POST", f"{model}/refreshes", json=options)) == (400, "InvalidRequest")


def test_schedule(emulator: Emulator, model: str) -> None:
    path = f"{model}/refreshSchedule"
    assert emulator.api("GET", path).json()["enabled"] is False
    change = {"days": ["Monday", "Friday"], "times": ["07:00", "16:30"], "enabled": True}
    assert emulator.api("PATCH", path, json={"value": change}).status_code == 200
    shown = emulator.api("GET", path).json()
    assert {key: shown[key] for key in change} == change
    assert emulator.api("PATCH", path, json={"value": {"enabled": False}}).status_code == 200
    assert emulator.api("GET", path).json()["days"] == ["Monday", "Friday"]
    for wrong in (
        {"times": ["07:15"]},
        {"days": ["Funday"]},
        {"enabled": False, "times": []},
        {"notifyOption": "MailOnFailure"},
        {"times": [f"{hour:02}:00" for hour in range(9)]},
    ):
        assert emulator.api("PATCH", path, json={"value": wrong}).status_code == 400, wrong
    frequency = {"value": {"frequency": 30}}
    assert emulator.api("PATCH", f"{model}/directQueryRefreshSchedule", json=frequency).status_code == 200
    assert emulator.api("GET", f"{model}/directQueryRefreshSchedule").json()["frequency"] == 30
