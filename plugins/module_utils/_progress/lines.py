# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The texts of progress lines. Pure."""

from __future__ import annotations

import typing as t

from .activity import NAME, OPERATION, PARALLEL, QUOTA, RETRY, Activity

OVERDUE = "longer than expected"
_MOST_NAMES = 2
_LONGEST_NAME = 60  # characters
_MEGABYTE = 1_000_000
_WAITS = {
    QUOTA: "waits for the quota",
    RETRY: "waits for a retry",
    NAME: "waits for its name",
    PARALLEL: "waits for a slot",
}


class Counts(t.NamedTuple):
    """The numbers of the items of a plan."""

    planned: int
    done: int
    running: int
    failed: int
    skipped: int

    def text(self) -> str:
        waiting = self.planned - self.done - self.running - self.failed - self.skipped
        parts = [
            f"{self.done} of {self.planned} {'item' if self.planned == 1 else 'items'} done",
            *(f"{number} {word}" for number, word in ((self.running, "running"), (waiting, "waiting")) if number),
            *(
                f"{number} {word}"
                for number, word in ((self.failed, "failed"), (self.skipped, "not started"))
                if number
            ),
        ]
        return ", ".join(parts)


def time_left(seconds: float | None) -> str:
    """An estimate in words, None for none: what runs has taken much longer than expected."""
    if seconds is None:
        return OVERDUE
    return "a few seconds left" if seconds < 5 else f"about {duration(seconds)} left"


def duration(seconds: float) -> str:
    """Seconds in words, rounded so that the number promises no more than an estimate can."""
    if seconds < 57.5:
        return f"{max(5, round(seconds / 5) * 5)} s"
    if seconds < 600:
        minutes, rest = divmod(round(seconds / 10) * 10, 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def megabytes(sent: int, size: int) -> str:
    """Bytes in MB (10^6), as file managers and the service's limits count them."""
    return f"{sent / _MEGABYTE:.1f} of {size / _MEGABYTE:.1f} MB"


def what_it_does(activity: Activity, now: float) -> str:
    """What an activity does at the moment ``now``: an upload, a refresh by table, or what it waits for; "" for else."""
    state = activity.state
    parts = []
    if activity.size and activity.sent < activity.size:
        parts.append(f"{megabytes(activity.sent, activity.size)} sent")
    elif state is not None and state[0] == OPERATION:
        parts.append(f"{state[1]}, {now - activity.since:.0f} s")
    elif state is not None:
        parts.append(_WAITS.get(state[0], f"waits for {state[1]}"))
    if activity.tables:
        parts.append(_tables(activity.tables))
    return "; ".join(parts)


def _tables(tables: t.Mapping[str, str]) -> str:
    done = sum(status == "completed" for status in tables.values())
    running = [name for name, status in tables.items() if status == "inprogress"]
    failed = [name for name, status in tables.items() if status in ("failed", "timedout", "cancelled")]
    details = [
        *([f"now {_listed(running)}"] if running else []),
        *([f"failed {_listed(failed)}"] if failed else []),
    ]
    return f"{done} of {len(tables)} tables refreshed" + (f" ({'; '.join(details)})" if details else "")


def running_items(activities: t.Sequence[Activity], now: float) -> str:
    """The items that have run for the longest time, with what they do."""
    oldest = sorted(activities, key=lambda activity: activity.began)
    shown = []
    for activity in oldest[:_MOST_NAMES]:
        does = _short(what_it_does(activity, now), activity.name)
        shown.append(f"{_cut(activity.name)}{': ' + does if does else ''}")
    more = len(oldest) - len(shown)
    return "; ".join([*shown, *([f"{more} more"] if more > 0 else [])])


def _short(does: str, name: str) -> str:
    """Without the name, which precedes it: "creation, 9 s" of "creation of Sales.Report, 9 s"."""
    return does.replace(f" of {name}", "", 1)


def _listed(names: t.Sequence[str]) -> str:
    shown = ", ".join(_cut(name) for name in names[:_MOST_NAMES])
    return f"{shown} and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else shown


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 3]}..."
