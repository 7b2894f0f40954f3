# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fabric's long-running operations: work that is accepted first, done later, and polled until then."""

from __future__ import annotations

import dataclasses
import typing as t
import uuid

from powerbi_emulator.emulator_state import EmulatorState, Store
from powerbi_emulator.errors import ServiceError
from powerbi_emulator.seed import Section
from powerbi_emulator.service_profile import Action
from powerbi_emulator.state.durations import Durations

Status = t.Literal["NotStarted", "Running", "Succeeded", "Failed"]
Result = dict[str, t.Any]
Work = t.Callable[[], Result | None]
_KEPT: t.Final = 5000  # operations; the oldest are removed


@dataclasses.dataclass(slots=True)
class Operation:
    """``result`` None: it has none. ``owner`` is the object id of the caller who may poll. Times in epoch
    seconds; ``seconds`` is how long it takes."""

    id: str
    owner: str
    created: float
    updated: float
    status: Status = "Running"
    result: Result | None = None
    error: ServiceError | None = None
    polls: int = 0
    seconds: float = 0.0


class Operations(Store):
    """The switches ``recorded_times``, ``operation_time`` and ``operation_polls`` set how long operations run."""

    def __init__(self, emulated: EmulatorState, seed: Section) -> None:  # noqa: ARG002
        self._emulated = emulated
        self._operations: dict[str, Operation] = {}

    def begin(self, owner: str, work: Work, action: Action, item_type: str) -> Operation:
        """Accept ``work``, to be done later. A ServiceError it raises makes the operation fail."""
        now = self._emulated.now()
        operation = Operation(str(uuid.uuid4()), owner, now, now)
        while len(self._operations) >= _KEPT:
            del self._operations[next(iter(self._operations))]
        self._operations[operation.id] = operation

        def run() -> None:
            operation.updated = self._emulated.now()
            try:
                operation.result = work()
            except ServiceError as error:
                operation.status, operation.error = "Failed", error
            else:
                operation.status = "Succeeded"

        durations, more = self._emulated.store(Durations), self._emulated.switches.operation_time
        operation.seconds = durations.next(action, item_type, more)
        self._emulated.timers.later(operation.seconds, run)
        return operation

    def find(self, operation_id: str, owner: str) -> Operation | None:
        """The caller's own operation of that id."""
        operation = self._operations.get(operation_id.lower())
        return operation if operation and operation.owner == owner else None

    def poll(self, operation: Operation) -> Status:
        """The status to return: Running for the first ``operation_polls`` polls, also if the work is done."""
        operation.polls += 1
        return "Running" if operation.polls <= self._emulated.switches.operation_polls else operation.status
