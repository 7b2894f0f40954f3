# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""powerbi_drift_info: differences are reported with their lines, and nothing is written."""

from __future__ import annotations

import shutil
import typing as t
from pathlib import Path

import pytest

from harness.ansible_run import REPOSITORY, AnsibleRunner
from harness.emulator import Emulator
from harness.modules import Modules
from harness.portal import FINANCE, Portal

MEASURE = ("definition/tables/Orders.tmdl", "Orders[Quantity] * Orders[Price]", "Orders[Price]")


@pytest.fixture
def content(tmp_path: Path) -> Path:
    return Path(shutil.copytree(REPOSITORY / "playbooks" / "files" / "sample", tmp_path / "content"))


@pytest.fixture
def deployed(fresh_emulator: Emulator, content: Path) -> tuple[Modules, Portal, dict[str, t.Any]]:
    modules, portal = Modules(fresh_emulator), Portal(fresh_emulator)
    options = {"workspace": "Finance", "src": str(content)}
    modules("powerbi_deploy", **options)
    fresh_emulator.clear_requests()
    return modules, portal, options


Deployed = tuple[Modules, Portal, dict[str, t.Any]]


def test_what_was_just_deployed_has_not_drifted(deployed: Deployed) -> None:
    modules, portal, options = deployed
    result = modules("powerbi_drift_info", **options, fail_on_drift=True)
    assert (result["drifted"], result["drift"], result["changed"]) == (False, [], False)
    assert "diff" not in result
    assert portal.writes() == []


def test_a_measure_edited_in_the_portal_is_shown_and_put_back(deployed: Deployed) -> None:
    modules, portal, options = deployed
    portal.edit("Sales.SemanticModel", *MEASURE)
    result = modules("powerbi_drift_info", **options)
    (found,) = result["drift"]
    assert (result["drifted"], result["changed"]) == (True, False)
    assert (found["drift"], found["name"], found["type"]) == ("changed", "Sales", "SemanticModel")
    assert found["changes"] == ["measure Orders[Revenue] changed (expression)"]
    lines = [line for line in found["diff"].splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert [line.replace("\t", "") for line in lines] == [
        "-measure Revenue = SUMX(Orders, Orders[Price])",
        "+measure Revenue = SUMX(Orders, Orders[Quantity] * Orders[Price])",
    ]
    planned = modules("powerbi_deploy", **options, check=True)
    assert [(entry["changes"], entry["action"]) for entry in planned["plan"] if entry["action"] != "unchanged"] == [
        (found["changes"], "update")
    ]
    modules("powerbi_deploy", **options)
    assert not modules("powerbi_drift_info", **options)["drifted"]


def test_missing_and_extra_items(deployed: Deployed, content: Path) -> None:
    modules, portal, options = deployed
    portal.delete("Invoice.PaginatedReport")
    shutil.rmtree(content / "Sales.Report")
    assert [(found["drift"], found["name"]) for found in modules("powerbi_drift_info", **options)["drift"]] == [
        ("missing", "Invoice")
    ]
    result = modules("powerbi_drift_info", **options, prune="deployed")
    assert sorted((found["drift"], found["name"], found["type"]) for found in result["drift"]) == [
        ("extra", "Sales", "Report"),
        ("missing", "Invoice", "PaginatedReport"),
    ]
    kept = modules("powerbi_drift_info", **options, prune="all", protect=["*.Report"])
    assert [found["drift"] for found in kept["drift"]] == ["missing"]


def test_a_rename_and_a_description_are_drift(deployed: Deployed) -> None:
    modules, portal, options = deployed
    portal.change("Sales.SemanticModel", displayName="Orders", description="By hand")
    (found,) = modules("powerbi_drift_info", **options)["drift"]
    assert found["changes"] == ["renamed from Orders", "description"]
    assert "-name: Orders\n" in found["diff"] and "+name: Sales\n" in found["diff"]
    assert "-description: By hand\n" in found["diff"]


def test_failing_on_drift_has_a_remedy(deployed: Deployed) -> None:
    modules, portal, options = deployed
    portal.edit("Sales.SemanticModel", *MEASURE)
    result = modules.fail("powerbi_drift_info", **options, fail_on_drift=True)
    assert result["changed"] is False
    assert "'Finance' has drifted: 1 item differs from the folder" in result["msg"]
    assert "Sales.SemanticModel (changed)" in result["msg"] and "powerbi_deploy" in result["error"]["remedy"]
    assert "+measure" in result["drift"][0]["diff"].replace("\t", "")


@pytest.mark.everycore
def test_a_playbook_in_check_mode_gives_the_same(
    fresh_emulator: Emulator, content: Path, ansible: AnsibleRunner
) -> None:
    Modules(fresh_emulator)("powerbi_deploy", workspace=FINANCE, src=str(content))
    Portal(fresh_emulator).edit("Sales.SemanticModel", *MEASURE)
    task = {"name": "drift", "community.powerbi.powerbi_drift_info": {"workspace": "Finance", "src": str(content)}}
    plain = ansible.playbook([task], env=fresh_emulator.env).ok().result("drift")
    checked = ansible.playbook([task], env=fresh_emulator.env, check=True, diff=True).ok().result("drift")
    assert plain.result["drifted"] and not plain.result["changed"]
    assert checked.result["drift"] == plain.result["drift"]
