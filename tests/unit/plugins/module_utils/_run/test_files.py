# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that a run shares are only believed where nobody else can have written them, and in the shape they are written in."""

from __future__ import annotations

import json
import time
import typing as t
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._auth.cache import TokenCache
from ansible_collections.community.powerbi.plugins.module_utils._auth.tokens import AccessToken
from ansible_collections.community.powerbi.plugins.module_utils._run.files import RunFiles
from ansible_collections.community.powerbi.plugins.module_utils._run.planned import PlannedResources
from ansible_collections.community.powerbi.plugins.module_utils._run.responses import RunResponseCache
from ansible_collections.community.powerbi.plugins.module_utils._secret import Secret


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
