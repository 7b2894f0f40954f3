# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets that are no values: what is written to and read from vaults, profiles and environment files."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._module import run_in_process
from ansible_collections.community.powerbi.plugins.modules import (
    powerbi_auth_profile,
    powerbi_environment_file,
    powerbi_hashi_vault,
    powerbi_key_vault_secret,
    powerbi_key_vault_secret_info,
)

EMPTIED = ["", " ", "\n", "None", "null", "undefined", "[]", "__omit_place_holder__1a2b"]
# No request can be answered there: what is said comes before the first one.
IDENTITY = {"access_token": "a-token-of-no-tenant", "proxy": "http://127.0.0.1:9", "retry_timeout": 0.1}
VAULT = {"vault_url": "https://contoso-kv.vault.azure.net", "name": "app", **IDENTITY}


def run(module: t.Any, **options: t.Any) -> dict[str, t.Any]:
    return run_in_process(
        module.ARGUMENT_SPEC,
        module.run,
        options,
        name=module.__name__.rpartition(".")[2],
        check_mode=False,
        environ={},
        cache_directory="",
        notify=lambda _text: None,
        **getattr(module, "RULES", {}),
    )


@pytest.mark.parametrize("kind", ["secret", "certificate"])
@pytest.mark.parametrize("value", EMPTIED)
def test_key_vault_takes_no_value_of_an_emptied_variable(value: str, kind: str) -> None:
    result = run(powerbi_key_vault_secret, **VAULT, type=kind, value=value)
    assert result["error"]["option"] == "value"
    expected = "a template makes of a variable without a value" if value.strip() else "value is empty"
    assert expected in result["msg"]
    assert "leave the option out (`omit`)" in result["error"]["remedy"]


@pytest.mark.parametrize("option", ["expires_on", "content_type"])
@pytest.mark.parametrize("value", EMPTIED)
def test_key_vault_takes_no_note_of_an_emptied_variable(option: str, value: str) -> None:
    result = run(powerbi_key_vault_secret, **VAULT, value="s3cr3t-s3cr3t", **{option: value})
    assert result["error"]["option"] == option
    assert f"{option} is {value!r}, which is a variable without a value" in result["msg"]


@pytest.mark.parametrize("value", [None, "None", "undefined"])
def test_key_vault_takes_no_tag_of_an_emptied_variable(value: str | None) -> None:
    result = run(powerbi_key_vault_secret, **VAULT, tags={"team": "", "key_id": value})
    assert result["error"]["option"] == "tags"
    assert "tags.key_id is 'None'" in result["msg"] or "tags.key_id is 'undefined'" in result["msg"]


@pytest.mark.parametrize("value", EMPTIED)
def test_an_emptied_version_is_not_the_current_one(value: str) -> None:
    result = run(powerbi_key_vault_secret_info, **VAULT, version=value)
    assert result["error"]["option"] == "version"
    assert "leave the option out (`omit`)" in result["error"]["remedy"]


@pytest.mark.parametrize("value", EMPTIED)
@pytest.mark.parametrize("module", [powerbi_environment_file, powerbi_auth_profile])
def test_no_file_gets_a_secret_of_an_emptied_variable(module: t.Any, value: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    result = run(module, path=str(path), name="prod", client_id="c", client_secret=value)
    assert result["error"]["option"] == "client_secret"
    assert not path.exists()


@pytest.mark.parametrize("value", ["", "None", "[]"])
def test_hashi_vault_gets_no_field_of_an_emptied_variable(value: str) -> None:
    where = {"url": "https://127.0.0.1:9", "path": "app", "request": "write", "token": "t" * 20}
    result = run(powerbi_hashi_vault, **where, data={"mode": "none", "client_secret": value})
    assert "data has no value for client_secret" in result["msg"]


class TestShortSecrets:
    """Masking each of their characters would censor the whole result, and show them at that."""

    def test_the_rest_of_the_result_can_be_read(self) -> None:
        result = run(powerbi_key_vault_secret, **VAULT, value="a", tags={"x": None})
        assert "tags.x is 'None', which is a variable without a value" in result["msg"]
        assert result["invocation"]["module_args"]["value"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
        assert result["invocation"]["module_args"]["name"] == "app"

    @pytest.mark.parametrize(("value", "warned"), [("a", True), ("abc", True), ("abcd", False)])
    def test_the_user_is_warned(self, value: str, warned: bool) -> None:
        warnings = run(powerbi_key_vault_secret, **VAULT, value=value, tags={"x": None}).get("warnings", [])
        assert any(text.startswith("value has less than 4 characters") for text in warnings) is warned
