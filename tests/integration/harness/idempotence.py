# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a module with a state is to do, step by step, and what it did: the cells of the idempotence matrix.

Each step of a `ModuleCase` runs four times: in check mode, for real, and again in check mode and for real. The request log
of the emulator has what each of these tasks wrote: the requests between the result of the task before and its own.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import typing as t

from harness.run_results import Run, TaskResult

Options = t.Mapping[str, t.Any]
Task = t.Mapping[str, t.Any]

MODES: t.Final = ("check", "real", "check again", "again")
_READS: t.Final = ("GET", "HEAD")
_LOGIN: t.Final = re.compile(r"/oauth2/")


@dataclasses.dataclass(frozen=True)
class Step:
    """One task: all its ``options``. ``writes``: requests of the real run, None: don't care."""

    name: str
    options: Options
    writes: int | None = None
    changed: bool = True


@dataclasses.dataclass(frozen=True)
class ModuleCase:
    """A module and its steps, from absent to absent.

    ``setup``   tasks before the first step
    ``unknown`` values that check mode can't know and an earlier diff can't have: dotted paths, such as workspace.id, or
                their beginnings
    ``change_values`` values that contain what was done, and so differ when there is nothing to do
    ``counters`` values that differ from run to run
    ``watch``   a template whose value changes with each write, for modules that write something else than requests
    ``posted_reads`` regular expression of paths whose POST only reads
    ``exempt``  options that change how the module works, not what comes out
    """

    module: str
    steps: t.Sequence[Step]
    setup: t.Sequence[Task] = ()
    unknown: t.Collection[str] = ()
    change_values: t.Collection[str] = ()
    counters: t.Collection[str] = ()
    watch: str | None = None
    posted_reads: str = r"(?!)"
    exempt: t.Collection[str] = ()

    @property
    def all_steps(self) -> list[Step]:
        """Those of the table, after one that finds nothing to take away."""
        return [dataclasses.replace(self.steps[-1], name="nothing there", writes=0, changed=False), *self.steps]

    def play(self) -> dict[str, t.Any]:
        tasks: list[Task] = list(self.setup)
        for step in self.all_steps:
            for mode in MODES:
                name = self.task_name(step, mode)
                if self.watch:
                    tasks.append({"name": f"before {name}", "ansible.builtin.debug": {"msg": self.watch}})
                task: dict[str, t.Any] = {"name": name, f"community.powerbi.{self.module}": dict(step.options)}
                tasks.append({**task, "check_mode": mode.startswith("check"), "ignore_errors": True})
        if self.watch:
            tasks.append({"name": f"after {self.module}", "ansible.builtin.debug": {"msg": self.watch}})
        return {"name": self.module, "hosts": "localhost", "gather_facts": False, "tasks": tasks}

    def task_name(self, step: Step, mode: str) -> str:
        return f"{self.module}: {step.name} ({mode})"


@dataclasses.dataclass(frozen=True)
class Cell:
    """What one task said and did."""

    result: TaskResult
    writes: int

    @property
    def diff(self) -> t.Any:
        return self.result.get("diff")

    @property
    def sides(self) -> tuple[t.Any, t.Any]:
        """Before and after, of one diff or, by their headers, of several."""
        if isinstance(self.diff, list):
            names = [str(one.get("before_header") or one.get("after_header")) for one in self.diff]
            return tuple(
                dict(zip(names, (one[side] for one in self.diff), strict=True)) for side in ("before", "after")
            )
        return (self.diff["before"], self.diff["after"]) if self.diff else ({}, {})

    @property
    def shows_state(self) -> bool:
        """Whether the diff is the whole resource in its own words, also when nothing differs."""
        return isinstance(self.diff, dict)

    def values(self, *without: str) -> dict[str, t.Any]:
        """The module's own return values, flat."""
        own = {key: value for key, value in self.result.result.items() if key not in _NOT_VALUES and key[:1] != "_"}
        return {path: value for path, value in _leaves(own) if path.partition(".")[0] not in without}


_NOT_VALUES: t.Final = {"changed", "diff", "invocation", "warnings", "deprecations", "failed"}


@dataclasses.dataclass(frozen=True)
class Row:
    """A step's four cells, by mode."""

    case: ModuleCase
    step: Step
    cells: t.Mapping[str, Cell]

    def problems(self) -> list[str]:
        """All that is not as it must be."""
        found = [f"{mode}: failed: {cell.result.get('msg')}" for mode, cell in self.cells.items() if self._failed(cell)]
        if found:
            return found
        check, real, check_again, again = (self.cells[mode] for mode in MODES)
        found = [
            f"{mode}: {self.cells[mode].writes} writes" for mode in MODES if mode != "real" and self.cells[mode].writes
        ]
        for mode, cell in self.cells.items():
            if cell.result.changed is not (self.step.changed and mode in ("check", "real")):
                found.append(f"{mode}: changed is {cell.result.changed}")
        if self.step.writes is not None and real.writes != self.step.writes:
            found.append(f"real: {real.writes} writes, not {self.step.writes}")
        unknown, change_values = set(self.case.unknown), (*self.case.change_values, *self.case.counters)
        found += _differences("diff of check and real", {"diff": check.diff}, {"diff": real.diff}, set())
        counters = self.case.counters
        found += _differences("values of check and real", check.values(*counters), real.values(*counters), unknown)
        for mode, cell in (("check again", check_again), ("again", again)):
            found += _differences(
                f"values of real and {mode}", real.values(*change_values), cell.values(*change_values), set()
            )
            found += _differences(f"{mode}: diff", *cell.sides, set())
            if real.shows_state:
                last = {path.partition(".")[2] for path in unknown}
                found += _differences(f"{mode}: state and what was promised", real.sides[1], cell.sides[1], last)
        if self.step.changed and real.diff is not None and real.sides[0] == real.sides[1]:
            found.append("real: the diff shows no difference")
        return found

    def line(self) -> str:
        shown = (f"{'changed' if cell.result.changed else 'ok':>8}{cell.writes:>3}" for cell in self.cells.values())
        verdict = "ok" if not self.problems() else "WRONG"
        return f"{self.case.module:<28}{self.step.name:<26}{''.join(shown)}  {verdict}"

    @staticmethod
    def _failed(cell: Cell) -> bool:
        return cell.result.status != "ok" or bool(cell.result.get("failed"))


HEADING: t.Final = f"{'module':<28}{'step':<26}" + "".join(f"{mode:>11}" for mode in MODES) + "   (result, writes)"


def rows(case: ModuleCase, run: Run, requests: t.Sequence[dict[str, t.Any]]) -> list[Row]:
    """The rows of one case, from the run of its play and the requests that the emulator got meanwhile."""
    ended = {result.task: result.time for result in run.results}
    order = [result.task for result in run.results]
    watched = {result.task: result.get("msg") for result in run.results}

    def cell(step: Step, mode: str) -> Cell:
        name = case.task_name(step, mode)
        number = order.index(name)
        began = ended[order[number - 1]] if number else 0.0
        writes = sum(_is_write(entry, case) for entry in requests if began < _time(entry) <= ended[name])
        if case.watch:
            writes += watched[f"before {name}"] != watched[order[number + 1]]
        return Cell(run.result(name), writes)

    return [Row(case, step, {mode: cell(step, mode) for mode in MODES}) for step in case.all_steps]


def _is_write(entry: dict[str, t.Any], case: ModuleCase) -> bool:
    path = entry["path"]
    if entry["method"] in _READS or _LOGIN.search(path):
        return False
    return not (entry["method"] == "POST" and re.search(case.posted_reads, path))


def _time(entry: dict[str, t.Any]) -> float:
    return dt.datetime.fromisoformat(entry["time"]).timestamp()


def _differences(what: str, left: t.Any, right: t.Any, unknown: t.Collection[str]) -> list[str]:
    one, other = dict(_leaves(left)), dict(_leaves(right))
    return [
        f"{what}: {path}: {one.get(path)!r} and {other.get(path)!r}"
        for path in sorted({*one, *other})
        if one.get(path, _leaves) != other.get(path, _leaves)
        and not any(path == name or path.startswith(f"{name}.") for name in unknown)
    ]


def _leaves(value: t.Any, path: str = "") -> t.Iterator[tuple[str, t.Any]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}".lstrip("."))
    else:
        yield path, value
