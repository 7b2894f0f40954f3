# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The plan of one item: its changes, in order."""

from __future__ import annotations

import dataclasses
import typing as t

from .._api.items import Item
from .._content.item import LocalItem
from .._errors import PowerBIError, listed
from .._progress.activity import Wait
from .change import Change, Diff, Run
from .identity.matches import Items

CREATE, UPDATE, UNCHANGED, DELETE = "create", "update", "unchanged", "delete"


@dataclasses.dataclass(eq=False)
class ItemPlan:
    """The plan of one item: its changes, in the order in which they are applied. Without any it is unchanged.

    ``local`` is None for an item to delete. ``before`` are the live items that match: none, one, or for a file a semantic
    model and its report, in this order; ``items`` are those after the changes. ``seconds`` is the duration of the changes,
    ``begin`` their beginning, in seconds after the first item could begin, and ``waits`` what they waited for.
    ``check`` compares the responses with what was written, after the changes. ``written`` and ``missing`` are the labels of the
    changes that an interrupted run has made and has not.
    """

    local: LocalItem | None
    before: Items = ()
    changes: list[Change] = dataclasses.field(default_factory=list)
    warnings: list[str] = dataclasses.field(default_factory=list)
    seconds: float | None = None
    check: Change | None = None

    def __post_init__(self) -> None:
        self.items = self.before
        self.written: list[str] = []
        self.missing: list[str] = []
        self.begin = 0.0
        self.waits: list[Wait] = []

    def apply(self, run: Run) -> None:
        """Apply the changes. Raises as `Change.apply`; the changes before stay applied."""
        for change in (*self.changes, *filter(None, [self.check])):
            self.missing = [other.label for other in self.changes[len(self.written) :]]
            try:
                self.items = change.apply(self.items, run)
            except PowerBIError:
                self.items = change.begun_items(self.items)
                if begun := change.begun():
                    self.written.append(begun)
                    self.missing = self.missing[1:]
                raise
            self.written.append(change.label)
            for item in self.items:
                run.live.record(item)
            if self.local is not None:
                run.matches.record(self.local, self.items)

    @property
    def half_written(self) -> str:
        """What a failed plan has written and what not, in words; "" if it has written nothing."""
        if not self.written:
            return ""
        missing = f"; not {listed(self.missing)}" if self.missing else ""
        return f"{self.label} (written: {listed(self.written)}{missing})"

    @property
    def expected_seconds(self) -> float:
        """How long the changes are expected to take, without waiting for a slot or the quota."""
        return sum(change.expected_seconds() for change in self.changes)

    @property
    def action(self) -> str:
        if self.local is None:
            return DELETE
        if not self.before:
            return CREATE
        return UPDATE if self.changes else UNCHANGED

    @property
    def live(self) -> Item | None:
        """The live item of the same type, if there is one."""
        return next(iter((self.items or self.before)[-1:]), None)

    @property
    def label(self) -> str:
        return str(self.local or "") or next((f"{item.name}.{item.type}" for item in self.before), "")

    @property
    def texts(self) -> list[str]:
        return [text for change in self.changes for text in change.texts]

    @property
    def diffs(self) -> list[Diff]:
        return [diff for change in self.changes for diff in change.diffs]

    def to_dict(self) -> dict[str, t.Any]:
        """The plan of the item as a result value."""
        live = self.live
        item_type, name = (self.local.type, self.local.display_name) if self.local else ("", "")
        if live is not None and self.local is None:
            item_type, name = live.type, live.name
        return {
            "action": self.action,
            "type": item_type,
            "name": name,
            "folder": self.local.folder if self.local else "",
            "id": live.id if live else "",
            "changes": self.texts,
            **({} if self.seconds is None else self._times(self.seconds)),
        }

    def _times(self, seconds: float) -> dict[str, t.Any]:
        waits = [wait.to_dict() for wait in self.waits]
        return {"begin": round(self.begin, 3), "seconds": round(seconds, 3), "waits": waits}
