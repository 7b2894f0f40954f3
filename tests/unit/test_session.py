# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""tests/conftest.py, with and without workers: a session that leaves something in the temp folder fails and names it; children
of tests can be interrupted, also where the session can not."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

CONFTEST = Path(__file__).resolve().parents[1] / "conftest.py"
TIDY = "import tempfile\n\ndef test_it():\n    with tempfile.TemporaryDirectory(prefix='powerbi-run-'): pass\n"
UNTIDY = "import tempfile\n\ndef test_it():\n    tempfile.mkdtemp(prefix='powerbi-run-')\n"
OF_A_CHILD = "import subprocess\n\ndef test_it():\n    subprocess.run(['mktemp', '-d', '-t', 'powerbi-run-XXXXXX'], check=True)\n"
INTERRUPTED = """
import signal, subprocess, sys

def test_it():
    child = subprocess.Popen([sys.executable, "-c", "print(1, flush=True); import time; time.sleep(60)"], stdout=-1)
    child.stdout.readline()
    child.send_signal(signal.SIGINT)
    assert child.wait(timeout=20) != 0
"""


def session(folder: Path, text: str, workers: int, **options_of_process: t.Any) -> tuple[int, str]:
    shutil.copy(CONFTEST, folder / "conftest.py")
    (folder / "test_it.py").write_text(text, encoding="utf-8")
    options = ["-q", "-p", "no:cacheprovider", "-n", str(workers), "-c", os.devnull, f"--basetemp={folder / 'base'}"]
    command = [sys.executable, "-m", "pytest", *options, f"--rootdir={folder}", str(folder / "test_it.py")]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, **options_of_process
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("workers", [0, 1])
@pytest.mark.parametrize(("text", "left"), [(TIDY, False), (UNTIDY, True), (OF_A_CHILD, True)])
def test_what_is_left_fails_the_session(text: str, left: bool, workers: int, tmp_path: Path) -> None:
    code, output = session(tmp_path, text, workers)
    assert "1 passed" in output
    assert code == int(left), output
    assert ("Left in the temp folder" in output) is left
    assert ("powerbi-run-" in output) is left


def in_the_background() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


@pytest.mark.parametrize("workers", [0, 1])
def test_children_can_be_interrupted(workers: int, tmp_path: Path) -> None:
    code, output = session(tmp_path, INTERRUPTED, workers, preexec_fn=in_the_background)
    assert code == 0, output
