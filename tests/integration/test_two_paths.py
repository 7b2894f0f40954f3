# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module gives the same result wherever it runs: in the controller's process, or shipped as usual."""

from __future__ import annotations

import os
import re
import shutil
import typing as t
from pathlib import Path

import pytest

from harness import contoso
from harness.ansible_run import AnsibleRunner, Run
from harness.emulator import Emulator
from harness.python import bare_python, other_python

# One case: the module's options, and further keywords of the task.
Case = tuple[dict[str, t.Any], dict[str, t.Any]]

SHIPPED = re.compile(r"AnsiballZ_powerbi_token\.py")


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> AnsibleRunner:
    return AnsibleRunner(tmp_path_factory.mktemp("paths"))


@pytest.fixture(scope="module")
def cases(emulator: Emulator, runner: AnsibleRunner) -> dict[str, Case]:
    """Successes and each kind of failure, by name."""
    there = contoso.connection(emulator)
    deploy = {**there, **contoso.identity(contoso.DEPLOY), "cache": "none"}  # a target has no cache of the run
    no_key = runner.workdir / "certificate-only.pem"
    pem = Path(emulator.identity_env["EMULATOR_CERTIFICATE_PATH"]).read_text()
    no_key.write_text(pem[pem.index("-----BEGIN CERTIFICATE") :])
    token = emulator.call(
        "POST",
        f"/{contoso.TENANT}/oauth2/v2.0/token",
        data={
            "grant_type": "client_credentials",
            "client_id": contoso.DEPLOY.client_id,
            "client_secret": contoso.DEPLOY.secret,
            "scope": "https://analysis.windows.net/powerbi/api/.default",
        },
    ).json()["access_token"]
    environment = {
        **contoso.connection_environment(emulator),
        "AZURE_TENANT_ID": contoso.DOMAIN,
        "AZURE_CLIENT_ID": contoso.READER.client_id,
        "AZURE_CLIENT_SECRET": contoso.READER.secret,
    }
    lone = emulator.url.rpartition(":")[0] + ":1"
    return {
        "secret": (deploy, {}),
        "validated": ({**deploy, "validate": True}, {}),
        "in check mode": (deploy, {"check_mode": True}),
        "aliases": (
            {
                **there,
                "cache": "none",
                "tenant": contoso.TENANT,
                "app_id": contoso.READER.client_id,
                "secret": contoso.READER.secret,
            },
            {},
        ),
        "environment keyword": ({}, {"environment": environment}),
        "certificate": (
            {
                **there,
                **contoso.identity(contoso.CERTIFICATE_APP),
                "certificate_path": emulator.identity_env["EMULATOR_CERTIFICATE_PATH"],
                "send_certificate_chain": True,
            },
            {},
        ),
        "passed through": ({**there, "access_token": token}, {}),
        "another scope": ({**deploy, "resource": "https://api.fabric.microsoft.com"}, {}),
        "seconds as text": ({**deploy, "min_validity": "60", "retry_timeout": "20"}, {}),
        "unknown option": ({**deploy, "client_sekret": "x"}, {}),
        "two unknown options": ({**deploy, "colour": "red", "shape": "round"}, {}),
        "unknown choice": ({**deploy, "auth_method": "kerberos"}, {}),
        "wrong type": ({**deploy, "min_validity": "many"}, {}),
        "two credentials": ({**deploy, "federated_token": "a.b.c"}, {}),
        "no credential": (there, {}),
        "no such profile": ({**there, "auth_profile": "prod"}, {}),
        "wrong secret": ({**deploy, "client_secret": "not-the-secret-at-all"}, {}),
        "expired secret": ({**there, **contoso.identity(contoso.EXPIRED_APP)}, {}),
        "unknown tenant": ({**deploy, "tenant_id": "00000000-0000-0000-0000-00000000dead"}, {}),
        "certificate without key": (
            {**there, **contoso.identity(contoso.CERTIFICATE_APP), "certificate_path": str(no_key)},
            {},
        ),
        "unreadable file": (
            {**deploy, "client_secret": "", "client_secret_file": "/nonexistent/secret"},
            {},
        ),
        "no listener": ({**deploy, "authority": lone, "retry_timeout": 1}, {}),
        "untrusted CA": ({**deploy, "ca_path": str(Path(__file__).parent / "harness" / "contoso.py")}, {}),
        "token for another API": ({**there, "access_token": token, "resource": "https://graph.microsoft.com"}, {}),
        "no workspace": (
            {**there, **contoso.identity(contoso.READER, tenant_id=contoso.OTHER_TENANT), "validate": True},
            {},
        ),
    }


def tasks(cases: t.Mapping[str, Case], **keywords: t.Any) -> list[dict[str, t.Any]]:
    """Each case as a task, and after it one that shows what `register` kept of it."""
    listed: list[dict[str, t.Any]] = []
    for name, (options, own) in cases.items():
        task = {"name": name, "community.powerbi.powerbi_token": options, "register": "result", "ignore_errors": True}
        listed.append({**task, **keywords, **own})
        listed.append({"name": f"registered: {name}", "ansible.builtin.debug": {"msg": "{{ result }}"}})
    return listed


def outcome(run: Run, name: str) -> dict[str, t.Any]:
    """What a case gave, flat, without what differs from one moment to the next."""
    seen, kept = run.result(name).result, run.result(f"registered: {name}")["msg"]
    return dict(leaves(steady({"seen": of_this_task(seen), "kept": of_this_task(kept)})))


def of_this_task(result: dict[str, t.Any]) -> dict[str, t.Any]:
    """Without the warning of several identities: only a task in process can know what other tasks of the run do."""
    warnings = [text for text in result.get("warnings") or () if "more than one identity" not in text]
    rest = {key: value for key, value in result.items() if key != "warnings"}
    return {**rest, "warnings": warnings} if warnings else rest


def leaves(value: t.Any, path: str = "") -> t.Iterator[tuple[str, t.Any]]:
    """``("kept.claims.aud", "https://...")`` and so on."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}".lstrip("."))
    else:
        yield path, value


VARYING = ("expires_in", "expires_on", "exp", "timestamp", "correlation_id", "trace_id", "request_id", "clock_skew")
OF_ANSIBLE = re.compile(r"_ansible_|ansible_parsed$|ansible_facts$|discovered_interpreter|deprecations$|exception$")


def steady(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {
            key: "(varies)" if key in VARYING else steady(item)
            for key, item in value.items()
            if not OF_ANSIBLE.match(key)
        }
    if isinstance(value, list):
        return [steady(item) for item in value]
    if isinstance(value, str):
        text = re.sub(r"(correlation id|Correlation ID:|Trace ID:|request id) [0-9a-f-]{36}", r"\1 (varies)", value)
        text = re.sub(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?Z", "(time)", text)
        text = re.sub(r"tried \d+ times", "tried (some) times", text)
        return "(token)" if text.count(".") == 2 and text.startswith("eyJ") else text
    return value


@pytest.fixture(scope="module")
def in_process(emulator: Emulator, runner: AnsibleRunner, cases: dict[str, Case]) -> Run:
    emulator.clean()
    run = runner.playbook(tasks(cases), verbosity=3).ok()
    assert not SHIPPED.search(run.stdout), "a task was shipped although its target is the controller"
    return run


@pytest.fixture(scope="module")
def shipped(emulator: Emulator, runner: AnsibleRunner, cases: dict[str, Case]) -> Run:
    emulator.clean()
    python = other_python(runner.workdir / "other")
    run = runner.playbook(
        tasks(cases), verbosity=3, extra_vars={"ansible_python_interpreter": str(python)}, timeout=200
    ).ok()
    assert len(set(re.findall(r"AnsiballZ_powerbi_token\.py", run.stdout))) == 1
    return run


NAMES = (
    *("secret", "validated", "in check mode", "aliases", "environment keyword", "certificate", "passed through"),
    *("another scope", "seconds as text", "unknown option", "two unknown options", "unknown choice", "wrong type"),
    *("two credentials", "no credential", "no such profile", "wrong secret", "expired secret", "unknown tenant"),
    *("certificate without key", "unreadable file", "no listener", "untrusted CA", "token for another API"),
    "no workspace",
)


@pytest.mark.everycore
@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_equal_results(name: str, in_process: Run, shipped: Run) -> None:
    here, there = outcome(in_process, name), outcome(shipped, name)
    differences = {
        path: (here.get(path), there.get(path)) for path in {*here, *there} if here.get(path) != there.get(path)
    }
    assert not differences, "in process, shipped"


def test_the_list_of_cases_is_whole(cases: dict[str, Case]) -> None:
    assert set(NAMES) == set(cases)


# Which way a task goes

TOKEN_TASK = """
- hosts: all
  gather_facts: false
  tasks:
    - name: Token
      community.powerbi.powerbi_token: {cache: none}
      register: token
    - name: What came
      ansible.builtin.debug: {msg: "{{ token.claims.appid }} {{ token.source }}"}
"""


def inventory(**variables: t.Any) -> dict[str, t.Any]:
    return {"all": {"hosts": {"target": {"ansible_connection": "local", **variables}}}}


def can_become() -> bool:
    return shutil.which("su") is not None and os.geteuid() == 0


@pytest.mark.parametrize(
    ("variables", "is_shipped"),
    [
        pytest.param({}, False, id="local host, interpreter not said"),
        pytest.param({"ansible_python_interpreter": "{{ ansible_playbook_python }}"}, False, id="this interpreter"),
        pytest.param({"ansible_python_interpreter": "auto_silent"}, False, id="discovered interpreter"),
        pytest.param({"ansible_python_interpreter": "OTHER"}, True, id="another interpreter"),
        pytest.param(
            {
                "ansible_become": True,
                "ansible_become_user": "root",
                "ansible_become_method": "ansible.builtin.su",
                "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            },
            True,
            id="become",
            marks=pytest.mark.skipif(not can_become(), reason="needs root and su"),
        ),
    ],
)
def test_the_way(
    variables: dict[str, t.Any], is_shipped: bool, emulator: Emulator, ansible: AnsibleRunner, tmp_path: Path
) -> None:
    if variables.get("ansible_python_interpreter") == "OTHER":
        variables = {"ansible_python_interpreter": str(other_python(tmp_path / "other"))}
    environment = emulator.env if not variables.get("ansible_become") else {**emulator.env, "SHELL": "/bin/sh"}
    run = ansible.playbook(TOKEN_TASK, inventory=inventory(**variables), env=environment, verbosity=3).ok()
    assert run.result("What came")["msg"] == f"{contoso.DEPLOY.client_id} identity_provider"
    assert bool(SHIPPED.search(run.stdout)) is is_shipped


@pytest.mark.everycore
def test_async_is_refused(emulator: Emulator, ansible: AnsibleRunner) -> None:
    emulator.clear_requests()
    run = ansible.playbook(
        """
        - name: In the background
          community.powerbi.powerbi_token: {}
          async: 60
          poll: 0
        """,
        env=emulator.env,
    ).failed()
    message = run.result("In the background")["msg"]
    assert "powerbi_token can't run with async" in message
    assert "Remedy: remove async" in message
    assert emulator.requests() == []
    assert not list((ansible.workdir / "home").rglob(".ansible_async/*"))


def test_a_library_that_the_target_lacks_is_named(emulator: Emulator, ansible: AnsibleRunner, tmp_path: Path) -> None:
    """Another interpreter has other packages: none here."""
    python = bare_python(tmp_path / "bare")
    run = ansible.playbook(
        TOKEN_TASK, inventory=inventory(ansible_python_interpreter=str(python)), env=emulator.env
    ).failed()
    message = run.result("Token")["msg"]
    assert "The Python libraries requests and msal are missing" in message, message
    assert f"{python} -m pip install" in message
    assert "Traceback" not in run.output
