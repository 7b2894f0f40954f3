# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""When to poll a long-running operation: at fixed intervals, or about when operations of its kind are expected to end.

The service sends Retry-After: 20 with operations that take 0.4 s and with those that take 11 s. So the durations of each kind
are learned while a task runs, from recorded ones to begin with. One operation of a kind is polled at growing intervals from
its start (the probe), the others of the kind once at the expected end, and at short intervals after it.
"""

from __future__ import annotations

import collections
import dataclasses
import statistics
import threading
import typing as t

from ._clock import Clock

_SHORTEST = 0.05  # seconds from the start to the first poll
_PROBE_GROWTH = 5.0
_AFTER_PROBE = 1.05  # times the time of the probe's next poll: until then the others of its kind wait
_STEP, _LEAST_STEP = 0.08, 0.2  # of the expected duration, and in seconds: the first interval after it
_LATE_GROWTH, _LATE_GROWTH_OF_PROBE = 0.5, 0.2  # of the time since the expected end: the further intervals
_LONGEST = 15.0
_REMEMBERED = 9  # durations of a kind
_QUANTILE = 0.8  # of them: so many operations are expected to be done at the first poll
_SOONER = 0.95  # an operation that is done at the first poll may have ended before
_WINDOW = 60.0  # seconds in which the quota counts requests
_EARLY_POLLS = 150  # polls in a window that disregard Retry-After; the quota is 200


@dataclasses.dataclass(frozen=True)
class PollInterval:
    """The poll interval: ``first`` seconds for ``steady`` polls, then each ``growth`` times the last, at most ``cap``.

    Doubling from the start would notice the end of a short operation late. Retry-After is observed, except for the
    first ``early`` polls: the service sends 20 s where most operations end within two.

    ``start``: seconds until the first poll, where that is not one interval.
    """

    first: float = 0.5
    steady: int = 8
    growth: float = 1.3
    cap: float = 15.0
    early: int = 1
    start: float | None = None
    may_shorten: t.ClassVar[bool] = False

    def delay(self, polls: int, retry_after: float | None, elapsed: float = 0.0) -> float:
        """Seconds from the last poll, ``elapsed`` seconds after the start, to the next, after ``polls`` of them."""
        exponent = min(max(polls + 1 - self.steady, 0), 64)
        own = min(self.cap, self.first * self.growth**exponent)
        if polls == 0 and self.start is not None:
            own = self.start
        return own if retry_after is None or polls < self.early else max(own, retry_after)

    def polled(self, elapsed: float, *, running: bool) -> None:
        """Learn from a poll: nothing."""

    def abandoned(self) -> None:
        """Learn from an operation that has not succeeded: nothing."""


class Durations:
    """The durations of operations by kind (such as "creation of a Report"). Threads may share it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, collections.deque[float]] = {}
        # By kind: when its probe is polled next, in seconds after the probe's start.
        self._probes: dict[str, float] = {}
        self._polls: collections.deque[float] = collections.deque()

    def interval(self, kind: str, seconds: float) -> LearnedInterval:
        """When to poll one operation. ``seconds`` are expected as long as no operation of that kind has ended."""
        with self._lock:
            probes = kind not in self._probes
            self._probes.setdefault(kind, 0.0)
        return LearnedInterval(self, kind, seconds, probes=probes)

    def expected(self, kind: str, seconds: float) -> float:
        """The expected duration in seconds. Before any is known: ``seconds``, or when the probe is polled next, if later."""
        with self._lock:
            known = sorted(self._known.get(kind, ()))
            if known:
                return max(_SHORTEST, known[int(_QUANTILE * len(known))])
            return max(seconds, self._probes.get(kind, 0.0))

    def is_known(self, kind: str) -> bool:
        return kind in self._known

    def postpone(self, kind: str, elapsed: float) -> None:
        """The probe is polled next ``elapsed`` seconds after its start: the others of the kind are polled after it."""
        with self._lock:
            self._probes[kind] = _AFTER_PROBE * elapsed

    def record(self, kind: str, seconds: float) -> None:
        """Record the duration of an operation that has ended."""
        with self._lock:
            self._known.setdefault(kind, collections.deque(maxlen=_REMEMBERED)).append(seconds)

    def end_probe(self, kind: str) -> None:
        """The probe ended without a duration: the next operation is to be another."""
        with self._lock:
            if kind not in self._known:
                self._probes.pop(kind, None)

    def count_poll(self) -> None:
        with self._lock:
            self._polls.append(self._clock.monotonic())

    def may_poll_early(self) -> bool:
        """Whether the quota has room for polls before the time in Retry-After."""
        oldest = self._clock.monotonic() - _WINDOW
        with self._lock:
            while self._polls and self._polls[0] <= oldest:
                self._polls.popleft()
            return len(self._polls) < _EARLY_POLLS


class LearnedInterval:
    """When to poll one operation, by what is known about those of its kind at that moment."""

    def __init__(self, durations: Durations, kind: str, seconds: float, *, probes: bool) -> None:
        self._durations = durations
        self._kind = kind
        self._seconds = seconds
        self._probes = probes
        self._planned = seconds  # seconds after its start at which it is to be polled
        self._at_expected = True  # whether that is the expected end
        self._running_at = 0.0  # seconds after its start at which a poll last found it running

    @property
    def may_shorten(self) -> bool:
        """Whether the end of another operation may bring the next poll forward."""
        return not self._probes and not self._durations.is_known(self._kind)

    def delay(self, polls: int, retry_after: float | None, elapsed: float) -> float:
        """Seconds from the last poll, ``elapsed`` seconds after the start, to the next, after ``polls`` of them."""
        expected = self._seconds if self._probes else self._durations.expected(self._kind, self._seconds)
        late = elapsed - expected
        growth = _LATE_GROWTH_OF_PROBE if self._probes else _LATE_GROWTH
        self._at_expected = late < 0
        own = -late if late < 0 else min(_LONGEST, max(_LEAST_STEP, _STEP * expected, growth * late))
        if self._probes and late < 0 and (_PROBE_GROWTH - 1) * elapsed < own:
            own, self._at_expected = (_PROBE_GROWTH - 1) * elapsed, False
        if retry_after is not None and not self._durations.may_poll_early():
            own = max(own, retry_after)
        own = max(own, _SHORTEST)
        self._planned = elapsed + own
        if self._probes:
            self._durations.postpone(self._kind, elapsed + own)
        return own

    def polled(self, elapsed: float, *, running: bool) -> None:
        """Record a poll that was sent ``elapsed`` seconds after the start, and what it found."""
        self._durations.count_poll()
        if running:
            self._running_at = elapsed
        elif self._probes and self._at_expected:
            self._durations.record(self._kind, self._planned)
        elif self._running_at:
            self._durations.record(self._kind, statistics.fmean((self._running_at, elapsed)))
        else:
            planned = min(elapsed, self._planned)  # a poll may have waited for a slot
            self._durations.record(self._kind, _SOONER * planned)

    def abandoned(self) -> None:
        """The operation is no longer polled, and has not succeeded."""
        if self._probes:
            self._durations.end_probe(self._kind)
