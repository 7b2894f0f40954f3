# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lines of a task's progress: what they state, and when they are shown."""

from __future__ import annotations

import threading
import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._errors import ApiError
from ansible_collections.community.powerbi.plugins.module_utils._http.response import printable
from ansible_collections.community.powerbi.plugins.module_utils._progress.activity import (
    OPERATION,
    QUOTA,
    refreshed,
    uploaded,
    waiting_for,
)
from ansible_collections.community.powerbi.plugins.module_utils._progress.lines import duration
from ansible_collections.community.powerbi.plugins.module_utils._progress.progress import Display, Progress
from ansible_collections.community.powerbi.plugins.module_utils._progress.time_left import PlannedItem
from fakes.clock import FakeClock

NEVER: t.Final = 3600.0  # seconds until the thread shows a line: here the test does


class Task:
    """A task on a clock of its own. ``shown`` are its lines."""

    def __init__(self, *, secret: str = "", calls: int = 0) -> None:
        self.clock = FakeClock(0.0)
        self.shown: list[str] = []
        self.calls = calls
        self.progress = Progress(
            self.clock,
            subject="Sales",
            display=Display(self.shown.append, "web1", NEVER, NEVER),
            redact=lambda text: printable(text, secrets=[secret]),
            calls=lambda: self.calls,
        )

    def plan(self, *names: str, needs: t.Mapping[str, t.Sequence[str]] | None = None, seconds: float = 10.0) -> None:
        items = [PlannedItem(name, name, "create", seconds, (needs or {}).get(name, ())) for name in names]
        self.progress.begin(items, parallel=8)


def test_items_are_counted_and_the_running_ones_are_named() -> None:
    task = Task()
    task.plan("A", "B", "C", needs={"C": ["B"]})
    with task.progress:
        with task.progress.item("A"):
            task.clock.now += 12
        with task.progress.item("B"), waiting_for(OPERATION, "creation of B"):
            task.clock.now += 3
            task.progress.show_line()
    assert task.shown[0] == (
        "progress: [web1] Sales: 15 s, 1 of 3 items done, 1 running, 1 waiting, about 20 s left (B: creation, 3 s)"
    )
    assert task.shown[1] == "progress: [web1] Sales: 15 s, 2 of 3 items done, 1 waiting"


def test_items_that_wait_for_the_quota_are_counted_and_not_overdue() -> None:
    task = Task()
    task.plan("A", "B")
    with task.progress.item("A"), waiting_for(QUOTA):
        task.clock.now += 60
        assert task.progress.line() == (
            "progress: [web1] Sales: 60 s, 0 of 2 items done, 1 running, 1 waiting, 1 wait for the quota "
            "(A: waits for the quota)"
        )


def test_failed_items_and_those_that_are_not_started_are_counted() -> None:
    task = Task()
    task.plan("A", "B")
    with pytest.raises(ApiError), task.progress.item("A"):
        raise ApiError("refused", status=400)
    task.progress.skipped(["B"])
    assert task.progress.line().startswith("progress: [web1] Sales: 0 s, 0 of 2 items done, 1 failed, 1 not started")
    assert "left" not in task.progress.line()


def test_a_task_without_a_line_in_its_time_shows_none_at_its_end() -> None:
    task = Task()
    task.plan("A")
    with task.progress, task.progress.item("A"):
        task.clock.now += 1
    assert task.shown == []


def test_an_unchanged_state_is_not_repeated_but_after_ten_seconds() -> None:
    task = Task()
    task.plan("A", "B")
    with task.progress.item("A"):
        for seconds in (2, 2, 2, 2, 2):
            task.progress.show_line()
            task.clock.now += seconds
        assert len(task.shown) == 1
        task.progress.show_line()
    assert len(task.shown) == 2


def test_an_upload_is_shown_in_megabytes() -> None:
    task = Task()
    with task.progress:
        uploaded(12_300_000, 45_600_000)
        assert "12.3 of 45.6 MB sent" in task.progress.line()
        uploaded(45_600_000, 45_600_000)
        assert "MB" not in task.progress.line()


def test_a_refresh_is_shown_by_table() -> None:
    """A table is done once all its partitions are."""
    task = Task()
    partitions = [("Sales", "completed"), ("Sales", "inprogress"), ("Dates", "completed"), ("Shops", "failed")]
    with task.progress:
        refreshed({"table": table, "status": status} for table, status in partitions)
        assert "1 of 3 tables refreshed (now Sales; failed Shops)" in task.progress.line()


def test_names_with_control_characters_and_secrets_are_harmless() -> None:
    task = Task(secret="hunter2-hunter2")
    task.plan("Bad\x1b[2J\r\nname", "with hunter2-hunter2")
    with task.progress.item("Bad\x1b[2J\r\nname"), task.progress.item("with hunter2-hunter2"):
        line = task.progress.line()
    assert line.isprintable()
    assert "Bad name" in line
    assert "hunter2" not in line


def test_a_wait_within_a_wait_counts_once() -> None:
    task = Task()
    task.plan("A")
    with task.progress.item("A", ready=0.0) as activity, waiting_for(OPERATION, "creation of A"):
        task.clock.now += 2
        with waiting_for(QUOTA):
            task.clock.now += 5
        task.clock.now += 1
    assert [(wait.kind, wait.seconds) for wait in activity.waits()] == [(OPERATION, 3.0), (QUOTA, 5.0)]
    assert activity.seconds == 8.0


def test_dependencies_and_slots_count_before_the_beginning() -> None:
    task = Task()
    task.plan("A", "B")
    task.clock.now += 9
    with task.progress.item("B", ready=7.0, after="A") as activity:
        task.clock.now += 1
    assert [wait.to_dict() for wait in activity.waits()] == [
        {"kind": "dependency", "what": "A", "seconds": 7.0},
        {"kind": "parallel", "what": "", "seconds": 2.0},
    ]
    assert activity.seconds == 1.0


def test_reports_without_an_activity_do_nothing() -> None:
    uploaded(1, 2)
    refreshed([{"table": "Sales", "status": "completed"}])
    with waiting_for(QUOTA):
        pass


def test_the_thread_shows_lines_while_the_task_is_busy_and_ends_with_it() -> None:
    seen = threading.Event()
    progress = Progress(display=Display(lambda _line: seen.set(), "web1", 0.01, 0.01))
    with progress:
        assert seen.wait(10)
    assert "powerbi-progress" not in [thread.name for thread in threading.enumerate()]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (1, "5 s"),
        (42, "40 s"),
        (58, "1 min"),
        (100, "1 min 40 s"),
        (126, "2 min 10 s"),
        (3590, "1 h 0 min"),
        (700, "12 min"),
    ],
)
def test_estimates_are_rounded(seconds: float, text: str) -> None:
    assert duration(seconds) == text
