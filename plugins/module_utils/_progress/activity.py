# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""What a thread works on, and what it waits for.

Any layer may report to the activity of its thread, without knowing the task: `waiting_for`, `uploaded`, `refreshed`. In a
thread without an activity they do nothing.
"""

from __future__ import annotations

import contextlib
import typing as t

from .._clock import Clock, thread

# What an activity waits for
DEPENDENCY, PARALLEL, QUOTA, RETRY, OPERATION, NAME = "dependency", "parallel", "quota", "retry", "operation", "name"

UPLOAD_INTERVAL = 1.0  # seconds between two reports of an upload
SHORTEST_WAIT = 0.05  # seconds: shorter waits are not shown
State = tuple[str, str]  # what kind of wait, and for what
Report = t.Callable[..., None]


class Wait(t.NamedTuple):
    """``kind`` is one of the constants, ``what`` the operation or the item, "" for the others."""

    kind: str
    what: str
    seconds: float

    def to_dict(self) -> dict[str, t.Any]:
        """As a result value."""
        return {"kind": self.kind, "what": self.what, "seconds": round(self.seconds, 3)}


class Activity:
    """The work on one item, or the whole task. Its thread writes, and that of the progress lines reads.

    ``report`` is called with the name of an event, this object and the values of the event.
    """

    def __init__(self, name: str, clock: Clock, report: Report = lambda *_args, **_values: None) -> None:
        self.name = name
        self.began = clock.monotonic()
        self.seconds = 0.0  # once it has ended
        self.state: State | None = None
        self.since = self.began  # when the state began
        self.sent = self.size = 0  # bytes of the upload
        self.tables: dict[str, str] = {}  # statuses of the tables of a refresh
        self._clock = clock
        self._report = report
        self._waits: dict[State, float] = {}
        self._uploaded_at = float("-inf")

    def add_wait(self, kind: str, what: str, seconds: float) -> None:
        """Record a wait that has ended."""
        self._waits[kind, what] = self._waits.get((kind, what), 0.0) + seconds

    def switch(self, state: State | None) -> State | None:
        """Wait for something from now on, or None: work. Returns the state before."""
        now, before = self._clock.monotonic(), self.state
        if before is not None:
            self.add_wait(*before, now - self.since)
        self.state, self.since = state, now
        if state is not None and state not in self._waits:
            self._waits[state] = 0.0
            self._report("waiting", self, kind=state[0], what=state[1])
        return before

    def end(self) -> None:
        """The work has ended."""
        self.switch(None)
        self.seconds = self._clock.monotonic() - self.began

    def waits(self) -> list[Wait]:
        """What it has waited for, in the order in which that began."""
        found = [Wait(*state, seconds) for state, seconds in self._waits.items()]
        return [wait for wait in found if wait.seconds >= SHORTEST_WAIT]

    def upload(self, sent: int, size: int) -> None:
        """The upload has sent that many bytes."""
        self.sent, self.size = sent, size
        now = self._clock.monotonic()
        if now - self._uploaded_at >= UPLOAD_INTERVAL or sent >= size:
            self._uploaded_at = now
            self._report("upload", self, sent=sent, size=size)

    def refresh(self, tables: dict[str, str]) -> None:
        """The statuses of the tables of a refresh."""
        if tables != self.tables:
            self.tables = tables
            self._report("refresh", self, tables=tables)


def current() -> Activity | None:
    """The activity of this thread."""
    return getattr(thread, "activity", None)


@contextlib.contextmanager
def working_on(activity: Activity) -> t.Iterator[Activity]:
    """Make it the activity of this thread, until the end of the block, at which the activity ends."""
    before, thread.activity = current(), activity
    try:
        yield activity
    finally:
        thread.activity = before
        activity.end()


@contextlib.contextmanager
def waiting_for(kind: str, what: str = "") -> t.Iterator[None]:
    """The activity of this thread waits for that during the block. A wait within a wait interrupts the outer one."""
    activity = current()
    if activity is None:
        yield
        return
    before = activity.switch((kind, what))
    try:
        yield
    finally:
        activity.switch(before)


def uploaded(sent: int, size: int) -> None:
    """The activity of this thread has sent ``sent`` of ``size`` bytes of a file."""
    activity = current()
    if activity is not None:
        activity.upload(sent, size)


def refreshed(objects: t.Iterable[t.Mapping[str, str]]) -> None:
    """The activity of this thread follows a refresh: its objects, with ``table`` and ``status``, one for each partition.

    The status of a table is that of the partition that is furthest from its completion; a failure comes first.
    """
    activity = current()
    if activity is None:
        return
    statuses: dict[str, set[str]] = {}
    for one in objects:
        statuses.setdefault(one["table"], set()).add(one["status"])
    activity.refresh({table: _status(found) for table, found in statuses.items()})


def _status(found: set[str]) -> str:
    failed = sorted(status for status in found if status in ("failed", "timedout", "cancelled", "disabled"))
    if failed:
        return failed[0]
    if "inprogress" in found or ("completed" in found and len(found) > 1):
        return "inprogress"
    return min(found)
