# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Reads the definitions of many items for fingerprints, in few operations where the tenant has the beta API for it.

The format may differ from that of getDefinition: then the fingerprints of the two differ, which costs an upload.
"""

from __future__ import annotations

import threading
import typing as t

from .._api.items import Item, exported_of
from .._errors import PowerBIError
from .._jobs import Future, let_others_begin, wait_for
from . import bulk_reading, fingerprint
from .fingerprint import Content
from .remote import RemoteWorkspace

_BATCH = 200  # items of one operation, to bound the size of a response
_PAUSE = 0.05  # seconds in which other jobs may join, before the first wants to read


def read_together(live: RemoteWorkspace, items: t.Sequence[Item], bulk_api: str) -> dict[str, Content]:
    """The contents that a bulk export can read, by item id: possibly none.

    Raises ConfigError with `bulk_api` always where the service refuses.
    """
    found: dict[str, Content] = {}
    if not bulk_reading.is_worthwhile(len(items), bulk_api):
        return found
    try:
        for start in range(0, len(items), _BATCH):
            found.update(_read(live, items[start : start + _BATCH]))
    except PowerBIError as error:
        # Not available in this tenant, or not for one of these: getDefinition reports the reason.
        bulk_reading.raise_if_required(error, bulk_api)
    return found


def _read(live: RemoteWorkspace, items: t.Sequence[Item]) -> dict[str, Content]:
    exported = exported_of(live.items.export(items).wait())
    return {item.id: fingerprint.content_of(item, exported[item.id].parts) for item in items if item.id in exported}


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
            self._read(batch)
        return wait_for(batch.result)

    def _read(self, batch: _Batch) -> None:
        try:
            self._live.clock.sleep(_PAUSE)
            let_others_begin()
            with self._lock:
                if self._open is batch:
                    self._open = None
            batch.result.set_result(_read(self._live, list(batch.items.values())))
        except PowerBIError:
            self._is_available = False  # getDefinition reports the reason
            batch.result.set_result({})
        except BaseException as error:
            batch.result.set_exception(error)
            raise
