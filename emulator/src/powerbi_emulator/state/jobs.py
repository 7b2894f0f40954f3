# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""On-demand jobs of Fabric items: runs of notebooks, pipelines, Spark jobs and dataflows."""

from __future__ import annotations

import dataclasses
import typing as t
import uuid

from powerbi_emulator.emulator_state import EmulatorState, Store
from powerbi_emulator.seed import Section
from powerbi_emulator.state.durations import Durations
from powerbi_emulator.state.items import Item

KEPT: t.Final = 100  # instances of an item; the oldest are removed
FINAL: t.Final = ("Completed", "Failed", "Cancelled")
Status = t.Literal["NotStarted", "InProgress", "Completed", "Failed", "Cancelled"]


@dataclasses.dataclass(slots=True)
class Job:
    """One instance of a job. Times in epoch seconds; ``failure`` is the message of a failed one."""

    id: str
    item_id: str
    type: str
    started: float
    root_activity_id: str = dataclasses.field(default_factory=lambda: str(uuid.uuid4()))
    status: Status = "NotStarted"
    ended: float | None = None
    failure: str | None = None


class Jobs(Store):
    """``job_time`` is the duration of a job; jobs of items in ``failing_jobs`` fail at its end."""

    def __init__(self, emulated: EmulatorState, seed: Section) -> None:  # noqa: ARG002
        self._emulated = emulated
        self._jobs: dict[str, list[Job]] = {}

    def of_item(self, item: Item) -> list[Job]:
        """Newest first."""
        return self._jobs.get(item.id, [])

    def find(self, item: Item, job_id: str) -> Job | None:
        return next((job for job in self.of_item(item) if job.id == job_id.lower()), None)

    def begin(self, item: Item, job_type: str) -> Job:
        """Start a job: NotStarted for the first half of ``job_time``, then InProgress."""
        job = Job(str(uuid.uuid4()), item.id, job_type, self._emulated.now())
        self._jobs[item.id] = [job, *self.of_item(item)][:KEPT]
        seconds = self._emulated.store(Durations).next("job", item.type, self._emulated.switches.job_time)
        self._emulated.timers.later(seconds / 2, lambda: self._work(job))
        self._emulated.timers.later(seconds, lambda: self._finish(item, job))
        return job

    def cancel(self, job: Job) -> None:
        """Cancel a job, which ends at once."""
        if job.status not in FINAL:
            job.status, job.ended = "Cancelled", self._emulated.now()

    @staticmethod
    def _work(job: Job) -> None:
        if job.status == "NotStarted":
            job.status = "InProgress"

    def _finish(self, item: Item, job: Job) -> None:
        if job.status in FINAL:
            return
        job.ended = self._emulated.now()
        failing = item.name in (self._emulated.switches.failing_jobs or ())
        job.status = "Failed" if failing else "Completed"
        job.failure = f"Job instance failed without detail error: {item.type} '{item.name}'." if failing else None
