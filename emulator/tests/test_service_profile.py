# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The profiles with the times and the quota of the real services."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

import samples
from conftest import Emulator, running

SALES = "f01de400-0000-4000-8000-000000000001"
ITEMS = f"/workspaces/{SALES}/items"
ANY_MODEL = "f0000000-0000-4000-8000-000000000009"
MODEL_SECONDS = (10.4, 11.2)
REPORT_SECONDS = (0.4, 1.2)


def create(emulator: Emulator, kind: str, parts: samples.Parts) -> str:
    """The id of the operation that creates an item."""
    body = {"displayName": "Timed", "type": kind, "definition": samples.definition(parts)}
    answer = emulator.fabric("POST", ITEMS, json=body)
    assert answer.status_code == 202
    return answer.headers["x-ms-operation-id"]


def seconds_of(emulator: Emulator, operation: str) -> float:
    return next(entry["seconds"] for entry in emulator.log(ITEMS) if entry.get("operation") == operation)


def test_a_profile_is_set_by_the_command_and_stays_after_a_reset(tmp_path: Path) -> None:
    with running(tmp_path, "--profile", "service-with-latency") as emulator:
        emulator.control("PATCH", "tenant", {"api_latency": 0, "write_latency": 0})
        emulator.control("POST", "reset")
        switches = emulator.control("GET", "tenant")
    names = ("recorded_times", "operation_retry_after", "throttle_requests", "api_latency", "write_latency")
    assert [switches[name] for name in names] == [True, 20, 200, 1.2, 3.1]


def test_without_a_profile_nothing_takes_time(emulator: Emulator) -> None:
    assert seconds_of(emulator, create(emulator, "SemanticModel", samples.MODEL)) == 0


@pytest.mark.parametrize(
    ("kind", "parts", "bounds"),
    [("SemanticModel", samples.MODEL, MODEL_SECONDS), ("Report", samples.report(ANY_MODEL), REPORT_SECONDS)],
)
def test_operations_take_the_recorded_time_of_their_type(
    emulator: Emulator, kind: str, parts: samples.Parts, bounds: tuple[float, float]
) -> None:
    emulator.control("PATCH", "tenant", {"recorded_times": True})
    operation = create(emulator, kind, parts)
    seconds = seconds_of(emulator, operation)
    assert bounds[0] <= seconds <= bounds[1]
    emulator.advance(bounds[0] - 0.3)
    assert emulator.fabric("GET", f"/operations/{operation}").json()["status"] == "Running"
    emulator.advance(bounds[1])
    assert emulator.fabric("GET", f"/operations/{operation}").json()["status"] != "Running"


def statuses(emulator: Emulator, path: str, number: int, token: str) -> list[int]:
    return [emulator.fabric("GET", path, token).status_code for _ in range(number)]


def test_each_kind_of_api_has_a_quota_of_its_own(emulator: Emulator) -> None:
    token = emulator.token()
    operation = create(emulator, "SemanticModel", samples.MODEL)
    emulator.control("PATCH", "tenant", {"throttle_requests": 2})
    assert statuses(emulator, ITEMS, 3, token) == [200, 200, 429]
    assert statuses(emulator, f"/operations/{operation}", 3, token) == [200, 200, 429]
    assert [emulator.api("GET", "/groups", token).status_code for _ in range(3)] == [200, 200, 429]


def test_the_quota_is_of_a_fixed_window(emulator: Emulator) -> None:
    token = emulator.token()
    emulator.control("PATCH", "tenant", {"throttle_requests": 2, "throttle_window": 60})
    assert statuses(emulator, ITEMS, 1, token) == [200]
    emulator.control("PATCH", "tenant", {"clock_skew": 50})
    answers: list[t.Any] = [emulator.fabric("GET", ITEMS, token) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert int(answers[1].headers["Retry-After"]) <= 10  # of the window that began with the first request
    emulator.control("PATCH", "tenant", {"clock_skew": 61})
    assert statuses(emulator, ITEMS, 3, token) == [200, 200, 429]


def test_writes_may_have_a_latency_of_their_own(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"write_latency": 0.4, "long_running": False})
    emulator.fabric("POST", ITEMS, json={"displayName": "Lakehouse", "type": "Lakehouse"})
    emulator.fabric("GET", ITEMS)
    durations = {entry["method"]: entry["duration"] for entry in emulator.log(ITEMS)}
    assert durations["POST"] >= 0.4 > durations["GET"]
