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
MODEL = samples.definition(samples.MODEL)
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


def model_seconds(emulator: Emulator, number: int) -> list[float]:
    """The durations of that many creations of semantic models."""
    emulator.control("DELETE", "requests")
    for count in range(number):
        parts = samples.definition(samples.MODEL)
        body = {"displayName": f"Timed {count}", "type": "SemanticModel", "definition": parts}
        assert emulator.fabric("POST", ITEMS, json=body).status_code == 202
    return [entry["seconds"] for entry in emulator.log(ITEMS)]


def test_the_same_seed_gives_the_same_durations(emulator: Emulator) -> None:
    found = []
    for seed in (1, 1, 2):
        emulator.control("POST", "reset")
        emulator.control("PATCH", "tenant", {"recorded_times": True, "duration_seed": seed})
        found.append(model_seconds(emulator, 3))
    assert found[0] == found[1] != found[2]
    assert len(set(found[0])) == 3  # they have a spread
    assert all(MODEL_SECONDS[0] <= seconds <= MODEL_SECONDS[1] for seconds in [*found[0], *found[2]])


@pytest.mark.parametrize("seed", [-1, 1.5, "one", True, None])
def test_a_wrong_seed_is_refused(emulator: Emulator, seed: t.Any) -> None:
    refused = emulator.request("PATCH", "/_emulator/tenant", json={"duration_seed": seed})
    assert refused.status_code == 400
    assert "`duration_seed`: expected a whole number" in refused.json()["error"]


def test_a_refresh_takes_the_time_of_the_profile(emulator: Emulator) -> None:
    model = emulator.fabric("POST", ITEMS, json={"displayName": "Timed", "type": "SemanticModel", "definition": MODEL})
    emulator.control("PATCH", "tenant", {"recorded_times": True})
    item = emulator.fabric("GET", f"/operations/{model.headers['x-ms-operation-id']}/result").json()["id"]
    path = f"/groups/{SALES}/datasets/{item}/refreshes"
    assert emulator.api("POST", path).status_code == 202
    emulator.advance(14)
    assert emulator.api("GET", path).json()["value"][0]["status"] == "Unknown"
    emulator.advance(92)
    assert emulator.api("GET", path).json()["value"][0]["status"] == "Completed"


def test_a_large_import_takes_longer(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"import_time": 10, "import_rate": 100})
    data = samples.pbix()
    path = f"/groups/{SALES}/imports"
    accepted = emulator.api("POST", f"{path}?datasetDisplayName=Large.pbix", files={"file": data})
    assert accepted.status_code == 202
    states = []
    for seconds in (9 + len(data) / 100, 2):
        emulator.advance(seconds)
        states.append(emulator.api("GET", f"{path}/{accepted.json()['id']}").json()["importState"])
    assert states == ["Publishing", "Succeeded"]
