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
caller's thread, so jobs need no locks among each other. Looks go before other requests: what they bring to its end
frees memory and lets dependents begin. Those that are not urgent come after what is ready before them. Operations of
one group are looked at by one of them, for all; more rarely while requests wait.
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


_GROUP_POLL_INTERVAL = 0.3  # seconds from one look at a group to the next while requests wait for a thread


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
    """Jobs whose operations are looked at together: at ``due``, unless that is going on."""

    def __init__(self) -> None:
        self.members: list[_Waiting] = []
        self.due = float("inf")
        self.rest = float("-inf")  # no look before
        self.timer = -1
        self.looking = False


class Scheduler:
    """Runs jobs until all are over. ``done(result, error)`` of each is called in the caller's thread and may add more."""

    def __init__(self, parallel: int, clock: Clock | None = None) -> None:
        self._parallel = parallel
        self._pool = concurrent.futures.ThreadPoolExecutor(parallel, thread_name_prefix="powerbi")
        self._clock: Clock = clock or SystemClock()
        self._running = 0
        self._ready: collections.deque[tuple[t.Callable[[], t.Any], Finished]] = collections.deque()
        self._groups: dict[t.Hashable, _Group] = {}
        self._over: queue.SimpleQueue[tuple[Finished, concurrent.futures.Future[t.Any]]] = queue.SimpleQueue()
        self._timed: list[tuple[float, int]] = []  # when, and the key in `_actions`; without an action: called off
        self._actions: dict[int, t.Callable[[], None]] = {}
        self._order = itertools.count()

    def add(self, job: Job, done: Done) -> None:
        self._resume(job, done, lambda: next(job))

    def run(self) -> None:
        """Until nothing is left. An exception of a ``done`` ends it, after the requests under way."""
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
        """Seconds until the next thing is due, None without one."""
        while self._timed and self._timed[0][1] not in self._actions:
            heapq.heappop(self._timed)
        return max(0.0, self._timed[0][0] - self._clock.monotonic()) if self._timed else None

    def _collect(self) -> None:
        """Wait for a request to end, or for the next moment that something is due."""
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
            future.result()  # a step keeps the service's errors to itself: what it raises is a defect, and ends the run
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
        """Look at the one that is due first, in a thread; what that shows of the others is taken here, unasked."""
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
                elif operation.due <= now:  # the leader's look has not shown it
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
        """Give the threads what they can do at once, and no more: what is not begun can still be overtaken."""
        while self._ready and self._running < self._parallel:
            function, then = self._ready.popleft()
            self._running += 1
            self._pool.submit(function).add_done_callback(functools.partial(self._ended, then))

    def _ended(self, then: Finished, future: concurrent.futures.Future[t.Any]) -> None:
        self._over.put((then, future))

    def _at(self, when: float, action: t.Callable[[], None]) -> int:
        """Do it then, unless it is taken out of `_actions` before; its key there."""
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
