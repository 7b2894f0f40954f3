# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a deployment takes under the times and the quota of the real services, beside fabric-cicd and the service itself.

The emulator has its profile `service`. The bound is the time that no client can beat: the longest creation of a semantic
model and, after it, the shortest of a report.
"""

from __future__ import annotations

import typing as t
from pathlib import Path

from bench.content import UNBOUNDED, Bench
from bench.measure import Command, Row, Sample, median, run_once

from harness.content import models_and_reports
from harness.emulator import Emulator
from powerbi_emulator import service_profile

ROUNDS: t.Final = 3  # at most: each takes minutes
SCENARIOS: t.Final = ((1, 1, 1.15, 1.0), (20, 30, 1.2, 0.4))  # models, reports, goals: / bound, / fabric-cicd

_DEPLOY: t.Final = """
- hosts: localhost
  gather_facts: false
  tasks:
    - community.powerbi.powerbi_deploy: {options}
"""


class Run(t.NamedTuple):
    """``bound`` in seconds; ``polls`` of operations, and responses 429, as the emulator counted them."""

    wall: float
    bound: float
    operations: int
    polls: int
    throttled: int


def rows(emulator: Emulator, folder: Path, env: t.Mapping[str, str], rounds: int) -> list[Row]:
    """Small and medium deployments to an empty workspace."""
    bench = Bench(emulator, folder, env, rounds)
    found: list[Row] = []
    for models, reports, to_bound, to_peer in SCENARIOS:
        src = models_and_reports(folder / f"items-{models}-{reports}", models, reports)
        ours, theirs = (
            [_measured(emulator, command) for _number in range(min(rounds, ROUNDS))]
            for command in (
                bench.module(f"service-{models}-{reports}", _DEPLOY, src=str(src)),
                bench.fabric_cicd(f"theirs-service-{models}-{reports}", src),
            )
        )
        head = f"{models} models, {reports} reports (n={len(ours)}), "
        found += [
            Row(f"{head}created / bound", median(run.wall / run.bound for run in ours), to_bound),
            Row(
                f"{head}created / f.-cicd", median(a.wall / b.wall for a, b in zip(ours, theirs, strict=True)), to_peer
            ),
            Row(f"{head}polls of an operation", median(run.polls / run.operations for run in ours), 1.5, ""),
            Row(f"{head}responses 429", max(run.throttled for run in ours), 0, ""),
            Row(f"{head}created", median(run.wall for run in ours), UNBOUNDED, "s"),
            Row(f"{head}created by fabric-cicd", median(run.wall for run in theirs), UNBOUNDED, "s"),
            Row(f"{head}bound", median(run.bound for run in ours), UNBOUNDED, "s"),
        ]
    return found


def _measured(emulator: Emulator, command: Command) -> Run:
    emulator.reset()
    emulator.tenant(**service_profile.switches_of("service"))
    emulator.clear_requests()
    sample: Sample = run_once(command)
    log = emulator.requests()
    seconds = {
        kind: [entry["seconds"] for entry in log if entry.get("work") == f"create {kind}"]
        for kind in ("SemanticModel", "Report")
    }
    return Run(
        sample.wall,
        max(seconds["SemanticModel"]) + min(seconds["Report"]),
        sum(len(values) for values in seconds.values()),
        sum("/operations/" in entry["path"] and not entry["path"].endswith("/result") for entry in log),
        sum(entry.get("status") == 429 for entry in log),
    )
