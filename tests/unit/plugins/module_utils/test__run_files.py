# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the forks of a run share: files, responses, planned resources and identities."""

from __future__ import annotations

import json
import time
import typing as t
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._auth.cache import TokenCache
from ansible_collections.community.powerbi.plugins.module_utils._auth.tokens import AccessToken
from ansible_collections.community.powerbi.plugins.module_utils._run_files import (
    PlannedResources,
    RunFiles,
    RunResponseCache,
    record_identity,
)
from ansible_collections.community.powerbi.plugins.module_utils._secret import Secret
from ansible_collections.community.powerbi.plugins.module_utils._settings.resolve import Credential


def token() -> AccessToken:
    now = int(time.time())
    return AccessToken(Secret("t"), now + 3600, now, "scope")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir(mode=0o700)
    return tmp_path / "run"


def test_a_token_in_a_folder_that_others_can_write_to_is_not_believed(directory: Path) -> None:
    TokenCache(str(directory)).replace("k", token())
    assert TokenCache(str(directory)).get("k", 300) is not None
    for mode in (0o777, 0o750, 0o701):
        directory.chmod(mode)
        assert TokenCache(str(directory)).get("k", 300) is None


def test_a_link_to_a_private_folder_is_not_believed(directory: Path, tmp_path: Path) -> None:
    TokenCache(str(directory)).replace("k", token())
    (tmp_path / "link").symlink_to(directory)
    assert TokenCache(str(tmp_path / "link")).get("k", 300) is None


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"access_token": 1, "scope": "s", "expires_on": 9e9, "obtained_on": 1},
        {"access_token": "t", "scope": "s", "expires_on": "9999999999", "obtained_on": 1},
        {"access_token": "t", "scope": "s", "expires_on": True, "obtained_on": None},
        {"access_token": ["t"], "scope": {}, "expires_on": 9e9, "obtained_on": 1},
    ],
)
def test_a_token_of_another_shape_is_a_miss(directory: Path, entry: dict[str, t.Any]) -> None:
    RunFiles(str(directory)).write("k.json", entry)
    assert TokenCache(str(directory)).get("k", 300) is None


@pytest.mark.parametrize("facts", [[], "x", {"what": 5}, {"why": None}])
def test_a_failure_of_another_shape_is_none(directory: Path, facts: t.Any) -> None:
    RunFiles(str(directory)).write("k.failed", {"kind": "auth", "facts": facts, "at": 9e12})
    found = TokenCache(str(directory)).get_or_acquire("k", 300, token)
    assert found.value.reveal() == "t"


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"requested_at": "x", "value": 1},
        {"requested_at": None, "value": 1},
        {"requested_at": 10**20},
        {"requested_at": [], "value": 1},
    ],
)
def test_an_answer_of_another_shape_is_fetched(directory: Path, entry: dict[str, t.Any]) -> None:
    answers = RunResponseCache(str(directory))
    answers.get_or_fetch("key", lambda: "first")
    (path,) = directory.glob("*.response")
    path.write_text(json.dumps(entry))
    assert answers.get_or_fetch("key", lambda: "second") == "second"


@pytest.mark.parametrize("at", ["x", None, [], {}])
def test_a_last_write_of_another_shape_forgets_the_answers(directory: Path, at: t.Any) -> None:
    answers = RunResponseCache(str(directory))
    answers.get_or_fetch("key", lambda: "first")
    RunFiles(str(directory)).write("last-write.json", {"at": at})
    assert answers.get_or_fetch("key", lambda: "second") == "second"


def test_a_plan_of_another_shape_is_none(directory: Path) -> None:
    PlannedResources(str(directory), "x").add("Sales")
    for path in directory.glob("*.planned"):
        path.write_text('{"other": 1}')
    assert PlannedResources(str(directory), "x").is_planned("Sales") is False


@pytest.fixture
def planned_directory(tmp_path: Path) -> str:
    return str(tmp_path / "run")


def test_a_workspace_is_known_by_its_name_in_any_case_and_without_an_id(planned_directory: str) -> None:
    plans = PlannedResources(planned_directory, "tenant")
    assert plans.is_planned("Sales") is False
    plans.add("Sales")
    again = PlannedResources(planned_directory, "tenant")
    assert (again.is_planned("SALES"), again.is_planned(""), again.is_planned("Sale")) == (True, True, False)


def test_an_item_is_known_in_its_workspace_with_its_type(planned_directory: str) -> None:
    plans = PlannedResources(planned_directory, "tenant")
    plans.add_item("Sales", "Report", "Monthly")
    assert plans.is_item_planned("sales", "Report", "MONTHLY")
    for other in (("Other", "Report", "Monthly"), ("Sales", "SemanticModel", "Monthly"), ("Sales", "Report", "Week")):
        assert not plans.is_item_planned(*other)
    assert plans.is_planned("Sales") is False, "the workspace itself was there"


def test_other_tenants_know_nothing_of_it(planned_directory: str) -> None:
    PlannedResources(planned_directory, "tenant").add("Sales")
    PlannedResources(planned_directory, "tenant").add_item("Sales", "Report", "Monthly")
    other = PlannedResources(planned_directory, "other")
    assert other.is_planned("Sales") is False and not other.is_item_planned("Sales", "Report", "Monthly")


@pytest.mark.parametrize("where", [None, "file"])
def test_without_a_folder_nothing_can_be_known(tmp_path: Path, where: str | None) -> None:
    (tmp_path / "file").write_text("x")
    plans = PlannedResources(None if where is None else str(tmp_path / where), "tenant")
    plans.add("Sales")
    plans.add_item("Sales", "Report", "Monthly")
    assert plans.is_planned("Sales") is None
    assert not plans.is_item_planned("Sales", "Report", "Monthly")


APP_A: t.Final = Credential("client_secret", "option", "tenant", "app-a", {}, explicit=True)
APP_B: t.Final = Credential("client_secret", "env:AZURE_*", "tenant", "app-b", {}, explicit=False)


@pytest.fixture
def run(tmp_path: Path) -> str:
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    return str(folder)


@pytest.mark.parametrize(("first", "second"), [(APP_A, APP_B), (APP_B, APP_A)])
def test_the_second_is_warned_of_naming_both_and_their_sources(run: str, first: Credential, second: Credential) -> None:
    assert record_identity(run, first) is None
    warning = record_identity(run, second)
    assert warning is not None
    for text in (
        "app-a of tenant tenant (from option)",
        "app-b of tenant tenant (from env:AZURE_*)",
        "module_defaults",
    ):
        assert text in warning
    assert record_identity(run, second) is None, "once"
    assert record_identity(run, first) is None


def test_the_same_app_by_another_way_or_from_another_place_is_the_same(run: str) -> None:
    assert record_identity(run, APP_A) is None
    assert (
        record_identity(
            run, APP_A._replace(method="certificate", source="env:ARM_*", client_id="APP-A", explicit=False)
        )
        is None
    )


def test_two_that_are_both_explicit_are_meant(run: str) -> None:
    assert record_identity(run, APP_A) is None
    assert record_identity(run, APP_B._replace(explicit=True, source="profile:b")) is None


def test_another_tenant_is_another_identity(run: str) -> None:
    assert record_identity(run, APP_B) is None
    assert record_identity(run, APP_B._replace(tenant_id="other")) is not None


@pytest.mark.parametrize(
    ("credential", "name"),
    [
        (Credential("azure_cli", "option", "", "", {}), "the signed-in az"),
        (Credential("managed_identity", "option", "", "", {}), "the system-assigned managed identity"),
        (Credential("password", "option", "t", "c", {"username": "ann@contoso.example"}), "ann@contoso.example"),
    ],
)
def test_identities_without_an_app_of_their_own_have_a_name(run: str, credential: Credential, name: str) -> None:
    record_identity(run, APP_B)
    assert name in str(record_identity(run, credential))


def test_a_token_that_was_passed_in_is_not_recorded(run: str) -> None:
    record_identity(run, APP_B)
    assert record_identity(run, Credential("access_token", "option", "", "", {})) is None


@pytest.mark.parametrize("mode", [0o755, 0o777])
def test_a_folder_of_others_and_none_record_nothing(run: str, mode: int) -> None:
    Path(run).chmod(mode)
    for directory in (run, None):
        assert record_identity(directory, APP_A) is None
        assert record_identity(directory, APP_B) is None
    assert list(Path(run).iterdir()) == []


def test_a_damaged_record_is_none(run: str) -> None:
    record_identity(run, APP_A)
    (Path(run) / "identities").write_text('{"x": 5}')
    (Path(run) / "identities").chmod(0o600)
    assert record_identity(run, APP_B) is None
