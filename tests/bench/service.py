# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a deployment takes under the times and the quota of the real services, beside fabric-cicd and the service itself.

The emulator has its profile `service`, and for some rows `service-with-latency`. The bound is what no client can beat:

- the longest chain: a semantic model's creation and, after it, that of a report on it, as long as the emulator took for them;
- with latency, also the requests on that chain, and before it the creations that ``parallel`` requests can't send at once;
- under the quota, 60 s for each 200 calls of a kind of API before the last one: a creation for each item, and a poll of
  each, none of which finds anything before the first model is there.

What is measured are whole playbooks: Ansible's start and the log-in are in it, and have a row of their own.
"""

from __future__ import annotations

import datetime as dt
import math
import typing as t
from pathlib import Path

from bench.content import PARALLEL, UNBOUNDED, Bench
from bench.measure import Command, Row, Sample, median, run_once

from harness.content import models_and_reports
from harness.emulator import Emulator
from powerbi_emulator import service_profile

ROUNDS: t.Final = 3  # at most: each takes minutes
QUOTA, WINDOW = 200, 60.0
LISTS: t.Final = 3  # the workspace, its items and its folders
READ, WRITE = 1.2, 3.1  # seconds of latency of the profile service-with-latency

_DEPLOY: t.Final = """
- hosts: localhost
  gather_facts: false
  tasks:
    - community.powerbi.powerbi_deploy: {options}
"""


class Scenario(t.NamedTuple):
    """``to_bound`` and ``to_peer`` are the goals, the latter None where fabric-cicd is not measured."""

    models: int
    reports: int
    to_bound: float
    to_peer: float | None = None
    profile: str = "service"
    rounds: int = ROUNDS

    @property
    def name(self) -> str:
        latency = ", latency" if self.has_latency else ""
        return f"{self.models} models, {self.reports} reports{latency}"

    @property
    def has_latency(self) -> bool:
        return self.profile == "service-with-latency"


SCENARIOS: t.Final = (
    Scenario(1, 1, 1.15, 1.0),
    Scenario(20, 30, 1.2, 0.4),
    Scenario(1, 1, 1.15, 1.0, "service-with-latency"),
    Scenario(20, 30, UNBOUNDED, 0.4, "service-with-latency", 1),
    Scenario(40, 60, 1.15),
    Scenario(100, 200, 1.15, rounds=1),
)
MANY_POLLS: t.Final = 20  # operations up to which the number of polls is no goal


class Run(t.NamedTuple):
    """``span``: from the first request to the APIs to the last; ``bound``: all in seconds.

    ``polls`` of operations, all ``calls``, and responses 429, as the emulator counted them.

    ``forced`` are the calls that the service forces on a run without changes: the lists, one call an item, two more after 202.
    """

    wall: float
    span: float
    bound: float
    operations: int
    polls: int
    calls: int
    throttled: int
    forced: int


def rows(emulator: Emulator, folder: Path, env: t.Mapping[str, str], rounds: int) -> list[Row]:
    """Deployments to an empty workspace, and the last of them again, without changes."""
    bench = Bench(emulator, folder, env, rounds)
    found = [Row("Ansible's start, a play without a task", run_once(bench.empty()).wall, UNBOUNDED, "s")]
    for number, scenario in enumerate(SCENARIOS):
        src = models_and_reports(folder / f"items-{number}", scenario.models, scenario.reports)
        found += _created(bench, scenario, src, min(rounds, scenario.rounds))
    return [*found, *_unchanged(bench, src)]


def _created(bench: Bench, scenario: Scenario, src: Path, rounds: int) -> list[Row]:
    def runs(command: Command) -> list[Run]:
        return [_measured(bench.emulator, command, scenario) for _number in range(rounds)]

    ours = runs(bench.module(f"{src.name}-ours", _DEPLOY, src=str(src), parallel=PARALLEL))
    head = f"{scenario.name} (n={rounds}), "
    few = scenario.models + scenario.reports <= MANY_POLLS
    found = [
        Row(f"{head}created / bound", median(run.wall / run.bound for run in ours), scenario.to_bound),
        Row(f"{head}first to last request / bound", median(run.span / run.bound for run in ours), UNBOUNDED),
        Row(
            f"{head}polls of an operation",
            median(run.polls / run.operations for run in ours),
            UNBOUNDED if few else 1.5,
            "",
        ),
        Row(f"{head}responses 429", max(run.throttled for run in ours), 0, ""),
        Row(f"{head}calls", median(run.calls for run in ours), UNBOUNDED, ""),
        Row(f"{head}created", median(run.wall for run in ours), UNBOUNDED, "s"),
        Row(f"{head}bound", median(run.bound for run in ours), UNBOUNDED, "s"),
    ]
    if scenario.to_peer is not None:
        theirs = runs(bench.fabric_cicd(f"{src.name}-theirs", src))
        compared = median(a.wall / b.wall for a, b in zip(ours, theirs, strict=True))
        found += [
            Row(f"{head}created / f.-cicd", compared, scenario.to_peer),
            Row(f"{head}created by fabric-cicd", median(run.wall for run in theirs), UNBOUNDED, "s"),
        ]
    return found


def _unchanged(bench: Bench, src: Path) -> list[Row]:
    """The last scenario again, in the workspace that it has left."""
    scenario = SCENARIOS[-1]
    bench.emulator.tenant(bulk_definitions=True)
    found = []
    for what, bulk_api in (("bulk API", "auto"), ("one by one", "never")):
        command = bench.module(f"unchanged-{bulk_api}", _DEPLOY, src=str(src), parallel=PARALLEL, bulk_api=bulk_api)
        run = _measured(bench.emulator, command, scenario, keep=True)
        head = f"{scenario.models + scenario.reports} unchanged, {what} (n=1), "
        found += [
            Row(f"{head}calls", run.calls, 10 if bulk_api == "auto" else run.forced, ""),
            Row(f"{head}responses 429", run.throttled, 0, ""),
            Row(f"{head}time", run.wall, UNBOUNDED, "s"),
        ]
    return found


def _measured(emulator: Emulator, command: Command, scenario: Scenario, *, keep: bool = False) -> Run:
    """``keep``: the workspace stays as it is."""
    if not keep:
        emulator.reset()
        emulator.tenant(**service_profile.switches_of(scenario.profile))
    emulator.clear_requests()
    sample: Sample = run_once(command)
    log = [entry for entry in emulator.requests() if entry["path"].startswith(("/v1/", "/v1.0/"))]
    polls = [entry for entry in log if "/operations/" in entry["path"] and not entry["path"].endswith("/result")]
    reads = [entry for entry in log if entry["path"].endswith("/getDefinition")]
    accepted = sum(entry.get("status") == 202 for entry in reads)
    return Run(
        sample.wall,
        (_time(log[-1]) - _time(log[0])).total_seconds(),
        0.0 if keep else _bound(log, scenario),
        sum("operation" in entry for entry in log),
        len(polls),
        len(log),
        sum(entry.get("status") == 429 for entry in log),
        len(reads) + 2 * accepted + LISTS,
    )


def _time(entry: t.Mapping[str, t.Any]) -> dt.datetime:
    return dt.datetime.fromisoformat(entry["time"])


def _bound(log: t.Sequence[t.Mapping[str, t.Any]], scenario: Scenario) -> float:
    seconds = {entry["item"]: entry["seconds"] for entry in log if "item" in entry and "seconds" in entry}
    models = [seconds[f"Sales {number:03}"] for number in range(scenario.models)]
    reports = [seconds[f"View {number:03}"] for number in range(scenario.reports)]
    chains = [models[number % scenario.models] + report for number, report in enumerate(reports)]
    items = scenario.models + scenario.reports
    if scenario.has_latency:
        posts = math.ceil(scenario.models / PARALLEL) * WRITE
        return READ + posts + min(models) + 2 * READ + WRITE + min(reports) + READ
    platform = WINDOW * ((items + LISTS - 1) // QUOTA)
    polls = min(models) + WINDOW * ((items - 1) // QUOTA)
    return max(*chains, *models, platform, polls)
