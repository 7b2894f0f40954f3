# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs: how many run at a time, which goes first, that a waiting one holds no slot, and how all of them end."""

from __future__ import annotations

import signal
import threading
import time
import typing as t

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.community.powerbi.plugins.module_utils import _jobs
from ansible_collections.community.powerbi.plugins.module_utils._clock import SystemClock
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError
from ansible_collections.community.powerbi.plugins.module_utils._jobs import (
    Future,
    Jobs,
    Stopped,
    let_others_begin,
    wait_for,
)
from fakes.clock import FakeClock


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> t.Iterator[None]:
    yield
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("powerbi-job-")]


class Concurrency:
    """How many callers are between enter and exit at the same time, at most."""

    def __init__(self) -> None:
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)

    def __exit__(self, *exc_info: object) -> None:
        with self._lock:
            self._now -= 1


def test_results_are_in_the_order_of_the_items_whichever_job_ends_first() -> None:
    clock = FakeClock()

    def double(number: int) -> int:
        clock.sleep(10.0 - number)
        return 2 * number

    with Jobs(3, clock) as jobs:
        assert jobs.map(double, range(5)) == [0, 2, 4, 6, 8]


@pytest.mark.parametrize("parallel", [0, -1])
def test_without_a_slot_no_job_could_run(parallel: int) -> None:
    with pytest.raises(ConfigError, match=f"`parallel` is {parallel}") as caught:
        Jobs(parallel, FakeClock())
    assert caught.value.details["option"] == "parallel"


def test_nothing_to_do() -> None:
    with Jobs(3, FakeClock()) as jobs:
        assert jobs.map(abs, []) == []
        assert list(jobs.completed()) == []


def test_one_failure_lets_the_others_end_and_the_first_one_is_raised() -> None:
    ended: list[int] = []

    def job(number: int) -> None:
        if number in (1, 2):
            raise ValueError(number)
        ended.append(number)

    with Jobs(1, FakeClock()) as jobs, pytest.raises(ValueError, match="1"):
        jobs.map(job, range(4))
    assert ended == [0, 3]


def test_an_exception_keeps_its_traceback() -> None:
    def the_defect() -> t.NoReturn:
        raise ZeroDivisionError

    with Jobs(1, FakeClock()) as jobs:
        future = jobs.start(the_defect)
        assert list(jobs.completed()) == [future]
    with pytest.raises(ZeroDivisionError) as caught:
        future.result()
    assert caught.traceback[-1].name == "the_defect"


@pytest.mark.parametrize("parallel", [1, 3])
def test_at_most_so_many_run_at_a_time(parallel: int) -> None:
    running = Concurrency()

    def job(_number: int) -> None:
        with running:
            time.sleep(0.01)

    with Jobs(parallel, SystemClock()) as jobs:
        jobs.map(job, range(12))
    assert running.most == parallel


def test_a_job_that_sleeps_holds_no_slot() -> None:
    """A hundred jobs that sleep for a quarter of a second, in one slot, take hardly longer than one."""
    running, clock = Concurrency(), SystemClock()

    def job(number: int) -> int:
        with running:
            pass
        clock.sleep(0.25)
        with running:
            return number

    start = time.monotonic()
    with Jobs(1, clock) as jobs:
        assert jobs.map(job, range(100)) == list(range(100))
    assert time.monotonic() - start < 5
    assert running.most == 1


def test_a_job_that_sleeps_busy_keeps_its_slot() -> None:
    running, clock = Concurrency(), FakeClock()

    def job(_number: int) -> None:
        with running:
            clock.sleep(1.0, busy=True)

    start = clock.now
    with Jobs(2, clock) as jobs:
        jobs.map(job, range(6))
    assert running.most == 2
    assert clock.now - start == pytest.approx(3.0)


def test_time_passes_once_for_all_that_sleep() -> None:
    """A clock that is moved goes on when all jobs wait, to the next moment at which one of them wakes."""
    clock = FakeClock()
    woken: list[tuple[int, float]] = []
    start = clock.now

    def job(number: int) -> None:
        for _time in range(2):
            clock.sleep(float(number))
            woken.append((number, clock.now - start))

    with Jobs(2, clock) as jobs:
        jobs.map(job, [5, 2, 3])
    assert woken == [(2, 2.0), (3, 3.0), (2, 4.0), (5, 5.0), (3, 6.0), (5, 10.0)]
    assert clock.slept == [2.0, 1.0, 1.0, 1.0, 1.0, 4.0]


def test_a_job_that_goes_on_comes_before_one_that_has_not_begun() -> None:
    clock, order = FakeClock(), []

    def first() -> None:
        order.append("first begins")
        clock.sleep(1.0)
        order.append("first ends")

    def other(name: str) -> None:
        order.append(name)
        if name == "second":
            clock.sleep(1.0, busy=True)

    with Jobs(1, clock) as jobs:
        jobs.start(first)
        jobs.start(other, "second")
        jobs.start(other, "third")
        list(jobs.completed())
    assert order == ["first begins", "second", "first ends", "third"]


def test_jobs_with_a_higher_priority_begin_first() -> None:
    clock, begun = FakeClock(), []

    def work(name: str) -> None:
        begun.append(name)
        clock.sleep(1, busy=True)

    with Jobs(1, clock) as jobs:
        jobs.start(work, "first")
        for number, priority in enumerate((1.0, 12.0, 1.0, 12.0)):
            jobs.start(work, f"{number} with {priority:g}", priority=priority)
        for future in jobs.completed():
            future.result()
    assert begun == ["first", "1 with 12", "3 with 12", "0 with 1", "2 with 1"]


def test_a_job_lets_all_others_begin() -> None:
    clock, order = FakeClock(), []

    def last() -> None:
        let_others_begin()
        order.append("last")

    with Jobs(1, clock) as jobs:
        jobs.start(last)
        for number in range(3):
            jobs.start(order.append, number)
        list(jobs.completed())
    assert order == [0, 1, 2, "last"]


def test_the_caller_starts_more_as_jobs_end() -> None:
    ended: list[int] = []
    with Jobs(2, FakeClock()) as jobs:
        jobs.start(int, 0)
        for future in jobs.completed():
            ended.append(future.result())
            if ended[-1] < 5:
                jobs.start(int, ended[-1] + 1)
    assert ended == [0, 1, 2, 3, 4, 5]


@given(
    scripts=st.lists(st.lists(st.one_of(st.integers(1, 9), st.just("last")), max_size=4), max_size=12),
    parallel=st.integers(1, 4),
)
@settings(deadline=None, max_examples=60)
def test_all_jobs_end_in_the_time_of_the_longest(scripts: list[list[int | str]], parallel: int) -> None:
    clock, running = FakeClock(), Concurrency()

    def job(script: list[int | str]) -> None:
        for step in script:
            with running:
                pass
            if isinstance(step, int):
                clock.sleep(step)
            else:
                let_others_begin()

    start = clock.now
    with Jobs(parallel, clock) as jobs:
        jobs.map(job, scripts)
    assert running.most <= parallel
    assert clock.now - start == max((sum(s for s in script if isinstance(s, int)) for script in scripts), default=0)


class TestWaitingForAnotherJob:
    def test_many_wait_for_one_in_a_single_slot(self) -> None:
        answer: Future[str] = Future()
        clock = FakeClock()

        def give() -> None:
            clock.sleep(5.0)
            answer.set_result("answer")

        with Jobs(1, clock) as jobs:
            waiting = [jobs.start(wait_for, answer) for _number in range(20)]
            jobs.start(give)
            list(jobs.completed())
        assert [future.result() for future in waiting] == ["answer"] * 20

    def test_an_exception_is_raised_in_those_that_wait(self) -> None:
        answer: Future[str] = Future()
        with Jobs(1, FakeClock()) as jobs:
            waiting = jobs.start(wait_for, answer)
            jobs.start(answer.set_exception, KeyError("no"))
            list(jobs.completed())
        assert isinstance(waiting.exception(), KeyError)

    def test_outside_of_a_job(self) -> None:
        answer: Future[str] = Future()
        answer.set_result("answer")
        assert wait_for(answer) == "answer"
        let_others_begin()

    def test_jobs_that_wait_for_each_other_are_a_defect_and_no_hang(self) -> None:
        with pytest.raises(RuntimeError, match="wait for each other"), Jobs(2, FakeClock()) as jobs:
            jobs.map(wait_for, [Future(), Future()])


class TestStopping:
    """Leaving the block, by an exception or not, stops the jobs that have not ended, and waits for their threads."""

    def test_jobs_that_have_not_begun_never_begin(self) -> None:
        begun: list[int] = []

        def job(number: int) -> None:
            begun.append(number)
            time.sleep(0.05)

        with Jobs(1, SystemClock()) as jobs:
            for number in range(5):
                jobs.start(job, number)
            next(jobs.completed())
        assert begun in ([0], [0, 1])

    @pytest.mark.parametrize("busy", [False, True])
    def test_a_job_that_sleeps_ends_at_once(self, busy: bool) -> None:
        clock, ended = SystemClock(), []

        def job() -> None:
            try:
                clock.sleep(60.0, busy=busy)
            except Exception:
                ended.append("as if it were an error")
            finally:
                ended.append("stopped")

        start = time.monotonic()
        with Jobs(2, clock) as jobs:
            jobs.start(job)
            jobs.start(int)
            next(jobs.completed())
        assert time.monotonic() - start < 5
        assert ended == ["stopped"]

    def test_a_job_that_waits_for_another_ends_at_once(self) -> None:
        with Jobs(2, SystemClock()) as jobs:
            future = jobs.start(wait_for, Future())
        assert isinstance(future.exception(), Stopped)

    def test_a_job_at_work_stops_where_it_would_sleep_next(self) -> None:
        clock = SystemClock()
        begun, go_on = threading.Event(), threading.Event()
        done: list[str] = []

        def job() -> None:
            begun.set()
            go_on.wait(5)
            done.append("request under way")
            clock.sleep(0.0)  # as before each request
            done.append("another request")

        with Jobs(1, clock) as jobs:
            jobs.start(job)
            begun.wait(5)
            threading.Timer(0.05, go_on.set).start()
        assert done == ["request under way"]

    def test_control_c_while_all_jobs_wait(self) -> None:
        clock = SystemClock()
        previous = signal.signal(signal.SIGALRM, signal.default_int_handler)
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        start = time.monotonic()
        try:
            with pytest.raises(KeyboardInterrupt), Jobs(2, clock) as jobs:
                jobs.map(clock.sleep, [60.0] * 5)
        finally:
            signal.signal(signal.SIGALRM, previous)
        assert time.monotonic() - start < 5


class TestManyThreads:
    """Each job that has begun has a thread: there are limits to that, of this file and of the machine."""

    def test_jobs_begin_only_as_far_as_there_are_threads_and_all_come_to_their_end(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(_jobs, "_MOST_THREADS", 5)
        clock, waiting = FakeClock(), Concurrency()

        def job(_number: int) -> None:
            with waiting:
                clock.sleep(1.0)
                let_others_begin()

        with Jobs(2, clock) as jobs:
            jobs.map(job, range(23))
        assert waiting.most == 5

    def test_a_machine_that_allows_no_more_threads(self, monkeypatch: pytest.MonkeyPatch) -> None:
        begin, count = threading.Thread.start, 0

        def limited(self: threading.Thread) -> None:
            nonlocal count
            count += 1
            if count > 3:
                raise RuntimeError("can't start new thread")
            begin(self)

        monkeypatch.setattr(threading.Thread, "start", limited)
        clock = FakeClock()
        with Jobs(8, clock) as jobs:
            jobs.map(clock.sleep, [1.0] * 10)
        assert clock.slept == [1.0] * 4

    def test_a_machine_that_allows_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(_self: threading.Thread) -> None:
            raise RuntimeError("can't start new thread")

        monkeypatch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="can't start"), Jobs(8, FakeClock()) as jobs:
            jobs.map(abs, [1])

    def test_short_jobs_share_a_thread(self) -> None:
        names: set[str] = set()
        with Jobs(2, FakeClock()) as jobs:
            jobs.map(lambda _number: names.add(threading.current_thread().name), range(200))
        assert len(names) < 50
