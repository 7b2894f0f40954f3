# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each process of a test session has a temp folder of its own, and a session that leaves something there fails.

Signals are as in a terminal, whatever has started the session: tests interrupt their children.
"""

from __future__ import annotations

import os
import signal
import tempfile
import typing as t
from pathlib import Path

import pytest

NAME: t.Final = "tmp"
LEFT: t.Final = pytest.StashKey[list[str]]()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Before the collection, since what a test file makes when it is imported counts, too."""
    folder: Path = session.config._tmp_path_factory.mktemp(NAME, numbered=False)  # type: ignore[attr-defined]
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    # A shell starts what runs in the background with SIGINT ignored, and a child inherits that.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In the process that the workers of pytest-xdist report to, when all have ended."""
    if hasattr(session.config, "workerinput"):
        return
    base: Path = session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
    found = sorted(str(path) for pattern in (NAME, f"popen-gw*/{NAME}") for path in base.glob(f"{pattern}/*"))
    session.config.stash[LEFT] = found
    if found:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    found = config.stash.get(LEFT, [])
    if found:
        terminalreporter.section("Left in the temp folder", red=True)
        for path in found:
            terminalreporter.line(path)
