# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operations: when they are polled, how they end, and that one thread polls for all of a group."""

from __future__ import annotations

import itertools
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
from ansible_collections.community.powerbi.plugins.module_utils._jobs import Jobs
from ansible_collections.community.powerbi.plugins.module_utils._operation import (
    Operation,
    OperationGroup,
    Phase,
    PollResult,
)
from ansible_collections.community.powerbi.plugins.module_utils._poll_intervals import PollInterval
from fakes.clock import FakeClock

RUNNING = PollResult(Phase.RUNNING, {"status": "Running"}, word="Running")
DONE = PollResult(Phase.SUCCEEDED, {"id": "x"})


class Service:
    """Returns the states of the script, poll by poll, the last one for ever; ``moments`` has the time of each poll."""

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


def test_retry_after_is_honoured_after_one_early_poll() -> None:
    asks = PollResult(Phase.RUNNING, None, retry_after=20.0)
    subject, service, _clock = operation(asks, asks, DONE, retry_after=20.0)
    subject.wait()
    assert service.moments == [0.5, 20.5, 40.5]


def test_no_poll_is_early_where_none_shall_be() -> None:
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


def test_time_runs_out_with_a_last_poll() -> None:
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


def test_it_is_cancelled_when_time_runs_out() -> None:
    cancelled: list[str] = []
    subject, _service, _clock = operation(RUNNING, timeout=1.0, cancel=lambda: cancelled.append("stop"))
    with pytest.raises(OperationTimeoutError, match="was cancelled"):
        subject.wait()
    assert cancelled == ["stop"]


def test_a_failing_stop_is_only_reported() -> None:
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
def test_a_failed_poll_has_no_state(trouble: PowerBIError) -> None:
    subject, _service, _clock = operation(trouble, RUNNING, trouble, trouble, DONE)
    assert subject.wait() == {"id": "x"}


def test_a_throttled_poll_waits_for_retry_after() -> None:
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


def test_polling_never_raises_and_there_is_no_result_before_the_end() -> None:
    subject, service, clock = operation(RUNNING, PollResult(Phase.FAILED))
    assert service.moments == []
    with pytest.raises(ValueError, match="is not done"):
        subject.result()
    assert subject.poll() is False
    assert subject.poll() is True
    assert clock.slept == []
    with pytest.raises(OperationFailedError):
        subject.result()


def test_jobs_wait_for_hundreds_in_one_slot_in_the_time_of_the_longest() -> None:
    clock = FakeClock()
    services = [Service(clock, *[RUNNING] * (number % 7), DONE) for number in range(300)]
    operations = [Operation(s, name=f"import {n}", timeout=60.0, clock=clock) for n, s in enumerate(services)]
    start = clock.now
    with Jobs(1, clock) as jobs:
        assert jobs.map(Operation.wait, operations) == [{"id": "x"}] * 300
    assert clock.now - start == pytest.approx(3.5)
    assert sum(len(service.moments) for service in services) == sum(number % 7 + 1 for number in range(300))


def test_the_first_poll_of_all_may_have_a_time_of_its_own() -> None:
    interval = PollInterval(first=0.1, start=0.5)
    assert [interval.delay(polls, None) for polls in (0, 1)] == [0.5, 0.1]
    assert PollInterval(first=0.1, start=0.0).delay(0, None) == 0.0


class Board:
    """Things whose states come in one response, but of those that are ``hidden``, which a request each shows."""

    def __init__(self, *, over_after: int, hidden: t.Collection[int] = ()) -> None:
        self.clock = FakeClock()
        self.group = OperationGroup(self.read, self.clock)
        self.reads: list[float] = []
        self.alone: list[int] = []
        self.seconds = 0.0  # that a response takes
        self._over_after = over_after
        self._hidden = hidden
        self._start = self.clock.now

    def read(self) -> t.Container[str]:
        self.reads.append(round(self.clock.now - self._start, 3))
        self.clock.sleep(self.seconds, busy=True)
        return {str(number) for number in range(100) if number not in self._hidden}

    def wait(self, number: int, **options: t.Any) -> t.Any:
        def poll() -> PollResult:
            if number in self._hidden:
                self.alone.append(number)
            return DONE if len(self.reads) >= self._over_after else RUNNING

        subject = Operation(poll, name="import", **{"timeout": 60.0, "clock": self.clock, **options})
        return self.group.wait(str(number), subject)


class TestGroup:
    def test_one_response_serves_all_that_wait(self) -> None:
        board = Board(over_after=3)
        with Jobs(2, board.clock) as jobs:
            assert jobs.map(board.wait, range(50)) == [{"id": "x"}] * 50
        assert board.reads == [0.5, 1.0, 1.5]

    def test_without_jobs_there_is_one_that_waits(self) -> None:
        board = Board(over_after=3)
        assert board.wait(1) == {"id": "x"}
        assert board.reads == [0.5, 1.0, 1.5]

    def test_what_the_response_does_not_show_is_polled_when_it_is_due(self) -> None:
        board = Board(over_after=2, hidden={7, 8})
        slow = PollInterval(first=10.0, steady=100)
        with Jobs(2, board.clock) as jobs:
            waiting = [jobs.start(board.wait, number) for number in range(7)]
            late = jobs.start(lambda: board.wait(8, interval=slow))
            waiting.append(jobs.start(board.wait, 7))
            list(jobs.completed())
        assert [future.result() for future in (*waiting, late)] == [{"id": "x"}] * 9
        assert board.reads == [0.5, 1.0, 10.0]
        assert board.alone == [7, 7, 8]

    def test_what_joins_is_not_made_to_wait_for_the_next_poll_of_the_others(self) -> None:
        board = Board(over_after=2)
        slow = PollInterval(first=30.0, steady=100)
        with Jobs(2, board.clock) as jobs:
            jobs.start(lambda: board.wait(1, interval=slow))
            jobs.start(lambda: (board.clock.sleep(3.2), board.wait(2)))
            list(jobs.completed())
        assert board.reads == [3.7, 4.2]

    def test_the_one_that_reads_hands_over_when_its_own_operation_ends(self) -> None:
        board = Board(over_after=3)

        def first() -> t.Any:
            return board.group.wait("first", Operation(lambda: DONE, name="import", timeout=60.0, clock=board.clock))

        with Jobs(2, board.clock) as jobs:
            jobs.start(first)
            others = [jobs.start(board.wait, number) for number in range(10)]
            list(jobs.completed())
        assert [future.result() for future in others] == [{"id": "x"}] * 10
        assert board.reads == [0.5, 1.0, 1.5]
        assert board.wait(1) == {"id": "x"}, "the group can be used again"

    def test_a_failure_is_that_of_its_own_operation(self) -> None:
        board = Board(over_after=3)
        with Jobs(2, board.clock) as jobs:
            bad = jobs.start(lambda: board.wait(1, timeout=0.7))
            good = [jobs.start(board.wait, number) for number in range(2, 6)]
            list(jobs.completed())
        assert isinstance(bad.exception(), OperationTimeoutError)
        assert [future.result() for future in good] == [{"id": "x"}] * 4

    def test_a_response_that_takes_long_is_read_in_a_third_of_the_time(self) -> None:
        board = Board(over_after=4)
        board.seconds = 1.0
        with Jobs(2, board.clock) as jobs:
            jobs.map(board.wait, range(5))
        assert board.reads == [0.5, 3.5, 6.5, 9.5]

    def test_a_defect_in_one_thread_leaves_no_other_waiting(self) -> None:
        board = Board(over_after=1)

        def defect() -> PollResult:
            raise ZeroDivisionError

        def bad() -> t.Any:
            return board.group.wait("bad", Operation(defect, name="import", timeout=60.0, clock=board.clock))

        with Jobs(2, board.clock) as jobs:
            futures = [jobs.start(bad), *(jobs.start(board.wait, number) for number in range(5))]
            list(jobs.completed())
        assert isinstance(futures[0].exception(), ZeroDivisionError)
        assert [future.result() for future in futures[1:]] == [{"id": "x"}] * 5
