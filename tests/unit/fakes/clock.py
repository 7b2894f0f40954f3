# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A clock that only tests move."""

from __future__ import annotations

import threading

from ansible_collections.community.powerbi.plugins.module_utils._clock import Clock


class FakeClock(Clock):
    """Sleeping takes no time and moves it; ``slept`` has every sleep, in seconds.

    While jobs run, it moves when all of them wait, as far as the next one sleeps.
    """

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now
        self.slept: list[float] = []
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now

    def _pass(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self.now += seconds
