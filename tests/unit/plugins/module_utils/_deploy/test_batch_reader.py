# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Definitions for many jobs at once: one operation for all that come together, none once the service refuses."""

from __future__ import annotations

import base64
import types
import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._api.items import Item
from ansible_collections.community.powerbi.plugins.module_utils._deploy.bulk_reading import BatchReader
from ansible_collections.community.powerbi.plugins.module_utils._deploy.files.fingerprint import Content
from ansible_collections.community.powerbi.plugins.module_utils._errors import ApiError
from ansible_collections.community.powerbi.plugins.module_utils._jobs import Jobs
from ansible_collections.community.powerbi.plugins.module_utils._operation import Operation
from fakes.clock import FakeClock

ITEMS: t.Final = [Item(f"id-{number}", "PaginatedReport", f"Invoice {number}") for number in range(6)]


class Service:
    """The bulk export, with the ids of each request; it returns all but ``without``, or refuses."""

    def __init__(self, *, without: t.Container[str] = (), refuses: bool = False) -> None:
        self.requested: list[list[str]] = []
        self._without = without
        self._refuses = refuses

    def export(self, items: t.Iterable[Item]) -> Operation:
        ids = [item.id for item in items]
        self.requested.append(ids)
        if self._refuses:
            raise ApiError("not for you", status=403)
        known = [identity for identity in ids if identity not in self._without]
        parts = [
            {"path": f"/{identity}/Invoice.rdl", "payload": base64.b64encode(identity.encode()).decode()}
            for identity in known
        ]
        index = [{"id": identity, "rootPath": f"/{identity}"} for identity in known]
        return Operation.finished({"definitionParts": parts, "itemDefinitionsIndex": index}, name="export")


class Reading:
    """Jobs, ``parallel`` at a time, that read items of the service."""

    def __init__(self, service: Service | None, parallel: int = 4) -> None:
        self._clock = FakeClock()
        self._parallel = parallel
        live = types.SimpleNamespace(items=service, clock=self._clock)
        self._reader = BatchReader(t.cast("t.Any", live))

    def read(self, items: t.Sequence[Item], each: int = 1) -> list[dict[str, Content]]:
        """What the jobs get, each of which reads so many of the items."""
        groups = [items[start : start + each] for start in range(0, len(items), each)]
        with Jobs(self._parallel, self._clock) as jobs:
            return jobs.map(self._reader.read, groups)


def test_what_is_requested_before_the_start_is_read_together() -> None:
    service = Service()
    reading = Reading(service)
    found = reading.read(ITEMS[:4])
    assert all(found[number][f"id-{number}"].parts == {"Invoice.rdl": b"id-%d" % number} for number in range(4))
    reading.read(ITEMS[4:])
    assert [sorted(ids) for ids in service.requested] == [["id-0", "id-1", "id-2", "id-3"], ["id-4", "id-5"]]


def test_one_operation_has_a_limit() -> None:
    service = Service()
    items = [Item(f"id-{number}", "PaginatedReport", f"Invoice {number}") for number in range(850)]
    found = Reading(service).read(items, each=50)
    assert sorted(len(ids) for ids in service.requested) == [50, 400, 400]
    assert all({item.id for item in items[50 * number :][:50]} <= set(read) for number, read in enumerate(found))


def test_what_the_service_leaves_out_is_left_out() -> None:
    (found,) = Reading(Service(without={"id-0"})).read(ITEMS[:1])
    assert "id-0" not in found


def test_a_service_that_refuses_gets_no_second_request() -> None:
    service = Service(refuses=True)
    reading = Reading(service)
    assert reading.read(ITEMS[:3]) == [{}, {}, {}]
    assert reading.read(ITEMS[3:]) == [{}, {}, {}]
    assert len(service.requested) == 1


def test_a_defect_ends_all_jobs_that_wait() -> None:
    with pytest.raises(AttributeError):
        Reading(None, parallel=1).read(ITEMS)
