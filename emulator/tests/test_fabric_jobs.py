# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fabric's job scheduler: accepted without an operation id, polled at the job's own place."""

from __future__ import annotations

import typing as t

import pytest
import requests

import samples
from conftest import Emulator
from test_fabric_items import FINANCE, result

ITEMS = f"/workspaces/{FINANCE}/items"
NOTEBOOK = {"notebook-content.py": "# Fabric notebook source\n\nprint(1)\n"}


@pytest.fixture
def notebook(emulator: Emulator) -> str:
    body = {"displayName": "Load", "type": "Notebook", "definition": samples.definition(NOTEBOOK)}
    return f"{ITEMS}/{result(emulator, emulator.fabric('POST', ITEMS, json=body))['id']}"


def start(emulator: Emulator, item: str, kind: str = "RunNotebook", **kwargs: t.Any) -> requests.Response:
    return emulator.fabric("POST", f"{item}/jobs/instances?jobType={kind}", **kwargs)


def state_of(emulator: Emulator, started: requests.Response) -> requests.Response:
    return emulator.fabric("GET", started.headers["Location"].partition("/v1")[2])


def test_a_job_is_accepted_with_its_place_and_no_operation(emulator: Emulator, notebook: str) -> None:
    answer = start(emulator, notebook)
    assert (answer.status_code, answer.content) == (202, b"")
    assert answer.headers["Location"].startswith(f"{emulator.url}/v1{notebook}/jobs/instances/")
    assert answer.headers["Retry-After"] == "60"
    assert "x-ms-operation-id" not in answer.headers


def test_a_job_goes_through_its_states(emulator: Emulator, notebook: str) -> None:
    emulator.control("PATCH", "tenant", {"job_time": 100, "job_retry_after": 7})
    started = start(emulator, notebook)
    first = state_of(emulator, started)
    assert first.json() | {"status": "NotStarted", "jobType": "RunNotebook", "endTimeUtc": None} == first.json()
    assert first.headers["Retry-After"] == "7"
    emulator.advance(60)
    assert state_of(emulator, started).json()["status"] == "InProgress"
    emulator.advance(60)
    last = state_of(emulator, started)
    assert last.json()["status"] == "Completed"
    assert last.json()["failureReason"] is None
    assert "Retry-After" not in last.headers


def test_a_job_fails_by_switch(emulator: Emulator, notebook: str) -> None:
    emulator.control("PATCH", "tenant", {"failing_jobs": ["Load"]})
    job = state_of(emulator, start(emulator, notebook)).json()
    assert job["status"] == "Failed"
    assert job["failureReason"]["errorCode"] == "JobInstanceStatusFailed"
    assert "'Load'" in job["failureReason"]["message"]


def test_a_running_job_is_cancelled_and_a_finished_one_is_not(emulator: Emulator, notebook: str) -> None:
    emulator.control("PATCH", "tenant", {"job_time": 100})
    started = start(emulator, notebook)
    path = started.headers["Location"].partition("/v1")[2]
    answer = emulator.fabric("POST", f"{path}/cancel")
    assert (answer.status_code, answer.headers["Location"]) == (202, started.headers["Location"])
    assert "x-ms-operation-id" not in answer.headers
    emulator.advance(200)
    assert state_of(emulator, started).json()["status"] == "Cancelled"
    again = emulator.fabric("POST", f"{path}/cancel")
    assert (again.status_code, again.json()["errorCode"]) == (400, "JobAlreadyCompleted")


def test_the_job_type_in_the_path_and_the_list(emulator: Emulator, notebook: str) -> None:
    started = emulator.fabric("POST", f"{notebook}/jobs/RunNotebook/instances", json={"executionData": {}})
    assert started.status_code == 202
    assert start(emulator, notebook).status_code == 202
    jobs = emulator.fabric("GET", f"{notebook}/jobs/instances").json()["value"]
    assert [job["status"] for job in jobs] == ["Completed", "Completed"]
    assert started.headers["Location"].endswith(jobs[1]["id"])


@pytest.mark.parametrize(
    ("query", "kwargs", "status", "code"),
    [
        ("?jobType=Pipeline", {}, 400, "InvalidJobType"),
        ("", {}, 400, "InvalidJobType"),
        ("?jobType=RunNotebook", {"data": b"[1]"}, 400, "InvalidInput"),
    ],
)
def test_refused_jobs(
    emulator: Emulator, notebook: str, query: str, kwargs: dict[str, t.Any], status: int, code: str
) -> None:
    answer = emulator.fabric("POST", f"{notebook}/jobs/instances{query}", **kwargs)
    assert (answer.status_code, answer.json()["errorCode"]) == (status, code)


def test_unknown_jobs_and_items(emulator: Emulator, notebook: str) -> None:
    unknown = "0000000a-0000-4000-8000-000000000000"
    assert emulator.fabric("GET", f"{notebook}/jobs/instances/{unknown}").json()["errorCode"] == "EntityNotFound"
    assert start(emulator, f"{ITEMS}/{unknown}").json()["errorCode"] == "ItemNotFound"


def test_an_enhanced_refresh_is_accepted_with_its_place_and_no_operation(emulator: Emulator) -> None:
    body = {"displayName": "Sales", "type": "SemanticModel", "definition": samples.definition(samples.MODEL)}
    model = result(emulator, emulator.fabric("POST", ITEMS, json=body))["id"]
    emulator.control("PATCH", "tenant", {"refresh_time": 100})
    path = f"/groups/{FINANCE}/datasets/{model}/refreshes"
    answer = emulator.api("POST", path, json={"type": "Full"})
    assert answer.status_code == 202
    assert answer.headers["Location"].startswith(f"{emulator.url}/v1.0/myorg{path}/")
    assert "x-ms-operation-id" not in answer.headers
    place = answer.headers["Location"].partition("/v1.0/myorg")[2]
    assert emulator.api("GET", place).status_code == 202
    emulator.advance(200)
    last = emulator.api("GET", place)
    assert (last.status_code, last.json()["status"]) == (200, "Completed")


def test_a_plain_refresh_has_no_place_of_its_own(emulator: Emulator) -> None:
    body = {"displayName": "Sales", "type": "SemanticModel", "definition": samples.definition(samples.MODEL)}
    model = result(emulator, emulator.fabric("POST", ITEMS, json=body))["id"]
    path = f"/groups/{FINANCE}/datasets/{model}/refreshes"
    answer = emulator.api("POST", path, json={"notifyOption": "NoNotification"})
    assert answer.status_code == 202
    assert not {"Location", "x-ms-request-id"} & set(answer.headers)
    [refresh] = emulator.api("GET", path).json()["value"]
    assert refresh["requestId"] == answer.headers["RequestId"]
