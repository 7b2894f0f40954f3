# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Finds items that operations have created: one list of the workspace has those of many operations.

The results of operations have the same items, one with each request, and these count towards the quota for operations.
"""

from __future__ import annotations

import threading
import typing as t

from .._clock import Clock
from .._errors import PowerBIError
from .._http.response import value_of
from .._jobs import Future, wait_for

_INTERVAL = 0.1  # seconds between two lists, at least
_FOR_EACH = 0.001  # seconds for each item in the list: a long list has several pages

Found = t.Mapping[tuple[str, str], t.Any]  # by type, and name in lower case


class NewItems:
    """``read`` reads the items of the workspace, as JSON objects. Threads may share it."""

    def __init__(self, read: t.Callable[[], t.Iterable[t.Any]], clock: Clock) -> None:
        self._read = read
        self._clock = clock
        self._lock = threading.Lock()
        self._next: Future[Found] | None = None  # the list that is not sent yet
        self._not_before = float("-inf")

    def find(self, item_type: str, name: str) -> t.Any:
        """Block until a list is read that was sent after this call. None where the item is not in it."""
        with self._lock:
            is_first = self._next is None
            found = self._next = self._next or Future()
        if is_first:
            self._list(found)
        return wait_for(found).get((item_type, name.casefold()))

    def _list(self, found: Future[Found]) -> None:
        try:
            self._clock.sleep(self._not_before - self._clock.monotonic())
            with self._lock:
                self._next = None
                self._not_before = self._clock.monotonic() + _INTERVAL
            items = list(self._read())
            self._not_before += max(0.0, _FOR_EACH * len(items) - _INTERVAL)
            found.set_result(
                {(value_of(one, "type"), str(value_of(one, "displayName")).casefold()): one for one in items}
            )
        except PowerBIError:
            found.set_result({})  # the operation has the item, or the reason
        except BaseException as error:
            found.set_exception(error)
            raise
