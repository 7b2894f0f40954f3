# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Many jobs at once, with few threads: a job that waits for the service holds none of them.

A job is a generator. It yields what it needs next and is resumed with the outcome, or with the exception:

    answer = yield Call(lambda: client.request(...))     a request, in one of the threads
    result = yield Wait(operation)                       a long-running operation, looked at when it is due
    yield Pause(5.0)                                     time

What it returns, or raises, is its end. Requests of all jobs share ``parallel`` threads; everything else happens in the
caller's thread, so jobs need no locks among each other.
"""

from __future__ import annotations

import concurrent.futures
import heapq
import itertools
import queue
import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._http.clock import Clock, SystemClock
from ansible_collections.community.powerbi.plugins.module_utils._operation import Operation

Step = t.Union["Call", "Wait", "Pause"]
Job = t.Generator[Step, t.Any, t.Any]
Done = t.Callable[[t.Any, t.Optional[BaseException]], None]
Finished = t.Callable[["concurrent.futures.Future[t.Any]"], None]


class Call(t.NamedTuple):
    function: t.Callable[[], t.Any]


class Wait(t.NamedTuple):
    operation: Operation


class Pause(t.NamedTuple):
    seconds: float


class Scheduler:
    """Runs jobs until all are over. ``done(result, error)`` of each is called in the caller's thread and may add more."""

    def __init__(self, parallel: int, clock: Clock | None = None) -> None:
        self._pool = concurrent.futures.ThreadPoolExecutor(parallel, thread_name_prefix="powerbi")
        self._clock: Clock = clock or SystemClock()
        self._running = 0
        self._over: queue.SimpleQueue[tuple[Finished, concurrent.futures.Future[t.Any]]] = queue.SimpleQueue()
        self._timed: list[tuple[float, int, t.Callable[[], None]]] = []
        self._order = itertools.count()

    def add(self, job: Job, done: Done) -> None:
        self._resume(job, done, lambda: next(job))

    def run(self) -> None:
        """Until nothing is left. An exception of a ``done`` ends it, after the requests under way."""
        try:
            while self._running or self._timed:
                self._start_due()
                if self._running:
                    self._collect()
                elif self._timed:
                    self._clock.sleep(max(0.0, self._timed[0][0] - self._clock.monotonic()))
        finally:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def _start_due(self) -> None:
        while self._timed and self._timed[0][0] <= self._clock.monotonic():
            heapq.heappop(self._timed)[2]()

    def _collect(self) -> None:
        """Wait for a request to end, or for the next moment that something is due."""
        wait = max(0.0, self._timed[0][0] - self._clock.monotonic()) if self._timed else None
        try:
            then, future = self._over.get(timeout=wait)
        except queue.Empty:
            return
        self._running -= 1
        then(future)

    def _resume(self, job: Job, done: Done, advance: t.Callable[[], Step]) -> None:
        try:
            step = advance()
        except StopIteration as stop:
            done(stop.value, None)
        except Exception as error:
            done(None, error)
        else:
            self._begin(job, done, step)

    def _begin(self, job: Job, done: Done, step: Step) -> None:
        if isinstance(step, Call):
            self._submit(step.function, lambda future: self._deliver(job, done, future))
        elif isinstance(step, Pause):
            self._at(self._clock.monotonic() + step.seconds, lambda: self._resume(job, done, lambda: job.send(None)))
        elif step.operation.done:
            self._resume(job, done, lambda: _outcome(job, step.operation))
        else:
            self._at(step.operation.due, lambda: self._look(job, done, step))

    def _look(self, job: Job, done: Done, step: Wait) -> None:
        def then(future: concurrent.futures.Future[t.Any]) -> None:
            future.result()  # a step keeps the service's errors to itself: what it raises is a defect, and ends the run
            self._begin(job, done, step)

        self._submit(step.operation.step, then)

    def _deliver(self, job: Job, done: Done, future: concurrent.futures.Future[t.Any]) -> None:
        error = future.exception()
        if error is None:
            self._resume(job, done, lambda: job.send(future.result()))
        elif isinstance(error, Exception):
            self._resume(job, done, lambda: job.throw(error))
        else:
            raise error  # KeyboardInterrupt and the like end everything

    def _submit(self, function: t.Callable[[], t.Any], then: Finished) -> None:
        self._running += 1
        self._pool.submit(function).add_done_callback(lambda future: self._over.put((then, future)))

    def _at(self, when: float, action: t.Callable[[], None]) -> None:
        heapq.heappush(self._timed, (when, next(self._order), action))


def _outcome(job: Job, operation: Operation) -> Step:
    try:
        result = operation.result()
    except Exception as error:
        return job.throw(error)
    return job.send(result)
