# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Applies a plan: items without open dependencies run concurrently, dependents follow, and progress is recorded."""

from __future__ import annotations

import dataclasses
import typing as t

from .._api.items import Item
from .._content.graph import ReadyQueue
from .._content.item import SEMANTIC_MODEL, LocalItem
from .._errors import ApiError, ConflictError, PowerBIError, TransportError
from .._http.retry import TRIES, is_ambiguous_write, read_back
from .._jobs import Future, Jobs
from .desired import Desired
from .entry import DELETE, UNCHANGED, DeployOptions, Entry
from .file_import import FileImports
from .item_writing import ItemWriter
from .remote import RemoteWorkspace

_MANY = 4  # files from which on the definitions are read together


@dataclasses.dataclass
class Outcome:
    """The outcome of a plan. ``skipped``: items whose dependencies failed, or that had not started in a stopped run."""

    done: list[Entry] = dataclasses.field(default_factory=list)
    failed: list[tuple[Entry, PowerBIError]] = dataclasses.field(default_factory=list)
    skipped: list[Entry] = dataclasses.field(default_factory=list)
    seconds: dict[int, float] = dataclasses.field(default_factory=dict)


class Execution:
    """One run of a plan. ``written`` is called after each write, ``warn`` with each warning.

    ``stop`` ends the run at the first failure; ``timeout`` in seconds is that of one item.
    """

    def __init__(
        self,
        desired: Desired,
        live: RemoteWorkspace,
        choices: DeployOptions,
        entries: t.Sequence[Entry],
        *,
        written: t.Callable[[], None],
        warn: t.Callable[[str], None],
        stop: bool,
        timeout: float,
    ) -> None:
        self._live = live
        self._written = written
        self._stop = stop
        self._queue = ReadyQueue(desired.graph)
        self._entries = {id(entry.local): entry for entry in entries if entry.local is not None}
        self._deletions = [entry for entry in entries if entry.action == DELETE]
        self._hard_delete = choices.hard_delete
        imported = sum(entry.file is not None and entry.content for entry in entries)
        many = choices.bulk_api == "always" or (choices.bulk_api == "auto" and imported > _MANY)
        files = FileImports(live, choices, written=written, warn=warn, many=many)
        self._writer = ItemWriter(desired, live, choices, files, written=written, warn=warn, timeout=timeout)
        self.outcome = Outcome()

    def run(self, jobs: Jobs) -> Outcome:
        """Apply the plan. Failures are in the outcome; only defects raise."""
        try:
            self._make_folders()
        except PowerBIError as error:
            self._fail_all(error)
            return self.outcome
        self._write_all(jobs)
        self._delete_all(jobs)
        return self.outcome

    def _fail_all(self, error: PowerBIError) -> None:
        """Handle a folder that could not be created: no item starts, and the first item that needs one fails."""
        changed = [entry for entry in self._entries.values() if entry.action != UNCHANGED]
        first = next(entry for entry in changed if entry.folder)
        self.outcome.failed.append((first, error))
        self.outcome.skipped += [entry for entry in (*changed, *self._deletions) if entry is not first]

    def _make_folders(self) -> None:
        """Create the missing folders, parents first; one after the other, as they depend on each other."""
        steps = [entry.folder.split("/") for entry in self._entries.values() if entry.folder]
        for path in sorted({"/".join(names[:depth]) for names in steps for depth in range(1, len(names) + 1)}):
            if path not in self._live.folder_ids:
                parent, _sep, name = path.rpartition("/")
                self._live.folder_ids[path] = self._make_folder(path, name, self._live.folder_ids[parent])
                self._written()

    def _make_folder(self, path: str, name: str, parent_id: str) -> str:
        """Create a folder at most once: after an ambiguous response, or if another process created it, the existing is used."""
        for _attempt in range(TRIES):
            try:
                return self._live.folders.create(name, parent_id)
            except (ApiError, TransportError) as error:
                last = error
            found = (
                read_back(lambda: self._live.folders.all().get(path), self._live.clock)
                if is_ambiguous_write(last)
                else None
            )
            if found is not None:
                return found
            if not is_ambiguous_write(last) or isinstance(last, ConflictError):
                break
        raise last

    def _write_all(self, jobs: Jobs) -> None:
        """Each item as soon as what it needs is there."""
        running: dict[Future[t.Any], tuple[Entry, LocalItem]] = {}
        self._start_ready(jobs, running)
        for future in jobs.completed():
            entry, item = running.pop(future)
            if self._is_done(entry, future):
                self._queue.done(item)
            else:
                self._skip_after_failure(item)
            self._start_ready(jobs, running)

    def _start_ready(self, jobs: Jobs, running: dict[Future[t.Any], tuple[Entry, LocalItem]]) -> None:
        """Start the items that are ready. Unchanged items are done at once and may make others ready."""
        while (item := self._queue.take()) is not None:
            entry = self._entries.get(id(item))
            if entry is None or entry.action == UNCHANGED:
                self._queue.done(item)
            else:
                running[jobs.start(self._timed, self._writer.write, entry)] = entry, item

    def _timed(self, write: t.Callable[[Entry], None], entry: Entry) -> None:
        start = self._live.clock.monotonic()
        try:
            write(entry)
        finally:
            self.outcome.seconds[id(entry)] = self._live.clock.monotonic() - start

    def _is_done(self, entry: Entry, future: Future[t.Any]) -> bool:
        """Note the end of a job in the outcome. Raises defects."""
        try:
            future.result()
        except PowerBIError as error:
            self.outcome.failed.append((entry, error))
            return False
        self.outcome.done.append(entry)
        return True

    def _skip_after_failure(self, item: LocalItem) -> None:
        skipped = [*self._queue.failed(item), *(self._queue.abandon() if self._stop else ())]
        changed = (self._entries.get(id(other)) for other in skipped)
        self.outcome.skipped += [entry for entry in changed if entry is not None and entry.action != UNCHANGED]

    def _delete_all(self, jobs: Jobs) -> None:
        """Deletions are last, and only if nothing failed: reports first, then the models to which they were bound."""
        for models in (False, True):
            batch = [entry for entry in self._deletions if self._is_model(entry) == models]
            if self.outcome.failed:
                self.outcome.skipped += batch
                continue
            running = {jobs.start(self._timed, self._delete, entry): entry for entry in batch}
            for future in jobs.completed():
                self._is_done(running[future], future)

    @staticmethod
    def _is_model(entry: Entry) -> bool:
        return entry.live is not None and entry.live.type == SEMANTIC_MODEL

    def _delete(self, entry: Entry) -> None:
        item = t.cast("Item", entry.live)
        self._live.items.delete(item, hard=self._hard_delete)
        self._live.remove(item)
        self._written()
