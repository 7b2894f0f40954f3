# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run targets of the Makefile side by side, for those that use one processor each.

    tools/stages.py --jobs 2 sanity lint molecule

They start in this order. The output of each is in .cache/stages and is printed whole when it ends, so that the outputs don't
mix. All run, even after one has failed; the exit code is 1 if any has failed. Ctrl-C and SIGTERM end all that run, with their
children.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import time
import typing as t
from pathlib import Path

LOGS: t.Final = Path(".cache", "stages")
GRACE: t.Final = 10.0  # seconds to remove temporary files after SIGTERM


class Stage:
    """A make of one target, in a process group of its own."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.failed = False
        self._log = LOGS / f"{target}.log"
        self._start = time.monotonic()
        print(f"==> {target}: started", flush=True)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                ["make", target],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def ended(self) -> bool:
        code = self._process.poll()
        if code is None:
            return False
        self.failed = code != 0
        result = f"FAILED, exit code {code}" if code else "passed"
        text = self._log.read_text(encoding="utf-8", errors="replace")
        print(f"{text}==> {self.target}: {result}, {time.monotonic() - self._start:.0f} s", flush=True)
        return True

    def signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def wait(self) -> None:
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            self._process.wait()


def run(targets: list[str], jobs: int) -> list[str]:
    """The targets that have failed."""
    LOGS.mkdir(parents=True, exist_ok=True)
    waiting, running, failed = list(targets), list[Stage](), list[str]()
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                running.append(Stage(waiting.pop(0)))
            time.sleep(0.1)
            ended = [stage for stage in running if stage.ended()]
            running = [stage for stage in running if stage not in ended]
            failed += [stage.target for stage in ended if stage.failed]
    finally:
        for stage in running:
            stage.signal(signal.SIGTERM)
        for stage in running:
            stage.wait()
    return failed


def interrupt(_number: int, _frame: object) -> t.NoReturn:
    raise KeyboardInterrupt


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("targets", nargs="+", metavar="target")
    parser.add_argument("--jobs", type=int, default=2, help="targets at once")
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell starts what runs in the background with SIGINT ignored
        signal.signal(number, interrupt)
    try:
        failed = run(options.targets, max(options.jobs, 1))
    except KeyboardInterrupt:
        print("==> interrupted", flush=True)
        return 130
    if failed:
        print(f"==> FAILED: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
