# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Assignments of workspaces to capacities, and their removal, which take some time."""

from __future__ import annotations

import dataclasses
import typing as t
import uuid

from powerbi_emulator.callers import Caller
from powerbi_emulator.emulator_state import EmulatorState, Store
from powerbi_emulator.seed import Section
from powerbi_emulator.state.capacities import Capacity
from powerbi_emulator.state.durations import Durations
from powerbi_emulator.state.workspaces import Workspace

Status = t.Literal["Pending", "InProgress", "CompletedSuccessfully", "AssignmentFailed"]


@dataclasses.dataclass
class Assignment:
    """``capacity_id`` None: to shared capacity. Times in epoch seconds."""

    capacity_id: str | None
    started: float
    status: Status = "Pending"
    ended: float | None = None
    activity_id: str = dataclasses.field(default_factory=lambda: str(uuid.uuid4()))


def capacity_right(capacity: Capacity, caller: Caller) -> str:
    """``Admin``, ``Assign`` or ``None``: the caller's right on the capacity, directly or through a group."""
    ids = {caller.object_id, *caller.groups}
    if ids & set(capacity.admins):
        return "Admin"
    return "Assign" if ids & set(capacity.contributors) else "None"


class CapacityAssignments(Store):
    """The last assignment of each workspace, by its id."""

    def __init__(self, emulated: EmulatorState, seed: Section) -> None:  # noqa: ARG002 - seeded workspaces have no assignment
        self._emulated = emulated
        self._last: dict[str, Assignment] = {}

    def last(self, workspace: Workspace) -> Assignment | None:
        """The running or last assignment; None for a workspace without one."""
        return self._last.get(workspace.id)

    def begin(self, workspace: Workspace, capacity: Capacity | None) -> Assignment:
        """Start to move ``workspace``, which takes ``capacity_assignment_time``. A later move replaces this one."""
        assignment = Assignment(capacity.id if capacity else None, self._emulated.now())
        self._last[workspace.id] = assignment
        more = self._emulated.switches.capacity_assignment_time
        seconds = self._emulated.store(Durations).next("assign", "Workspace", more)

        def work() -> None:
            assignment.status = "InProgress"

        def finish() -> None:
            assignment.ended = self._emulated.now()
            if self._last.get(workspace.id) is not assignment:
                assignment.status = "AssignmentFailed"
                return
            assignment.status = "CompletedSuccessfully"
            workspace.capacity_id = assignment.capacity_id

        self._emulated.timers.later(seconds / 2, work)
        self._emulated.timers.later(seconds, finish)
        return assignment
