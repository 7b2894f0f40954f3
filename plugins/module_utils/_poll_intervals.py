# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""When to poll a long-running operation: at fixed intervals, or about when operations of its kind are expected to end.

The service sends Retry-After: 20 with operations that take 0.4 s and with those that take 11 s. So it is known for each kind
within how many seconds its operations end: recorded ones to begin with, then those that a task learns while it runs. Within
that spread each operation is polled as often as the quota has room for: eight times, twice, or once at its end. The first
one of a kind is polled before it as well, at growing intervals (the probe), because it may take less time than recorded.
"""

from __future__ import annotations

import collections
import dataclasses
import threading
import typing as t

_SHORTEST = 0.05  # seconds from the start to the first poll
_PROBE_GROWTH = 5.0
_SHORT = 1.0  # seconds of a spread's end: where polls are scarce, the probe is not polled before such a one
_AFTER_PROBE = 1.05  # times the time of the probe's next poll, once it is late: until then the others of its kind wait
_FEW = 20  # operations of a task, which the quota has room to poll often
_STEPS = 8  # polls within the spread of few operations
_MOST_ENDED = 0.75  # of the spread: the first of two polls
_SCARCE = 1.3  # requests for each operation that the quota has room for: with less, one poll after the spread
_SLACK, _LEAST_SLACK = 0.05, 0.3  # of the spread's end, and in seconds: how long after it that poll is
_STEP, _LEAST_STEP = 0.08, 0.2  # of the spread's end, and in seconds: the first interval after it
_LATE_GROWTH, _LATE_GROWTH_OF_PROBE = 0.5, 0.2  # of the time since the spread's end: the further intervals
_LONGEST = 15.0
_REMEMBERED = 9  # operations of a kind
_SOONER = 0.9  # times the least duration: an operation that is done at its first poll may have ended before


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


class Spread(t.NamedTuple):
    """The seconds between which operations of a kind end."""

    least: float
    most: float

    @property
    def middle(self) -> float:
        return (self.least + self.most) / 2

    def fits(self, other: Spread) -> bool:
        return self.least < other.middle < self.most or other.least < self.middle < other.most


class Durations:
    """The durations of operations by kind (such as "creation of a Report"). Threads may share it.

    ``room`` returns how many requests for operations the quota has room for now.
    """

    def __init__(self, room: t.Callable[[], float]) -> None:
        self._room = room
        self._lock = threading.Lock()
        self._ended: dict[str, collections.deque[Spread]] = {}  # by kind: between which polls each has ended
        # By kind: when its probe was polled last and is polled next, once that is within the recorded spread or after it.
        self._probes: dict[str, Spread | None] = {}
        self._expected = 0  # operations that have not begun
        self._begun = 0
        self._running = 0

    def expect(self, number: int) -> None:
        """So many operations are about to begin: the requests that the quota has room for are divided among them."""
        with self._lock:
            self._expected, self._begun = number, 0

    def begin(self) -> None:
        """One of the expected operations has begun, or was done at once."""
        with self._lock:
            self._expected = max(0, self._expected - 1)
            self._begun += 1

    def interval(self, kind: str, recorded: Spread, *, often: bool = True) -> LearnedInterval:
        """When to poll one operation; ``recorded`` is its spread until others of its kind show another.

        ``often``: whether it is polled often where there are few operations.
        """
        with self._lock:
            self._running += 1
            probes = kind not in self._probes
            self._probes.setdefault(kind, None)
        return LearnedInterval(self, kind, recorded, probes=probes, often=often)

    def spread(self, kind: str, recorded: Spread) -> Spread:
        """The recorded spread, as long as most of the last operations fit in, else theirs."""
        with self._lock:
            ended = self._ended.get(kind)
            if not ended:
                return self._probes.get(kind) or recorded
            if 2 * sum(map(recorded.fits, ended)) >= len(ended):
                return recorded
            return Spread(min(one.least for one in ended), max(one.most for one in ended))

    def moments(self, spread: Spread, *, often: bool) -> list[float]:
        """The seconds after its start at which an operation with that spread is polled, as the quota has room for it."""
        width = spread.most - spread.least
        room = self._room()
        with self._lock:
            operations = self._running + self._expected
            is_one_of_few = self._begun + self._expected <= _FEW
        if room < _SCARCE * operations:
            return [spread.most + max(_LEAST_SLACK, _SLACK * spread.most)]
        if often and is_one_of_few and room >= _STEPS * operations:
            return [spread.least + width * step / _STEPS for step in range(1, _STEPS + 1)]
        return [spread.least + _MOST_ENDED * width, spread.most]

    def is_known(self, kind: str) -> bool:
        return kind in self._ended

    def is_still_running(self, kind: str, spread: Spread) -> None:
        """The probe was still running at the least of the spread: those of its kind that started with it are polled after it."""
        with self._lock:
            self._probes[kind] = spread

    def record(self, kind: str, ended: Spread) -> None:
        """Record an operation that has ended between two polls."""
        with self._lock:
            self._ended.setdefault(kind, collections.deque(maxlen=_REMEMBERED)).append(ended)

    def end_probe(self, kind: str) -> None:
        """The probe ended without a duration: the next operation is to be another."""
        with self._lock:
            if kind not in self._ended:
                self._probes.pop(kind, None)

    def end(self) -> None:
        """An operation is no longer polled."""
        with self._lock:
            self._running -= 1

    def may_poll_early(self) -> bool:
        """Whether the quota has room for polls before the time in Retry-After."""
        return self._room() > 0


class LearnedInterval:
    """When to poll one operation, by what is known about those of its kind at that moment."""

    def __init__(self, durations: Durations, kind: str, recorded: Spread, *, probes: bool, often: bool) -> None:
        self._durations = durations
        self._kind = kind
        self._recorded = recorded
        self._probes = probes
        self._often = often
        self._planned = recorded.most  # seconds after its start at which it is to be polled
        self._running_at = 0.0  # seconds after its start at which a poll last found it running

    @property
    def may_shorten(self) -> bool:
        """Whether the end of another operation may bring the next poll forward."""
        return not self._probes and not self._durations.is_known(self._kind)

    def delay(self, polls: int, retry_after: float | None, elapsed: float) -> float:
        """Seconds from the last poll, ``elapsed`` seconds after the start, to the next, after ``polls`` of them."""
        spread = self._recorded if self._probes else self._durations.spread(self._kind, self._recorded)
        has_room = self._durations.may_poll_early()
        own = self._until_next(spread, elapsed, has_room)
        if (
            polls and retry_after is not None and not has_room
        ):  # the first poll waits for the quota only, and is due by then
            own = max(own, retry_after)
        own = max(own, _SHORTEST)
        self._planned = elapsed + own
        if self._probes and elapsed > spread.least:
            after = spread.most if self._planned <= spread.most else _AFTER_PROBE * self._planned
            self._durations.is_still_running(self._kind, Spread(elapsed, after))
        return own

    def _until_next(self, spread: Spread, elapsed: float, has_room: bool) -> float:
        moments = self._durations.moments(spread, often=self._often)
        moment = next((one for one in moments if one > elapsed), None)
        if moment is None:
            growth = _LATE_GROWTH_OF_PROBE if self._probes else _LATE_GROWTH
            late = elapsed - spread.most
            return min(_LONGEST, max(_LEAST_STEP, _STEP * spread.most, growth * late))
        if not self._probes or not has_room or (len(moments) == 1 and spread.most <= _SHORT):
            return moment - elapsed
        return min(moment - elapsed, (_PROBE_GROWTH - 1) * elapsed)

    def polled(self, elapsed: float, *, running: bool) -> None:
        """Record a poll that was sent ``elapsed`` seconds after the start, and what it found."""
        if running:
            self._running_at = elapsed
            return
        self._durations.end()
        spread = self._durations.spread(self._kind, self._recorded)
        most = min(elapsed, self._planned)  # a poll may have waited for a slot
        if self._running_at < spread.most:
            most = min(most, spread.most)  # it was polled later to save polls
        least = min(self._running_at or _SOONER * spread.least, _SOONER * most)
        self._durations.record(self._kind, Spread(least, most))

    def abandoned(self) -> None:
        """The operation is no longer polled, and has not succeeded."""
        self._durations.end()
        if self._probes:
            self._durations.end_probe(self._kind)
