# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a new credential spreads over Entra's replicas: answers flap until the last one knows it."""

from __future__ import annotations

import dataclasses
import itertools
import typing as t

from powerbi_emulator.emulator_state import EmulatorState


@dataclasses.dataclass
class CredentialReplication:
    """``added`` in epoch seconds; after ``seconds`` all of ``replicas`` know.

    Replica i of n learns after (i + 1) / n of the time, and they answer in turn: at first none knows, then 1 of n, ...
    """

    added: float
    seconds: float
    replicas: int
    _turn: t.Iterator[int] = dataclasses.field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._turn = itertools.cycle(range(self.replicas))

    @classmethod
    def start(cls, emulated: EmulatorState) -> CredentialReplication | None:
        """For a credential that is added now; None when the tenant replicates at once."""
        seconds = emulated.switches.secret_replication
        return cls(emulated.now(), seconds, max(1, int(emulated.switches.secret_replicas))) if seconds else None

    def answers(self, now: float) -> bool:
        """Whether the replica whose turn it is knows the credential."""
        replica = next(self._turn)
        return now >= self.added + self.seconds * (replica + 1) / self.replicas
