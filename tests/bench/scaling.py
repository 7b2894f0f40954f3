# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long large deployments take under the quota of the services, by simulation (`harness.simulation`).

Usage: scaling.py [--workspaces N] [--only NUMBER,...]

The modules, the planner, the scheduler, polls and the governor of the quota are the real ones; the services are the
emulator with its profile `service-with-latency`. Results are kept in scaling.json, and the tables of docs/scaling.md are made
from it.
"""

from __future__ import annotations

import argparse
import collections
import dataclasses
import json
import sys
import tempfile
import time
import typing as t
import uuid
from pathlib import Path

ROOT: t.Final = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/integration"), str(ROOT / ".collections")]

from harness.content import models_and_reports  # noqa: E402
from harness.simulation import Simulation  # noqa: E402

MODELS: t.Final = 4  # in each workspace
REPORTS: t.Final = 6
ITEMS: t.Final = MODELS + REPORTS
QUOTA: t.Final = 200  # calls a minute for each identity and kind of API
RESULTS: t.Final = Path(__file__).with_name("scaling.json")
DOCS: t.Final = ROOT / "docs" / "scaling.md"
TENANT: t.Final = "5ca1e000-0000-4000-8000-000000000001"
SECRET: t.Final = "Sc8Q~simulated-secret-of-the-scaling-bench-0"
STAGES: t.Final = ("first deployment", "nothing changed", "one item changed in each workspace")


@dataclasses.dataclass(frozen=True)
class Case:
    """``slices`` of a job use the same identities at once, each with its part of the quota and a cache of its own."""

    identities: int = 1
    slices: int = 1
    bulk: bool = False
    forks: int = 20  # of each slice

    def __str__(self) -> str:
        parts = ["1 identity" if self.identities == 1 else f"{self.identities} identities"]
        if self.slices > 1:
            parts.append(f"{self.slices} slices")
        return ", ".join([*parts, *(["bulk API"] if self.bulk else [])])


CASES: t.Final = (
    Case(),
    Case(bulk=True),
    Case(identities=2),
    Case(identities=4),
    Case(identities=4, bulk=True),
    Case(slices=4),
)


class Measured(t.NamedTuple):
    """One stage of a case. ``calls`` by kind of API, of all identities; ``alone`` are the seconds of one workspace alone."""

    case: str
    stage: str
    workspaces: int
    seconds: float
    calls: dict[str, int]
    throttled: int
    alone: float
    identities: int
    forks: int
    quota: int

    @property
    def bound(self) -> float:
        """Seconds that no run with these calls can beat: a quota lets 200 pass at once and in each further minute, and a
        fork has its workspaces one after the other."""
        windows = max((number / self.identities - 1) // self.quota for number in self.calls.values())
        return max(60.0 * windows, -(-self.workspaces // self.forks) * self.alone)


def measure(folder: Path, case: Case, workspaces: int, quota: int = QUOTA) -> list[Measured]:
    """The stages of a case, one after the other, with so many workspaces and calls a minute."""
    (folder / "alone").mkdir()
    alone = [one.seconds for one in _simulate(folder / "alone", case, 1, quota)]
    found = _simulate(folder, case, workspaces, quota)
    return [one._replace(alone=seconds) for one, seconds in zip(found, alone, strict=True)]


def _simulate(folder: Path, case: Case, workspaces: int, quota: int) -> list[Measured]:
    ids = [str(uuid.uuid5(uuid.NAMESPACE_URL, f"workspace {number}")) for number in range(workspaces)]
    apps = [str(uuid.uuid5(uuid.NAMESPACE_URL, f"app {number}")) for number in range(case.identities)]
    simulation = Simulation(
        folder, "service-with-latency", _seed(folder, apps, ids), bulk_definitions=case.bulk, throttle_requests=quota
    )
    before = models_and_reports(folder / "before", MODELS, REPORTS)
    after = models_and_reports(folder / "after", MODELS, REPORTS)
    table = next((after / "Sales 000.SemanticModel").rglob("tables/*.tmdl"))
    table.write_text(table.read_text(encoding="utf-8") + "\n\tmeasure Scaling = 1\n", encoding="utf-8")
    found = []
    forks = case.forks * case.slices * case.identities
    for stage, src in zip(STAGES, (before, before, after), strict=True):
        simulation.clock.advance(600)  # a run at another time
        simulation.counts.clear()
        begun, cache = simulation.clock.time(), folder / "runs" / stage
        simulation.run([_task(simulation, cache, case, quota, apps, *place, src) for place in enumerate(ids)], forks)
        calls: collections.Counter[str] = collections.Counter()
        throttled = 0
        for (kind, status), number in simulation.counts.items():
            throttled += number * (status == 429)
            if kind != "login" and status != 429:
                calls[kind] += number
        seconds = simulation.clock.time() - begun
        found.append(
            Measured(str(case), stage, workspaces, seconds, dict(calls), throttled, 0.0, case.identities, forks, quota)
        )
    return found


def _task(
    simulation: Simulation, cache: Path, case: Case, quota: int, apps: list[str], number: int, workspace: str, src: Path
) -> t.Callable[[], None]:
    app, part = apps[number % case.identities], number // case.identities % case.slices

    def task() -> None:
        result = simulation.module(
            "powerbi_deploy",
            cache / f"slice-{part}",
            tenant_id=TENANT,
            client_id=app,
            client_secret=SECRET,
            workspace=workspace,
            src=str(src),
            rate_limit=quota // case.slices,
        )
        if result.get("failed"):
            raise AssertionError(result["msg"])

    return task


def _seed(folder: Path, apps: list[str], workspaces: list[str]) -> Path:
    members = [{"principal": f"Deploy {number}", "role": "Member"} for number in range(len(apps))]
    content = {
        "tenant": {"id": TENANT, "domain": "scaling.example", "display_name": "Scaling", "region": "EU"},
        "apps": [
            {
                "client_id": app,
                "object_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"object of {app}")),
                "display_name": f"Deploy {number}",
                "service_principal": {"object_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"principal of {app}"))},
                "secrets": [{"key_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"key of {app}")), "value": SECRET}],
            }
            for number, app in enumerate(apps)
        ],
        "workspaces": [
            {"id": identity, "name": f"Workspace {number:04}", "members": members}
            for number, identity in enumerate(workspaces)
        ],
    }
    path = folder / "seed.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def table(measured: t.Sequence[Measured]) -> str:
    """The rows of a number of workspaces, in Markdown."""
    stages = [stage for stage in STAGES if any(one.stage == stage for one in measured)]
    lines = ["| | " + " | ".join(stages) + " | calls, first | calls, unchanged |", "|---|" + "--:|" * (len(stages) + 2)]
    for case in dict.fromkeys(one.case for one in measured):
        rows = {one.stage: one for one in measured if one.case == case}
        times = [f"{_minutes(rows[stage].seconds)} ({_minutes(rows[stage].bound)})" for stage in stages]
        calls = [f"{sum(rows[stage].calls.values()):,}" for stage in STAGES[:2]]
        lines.append(f"| {case} | {' | '.join([*times, *calls])} |")
    return "\n".join(lines)


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f}" if seconds >= 6000 else f"{seconds / 60:.1f}"


def with_tables(text: str, results: t.Sequence[Measured]) -> str:
    """The text of docs/scaling.md with the tables of all numbers of workspaces."""
    for number in sorted({one.workspaces for one in results}):
        begin, end = f"<!-- {number} workspaces -->\n", f"<!-- end of {number} workspaces -->\n"
        head, found, rest = text.partition(begin)
        if found:
            rows = [one for one in results if one.workspaces == number]
            text = f"{head}{begin}{table(rows)}\n{end}{rest.partition(end)[2]}"
    return text


def load() -> list[Measured]:
    """The results that are kept, in the order of the cases."""
    rows = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else []
    order = [str(case) for case in CASES]
    return sorted((Measured(**row) for row in rows), key=lambda one: (one.workspaces, order.index(one.case)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workspaces", type=int, default=100)
    parser.add_argument("--only", default=",".join(str(number) for number in range(len(CASES))))
    options = parser.parse_args()
    for number in options.only.split(","):
        begun = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            new = measure(Path(folder), CASES[int(number)], options.workspaces)
        kept = [one for one in load() if (one.case, one.workspaces) != (new[0].case, new[0].workspaces)]
        rows = [one._asdict() for one in kept + new]
        RESULTS.write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n", encoding="utf-8")
        DOCS.write_text(with_tables(DOCS.read_text(encoding="utf-8"), load()), encoding="utf-8")
        print(f"{time.monotonic() - begun:.0f} s for {options.workspaces} workspaces, {CASES[int(number)]}")
        for one in new:
            print(
                f"  {one.stage}: {one.seconds / 60:.1f} minutes, bound {one.bound / 60:.1f}, {one.throttled} x 429, {one.calls}"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
