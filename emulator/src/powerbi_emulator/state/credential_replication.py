# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replication of a new credential across Entra's replicas: responses alternate until all replicas have it."""

from __future__ import annotations

import dataclasses
import itertools
import typing as t

from powerbi_emulator.emulator_state import EmulatorState


@dataclasses.dataclass
class CredentialReplication:
    """``added`` in epoch seconds; after ``seconds`` all of ``replicas`` have the credential.

    Replica i of n has it after (i + 1) / n of the time, and the replicas respond in turn.
    """

    added: float
    seconds: float
    replicas: int
    _turn: t.Iterator[int] = dataclasses.field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._turn = itertools.cycle(range(self.replicas))

    @classmethod
    def start(cls, emulated: EmulatorState) -> CredentialReplication | None:
        """For a credential that is added now; None if the tenant replicates at once."""
        seconds = emulated.switches.secret_replication
        return cls(emulated.now(), seconds, max(1, int(emulated.switches.secret_replicas))) if seconds else None

    def answers(self, now: float) -> bool:
        """Whether the next replica has the credential."""
        replica = next(self._turn)
        return now >= self.added + self.seconds * (replica + 1) / self.replicas
