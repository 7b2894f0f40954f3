# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""When operations are polled: few polls, soon after their end, by what is known of their kind. In simulated time."""

from __future__ import annotations

import itertools
import random
import statistics
import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._errors import ThrottledError
from ansible_collections.community.powerbi.plugins.module_utils._http.limits import OPERATIONS, Endpoint
from ansible_collections.community.powerbi.plugins.module_utils._http.quota import Governor
from ansible_collections.community.powerbi.plugins.module_utils._jobs import Jobs
from ansible_collections.community.powerbi.plugins.module_utils._operation import Operation, Phase, PollResult
from ansible_collections.community.powerbi.plugins.module_utils._poll_intervals import Durations, Spread
from fakes.clock import FakeClock

MODEL, REPORT, NOTEBOOK = "creation of SemanticModel", "creation of Report", "creation of Notebook"
READING = "reading of Report"
RECORDED = {MODEL: Spread(10.4, 11.2), REPORT: Spread(0.4, 1.2), NOTEBOOK: Spread(1.0, 3.0), READING: Spread(0.2, 0.6)}
RETRY_AFTER = 20.0
LATENCY = 0.3  # of the request that starts an operation


class Service:
    """Operations in simulated time: each is running until its duration has passed. ``polls`` counts all polls."""

    def __init__(self, operations: int = 1) -> None:
        self.clock = FakeClock()
        self.governor = Governor(self.clock, rate=200)
        self.durations = Durations(lambda: self.governor.room(OPERATIONS))
        self.durations.expect(operations)
        self.polls = 0
        self.late: list[float] = []  # seconds from the end of each operation to the poll that found it

    def run(self, duration: float, kind: str = MODEL) -> list[float]:
        """Start an operation and wait for it. Returns when it was polled, in seconds after its start."""
        start = self.clock.monotonic()
        moments: list[float] = []

        def poll() -> PollResult:
            self.count_request()
            self.polls += 1
            now = self.clock.monotonic() - start
            moments.append(round(now, 3))
            if now < duration:
                return PollResult(Phase.RUNNING, retry_after=RETRY_AFTER)
            self.late.append(now - duration)
            return PollResult(Phase.SUCCEEDED)

        self.durations.begin()
        interval = self.durations.interval(kind, RECORDED[kind])
        Operation(poll, name=kind, timeout=3600, clock=self.clock, interval=interval, retry_after=RETRY_AFTER).wait()
        return moments

    def count_request(self) -> None:
        self.governor.reserve(Endpoint("GET /operations/{id}", OPERATIONS), 0.0)

    def run_all(self, operations: t.Iterable[tuple[float, str]], parallel: int = 8) -> float:
        """Run all of them, and return the seconds that this took."""
        start = self.clock.monotonic()
        with Jobs(parallel, self.clock) as jobs:
            jobs.map(self._post_and_run, operations)
        return self.clock.monotonic() - start

    def _post_and_run(self, operation: tuple[float, str]) -> None:
        self.clock.sleep(LATENCY, busy=True)
        self.run(*operation)


def test_the_first_of_a_kind_is_polled_at_growing_intervals_before_the_recorded_spread() -> None:
    assert Service(50).run(duration=11.1) == [0.05, 0.25, 1.25, 6.25, 11.0, 11.2]


def test_few_operations_are_polled_often_around_their_end() -> None:
    service = Service(2)
    service.run(duration=10.83)
    service.run(duration=0.71, kind=REPORT)
    assert max(service.late) <= 0.1


def test_an_operation_that_is_not_to_be_polled_often_is_polled_at_two_moments() -> None:
    service = Service(1)
    interval = service.durations.interval(MODEL, RECORDED[MODEL], often=False)
    assert interval.delay(1, RETRY_AFTER, elapsed=10.0) == pytest.approx(1.0)
    assert interval.delay(2, RETRY_AFTER, elapsed=11.0) == pytest.approx(0.2)


def test_many_operations_are_polled_at_two_moments() -> None:
    service = Service(50)
    service.run(duration=10.9)
    assert service.run(duration=10.9) == [11.0]
    assert service.run(duration=11.1) == [11.0, 11.2]


def test_where_the_quota_has_room_for_one_poll_only_it_is_after_the_end() -> None:
    service = Service(300)
    service.run(duration=11.0)
    [moment] = service.run(duration=11.19)
    assert 11.2 < moment < 12.0


def test_the_next_of_a_kind_is_polled_between_the_two_polls_of_the_first() -> None:
    service = Service(50)
    service.run(duration=4.0)  # found running after 1.25 s and done after 6.25 s
    [first, *_later] = service.run(duration=2.0)
    assert first == pytest.approx(1.25 + 0.75 * 5.0)


def test_one_unusual_duration_does_not_outweigh_the_recorded_ones() -> None:
    service = Service(50)
    for duration in (10.5, 10.6, 0.01):
        service.run(duration)
    assert service.run(duration=10.7) == [11.0]


def test_an_operation_that_is_expected_late_is_polled_as_soon_as_others_have_ended_early() -> None:
    service = Service(8)
    seconds = service.run_all([(0.2, MODEL)] * 8)
    assert seconds < LATENCY + 1.0  # not 11


def test_after_its_expected_end_it_is_polled_at_growing_intervals() -> None:
    service = Service()
    service.run(duration=0.05)
    moments = service.run(duration=30.0)
    assert moments[0] == 0.05
    gaps = [round(later - sooner, 2) for sooner, later in itertools.pairwise(moments) if sooner > 0.1]
    assert gaps == sorted(gaps)
    assert service.late[-1] <= 15.0


def test_while_the_first_is_late_the_others_wait_for_it() -> None:
    service = Service(100)
    service.run_all([(40.0, NOTEBOOK)] * 100)
    assert service.polls <= 1.5 * 100


def test_each_kind_has_durations_of_its_own() -> None:
    service = Service(50)
    service.run(duration=0.1, kind=REPORT)
    assert service.run(duration=10.9)[-1] == 11.0


def test_if_the_probe_fails_the_next_operation_probes() -> None:
    service = Service()
    failed = Operation(
        lambda: PollResult(Phase.FAILED),
        name="x",
        timeout=60,
        clock=service.clock,
        interval=service.durations.interval(MODEL, RECORDED[MODEL]),
    )
    failed.poll()
    assert service.run(duration=0.1) == [0.05, 0.25]


@pytest.mark.parametrize("seed", range(5))
def test_of_many_operations_each_is_polled_about_once_and_found_soon(seed: int) -> None:
    source = random.Random(seed)
    service = Service(50)
    models = [(source.uniform(10.4, 11.2), MODEL) for _number in range(20)]
    reports = [(source.uniform(0.4, 1.2), REPORT) for _number in range(30)]
    seconds = service.run_all([*models, *reports])
    assert service.polls <= 1.5 * 50
    assert seconds <= max(duration for duration, _kind in models) + 3 * LATENCY + 0.2


def test_as_many_operations_as_the_quota_takes_are_polled_once_each() -> None:
    source = random.Random(5)
    service = Service(300)
    service.run_all([(source.uniform(0.4, 1.2), REPORT) for _number in range(150)])
    assert service.polls <= 150 + 5


def test_of_more_readings_than_the_quota_takes_none_is_polled_before_its_end() -> None:
    source = random.Random(5)
    service = Service(300)
    service.run_all([(source.uniform(0.2, 0.6), READING) for _number in range(170)])
    assert service.polls == 170


@pytest.mark.parametrize("duration", [0.3, 2.0, 40.0])
def test_a_duration_that_no_recording_has_is_learned(duration: float) -> None:
    source = random.Random(5)
    service = Service(100)
    service.run_all([(source.uniform(0.9, 1.1) * duration, NOTEBOOK) for _number in range(100)])
    assert service.polls <= 2.5 * 100  # usually 1.3 of an operation; it depends on which thread comes first
    assert statistics.median(service.late) <= 0.5 * duration + 3 * LATENCY  # a poll may wait for a slot


def test_without_room_in_the_quota_only_further_polls_observe_retry_after() -> None:
    """The first one waits for the quota, and the operation is expected to have ended by then."""
    service = Service()
    for _number in range(180):
        service.count_request()
    [moment] = service.run(duration=10.8)
    assert 11.2 < moment < 12.0
    first, second = service.run(duration=12.0)
    assert (first, second - first) == (moment, pytest.approx(RETRY_AFTER))
    service.clock.sleep(60)
    assert service.run(duration=10.8, kind=REPORT)[0] == 0.05


def test_retry_after_of_a_refused_poll_is_always_observed() -> None:
    service = Service()
    answers: list[Exception | PollResult] = [
        ThrottledError("too many", status=429, retry_after=37.0),
        PollResult(Phase.SUCCEEDED),
    ]
    moments: list[float] = []
    start = service.clock.monotonic()

    def poll() -> PollResult:
        moments.append(service.clock.monotonic() - start)
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    interval = service.durations.interval(MODEL, RECORDED[MODEL])
    Operation(poll, name="x", timeout=600, clock=service.clock, interval=interval).wait()
    assert moments[1] - moments[0] == pytest.approx(37.0)
