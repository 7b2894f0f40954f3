# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Work that the services do after their response.

It is done when it can first be observed: before the next request after its time, with the clock at that time.
"""

from __future__ import annotations

import heapq
import itertools
import typing as t

from powerbi_emulator.clock import Clock


class Timers:
    """The pending work, by the time at which it is due."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pending: list[tuple[float, int, t.Callable[[], None]]] = []
        self._order = itertools.count()
        self._at: float | None = None  # while work is done: the time at which it was due

    def now(self) -> float:
        """Seconds since the epoch; for the work itself the time at which it is due."""
        return self._clock.time() if self._at is None else self._at

    def later(self, seconds: float, action: t.Callable[[], None]) -> None:
        """Run ``action`` in ``seconds``; at once for 0, so that the next request sees the result."""
        if seconds <= 0:
            action()
            return
        heapq.heappush(self._pending, (self.now() + seconds, next(self._order), action))

    def run_due(self) -> int:
        """Do the work that is due, in order. Returns the number."""
        now, done = self._clock.time(), 0
        try:
            while self._pending and self._pending[0][0] <= now:
                self._at, _number, action = heapq.heappop(self._pending)
                action()
                done += 1
        finally:
            self._at = None
        return done

    def cancel(self) -> None:
        """Discard all pending work."""
        self._pending.clear()
