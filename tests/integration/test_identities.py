# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which identity counts: azure.azcollection's configuration as it is, and runs that mix identities by accident."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from harness import contoso
from harness.ansible_run import AnsibleRunner, Run
from harness.emulator import Emulator

pytestmark = pytest.mark.everycore

LOOKUP: t.Final = "{{ lookup('community.powerbi.powerbi_token', wantdict=true).claims.appid }}"


def _azure_variables(app: contoso.App) -> dict[str, str]:
    return {"AZURE_TENANT": contoso.TENANT, "AZURE_CLIENT_ID": app.client_id, "AZURE_SECRET": app.secret}


def _options(app: contoso.App) -> dict[str, str]:
    return {"tenant": contoso.TENANT, "client_id": app.client_id, "secret": app.secret}


def _module(name: str, **keywords: t.Any) -> list[dict[str, t.Any]]:
    """powerbi_token, and a task of that name that shows which app logged in: the token's own result is censored."""
    return [
        {"name": f"{name} logs in", "community.powerbi.powerbi_token": {}, "register": "token", **keywords},
        {"name": name, "ansible.builtin.debug": {"msg": "{{ token.claims.appid }}"}},
    ]


def _play(tasks: list[dict[str, t.Any]], defaults: dict[str, t.Any] | None = None) -> list[dict[str, t.Any]]:
    play: dict[str, t.Any] = {"hosts": "localhost", "gather_facts": False, "tasks": tasks}
    if defaults:
        play["module_defaults"] = {"group/community.powerbi.powerbi": defaults}
    return [play]


def _mixed(run: Run) -> list[str]:
    """The lines of the warning, as a user sees them."""
    return [line for line in run.output.splitlines() if "more than one identity" in line]


@pytest.fixture
def connection(emulator: Emulator) -> dict[str, str]:
    """Where the emulator is, without an identity."""
    return {f"POWERBI_{name.upper()}": value for name, value in contoso.connection(emulator).items()}


@pytest.fixture
def azure_home(tmp_path: Path) -> dict[str, str]:
    """A HOME with azure.azcollection's file: default is the deployer, reader the reader."""
    (tmp_path / ".azure").mkdir()
    text = "".join(
        f"[{name}]\nsubscription_id=5\nclient_id={app.client_id}\nsecret={app.secret}\ntenant={contoso.TENANT}\n"
        for name, app in (("default", contoso.DEPLOY), ("reader", contoso.READER))
    )
    (tmp_path / ".azure" / "credentials").write_text(text, encoding="utf-8")
    return {"HOME": str(tmp_path)}


@pytest.mark.parametrize(
    ("defaults", "variables", "app"),
    [
        ({"auth_source": "credential_file"}, {}, contoso.DEPLOY),
        ({"auth_source": "credential_file", "profile": "reader"}, {}, contoso.READER),
        (
            {"auth_source": "auto", "profile": "reader", "subscription_id": "5", "api_profile": "latest"},
            {},
            contoso.READER,
        ),
        ({}, {}, contoso.DEPLOY),
        ({}, {"AZURE_PROFILE": "reader", **_azure_variables(contoso.DEPLOY)}, contoso.READER),
        ({"auth_source": "env", "cert_validation_mode": "validate"}, _azure_variables(contoso.READER), contoso.READER),
        (_options(contoso.READER), _azure_variables(contoso.DEPLOY), contoso.READER),
    ],
)
def test_the_configuration_of_azure_azcollection_serves_as_it_is(
    ansible: AnsibleRunner,
    connection: dict[str, str],
    azure_home: dict[str, str],
    defaults: dict[str, str],
    variables: dict[str, str],
    app: contoso.App,
) -> None:
    env = {**connection, **azure_home, **variables}
    run = ansible.playbook(_play(_module("app"), defaults), env=env).ok()
    assert run.result("app")["msg"] == app.client_id


def test_a_lookup_that_logs_in_as_another_app_than_the_modules_is_warned_of_once(
    ansible: AnsibleRunner, connection: dict[str, str]
) -> None:
    tasks = [
        *_module("module"),
        {"name": "lookup", "ansible.builtin.debug": {"msg": LOOKUP}},
        {"name": "again", "ansible.builtin.debug": {"msg": LOOKUP}},
    ]
    env = {**connection, **_azure_variables(contoso.DEPLOY)}
    run = ansible.playbook(_play(tasks, _options(contoso.READER)), env=env).ok()
    assert run.result("lookup")["msg"] == contoso.DEPLOY.client_id
    assert len(_mixed(run)) == 1, run.output
    words = " ".join(run.output.split())
    assert f"{contoso.READER.client_id} of tenant {contoso.TENANT} (from option)" in words
    assert f"{contoso.DEPLOY.client_id} of tenant {contoso.TENANT} (from env:AZURE_*)" in words
    assert contoso.READER.secret not in run.output and contoso.DEPLOY.secret not in run.output


def test_an_environment_of_the_play_that_moves_modules_but_no_lookups_is_warned_of(
    ansible: AnsibleRunner, connection: dict[str, str]
) -> None:
    tasks = [
        {"name": "lookup", "ansible.builtin.debug": {"msg": LOOKUP}},
        *_module("module", environment=_azure_variables(contoso.READER)),
    ]
    run = ansible.playbook(_play(tasks), env={**connection, **_azure_variables(contoso.DEPLOY)}).ok()
    assert run.result("module")["msg"] == contoso.READER.client_id
    assert len(_mixed(run)) == 1, run.output


def test_identities_that_are_all_named_are_meant(ansible: AnsibleRunner, connection: dict[str, str]) -> None:
    tasks = [
        {"name": app.name, "community.powerbi.powerbi_token": _options(app)} for app in (contoso.READER, contoso.DEPLOY)
    ]
    assert _mixed(ansible.playbook(_play(tasks), env=connection).ok()) == []
