# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of semantic models besides their definition: bindings, schedules, permissions."""

from __future__ import annotations

import dataclasses
import typing as t

from powerbi_emulator.emulator_state import EmulatorState, Store
from powerbi_emulator.seed import Section
from powerbi_emulator.state.items import Item

Schedule = dict[str, t.Any]


def _no_schedule() -> Schedule:
    return {"days": [], "times": [], "enabled": False, "localTimeZoneId": "UTC", "notifyOption": "NoNotification"}


def _no_direct_query_schedule() -> Schedule:
    return {"frequency": 60}


@dataclasses.dataclass
class DatasetSettings:
    """``datasource_ids`` are those of the gateway; ``connections`` are by the source's type and path, in lower case.

    ``users`` are rights by object id, besides what roles in the workspace give. ``rows`` are by the name of
    their table, in lower case.
    """

    storage_mode: str = "Abf"
    scale_out: dict[str, t.Any] = dataclasses.field(
        default_factory=lambda: {"autoSyncReadOnlyReplicas": True, "maxReadOnlyReplicas": 0}
    )
    gateway_id: str | None = None
    datasource_ids: list[str] = dataclasses.field(default_factory=list)
    connections: dict[tuple[str, str], str] = dataclasses.field(default_factory=dict)
    users: dict[str, str] = dataclasses.field(default_factory=dict)
    rows: dict[str, list[dict[str, t.Any]]] = dataclasses.field(default_factory=dict)
    schedule: Schedule = dataclasses.field(default_factory=_no_schedule)
    direct_query_schedule: Schedule = dataclasses.field(default_factory=_no_direct_query_schedule)

    def drop_bindings(self) -> None:
        """No data source is bound to a connection or a gateway any more."""
        self.gateway_id = None
        self.datasource_ids.clear()
        self.connections.clear()


class Datasets(Store):
    """Settings by the model's id, created on first use."""

    def __init__(self, emulated: EmulatorState, seed: Section) -> None:  # noqa: ARG002
        self._settings: dict[str, DatasetSettings] = {}

    def of(self, item: Item) -> DatasetSettings:
        return self._settings.setdefault(item.id, DatasetSettings())
