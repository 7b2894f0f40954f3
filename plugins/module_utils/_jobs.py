# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Many jobs at once. A job is an ordinary function; it runs in a thread of its own while it holds one of a few slots.

A job that waits holds no slot: `Clock.sleep` and `wait_for` give it to another job and return when there is one again.
Jobs that go on come before jobs that have not begun: what has begun ends soon, and frees its memory.

    with Jobs(parallel, clock) as jobs:
        results = jobs.map(function, items)

The thread that uses `Jobs` wakes the jobs that sleep. While all of them wait it sleeps on the clock itself, so a clock
that only tests move goes on exactly then.
"""

from __future__ import annotations

import collections
import concurrent.futures
import heapq
import itertools
import queue
import threading
import typing as t

from ._clock import Clock, thread
from ._errors import ConfigError

T = t.TypeVar("T")
Future = concurrent.futures.Future

_MOST_THREADS = 500  # jobs that have begun: `parallel` of them run, the others wait


class Stopped(BaseException):
    """Raised in jobs that have not ended when the ``with`` block of `Jobs` is left."""


class Jobs:
    """Runs jobs, at most ``parallel`` at a time.

    Leaving the ``with`` block stops those that have not ended, each at its next request or wait. No thread outlives it.
    Raises ConfigError for a number below 1.
    """

    def __init__(self, parallel: int, clock: Clock) -> None:
        if parallel < 1:
            raise ConfigError(f"`parallel` is {parallel}", option="parallel", remedy="set it to 1 or more")
        self.parallel = parallel
        self._clock = clock
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)  # for the thread that uses this object
        self._threads: list[threading.Thread] = []
        self._idle: list[queue.SimpleQueue[_Job | None]] = []  # where threads without a job wait for one, or for None
        self._most_threads = _MOST_THREADS
        self._free_slots = parallel
        self._begun: set[_Job] = set()  # and not ended
        self._awake = 0  # those of them that neither sleep nor wait
        # These three want a slot, in this order.
        self._resumed: collections.deque[_Job] = collections.deque()
        self._new: list[tuple[float, int, _Job]] = []  # a heap: those with the highest priority first
        self._last: collections.deque[_Job] = collections.deque()
        self._sleeping: list[tuple[float, int, _Job, bool]] = []  # a heap: when to wake, and whether it keeps its slot
        self._order = itertools.count()
        self._ended: collections.deque[Future[t.Any]] = collections.deque()
        self._unfinished = 0
        self._stopping = False

    def __enter__(self) -> Jobs:
        return self

    def __exit__(self, *exc_info: object) -> None:
        with self._lock:
            self._stopping = True
            for job in self._begun:
                job.wake()
            for inbox in self._idle:
                inbox.put(None)
        for one in self._threads:
            one.join()

    def start(self, function: t.Callable[..., T], *arguments: t.Any, priority: float = 0.0) -> Future[T]:
        """Run the function as soon as there is a slot. The future has what it returns or raises.

        Jobs of a higher ``priority`` begin before those of a lower one, and else in the order in which they were started.
        """
        job = _Job(self, function, arguments)
        self._start([job], priority)
        return job.future

    def completed(self) -> t.Iterator[Future[t.Any]]:
        """The futures of the jobs as they end, until none is left; the caller may start more meanwhile."""
        while True:
            with self._lock:
                while not self._ended:
                    if not self._unfinished:
                        return
                    self._wait()
                self._unfinished -= 1
                future = self._ended.popleft()
            yield future

    def map(self, function: t.Callable[[t.Any], T], items: t.Iterable[t.Any]) -> list[T]:
        """What the function returns for each item, once all have ended. Raises the first exception in the items' order."""
        jobs = [_Job(self, function, (item,)) for item in items]
        self._start(jobs)
        for _future in self.completed():
            pass
        return [job.future.result() for job in jobs]

    def _start(self, jobs: t.Sequence[_Job], priority: float = 0.0) -> None:
        with self._lock:
            self._unfinished += len(jobs)
            for job in jobs:
                heapq.heappush(self._new, (-priority, next(self._order), job))
            self._fill_slots()

    def _wait(self) -> None:
        """Wake the jobs that have slept long enough, and wait for the next moment or change."""
        now = self._clock.monotonic()
        while self._sleeping and self._sleeping[0][0] <= now:
            _when, _number, job, busy = heapq.heappop(self._sleeping)
            if busy:
                self._awake += 1
                job.wake()
            else:
                self._resumed.append(job)
        self._fill_slots()
        seconds = self._sleeping[0][0] - now if self._sleeping else None
        if self._awake:
            self._changed.wait(seconds)
        elif seconds is not None:
            self._clock.sleep(seconds)
        else:
            raise RuntimeError("the jobs wait for each other")

    def _fill_slots(self) -> None:
        while self._free_slots and not self._stopping:
            if self._resumed:
                self._resumed.popleft().wake()
            elif self._new and len(self._begun) < self._most_threads:
                if not self._begin(self._new[0][2]):
                    continue
                self._begun.add(heapq.heappop(self._new)[2])
            elif self._last:
                self._last.popleft().wake()
            else:
                return
            self._free_slots -= 1
            self._awake += 1

    def _begin(self, job: _Job) -> bool:
        """Give the job to an idle thread or a new one. False if the machine allows no more of them."""
        if not self._idle:
            inbox: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
            new = threading.Thread(target=self._work, args=(inbox,), name=f"powerbi-job-{len(self._threads)}")
            try:
                new.start()
            except RuntimeError:
                if not self._begun:
                    raise
                self._most_threads = len(self._begun)
                return False
            self._threads.append(new)
            self._idle.append(inbox)
        self._idle.pop().put(job)
        return True

    def _work(self, inbox: queue.SimpleQueue[_Job | None]) -> None:
        while (job := inbox.get()) is not None:
            job.run()
            with self._lock:
                self._idle.append(inbox)
                if self._stopping:
                    inbox.put(None)
                self._begun.discard(job)
                self._ended.append(job.future)
                self._changed.notify()
                self._leave()

    def _leave(self, *, busy: bool = False) -> None:
        self._free_slots += not busy
        self._awake -= 1
        self._fill_slots()
        if not self._awake:
            self._changed.notify()

    def sleep(self, job: _Job, seconds: float, *, busy: bool) -> None:
        """Block the thread of the job for some time; ``busy``: it keeps its slot. Raises Stopped."""
        with self._lock:
            entry = (self._clock.monotonic() + seconds, next(self._order), job, busy)
            heapq.heappush(self._sleeping, entry)
            if self._sleeping[0] is entry:
                self._changed.notify()
        self.block(job, busy=busy)

    def queue(self, job: _Job, *, last: bool = False) -> None:
        """The job, which has to `block`, goes on as soon as there is a slot, or ``last``: once no other one wants it."""
        with self._lock:
            (self._last if last else self._resumed).append(job)
            self._fill_slots()

    def block(self, job: _Job, *, busy: bool = False) -> None:
        """Block the thread of the job until it is woken. Raises Stopped."""
        with self._lock:
            self.check()
            self._leave(busy=busy)
        job.woken.get()
        self.check()

    def check(self) -> None:
        """Raises Stopped if the jobs are to stop."""
        if self._stopping:
            raise Stopped


class _Job:
    def __init__(self, jobs: Jobs, function: t.Callable[..., t.Any], arguments: tuple[t.Any, ...]) -> None:
        self.future: Future[t.Any] = Future()
        self.woken: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._jobs = jobs
        self._function = function
        self._arguments = arguments

    def run(self) -> None:
        thread.job = self
        try:
            self.future.set_result(self._function(*self._arguments))
        except BaseException as error:
            self.future.set_exception(error)
        finally:
            thread.job = None

    def sleep(self, seconds: float, *, busy: bool) -> None:
        self._jobs.check()
        if seconds > 0:
            self._jobs.sleep(self, seconds, busy=busy)

    def wait_for(self, future: Future[t.Any]) -> None:
        future.add_done_callback(lambda _future: self._jobs.queue(self))
        self._jobs.block(self)

    def go_last(self) -> None:
        self._jobs.queue(self, last=True)
        self._jobs.block(self)

    def wake(self) -> None:
        self.woken.put(None)


def wait_for(future: Future[T]) -> T:
    """The result of a future that another job sets. A job that waits for it holds no slot."""
    job: _Job | None = getattr(thread, "job", None)
    if job is not None and not future.done():
        job.wait_for(future)
    return future.result()


def let_others_begin() -> None:
    """Return once no other job could go on or begin. Outside of a job: at once."""
    job: _Job | None = getattr(thread, "job", None)
    if job is not None:
        job.go_last()
