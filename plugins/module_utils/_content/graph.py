# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""The dependency graph of items: its cycles, and a queue that hands out items in the order of their dependencies."""

from __future__ import annotations

import dataclasses
import graphlib
import heapq
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
    index = {item: place for place, item in enumerate(items)}
    needs: list[frozenset[int]] = []
    external: list[tuple[Reference, ...]] = []
    everything = (*items, *outside)
    for item in items:
        found = references(item, everything)
        inner = {index[reference.target] for reference in found if reference.target in index}
        inner.update(index[other] for other in (extra or {}).get(item, ()) if other in index)
        inner.discard(index[item])
        needs.append(frozenset(inner))
        external.append(tuple(reference for reference in found if reference.target not in index))
    graph = Graph(tuple(items), tuple(needs), tuple(external))
    return graph, tuple(_cycles(graph))


def _cycles(graph: Graph) -> t.Iterator[Problem]:
    """A problem for each cycle; of cycles that share items, the first one."""
    rest = {place: set(needs) for place, needs in enumerate(graph.needs)}
    while ring := _cycle(rest):
        first = graph.items[ring[0]]
        way = " -> ".join(str(graph.items[place]) for place in (*ring, ring[0]))
        what = f"these items form a cycle: {way}"
        yield Problem(first.path, 0, 0, what, "Remove one of these references", code="cycle")
        rest = {place: needs.difference(ring) for place, needs in rest.items() if place not in ring}


def _cycle(needs: t.Mapping[int, t.Iterable[int]]) -> list[int]:
    """A cycle, each item before the one that it needs and the lowest first; empty without one."""
    try:
        graphlib.TopologicalSorter(needs).prepare()
    except graphlib.CycleError as error:
        found = error.args[1][:0:-1]
        start = found.index(min(found))
        return [*found[start:], *found[:start]]
    return []


class ReadyQueue:
    """Hands out items whose dependencies are done. For one thread; never blocks.

    First is the item on the chain that takes longest, by the expected ``seconds`` of each item: what is on it delays the end of
    the run. The dependents of a failed item are skipped: they are never handed out. Raises ValueError for a graph with a cycle.
    """

    def __init__(self, graph: Graph, seconds: t.Callable[[LocalItem], float] = lambda _item: 1.0) -> None:
        self._items = graph.items
        self._place = {item: place for place, item in enumerate(graph.items)}
        self._dependents: list[list[int]] = [[] for dummy in graph.items]
        for place, needs in enumerate(graph.needs):
            for other in needs:
                self._dependents[other].append(place)
        self._running: set[int] = set()
        self._completed: set[int] = set()  # done, failed or skipped
        self._ready: list[tuple[float, int]] = []
        needs_of = dict(enumerate(graph.needs))
        self._chains = self._longest(graphlib.TopologicalSorter(needs_of), graph.needs, seconds)
        self._sorter = graphlib.TopologicalSorter(needs_of)
        self._sorter.prepare()
        self._add_ready()

    def _longest(
        self,
        sorter: graphlib.TopologicalSorter[int],
        needs: t.Sequence[t.Iterable[int]],
        seconds: t.Callable[[LocalItem], float],
    ) -> list[float]:
        """The seconds of the longest chain that each item is on."""
        order = list(sorter.static_order())
        own = list(map(seconds, self._items))
        before, after = [0.0] * len(own), [0.0] * len(own)
        for place in order:
            before[place] = max((before[need] + own[need] for need in needs[place]), default=0.0)
        for place in reversed(order):
            after[place] = max((own[one] + after[one] for one in self._dependents[place]), default=0.0)
        return [sum(parts) for parts in zip(before, own, after)]

    def chain(self, item: LocalItem) -> float:
        """The expected seconds of the longest chain of items, each of which needs the one before, that the item is on."""
        return self._chains[self._place[item]]

    def _add_ready(self) -> None:
        for place in self._sorter.get_ready():
            heapq.heappush(self._ready, (-self._chains[place], place))

    def take(self) -> LocalItem | None:
        """The next item to run, or None when none is ready (others may become so)."""
        while self._ready:
            place = heapq.heappop(self._ready)[1]
            if place not in self._completed:
                self._running.add(place)
                return self._items[place]
        return None

    def done(self, item: LocalItem) -> None:
        """Record that the item is deployed: dependents without other open dependencies become ready."""
        self._sorter.done(self._end(item))
        self._add_ready()

    def failed(self, item: LocalItem) -> tuple[LocalItem, ...]:
        """Record that the item failed. Returns its direct and indirect dependents, which are skipped."""
        skipped = []
        places = [self._end(item)]
        for place in places:
            new = [dependent for dependent in self._dependents[place] if dependent not in self._completed]
            self._completed.update(new)
            skipped += new
            places += new
        return tuple(self._items[place] for place in sorted(skipped))

    def abandon(self) -> tuple[LocalItem, ...]:
        """Hand out no more items (``on_error: stop``). Returns the items that will not run. Running ones still complete."""
        rest = [
            place for place in range(len(self._items)) if place not in self._completed and place not in self._running
        ]
        self._completed.update(rest)
        return tuple(self._items[place] for place in rest)

    @property
    def finished(self) -> bool:
        """Whether every item is done, failed or skipped."""
        return len(self._completed) == len(self._items)

    def _end(self, item: LocalItem) -> int:
        place = self._place[item]
        if place not in self._running:
            raise ValueError(f"{item} isn't running")
        self._running.discard(place)
        self._completed.add(place)
        return place
