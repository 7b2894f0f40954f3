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
from ansible_collections.community.powerbi.plugins.module_utils._deploy import model_connections
from ansible_collections.community.powerbi.plugins.module_utils._deploy.desired import Desired
from ansible_collections.community.powerbi.plugins.module_utils._deploy.entry import (
    CREATE,
    DELETE,
    UNCHANGED,
    Choices,
    Entry,
)
from ansible_collections.community.powerbi.plugins.module_utils._deploy.file_import import FileImports
from ansible_collections.community.powerbi.plugins.module_utils._deploy.live import Live
from ansible_collections.community.powerbi.plugins.module_utils._deploy.planning import final_parts
from ansible_collections.community.powerbi.plugins.module_utils._deploy.repetition import (
    LOOK_AGAIN,
    TRIES,
    may_have_happened,
)
from ansible_collections.community.powerbi.plugins.module_utils._errors import (
    ApiError,
    ConflictError,
    OperationFailedError,
    PowerBIError,
    TransportError,
)
from ansible_collections.community.powerbi.plugins.module_utils._http.answer import value_of
from ansible_collections.community.powerbi.plugins.module_utils._http.clock import Clock
from ansible_collections.community.powerbi.plugins.module_utils._resources.items import Item, item_of
from ansible_collections.community.powerbi.plugins.module_utils._scheduler import Call, Job, Pause, Scheduler, Wait

_NAME_RESERVED = "ItemDisplayNameNotAvailableYet"  # for minutes after an item of that name was deleted
_MANY = 4  # files of which it pays to read the definitions together
_NAME_TAKEN = "ItemDisplayNameAlreadyInUse"


@dataclasses.dataclass
class Outcome:
    """What became of a plan. ``skipped`` needed something that failed, or came after the end of a stopped run."""

    done: list[Entry] = dataclasses.field(default_factory=list)
    failed: list[tuple[Entry, PowerBIError]] = dataclasses.field(default_factory=list)
    skipped: list[Entry] = dataclasses.field(default_factory=list)
    seconds: dict[int, float] = dataclasses.field(default_factory=dict)


class Execution:
    """One run of a plan. ``written`` is called after each write, ``warn`` with what the user should know.

    ``stop`` ends the run at the first failure; ``timeout`` in seconds is that of one item.
    """

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
        warn: t.Callable[[str], None],
        stop: bool,
        timeout: float,
    ) -> None:
        self._desired = desired
        self._live = live
        self._choices = choices
        self._scheduler = scheduler
        self._clock = clock
        self._written = written
        self._stop = stop
        self._timeout = timeout
        self._queue = ReadyQueue(desired.graph)
        self._entries = {id(entry.local): entry for entry in entries if entry.local is not None}
        self._deletions = [entry for entry in entries if entry.action == DELETE]
        many = choices.bulk_read and sum(entry.file is not None and entry.content for entry in entries) > _MANY
        self._files = FileImports(live, choices, timeout=timeout, written=written, warn=warn, many=many)
        self.outcome = Outcome()

    def run(self) -> Outcome:
        """All of it. Failures are in the outcome; only defects raise."""
        try:
            self._make_folders()
        except PowerBIError as error:
            self._fail_all(error)
            return self.outcome
        self._start_ready()
        self._scheduler.run()
        return self.outcome

    def _fail_all(self, error: PowerBIError) -> None:
        """Without its folders nothing is begun: the first item that needs one stands for all."""
        changed = [entry for entry in self._entries.values() if entry.action != UNCHANGED]
        first = next(entry for entry in changed if entry.folder)
        self.outcome.failed.append((first, error))
        self.outcome.skipped += [entry for entry in (*changed, *self._deletions) if entry is not first]

    def _make_folders(self) -> None:
        """The folders that something goes to, parents first; one after the other, as they depend on each other."""
        steps = [entry.folder.split("/") for entry in self._entries.values() if entry.folder]
        for path in sorted({"/".join(names[:depth]) for names in steps for depth in range(1, len(names) + 1)}):
            if path not in self._live.folder_ids:
                parent, _sep, name = path.rpartition("/")
                self._live.folder_ids[path] = self._make_folder(path, name, self._live.folder_ids[parent])
                self._written()

    def _make_folder(self, path: str, name: str, parent_id: str) -> str:
        """Once: after an answer that got lost, or if somebody else was faster, the one that is there is taken."""
        for _attempt in range(TRIES):
            try:
                return self._live.folders.create(name, parent_id)
            except (ApiError, TransportError) as error:
                last = error
            found = self._find_folder(path) if may_have_happened(last) else None
            if found is not None:
                return found
            if not may_have_happened(last) or isinstance(last, ConflictError):
                break
        raise last

    def _find_folder(self, path: str) -> str | None:
        for pause in LOOK_AGAIN:
            self._clock.sleep(pause)
            found = self._live.folders.all().get(path)
            if found is not None:
                return found
        return None

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
        if entry.file is not None:
            yield from self._write_file(entry)
            return
        yield from self._write_item(entry)
        local = t.cast("LocalItem", entry.local)
        wanted = model_connections.wanted_of(self._desired, local)
        if wanted.ids and entry.live is not None:
            yield from model_connections.bind(self._live, local, entry.live, wanted, self._written)

    def _write_item(self, entry: Entry) -> Job:
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
            yield from self._move(item, folder_id)
            item = item._replace(folder_id=folder_id)
        entry.live = item
        self._live.put(item)

    def _write_file(self, entry: Entry) -> Job:
        if entry.content:
            yield from self._files.carry_out(entry)
        if entry.folder is not None and entry.action != CREATE and entry.file is not None:
            folder_id = self._live.folder_ids[entry.folder]
            for item in entry.file.targets:
                yield from self._move(item, folder_id)

    def _move(self, item: Item, folder_id: str) -> Job:
        yield Call(lambda: self._live.items.move(item, folder_id))
        self._written()

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
        deadline = self._clock.monotonic() + self._timeout

        def create() -> t.Any:
            return self._live.items.create(
                local.type, local.display_name, entry.description or "", folder_id, parts, content
            )

        attempt = 0
        while True:
            attempt += 1
            try:
                operation = yield Call(create)
                self._written()
                result = yield Wait(operation)
                item = item_of(result) if result else (yield from self._find(local))
                break
            except (ApiError, TransportError, OperationFailedError) as error:
                code = _error_code(error)
                if code == _NAME_RESERVED and self._clock.monotonic() < deadline:
                    yield Pause(10.0)
                    continue
                # An operation that fails as the name is taken: by an attempt before this one, whose answer did not come.
                lost = code == _NAME_TAKEN if isinstance(error, OperationFailedError) else may_have_happened(error)
                item = (yield from self._find(local)) if lost else None
                if item is not None:
                    self._written()
                    yield from self._update(item, entry, parts)
                    break
                if not lost or code == _NAME_TAKEN or attempt == TRIES:
                    raise
        if item is not None:
            entry.live = item
            self._live.put(item)

    def _find(self, local: LocalItem) -> t.Generator[t.Any, t.Any, Item | None]:
        for pause in LOOK_AGAIN:
            yield Pause(pause)
            listed = yield Call(lambda: self._live.items.all(local.type))
            found = next((item for item in listed if item.key == local.key), None)
            if found is not None:
                return t.cast("Item", found)
        return None


def _error_code(error: PowerBIError) -> str:
    """The service's code for it; of an operation that failed it is in the operation's error."""
    if isinstance(error, ApiError):
        return error.code
    failed = value_of(getattr(error, "result", None), "error")
    return str(value_of(failed, "errorCode") or value_of(failed, "code") or "")
