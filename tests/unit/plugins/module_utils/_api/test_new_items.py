# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""New items in lists: one list for all operations that have ended before it, and none instead of an error."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._api.new_items import NewItems
from ansible_collections.community.powerbi.plugins.module_utils._errors import ApiError
from ansible_collections.community.powerbi.plugins.module_utils._jobs import Jobs
from fakes.clock import FakeClock


class Service:
    """A workspace, whose items are read in ``latency`` seconds. ``lists`` has the time of each list."""

    def __init__(self, latency: float = 0.2, error: Exception | None = None) -> None:
        self.clock = FakeClock(0.0)
        self.items: list[dict[str, str]] = []
        self.lists: list[float] = []
        self.new = NewItems(self._read, self.clock)
        self._latency = latency
        self._error = error

    def _read(self) -> t.Iterator[dict[str, str]]:
        self.lists.append(self.clock.monotonic())
        found = list(self.items)
        self.clock.sleep(self._latency, busy=True)
        if self._error is not None:
            raise self._error
        return iter(found)

    def create_and_find(self, name: str, after: float) -> t.Any:
        self.clock.sleep(after)
        self.items.append({"id": f"id of {name}", "type": "Report", "displayName": name})
        return self.new.find("Report", name.upper())

    def run(self, moments: t.Sequence[float]) -> list[t.Any]:
        """What is found of items that are created at these moments."""
        with Jobs(4, self.clock) as jobs:
            return jobs.map(lambda one: self.create_and_find(f"R{one[0]}", one[1]), list(enumerate(moments)))


def test_each_is_in_a_list_that_was_sent_after_it_was_created() -> None:
    service = Service()
    found = service.run([0.02 * number for number in range(40)])
    assert [one["id"] for one in found] == [f"id of R{number}" for number in range(40)]
    assert len(service.lists) <= 10


def test_the_first_one_is_found_at_once() -> None:
    service = Service()
    service.run([1.0])
    assert service.lists == [1.0]
    assert service.clock.monotonic() == pytest.approx(1.2)


def test_lists_of_many_items_are_read_less_often() -> None:
    service = Service()
    service.items = [{"type": "Notebook", "displayName": str(number)} for number in range(2000)]
    service.run([0.0, 0.3])
    assert service.lists == [0.0, 2.001]


def test_an_item_that_no_list_has_is_not_found() -> None:
    assert Service().new.find("Report", "Sales") is None


def test_after_a_failed_list_the_operations_have_the_items() -> None:
    service = Service(error=ApiError("the list is not available", status=503))
    assert service.run([0.0, 0.0]) == [None, None]


def test_a_defect_is_raised_in_all_that_wait() -> None:
    service = Service(error=ValueError("malformed"))
    with Jobs(4, service.clock) as jobs:
        futures = [jobs.start(service.new.find, "Report", name) for name in "ab"]
        for _future in jobs.completed():
            pass
    assert [type(future.exception()) for future in futures] == [ValueError, ValueError]
