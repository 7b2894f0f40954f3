# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many requests a caller may make in a while: a sliding window, ordered by the switches ``throttle_*``."""

from __future__ import annotations

import collections
import math

from powerbi_emulator.seed import Section
from powerbi_emulator.world import Store, World


class Throttle(Store):
    """The times of each caller's last requests."""

    def __init__(self, world: World, seed: Section) -> None:  # noqa: ARG002 - nothing of it is in a seed
        self._world = world
        self._requests: dict[str, collections.deque[float]] = {}

    def wait(self, caller: str) -> int:
        """Whole seconds until ``caller`` may ask again; 0 when this request is within the limit, and then it counts."""
        switches = self._world.switches
        if switches.throttle_requests is None:
            return 0
        now = self._world.now()
        window = self._requests.setdefault(caller, collections.deque())
        while window and window[0] <= now - switches.throttle_window:
            window.popleft()
        if len(window) >= switches.throttle_requests:
            oldest = window[0] if window else now
            return max(1, math.ceil(oldest + switches.throttle_window - now))
        window.append(now)
        return 0
