# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long the work of the services takes: the n-th of a kind takes the same time in each run with the same seed."""

from __future__ import annotations

import collections
import random

from powerbi_emulator.emulator_state import EmulatorState, Store
from powerbi_emulator.seed import Section
from powerbi_emulator.service_profile import Action, duration_of


class Durations(Store):
    """``recorded_times`` uses the durations of the profile, and ``duration_seed`` selects them from their spread."""

    def __init__(self, emulated: EmulatorState, seed: Section) -> None:  # noqa: ARG002
        self._emulated = emulated
        self._numbers: collections.Counter[tuple[str, str]] = collections.Counter()

    def next(self, action: Action, item_type: str, more: float) -> float:
        """The seconds of the next work of that kind; ``more`` is added to the recorded time."""
        switches = self._emulated.switches
        if not switches.recorded_times:
            return more
        number = self._numbers[action, item_type]
        self._numbers[action, item_type] += 1
        source = random.Random(f"{switches.duration_seed:.0f} {action} {item_type} {number}")
        return more + duration_of(action, item_type).sample(source)
