# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lookup powerbi_token: where its options come from and in which order, terms, wantdict, and each way to log in."""

from __future__ import annotations

import base64
import json
import re
import typing as t
from pathlib import Path

import pytest

from harness import contoso
from harness.ansible_run import AnsibleRunner
from harness.credential_files import PFX_PASSWORD, write_credentials
from harness.emulator import Emulator

Tasks = list[dict[str, t.Any]]


def show(name: str, expression: str, **variables: t.Any) -> dict[str, t.Any]:
    """A task that shows an expression in which ``token(...)`` stands for the lookup with wantdict."""
    text = expression.replace("token(", "lookup('community.powerbi.powerbi_token', ")
    return {
        "name": name,
        "ansible.builtin.debug": {"msg": f"{{{{ {text} }}}}"},
        "vars": variables,
        "ignore_errors": True,
    }


def requested(name: str, options: t.Mapping[str, t.Any], **variables: t.Any) -> dict[str, t.Any]:
    """The lookup with these keywords: who logged in, how, and where the credential came from."""
    return show(
        name,
        "[result.claims.appid, result.auth_method, result.auth_source, result.source]",
        result="{{ lookup('community.powerbi.powerbi_token', wantdict=true, **given) }}",
        given=dict(options),
        **variables,
    )


def profiles(directory: Path, emulator: Emulator) -> dict[str, str]:
    """An environment with a profiles file: default is the deployer, reader the reader."""
    there = "".join(f"{name} = {value}\n" for name, value in contoso.connection(emulator).items())
    text = "".join(
        f"[{name}]\ntenant_id = {contoso.TENANT}\nclient_id = {app.client_id}\nclient_secret = {secret}\n{there}"
        for name, app, secret in (
            ("default", contoso.DEPLOY, contoso.DEPLOY.secrets[1]),  # has a percent sign
            ("reader", contoso.READER, contoso.READER.secret),
        )
    )
    path = directory / "profiles.ini"
    path.write_text(text)
    path.chmod(0o600)
    return {"POWERBI_PROFILES_FILE": str(path)}


@pytest.mark.everycore
def test_string_dictionary_and_terms(fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    run = ansible.playbook(
        [
            show("String", "token(auth_profile='default') is community.powerbi.powerbi_token_valid(min=600)"),
            show("Term", "(token('reader') | community.powerbi.powerbi_claims).appid"),
            show(
                "Terms",
                "query('community.powerbi.powerbi_token', 'default', 'reader') "
                "| map('community.powerbi.powerbi_claims') | map(attribute='appid')",
            ),
            show("Default profile", "token(wantdict=true).auth_source"),
            show("Keys", "token('reader', wantdict=true).keys() | sort"),
            {
                "name": "Module",
                "community.powerbi.powerbi_token": {"auth_profile": "reader"},
                "register": "module",
            },
            show("Module's keys", "module.keys() | difference(['changed', 'failed']) | sort"),
            show("Same token", "module.access_token == token('reader')"),
            show("Unknown profile", "token('prod')"),
        ],
        env=profiles(ansible.workdir, fresh_emulator),
    ).ok()
    assert run.result("String")["msg"] is True
    assert run.result("Term")["msg"] == contoso.READER.client_id
    assert run.result("Terms")["msg"] == [contoso.DEPLOY.client_id, contoso.READER.client_id]
    assert run.result("Default profile")["msg"] == "profile:default"
    assert run.result("Keys")["msg"] == run.result("Module's keys")["msg"]
    assert run.result("Same token")["msg"] is True
    assert "[prod]" in run.result("Unknown profile")["msg"]
    assert "default, reader" in run.result("Unknown profile")["msg"]
    assert len(fresh_emulator.requests(contoso.TOKEN_PATH)) == 2


@pytest.mark.everycore
def test_the_order_of_places(fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    """Keywords, then variables, then ansible.cfg, then the environment, then the default profile."""
    wrong = {"client_secret": "wrong~secret.of-the-app_0123"}
    in_environment = {
        **contoso.connection_environment(fresh_emulator),
        "POWERBI_TENANT_ID": contoso.TENANT,
        "POWERBI_CLIENT_ID": contoso.READER.client_id,
        "POWERBI_CLIENT_SECRET": contoso.READER.secret,
    }
    as_variables = {f"powerbi_{name}": value for name, value in contoso.identity(contoso.DEPLOY).items()}
    run = ansible.playbook(
        [
            requested("environment", {}),
            requested("variables over environment", {}, **as_variables),
            requested(
                "templated variable",
                {},
                **{**as_variables, "powerbi_client_secret": "{{ vaulted }}", "vaulted": contoso.DEPLOY.secret},
            ),
            requested("keywords over variables", contoso.identity(contoso.READER), **as_variables),
            requested("keywords complete variables", {"client_secret": contoso.DEPLOY.secrets[1]}, **as_variables),
            requested(
                "aliases",
                {"tenant": contoso.DOMAIN, "app_id": contoso.DEPLOY.client_id, "secret": contoso.DEPLOY.secret},
            ),
            requested("wrong keyword is not mended from below", {**contoso.identity(contoso.READER), **wrong}),
            requested("an identity alone is never paired", {"client_id": contoso.DEPLOY.client_id}),
        ],
        env=in_environment,
    )
    deploy, reader = contoso.DEPLOY.client_id, contoso.READER.client_id
    outcome = {result.task: result.get("msg") for result in run.results}
    assert outcome["environment"][:3] == [reader, "client_secret", "env:POWERBI_*"]
    assert outcome["variables over environment"][:3] == [deploy, "client_secret", "vars"]
    assert outcome["templated variable"][:3] == [deploy, "client_secret", "vars"]
    assert outcome["keywords over variables"][:3] == [reader, "client_secret", "option"]
    assert outcome["keywords complete variables"][:3] == [deploy, "client_secret", "option"]
    assert outcome["aliases"][:3] == [deploy, "client_secret", "option"]
    assert "AADSTS7000215" in outcome["wrong keyword is not mended from below"]
    assert "client_id is given, and env:POWERBI_* has client_secret" in outcome["an identity alone is never paired"]


def test_ansible_cfg(fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    lines = [f"{name} = {value}" for name, value in contoso.identity(contoso.DEPLOY).items()]
    (ansible.workdir / "ansible.cfg").write_text("[powerbi]\n" + "\n".join(lines) + "\n")
    environment = {
        **contoso.connection_environment(fresh_emulator),
        "POWERBI_TENANT_ID": contoso.TENANT,
        "POWERBI_CLIENT_ID": contoso.READER.client_id,
        "POWERBI_CLIENT_SECRET": contoso.READER.secret,
    }
    run = ansible.playbook(
        [
            requested("ini over environment", {}),
            requested(
                "variables over ini",
                {},
                powerbi_client_id=contoso.READER.client_id,
                powerbi_client_secret=contoso.READER.secret,
            ),
        ],
        env=environment,
    ).ok()
    assert run.result("ini over environment")["msg"][:3] == [contoso.DEPLOY.client_id, "client_secret", "ini"]
    assert run.result("variables over ini")["msg"][:3] == [contoso.READER.client_id, "client_secret", "vars"]


def test_each_way_to_log_in(fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    files = ansible.workdir / "files"
    files.mkdir()
    write_credentials(files, fresh_emulator)
    identities = fresh_emulator.identity_env
    minted = str(fresh_emulator.call("POST", "/_emulator/oidc/workload", json={}).json()["value"])
    for_powerbi = {"audience": "https://analysis.windows.net/powerbi/api", "claims": {"appid": "another-user"}}
    token = str(fresh_emulator.call("POST", "/_emulator/oidc/workload", json=for_powerbi).json()["value"])
    (files / "secret").write_text(contoso.DEPLOY.secret + "\n")
    (files / "assertion").write_text(minted)
    (files / "az").write_text(f"#!/bin/sh\necho '{json.dumps({'accessToken': token, 'expires_on': 4102444800})}'\n")
    (files / "az").chmod(0o755)
    certificate, federated = contoso.identity(contoso.CERTIFICATE_APP), contoso.identity(contoso.FEDERATED_APP)
    pfx = base64.b64encode((files / "client.pfx").read_bytes()).decode()
    ways: dict[str, dict[str, t.Any]] = {
        "client_secret": contoso.identity(contoso.DEPLOY),
        "client_secret, in a file": contoso.identity(
            contoso.DEPLOY, client_secret=None, client_secret_file=str(files / "secret")
        ),
        "certificate": {**certificate, "certificate_path": str(files / "client.pem"), "send_certificate_chain": True},
        "certificate, as data": {**certificate, "certificate_data": pfx, "certificate_password": PFX_PASSWORD},
        "federated": {**federated, "federated_token": minted},
        "federated, in a file": {**federated, "federated_token_file": str(files / "assertion")},
        "federated, GitHub": {**federated, "federated_provider": "github"},
        "federated, Azure DevOps": {**federated, "federated_provider": "azure_devops"},
        "managed_identity": {"auth_method": "managed_identity"},
        "managed_identity, named": {
            "auth_method": "managed_identity",
            "managed_identity_object_id": contoso.USER_IDENTITY["object_id"],
        },
        "azure_cli": {"auth_method": "azure_cli"},
        "password": {
            **contoso.identity(contoso.PUBLIC_APP),
            "auth_method": "password",
            "username": contoso.MEGAN["upn"],
            "password": contoso.MEGAN["password"],
        },
        "access_token": {"access_token": token},
    }
    pipelines = {
        name: value
        for name, value in identities.items()
        if name.startswith(("ACTIONS_", "SYSTEM_", "AZURESUBSCRIPTION_", "AZURE_POD_"))
    }
    environment = {**contoso.connection_environment(fresh_emulator), **pipelines}
    environment["PATH"] = f"{files}:{ansible.environment()['PATH']}"
    run = ansible.playbook([requested(name, options) for name, options in ways.items()], env=environment).ok()
    apps = {
        "client_secret": contoso.DEPLOY.client_id,
        "certificate": contoso.CERTIFICATE_APP.client_id,
        "federated": contoso.FEDERATED_APP.client_id,
        "managed_identity": contoso.SYSTEM_IDENTITY["client_id"],
        "managed_identity, named": contoso.USER_IDENTITY["client_id"],
        "azure_cli": "another-user",
        "password": contoso.PUBLIC_APP.client_id,
        "access_token": "another-user",
    }
    for name in ways:
        method = name.partition(",")[0]
        outcome = run.result(name)["msg"]
        assert isinstance(outcome, list), outcome
        assert outcome[:3] == [apps.get(name, apps[method]), method, "option"], name


def test_managed_identity_and_az_are_never_used_by_surprise(fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    """A machine that has both, and no credential that was meant for this."""
    files = ansible.workdir / "files"
    files.mkdir()
    (files / "az").write_text(f"#!/bin/sh\ntouch {files}/called\n")
    (files / "az").chmod(0o755)
    environment = {**contoso.connection_environment(fresh_emulator), **fresh_emulator.identity_env}
    environment = {name: value for name, value in environment.items() if not name.startswith(("ACTIONS_", "SYSTEM_"))}
    environment["PATH"] = f"{files}:{ansible.environment()['PATH']}"
    run = ansible.playbook([requested("Nothing", {})], env=environment)
    message = run.result("Nothing")["msg"]
    assert "no credential is set" in message
    assert "Lookups do not see module_defaults" in message
    assert "used only when auth_method names it" in run.result("Nothing")["msg"]
    assert not (files / "called").exists()
    assert fresh_emulator.requests() == []


@pytest.mark.parametrize("cloud", ["gcc", "china"])
def test_clouds(cloud: str, fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    from ansible_collections.community.powerbi.plugins.module_utils._settings.clouds import CLOUDS

    options = {**contoso.connection(fresh_emulator), **contoso.identity(contoso.DEPLOY), "cloud": cloud}
    run = ansible.playbook(
        [
            show(
                "Audience",
                "lookup('community.powerbi.powerbi_token', wantdict=true, **given).claims.aud",
                given=options,
            )
        ]
    ).ok()
    assert run.result("Audience")["msg"] + "/.default" == CLOUDS[cloud].scope


def test_misspelt_options_are_errors(ansible: AnsibleRunner) -> None:
    run = ansible.playbook(
        [
            show("Misspelt", "token(client_sekret='x')"),
            show("Choice", "token(auth_method='kerberos')"),
            show("Number", "token(access_token='x', min_validity='many')"),
        ],
        verbosity=3,
    )
    assert "client_sekret is not an option of this lookup; did you mean client_secret?" in run.result("Misspelt")["msg"]
    assert re.search(r"auth_method is 'kerberos'.*Remedy: use one of auto, client_secret", run.result("Choice")["msg"])
    assert re.search(r"min_validity is '?many'?.*Remedy: ", run.result("Number")["msg"])
    assert "Traceback" not in run.output


def test_variables_of_hosts_give_each_its_own_identity(fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    hosts = {
        name: {f"powerbi_{option}": value for option, value in contoso.identity(app).items()}
        for name, app in (("sales", contoso.DEPLOY), ("audit", contoso.READER))
    }
    local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    run = ansible.playbook(
        """
        - hosts: all
          gather_facts: false
          tasks:
            - name: Who
              ansible.builtin.debug:
                msg: "{{ (lookup('community.powerbi.powerbi_token') | community.powerbi.powerbi_claims).appid }}"
        """,
        inventory={"all": {"hosts": hosts, "vars": local}},
        env=contoso.connection_environment(fresh_emulator),
    ).ok()
    assert run.result("Who", "sales")["msg"] == contoso.DEPLOY.client_id
    assert run.result("Who", "audit")["msg"] == contoso.READER.client_id
