# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Eventual consistency: what was just made is not there yet for whoever asks, as the services are many machines.

Two switches order it, and both must be satisfied: ``replication_time`` (seconds) and ``replication_reads`` (so many
reads say that the thing does not exist). Names are taken from the first moment.
"""

from __future__ import annotations

import dataclasses

from powerbi_emulator.emulator_state import EmulatorState


@dataclasses.dataclass(slots=True)
class Replica:
    """Goes with a thing that can be created: the time from which it is known (epoch seconds), and reads until then."""

    known_from: float = 0.0
    reads_left: float = 0.0

    @classmethod
    def made_now(cls, emulated: EmulatorState) -> Replica:
        """Of a thing that is created now, as the switches order now."""
        return cls(emulated.now() + emulated.switches.replication_time, emulated.switches.replication_reads)

    def is_there(self, emulated: EmulatorState) -> bool:
        """Whether the server that is asked knows the thing already. Each question counts as a read."""
        if self.reads_left > 0:
            self.reads_left -= 1
            return False
        return not self.known_from or emulated.now() >= self.known_from
