# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The quota of executeQueries: a number of queries of each caller in a minute, for all semantic models together."""

from __future__ import annotations

import math
import typing as t

from powerbi_emulator.emulator_state import EmulatorState, Store
from powerbi_emulator.seed import Section

WINDOW: t.Final = 60.0  # seconds


class QueryQuota(Store):
    """The queries of each caller in the current window, which begins with the first of them."""

    def __init__(self, emulated: EmulatorState, seed: Section) -> None:  # noqa: ARG002 - not in a seed
        self._emulated = emulated
        self._windows: dict[str, tuple[float, int]] = {}

    def wait(self, caller: str) -> int:
        """Count a query: 0 if it is within the quota, else whole seconds until ``caller`` may send the next one."""
        limit, now = self._emulated.switches.query_limit, self._emulated.now()
        start, queries = self._windows.get(caller, (now, 0))
        if now >= start + WINDOW:
            start, queries = now, 0
        if limit is not None and queries >= limit:
            return max(1, math.ceil(start + WINDOW - now))
        self._windows[caller] = (start, queries + 1)
        return 0
