# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run that uses a second identity by accident is warned, once."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._run.identities import record_identity
from ansible_collections.community.powerbi.plugins.module_utils._settings.resolve import Credential

A: t.Final = Credential("client_secret", "option", "tenant", "app-a", {}, explicit=True)
B: t.Final = Credential("client_secret", "env:AZURE_*", "tenant", "app-b", {}, explicit=False)


@pytest.fixture
def run(tmp_path: Path) -> str:
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    return str(folder)


@pytest.mark.parametrize(("first", "second"), [(A, B), (B, A)])
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
    assert record_identity(run, A) is None
    assert (
        record_identity(run, A._replace(method="certificate", source="env:ARM_*", client_id="APP-A", explicit=False))
        is None
    )


def test_two_that_are_both_explicit_are_meant(run: str) -> None:
    assert record_identity(run, A) is None
    assert record_identity(run, B._replace(explicit=True, source="profile:b")) is None


def test_another_tenant_is_another_identity(run: str) -> None:
    assert record_identity(run, B) is None
    assert record_identity(run, B._replace(tenant_id="other")) is not None


@pytest.mark.parametrize(
    ("credential", "name"),
    [
        (Credential("azure_cli", "option", "", "", {}), "the signed-in az"),
        (Credential("managed_identity", "option", "", "", {}), "the system-assigned managed identity"),
        (Credential("password", "option", "t", "c", {"username": "ann@contoso.example"}), "ann@contoso.example"),
    ],
)
def test_identities_without_an_app_of_their_own_have_a_name(run: str, credential: Credential, name: str) -> None:
    record_identity(run, B)
    assert name in str(record_identity(run, credential))


def test_a_token_that_was_passed_in_is_not_recorded(run: str) -> None:
    record_identity(run, B)
    assert record_identity(run, Credential("access_token", "option", "", "", {})) is None


@pytest.mark.parametrize("mode", [0o755, 0o777])
def test_a_folder_of_others_and_none_record_nothing(run: str, mode: int) -> None:
    Path(run).chmod(mode)
    for directory in (run, None):
        assert record_identity(directory, A) is None
        assert record_identity(directory, B) is None
    assert list(Path(run).iterdir()) == []


def test_a_damaged_record_is_none(run: str) -> None:
    record_identity(run, A)
    (Path(run) / "identities").write_text('{"x": 5}')
    (Path(run) / "identities").chmod(0o600)
    assert record_identity(run, B) is None
