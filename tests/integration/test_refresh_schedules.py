# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""powerbi_refresh_schedule on the emulator, with what a user sees of the service's refusals."""

from __future__ import annotations

import typing as t

import pytest

from harness.ansible_run import AnsibleRunner
from harness.content import SAMPLE
from harness.emulator import Emulator
from harness.modules import Modules
from harness.portal import FINANCE, Portal

DAILY: t.Final = {"workspace": "Finance", "semantic_model": "Sales", "days": ["Monday"], "times": ["07:00"]}


@pytest.fixture
def modules(fresh_emulator: Emulator) -> Modules:
    """With the semantic model Sales in the workspace Finance."""
    found = Modules(fresh_emulator)
    found("powerbi_item", workspace="Finance", src=str(SAMPLE / "Sales.SemanticModel"))
    return found


def test_check_mode_predicts_the_result(modules: Modules, fresh_emulator: Emulator) -> None:
    portal = Portal(fresh_emulator)
    fresh_emulator.clear_requests()
    planned = modules("powerbi_refresh_schedule", check=True, enabled=True, **DAILY)
    assert portal.writes() == []
    done = modules("powerbi_refresh_schedule", enabled=True, **DAILY)
    assert planned == done | {"invocation": planned["invocation"]}
    assert done["refresh_schedule"] == {
        "enabled": True,
        "days": ["Monday"],
        "times": ["07:00"],
        "time_zone": "UTC",
        "notify": "no_notification",
    }
    shown = portal.call("GET", f"/v1.0/myorg/groups/{FINANCE}/datasets/{done['semantic_model_id']}/refreshSchedule")
    assert (shown["enabled"], shown["days"], shown["times"]) == (True, ["Monday"], ["07:00"])
    assert not modules("powerbi_refresh_schedule", enabled=True, **DAILY)["changed"]


def test_only_the_owner_may_change_it(modules: Modules, fresh_emulator: Emulator) -> None:
    model = modules("powerbi_refresh_schedule", workspace="Finance", semantic_model="Sales")["semantic_model_id"]
    fresh_emulator.fault(path=r"/refreshSchedule$", method=["PATCH"], status=403, body=FORBIDDEN)
    result = modules.fail("powerbi_refresh_schedule", **DAILY)
    assert result["changed"] is False
    assert result["error"]["kind"] == "forbidden"
    assert (result["semantic_model_id"], result["refresh_schedule"]["days"]) == (model, [])


FORBIDDEN: t.Final = {"error": {"code": "PowerBINotAuthorizedException", "message": "not the owner"}}


def test_a_failure_between_two_writes_is_a_change(modules: Modules, fresh_emulator: Emulator) -> None:
    modules("powerbi_refresh_schedule", enabled=True, **DAILY)
    fresh_emulator.fault(
        path=r"/refreshSchedule$", method=["PATCH"], skip=1, status=400, body={"error": {"code": "No"}}
    )
    result = modules.fail("powerbi_refresh_schedule", **{**DAILY, "enabled": False, "times": ["12:00"]})
    assert result["changed"] is True
    fresh_emulator.clear_faults()
    again = modules("powerbi_refresh_schedule", **{**DAILY, "enabled": False, "times": ["12:00"]})
    assert (again["changed"], again["refresh_schedule"]["enabled"]) == (True, False)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"semantic_model": "None such"}, "there is no semantic model 'None such'"),
        ({"time_zone": "Europe/Berlin"}, "no time zone ID of Windows"),
        ({"notify": "mail_on_failure"}, "service principal"),
        ({"days": ["monday"]}, "value of days must be one or more of"),
        ({"times": ["07:15"]}, "not on the hour or the half hour"),
    ],
)
@pytest.mark.parametrize("check", [False, True])
def test_bad_input(modules: Modules, options: dict[str, t.Any], text: str, check: bool) -> None:
    assert text in modules.run("powerbi_refresh_schedule", check=check, **{**DAILY, **options})["msg"]


def test_a_model_that_check_mode_has_only_planned(ansible: AnsibleRunner, fresh_emulator: Emulator) -> None:
    run = ansible.playbook(
        f"""
        - name: Workspace
          community.powerbi.powerbi_workspace: {{name: New}}
        - name: Model
          community.powerbi.powerbi_item: {{workspace: New, src: "{SAMPLE / "Sales.SemanticModel"}"}}
        - name: Schedule
          community.powerbi.powerbi_refresh_schedule:
            {{workspace: New, semantic_model: Sales, enabled: true, days: [Monday], times: [7:00, 16:30]}}
        - name: Schedule of no model
          community.powerbi.powerbi_refresh_schedule: {{workspace: New, semantic_model: Other, enabled: false}}
          ignore_errors: true
        """,
        env=fresh_emulator.env,
        args=["--check"],
    ).ok()
    planned = run.result("Schedule")
    assert planned.changed
    assert planned["refresh_schedule"]["times"] == ["07:00", "16:30"], "YAML's number of minutes is a time"
    assert planned["semantic_model_id"] == ""
    assert "there is no semantic model 'Other'" in run.result("Schedule of no model")["msg"]
