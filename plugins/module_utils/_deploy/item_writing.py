# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Writes one item: created at most once, also when a response is lost; updated, described and moved by its entry."""

from __future__ import annotations

import dataclasses
import typing as t

from .._api.items import Item, item_of
from .._content import creation
from .._content.item import PAGINATED_REPORT, LocalItem
from .._content.item_types import definition_format
from .._errors import ApiError, OperationFailedError, PowerBIError, ServiceError, TransportError
from .._http.retry import TRIES, is_ambiguous_write, read_back
from .._operation import Operation
from . import model_connections, type_steps
from .desired import Desired
from .entry import CREATE, DeployOptions, Entry
from .file_import import FileImports
from .file_targets import is_renamed
from .final_parts import final_parts
from .remote import RemoteWorkspace

_NAME_RESERVED = "ItemDisplayNameNotAvailableYet"  # for some minutes after an item of that name was deleted
_UNTIL_NAME_IS_FREE = 10.0  # seconds between two tries
_NAME_TAKEN = "ItemDisplayNameAlreadyInUse"
_IMPORT_AGAIN = (2.0, 5.0, 15.0)  # seconds before a paginated report is sent again that "failed to import"


class ItemWriter:
    """Writes the entries of a plan. ``files`` runs imports; ``written`` is called after each write, ``warn``
    with each warning; ``timeout`` in seconds is how long to wait for a name that is still reserved. The folders exist.
    """

    def __init__(
        self,
        desired: Desired,
        live: RemoteWorkspace,
        choices: DeployOptions,
        files: FileImports,
        *,
        written: t.Callable[[], None],
        warn: t.Callable[[str], None],
        timeout: float,
    ) -> None:
        self._desired = desired
        self._live = live
        self._choices = choices
        self._files = files
        self._written = written
        self._warn = warn
        self._timeout = timeout

    def write(self, entry: Entry) -> None:
        """Write the changes of the entry. Raises PowerBIError; writes before the error count as done."""
        if entry.file is not None:
            self._write_file(entry)
            return
        self._write_item(entry)
        local = t.cast("LocalItem", entry.local)
        requested = model_connections.desired_connections(self._desired, local)
        if requested.ids and entry.live is not None:
            on_takeover = self._warn if self._choices.take_ownership else None
            model_connections.bind(self._live, local, entry.live, requested, self._written, take_ownership=on_takeover)
        if entry.live is not None:
            type_steps.execute(self._live, entry, self._written)

    def _write_item(self, entry: Entry) -> None:
        if entry.action == CREATE:
            self._create(entry)
            return
        item = t.cast("Item", entry.live)
        # The .rdl part of a paginated report must have the item's new name.
        renamed_first = item.type == PAGINATED_REPORT and entry.name is not None
        if renamed_first:
            item = self._describe(item, entry)
        if entry.content:
            parts = final_parts(self._desired, self._live, entry, self._choices)
            self._update(item, entry, parts)
            self._live.learn_from(item.id, parts)
        if not renamed_first:
            item = self._describe(item, entry)
        if entry.folder is not None:
            folder_id = self._live.folder_ids[entry.folder]
            self._move(item, folder_id)
            item = item._replace(folder_id=folder_id)
        entry.live = item
        self._live.put(item)

    def _describe(self, item: Item, entry: Entry) -> Item:
        if entry.name is None and entry.description is None:
            return item
        self._live.items.describe(item, name=entry.name, description=entry.description)
        self._written()
        text = item.description if entry.description is None else entry.description
        return item._replace(name=entry.name or item.name, description=text)

    def _write_file(self, entry: Entry) -> None:
        if entry.file is not None and (entry.name is not None or entry.description is not None):
            entry.file = entry.file._replace(targets=self._describe_targets(entry, entry.file.targets))
            entry.live = entry.file.targets[-1]
        if entry.content:
            self._files.execute(entry)
        if entry.folder is not None and entry.action != CREATE and entry.file is not None:
            folder_id = self._live.folder_ids[entry.folder]
            for item in entry.file.targets:
                self._move(item, folder_id)

    def _describe_targets(self, entry: Entry, targets: t.Sequence[Item]) -> tuple[Item, ...]:
        """Rename renamed items back to the file's name before the import, as imports identify items by their names."""
        found: list[Item] = []
        for target in targets:
            name = (
                entry.name if entry.name is not None and is_renamed(t.cast("LocalItem", entry.local), target) else None
            )
            changed = dataclasses.replace(entry, name=name, description=None if found else entry.description)
            found.append(self._describe(target, changed))
            self._live.put(found[-1])
        return tuple(found)

    def _move(self, item: Item, folder_id: str) -> None:
        self._live.items.move(item, folder_id)
        self._written()

    def _update(self, item: Item, entry: Entry, parts: dict[str, bytes]) -> None:
        local = t.cast("LocalItem", entry.local)
        content = definition_format(local.type, parts)
        self._importing(local, lambda: self._live.items.update(item, parts, content))

    def _importing(self, local: LocalItem, begin: t.Callable[[], Operation]) -> t.Any:
        """Start an operation and return its result; a paginated report that failed to import is sent again."""
        for pause in (*_IMPORT_AGAIN, None):
            try:
                operation = begin()
                self._written()
                return operation.wait()
            except (ApiError, OperationFailedError) as error:
                if pause is None or not _fails_to_import(local, error):
                    raise
            self._live.clock.sleep(pause)
        raise AssertionError("unreachable")

    def _create(self, entry: Entry) -> None:
        """Create the item at most once. After a lost response, an item that was created nevertheless is used and updated."""
        local = t.cast("LocalItem", entry.local)
        parts = final_parts(self._desired, self._live, entry, self._choices)
        payload = creation.payload_of(parts)
        content = definition_format(local.type, parts)
        folder_id = self._live.folder_ids[local.folder]
        deadline = self._live.clock.monotonic() + self._timeout

        def create() -> Operation:
            return self._live.items.create(
                local.type, local.display_name, entry.description or "", folder_id, parts, content, payload
            )

        attempt = 0  # number of failed attempts, without those that wait for the name
        while True:
            try:
                result = self._importing(local, create)
                item = item_of(result) if result else self._find(local)
                break
            except (ApiError, TransportError, OperationFailedError) as error:
                code = _error_code(error)
                if code == _NAME_RESERVED:
                    if self._live.clock.monotonic() >= deadline:
                        raise
                    self._live.clock.sleep(_UNTIL_NAME_IS_FREE)
                    continue
                attempt += 1
                # The name is in use: by an item of an earlier attempt whose response was lost.
                lost = code == _NAME_TAKEN if isinstance(error, OperationFailedError) else is_ambiguous_write(error)
                item = self._find(local) if lost else None
                if item is not None:
                    self._written()
                    if parts:
                        self._update(item, entry, parts)
                    break
                if not lost or code == _NAME_TAKEN or attempt == TRIES:
                    raise
        if item is not None:
            self._live.learn_from(item.id, parts)
            self._take(entry, item, folder_id)

    def _take(self, entry: Entry, item: Item, folder_id: str) -> None:
        """The entry's new item. It is moved to its folder: the service creates paginated reports in the root."""
        item = self._described(item, entry.description or "")
        if item.folder_id != folder_id:
            self._move(item, folder_id)
            item = item._replace(folder_id=folder_id)
        entry.live = item
        self._live.put(item)

    def _described(self, item: Item, description: str) -> Item:
        """The item with the description that it was created with: the service may have dropped it."""
        if item.description == description or not description:
            return item
        self._live.items.describe(item, description=description)
        self._written()
        return item._replace(description=description)

    def _find(self, local: LocalItem) -> Item | None:
        def find() -> Item | None:
            return next((item for item in self._live.items.all(local.type) if item.key == local.key), None)

        return read_back(find, self._live.clock)


def _error_code(error: PowerBIError) -> str:
    """The service's error code, of a response as of an operation that failed."""
    return error.code if isinstance(error, ServiceError) else ""


def _fails_to_import(local: LocalItem, error: ApiError | OperationFailedError) -> bool:
    """Whether it is the transient failure of paginated reports (fabric-cicd issue 1065)."""
    text = f"{error.what} {error.details.get('message', '')}"
    return local.type == PAGINATED_REPORT and "failed to import" in text.lower()
