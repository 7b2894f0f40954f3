# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Time real processes in turn: every scenario once per round, in rotating order, so that a busy machine hurts all alike."""

from __future__ import annotations

import dataclasses
import os
import statistics
import subprocess
import time
import typing as t


class Row(t.NamedTuple):
    """One line of the table: a goal of an issue, or what the reader needs to assess one (``bound`` infinite).

    ``bound`` is the most that the issue allows, the least with ``at_least``.
    """

    what: str
    measured: float
    bound: float = float("inf")
    unit: str = "x"
    at_least: bool = False

    @property
    def is_goal(self) -> bool:
        return self.bound != float("inf")

    @property
    def met(self) -> bool:
        return self.measured >= self.bound if self.at_least else self.measured <= self.bound

    def __str__(self) -> str:
        goal = f"{'>=' if self.at_least else '<='} {self.bound:g}" if self.is_goal else ""
        verdict = ("ok" if self.met else "OVER" if not self.at_least else "UNDER") if self.is_goal else ""
        return f"  {self.what:<66}{self.measured:>9.2f} {self.unit:<3}{goal:>8}  {verdict}".rstrip()

    def to_dict(self) -> dict[str, t.Any]:
        return {**self._asdict(), "bound": self.bound if self.is_goal else None}


class Sample(t.NamedTuple):
    """One run: seconds on the wall, and seconds of CPU (user and system) of the process and all its children."""

    wall: float
    cpu: float


@dataclasses.dataclass(frozen=True)
class Command:
    """A process to time. ``before`` runs ahead of each run, outside of the measurement."""

    name: str
    argv: t.Sequence[str]
    env: t.Mapping[str, str]
    before: t.Callable[[], None] | None = None


def run_once(command: Command) -> Sample:
    """Run it to its end. Raises RuntimeError with its output if it fails: a failed run has no time."""
    if command.before:
        command.before()
    with subprocess.Popen(
        command.argv, env=dict(command.env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        start = time.perf_counter()
        output = t.cast("t.IO[bytes]", process.stdout).read()
        _pid, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command.name} failed:\n{output.decode(errors='replace')[-3000:]}")
    return Sample(wall, usage.ru_utime + usage.ru_stime)


def in_turn(commands: t.Sequence[Command], rounds: int) -> dict[str, list[Sample]]:
    """``rounds`` samples of each command, after one run of each that does not count."""
    samples: dict[str, list[Sample]] = {command.name: [] for command in commands}
    for command in commands:
        run_once(command)
    for number in range(rounds):
        shift = number % len(commands)
        for command in (*commands[shift:], *commands[:shift]):
            samples[command.name].append(run_once(command))
    return samples


def median(values: t.Iterable[float]) -> float:
    return statistics.median(values)


def ratio(top: t.Sequence[Sample], bottom: t.Sequence[Sample], field: str, less: t.Sequence[Sample] = ()) -> float:
    """Median of the rounds' own ratios, ``less`` (start-up, for example) subtracted from both."""
    base = [getattr(sample, field) for sample in less] or [0.0] * len(top)
    return median((getattr(a, field) - c) / (getattr(b, field) - c) for a, b, c in zip(top, bottom, base, strict=True))
