# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the collection with each ansible-core of requirements/cores.txt, in environments of their own, and print a table.

    tools/test_cores.py            with the oldest and the newest that this machine can have, besides that of .venv
    tools/test_cores.py --turn     with one of the others, too: another one from commit to commit
    tools/test_cores.py --all      with all of them
    tools/test_cores.py 2.16 2.20  with these

    --parts unit,everycore,sanity  run only these
    --brief                        of the unit tests only those of what uses Ansible's API, and of everycore no repeated proof
    --jobs 2                       so many parts at once; each writes to .cache/cores, and a failed one is printed whole

A version that can't be had is said (SKIPPED, with the reason) and is no failure; a failed part is, after all have run.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import re
import subprocess
import sys
import time
import typing as t
from pathlib import Path

REPOSITORY: t.Final = Path(__file__).resolve().parents[1]
LOGS: t.Final = REPOSITORY / ".cache" / "cores"
PARTS: t.Final = ("unit", "everycore", "sanity")
# Tests of what imports nothing of Ansible: with the Python of .venv they would repeat what `make unit` runs.
WITHOUT_ANSIBLE: t.Final = tuple(
    f"tests/unit/plugins/module_utils/{package}" for package in ("_content", "_deploy", "_http", "_settings")
)
# What --brief leaves of the unit tests: all that imports Ansible is tested by these.
OF_ANSIBLE: t.Final = (
    *(f"tests/unit/plugins/{folder}" for folder in ("action", "filter", "lookup", "modules", "plugin_utils", "test")),
    *("tests/unit/plugins/module_utils/test__module.py", "tests/unit/test_failure_results.py"),
    *("tests/unit/test_role_deploy.py", "tests/unit/test_runtime.py"),
)


@dataclasses.dataclass
class Row:
    """A line of the table. ``reason``: why the version can't be had here. ``same_python``: the minor version is that of .venv.

    ``partial``: which of the unit tests run, if not all.
    """

    core: str
    python: str = ""
    reason: str = ""
    same_python: bool = False
    brief: bool = False
    cells: dict[str, str] = dataclasses.field(default_factory=dict)

    @property
    def partial(self) -> str:
        if self.brief:
            return "those of what uses Ansible's API; make test-full runs all"
        if self.same_python:
            return "those that depend on ansible-core; the others ran in .venv with this Python"
        return ""

    def line(self) -> str:
        if self.reason:
            return f"| {self.core} | {self.python or '-'} | SKIPPED: {self.reason} | | |"
        return f"| {self.core} | {self.python} | {' | '.join(self.cells.get(part, '-') for part in PARTS)} |"


def listed() -> list[str]:
    """The series of requirements/cores.txt, oldest first."""
    lines = (REPOSITORY / "requirements" / "cores.txt").read_text(encoding="utf-8").splitlines()
    found = [line.split()[0] for line in lines if line.strip() and not line.startswith("#")]
    return sorted(found, key=lambda series: [int(part) for part in series.split(".")])


def versions(environment: str) -> tuple[str, str]:
    """ansible-core's and Python's version in an environment."""
    code = "import sys, ansible.release as r; print(r.__version__, '%d.%d.%d' % sys.version_info[:3])"
    done = subprocess.run(
        [REPOSITORY / environment / "bin" / "python", "-c", code], capture_output=True, text=True, check=True
    )
    core, python = done.stdout.split()
    return core, python


def minor(version: str) -> list[str]:
    return version.split(".")[:2]


def prepare(series: str) -> str:
    """Make the environment; why that is not possible, or nothing."""
    done = subprocess.run(
        ["make", f".venv-core-{series}/.dev"], cwd=REPOSITORY, stderr=subprocess.PIPE, text=True, check=False
    )
    sys.stderr.write(done.stderr)
    if done.returncode == 0:
        return ""
    said = [line for line in done.stderr.splitlines() if line.strip() and not line.startswith("make")]
    return said[-1] if said else "make failed"


def command(environment: str, part: str, same_python: bool, brief: bool = False) -> list[str]:
    """``same_python``: it is that of .venv, so that the unit tests need only what depends on ansible-core."""
    pytest = [f"{environment}/bin/pytest", "-n", "0", "-p", "no:cacheprovider"]
    ignored = [f"--ignore={folder}" for folder in WITHOUT_ANSIBLE if same_python]
    return {
        "unit": [*pytest, *OF_ANSIBLE] if brief else [*pytest, *ignored, "tests/unit"],
        "everycore": [*pytest, "-m", everycore(brief), "tests/integration"],
        "sanity": ["tools/sanity.sh", "--venv", environment],
    }[part]


def everycore(brief: bool) -> str:
    """Which of the integration tests: with --brief as much as `make test` has of them, and there as forks if MORE is not set."""
    if not brief:
        return "everycore"
    return "everycore and not full" if os.environ.get("MORE") else "everycore and not full and not more"


class Job:
    """A part that runs with an ansible-core, and fills its cell of the table."""

    def __init__(self, row: Row, series: str, part: str) -> None:
        self.part = part
        self._row, self._start = row, time.monotonic()
        self._log = LOGS / f"{series}-{part}.log"
        self._title = f"ansible-core {row.core}, Python {row.python}: {part}"
        print(f"==> {self._title}", flush=True)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command(f".venv-core-{series}", part, row.same_python, row.brief),
                cwd=REPOSITORY,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def ended(self) -> bool:
        if self._process.poll() is None:
            return False
        text = self._log.read_text(encoding="utf-8", errors="replace")
        lines = [line for line in text.splitlines() if self._process.returncode or line.startswith("SKIPPED")]
        without = ", ".join(re.findall(r"^SKIPPED: sanity test ([\w-]+)", text, re.MULTILINE))
        cell = f"{'FAILED' if self._process.returncode else 'passed'}, {time.monotonic() - self._start:.0f} s"
        if self.part == "unit" and self._row.partial:
            cell += f" ({self._row.partial})"
        self._row.cells[self.part] = f"{cell}; SKIPPED: {without}" if without else cell
        print("\n".join([*lines, f"==> {self._title}: {self._row.cells[self.part]}"]), flush=True)
        return True

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


def carry_out(waiting: list[tuple[Row, str, str]], jobs: int) -> None:
    """Run these (row, series, part), so many at once; of sanity one, since ansible-test's environments are shared."""
    LOGS.mkdir(parents=True, exist_ok=True)
    running: list[Job] = []
    try:
        while waiting or running:
            busy = any(job.part == "sanity" for job in running)
            ready = next((entry for entry in waiting if not (busy and entry[2] == "sanity")), None)
            if ready and len(running) < jobs:
                waiting.remove(ready)
                running.append(Job(*ready))
                continue
            time.sleep(0.2)
            running = [job for job in running if not job.ended()]
    finally:
        for job in running:
            job.stop()


def chosen(series: list[str], everything: bool, turn: int | None = None) -> t.Iterator[tuple[str, str]]:
    """The series to test and why they can't be had: all, or from each end the first that can be.

    ``turn``: also one of those between, another one for the next number.
    """
    if everything:
        yield from ((one, prepare(one)) for one in series)
        return
    done: set[str] = set()
    for direction in (series, series[::-1]):
        for one in direction:
            if one in done:
                break
            done.add(one)
            reason = prepare(one)
            yield one, reason
            if not reason:
                break
    others = [one for one in series if one not in done]
    if turn is not None and others:
        one = others[turn % len(others)]
        print(f"==> in turn, by the commit: {one} of {', '.join(others)}", flush=True)
        yield one, prepare(one)


def number_of_the_commit() -> int:
    """Its hash as a number: a clone need not have the history."""
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return int(done.stdout, 16)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("series", nargs="*", help="such as 2.16")
    parser.add_argument("--all", action="store_true", help="all that are listed, not only the oldest and the newest")
    parser.add_argument("--turn", action="store_true", help="also one of the others, by the commit")
    parser.add_argument("--parts", default=",".join(PARTS), help="which of unit, everycore, sanity")
    parser.add_argument("--brief", action="store_true", help="of the unit tests those of what uses Ansible's API")
    parser.add_argument("--jobs", type=int, default=2, help="parts at once")
    options = parser.parse_args()
    parts = options.parts.split(",")
    if unknown := {*options.series} - {*listed()} | {*parts} - {*PARTS}:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")

    core, python = versions(".venv")
    default = ".".join(core.split(".")[:2])
    rows = {default: Row(core, python, cells=dict.fromkeys(PARTS, "in .venv, by make test"))}
    others = options.series or [series for series in listed() if series != default]
    ready: list[str] = []
    turn = number_of_the_commit() if options.turn else None
    for series, reason in chosen(others, bool(options.all or options.series), turn):
        rows[series] = Row(series, reason=reason, brief=options.brief)
        if not reason:
            rows[series].core, rows[series].python = versions(f".venv-core-{series}")
            rows[series].same_python = minor(rows[series].python) == minor(python)
            ready.append(series)
    # Sanity takes longest and runs one at a time: it begins.
    order = sorted(parts, key=lambda part: part != "sanity")
    carry_out([(rows[series], series, part) for part in order for series in ready], options.jobs)

    print("\n| ansible-core | Python | unit | everycore | sanity |\n|---|---|---|---|---|")
    for series in listed():
        if series in rows:
            print(rows[series].line())
    return int(any("FAILED" in cell for row in rows.values() for cell in row.cells.values()))


if __name__ == "__main__":
    sys.exit(main())
