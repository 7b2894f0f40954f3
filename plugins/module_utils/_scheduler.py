# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Runs many jobs with few threads: a job that waits for the service holds no thread.

A job is a generator. It yields what it needs next and is resumed with the outcome, or with the exception:

    answer = yield Call(lambda: client.request(...))     a request, in one of the threads
    result = yield Wait(operation)                       a long-running operation, polled when it is due
    yield Pause(5.0)                                     time

What it returns, or raises, is its end. Requests of all jobs share ``parallel`` threads; everything else happens in the
caller's thread, so jobs need no locks among each other. Polls go before other requests: a job that they complete
frees memory and lets dependents start. Polls that are not urgent are queued behind the requests that are ready. For
the operations of a group one request polls all; less often while requests wait.
"""

from __future__ import annotations

import collections
import concurrent.futures
import functools
import heapq
import itertools
import queue
import typing as t

from ._clock import Clock, SystemClock
from ._operation import Operation

Step = t.Union["Call", "Wait", "Pause"]
Job = t.Generator[Step, t.Any, t.Any]
Done = t.Callable[[t.Any, t.Optional[BaseException]], None]
Finished = t.Callable[["concurrent.futures.Future[t.Any]"], None]


_GROUP_POLL_INTERVAL = 0.3  # seconds between polls of a group while requests wait for a thread


class Call(t.NamedTuple):
    function: t.Callable[[], t.Any]


class Wait(t.NamedTuple):
    """All operations of a group are as ``urgent``."""

    operation: Operation
    urgent: bool = True


class Pause(t.NamedTuple):
    seconds: float


class _Waiting(t.NamedTuple):
    job: Job
    done: Done
    step: Wait


class _Group:
    """Jobs whose operations are polled together: at ``due``, unless a poll is in progress."""

    def __init__(self) -> None:
        self.members: list[_Waiting] = []
        self.due = float("inf")
        self.rest = float("-inf")  # no poll before
        self.timer = -1
        self.looking = False


class Scheduler:
    """Runs jobs until all are done. ``done(result, error)`` of each is called in the caller's thread and may add more."""

    def __init__(self, parallel: int, clock: Clock | None = None) -> None:
        self._parallel = parallel
        self._pool = concurrent.futures.ThreadPoolExecutor(parallel, thread_name_prefix="powerbi")
        self._clock: Clock = clock or SystemClock()
        self._running = 0
        self._ready: collections.deque[tuple[t.Callable[[], t.Any], Finished]] = collections.deque()
        self._groups: dict[t.Hashable, _Group] = {}
        self._over: queue.SimpleQueue[tuple[Finished, concurrent.futures.Future[t.Any]]] = queue.SimpleQueue()
        self._timed: list[tuple[float, int]] = []  # when, and the key in `_actions`; without an action: cancelled
        self._actions: dict[int, t.Callable[[], None]] = {}
        self._order = itertools.count()

    def add(self, job: Job, done: Done) -> None:
        self._resume(job, done, lambda: next(job))

    def run(self) -> None:
        """Run until no job is left. An exception of a ``done`` ends it, after the requests in progress."""
        try:
            while self._running or self._actions:
                self._start_due()
                if self._running:
                    self._collect()
                elif self._actions:
                    self._clock.sleep(t.cast("float", self._until_due()))
        finally:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def _start_due(self) -> None:
        while self._until_due() == 0.0:
            self._actions.pop(heapq.heappop(self._timed)[1])()

    def _until_due(self) -> float | None:
        """Seconds until the next timed action is due, None without one."""
        while self._timed and self._timed[0][1] not in self._actions:
            heapq.heappop(self._timed)
        return max(0.0, self._timed[0][0] - self._clock.monotonic()) if self._timed else None

    def _collect(self) -> None:
        """Wait for a request to end, or for the next timed action."""
        wait = self._until_due()
        try:
            then, future = self._over.get(timeout=wait)
        except queue.Empty:
            return
        self._running -= 1
        self._start_ready()
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
        elif step.operation.group is not None:
            self._join(_Waiting(job, done, step))
        else:
            self._at(step.operation.due, lambda: self._poll(job, done, step))

    def _poll(self, job: Job, done: Done, step: Wait) -> None:
        def then(future: concurrent.futures.Future[t.Any]) -> None:
            future.result()  # `step` raises no error of the service: an exception is a defect, and ends the run
            self._begin(job, done, step)

        self._submit(step.operation.step, then, first=step.urgent)

    def _join(self, waiting: _Waiting, rest: float = float("-inf")) -> None:
        """Wait together with the others of its group; it may be due before them."""
        operation = waiting.step.operation
        group = self._groups.setdefault(operation.group, _Group())
        group.members.append(waiting)
        group.rest = max(group.rest, rest)
        due = max(operation.due, group.rest)
        if not group.looking and due < group.due:
            self._actions.pop(group.timer, None)
            group.due = due
            group.timer = self._at(due, lambda: self._look_for(operation.group, group))

    def _look_for(self, key: t.Hashable, group: _Group) -> None:
        """Poll the operation that is due first, in a thread; the group's other members are updated from that response."""
        leader = min(group.members, key=lambda waiting: waiting.step.operation.due)

        def then(future: concurrent.futures.Future[t.Any]) -> None:
            future.result()
            members = self._groups.pop(key).members
            now = self._clock.monotonic()
            rest = now + _GROUP_POLL_INTERVAL if self._ready else now
            for one in members:
                operation = one.step.operation
                if operation.done or (one is not leader and operation.adopt_group_result()):
                    self._begin(*one)
                elif operation.due <= now:  # not in the response to the leader's poll
                    self._poll(*one)
                else:
                    self._join(one, rest)

        group.looking = True
        self._submit(leader.step.operation.step, then, first=leader.step.urgent)

    def _deliver(self, job: Job, done: Done, future: concurrent.futures.Future[t.Any]) -> None:
        error = future.exception()
        if error is None:
            self._resume(job, done, lambda: job.send(future.result()))
        elif isinstance(error, Exception):
            self._resume(job, done, lambda: job.throw(error))
        else:
            raise error  # KeyboardInterrupt and the like end everything

    def _submit(self, function: t.Callable[[], t.Any], then: Finished, *, first: bool = False) -> None:
        if first:
            self._ready.appendleft((function, then))
        else:
            self._ready.append((function, then))
        self._start_ready()

    def _start_ready(self) -> None:
        """Start as many requests as there are threads; urgent ones can still overtake the rest."""
        while self._ready and self._running < self._parallel:
            function, then = self._ready.popleft()
            self._running += 1
            self._pool.submit(function).add_done_callback(functools.partial(self._ended, then))

    def _ended(self, then: Finished, future: concurrent.futures.Future[t.Any]) -> None:
        self._over.put((then, future))

    def _at(self, when: float, action: t.Callable[[], None]) -> int:
        """Run the action at that time, unless it is removed from `_actions` before; returns its key there."""
        key = next(self._order)
        self._actions[key] = action
        heapq.heappush(self._timed, (when, key))
        return key


def _outcome(job: Job, operation: Operation) -> Step:
    try:
        result = operation.result()
    except Exception as error:
        return job.throw(error)
    return job.send(result)
