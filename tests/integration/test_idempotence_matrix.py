# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A second run changes nothing, and check mode equals the run: for every module that has a state, from one table."""

from __future__ import annotations

import importlib
import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._settings.options import SHARED_OPTIONS
from harness.ansible_run import REPOSITORY, AnsibleRunner
from harness.emulator import Emulator
from harness.idempotence import HEADING, Row, rows
from harness.summary import TABLE
from idempotence_table import CASES, ELSEWHERE

ALL_ROWS = [(module, step.name) for module, case in CASES.items() for step in case.all_steps]


@pytest.fixture(scope="module")
def matrix(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Row]:
    """One run with every cell: each module's play on a tenant as it was seeded."""
    runner = AnsibleRunner(tmp_path_factory.mktemp("matrix"))
    found: dict[tuple[str, str], Row] = {}
    for module, case in CASES.items():
        emulator.clean()
        run = runner.playbook([case.play()], env=emulator.env, diff=True, timeout=250).ok()
        found.update({(module, row.step.name): row for row in rows(case, run, emulator.requests())})
    emulator.clean()
    return found


@pytest.mark.parametrize(("module", "step"), ALL_ROWS)
def test_step(module: str, step: str, matrix: dict[tuple[str, str], Row]) -> None:
    assert matrix[module, step].problems() == []


def test_the_table_is_printed(
    matrix: dict[tuple[str, str], Row], record_property: t.Callable[[str, object], None]
) -> None:
    lines = [row.line() for row in matrix.values()]
    record_property(TABLE, "\n".join(("Idempotence matrix", HEADING, *lines)))
    assert len(lines) == len(ALL_ROWS)


def specs() -> dict[str, dict[str, t.Any]]:
    """The options of each module that has a state, or that the table has without one, without the shared options."""
    found = {}
    for path in sorted((REPOSITORY / "plugins" / "modules").glob("powerbi_*.py")):
        module = importlib.import_module(f"ansible_collections.community.powerbi.plugins.modules.{path.stem}")
        own = {name: spec for name, spec in module.ARGUMENT_SPEC.items() if name not in SHARED_OPTIONS}
        if "state" in own or path.stem in CASES:
            found[path.stem] = own
    return found


def test_every_module_with_a_state_is_in_the_table() -> None:
    assert set(CASES) | set(ELSEWHERE) == set(specs())


@pytest.mark.parametrize("module", CASES)
def test_every_option_is_in_a_step(module: str) -> None:
    case, own = CASES[module], specs()[module]
    used = {option for step in case.steps for option in step.options}
    assert set(own) - used - set(case.exempt) == set()
    suboptions = {
        (name, suboption) for name, spec in own.items() for suboption in spec.get("options", {}) if name in used
    }
    given = {
        (name, suboption)
        for step in case.steps
        for name, value in step.options.items()
        for entry in (value if isinstance(value, list) else [value])
        if isinstance(entry, dict)
        for suboption in entry
    }
    assert suboptions - given == set()
