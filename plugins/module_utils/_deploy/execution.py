# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Carry out a plan: what is ready runs at once, dependents follow, and what is done is known at any moment."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._content.graph import ReadyQueue
from ansible_collections.community.powerbi.plugins.module_utils._content.item import LocalItem, definition_format
from ansible_collections.community.powerbi.plugins.module_utils._deploy.desired import Desired
from ansible_collections.community.powerbi.plugins.module_utils._deploy.live import Live
from ansible_collections.community.powerbi.plugins.module_utils._deploy.planning import (
    CREATE,
    DELETE,
    UNCHANGED,
    Choices,
    Entry,
    final_parts,
)
from ansible_collections.community.powerbi.plugins.module_utils._errors import (
    ApiError,
    ConflictError,
    PowerBIError,
    TransportError,
)
from ansible_collections.community.powerbi.plugins.module_utils._http.clock import Clock
from ansible_collections.community.powerbi.plugins.module_utils._resources.items import Item, item_of
from ansible_collections.community.powerbi.plugins.module_utils._scheduler import Call, Job, Pause, Scheduler, Wait

_NAME_RESERVED = "ItemDisplayNameNotAvailableYet"  # for minutes after an item of that name was deleted
_LOOK_AGAIN = (0.0, 1.0, 3.0)  # seconds: a created item takes a moment to appear in the list


@dataclasses.dataclass
class Outcome:
    """What became of a plan. ``skipped`` needed something that failed, or came after the end of a stopped run."""

    done: list[Entry] = dataclasses.field(default_factory=list)
    failed: list[tuple[Entry, PowerBIError]] = dataclasses.field(default_factory=list)
    skipped: list[Entry] = dataclasses.field(default_factory=list)
    seconds: dict[int, float] = dataclasses.field(default_factory=dict)


class Execution:
    """One run of a plan. ``written`` is called after each write; ``stop`` ends the run at the first failure."""

    def __init__(
        self,
        desired: Desired,
        live: Live,
        choices: Choices,
        entries: t.Sequence[Entry],
        *,
        scheduler: Scheduler,
        clock: Clock,
        written: t.Callable[[], None],
        stop: bool,
        name_timeout: float,
    ) -> None:
        self._desired = desired
        self._live = live
        self._choices = choices
        self._scheduler = scheduler
        self._clock = clock
        self._written = written
        self._stop = stop
        self._name_timeout = name_timeout
        self._queue = ReadyQueue(desired.graph)
        self._entries = {id(entry.local): entry for entry in entries if entry.local is not None}
        self._deletions = [entry for entry in entries if entry.action == DELETE]
        self.outcome = Outcome()

    def run(self) -> Outcome:
        """All of it. Failures are in the outcome; only defects raise."""
        self._make_folders()
        self._start_ready()
        self._scheduler.run()
        return self.outcome

    def _make_folders(self) -> None:
        """The folders that something goes to, parents first; one after the other, as they depend on each other."""
        steps = [entry.folder.split("/") for entry in self._entries.values() if entry.folder]
        for path in sorted({"/".join(names[:depth]) for names in steps for depth in range(1, len(names) + 1)}):
            if path not in self._live.folder_ids:
                parent, _sep, name = path.rpartition("/")
                self._live.folder_ids[path] = self._live.folders.create(name, self._live.folder_ids[parent])
                self._written()

    def _start_ready(self) -> None:
        """Hand out what can run. Unchanged items are over at once and may make others ready."""
        while True:
            item = self._queue.take()
            if item is None:
                break
            entry = self._entries.get(id(item))
            if entry is None or entry.action == UNCHANGED:
                self._queue.done(item)
                continue
            self._scheduler.add(self._write(entry), self._finisher(entry, item))
        if self._queue.finished and self._deletions:
            self._delete_next_kind()

    def _finisher(self, entry: Entry, item: LocalItem | None) -> t.Callable[[t.Any, BaseException | None], None]:
        start = self._clock.monotonic()

        def finish(_result: t.Any, error: BaseException | None) -> None:
            self.outcome.seconds[id(entry)] = self._clock.monotonic() - start
            if error is None:
                self.outcome.done.append(entry)
                if item is not None:
                    self._queue.done(item)
            elif not isinstance(error, PowerBIError):
                raise error
            else:
                self.outcome.failed.append((entry, error))
                self._skip_after_failure(item)
            self._start_ready()

        return finish

    def _skip_after_failure(self, item: LocalItem | None) -> None:
        skipped = list(self._queue.failed(item)) if item is not None else []
        if self._stop:
            skipped += self._queue.abandon()
            self.outcome.skipped += self._deletions
            self._deletions = []
        changed = (self._entries.get(id(other)) for other in skipped)
        self.outcome.skipped += [entry for entry in changed if entry is not None and entry.action != UNCHANGED]

    def _delete_next_kind(self) -> None:
        """Deletions come last, and only if nothing failed: reports first, then the models that they were bound to."""
        if self.outcome.failed:
            self.outcome.skipped += self._deletions
            self._deletions = []
            return
        first = self._is_model(self._deletions[0])
        batch = [entry for entry in self._deletions if self._is_model(entry) == first]
        self._deletions = [entry for entry in self._deletions if entry not in batch]
        for entry in batch:
            self._scheduler.add(self._delete(entry), self._finisher(entry, None))

    @staticmethod
    def _is_model(entry: Entry) -> bool:
        return entry.live is not None and entry.live.type == "SemanticModel"

    def _delete(self, entry: Entry) -> Job:
        item = t.cast("Item", entry.live)
        yield Call(lambda: self._live.items.delete(item))
        self._live.remove(item)
        self._written()

    def _write(self, entry: Entry) -> Job:
        if entry.action == CREATE:
            yield from self._create(entry)
            return
        item = t.cast("Item", entry.live)
        if entry.content:
            parts = yield Call(lambda: final_parts(self._desired, self._live, entry, self._choices))
            yield from self._update(item, entry, parts)
        if entry.name is not None or entry.description is not None:
            yield Call(lambda: self._live.items.describe(item, name=entry.name, description=entry.description))
            item = item._replace(name=entry.name or item.name, description=entry.description or item.description)
            self._written()
        if entry.folder is not None:
            folder_id = self._live.folder_ids[entry.folder]
            yield Call(lambda: self._live.items.move(item, folder_id))
            item = item._replace(folder_id=folder_id)
            self._written()
        entry.live = item
        self._live.put(item)

    def _update(self, item: Item, entry: Entry, parts: dict[str, bytes]) -> Job:
        local = t.cast("LocalItem", entry.local)
        content = definition_format(local.type, parts)
        operation = yield Call(lambda: self._live.items.update(item, parts, content))
        self._written()
        yield Wait(operation)

    def _create(self, entry: Entry) -> Job:
        """Create it, once. After an answer that got lost, what was made all the same is taken and given its content."""
        local = t.cast("LocalItem", entry.local)
        parts = yield Call(lambda: final_parts(self._desired, self._live, entry, self._choices))
        content = definition_format(local.type, parts)
        folder_id = self._live.folder_ids[local.folder]
        deadline = self._clock.monotonic() + self._name_timeout

        def create() -> t.Any:
            return self._live.items.create(
                local.type, local.display_name, entry.description or "", folder_id, parts, content
            )

        while True:
            try:
                operation = yield Call(create)
                self._written()
                result = yield Wait(operation)
                item = item_of(result) if result else (yield from self._find(local))
                break
            except (ApiError, TransportError) as error:
                if isinstance(error, ApiError) and error.code == _NAME_RESERVED and self._clock.monotonic() < deadline:
                    yield Pause(10.0)
                    continue
                item = (yield from self._find(local)) if _may_have_happened(error) else None
                if item is None:
                    raise
                self._written()
                yield from self._update(item, entry, parts)
                break
        if item is not None:
            entry.live = item
            self._live.put(item)

    def _find(self, local: LocalItem) -> t.Generator[t.Any, t.Any, Item | None]:
        for pause in _LOOK_AGAIN:
            yield Pause(pause)
            listed = yield Call(lambda: self._live.items.all(local.type))
            found = next((item for item in listed if item.key == local.key), None)
            if found is not None:
                return t.cast("Item", found)
        return None


def _may_have_happened(error: ApiError | TransportError) -> bool:
    """Whether the service may have created the item although its answer is an error, or says that it exists already."""
    if isinstance(error, TransportError):
        return error.sent
    return error.status >= 500 or isinstance(error, ConflictError)
