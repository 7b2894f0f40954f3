# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs on few threads: what waits holds none, what fails is told to its own job, a defect ends the run."""

from __future__ import annotations

import threading
import time
import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._errors import OperationFailedError
from ansible_collections.community.powerbi.plugins.module_utils._operation import (
    Operation,
    Phase,
    PollInterval,
    PollResult,
)
from ansible_collections.community.powerbi.plugins.module_utils._scheduler import Call, Job, Pause, Scheduler, Wait


def run(*jobs: Job, parallel: int = 2) -> list[tuple[t.Any, BaseException | None]]:
    """The outcome of each job, in the order in which they ended."""
    ended: list[tuple[t.Any, BaseException | None]] = []
    scheduler = Scheduler(parallel)
    for job in jobs:
        scheduler.add(job, lambda result, error: ended.append((result, error)))
    scheduler.run()
    return ended


def test_a_job_gets_what_it_asked_for() -> None:
    def job() -> Job:
        first = yield Call(lambda: 20)
        second = yield Call(lambda: first + 1)
        yield Pause(0.01)
        return first + second

    assert run(job()) == [(41, None)]


def test_a_job_that_asks_for_nothing() -> None:
    def job() -> Job:
        return "done"
        yield

    assert run(job()) == [("done", None)]


def test_an_exception_arrives_where_it_was_asked_for() -> None:
    def fails() -> t.NoReturn:
        raise ValueError("no")

    def job() -> Job:
        try:
            yield Call(fails)
        except ValueError as error:
            return f"caught {error}"

    def other() -> Job:
        yield Call(fails)

    outcomes = run(job(), other())
    assert ("caught no", None) in outcomes
    (error,) = [error for _result, error in outcomes if error is not None]
    assert isinstance(error, ValueError)


def test_there_are_never_more_requests_at_once_than_threads() -> None:
    lock, now, most = threading.Lock(), 0, 0

    def request() -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.01)
        with lock:
            now -= 1

    def job() -> Job:
        yield Call(request)
        yield Call(request)

    assert len(run(*(job() for dummy in range(20)), parallel=3)) == 20
    assert most == 3


def operation(looks: t.Iterable[Phase]) -> Operation:
    phases = iter(looks)
    return Operation(
        lambda: PollResult(next(phases), "result"), name="thing", timeout=5, interval=PollInterval(first=0.05)
    )


def test_what_waits_holds_no_thread() -> None:
    """A hundred operations of a quarter second each, on one thread, take hardly longer than one."""

    def job() -> Job:
        return (yield Wait(operation([Phase.RUNNING] * 4 + [Phase.SUCCEEDED])))

    start = time.monotonic()
    assert run(*(job() for dummy in range(100)), parallel=1) == [("result", None)] * 100
    assert time.monotonic() - start < 5


def test_a_failed_operation_is_an_exception_in_its_job() -> None:
    def job() -> Job:
        yield Wait(operation([Phase.FAILED]))

    ((_result, error),) = run(job())
    assert isinstance(error, OperationFailedError)


def test_an_operation_that_is_over_already() -> None:
    def job() -> Job:
        return (yield Wait(Operation.finished("at once", name="thing")))

    assert run(job()) == [("at once", None)]


def test_a_defect_in_a_look_ends_the_run() -> None:
    def poll() -> PollResult:
        raise ZeroDivisionError

    def job() -> Job:
        yield Wait(Operation(poll, name="thing", timeout=5, interval=PollInterval(first=0.01)))

    with pytest.raises(ZeroDivisionError):
        run(job())


def test_done_may_add_more() -> None:
    ended: list[int] = []
    scheduler = Scheduler(2)

    def job(number: int) -> Job:
        yield Call(lambda: None)
        return number

    def done(number: t.Any, _error: BaseException | None) -> None:
        ended.append(number)
        if number < 5:
            scheduler.add(job(number + 1), done)

    scheduler.add(job(0), done)
    scheduler.run()
    assert ended == [0, 1, 2, 3, 4, 5]


def test_an_exception_of_done_ends_it_after_what_is_under_way() -> None:
    finished: list[int] = []
    scheduler = Scheduler(2)

    def slow() -> None:
        time.sleep(0.1)
        finished.append(1)

    def job(function: t.Callable[[], None]) -> Job:
        yield Call(function)

    def fail(_result: t.Any, _error: BaseException | None) -> None:
        raise RuntimeError("done")

    scheduler.add(job(slow), lambda _result, _error: None)
    scheduler.add(job(lambda: None), fail)
    with pytest.raises(RuntimeError):
        scheduler.run()
    assert finished == [1]


class Board:
    """Things of which one request tells all that have come so far."""

    def __init__(self, over_after: int, *, blind: t.Container[int] = ()) -> None:
        self.asked = 0
        self.alone = 0
        self._over_after = over_after
        self._blind = blind

    def _state(self) -> PollResult:
        return PollResult(Phase.SUCCEEDED if self.asked >= self._over_after else Phase.RUNNING, "result")

    def operation(self, number: int) -> Operation:
        def poll() -> PollResult:
            if number in self._blind:
                self.alone += 1
                return PollResult(Phase.SUCCEEDED, "alone")
            self.asked += 1
            return self._state()

        def seen() -> PollResult | None:
            return None if number in self._blind else self._state()

        interval = PollInterval(first=0.02)
        return Operation(poll, name="thing", timeout=5, interval=interval, group=self, seen=seen)


def waiting(operation: Operation) -> Job:
    return (yield Wait(operation))


def test_one_look_tells_all_of_a_group() -> None:
    board = Board(over_after=3)
    assert run(*(waiting(board.operation(number)) for number in range(50))) == [("result", None)] * 50
    assert board.asked == 3


def test_who_is_not_shown_by_the_look_at_another_is_looked_at_alone() -> None:
    board = Board(over_after=2, blind={7, 8})
    outcomes = run(*(waiting(board.operation(number)) for number in range(10)))
    assert sorted(outcomes, key=str) == [("alone", None)] * 2 + [("result", None)] * 8
    assert (board.asked, board.alone) == (2, 2)


def test_who_joins_a_group_is_not_made_to_wait_for_its_next_look() -> None:
    board = Board(over_after=1)
    late = board.operation(1)
    late.due = time.monotonic() + 60
    start = time.monotonic()
    assert run(waiting(late), waiting(board.operation(2))) == [("result", None)] * 2
    assert time.monotonic() - start < 5


def order_of(*, urgent: bool, group: str | None = None) -> list[str]:
    """Five requests and a look, by one thread."""
    order: list[str] = []

    def request() -> Job:
        yield Call(lambda: (time.sleep(0.03), order.append("request")))

    def poll() -> PollResult:
        order.append("look")
        return PollResult(Phase.SUCCEEDED)

    def job() -> Job:
        yield Wait(Operation(poll, name="thing", timeout=5, interval=PollInterval(first=0.01), group=group), urgent)

    run(*(request() for dummy in range(5)), job(), parallel=1)
    return order


def test_a_look_goes_before_requests_that_have_not_begun() -> None:
    assert order_of(urgent=True).index("look") < 3


@pytest.mark.parametrize("group", [None, "things"])
def test_a_look_that_is_not_urgent_comes_after_them(group: str | None) -> None:
    assert order_of(urgent=False, group=group) == ["request"] * 5 + ["look"]


def test_a_group_is_looked_at_more_rarely_while_requests_wait() -> None:
    board = Board(over_after=10**6)
    watched = board.operation(1)
    began = time.monotonic()
    found: list[tuple[int, float]] = []

    def request() -> Job:
        yield Call(lambda: time.sleep(0.02))

    def last() -> Job:
        yield Call(lambda: found.append((board.asked, time.monotonic() - began)))
        watched.done = True  # none of the looks would end it

    run(*(request() for dummy in range(40)), last(), waiting(watched), parallel=1)
    ((asked, seconds),) = found
    assert 1 <= asked <= 1 + seconds / 0.3  # it is due 0.02 s after each look
