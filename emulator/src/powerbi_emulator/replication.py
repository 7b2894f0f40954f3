# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Eventual consistency: what was just made is not there yet for whoever asks, as the services are many machines.

Two switches order it, and both must be satisfied: ``replication_time`` (seconds) and ``replication_reads`` (so many
reads say that the thing does not exist). Names are taken from the first moment.
"""

from __future__ import annotations

import dataclasses

from powerbi_emulator.world import World


@dataclasses.dataclass(slots=True)
class Replica:
    """Goes with a thing that can be created. ``created`` in epoch seconds; 0 for what the seed made."""

    created: float = 0.0
    reads: int = 0

    def is_there(self, world: World) -> bool:
        """Whether the server that is asked knows the thing already. Each question counts as a read."""
        if not self.created:
            return True
        switches = world.switches
        if self.reads < switches.replication_reads:
            self.reads += 1
            return False
        return world.now() >= self.created + switches.replication_time
