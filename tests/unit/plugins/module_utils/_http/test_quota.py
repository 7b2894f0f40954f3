# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The quota: when requests get their slots, what 429 responses teach, and that forks share it."""

from __future__ import annotations

import math
import multiprocessing
import random
import time
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._clock import SystemClock
from ansible_collections.community.powerbi.plugins.module_utils._errors import ThrottledError
from ansible_collections.community.powerbi.plugins.module_utils._http.limits import (
    FABRIC,
    HOUR,
    OPERATIONS,
    POWERBI,
    Endpoint,
    Limit,
    endpoint_of,
)
from ansible_collections.community.powerbi.plugins.module_utils._http.quota import Governor, Slot
from fakes.clock import FakeClock

CREATE = Endpoint("POST /workspaces/{id}/items", FABRIC)
READ = Endpoint("GET /workspaces/{id}/items", FABRIC)
POLL = Endpoint("GET /operations/{id}", OPERATIONS)
PATIENT = 3600.0


class Service:
    """A service with a quota of ``calls`` in fixed windows of 60 s, the first of which begins at ``phase`` seconds."""

    def __init__(self, clock: FakeClock, calls: int, phase: float = 0.0) -> None:
        self.clock = clock
        self.calls = calls
        self.phase = phase
        self.accepted: dict[int, int] = {}
        self.refused = 0

    def receive(self) -> float:
        """Seconds until the next window if the request is refused, else 0."""
        window, since = divmod(self.clock.now - self.phase, 60.0)
        if self.accepted.get(int(window), 0) < self.calls:
            self.accepted[int(window)] = self.accepted.get(int(window), 0) + 1
            return 0.0
        self.refused += 1
        return 60.0 - since


def send(governor: Governor, service: Service, endpoint: Endpoint = CREATE, on_its_way: float = 0.0) -> float:
    """One request and its retries, as the sender does them. Returns when it was accepted."""
    while True:
        slot = governor.reserve(endpoint, PATIENT)
        service.clock.now += slot.wait + on_its_way
        wait = service.receive()
        if not wait:
            governor.answered(endpoint, slot)
            return service.clock.now
        governor.refused(endpoint, slot, wait)


def reserved(governor: Governor, count: int, endpoint: Endpoint = CREATE) -> list[float]:
    return [governor.reserve(endpoint, PATIENT).wait for _number in range(count)]


class TestQuotaOfAKind:
    @pytest.mark.parametrize("seed", range(5))
    def test_the_service_refuses_nothing_wherever_its_windows_begin(self, seed: int) -> None:
        source = random.Random(seed)
        clock = FakeClock()
        governor = Governor(clock, rate=20)
        service = Service(clock, 20, phase=source.uniform(0.0, 60.0))
        started = clock.now
        for _number in range(100):
            clock.now += source.uniform(0.0, 0.5)
            send(governor, service, source.choice((CREATE, READ)), on_its_way=source.uniform(0.0, 2.0))
        assert service.refused == 0
        assert clock.now - started <= 60.0 * 5 + 30.0

    def test_the_whole_quota_is_sent_at_once_and_again_after_a_minute(self) -> None:
        waits = reserved(Governor(FakeClock(), rate=3), 7)
        assert waits == [0.0, 0.0, 0.0, 60.5, 60.5, 60.5, 121.0]

    def test_a_wait_of_hours_is_kept(self) -> None:
        waits = reserved(Governor(FakeClock(), rate=1), 160)
        assert waits == [60.5 * number for number in range(160)]

    def test_a_slot_that_is_released_is_free_again(self) -> None:
        governor = Governor(FakeClock(), rate=1)
        slots = [governor.reserve(CREATE, PATIENT) for _number in range(5)]
        for slot in slots[1:]:
            governor.release(CREATE, slot)
        assert governor.reserve(CREATE, PATIENT).wait == 60.5

    def test_each_kind_of_api_has_its_own(self) -> None:
        governor = Governor(FakeClock(), rate=2)
        assert [*reserved(governor, 2, CREATE), *reserved(governor, 2, POLL)] == [0.0] * 4
        assert governor.reserve(READ, PATIENT).wait == 60.5

    def test_an_api_without_a_quota_and_no_rate_are_not_limited(self) -> None:
        assert reserved(Governor(FakeClock(), rate=2), 9, Endpoint("GET /applications")) == [0.0] * 9
        assert reserved(Governor(FakeClock(), rate=0), 9) == [0.0] * 9

    def test_a_request_that_was_long_on_its_way_counts_at_its_response(self) -> None:
        clock = FakeClock()
        governor = Governor(clock, rate=1)
        slot = governor.reserve(CREATE, PATIENT)
        clock.now += 10.0
        governor.answered(CREATE, slot)
        assert governor.reserve(CREATE, PATIENT).wait == 60.0  # it may have arrived just before the response

    def test_optional_requests_have_room_for_nine_tenths_of_the_quota(self) -> None:
        clock = FakeClock()
        governor = Governor(clock, rate=10)
        reserved(governor, 7, POLL)
        assert (governor.room(OPERATIONS), governor.room(FABRIC)) == (2, 9)
        reserved(governor, 5, POLL)  # two of which wait
        assert governor.room(OPERATIONS) <= 0
        clock.now += 122.0
        assert governor.room(OPERATIONS) == 9
        assert Governor(clock, rate=0).room(OPERATIONS) == math.inf

    def test_a_long_wait_is_reported_once(self) -> None:
        texts: list[str] = []
        reserved(Governor(FakeClock(), rate=2, notify=texts.append), 6)
        [text] = texts
        assert text == (
            "This run waited for the quota of 2 calls a minute of the Fabric platform APIs: see docs/scaling.md for what "
            "shortens it (`rate_limit` sets another number)."
        )


class TestLimitOfOneApi:
    def test_a_429_holds_its_endpoint_only(self) -> None:
        clock = FakeClock()
        governor = Governor(clock, rate=200)
        governor.refused(CREATE, governor.reserve(CREATE, PATIENT), 30.0)
        assert governor.is_held(CREATE)
        assert not governor.is_held(READ)
        assert governor.reserve(READ, PATIENT).wait == 0.0
        assert governor.reserve(CREATE, PATIENT).wait == 30.0

    def test_a_wait_beyond_the_callers_patience_is_an_error_with_a_remedy(self) -> None:
        governor = Governor(FakeClock(), rate=200)
        governor.refused(CREATE, governor.reserve(CREATE, PATIENT), 300.0)
        with pytest.raises(ThrottledError) as caught:
            governor.reserve(CREATE, 120.0)
        assert caught.value.retry_after == 300.0
        assert "retry_timeout" in caught.value.remedy

    @pytest.mark.parametrize("limit", [5, 25])
    def test_it_is_learned_from_the_responses(self, limit: int) -> None:
        """A limit that nobody has published: of 12 minutes of requests, the service refuses few, and fewer in the end."""
        clock = FakeClock()
        governor = Governor(clock, rate=200)
        service = Service(clock, limit, phase=17.0)
        for _number in range(12 * limit):
            clock.now += 0.2
            send(governor, service)
        assert 1 <= service.refused <= 6
        before = service.refused
        for _number in range(5 * limit):
            send(governor, service)
        assert service.refused <= before + 1  # a confirmed limit rises a little after ten windows

    def test_a_limit_that_others_caused_rises_again(self) -> None:
        clock = FakeClock()
        governor = Governor(clock, rate=200)
        service = Service(clock, 3)
        for _number in range(5):
            send(governor, service)
        service.calls = 1000  # the other pipeline has ended
        started = clock.now
        for _number in range(100):
            send(governor, service)
        assert clock.now - started <= 8 * 61.0

    def test_a_burst_of_refusals_counts_as_one(self) -> None:
        """Eight threads: five of their requests are accepted, three refused."""
        governor = Governor(FakeClock(), rate=200)
        slots = [governor.reserve(CREATE, PATIENT) for _number in range(8)]
        for slot in slots[5:]:
            governor.refused(CREATE, slot, 60.0)
        waits = reserved(governor, 6)
        assert waits[:5] == [60.5] * 5
        assert waits[5] > 100.0

    def test_waits_for_a_learned_limit_are_no_failure(self) -> None:
        """One 429 with a slow response, and 20 forks: they wait, as long as it takes."""
        clock = FakeClock()
        governor = Governor(clock, rate=200)
        answered = governor.reserve(READ, 120.0)
        clock.now += 3.0
        governor.answered(READ, answered)
        slot = governor.reserve(READ, 120.0)
        clock.now += 1.2
        governor.refused(READ, slot, 59.0)
        slots = [governor.reserve(READ, 120.0) for _fork in range(19)]
        assert [slot.limited for slot in slots] == [False] + [True] * 18
        assert slots[1].wait == 119.5  # the window of 63 s is a minute, with latency

    def test_a_limit_of_few_calls_is_never_final(self) -> None:
        """Another pipeline used up the quota, and two early requests were refused."""
        clock = FakeClock()
        governor = Governor(clock, rate=200)
        quiet, busy = Service(clock, 1000), Service(clock, 0, phase=25.0)
        for service in (quiet, busy, quiet, busy):
            slot = governor.reserve(READ, PATIENT)
            clock.now += slot.wait + 0.3
            if service is quiet:
                governor.answered(READ, slot)
            else:
                governor.refused(READ, slot, 30.0)
        started = clock.now
        for _number in range(100):
            send(governor, quiet, READ)
        assert clock.now - started <= 12 * 60.0

    def test_a_confirmed_limit_rises_slowly(self) -> None:
        clock = FakeClock()
        governor = Governor(clock, rate=200)
        service = Service(clock, 10)
        for _number in range(100):
            send(governor, service)
        assert service.refused <= 4
        service.calls = 1000  # the other pipeline has ended
        for _number in range(2000):
            send(governor, service)
        started = clock.now
        for _number in range(100):
            send(governor, service)
        assert clock.now - started <= 4 * 60.0

    def test_a_learned_limit_does_not_rise_without_an_end(self, tmp_path: Path) -> None:
        clock = FakeClock()
        governor = Governor(clock, directory=str(tmp_path / "run"), rate=0)
        service = Service(clock, 5)
        for _number in range(8):
            send(governor, service, POLL)
        service.calls = 1_000_000
        for _number in range(2500):
            clock.now += 61.0
            send(governor, service, POLL)
        assert reserved(governor, 2000, POLL)[-1] == 0.0

    def test_a_hold_of_a_day_is_kept(self) -> None:
        governor = Governor(FakeClock(), rate=200)
        governor.refused(CREATE, governor.reserve(CREATE, PATIENT), 90_000.0)
        with pytest.raises(ThrottledError):
            governor.reserve(CREATE, PATIENT)

    def test_a_documented_limit_is_kept_without_a_refusal(self) -> None:
        query = Endpoint("executeQueries", POWERBI, Limit(2, 60.0))
        assert reserved(Governor(FakeClock(), rate=200), 3, query) == [0.0, 0.0, 60.5]

    def test_a_documented_limit_of_an_hour_is_not_waited_for(self) -> None:
        governor = Governor(FakeClock(), rate=200)
        scan = Endpoint("GET /admin/x", POWERBI, Limit(2, HOUR))
        reserved(governor, 2, scan)
        with pytest.raises(ThrottledError, match="3600 s"):
            governor.reserve(scan, 120.0)


class TestSharing:
    def test_tasks_of_one_run_share_it_and_other_identities_do_not(self, tmp_path: Path) -> None:
        clock = FakeClock()

        def governor(identity: str) -> Governor:
            return Governor(clock, directory=str(tmp_path / "run"), identity=identity, rate=2)

        assert reserved(governor("a"), 2) == [0.0, 0.0]
        assert reserved(governor("a"), 1) == [60.5]
        assert reserved(governor("b"), 1) == [0.0]

    def test_a_429_of_one_task_holds_the_others(self, tmp_path: Path) -> None:
        clock = FakeClock()
        one, other = (Governor(clock, directory=str(tmp_path / "run"), rate=200) for _number in range(2))
        one.refused(CREATE, one.reserve(CREATE, PATIENT), 25.0)
        assert other.reserve(CREATE, PATIENT).wait == 25.0

    def test_without_a_usable_folder_each_task_has_its_own(self, tmp_path: Path) -> None:
        folder = tmp_path / "run"
        folder.mkdir(mode=0o755)
        folder.chmod(0o755)  # others can read it
        clock = FakeClock()
        for _task in range(2):
            assert reserved(Governor(clock, directory=str(folder), rate=2), 3) == [0.0, 0.0, 60.5]
        assert list(folder.iterdir()) == []

    @pytest.mark.parametrize(
        "content", [b"", b"x", b"\xff" * 800, b"\x7f" * 4000], ids=["empty", "short", "nan", "huge"]
    )
    def test_a_damaged_file_does_not_stop_the_run(self, tmp_path: Path, content: bytes) -> None:
        folder, clock = tmp_path / "run", FakeClock()
        reserved(Governor(clock, directory=str(folder), rate=5), 1)
        for file in folder.iterdir():
            file.write_bytes(content)
        governor = Governor(clock, directory=str(folder), rate=5)
        assert all(0.0 <= wait < 200.0 for wait in reserved(governor, 3))

    def test_a_file_that_others_can_write_is_not_used(self, tmp_path: Path) -> None:
        folder, clock = tmp_path / "run", FakeClock()
        reserved(Governor(clock, directory=str(folder), rate=1), 1)
        for file in folder.iterdir():
            file.chmod(0o666)
        assert reserved(Governor(clock, directory=str(folder), rate=1), 2) == [0.0, 60.5]

    def test_the_state_contains_no_identity(self, tmp_path: Path) -> None:
        folder = tmp_path / "run"
        reserved(Governor(FakeClock(), directory=str(folder), identity="tenant\nsecret-token", rate=1), 1)
        for file in folder.iterdir():
            assert "secret-token" not in file.name
            assert b"secret" not in file.read_bytes()
            assert file.stat().st_mode & 0o077 == 0

    def test_forks_that_send_at_the_same_time_stay_inside_it(self, tmp_path: Path) -> None:
        """Ten processes with ten requests each, 30 of them in a second (the window of this test): none is refused."""
        rate, window = 30, 1.0
        context = multiprocessing.get_context("fork")
        with context.Pool(10) as pool:
            started = time.monotonic()
            sent = pool.map(_send_all, [(str(tmp_path / "run"), rate, window)] * 10)
        moments = sorted(moment for moments in sent for moment in moments)
        assert len(moments) == 100
        assert all(later - earlier >= window for earlier, later in zip(moments, moments[rate:], strict=False))
        assert moments[-1] - started < 4 * (window + 0.5) + 10.0


def _send_all(arguments: tuple[str, int, float]) -> list[float]:
    folder, rate, window = arguments
    governor = Governor(SystemClock(), directory=folder, identity="x", rate=rate, window=window)
    moments = []
    for _number in range(10):
        slot: Slot = governor.reserve(CREATE, PATIENT)
        time.sleep(slot.wait)
        moments.append(slot.start)
        governor.answered(CREATE, slot)
    return moments


@pytest.mark.parametrize(
    ("api", "method", "path", "kind", "own"),
    [
        ("fabric", "POST", "/workspaces/{id}/items", FABRIC, None),
        ("fabric", "POST", "/workspaces/{id}/items/bulkImportDefinitions", FABRIC, Limit(10, 60.0)),
        ("fabric", "GET", "/operations/{id}", OPERATIONS, None),
        ("fabric", "GET", "/operations/{id}/result", OPERATIONS, None),
        ("fabric", "POST", "/workspaces/{id}/items/{id}/jobs/instances", "Fabric job scheduler", None),
        ("powerbi", "GET", "/groups", POWERBI, None),
        ("powerbi", "POST", "/groups/{id}/datasets/{id}/executeQueries", POWERBI, Limit(120, 60.0)),
        ("powerbi", "POST", "/datasets/{id}/executeQueries", POWERBI, Limit(120, 60.0)),
        ("powerbi", "GET", "/admin/groups", POWERBI, Limit(15, 60.0)),
        ("powerbi", "GET", "/admin/groups/{id}/users", POWERBI, Limit(200, HOUR)),
        ("powerbi", "POST", "/admin/workspaces/getInfo", POWERBI, Limit(500, HOUR)),
        ("powerbi", "GET", "/admin/workspaces/scanStatus/{id}", POWERBI, None),
        ("fabric", "GET", "/admin/items", FABRIC, Limit(200, HOUR)),
        ("fabric", "GET", "/admin/tenantsettings", FABRIC, Limit(25, 60.0)),
        ("fabric", "GET", "/admin/workspaces/discoverGitConnections", FABRIC, Limit(25, 60.0)),
        ("graph", "GET", "/applications", "", None),
    ],
)
def test_what_a_request_counts_in(api: str, method: str, path: str, kind: str, own: Limit | None) -> None:
    endpoint = endpoint_of(api, method, path)
    assert (endpoint.kind, endpoint.own) == (kind, own)
