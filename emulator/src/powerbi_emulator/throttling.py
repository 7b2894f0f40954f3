# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The request limit of a caller for each kind of API, in fixed windows, set by the switches ``throttle_*``."""

from __future__ import annotations

import dataclasses
import math
import re
import typing as t

from powerbi_emulator.emulator_state import EmulatorState, Store
from powerbi_emulator.seed import Section

_OPERATIONS: t.Final = re.compile(r"^/v1/operations/", re.IGNORECASE)
_JOBS: t.Final = re.compile(r"^/v1/workspaces/[^/]+/items/[^/]+/jobs/", re.IGNORECASE)


@dataclasses.dataclass
class _Window:
    """``start`` in epoch seconds: the time of the first of its ``requests``."""

    start: float
    requests: int = 0


def kind_of(path: str) -> str:
    """The kind of API of a path, each with a quota of its own: Fabric's platform, jobs and operations; Power BI."""
    if _OPERATIONS.match(path):
        return "operations"
    if _JOBS.match(path):
        return "jobs"
    return "platform" if path.startswith("/v1/") else "powerbi"


class Throttle(Store):
    """The requests of each caller in the current window of each kind of API."""

    def __init__(self, emulated: EmulatorState, seed: Section) -> None:  # noqa: ARG002 - not in a seed
        self._emulated = emulated
        self._windows: dict[tuple[str, str], _Window] = {}

    def wait(self, caller: str, path: str) -> int:
        """Count a request: 0 if it is within the limit, else whole seconds until ``caller`` may send the next one."""
        switches = self._emulated.switches
        if switches.throttle_requests is None:
            return 0
        now = self._emulated.now()
        key = (caller, kind_of(path))
        window = self._windows.get(key)
        if window is None or now >= window.start + switches.throttle_window:
            window = self._windows[key] = _Window(now)
        if window.requests >= switches.throttle_requests:
            return max(1, math.ceil(window.start + switches.throttle_window - now))
        window.requests += 1
        return 0
