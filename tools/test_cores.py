# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the collection with each ansible-core of requirements/cores.txt, in environments of their own, and print a table.

    tools/test_cores.py            with the oldest and the newest that this machine can have, besides that of .venv
    tools/test_cores.py --all      with all of them
    tools/test_cores.py 2.16 2.20  with these

    --parts unit,everycore,sanity  run only these

A version that can't be had is said (SKIPPED, with the reason) and is no failure; a failed part is, after all have run.
"""

from __future__ import annotations

import argparse
import dataclasses
import subprocess
import sys
import time
import typing as t
from pathlib import Path

REPOSITORY: t.Final = Path(__file__).resolve().parents[1]
PARTS: t.Final = ("unit", "everycore", "sanity")


@dataclasses.dataclass
class Row:
    """A line of the table. ``reason``: why the version can't be had here."""

    core: str
    python: str = ""
    reason: str = ""
    cells: dict[str, str] = dataclasses.field(default_factory=dict)

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


def commands(environment: str, jobs: str) -> dict[str, list[str]]:
    pytest = [f"{environment}/bin/pytest", "-n", jobs, "-p", "no:cacheprovider"]
    return {
        "unit": [*pytest, "tests/unit"],
        "everycore": [*pytest, "--dist", "loadscope", "-m", "everycore", "tests/integration"],
        "sanity": ["tools/sanity.sh", "--venv", environment],
    }


def tested(series: str, parts: t.Sequence[str], jobs: str) -> Row:
    environment = f".venv-core-{series}"
    row = Row(*versions(environment))
    for part in parts:
        print(f"==> ansible-core {row.core}, Python {row.python}: {part}", flush=True)
        start = time.monotonic()
        done = subprocess.run(commands(environment, jobs)[part], cwd=REPOSITORY, check=False)
        row.cells[part] = f"{'passed' if done.returncode == 0 else 'FAILED'}, {time.monotonic() - start:.0f} s"
    return row


def chosen(series: list[str], everything: bool) -> t.Iterator[tuple[str, str]]:
    """The series to test and why they can't be had: all, or from each end the first that can be."""
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


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("series", nargs="*", help="such as 2.16")
    parser.add_argument("--all", action="store_true", help="all that are listed, not only the oldest and the newest")
    parser.add_argument("--parts", default=",".join(PARTS), help="which of unit, everycore, sanity")
    parser.add_argument("--jobs", default="2", help="tests at once")
    options = parser.parse_args()
    parts = options.parts.split(",")
    if unknown := {*options.series} - {*listed()} | {*parts} - {*PARTS}:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")

    core, python = versions(".venv")
    default = ".".join(core.split(".")[:2])
    rows = {default: Row(core, python, cells=dict.fromkeys(PARTS, "in .venv, by make test"))}
    others = options.series or [series for series in listed() if series != default]
    for series, reason in chosen(others, bool(options.all or options.series)):
        rows[series] = Row(series, reason=reason) if reason else tested(series, parts, options.jobs)

    print("\n| ansible-core | Python | unit | everycore | sanity |\n|---|---|---|---|---|")
    for series in listed():
        if series in rows:
            print(rows[series].line())
    return int(any("FAILED" in cell for row in rows.values() for cell in row.cells.values()))


if __name__ == "__main__":
    sys.exit(main())
