# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The request limit of a caller: a sliding window, set by the switches ``throttle_*``."""

from __future__ import annotations

import collections
import math

from powerbi_emulator.emulator_state import EmulatorState, Store
from powerbi_emulator.seed import Section


class Throttle(Store):
    """The times of each caller's last requests."""

    def __init__(self, emulated: EmulatorState, seed: Section) -> None:  # noqa: ARG002 - not in a seed
        self._emulated = emulated
        self._requests: dict[str, collections.deque[float]] = {}

    def wait(self, caller: str) -> int:
        """Count a request: 0 if it is within the limit, else whole seconds until ``caller`` may send the next one."""
        switches = self._emulated.switches
        if switches.throttle_requests is None:
            return 0
        now = self._emulated.now()
        window = self._requests.setdefault(caller, collections.deque())
        while window and window[0] <= now - switches.throttle_window:
            window.popleft()
        if len(window) >= switches.throttle_requests:
            oldest = window[0] if window else now
            return max(1, math.ceil(oldest + switches.throttle_window - now))
        window.append(now)
        return 0
