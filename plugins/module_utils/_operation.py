# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Long-running operations of the service: imports, refreshes, exports, deployments, Fabric's operations.

An `Operation` is one of them; ``wait`` polls it until it is done. An `OperationGroup` waits for many whose states come in
one response. How the APIs report states is in `_polling`.
"""

from __future__ import annotations

import dataclasses
import enum
import threading
import typing as t

from ._clock import Clock, SystemClock
from ._errors import (
    NotFoundError,
    OperationFailedError,
    OperationTimeoutError,
    PowerBIError,
    ThrottledError,
    TransportError,
)
from ._jobs import Future, wait_for
from ._poll_intervals import LearnedInterval, PollInterval
from ._progress.activity import OPERATION, waiting_for

_POLL_FAILURE_TIMEOUT = 120.0  # seconds in which all polls may fail before the service counts as unavailable
_LONGEST_SLEEP = 0.5  # seconds after which a group notices the operations that joined it
_FIRST_PART, _GROWTH_OF_PARTS = 0.05, 1.5  # seconds of sleep after which the interval is read again
_READ_PAUSE_FACTOR = 2  # times the duration of a read: the pause before the next


class Phase(enum.Enum):
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclasses.dataclass(frozen=True)
class PollResult:
    """The result of one poll. ``result`` is the response's body, ``failure`` makes the error of a failed operation from
    the operation's name and its end, ``reason`` is the text of that error where there is no such function.

    ``word`` is the service's name of the state. ``retry_after``: seconds of the Retry-After header, None without one.
    """

    phase: Phase
    result: t.Any = None
    reason: str = ""
    retry_after: float | None = None
    word: str = ""
    failure: t.Callable[[str, str], OperationFailedError] | None = None


class Operation:
    """One long-running operation, and how to poll it.

    ``poll``     sends one request, without retries (``client.request(..., budget=0)``); may raise
    ``name``     its name in errors: "import of Sales.pbix"
    ``timeout``  seconds from now after which `result` raises OperationTimeoutError
    ``grace``    seconds from now in which "not found" means "not yet"
    ``cancel``   called after the timeout; its failure is only reported in the error
    ``group``    the same value for operations whose states one response contains
    ``seen``     the state in the response to the latest poll of another of the group, None without; sends nothing
    """

    def __init__(
        self,
        poll: t.Callable[[], PollResult],
        *,
        name: str,
        timeout: float,
        clock: Clock | None = None,
        interval: PollInterval | LearnedInterval | None = None,
        grace: float = 30.0,
        retry_after: float | None = None,
        cancel: t.Callable[[], object] | None = None,
    ) -> None:
        self.name = name
        self._poll = poll
        self._clock: Clock = clock or SystemClock()
        self._interval: PollInterval | LearnedInterval = interval or PollInterval()
        self._cancel = cancel
        self._timeout = timeout
        self._start = self._clock.monotonic()
        self._deadline = self._start + timeout
        self._grace_until = self._start + grace
        self._polls = 0
        self._polled_at = self._start
        self._retry_after = retry_after
        self._not_before = self._start  # after a response that refused a poll
        self._failing_since: float | None = None
        self._last: PollResult | None = None
        self._error: Exception | None = None
        self.done = False

    @property
    def due(self) -> float:
        """When it is to be polled next. An interval that learns may change this."""
        elapsed = self._polled_at - self._start
        own = self._polled_at + self._interval.delay(self._polls, self._retry_after, elapsed)
        return min(max(own, self._not_before), self._deadline)

    @classmethod
    def finished(cls, result: t.Any, *, name: str) -> Operation:
        """An operation that is done: the service's response contained the result."""
        operation = cls(lambda: PollResult(Phase.SUCCEEDED, result), name=name, timeout=0.0)
        operation._finish(PollResult(Phase.SUCCEEDED, result))
        return operation

    def poll(self) -> bool:
        """Poll it once. Returns whether it is done; a failure of the operation is raised by ``result`` only."""
        sent = self._clock.monotonic()
        try:
            poll = self._poll()
        except PowerBIError as exc:
            if not self._is_transient(exc):
                self._fail(exc)
                return True
            poll = self._unknown_state(exc)
        except Exception as defect:  # of this operation, whichever thread has polled it
            self._fail(defect)
            return True
        else:
            self._failing_since = None
            if poll.phase in (Phase.RUNNING, Phase.SUCCEEDED):
                self._interval.polled(sent - self._start, running=poll.phase is Phase.RUNNING)
        self._polls += 1
        self._finish(poll)
        return self.done

    def result(self) -> t.Any:
        """The result of a success, as the last poll returned it. Raises OperationFailedError, OperationTimeoutError, or
        what a poll raised; ValueError before it is done."""
        if not self.done:
            raise ValueError(f"{self.name} is not done")
        if self._error is not None:
            raise self._error
        return t.cast("PollResult", self._last).result

    def wait(self) -> t.Any:
        """Block until it is done; returns and raises as ``result``."""
        with waiting_for(OPERATION, self.name):
            while not self.done:
                self._sleep_until_due()
                self.poll()
        return self.result()

    def _sleep_until_due(self) -> None:
        """In growing parts as long as that moment may be brought forward."""
        part = _FIRST_PART
        while (left := self.due - self._clock.monotonic()) > 0:
            self._clock.sleep(min(left, part) if self._interval.may_shorten else left)
            part *= _GROWTH_OF_PARTS

    def _is_transient(self, error: PowerBIError) -> bool:
        """Whether a failed poll does not mean that the operation failed, so that the next may succeed."""
        now = self._clock.monotonic()
        if isinstance(error, ThrottledError):
            return True
        if isinstance(error, NotFoundError):
            return now < self._grace_until
        if self._failing_since is None:
            self._failing_since = now
        transient = error.retryable if isinstance(error, TransportError) else getattr(error, "status", 0) >= 500
        return transient and now - self._failing_since < _POLL_FAILURE_TIMEOUT

    def _unknown_state(self, error: PowerBIError) -> PollResult:
        """The state of the last successful poll; running if there was none. Retry-After of an error is always observed."""
        retry_after: float | None = getattr(error, "retry_after", None)
        self._not_before = self._clock.monotonic() + (retry_after or 0.0)
        return dataclasses.replace(self._last or PollResult(Phase.RUNNING), retry_after=retry_after)

    def _finish(self, poll: PollResult) -> None:
        self._last = poll
        if poll.phase is Phase.SUCCEEDED:
            self.done = True
        elif poll.phase is not Phase.RUNNING:
            word = "failed" if poll.phase is Phase.FAILED else "was cancelled"
            if poll.failure is not None:
                self._fail(poll.failure(self.name, word))
            else:
                self._fail(OperationFailedError(f"The {self.name} {word}", why=poll.reason, result=poll.result))
        elif self._clock.monotonic() >= self._deadline:
            self._fail(self._timed_out(poll))
        else:
            self._polled_at, self._retry_after = self._clock.monotonic(), poll.retry_after

    def _timed_out(self, poll: PollResult) -> OperationTimeoutError:
        cancellation = ""
        if self._cancel is not None:
            try:
                self._cancel()
                cancellation = "it was cancelled"
            except PowerBIError as exc:
                cancellation = f"it could not be cancelled: {exc.what}"
        return OperationTimeoutError(
            f"The {self.name} did not end within {self._timeout:g} s",
            why="; ".join(
                part for part in (f"Its last known state is {poll.word}" if poll.word else "", cancellation) if part
            ),
            remedy="raise `wait_timeout`, or check it in the portal: it may still be running",
            result=poll.result,
        )

    def _fail(self, error: Exception) -> None:
        self._interval.abandoned()
        self._error = error
        self.done = True


class OperationGroup:
    """Operations whose states are in one response: one of the threads that wait for them reads it, for all.

    ``read`` reads that response, which the polls of the operations use, and returns the keys that it contains; it raises
    nothing. Threads share the group.
    """

    def __init__(self, read: t.Callable[[], t.Container[str]], clock: Clock) -> None:
        self._read = read
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: dict[str, tuple[Operation, Future[bool]]] = {}
        self._has_reader = False
        self._next = float("-inf")  # when the response may be read again

    def wait(self, key: str, operation: Operation) -> t.Any:
        """Block until it is done; returns and raises as `Operation.result`."""
        reads: Future[bool] = Future()  # True: this thread is to read; False: the operation is done
        with self._lock:
            self._waiting[key] = operation, reads
            if not self._has_reader:
                self._has_reader = True
                reads.set_result(True)
        try:
            with waiting_for(OPERATION, operation.name):
                while wait_for(reads) and not operation.done:
                    self._poll()
        finally:
            with self._lock:
                del self._waiting[key]
                if reads.done() and reads.result():
                    self._find_reader()
        return operation.result()

    def _find_reader(self) -> None:
        self._has_reader = False
        for operation, reads in self._waiting.values():
            if not operation.done:
                self._has_reader = True
                reads.set_result(True)
                return

    def _poll(self) -> None:
        with self._lock:
            waiting = dict(self._waiting)
        start = self._clock.monotonic()
        due = max(self._next, min(operation.due for operation, _reads in waiting.values() if not operation.done))
        if due > start:
            self._clock.sleep(min(due - start, _LONGEST_SLEEP))
            return
        shown = self._read()
        now = self._clock.monotonic()
        self._next = now + _READ_PAUSE_FACTOR * (now - start)
        for key, (operation, reads) in waiting.items():
            if (key in shown or operation.due <= now) and not operation.done and operation.poll() and not reads.done():
                reads.set_result(False)
