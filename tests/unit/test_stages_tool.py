# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""tools/stages.py: targets side by side; no output and no failure is lost, and an interrupt leaves nothing running."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

TOOL = Path(__file__).resolve().parents[2] / "tools" / "stages.py"
# `left` and `right` end only when both run; `endless` has a child that a signal to make alone would not end.
MAKEFILE = """\
.PHONY: one two bad left right endless
one: ; @echo one begins; sleep 0.3; echo one ends
two: ; @echo two begins; sleep 0.3; echo two ends
bad: ; @echo the reason; exit 3
left: ; @touch left.here; for i in 1 2 3 4 5 6 7 8 9 10; do [ ! -e right.here ] || exit 0; sleep 0.5; done; exit 1
right: ; @touch right.here; for i in 1 2 3 4 5 6 7 8 9 10; do [ ! -e left.here ] || exit 0; sleep 0.5; done; exit 1
endless: ; @sh -c 'echo $$$$ >child; sleep 60'; true
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "Makefile").write_text(MAKEFILE, encoding="utf-8")
    return tmp_path


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, str(TOOL), *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout


def runs(process: str) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", process], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")  # a container's first process may not collect zombies


def test_the_outputs_do_not_mix(folder: Path) -> None:
    code, output = run(folder, "one", "two")
    assert code == 0
    assert "one begins\none ends\n==> one: passed" in output
    assert "two begins\ntwo ends\n==> two: passed" in output


def test_two_targets_run_at_once(folder: Path) -> None:
    assert run(folder, "left", "right")[0] == 0


def test_with_one_job_they_run_one_after_the_other(folder: Path) -> None:
    output = run(folder, "--jobs", "1", "one", "two")[1]
    assert re.search(r"one ends\n==> one: passed, \d+ s\n==> two: started\n", output)


def test_all_run_after_a_failure_which_is_not_lost(folder: Path) -> None:
    code, output = run(folder, "--jobs", "1", "bad", "one", "missing")
    assert code == 1
    assert "the reason\n" in output
    assert "==> bad: FAILED, exit code 2" in output
    assert "==> one: passed" in output
    assert output.endswith("==> FAILED: bad, missing\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_children_too(folder: Path, number: signal.Signals) -> None:
    tool = subprocess.Popen([sys.executable, str(TOOL), "endless"], cwd=folder, stdout=subprocess.PIPE, text=True)
    child = folder / "child"
    deadline = time.monotonic() + 30
    while not (child.exists() and child.read_text().strip()) and time.monotonic() < deadline:
        time.sleep(0.05)
    tool.send_signal(number)
    output, _errors = tool.communicate(timeout=30)
    assert tool.returncode == 130
    assert output.endswith("==> interrupted\n")
    deadline = time.monotonic() + 30
    while runs(child.read_text().strip()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not runs(child.read_text().strip())
