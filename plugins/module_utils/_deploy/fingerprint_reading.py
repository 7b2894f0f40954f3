# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Reads the definitions of many items for fingerprints, in few operations where the tenant has the beta API for it.

The format may differ from that of getDefinition: then the fingerprints of the two differ, which costs an upload.
"""

from __future__ import annotations

import functools
import threading
import typing as t

from .._api.items import Item, exported_of
from .._errors import PowerBIError
from .._operation import Operation, Phase, PollInterval, PollResult
from .._scheduler import Call, Wait
from . import bulk_reading, fingerprint
from .fingerprint import Content, Steps
from .remote import RemoteWorkspace

_BATCH = 200  # items of one operation, to bound the size of a response
_NAME = "reading of definitions"
_POLL_INTERVAL = PollInterval(first=0.05, steady=4, growth=1.5, cap=1.0, start=0.0)


def read_together(live: RemoteWorkspace, items: t.Sequence[Item], bulk_api: str) -> Steps[dict[str, Content]]:
    """The contents that a bulk export can read, by item id: possibly none.

    Raises ConfigError with `bulk_api` always where the service refuses.
    """
    if not bulk_reading.is_worthwhile(len(items), bulk_api):
        return {}
    found: dict[str, Content] = {}
    for start in range(0, len(items), _BATCH):
        batch = items[start : start + _BATCH]
        try:
            operation = yield Call(functools.partial(live.items.export, batch))
            answer = yield Wait(operation)
            found.update((yield Call(functools.partial(_contents, batch, answer))))
        except PowerBIError as error:
            bulk_reading.raise_if_required(error, bulk_api)
            return found  # not available in this tenant, or not for one of these: getDefinition reports the reason
    return found


class BatchReader:
    """Reads items for many jobs: one operation for all requests that are made before it starts.

    A job waits for ``reading(items)``, whose result has the items that could be read. Threads may share it.
    """

    def __init__(self, live: RemoteWorkspace, *, timeout: float) -> None:
        self._live = live
        self._timeout = timeout
        self._lock = threading.Lock()
        self._open: _Batch | None = None
        self._available = True

    def reading(self, items: t.Sequence[Item]) -> Operation:
        """An operation whose result is the content of each item by id, without those that could not be read."""
        if not self._available:
            return Operation.finished({}, name=_NAME)
        with self._lock:
            if self._open is None or len(self._open.items) + len(items) > _BATCH:
                self._open = _Batch()
            batch = self._open
            batch.items.update((item.id, item) for item in items)
        clock = self._live.client.sender.clock
        return Operation(
            lambda: self._poll(batch),
            name=_NAME,
            timeout=self._timeout,
            clock=clock,
            interval=_POLL_INTERVAL,
            group=batch,
            seen=batch.poll,
        )

    def _poll(self, batch: _Batch) -> PollResult:
        with self._lock:
            mine, batch.busy = not batch.busy and batch.read is None, True
            if self._open is batch:
                self._open = None
        if mine:
            try:
                self._step(batch)
            except PowerBIError:
                self._available, batch.read = False, {}  # getDefinition reports the reason
            finally:
                batch.busy = False
        return batch.poll()

    def _step(self, batch: _Batch) -> None:
        items = list(batch.items.values())
        if batch.operation is None:
            batch.operation = self._live.items.export(items)
        if batch.operation.step():
            batch.read = _contents(items, batch.operation.result())


class _Batch:
    """Items that are read together, and the result."""

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self.operation: Operation | None = None
        self.busy = False
        self.read: dict[str, Content] | None = None

    def poll(self) -> PollResult:
        return PollResult(Phase.RUNNING if self.read is None else Phase.SUCCEEDED, self.read)


def _contents(items: t.Sequence[Item], answer: t.Any) -> dict[str, Content]:
    exported = exported_of(answer)
    return {item.id: fingerprint.content_of(item, exported[item.id].parts) for item in items if item.id in exported}
