# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A command as a user sees it: with a pseudo terminal, or with its output in a pipe; each line with its time."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import threading
import time
import typing as t
from pathlib import Path

_ESCAPES: t.Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_COLUMNS: t.Final = "150"


class Line(t.NamedTuple):
    """``seconds`` after the start of the command. ``text`` has no line end, and no colours."""

    seconds: float
    text: str


class Seen(t.NamedTuple):
    """What a command has written to stdout and stderr together, and its exit code."""

    code: int
    lines: list[Line]

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)

    def matching(self, pattern: str) -> list[Line]:
        return [line for line in self.lines if re.search(pattern, line.text)]


def see(argv: t.Sequence[str], *, env: t.Mapping[str, str], cwd: Path, terminal: bool, timeout: float = 300.0) -> Seen:
    """Run the command to its end. Raises AssertionError when it does not end within ``timeout`` seconds; it is killed then."""
    source, target = pty.openpty() if terminal else os.pipe()
    started = time.monotonic()
    process = subprocess.Popen(
        argv,
        cwd=cwd,
        env={**env, "COLUMNS": _COLUMNS, "TERM": "xterm"},
        stdin=subprocess.DEVNULL,
        stdout=target,
        stderr=target,
        start_new_session=True,
    )
    os.close(target)
    killer = _Killer(process, timeout)
    lines: list[Line] = []
    rest = b""
    try:
        with killer:
            while data := _read(source):
                *whole, rest = (rest + data).split(b"\n")
                now = time.monotonic() - started
                lines += [Line(now, _plain(line)) for line in whole]
            code = process.wait()
    finally:
        os.close(source)
    if rest:
        lines.append(Line(time.monotonic() - started, _plain(rest)))
    if killer.expired:
        raise AssertionError(f"still running after {timeout} s\n" + "\n".join(line.text for line in lines))
    return Seen(code, lines)


class _Killer:
    """Kills the process group of a command that takes too long."""

    def __init__(self, process: subprocess.Popen[bytes], timeout: float) -> None:
        self.expired = False
        self._process = process
        self._timer = threading.Timer(timeout, self._kill)

    def _kill(self) -> None:
        self.expired = True
        os.killpg(self._process.pid, signal.SIGKILL)

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *exc_info: object) -> None:
        self._timer.cancel()


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # the other end of a pseudo terminal is closed
        return b""


def _plain(line: bytes) -> str:
    return _ESCAPES.sub("", line.decode("utf-8", "replace")).rstrip("\r")
