# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""powerbi_refresh on the emulator: start, join, skip, fail, cancel."""

from __future__ import annotations

import time
import typing as t

import pytest

from harness.content import SAMPLE
from harness.emulator import Emulator
from harness.modules import Modules
from harness.portal import FINANCE, Portal

SALES: t.Final = "f01de400-0000-4000-8000-000000000001"
MODEL: t.Final = {"workspace": "Finance", "semantic_model": "Sales"}
ON_SHARED_CAPACITY: t.Final = {"workspace": "Sales", "semantic_model": "Sales"}


@pytest.fixture
def modules(fresh_emulator: Emulator) -> Modules:
    """With the semantic model Sales in Finance, which is on a capacity, and in Sales, which is not."""
    found = Modules(fresh_emulator)
    for workspace in ("Finance", "Sales"):
        found("powerbi_item", workspace=workspace, src=str(SAMPLE / "Sales.SemanticModel"))
    fresh_emulator.clear_requests()
    return found


def starts(emulator: Emulator) -> int:
    """The number of refreshes that were requested."""
    return len(emulator.requests(r"/refreshes$", "POST"))


def history(emulator: Emulator, model: str, workspace: str = FINANCE) -> list[dict[str, t.Any]]:
    path = f"/v1.0/myorg/groups/{workspace}/datasets/{model}/refreshes"
    entries: list[dict[str, t.Any]] = Portal(emulator).call("GET", path)["value"]
    return entries


def start_elsewhere(emulator: Emulator, model: str) -> None:
    """Another caller starts a refresh."""
    Portal(emulator).call("POST", f"/v1.0/myorg/groups/{FINANCE}/datasets/{model}/refreshes", json={"type": "Full"})


def test_it_waits_for_the_refresh_that_it_started(modules: Modules, fresh_emulator: Emulator) -> None:
    fresh_emulator.tenant(refresh_time=0.5)
    result = modules("powerbi_refresh", **MODEL)
    [entry] = history(fresh_emulator, result["semantic_model_id"])
    assert (result["changed"], result["joined"], result["skipped_refresh"]) == (True, False, False)
    assert result["refresh"]["id"] == entry["requestId"]
    assert (result["refresh"]["status"], entry["status"]) == ("completed", "Completed")
    assert result["refresh"]["started"] <= result["refresh"]["ended"]


def test_on_shared_capacity_it_is_a_standard_refresh(modules: Modules, fresh_emulator: Emulator) -> None:
    result = modules("powerbi_refresh", **ON_SHARED_CAPACITY)
    [entry] = history(fresh_emulator, result["semantic_model_id"], SALES)
    assert (result["refresh"]["id"], entry["refreshType"]) == (entry["requestId"], "ViaApi")
    assert result["refresh"]["status"] == "completed"


@pytest.mark.parametrize(
    "options",
    [{"type": "full"}, {"objects": [{"table": "Sales"}]}, {"max_parallelism": 2}, {"cancel_on_timeout": True}],
    ids=lambda options: next(iter(options)),
)
def test_options_of_an_enhanced_refresh_need_a_capacity(
    modules: Modules, fresh_emulator: Emulator, options: dict[str, t.Any]
) -> None:
    result = modules.fail("powerbi_refresh", **ON_SHARED_CAPACITY, **options)
    assert (result["error"]["kind"], result["error"]["option"]) == ("config", next(iter(options)))
    assert "shared capacity" in result["msg"]
    assert starts(fresh_emulator) == 0


def test_the_state_of_each_object_is_returned(modules: Modules) -> None:
    objects = [{"table": "Sales"}, {"table": "Date", "partition": "Date"}]
    result = modules("powerbi_refresh", **MODEL, type="data_only", objects=objects, commit_mode="partial_batch")
    assert result["refresh"]["objects"] == [
        {"table": "Sales", "partition": "", "status": "completed"},
        {"table": "Date", "partition": "Date", "status": "completed"},
    ]


def test_check_mode_starts_nothing(modules: Modules, fresh_emulator: Emulator) -> None:
    planned = modules("powerbi_refresh", check=True, **MODEL)
    assert (planned["changed"], planned["refresh"]) == (True, {})
    assert starts(fresh_emulator) == 0


@pytest.mark.parametrize("check", [False, True])
def test_a_recent_refresh_is_enough(modules: Modules, fresh_emulator: Emulator, check: bool) -> None:
    first = modules("powerbi_refresh", **MODEL)
    again = modules("powerbi_refresh", check=check, **MODEL, skip_if_newer_than=3600)
    assert (again["changed"], again["skipped_refresh"]) == (False, True)
    assert again["refresh"]["id"] == first["refresh"]["id"]
    assert starts(fresh_emulator) == 1


def test_an_old_refresh_is_not_enough(modules: Modules, fresh_emulator: Emulator) -> None:
    modules("powerbi_refresh", **MODEL)
    time.sleep(1.1)
    assert modules("powerbi_refresh", **MODEL, skip_if_newer_than=1)["changed"]
    assert starts(fresh_emulator) == 2


def test_a_failed_refresh_is_never_recent(modules: Modules, fresh_emulator: Emulator) -> None:
    fresh_emulator.tenant(failing_refreshes=["Sales"])
    modules.fail("powerbi_refresh", **MODEL)
    fresh_emulator.tenant(failing_refreshes=None)
    assert modules("powerbi_refresh", **MODEL, skip_if_newer_than=3600)["changed"]


@pytest.mark.parametrize("workspace", ["Finance", "Sales"], ids=["enhanced", "standard"])
def test_it_fails_with_the_services_reason(modules: Modules, fresh_emulator: Emulator, workspace: str) -> None:
    fresh_emulator.tenant(failing_refreshes=["Sales"])
    result = modules.fail("powerbi_refresh", workspace=workspace, semantic_model="Sales")
    assert result["changed"] is True
    assert result["error"]["kind"] == "operation_failed"
    assert "ModelRefreshFailed_CredentialsNotSpecified" in result["msg"]
    assert result["refresh"]["status"] == "failed"


def test_a_running_refresh_is_joined(modules: Modules, fresh_emulator: Emulator) -> None:
    fresh_emulator.tenant(refresh_time=1.5)
    model = modules("powerbi_refresh", **MODEL, wait=False)
    joined = modules("powerbi_refresh", **MODEL)
    assert (model["refresh"]["status"], joined["refresh"]["status"]) == ("running", "completed")
    assert (joined["changed"], joined["joined"]) == (False, True)
    assert joined["refresh"]["id"] == model["refresh"]["id"]
    assert starts(fresh_emulator) == 1


def test_a_running_refresh_is_waited_for_and_then_another_started(modules: Modules, fresh_emulator: Emulator) -> None:
    fresh_emulator.tenant(refresh_time=1.0)
    first = modules("powerbi_refresh", **MODEL, wait=False)
    second = modules("powerbi_refresh", **MODEL, if_running="wait")
    assert (second["changed"], second["refresh"]["status"]) == (True, "completed")
    assert second["refresh"]["id"] != first["refresh"]["id"]


@pytest.mark.parametrize("check", [False, True])
def test_a_running_refresh_can_be_an_error(modules: Modules, fresh_emulator: Emulator, check: bool) -> None:
    fresh_emulator.tenant(refresh_time=60)
    modules("powerbi_refresh", **MODEL, wait=False)
    result = modules.fail("powerbi_refresh", check=check, **MODEL, if_running="fail")
    assert (result["changed"], result["error"]["kind"]) == (False, "conflict")
    assert "if_running" in result["error"]["remedy"]


def test_one_that_another_caller_starts_in_between_is_joined(modules: Modules, fresh_emulator: Emulator) -> None:
    model = modules("powerbi_refresh", **MODEL)["semantic_model_id"]
    fresh_emulator.tenant(refresh_time=1.0)
    # the first reading of the history does not have it yet
    fresh_emulator.fault(path=r"/refreshes$", method=["GET"], times=1, status=200, body={"value": []})
    start_elsewhere(fresh_emulator, model)
    result = modules("powerbi_refresh", **MODEL)
    assert (result["changed"], result["joined"], result["refresh"]["status"]) == (False, True, "completed")


def test_after_an_ambiguous_response_no_second_one_is_started(modules: Modules, fresh_emulator: Emulator) -> None:
    fresh_emulator.tenant(refresh_time=1.0)
    fresh_emulator.fault(path=r"/refreshes$", method=["POST"], times=1, acted=True, status=500)
    result = modules("powerbi_refresh", **MODEL)
    assert (result["changed"], result["refresh"]["status"]) == (True, "completed")
    assert len(history(fresh_emulator, result["semantic_model_id"])) == 1


def test_after_the_timeout_it_is_cancelled(modules: Modules, fresh_emulator: Emulator) -> None:
    fresh_emulator.tenant(refresh_time=60)
    result = modules.fail("powerbi_refresh", **MODEL, wait_timeout=1, cancel_on_timeout=True)
    assert result["error"]["kind"] == "operation_timeout"
    assert "was cancelled" in result["msg"]
    assert history(fresh_emulator, result["semantic_model_id"])[0]["status"] == "Cancelled"


def test_it_outlives_errors_of_the_service_while_it_waits(modules: Modules, fresh_emulator: Emulator) -> None:
    fresh_emulator.tenant(refresh_time=2.0)
    fresh_emulator.fault(path=r"/refreshes/", method=["GET"], times=1, status=503)
    fresh_emulator.fault(path=r"/refreshes/", method=["GET"], times=1, skip=1, status=404)
    assert modules("powerbi_refresh", **MODEL)["refresh"]["status"] == "completed"


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"semantic_model": "None such"}, "semantic_model"),
        ({"workspace": "None such"}, "workspace"),
        ({"commit_mode": "partial_batch", "apply_refresh_policy": True}, "apply_refresh_policy"),
        ({"max_parallelism": 0}, "max_parallelism"),
        ({"skip_if_newer_than": -1}, "skip_if_newer_than"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_errors_in_options_are_found_first(
    modules: Modules, fresh_emulator: Emulator, options: dict[str, t.Any], option: str
) -> None:
    result = modules.fail("powerbi_refresh", **{**MODEL, **options})
    assert result["error"]["option"] == option
    assert starts(fresh_emulator) == 0
