# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Eventual consistency: a new object is not found for some time, until all replicas of a service have it.

Two switches control it, and both must be satisfied: ``replication_time`` (seconds) and ``replication_reads`` (the
number of reads that do not find the object). Names are in use from the start.
"""

from __future__ import annotations

import dataclasses

from powerbi_emulator.emulator_state import EmulatorState


@dataclasses.dataclass(slots=True)
class Replica:
    """The replication of an object: the time from which it is found (epoch seconds), and the reads until then."""

    known_from: float = 0.0
    reads_left: float = 0.0

    @classmethod
    def made_now(cls, emulated: EmulatorState) -> Replica:
        """For an object that is created now, with the current switches."""
        return cls(emulated.now() + emulated.switches.replication_time, emulated.switches.replication_reads)

    def is_there(self, emulated: EmulatorState) -> bool:
        """Whether a request finds the object. Each call counts as a read."""
        if self.reads_left > 0:
            self.reads_left -= 1
            return False
        return not self.known_from or emulated.now() >= self.known_from
