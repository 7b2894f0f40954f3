# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The definitions of many items for the ledger, read in few operations where the tenant has the beta for it.

What is read so may be in another format than getDefinition gives: then a ledger written by the one does not agree with
the other, which costs an upload.
"""

from __future__ import annotations

import functools
import threading
import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._deploy import ledger
from ansible_collections.community.powerbi.plugins.module_utils._deploy.ledger import Content, Steps
from ansible_collections.community.powerbi.plugins.module_utils._deploy.live import Live
from ansible_collections.community.powerbi.plugins.module_utils._errors import PowerBIError
from ansible_collections.community.powerbi.plugins.module_utils._operation import Look, Operation, Pace, Phase
from ansible_collections.community.powerbi.plugins.module_utils._resources.items import Item, exported_of
from ansible_collections.community.powerbi.plugins.module_utils._scheduler import Call, Wait

_FEW = 8  # items that getDefinition reads in the same time
_BATCH = 200  # items of one operation, so that no answer grows without bounds
_PACE = Pace(first=0.1, steady=4, growth=1.5, cap=1.0)


def read_together(live: Live, items: t.Sequence[Item]) -> Steps[dict[str, Content]]:
    """What can be read at once, by item id: perhaps nothing."""
    if len(items) <= _FEW:
        return {}
    found: dict[str, Content] = {}
    for start in range(0, len(items), _BATCH):
        batch = items[start : start + _BATCH]
        try:
            operation = yield Call(functools.partial(live.items.export, batch))
            answer = yield Wait(operation)
            found.update((yield Call(functools.partial(_contents, batch, answer))))
        except PowerBIError:
            return found  # not in this tenant, or not for one of these: getDefinition will tell
    return found


class Gatherer:
    """Reads items for jobs that each want a few, in operations for all that are waiting at that moment.

    A job waits for ``reading(items)``, whose result has what could be read. Threads may share it.
    """

    def __init__(self, live: Live, *, timeout: float) -> None:
        self._live = live
        self._timeout = timeout
        self._lock = threading.Lock()
        self._waiting: dict[str, Item] = {}
        self._read: dict[str, Content | None] = {}
        self._available = True
        self._busy = False
        self._batch: list[Item] = []
        self._running: Operation | None = None

    def reading(self, items: t.Sequence[Item]) -> Operation:
        """Its result: the content of each item by id, without those that could not be read so."""
        with self._lock:
            if self._available:
                self._waiting.update((item.id, item) for item in items)
        clock = self._live.client.sender.clock
        operation = Operation(
            lambda: self._look(items),
            name="reading of definitions",
            timeout=self._timeout,
            clock=clock,
            pace=_PACE,
            group=self,
            seen=lambda: self._known(items),
        )
        operation.due = clock.monotonic()  # begin at once
        return operation

    def _look(self, items: t.Sequence[Item]) -> Look:
        """Whoever looks first does the next step for all; the others see what is there."""
        with self._lock:
            mine = not self._busy and self._available and bool(self._waiting or self._running)
            self._busy = self._busy or mine
        if mine:
            try:
                self._step()
            except PowerBIError:
                with self._lock:
                    self._available, self._running = False, None
            finally:
                with self._lock:
                    self._busy = False
        return self._known(items)

    def _known(self, items: t.Sequence[Item]) -> Look:
        with self._lock:
            if self._available and not all(item.id in self._read for item in items):
                return Look(Phase.RUNNING)
            found = {item.id: self._read.get(item.id) for item in items}
        return Look(Phase.SUCCEEDED, {identity: content for identity, content in found.items() if content is not None})

    def _step(self) -> None:
        if self._running is None:
            with self._lock:
                self._batch = list(self._waiting.values())[:_BATCH]
                for item in self._batch:
                    del self._waiting[item.id]
            self._running = self._live.items.export(self._batch)
        if self._running.step():
            answer, self._running = self._running.result(), None
            contents = _contents(self._batch, answer)
            with self._lock:
                self._read.update((item.id, contents.get(item.id)) for item in self._batch)


def _contents(items: t.Sequence[Item], answer: t.Any) -> dict[str, Content]:
    exported = exported_of(answer)
    return {item.id: ledger.content_of(item, exported[item.id].parts) for item in items if item.id in exported}
