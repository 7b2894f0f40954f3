# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operations: when they look, how they end, and that one thread watches many."""

from __future__ import annotations

import concurrent.futures
import itertools
import threading
import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._errors import (
    ApiError,
    ForbiddenError,
    NotFoundError,
    OperationFailedError,
    OperationTimeoutError,
    PowerBIError,
    ThrottledError,
    TransportError,
)
from ansible_collections.community.powerbi.plugins.module_utils._operation import (
    Operation,
    Phase,
    PollInterval,
    PollResult,
    wait_all,
)
from fakes.clock import FakeClock

RUNNING = PollResult(Phase.RUNNING, {"status": "Running"}, word="Running")
DONE = PollResult(Phase.SUCCEEDED, {"id": "x"})


class Service:
    """Shows what the script says, look by look, the last of it for ever; ``moments`` has the time of each look."""

    def __init__(self, clock: FakeClock, *script: PollResult | PowerBIError) -> None:
        self._clock = clock
        self._script = list(script)
        self._start = clock.now
        self.moments: list[float] = []

    def __call__(self) -> PollResult:
        self.moments.append(round(self._clock.now - self._start, 3))
        shown = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        if isinstance(shown, PowerBIError):
            raise shown
        return shown


def operation(*script: PollResult | PowerBIError, **options: t.Any) -> tuple[Operation, Service, FakeClock]:
    clock = FakeClock()
    service = Service(clock, *script)
    return Operation(service, **{"name": "import", "timeout": 60.0, "clock": clock, **options}), service, clock


def test_it_gives_the_last_answer() -> None:
    subject, service, _clock = operation(RUNNING, RUNNING, DONE)
    assert subject.wait() == {"id": "x"}
    assert service.moments == [0.5, 1.0, 1.5]


def test_short_things_are_looked_at_steadily_and_long_ones_ever_more_rarely() -> None:
    subject, service, _clock = operation(*[RUNNING] * 30, DONE, timeout=3600.0)
    subject.wait()
    gaps = [round(b - a, 3) for a, b in itertools.pairwise([0.0, *service.moments])]
    assert gaps[:8] == [0.5] * 8
    assert gaps[8:] == sorted(gaps[8:])
    assert gaps[-1] == 15.0


def test_the_services_wish_is_kept_after_one_early_look() -> None:
    asks = PollResult(Phase.RUNNING, None, retry_after=20.0)
    subject, service, _clock = operation(asks, asks, DONE, retry_after=20.0)
    subject.wait()
    assert service.moments == [0.5, 20.5, 40.5]


def test_no_look_is_early_where_none_shall_be() -> None:
    subject, service, _clock = operation(DONE, retry_after=20.0, interval=PollInterval(early=0))
    subject.wait()
    assert service.moments == [20.0]


@pytest.mark.parametrize(("phase", "word"), [(Phase.FAILED, "failed"), (Phase.CANCELLED, "was cancelled")])
def test_it_ends_in_failure(phase: Phase, word: str) -> None:
    subject, _service, _clock = operation(RUNNING, PollResult(phase, {"status": "Bad"}, "Credentials are missing"))
    with pytest.raises(OperationFailedError) as caught:
        subject.wait()
    assert not isinstance(caught.value, OperationTimeoutError)
    assert str(caught.value) == f"The import {word}. Credentials are missing."
    assert caught.value.result == {"status": "Bad"}


def test_time_runs_out_with_a_last_look() -> None:
    subject, service, clock = operation(RUNNING, timeout=10.2)
    with pytest.raises(OperationTimeoutError) as caught:
        subject.wait()
    assert service.moments[-1] == 10.2
    assert clock.now == pytest.approx(1_000_010.2)
    assert "within 10.2 s" in caught.value.what
    assert "last known state is Running" in caught.value.why
    assert caught.value.result == {"status": "Running"}


def test_what_ends_with_the_time_has_ended() -> None:
    subject, _service, _clock = operation(*[RUNNING] * 3, DONE, timeout=2.0)
    assert subject.wait() == {"id": "x"}


def test_it_is_told_to_stop_when_time_runs_out() -> None:
    told: list[str] = []
    subject, _service, _clock = operation(RUNNING, timeout=1.0, cancel=lambda: told.append("stop"))
    with pytest.raises(OperationTimeoutError, match="was cancelled"):
        subject.wait()
    assert told == ["stop"]


def test_a_failing_stop_is_told_and_no_more() -> None:
    def cancel() -> None:
        raise ForbiddenError("no", status=403)

    subject, _service, _clock = operation(RUNNING, timeout=1.0, cancel=cancel)
    with pytest.raises(OperationTimeoutError, match="could not be cancelled: no"):
        subject.wait()


def test_not_found_means_not_yet_at_first() -> None:
    missing = NotFoundError("no", status=404)
    subject, service, _clock = operation(missing, missing, RUNNING, DONE)
    assert subject.wait() == {"id": "x"}
    assert len(service.moments) == 4


def test_not_found_is_an_error_later() -> None:
    subject, service, _clock = operation(NotFoundError("no", status=404), grace=3.0)
    with pytest.raises(NotFoundError):
        subject.wait()
    assert service.moments[-1] == 3.0


@pytest.mark.parametrize(
    "trouble",
    [
        TransportError("reset"),
        ThrottledError("busy", status=429, retry_after=5.0),
        ApiError("failed", status=500),
    ],
)
def test_a_look_that_failed_says_nothing(trouble: PowerBIError) -> None:
    subject, _service, _clock = operation(trouble, RUNNING, trouble, trouble, DONE)
    assert subject.wait() == {"id": "x"}


def test_a_throttled_look_waits_as_long_as_it_was_asked_to() -> None:
    subject, service, _clock = operation(RUNNING, ThrottledError("busy", status=429, retry_after=30.0), DONE)
    subject.wait()
    assert service.moments == [0.5, 1.0, 31.0]


def test_a_service_that_is_down_for_long_is_the_error() -> None:
    subject, service, _clock = operation(RUNNING, TransportError("reset"), timeout=3600.0)
    with pytest.raises(TransportError):
        subject.wait()
    assert 120 <= service.moments[-1] < 140


def test_throttling_is_borne_as_long_as_there_is_time() -> None:
    busy = ThrottledError("busy", status=429, retry_after=100.0)
    subject, _service, _clock = operation(*[busy] * 5, DONE, timeout=3600.0)
    assert subject.wait() == {"id": "x"}


@pytest.mark.parametrize(
    "final", [ForbiddenError("no", status=403), TransportError("bad certificate", retryable=False), PowerBIError("x")]
)
def test_other_failures_end_it_at_once(final: PowerBIError) -> None:
    subject, service, _clock = operation(final)
    with pytest.raises(type(final)):
        subject.wait()
    assert len(service.moments) == 1


def test_a_finished_one() -> None:
    subject = Operation.finished({"id": "x"}, name="create")
    assert subject.done
    assert subject.wait() == {"id": "x"}


def test_stepping_never_blocks_and_never_raises() -> None:
    subject, service, clock = operation(RUNNING, PollResult(Phase.FAILED))
    assert subject.step() is False
    assert service.moments == []
    with pytest.raises(ValueError, match="not done"):
        subject.result()
    clock.now = subject.due
    assert subject.step() is False
    clock.now = subject.due
    assert subject.step() is True
    assert subject.step() is True
    assert len(service.moments) == 2
    assert clock.slept == []
    with pytest.raises(OperationFailedError):
        subject.result()


def test_one_thread_watches_hundreds_in_the_time_of_the_longest() -> None:
    clock = FakeClock()
    services = [Service(clock, *[RUNNING] * (number % 7), DONE) for number in range(300)]
    operations = [Operation(s, name=f"import {n}", timeout=60.0, clock=clock) for n, s in enumerate(services)]
    start = clock.now
    wait_all(operations, clock)
    assert all(subject.result() == {"id": "x"} for subject in operations)
    assert clock.now - start == pytest.approx(3.5)
    assert sum(len(service.moments) for service in services) == sum(number % 7 + 1 for number in range(300))


def test_threads_look_at_once() -> None:
    clock = FakeClock()
    barrier = threading.Barrier(4, timeout=5)

    def poll() -> PollResult:
        barrier.wait()  # passes only if four look at the same time
        return DONE

    operations = [Operation(poll, name=f"import {n}", timeout=60.0, clock=clock) for n in range(8)]
    with concurrent.futures.ThreadPoolExecutor(4) as executor:
        wait_all(operations, clock, executor)
    assert [subject.result() for subject in operations] == [{"id": "x"}] * 8


def test_one_failure_does_not_end_the_watch_over_the_others() -> None:
    clock = FakeClock()
    bad = Operation(Service(clock, PollResult(Phase.FAILED)), name="bad", timeout=60.0, clock=clock)
    good = Operation(Service(clock, RUNNING, RUNNING, DONE), name="good", timeout=60.0, clock=clock)
    wait_all([bad, good], clock)
    assert good.result() == {"id": "x"}
    with pytest.raises(OperationFailedError):
        bad.result()


def test_the_first_look_of_all_may_have_a_time_of_its_own() -> None:
    interval = PollInterval(first=0.1, start=0.5)
    assert [interval.delay(looks, None) for looks in (0, 1)] == [0.5, 0.1]
    assert PollInterval(first=0.1, start=0.0).delay(0, None) == 0.0
