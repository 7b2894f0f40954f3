# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What came out of a run of Ansible, as callbacks saw it."""

from __future__ import annotations

import dataclasses
import json
import typing as t
from pathlib import Path


@dataclasses.dataclass(frozen=True)
class TaskResult:
    """One result as callbacks saw it. ``status`` is ok, failed, skipped, unreachable or retry; ``item``: of a loop.

    ``time``: when it was seen, in seconds since the epoch.
    ``x["key"]``, ``x.get("key")`` and ``"key" in x`` read ``result``.
    """

    task: str
    host: str
    status: str
    result: dict[str, t.Any]
    item: bool = False
    ignored: bool = False
    time: float = 0.0

    def __getitem__(self, key: str) -> t.Any:
        return self.result[key]

    def __contains__(self, key: str) -> bool:
        return key in self.result

    def get(self, key: str, default: t.Any = None) -> t.Any:
        return self.result.get(key, default)

    @property
    def changed(self) -> bool:
        return bool(self.result.get("changed", False))


@dataclasses.dataclass(frozen=True)
class Run:
    """A finished run. ``workdir`` holds its playbook, HOME (``home``), ANSIBLE_HOME and TMPDIR (``tmp``)."""

    rc: int
    stdout: str
    stderr: str
    results: list[TaskResult]
    workdir: Path

    @property
    def output(self) -> str:
        return f"{self.stdout}\n{self.stderr}"

    @property
    def home(self) -> Path:
        return self.workdir / "home"

    @property
    def tmp(self) -> Path:
        return self.workdir / "tmp"

    def result(self, task: str, host: str | None = None) -> TaskResult:
        """The last result of the task with that name (for a loop: of the whole loop)."""
        found = [
            result
            for result in self.results
            if result.task == task and not result.item and result.status != "retry" and host in (None, result.host)
        ]
        if not found:
            names = ", ".join(sorted({repr(result.task) for result in self.results})) or "none"
            raise AssertionError(f"no result of task {task!r}; recorded: {names}\n{self.output}")
        return found[-1]

    def items(self, task: str, host: str | None = None) -> list[TaskResult]:
        """The results of the items of a loop, in order."""
        return [r for r in self.results if r.task == task and r.item and host in (None, r.host)]

    def ok(self) -> Run:
        """Itself, when the exit code is 0; otherwise an AssertionError that shows the output."""
        if self.rc != 0:
            raise AssertionError(f"exit code {self.rc}\n{self.output}")
        return self

    def failed(self) -> Run:
        """Itself, when the exit code is not 0; otherwise an AssertionError that shows the output."""
        if self.rc == 0:
            raise AssertionError(f"expected a failure, got exit code 0\n{self.output}")
        return self


def read_results(record: Path) -> list[TaskResult]:
    if not record.exists():
        return []
    return [TaskResult(**json.loads(line)) for line in record.read_text(encoding="utf-8").splitlines()]
