# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""fabric-cicd on the emulator, as a second opinion: what it deploys from a folder, we call equal to that folder."""

from __future__ import annotations

import subprocess
import typing as t
from pathlib import Path

import pytest

from harness import peers
from harness.ansible_run import AnsibleRunner
from harness.content import many_items, sample
from harness.emulator import Emulator
from harness.portal import FINANCE, Portal

REAL: t.Final = Path("/work/shared/data/content/pbip")  # a PBIP project (MIT), where it is at hand


@pytest.fixture(scope="module")
def fabric_cicd() -> Path:
    try:
        return peers.install()
    except RuntimeError as error:
        pytest.skip(str(error))


class Both:
    """One folder that both tools deploy to one workspace."""

    def __init__(self, ansible: AnsibleRunner, emulator: Emulator, python: Path) -> None:
        self._ansible = ansible
        self._emulator = emulator
        self._python = python
        self.portal = Portal(emulator)

    def fabric_cicd(self, folder: Path, environment: str = "N/A") -> None:
        argv, env = peers.fabric_cicd(self._python, self._emulator, FINANCE, folder, environment=environment)
        done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]

    def differences(self, folder: Path, **options: t.Any) -> tuple[list[t.Any], list[str]]:
        """What powerbi_drift_info finds, and what powerbi_deploy would change, after nothing was written."""
        self._emulator.clear_requests()
        common = {"workspace": FINANCE, "src": str(folder), **options}
        tasks = [
            {"name": "drift", "community.powerbi.powerbi_drift_info": common},
            {"name": "deploy", "community.powerbi.powerbi_deploy": common, "check_mode": True},
        ]
        run = self._ansible.playbook(tasks, env=self._emulator.env).ok()
        assert self.portal.writes() == []
        deploy = run.result("deploy")
        assert run.result("drift")["drifted"] is deploy.changed
        return run.result("drift")["drift"], [line["name"] for line in deploy["plan"] if line["action"] != "unchanged"]

    def deploy(self, folder: Path, **options: t.Any) -> None:
        task = {"community.powerbi.powerbi_deploy": {"workspace": FINANCE, "src": str(folder), **options}}
        self._ansible.playbook([task], env=self._emulator.env).ok()


@pytest.fixture
def both(ansible: AnsibleRunner, fresh_emulator: Emulator, fabric_cicd: Path) -> Both:
    fresh_emulator.tenant(operation_retry_after=0.0)
    return Both(ansible, fresh_emulator, fabric_cicd)


def test_what_fabric_cicd_deploys_is_equal_to_its_folder(both: Both, tmp_path: Path) -> None:
    folder = many_items(tmp_path / "content", 10)
    both.fabric_cicd(folder)
    assert len(both.portal.names()) == 10
    assert both.differences(folder) == ([], [])


def test_its_parameter_file_is_read_the_same_way(both: Both, tmp_path: Path) -> None:
    folder = sample(tmp_path / "content")
    both.fabric_cicd(folder, "PROD")
    options = {"environment": "PROD", "parameters": str(folder / "parameter.yml")}
    assert both.differences(folder, **options) == ([], [])
    assert {finding["name"] for finding in both.differences(folder)[0]} >= {"Sales"}, "without them, it differs"


def test_what_it_finds_deployed_by_us_is_still_equal_after_it(both: Both, tmp_path: Path) -> None:
    """It overwrites what is there, and removes our annotation from the description: that alone is no difference."""
    folder = many_items(tmp_path / "content", 4)
    both.deploy(folder)
    both.fabric_cicd(folder)
    assert both.differences(folder) == ([], [])


def test_an_edit_made_after_it_is_found(both: Both, tmp_path: Path) -> None:
    folder = sample(tmp_path / "content")
    both.fabric_cicd(folder)
    both.portal.edit("Sales.SemanticModel", "definition/tables/Orders.tmdl", "[Price])", "[Price] + 1)")
    found, would_change = both.differences(folder)
    assert [finding["changes"] for finding in found] == [["measure Orders[Revenue] changed (expression)"]]
    assert would_change == ["Sales"]


@pytest.mark.skipif(not REAL.is_dir(), reason=f"no real project in {REAL}")
def test_files_that_other_people_made(both: Both) -> None:
    both.fabric_cicd(REAL)
    assert {name.rpartition(".")[2] for name in both.portal.names()} == {"SemanticModel", "Report", "PaginatedReport"}
    assert both.differences(REAL) == ([], [])
