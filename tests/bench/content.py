# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What it costs to deploy content by definition, beside fabric-cicd; `bench.imports` has the files.

Everybody has the emulator with 60 ms for each request, and trusts the same bundle of CAs, as large as a real one: what
loads it for each connection pays for that. Runs that take minutes have fewer rounds, which their rows state.
"""

from __future__ import annotations

import json
import sys
import typing as t
from pathlib import Path

import certifi
from bench.measure import Command, Row, Sample, median, ratio, run_once

from harness import peers
from harness.content import many_items
from harness.emulator import Emulator
from harness.portal import FINANCE

LATENCY: t.Final = 0.06  # seconds of each API request
LOGIN_LATENCY: t.Final = 0.08
IMPORT_TIME: t.Final = 1.0  # seconds that the service takes for an import
PARALLEL: t.Final = 8  # the default of powerbi_deploy, powerbi_import and fabric-cicd
SIZES: t.Final = (10, 100, 300)
GROWTH_ROUNDS: t.Final = 5  # at least
UNBOUNDED: t.Final = float("inf")

_DEPLOY: t.Final = """
- hosts: localhost
  gather_facts: false
  tasks:
    - community.powerbi.powerbi_deploy: {options}
"""


class Run(t.NamedTuple):
    """One run: what it took, and what the emulator saw of it."""

    wall: float
    cpu: float
    requests: int
    connections: int


class Bench:
    def __init__(self, emulator: Emulator, folder: Path, env: t.Mapping[str, str], rounds: int) -> None:
        self.emulator = emulator
        self.folder = folder
        self.rounds = rounds
        self.bundle = folder / "bundle.pem"
        self.bundle.write_bytes(Path(certifi.where()).read_bytes() + emulator.ca_path.read_bytes())
        self.env = {**env, "POWERBI_CA_PATH": str(self.bundle)}

    def fresh(self) -> None:
        """An empty workspace, and a service that is as fast as the real one."""
        self.emulator.reset()
        self.emulator.tenant(
            api_latency=LATENCY, login_latency=LOGIN_LATENCY, import_time=IMPORT_TIME, bulk_definitions=True
        )

    def playbook(self, name: str, text: str, before: t.Callable[[], None] | None = None) -> Command:
        path = self.folder / f"{name}.yml"
        path.write_text(text, encoding="utf-8")
        argv = [str(Path(sys.executable).with_name("ansible-playbook")), str(path)]
        return Command(name, argv, self.env, before)

    def module(self, name: str, template: str, before: t.Callable[[], None] | None = None, **options: t.Any) -> Command:
        return self.playbook(name, template.format(options=json.dumps({"workspace": FINANCE, **options})), before)

    def fabric_cicd(self, name: str, src: Path, before: t.Callable[[], None] | None = None) -> Command:
        argv, env = peers.fabric_cicd(peers.install(), self.emulator, FINANCE, src, ca=self.bundle)
        return Command(name, argv, env, before)

    def in_turn(self, commands: t.Sequence[Command], rounds: int) -> dict[str, list[Run]]:
        """``rounds`` runs of each, in turn."""
        runs: dict[str, list[Run]] = {command.name: [] for command in commands}
        for number in range(rounds):
            shift = number % len(commands)
            for command in (*commands[shift:], *commands[:shift]):
                runs[command.name].append(self._measured(command))
        return runs

    def all_sizes(self, commands: t.Mapping[int, t.Sequence[Command]]) -> dict[str, dict[int, list[Run]]]:
        """Runs for `growth`, by the commands' names without their "-{size}", and by size.

        All sizes are in each round: what one more item costs is a small difference between large numbers, and machines
        change their speed.
        """
        found: dict[str, dict[int, list[Run]]] = {}
        for number in range(max(self.rounds, GROWTH_ROUNDS)):
            for size in (SIZES, SIZES[::-1])[number % 2]:
                for command in commands[size]:
                    runs = found.setdefault(command.name.removesuffix(f"-{size}"), {})
                    runs.setdefault(size, []).append(self._measured(command))
        return found

    def empty(self) -> Command:
        """A play without a task: what Ansible costs by itself."""
        return self.playbook("empty", "- hosts: localhost\n  gather_facts: false\n")

    def _measured(self, command: Command) -> Run:
        if command.before is not None:
            command.before()
        self.emulator.clear_requests()
        sample = run_once(Command(command.name, command.argv, command.env))
        seen = self.emulator.requests()
        return Run(*sample, len(seen), len({entry["client_port"] for entry in seen}))


def definitions(emulator: Emulator, folder: Path, env: t.Mapping[str, str], rounds: int) -> list[Row]:
    """Folders of 10, 100 and 300 items, created and found unchanged, beside fabric-cicd with as many workers."""
    bench = Bench(emulator, folder, env, rounds)
    rows: list[Row] = []
    ours: dict[int, list[Command]] = {}
    for size in SIZES:
        src = many_items(folder / f"items-{size}", size)
        deploy = {"src": str(src), "parallel": PARALLEL}
        # each "unchanged" comes right after its own "create"; in turn, they would find the other's formatting
        commands = {
            "ours": [
                bench.module(f"create-{size}", _DEPLOY, bench.fresh, **deploy),
                bench.module(f"unchanged-{size}", _DEPLOY, **deploy),
                bench.module(f"one-by-one-{size}", _DEPLOY, **deploy, bulk_api="never"),
            ],
            "theirs": [
                bench.fabric_cicd(f"theirs-create-{size}", src, bench.fresh),
                bench.fabric_cicd(f"theirs-again-{size}", src),
            ],
        }
        count = {10: rounds, 100: min(rounds, 2)}.get(size, 1)
        runs: dict[str, list[Run]] = {}
        for number in range(count):
            for whose in ("ours", "theirs") if number % 2 == 0 else ("theirs", "ours"):
                for command in commands[whose]:
                    runs.setdefault(command.name.removesuffix(f"-{size}"), []).extend(
                        bench.in_turn([command], 1)[command.name]
                    )
        rows += _beside_fabric_cicd(size, runs, count)
        ours[size] = commands["ours"][:2]
    of_all = bench.all_sizes(ours)
    return [*rows, *growth("created", of_all["create"]), *growth("unchanged", of_all["unchanged"])]


def _beside_fabric_cicd(size: int, runs: dict[str, list[Run]], count: int) -> list[Row]:
    counted = size >= 100
    head = f"{size} items (n={count}), "
    return [
        *_compared(f"{head}created / fabric-cicd", runs["create"], runs["theirs-create"], 1.0, 0.5, counted),
        *_compared(f"{head}unchanged / fabric-cicd", runs["unchanged"], runs["theirs-again"], 0.1, 0.5, counted),
        *_compared(f"{head}unchanged one by one / f.-cicd", runs["one-by-one"], runs["theirs-again"], 1.0, 0.5, False),
        *(
            Row(f"{head}{what}, wall", median(run.wall for run in runs[name]), UNBOUNDED, "s")
            for what, name in (
                ("created", "create"),
                ("created by fabric-cicd", "theirs-create"),
                ("unchanged", "unchanged"),
                ("again by fabric-cicd", "theirs-again"),
            )
        ),
        Row(f"{head}requests when unchanged", runs["unchanged"][0].requests, UNBOUNDED, ""),
        Row(f"{head}connections", max(run.connections for run in runs["create"]), PARALLEL + 2, ""),
    ]


def _compared(
    what: str, ours: t.Sequence[Run], theirs: t.Sequence[Run], wall: float, cpu: float, counted: bool
) -> list[Row]:
    a, b = ([Sample(run.wall, run.cpu) for run in runs] for runs in (ours, theirs))
    return [
        Row(f"{what}, wall", ratio(a, b, "wall"), wall if counted else UNBOUNDED),
        Row(f"{what}, CPU", ratio(a, b, "cpu"), cpu if counted else UNBOUNDED),
    ]


def growth(what: str, runs: t.Mapping[int, t.Sequence[Run]]) -> list[Row]:
    """Whether the cost of one more item stays what it is, and the CPU of one more request; ``runs`` by size."""
    small, middle, large = SIZES

    def added(more: int, less: int) -> float:
        return median(a.cpu - b.cpu for a, b in zip(runs[more], runs[less], strict=True))

    later = added(large, middle) / (large - middle) / (added(middle, small) / (middle - small))
    head = f"{what} (n={len(runs[small])}), CPU of one more"
    rows = [Row(f"{head} at {middle}-{large} / at {small}-{middle}", later, 1.3)]
    requests = median(a.requests - b.requests for a, b in zip(runs[large], runs[small], strict=True))
    if requests > 10:
        rows.append(Row(f"{head} request", added(large, small) / requests * 1e3, 3.0, "ms"))
    return rows
