# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One clock for all times of the emulator: it can be moved, run faster, stand still, and be shared with a client."""

from __future__ import annotations

import concurrent.futures
import json
import subprocess
import sys
import time
import typing as t
import urllib.parse
from pathlib import Path

import pytest

import samples
from conftest import DEPLOYER, POWERBI_SCOPE, Emulator, running
from powerbi_emulator.app import build_app, build_state
from powerbi_emulator.clock import SharedClock
from powerbi_emulator.in_process import Answer, InProcess
from powerbi_emulator.keys import Keyring
from powerbi_emulator.seed import Seed
from powerbi_emulator.state.directory import Directory

SALES = "f01de400-0000-4000-8000-000000000001"
ITEMS = f"/workspaces/{SALES}/items"
HOUR = 3600.0


def create_model(emulator: Emulator, token: str) -> str:
    """The id of the operation that creates a semantic model."""
    body = {"displayName": "Timed", "type": "SemanticModel", "definition": samples.definition(samples.MODEL)}
    return emulator.fabric("POST", ITEMS, token, json=body).headers["x-ms-operation-id"]


def test_an_hour_passes_in_a_second(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"operation_time": 1800, "throttle_requests": 3, "throttle_window": 60})
    began, token = time.monotonic(), emulator.token()
    operation = create_model(emulator, token)
    answers = [emulator.fabric("GET", ITEMS, token).status_code for _ in range(3)]
    assert answers == [200, 200, 429]
    emulator.advance(61)
    assert emulator.fabric("GET", ITEMS, token).status_code == 200  # the next window of the quota
    assert emulator.fabric("GET", f"/operations/{operation}", token).json()["status"] == "Running"
    emulator.advance(1740)
    ended = emulator.fabric("GET", f"/operations/{operation}", token).json()
    assert ended["status"] == "Succeeded"
    emulator.advance(1800)
    assert emulator.fabric("GET", ITEMS, token).json()["errorCode"] == "TokenExpired"
    assert time.monotonic() - began < 5


def test_work_ends_at_its_own_time_and_not_when_the_clock_was_moved(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"operation_time": 100})
    token = emulator.token()
    operation = create_model(emulator, token)
    emulator.advance(1000)
    ended = emulator.fabric("GET", f"/operations/{operation}", token).json()
    moments = [
        time.strptime(ended[name][:19], "%Y-%m-%dT%H:%M:%S") for name in ("createdTimeUtc", "lastUpdatedTimeUtc")
    ]
    created, updated = (time.mktime(moment) for moment in moments)
    assert 99 <= updated - created <= 101


def test_a_latency_ends_when_the_clock_is_moved(emulator: Emulator) -> None:
    token = emulator.token()
    emulator.control("PATCH", "tenant", {"api_latency": 600})
    with concurrent.futures.ThreadPoolExecutor() as pool:
        answer = pool.submit(emulator.fabric, "GET", ITEMS, token)
        while not emulator.log(ITEMS):
            time.sleep(0.01)
        emulator.advance(600)
        assert answer.result(5).status_code == 200


def test_a_reset_goes_back_to_the_real_time(emulator: Emulator) -> None:
    emulator.advance(86400)
    token = emulator.token()
    emulator.control("POST", "reset")
    assert emulator.fabric("GET", ITEMS, token).json()["errorCode"] == "TokenExpired"  # not valid yet
    assert emulator.fabric("GET", ITEMS).status_code == 200


def test_the_clock_is_moved_by_a_century_at_most(emulator: Emulator) -> None:
    century = 3_155_760_000
    emulator.control("POST", "advance", {"seconds": century - 10})
    refused = emulator.request("POST", "/_emulator/advance", json={"seconds": 11})
    assert (refused.status_code, refused.json()["error"]) == (
        400,
        "`seconds`: expected 10 at most until the next reset, got 11.0",
    )


def test_time_runs_as_fast_as_the_command_says(tmp_path: Path) -> None:
    with running(tmp_path, "--time-scale", "600") as emulator:
        emulator.control("PATCH", "tenant", {"operation_time": 300, "operation_retry_after": 1200, "api_latency": 60})
        began, token = time.monotonic(), emulator.token()
        body = {"displayName": "Timed", "type": "SemanticModel", "definition": samples.definition(samples.MODEL)}
        accepted = emulator.fabric("POST", ITEMS, token, json=body)
        assert accepted.headers["Retry-After"] == "2"  # of the client's seconds
        operation = f"/operations/{accepted.headers['x-ms-operation-id']}"
        assert emulator.fabric("GET", operation, token).json()["status"] == "Running"
        while emulator.fabric("GET", operation, token).json()["status"] == "Running":
            assert time.monotonic() - began < 10
        assert time.monotonic() - began >= 0.5


def test_time_stands_still_with_a_scale_of_0(tmp_path: Path) -> None:
    with running(tmp_path, "--time-scale", "0") as emulator:
        token = emulator.token()
        dates = {emulator.fabric("GET", ITEMS, token).headers["Date"]}
        time.sleep(1.1)
        dates.add(emulator.fabric("GET", ITEMS, token).headers["Date"])
        assert len(dates) == 1
        emulator.advance(2)
        assert emulator.fabric("GET", ITEMS, token).headers["Date"] not in dates


@pytest.mark.parametrize("scale", ["-1", "fast", "nan", "inf", "3601", ""])
def test_a_wrong_scale_is_refused(tmp_path: Path, scale: str) -> None:
    command = [sys.executable, "-m", "powerbi_emulator", "--dir", str(tmp_path / "data"), "--time-scale", scale]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 2
    assert f"expected a number from 0 to 3600, got '{scale}'" in ended.stderr


class Shared:
    """A client of an emulator in this process, and the clock of both."""

    def __init__(self, directory: Path, profile: str | None = None, **switches: t.Any) -> None:
        self.now = 1_780_000_000.0
        keys = Keyring.load_or_make(directory, directory / "client.pem")
        clock = SharedClock(lambda: self.now, self.wait)
        self.emulated = build_state(Seed.load(None), keys, "https://localhost", "http://localhost", profile, clock)
        self.emulated.switches.update(switches)
        self._send = InProcess(build_app(self.emulated), self.wait).send
        self.log_in()

    def wait(self, seconds: float) -> None:
        self.now += seconds

    def log_in(self) -> None:
        directory = self.emulated.store(Directory)
        app = directory.apps[DEPLOYER]
        secret = next(one.value for one in app.secrets if one.ends > self.now)
        form = {"grant_type": "client_credentials", "client_id": DEPLOYER, "client_secret": secret}
        data = urllib.parse.urlencode({**form, "scope": POWERBI_SCOPE}).encode()
        kind = [("Content-Type", "application/x-www-form-urlencoded")]
        answer = self._send("POST", f"https://localhost/{directory.tenant.id}/oauth2/v2.0/token", kind, data)
        self._token = json.loads(answer.body)["access_token"]

    def send(self, method: str, path: str, body: t.Any = None) -> Answer:
        headers = [("Authorization", f"Bearer {self._token}"), ("Content-Type", "application/json")]
        content = b"" if body is None else json.dumps(body).encode()
        return self._send(method, f"https://localhost{path}", headers, content)


@pytest.fixture
def model() -> dict[str, t.Any]:
    return {"displayName": "Timed", "type": "SemanticModel", "definition": samples.definition(samples.MODEL)}


def test_a_client_in_the_same_process_shares_its_clock(tmp_path: Path, model: dict[str, t.Any]) -> None:
    began = time.monotonic()
    shared = Shared(tmp_path, "service-with-latency")
    before = shared.now
    accepted = shared.send("POST", f"/v1{ITEMS}", model)
    assert (accepted.status, shared.now - before) == (202, pytest.approx(3.1))
    operation = "/v1/operations/" + dict(accepted.headers)["x-ms-operation-id"]
    polls = 1
    while json.loads(shared.send("GET", operation).body)["status"] == "Running":
        polls += 1
    assert 9 <= polls <= 10  # 1.2 s each, 10.4 to 11.2 s after the response
    assert time.monotonic() - began < 5


def test_a_refresh_of_three_hours_and_tokens_that_expire_in_it(tmp_path: Path, model: dict[str, t.Any]) -> None:
    shared = Shared(tmp_path, refresh_time=3 * HOUR, long_running=False)
    identity = json.loads(shared.send("POST", f"/v1{ITEMS}", model).body)["id"]
    refreshes = f"/v1.0/myorg/groups/{SALES}/datasets/{identity}/refreshes"
    began, logins = shared.now, 0
    assert shared.send("POST", refreshes).status == 202
    while True:
        shared.wait(600)
        answer = shared.send("GET", refreshes)
        if answer.status == 403:
            shared.log_in()
            logins += 1
            continue
        [refresh] = json.loads(answer.body)["value"]
        if refresh["status"] != "Unknown":
            break
    assert (refresh["status"], logins) == ("Completed", 3)
    assert 3 * HOUR <= shared.now - began <= 4 * HOUR
    assert refresh["endTime"][:13] != refresh["startTime"][:13]


def test_the_control_path_moves_the_shared_clock(tmp_path: Path) -> None:
    shared = Shared(tmp_path)
    began = shared.now
    assert shared.send("POST", "/_emulator/advance", {"seconds": 90}).status == 200
    assert shared.now == began + 90
