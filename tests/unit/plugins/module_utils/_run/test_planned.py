# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What check mode would have made is known to later tasks of the run, and to nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._run.planned import PlannedResources


@pytest.fixture
def directory(tmp_path: Path) -> str:
    return str(tmp_path / "run")


def test_a_workspace_is_known_by_its_name_in_any_case_and_without_an_id(directory: str) -> None:
    plans = PlannedResources(directory, "tenant")
    assert plans.is_planned("Sales") is False
    plans.add("Sales")
    again = PlannedResources(directory, "tenant")
    assert (again.is_planned("SALES"), again.is_planned(""), again.is_planned("Sale")) == (True, True, False)


def test_an_item_is_known_in_its_workspace_with_its_type(directory: str) -> None:
    plans = PlannedResources(directory, "tenant")
    plans.add_item("Sales", "Report", "Monthly")
    assert plans.is_item_planned("sales", "Report", "MONTHLY")
    for other in (("Other", "Report", "Monthly"), ("Sales", "SemanticModel", "Monthly"), ("Sales", "Report", "Week")):
        assert not plans.is_item_planned(*other)
    assert plans.is_planned("Sales") is False, "the workspace itself was there"


def test_other_tenants_know_nothing_of_it(directory: str) -> None:
    PlannedResources(directory, "tenant").add("Sales")
    PlannedResources(directory, "tenant").add_item("Sales", "Report", "Monthly")
    other = PlannedResources(directory, "other")
    assert other.is_planned("Sales") is False and not other.is_item_planned("Sales", "Report", "Monthly")


@pytest.mark.parametrize("where", [None, "file"])
def test_without_a_folder_nothing_can_be_known(tmp_path: Path, where: str | None) -> None:
    (tmp_path / "file").write_text("x")
    plans = PlannedResources(None if where is None else str(tmp_path / where), "tenant")
    plans.add("Sales")
    plans.add_item("Sales", "Report", "Monthly")
    assert plans.is_planned("Sales") is None
    assert not plans.is_item_planned("Sales", "Report", "Monthly")
