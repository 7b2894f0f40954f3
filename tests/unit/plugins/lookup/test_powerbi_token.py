# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lookup as Ansible calls it, with tokens that are only passed through: what reaches it, and from where."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible import constants as C
from ansible.errors import AnsibleError, AnsibleLookupError, AnsibleOptionsError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.community.powerbi.plugins.lookup import powerbi_token
from fakes.core_values import template, vaulted
from fakes.jwts import access_token


@pytest.fixture(autouse=True)
def run_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(C, "DEFAULT_LOCAL_TMP", str(tmp_path / "run"))


def lookup(*terms: t.Any, variables: dict[str, t.Any] | None = None, **kwargs: t.Any) -> list[t.Any]:
    loader = DataLoader()
    plugin = powerbi_token.LookupModule(loader=loader, templar=Templar(loader=loader, variables=variables or {}))
    plugin._load_name = powerbi_token.__name__
    return plugin.run(list(terms), variables=variables or {}, **kwargs)


def profiles(folder: Path, text: str) -> None:
    path = folder / ".config" / "powerbi" / "profiles.ini"
    path.parent.mkdir(parents=True)
    path.touch(mode=0o600)
    path.write_text(text)


def test_a_string_that_is_the_token() -> None:
    token = access_token()
    assert lookup(access_token=token) == [token]


def test_a_dictionary_as_the_module_gives_it() -> None:
    token = access_token()
    (found,) = lookup(access_token=token, wantdict=True)
    assert found["access_token"] == token
    assert (found["auth_source"], found["source"], found["auth_method"]) == ("option", "passthrough", "access_token")
    assert found["client_id"] == "22222222-2222-2222-2222-222222222222"


def test_a_variable_and_a_template_in_it() -> None:
    token = access_token()
    variables = {"powerbi_access_token": template("{{ mine }}"), "mine": token}
    (found,) = lookup(variables=variables, wantdict=True)
    assert (found["access_token"], found["auth_source"]) == (token, "vars")


def test_a_variable_that_is_vaulted_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """`powerbi_access_token: !vault |`, the way most keep their secret."""
    token = access_token()
    assert lookup(variables={"powerbi_access_token": vaulted(token, monkeypatch)}) == [token]


def test_an_undefined_variable_is_named() -> None:
    with pytest.raises(AnsibleError, match="nowhere"):
        lookup(variables={"powerbi_access_token": template("{{ nowhere }}")})


def test_terms_are_profiles_in_their_order(tmp_path: Path) -> None:
    first, second = access_token(appid="1"), access_token(appid="2")
    profiles(tmp_path, f"[prod]\naccess_token = {first}\n[test]\naccess_token = {second}\n")
    assert lookup("test", "prod") == [second, first]
    assert lookup(["test", "prod"]) == [second, first]


def test_a_term_counts_although_variables_name_another_app(tmp_path: Path) -> None:
    token = access_token()
    profiles(tmp_path, f"[prod]\naccess_token = {token}\n")
    variables = {"powerbi_tenant_id": "t", "powerbi_client_id": "c", "powerbi_client_secret": "s"}
    (found,) = lookup("prod", variables=variables, wantdict=True)
    assert (found["access_token"], found["auth_source"]) == (token, "profile:prod")


def test_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    token = access_token()
    monkeypatch.setenv("POWERBI_ACCESS_TOKEN", token)
    assert lookup(wantdict=True)[0]["auth_source"] == "env:POWERBI_*"


def test_a_misspelt_option_is_refused_with_a_hint() -> None:
    with pytest.raises(AnsibleOptionsError, match="did you mean client_secret"):
        lookup(client_secrt="x")


def test_an_error_has_our_text_and_no_cause() -> None:
    with pytest.raises(AnsibleLookupError, match="Remedy: ") as caught:
        lookup(access_token=access_token(life=-5))
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_defect_does_not_show_its_values(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: t.Any) -> t.NoReturn:
        raise RuntimeError("holds a secret")

    monkeypatch.setattr(powerbi_token.LookupModule, "session", broken)
    with pytest.raises(AnsibleLookupError, match="RuntimeError at ") as caught:
        lookup(access_token=access_token())
    assert "holds a secret" not in str(caught.value)


def test_the_token_is_registered_for_masking(monkeypatch: pytest.MonkeyPatch) -> None:
    """From ansible-core 2.22 on; before, the function does nothing."""
    registered: list[str] = []
    monkeypatch.setattr(powerbi_token, "register_secret", registered.append)
    assert lookup(access_token=access_token()) == registered
