# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Refreshes of semantic models: one at a time for each model, and a history of the last ones."""

from __future__ import annotations

import dataclasses
import datetime
import json
import typing as t

from powerbi_emulator.destructive_changes import table_names
from powerbi_emulator.emulator_state import EmulatorState, Store
from powerbi_emulator.refresh_policies import partitioned
from powerbi_emulator.replication import Replica
from powerbi_emulator.seed import Section
from powerbi_emulator.state.durations import Durations
from powerbi_emulator.state.items import Item

KEPT: t.Final = 60
Status = t.Literal["Unknown", "Completed", "Failed", "Cancelled", "Disabled"]


@dataclasses.dataclass
class Refresh:
    """``enhanced``: it was requested with more than a notify option. ``Unknown`` is a running one. Epoch seconds."""

    id: str
    enhanced: bool
    options: dict[str, t.Any]
    started: float
    replica: Replica
    status: Status = "Unknown"
    ended: float | None = None
    error: str | None = None  # JSON in a text, as in the service


class Refreshes(Store):
    """``refresh_time`` is the duration of a refresh; those of models in ``failing_refreshes`` fail at its end."""

    def __init__(self, emulated: EmulatorState, seed: Section) -> None:  # noqa: ARG002
        self._emulated = emulated
        self._history: dict[str, list[Refresh]] = {}

    def history(self, item: Item) -> list[Refresh]:
        """Newest first."""
        return self._history.get(item.id, [])

    def running(self, item: Item) -> Refresh | None:
        history = self.history(item)
        return history[0] if history and history[0].status == "Unknown" else None

    def begin(self, item: Item, refresh_id: str, options: dict[str, t.Any], *, enhanced: bool) -> Refresh:
        """Start a refresh; the caller has checked that none is running."""
        now = self._emulated.now()
        refresh = Refresh(refresh_id, enhanced, options, now, Replica.made_now(self._emulated))
        self._history[item.id] = [refresh, *self.history(item)][:KEPT]
        seconds = self._emulated.store(Durations).next("refresh", item.type, self._emulated.switches.refresh_time)
        self._emulated.timers.later(seconds, lambda: self._finish(item, refresh))
        return refresh

    def cancel(self, refresh: Refresh) -> None:
        if refresh.status == "Unknown":
            refresh.status, refresh.ended = "Cancelled", self._emulated.now()

    def _finish(self, item: Item, refresh: Refresh) -> None:
        if refresh.status != "Unknown":
            return
        refresh.ended = self._emulated.now()
        if item.name in (self._emulated.switches.failing_refreshes or ()):
            refresh.status = "Failed"
            refresh.error = json.dumps({"errorCode": "ModelRefreshFailed_CredentialsNotSpecified"})
        else:
            refresh.status = "Completed"
            self._load(item, refresh.options)

    def _load(self, item: Item, options: dict[str, t.Any]) -> None:
        """The effects of a refresh: rows or none in its tables, and the partitions of refresh policies."""
        kind = str(options.get("type", "Full")).lower()
        tables = table_names(item.parts)
        if options.get("objects"):
            tables &= {str(one.get("table")).lower() for one in options["objects"]}
        if kind == "clearvalues":
            item.loaded -= tables
            return
        if kind not in ("full", "dataonly", "automatic"):
            return
        item.loaded |= tables
        if options.get("applyRefreshPolicy", True) is not False:
            parts = partitioned(item.parts, self._today(options))
            if parts != item.parts:
                item.parts = parts
                item.touch(self._emulated)

    def _today(self, options: dict[str, t.Any]) -> datetime.date:
        """``effectiveDate`` overrides the current date for refresh policies."""
        try:
            return datetime.date.fromisoformat(str(options.get("effectiveDate"))[:10])
        except ValueError:
            return datetime.datetime.fromtimestamp(self._emulated.now(), datetime.UTC).date()
