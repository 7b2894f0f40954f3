# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""The dependency graph of items: its cycles, and a queue that hands out items in the order of their dependencies."""

from __future__ import annotations

import dataclasses
import heapq
import threading
import typing as t

from .item import LocalItem
from .problem import Problem
from .references import Reference, references


@dataclasses.dataclass(frozen=True)
class Graph:
    """Items with their dependencies among them (by index) and outside of them."""

    items: tuple[LocalItem, ...]
    needs: tuple[frozenset[int], ...]
    external: tuple[tuple[Reference, ...], ...]

    def needed_by(self, item: LocalItem) -> tuple[LocalItem, ...]:
        """The items of the graph on which ``item`` depends directly."""
        return tuple(self.items[index] for index in sorted(self.needs[self.items.index(item)]))


def build(
    items: t.Sequence[LocalItem],
    outside: t.Sequence[LocalItem] = (),
    extra: t.Mapping[LocalItem, t.Iterable[LocalItem]] | None = None,
) -> tuple[Graph, tuple[Problem, ...]]:
    """The graph of ``items``, and a problem for each cycle in it.

    ``outside`` are local items that are not deployed; ``extra`` adds dependencies from other sources (parameters).
    """
    index = {id(item): place for place, item in enumerate(items)}
    needs: list[frozenset[int]] = []
    external: list[tuple[Reference, ...]] = []
    everything = (*items, *outside)
    for item in items:
        found = references(item, everything)
        inner = {
            index[id(reference.target)]
            for reference in found
            if reference.target is not None and id(reference.target) in index
        }
        inner.update(index[id(other)] for other in (extra or {}).get(item, ()) if id(other) in index)
        inner.discard(index[id(item)])
        needs.append(frozenset(inner))
        external.append(
            tuple(reference for reference in found if reference.target is None or id(reference.target) not in index)
        )
    graph = Graph(tuple(items), tuple(needs), tuple(external))
    return graph, tuple(_cycles(graph))


def _cycles(graph: Graph) -> t.Iterator[Problem]:
    """One problem for each group of items that depend on each other, with one cycle of it."""
    state = [0] * len(graph.items)
    for root in range(len(graph.items)):
        path: list[int] = []
        work = [(root, False)]
        while work:
            node, leaving = work.pop()
            if leaving:
                path.pop()
                state[node] = 2
            elif state[node] == 1 and node in path:
                ring = [*path[path.index(node) :], node]
                way = " -> ".join(str(graph.items[place]) for place in ring)
                first = graph.items[min(ring)]
                yield Problem(
                    first.path, 0, 0, f"these items form a cycle: {way}", "Remove one of these references", code="cycle"
                )
            elif state[node] == 0:
                state[node] = 1
                path.append(node)
                work.append((node, True))
                work.extend((other, False) for other in sorted(graph.needs[node], reverse=True) if state[other] < 2)


class ReadyQueue:
    """Hands out items whose dependencies are done. Thread-safe; never blocks.

    Items with the longest chain of dependents are first, which shortens the run. The dependents of a failed item are
    skipped: they are never handed out.
    """

    def __init__(self, graph: Graph) -> None:
        self._items = graph.items
        self._lock = threading.Lock()
        self._index = {id(item): place for place, item in enumerate(graph.items)}
        self._waiting = [set(needs) for needs in graph.needs]
        self._dependents: list[list[int]] = [[] for dummy in graph.items]
        for place, needs in enumerate(graph.needs):
            for other in needs:
                self._dependents[other].append(place)
        self._height = self._heights()
        self._running: set[int] = set()
        self._over: set[int] = set()
        self._ready = [(-self._height[place], place) for place, needs in enumerate(self._waiting) if not needs]
        heapq.heapify(self._ready)

    def _heights(self) -> list[int]:
        """The length of the longest chain of dependents of each item."""
        height = [0] * len(self._items)
        open_needs = [len(needs) for needs in self._waiting]
        order = [place for place, count in enumerate(open_needs) if not count]
        for place in order:
            for dependent in self._dependents[place]:
                open_needs[dependent] -= 1
                if not open_needs[dependent]:
                    order.append(dependent)
        if len(order) != len(self._items):
            raise ValueError("the graph has a cycle")
        for place in reversed(order):
            height[place] = max((height[dependent] + 1 for dependent in self._dependents[place]), default=0)
        return height

    def take(self) -> LocalItem | None:
        """The next item to run, or None when none is ready (others may become so)."""
        with self._lock:
            while self._ready:
                place = heapq.heappop(self._ready)[1]
                if place not in self._over:
                    self._running.add(place)
                    return self._items[place]
            return None

    def done(self, item: LocalItem) -> None:
        """Record that the item is deployed: dependents without other open dependencies become ready."""
        with self._lock:
            place = self._finish(item)
            for dependent in self._dependents[place]:
                self._waiting[dependent].discard(place)
                if not self._waiting[dependent] and dependent not in self._over:
                    heapq.heappush(self._ready, (-self._height[dependent], dependent))

    def failed(self, item: LocalItem) -> tuple[LocalItem, ...]:
        """Record that the item failed. Returns its direct and indirect dependents, which are skipped."""
        with self._lock:
            return self._skip([self._finish(item)])

    def abandon(self) -> tuple[LocalItem, ...]:
        """Hand out no more items (``on_error: stop``). Returns the items that will not run. Running ones still complete."""
        with self._lock:
            rest = [
                place for place in range(len(self._items)) if place not in self._over and place not in self._running
            ]
            self._over.update(rest)
            return tuple(self._items[place] for place in rest)

    @property
    def finished(self) -> bool:
        """Whether every item is done, failed or skipped."""
        with self._lock:
            return len(self._over) == len(self._items)

    def _finish(self, item: LocalItem) -> int:
        place = self._index[id(item)]
        if place not in self._running:
            raise ValueError(f"{item} isn't running")
        self._running.discard(place)
        self._over.add(place)
        return place

    def _skip(self, places: list[int]) -> tuple[LocalItem, ...]:
        skipped = []
        for place in places:
            for dependent in self._dependents[place]:
                if dependent not in self._over:
                    self._over.add(dependent)
                    skipped.append(dependent)
                    places.append(dependent)
        return tuple(self._items[place] for place in sorted(skipped))
