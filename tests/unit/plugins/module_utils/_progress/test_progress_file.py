# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The events of a task as JSON lines, and whether a task shows progress at all."""

from __future__ import annotations

import json
import multiprocessing
import os
import stat
import subprocess
import sys
import threading
import typing as t
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._errors import ApiError, ConfigError
from ansible_collections.community.powerbi.plugins.module_utils._module import Context
from ansible_collections.community.powerbi.plugins.module_utils._progress.opening import open_progress
from ansible_collections.community.powerbi.plugins.module_utils._progress.progress import Display, Progress
from ansible_collections.community.powerbi.plugins.module_utils._progress.progress_file import ProgressFile
from ansible_collections.community.powerbi.plugins.module_utils._progress.time_left import PlannedItem
from fakes.clock import FakeClock

SHOWN: t.Final = Display(lambda _line: None, "web1", 3600.0, 3600.0)


def read(path: Path) -> list[dict[str, t.Any]]:
    return [json.loads(line) for line in path.read_text(encoding="ascii").splitlines()]


def context(check_mode: bool = False, environ: t.Mapping[str, str] | None = None, **params: t.Any) -> Context:
    given = {"progress": None, "progress_file": None, "workspace": "Sales", **params}
    return Context(given, check_mode=check_mode, environ=environ or {}, warn=lambda _text: None)


def test_each_event_is_a_line(tmp_path: Path) -> None:
    path = tmp_path / "progress.jsonl"
    clock = FakeClock(1_700_000_000.25)
    file = ProgressFile(str(path), {"task": "powerbi_deploy", "host": "web1", "subject": "Sales"}, pytest.fail)
    progress = Progress(clock, file=file)
    names = ("A", "B", "C\n\x1b[2J")
    progress.begin([PlannedItem(name, name, "create", 1.0) for name in names], parallel=1)
    with progress:
        with progress.item("A"):
            clock.now += 1.5
        with pytest.raises(ApiError), progress.item("B"):
            raise ApiError("refused", status=400)
        progress.skipped(["C\n\x1b[2J"])
    found = read(path)
    assert [(one["event"], one.get("item")) for one in found] == [
        ("planned", None),
        *(("started", "A"), ("finished", "A")),
        *(("started", "B"), ("failed", "B")),
        ("skipped", "C\n\x1b[2J"),
        ("ended", None),
    ]
    assert {(one["task"], one["host"], one["subject"]) for one in found} == {("powerbi_deploy", "web1", "Sales")}
    assert found[2]["seconds"] == 1.5
    assert found[2]["time"] == "2023-11-14T22:13:21.750Z"
    assert found[4]["reason"] == "refused"
    assert {key: found[-1][key] for key in ("planned", "done", "failed", "skipped")} == {
        "planned": 3,
        "done": 1,
        "failed": 1,
        "skipped": 1,
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def _append(path: str, name: str, count: int) -> None:
    file = ProgressFile(path, {"host": name}, print)
    for number in range(count):
        file.write(0.0, "started", item=f"{number} " + "x" * 5000)
    file.close()


def test_parallel_processes_share_a_file(tmp_path: Path) -> None:
    path = tmp_path / "progress.jsonl"
    forks = multiprocessing.get_context("fork")
    processes = [forks.Process(target=_append, args=(str(path), f"h{number}", 50)) for number in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    hosts = [one["host"] for one in read(path)]
    assert sorted(hosts) == sorted(f"h{number}" for number in range(4) for _line in range(50))


def test_a_reader_that_locks_the_file_does_not_stop_the_task(tmp_path: Path) -> None:
    path = tmp_path / "progress.jsonl"
    file = ProgressFile(str(path), {}, pytest.fail)
    locked = "import fcntl, sys; fcntl.flock(open(sys.argv[1]), fcntl.LOCK_SH); print('locked', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", locked, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as reader:
        assert t.cast("t.IO[bytes]", reader.stdout).readline() == b"locked\n"
        writer = threading.Thread(target=file.write, args=(0.0, "started"), daemon=True)
        writer.start()
        writer.join(10)
        events = [one["event"] for one in read(path)]
        t.cast("t.IO[bytes]", reader.stdin).close()
    assert events == ["started"]


@pytest.mark.parametrize("kind", ["folder", "fifo", "missing folder"])
def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x"
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path = path / "y"
    with pytest.raises(ConfigError, match="progress_file") as caught:
        open_progress(context(progress_file=str(path)), "powerbi_deploy", SHOWN)
    assert caught.value.remedy


def test_a_full_disk_is_a_warning(tmp_path: Path) -> None:
    warned: list[str] = []
    file = ProgressFile(str(tmp_path / "progress.jsonl"), {}, warned.append)
    os.dup2(os.open("/dev/full", os.O_WRONLY), t.cast("int", file._descriptor))
    file.write(0.0, "started")
    file.write(0.0, "finished")
    assert len(warned) == 1
    assert "No space left" in warned[0]


def _is_shown(opened: Progress) -> bool:
    return "[web1]" in opened.line()


@pytest.mark.parametrize(
    ("option", "variable", "shown"),
    [
        (None, "", True),
        (None, "false", False),
        (None, "Off", False),
        (None, "yes", True),
        (False, "true", False),
        (True, "false", True),
    ],
)
def test_the_option_precedes_the_environment(option: bool | None, variable: str, shown: bool) -> None:
    task = context(environ={"POWERBI_PROGRESS": variable}, progress=option)
    assert _is_shown(open_progress(task, "powerbi_deploy", SHOWN)) is shown


def test_another_word_in_the_environment_is_an_error() -> None:
    with pytest.raises(ConfigError, match="POWERBI_PROGRESS is 'sometimes'"):
        open_progress(context(environ={"POWERBI_PROGRESS": "sometimes"}), "powerbi_deploy", SHOWN)


def test_check_mode_shows_and_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "progress.jsonl"
    opened = open_progress(context(check_mode=True, progress_file=str(path)), "powerbi_deploy", SHOWN)
    assert not _is_shown(opened)
    assert not path.exists()


def test_a_module_without_the_option_shows_nothing() -> None:
    task = Context({"workspace": "Sales"}, check_mode=False, environ={}, warn=pytest.fail)
    assert not _is_shown(open_progress(task, "powerbi_token", SHOWN))


def test_the_query_of_a_path_is_not_shown() -> None:
    task = Context({"progress": None, "path": "/groups?sig=abc"}, check_mode=False, environ={}, warn=pytest.fail)
    assert "] /groups: " in open_progress(task, "powerbi_api", SHOWN).line()
