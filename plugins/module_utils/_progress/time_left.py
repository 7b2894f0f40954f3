# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The time that is left of a plan: the longest of three bounds, none of which can be beaten.

The longest chain of items that depend on each other, by the durations that this run has shown or that are expected; the work
that is left, divided by the number of parallel jobs; and the requests of the whole plan, of which the quota allows so many in
each minute.
"""

from __future__ import annotations

import collections
import typing as t

_REMEMBERED = 15  # durations of a kind
_QUOTA = 200  # requests in 60 seconds, of an identity, for each kind of API: documented by Microsoft
_OVERDUE = 0.1  # of the time since the beginning of an item that takes longer than expected: what it still takes
_MUCH_LONGER = 3.0  # times the expected duration
_ENDED_AT_LEAST = 3  # items, before requests and work are extrapolated


class PlannedItem(t.NamedTuple):
    """An item of a plan. ``kind`` is that of its duration, such as "create Report", and ``seconds`` what is expected until
    one of that kind has ended; ``needs`` are the keys of the items that come first.
    """

    key: t.Hashable
    name: str
    kind: str
    seconds: float
    needs: t.Sequence[t.Hashable] = ()


class TimeLeft:
    """Estimates for the items of one plan."""

    def __init__(self, items: t.Iterable[PlannedItem], parallel: int) -> None:
        self._items = {item.key: item for item in items}
        self._parallel = max(parallel, 1)
        self._durations: dict[str, collections.deque[float]] = {}
        self._ended: set[t.Hashable] = set()
        self._busy = 0.0  # seconds of ended items without their waits

    def ended(self, key: t.Hashable, seconds: float, waited: float) -> None:
        """An item was written in ``seconds``, of which it ``waited`` for the service."""
        self._ended.add(key)
        self._busy += max(seconds - waited, 0.0)
        kind = self._items[key].kind
        self._durations.setdefault(kind, collections.deque(maxlen=_REMEMBERED)).append(seconds)

    def dropped(self, key: t.Hashable) -> None:
        """An item failed or will not be started."""
        self._ended.add(key)

    def seconds(self, running: t.Mapping[t.Hashable, float], calls: int, elapsed: float) -> float | None:
        """Seconds until the end, None if a running item takes so long that nothing is known.

        ``running``: the time since each running item began; ``calls``: requests of the ended and running items so far,
        in ``elapsed`` seconds.
        """
        left = [item for key, item in self._items.items() if key not in self._ended]
        if any(running[key] > _MUCH_LONGER * max(self._expected(self._items[key]), 5.0) for key in running):
            return None
        waiting = len(left) - len(running)
        bounds = [self._longest_chain(left, running)]
        done = len(self._items) - len(left)
        if done >= _ENDED_AT_LEAST:
            each = self._busy / done
            bounds.append(each * (waiting + len(running) / 2) / self._parallel)
            calls_left = calls / (done + len(running) / 2) * (waiting + len(running) / 2)
            bounds.append((calls + calls_left - _QUOTA) * 60 / _QUOTA - elapsed)
        return max(bounds)

    def _expected(self, item: PlannedItem) -> float:
        known = self._durations.get(item.kind)
        return sorted(known)[len(known) // 2] if known else item.seconds

    def _longest_chain(self, left: t.Sequence[PlannedItem], running: t.Mapping[t.Hashable, float]) -> float:
        """Without recursion, as chains may be long: an item is put back until its dependencies are known."""
        open_items = {item.key: item for item in left}
        until: dict[t.Hashable, float] = {}
        stack = list(open_items)
        while stack:
            key = stack[-1]
            needs = [other for other in open_items[key].needs if other in open_items]
            unknown = [] if key in running else [other for other in needs if other not in until]
            if unknown and key not in until:
                until[key] = 0.0  # also ends a cycle, which no plan has
                stack += unknown
                continue
            stack.pop()
            expected = self._expected(open_items[key])
            if key in running:
                until[key] = max(expected - running[key], _OVERDUE * running[key])
            else:
                until[key] = expected + max((until[other] for other in needs), default=0.0)
        return max(until.values(), default=0.0)
