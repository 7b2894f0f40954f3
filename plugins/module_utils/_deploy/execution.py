# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Applies a plan: items without open dependencies run concurrently, dependents follow, and progress is recorded."""

from __future__ import annotations

import dataclasses
import threading
import typing as t

from .._content.graph import ReadyQueue
from .._content.item import SEMANTIC_MODEL, LocalItem
from .._errors import PowerBIError
from .._jobs import Future, Jobs
from .._progress.progress import Progress
from .bulk_writing import BulkCreation
from .change import Run
from .changes import CreateItem, ImportFile, UpdateDefinition
from .desired import Desired
from .files.file_import import FileImports
from .identity.matches import Matches
from .identity.owner import Owner
from .item_plan import DELETE, UNCHANGED, ItemPlan
from .item_writing import ItemWriter
from .options import DeployOptions
from .remote import RemoteWorkspace
from .renaming import Rename, has_temporary_name, names_of

_BULK_IMPORT = "the bulk import"  # what the items wait for that are created together


@dataclasses.dataclass
class Outcome:
    """The outcome of a plan. ``skipped``: items whose dependencies failed, or that had not started in a stopped run."""

    done: list[ItemPlan] = dataclasses.field(default_factory=list)
    failed: list[tuple[ItemPlan, PowerBIError]] = dataclasses.field(default_factory=list)
    skipped: list[ItemPlan] = dataclasses.field(default_factory=list)


class Execution:
    """One run of a plan. ``written`` is called after each write, ``warn`` with each warning.

    ``stop`` ends the run at the first failure; ``timeout`` in seconds is that of one item.
    """

    def __init__(
        self,
        desired: Desired,
        live: RemoteWorkspace,
        matches: Matches,
        options: DeployOptions,
        plans: t.Sequence[ItemPlan],
        renames: t.Sequence[Rename],
        *,
        written: t.Callable[[], None],
        warn: t.Callable[[str], None],
        stop: bool,
        timeout: float,
        progress: Progress,
    ) -> None:
        self._desired = desired
        self._progress = progress
        self._live = live
        self._renames = renames
        self._warn = warn
        self._written = written
        self._stop = stop
        self._plans = {plan.local: plan for plan in plans if plan.local is not None}
        self._queue = ReadyQueue(desired.graph, self._expected_seconds)
        self._deletions = [plan for plan in plans if plan.action == DELETE]
        writer = ItemWriter(live, written, timeout)
        imports = FileImports(
            live,
            options.files,
            Owner.of(desired, options),
            writer,
            annotate=options.annotate,
            bulk_api=options.bulk_api,
            number=sum(isinstance(change, ImportFile) for plan in plans for change in plan.changes),
            written=written,
            warn=warn,
        )
        self._run = Run(desired, live, matches, writer, imports, written, warn)
        self.bulk = BulkCreation(self._run) if options.bulk_import else None
        self._held: list[tuple[ItemPlan, LocalItem]] = []  # to create in one operation, once nothing runs
        self._batches: dict[Future[None], list[tuple[ItemPlan, LocalItem]]] = {}
        self._has_failed = threading.Event()  # set by the first job that fails, before another one begins
        self.outcome = Outcome()

    def run(self, jobs: Jobs) -> Outcome:
        """Apply the plan. Failures are in the outcome; only defects raise."""
        try:
            self._make_folders()
        except PowerBIError as error:
            self._fail_all(error)
            return self.outcome
        if self._rename_first():
            self._write_all(jobs)
        self._delete_all(jobs)
        self._warn_of_asides()
        return self.outcome

    def _fail_all(self, error: PowerBIError) -> None:
        """Handle a folder that could not be created: no item starts, and the first item that needs one fails."""
        changed = [plan for plan in self._plans.values() if plan.action != UNCHANGED]
        first = next(plan for plan in changed if any(change.target_folder() for change in plan.changes))
        self._fail(first, error)
        self._skip([plan for plan in (*changed, *self._deletions) if plan is not first])

    def _make_folders(self) -> None:
        """Create the missing folders, parents first; one after the other, as they depend on each other."""
        folders = {change.target_folder() or "" for plan in self._plans.values() for change in plan.changes}
        steps = [folder.split("/") for folder in folders if folder]
        for path in sorted({"/".join(names[:depth]) for names in steps for depth in range(1, len(names) + 1)}):
            if path not in self._live.folder_ids:
                parent_id = self._live.folder_ids[path.rpartition("/")[0]]
                self._live.folder_ids[path] = self._live.folders.create(path, parent_id)
                self._written()

    def _rename_first(self) -> bool:
        """Free the names that other items get. Returns whether the writes go on; what a failed rename blocks is skipped."""
        for rename in self._renames:
            holder = self._live.named(rename.item.type, rename.name)
            is_blocked = holder is not None and holder.id != rename.item.id
            if is_blocked or any(rename.plan is plan for plan, _error in self.outcome.failed):
                continue
            try:
                self._rename(rename)
            except PowerBIError as error:
                self._fail(rename.plan, error)
        if self.outcome.failed and self._stop:
            failed = [plan for plan, _error in self.outcome.failed]
            rest = [plan for plan in self._plans.values() if plan.action != UNCHANGED and plan not in failed]
            self._skip(rest)
            return False
        return True

    def _fail(self, plan: ItemPlan, error: PowerBIError) -> None:
        """Note the failure of an item that has not begun."""
        self.outcome.failed.append((plan, error))
        self._progress.failed(plan, error)

    def _rename(self, rename: Rename) -> None:
        item = self._run.writer.describe(self._live.with_id(rename.item.id) or rename.item, rename.name, None)
        self._live.record(item)
        rename.plan.items = tuple(item if one.id == item.id else one for one in rename.plan.items)

    def _is_blocked(self, plan: ItemPlan) -> bool:
        """Whether an item still has a name that the plan needs, as its rename has failed."""
        if not self._renames or not self.outcome.failed:
            return False
        names = names_of(self._desired, plan)
        return any(item.key in names and item.id not in names[item.key] for item in self._live.all())

    def _warn_of_asides(self) -> None:
        for item in (self._live.with_id(rename.item.id) for rename in self._renames if rename.aside):
            if item is not None and has_temporary_name(item):
                self._warn(f"{item.name}.{item.type} has a temporary name until the next run deletes it")

    def _expected_seconds(self, item: LocalItem) -> float:
        plan = self._plans.get(item)
        return plan.expected_seconds if plan is not None else 0.0

    def _write_all(self, jobs: Jobs) -> None:
        """Each item as soon as what it needs is there; first those at the head of the chains that take longest."""
        running: dict[Future[bool], tuple[ItemPlan, LocalItem]] = {}
        changes = [change for plan in self._plans.values() for change in plan.changes]
        self._live.items.expect(sum(isinstance(change, (CreateItem, UpdateDefinition)) for change in changes))
        self._start_ready(jobs, running, "")
        for future in jobs.completed():
            if future in self._batches:
                self._end_batch(jobs, running, future)
                continue
            plan, item = running.pop(future)
            if self._is_done(plan, future):
                self._queue.done(item)
            else:
                self._skip_after_failure(item)
            self._start_ready(jobs, running, plan.label)

    def _start_ready(self, jobs: Jobs, running: dict[Future[bool], tuple[ItemPlan, LocalItem]], after: str) -> None:
        """Start the items that are ready ``after`` another. Unchanged items are done at once and may make others ready."""
        while (item := self._queue.take()) is not None:
            plan = self._plans.get(item)
            if plan is None or plan.action == UNCHANGED:
                self._queue.done(item)
            elif any(plan is failed for failed, _error in self.outcome.failed):
                self._skip_after_failure(item)
            elif self._is_blocked(plan):
                self._skip([plan])
                self._skip_after_failure(item)
            elif self.bulk is not None and self.bulk.fits(plan):
                self._held.append((plan, item))
            else:
                self._start(jobs, running, plan, item, after)
        if self.bulk is not None and self._held and not running:
            self._start_batch(jobs, self.bulk)

    def _start(
        self,
        jobs: Jobs,
        running: dict[Future[bool], tuple[ItemPlan, LocalItem]],
        plan: ItemPlan,
        item: LocalItem,
        after: str,
    ) -> None:
        ready = self._progress.now()
        running[jobs.start(self._apply, plan, ready, after, priority=self._queue.chain(item))] = plan, item

    def _start_batch(self, jobs: Jobs, bulk: BulkCreation) -> None:
        held, self._held = self._held, []
        if self._stop and self.outcome.failed:
            self._skip([plan for plan, _item in held])
            for _plan, item in held:
                self._skip_after_failure(item)
            return
        self._progress.stage(f"creates {len(held)} items in one operation")
        self._batches[jobs.start(bulk.create, [plan for plan, _item in held])] = held

    def _end_batch(
        self, jobs: Jobs, running: dict[Future[bool], tuple[ItemPlan, LocalItem]], future: Future[None]
    ) -> None:
        """Start what the bulk import leaves of its items."""
        held = self._batches.pop(future)
        future.result()
        self._progress.stage("")
        for plan, item in held:
            self._start(jobs, running, plan, item, _BULK_IMPORT)

    def _apply(self, plan: ItemPlan, ready: float, after: str = "") -> bool:
        """Apply the changes of an item, which could begin at ``ready``, once the item ``after`` was done.

        Returns False for an item that does not begin, as the run has stopped meanwhile. What a bulk import has created is
        finished nevertheless.
        """
        if self._stop and self._has_failed.is_set() and not any(change.begun() for change in plan.changes):
            return False
        plan.begin = self._progress.now()
        with self._progress.item(plan, ready=ready, after=after) as activity:
            try:
                plan.apply(self._run)
            except BaseException:
                self._has_failed.set()
                raise
            finally:
                activity.end()
                plan.seconds, plan.waits = activity.seconds, activity.waits()
        return True

    def _is_done(self, plan: ItemPlan, future: Future[bool]) -> bool:
        """Note the end of a job in the outcome. Raises defects."""
        try:
            if not future.result():
                self._skip([plan])
                return False
        except PowerBIError as error:
            self.outcome.failed.append((plan, error))
            return False
        self.outcome.done.append(plan)
        return True

    def _skip_after_failure(self, item: LocalItem) -> None:
        skipped = [*self._queue.failed(item), *(self._queue.abandon() if self._stop else ())]
        plans = (self._plans.get(other) for other in skipped)
        self._skip([plan for plan in plans if plan is not None and plan.action != UNCHANGED])

    def _skip(self, plans: t.Sequence[ItemPlan]) -> None:
        self.outcome.skipped += plans
        self._progress.skipped(plans)

    def _delete_all(self, jobs: Jobs) -> None:
        """Deletions are last, and only if nothing failed: reports first, then the models to which they were bound."""
        for models in (False, True):
            batch = [plan for plan in self._deletions if (plan.before[0].type == SEMANTIC_MODEL) == models]
            if self.outcome.failed:
                failed = [plan for plan, _error in self.outcome.failed]
                self._skip([plan for plan in batch if plan not in failed])
                continue
            running = {jobs.start(self._apply, plan, self._progress.now()): plan for plan in batch}
            for future in jobs.completed():
                self._is_done(running[future], future)
