# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Definitions for many jobs at once: one operation for all that come together, none once the service refuses."""

from __future__ import annotations

import base64
import types
import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._api.items import Item
from ansible_collections.community.powerbi.plugins.module_utils._clock import SystemClock
from ansible_collections.community.powerbi.plugins.module_utils._deploy.fingerprint import Content
from ansible_collections.community.powerbi.plugins.module_utils._deploy.fingerprint_reading import BatchReader
from ansible_collections.community.powerbi.plugins.module_utils._deploy.remote import RemoteWorkspace
from ansible_collections.community.powerbi.plugins.module_utils._errors import ApiError
from ansible_collections.community.powerbi.plugins.module_utils._operation import Operation
from ansible_collections.community.powerbi.plugins.module_utils._scheduler import Job, Scheduler, Wait

ITEMS: t.Final = [Item(f"id-{number}", "PaginatedReport", f"Invoice {number}") for number in range(6)]


class Service:
    """The bulk export: what it was asked for; it gives all but ``without``, or refuses."""

    def __init__(self, *, without: t.Container[str] = (), refuses: bool = False) -> None:
        self.asked: list[list[str]] = []
        self._without = without
        self._refuses = refuses

    def export(self, items: t.Iterable[Item]) -> Operation:
        ids = [item.id for item in items]
        self.asked.append(ids)
        if self._refuses:
            raise ApiError("not for you", status=403)
        known = [identity for identity in ids if identity not in self._without]
        parts = [
            {"path": f"/{identity}/Invoice.rdl", "payload": base64.b64encode(identity.encode()).decode()}
            for identity in known
        ]
        index = [{"id": identity, "rootPath": f"/{identity}"} for identity in known]
        return Operation.finished({"definitionParts": parts, "itemDefinitionsIndex": index}, name="export")

    def gatherer(self) -> BatchReader:
        sender = types.SimpleNamespace(clock=SystemClock())
        live = types.SimpleNamespace(items=self, client=types.SimpleNamespace(sender=sender))
        seen: RemoteWorkspace = t.cast("RemoteWorkspace", live)
        return BatchReader(seen, timeout=5)


def read(gatherer: BatchReader, items: t.Iterable[Item]) -> list[dict[str, Content]]:
    def job(item: Item) -> Job:
        return (yield Wait(gatherer.reading([item])))

    found: list[dict[str, Content]] = []
    scheduler = Scheduler(4)
    for item in items:
        scheduler.add(job(item), lambda result, _error: found.append(result))
    scheduler.run()
    return found


def test_who_comes_together_is_read_together() -> None:
    service = Service()
    gatherer = service.gatherer()
    found = read(gatherer, ITEMS[:4])
    assert all(found[number][f"id-{number}"].parts == {"Invoice.rdl": b"id-%d" % number} for number in range(4))
    read(gatherer, ITEMS[4:])
    assert service.asked == [["id-0", "id-1", "id-2", "id-3"], ["id-4", "id-5"]]


def test_what_the_service_leaves_out_is_left_out() -> None:
    (found,) = read(Service(without={"id-0"}).gatherer(), ITEMS[:1])
    assert "id-0" not in found


def test_it_is_asked_once_where_it_refuses() -> None:
    service = Service(refuses=True)
    gatherer = service.gatherer()
    assert read(gatherer, ITEMS[:3]) == [{}, {}, {}]
    assert read(gatherer, ITEMS[3:]) == [{}, {}, {}]
    assert len(service.asked) == 1
