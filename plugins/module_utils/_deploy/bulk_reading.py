# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Reads the definitions of many items in one operation, which reduces the cost of a deployment without changes.

The API for it is a beta, without a `format` parameter. Its result is only used as proof that an item is unchanged: an
item that is missing in it, has another format or differs is read again with getDefinition, and if the API is not
available, all items are, unless `bulk_api` is always: then that is an error.
"""

from __future__ import annotations

import posixpath
import threading
import typing as t

from .._api.items import Exported, Item, exported_of
from .._content import rebind
from .._content.item import REPORT, LocalItem
from .._content.item_types import definition_format
from .._errors import ConfigError, PowerBIError
from .._jobs import Future, let_others_begin, wait_for
from .files.fingerprint import Content, content_of
from .remote import RemoteWorkspace

_FEW = 8  # items that getDefinition reads in the same time
_BATCH = 400  # items of one operation, to bound the size of a response
_PAUSE = 0.05  # seconds in which other jobs may join, before the first wants to read
_OTHER_FORMATS = ("TMSL", "PBIR-Legacy")  # bulk exports may return others


def _is_worthwhile(number: int, bulk_api: str) -> bool:
    """Whether to read so many definitions in one operation."""
    return number > 0 and (bulk_api == "always" or (bulk_api == "auto" and number > _FEW))


def _raise_if_required(error: PowerBIError, bulk_api: str) -> None:
    """With `bulk_api` always, what the service refuses is an error; otherwise the definitions are read item by item."""
    if bulk_api == "always":
        raise ConfigError(
            "bulk_api is always, but the definitions can't be read in one operation",
            option="bulk_api",
            why=str(error),
            remedy="set bulk_api to auto, which then reads them item by item",
        ) from error


def batches(matches: t.Iterable[tuple[LocalItem, Item]], bulk_api: str) -> list[list[tuple[LocalItem, Item]]]:
    """The local and live items to read in one operation; with auto, none where that would not be faster."""
    fit = [(local, item) for local, item in matches if definition_format(local.type, local.parts) not in _OTHER_FORMATS]
    if not _is_worthwhile(len(fit), bulk_api):
        return []
    return [fit[start : start + _BATCH] for start in range(0, len(fit), _BATCH)]


def read_parts(
    live: RemoteWorkspace, matches: t.Iterable[tuple[LocalItem, Item]], bulk_api: str
) -> dict[str, dict[str, bytes]]:
    """The parts in the service by item id, for those items that could be read: possibly none.

    Raises ConfigError with `bulk_api` always where the service refuses.
    """
    desired = {item.id: (item, definition_format(local.type, local.parts)) for local, item in matches}
    try:
        exported = exported_of(live.items.export([current for current, _format in desired.values()]).wait())
    except PowerBIError as error:
        _raise_if_required(error, bulk_api)
        return {}  # not in this tenant, for this caller or for one of these items: getDefinition reports the reason
    read = {identity: _bound(desired[identity][0], exported) for identity in desired if identity in exported}
    return {
        identity: parts
        for identity, parts in read.items()
        if parts is not None and definition_format(desired[identity][0].type, parts) == desired[identity][1]
    }


def _bound(item: Item, exported: t.Mapping[str, Exported]) -> dict[str, bytes] | None:
    """The parts in the form of getDefinition: a report has its model's id. None where the model is unknown."""
    root, parts = exported[item.id]
    if item.type != REPORT or rebind.PART not in parts:
        return parts
    bound, problem = rebind.read(parts[rebind.PART], rebind.PART)
    if problem is not None:
        return None
    if not bound.path:
        return parts
    place = posixpath.normpath(posixpath.join(root, bound.path.replace("\\", "/")))
    model = next((identity for identity, other in exported.items() if other.root == place), None)
    return {**parts, rebind.PART: rebind.rebind(parts[rebind.PART], model)} if model else None


def read_contents(live: RemoteWorkspace, items: t.Sequence[Item], bulk_api: str) -> dict[str, Content]:
    """The contents that a bulk export can read, by item id: possibly none. Their format may differ from that of getDefinition:
    then the fingerprints of the two differ, which costs an upload.

    Raises ConfigError with `bulk_api` always where the service refuses.
    """
    found: dict[str, Content] = {}
    if not _is_worthwhile(len(items), bulk_api):
        return found
    try:
        for start in range(0, len(items), _BATCH):
            found.update(_read_batch(live, items[start : start + _BATCH]))
    except PowerBIError as error:
        # Not available in this tenant, or not for one of these: getDefinition reports the reason.
        _raise_if_required(error, bulk_api)
    return found


def _read_batch(live: RemoteWorkspace, items: t.Sequence[Item]) -> dict[str, Content]:
    exported = exported_of(live.items.export(items).wait())
    return {item.id: content_of(item, exported[item.id].parts) for item in items if item.id in exported}


class _Batch:
    """Items that are read together, and the result."""

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self.result: Future[dict[str, Content]] = Future()


class BatchReader:
    """Reads items for many jobs: one operation for all requests that are made before it starts. Threads may share it."""

    def __init__(self, live: RemoteWorkspace) -> None:
        self._live = live
        self._lock = threading.Lock()
        self._open: _Batch | None = None
        self._is_available = True

    def read(self, items: t.Sequence[Item]) -> dict[str, Content]:
        """Block until they are read: the content of each item by id, without those that could not be read so."""
        if not self._is_available:
            return {}
        with self._lock:
            is_first = self._open is None or len(self._open.items) + len(items) > _BATCH
            batch = self._open = _Batch() if self._open is None or is_first else self._open
            batch.items.update((item.id, item) for item in items)
        if is_first:
            self._lead(batch)
        return wait_for(batch.result)

    def _lead(self, batch: _Batch) -> None:
        try:
            self._live.clock.sleep(_PAUSE)
            let_others_begin()
            with self._lock:
                if self._open is batch:
                    self._open = None
            batch.result.set_result(_read_batch(self._live, list(batch.items.values())))
        except PowerBIError:
            self._is_available = False  # getDefinition reports the reason
            batch.result.set_result({})
        except BaseException as error:
            batch.result.set_exception(error)
            raise
