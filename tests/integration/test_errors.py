# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""An error names the option at fault and the remedy, without a traceback and without useless retries."""

from __future__ import annotations

import re
import typing as t
from datetime import datetime

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._auth.entra_codes import BY_CODE
from harness import contoso
from harness.ansible_run import AnsibleRunner, Run
from harness.emulator import Emulator
from harness.failures import HTML, SCENARIOS, LoginSetup, login_setup

TRACEBACK = re.compile(r"Traceback \(most recent|^\s+File \"", re.MULTILINE)
DEFECT = "defect of its own"


def module_task(name: str, options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {"name": name, "community.powerbi.powerbi_token": dict(options), "ignore_errors": True}


def lookup_task(name: str, options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {
        "name": name,
        "ansible.builtin.debug": {"msg": "{{ lookup('community.powerbi.powerbi_token', **options) | length }}"},
        "vars": {"options": dict(options)},
        "ignore_errors": True,
    }


EDGES = {"module": module_task, "lookup": lookup_task}


# What the lookup adds is the same text in Ansible's frame: OF_LOOKUP shows it for each kind of error.
@pytest.fixture(scope="module", params=["module", pytest.param("lookup", marks=pytest.mark.more)])
def edge(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> AnsibleRunner:
    return AnsibleRunner(tmp_path_factory.mktemp("errors"))


# Each code of the table


@pytest.fixture(scope="module")
def coded_run(edge: str, emulator: Emulator, runner: AnsibleRunner) -> tuple[Run, dict[str, int]]:
    """A run in which Entra ID answers with each code in turn, and how many requests each caused."""
    emulator.clean()
    for code in BY_CODE:
        emulator.fault(path=f"^/code-{code}\\.example/", aadsts=int(code))
    options = {
        **contoso.connection(emulator),
        **contoso.identity(contoso.DEPLOY, tenant_id="code-{{ item }}.example"),
        "retry_timeout": 0.1,
    }
    task = {**EDGES[edge]("Refused", options), "loop": list(BY_CODE)}
    run = runner.playbook([task], verbosity=1).ok()
    paths = [entry["path"] for entry in emulator.requests(contoso.TOKEN_PATH)]
    emulator.clean()
    return run, {code: sum(f"code-{code}." in path for path in paths) for code in BY_CODE}


@pytest.mark.parametrize("code", BY_CODE)
def test_each_code_has_a_cause_and_a_remedy(code: str, coded_run: tuple[Run, dict[str, int]]) -> None:
    run, requests = coded_run
    entry = BY_CODE[code]
    result = next(item for item in run.items("Refused") if item["item"] == code)
    assert result.status == "failed"
    message = result["msg"]
    assert f"{entry.what} (AADSTS{code})." in message
    assert f"Remedy: {entry.remedy[:20]}" in message
    assert "CLIENT_ID" not in message and "TENANT_ID" not in message
    assert re.search(r"For support: correlation id [0-9a-f-]{36}, timestamp \d{4}-\d\d-\d\d", message)
    assert contoso.DEPLOY.secret not in message
    assert requests[code] == 1 or entry.retry.when == "yes"


def test_no_code_leaves_a_traceback(coded_run: tuple[Run, dict[str, int]]) -> None:
    run, dummy = coded_run
    assert not TRACEBACK.search(run.output)
    assert DEFECT not in run.output


def test_the_result_of_a_module_has_the_facts(coded_run: tuple[Run, dict[str, int]], edge: str) -> None:
    if edge == "lookup":
        pytest.skip("a lookup has only its text")
    error = next(item for item in coded_run[0].items("Refused") if item["item"] == "7000215")["error"]
    assert error["kind"] == "auth"
    assert error["code"] == "7000215"
    assert error["status"] == 401
    assert error["retryable"] is False
    assert error["auth_source"] == "option"
    assert {"what", "why", "remedy", "correlation_id", "trace_id", "timestamp"} <= set(error)


# Scenarios


@pytest.fixture(scope="module")
def setup(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[LoginSetup]:
    with login_setup(emulator, tmp_path_factory.mktemp("files")) as setup:
        yield setup


# What the lookup adds is the same text in Ansible's frame: one scenario of each kind shows it.
OF_LOOKUP = (
    "wrong secret",
    "two credentials",
    "PFX with a wrong password",
    "connection refused",
    "HTML with 200",
    "reset",
)
BOTH = [("module", name) for name in SCENARIOS] + [("lookup", name) for name in OF_LOOKUP]


@pytest.fixture(scope="module")
def scenario_run(emulator: Emulator, setup: LoginSetup, runner: AnsibleRunner) -> tuple[Run, dict[str, int]]:
    """A run of all scenarios, and the number of token requests of each task."""
    emulator.clean()
    for scenario in SCENARIOS.values():
        if scenario.fault:
            emulator.fault(**scenario.fault)
    tasks = [
        {
            **EDGES[edge](f"{edge}: {name}", SCENARIOS[name].options(setup)),
            "environment": SCENARIOS[name].environment(setup),
        }
        for edge, name in BOTH
    ]
    run = runner.playbook(tasks, verbosity=3, timeout=200).ok()
    times = [datetime.fromisoformat(entry["time"]).timestamp() for entry in emulator.requests(contoso.TOKEN_PATH)]
    counts, before = {}, 0.0
    for result in run.results:
        counts[result.task] = sum(before < at <= result.time for at in times)
        before = result.time
    emulator.clean()
    return run, counts


@pytest.mark.parametrize(("edge", "name"), BOTH)
def test_the_message_names_the_option_and_the_remedy(
    edge: str, name: str, scenario_run: tuple[Run, dict[str, int]]
) -> None:
    run, requests = scenario_run
    task = f"{edge}: {name}"
    result = run.result(task)
    assert result.status == "failed"
    for pattern in SCENARIOS[name].messages:
        assert re.search(pattern, result["msg"], re.DOTALL), f"{pattern!r} not in: {result['msg']}"
    assert requests[task] == SCENARIOS[name].requests


def test_no_failure_leaves_a_traceback(scenario_run: tuple[Run, dict[str, int]]) -> None:
    run, dummy = scenario_run
    assert not TRACEBACK.search(run.output)
    assert DEFECT not in run.output


def test_a_wait_beyond_the_time_budget_is_not_begun(scenario_run: tuple[Run, dict[str, int]]) -> None:
    run, dummy = scenario_run
    index = next(i for i, r in enumerate(run.results) if r.task == "module: throttled beyond the time budget")
    assert run.results[index].time - run.results[index - 1].time < 10  # of 60 s that the task may take


# Transient faults


TRANSIENT: dict[str, dict[str, t.Any]] = {
    "unavailable two times": {"status": 503, "times": 2},
    "an HTML page": {"status": 502, "body": HTML, "times": 1},
    "throttled for a second": {"status": 429, "headers": {"Retry-After": "1"}, "times": 1},
    "reset": {"reset": True, "times": 1},
    "cut off": {"truncate": True, "times": 1},
    "a fault of Entra ID": {"aadsts": 90033, "times": 1},
}


def test_transient_faults_are_retried(fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    """One token after another in one task, so that the faults come in their order."""
    path = f"^/{contoso.DOMAIN}/oauth2"
    for rule in TRANSIENT.values():
        fresh_emulator.fault(path=path, **rule)
        fresh_emulator.fault(path=path, delay=0.01, times=1)  # a success between them
    options = {
        **contoso.connection(fresh_emulator),
        **contoso.identity(contoso.DEPLOY, tenant_id=contoso.DOMAIN),
        "cache": "none",
        "retry_timeout": 30,
    }
    run = ansible.playbook(
        [
            {**module_task("Module", options), "loop": list(TRANSIENT)[:3]},
            {**lookup_task("Lookup", options), "loop": list(TRANSIENT)[3:]},
        ]
    ).ok()
    assert [item.status for item in (*run.items("Module"), *run.items("Lookup"))] == ["ok"] * len(TRANSIENT)
    tries = [entry["status"] for entry in fresh_emulator.requests(contoso.TOKEN_PATH)]
    assert len(tries) == sum(rule["times"] + 1 for rule in TRANSIENT.values())
    assert [status for status in tries if status != 200] == [503, 503, 502, 429, None, 503]


# Files and variables of the machine


@pytest.mark.everycore
def test_netrc_and_ca_variables_change_nothing(fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    """requests would send netrc's password to the identity provider, and prefer the variables to `ca_path`."""
    netrc = ansible.workdir / "home" / ".netrc"
    netrc.write_text("machine localhost login another password Somebodys-Password\n")
    netrc.chmod(0o600)
    run = ansible.playbook(
        [module_task("Token", {}), lookup_task("Lookup", {"cache": "none"})],
        env={
            **fresh_emulator.env,
            "REQUESTS_CA_BUNDLE": "/nonexistent/bundle.pem",
            "CURL_CA_BUNDLE": "/nonexistent/bundle.pem",
            "SSL_CERT_FILE": "/nonexistent/bundle.pem",
            "HTTPS_PROXY": "http://127.0.0.1:1",
            "https_proxy": "http://127.0.0.1:1",
            "MSAL_FORCE_REGION": "westeurope",
        },
    ).ok()
    assert run.result("Token").status == run.result("Lookup").status == "ok"
    requests = fresh_emulator.requests()
    assert [entry["path"] for entry in requests] == [f"/{contoso.TENANT}/oauth2/v2.0/token"] * 2
    assert not [entry for entry in requests if "authorization" in entry]


def test_ways_through_proxies(setup: LoginSetup, ansible: AnsibleRunner, fresh_emulator: Emulator) -> None:
    there = {
        **setup.deploy_app(cache="none", retry_timeout=10),
        "authority": "https://login.example.test",
        "ca_path": str(setup.tls_front.ca_path),
    }
    setup.tunnel.requested.clear()
    address = setup.tunnel.url.removeprefix("http://")
    run = ansible.playbook(
        [
            module_task("option", {**there, "proxy": f"http://me:S3cret%40Proxy@{address}"}),
            {**module_task("variable", there), "environment": {"HTTPS_PROXY": setup.tunnel.url}},
            {
                **module_task("exempt", {**there, "retry_timeout": 0.1}),
                "environment": {"HTTPS_PROXY": setup.tunnel.url, "NO_PROXY": ".example.test"},
            },
        ],
        verbosity=3,
    ).ok()
    assert run.result("option").status == run.result("variable").status == "ok"
    assert "login.example.test can't be resolved" in run.result("exempt")["msg"]  # without a proxy
    assert set(setup.tunnel.requested) == {"login.example.test:443"}
    assert len(setup.tunnel.logins) == 1
    assert [entry["status"] for entry in fresh_emulator.requests(contoso.TOKEN_PATH)] == [200, 200]
    assert "S3cret" not in run.output


def test_a_clock_skew_is_reported_in_seconds(fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    fresh_emulator.tenant(clock_skew=3600)
    options = {
        **contoso.connection(fresh_emulator),
        **contoso.identity(contoso.CERTIFICATE_APP),
        "certificate_path": fresh_emulator.identity_env["EMULATOR_CERTIFICATE_PATH"],
    }
    run = ansible.playbook([module_task("Token", options), lookup_task("Lookup", options)]).ok()
    for task in ("Token", "Lookup"):
        message = run.result(task)["msg"]
        assert "AADSTS700024" in message
        assert re.search(r"clock .*\b3(59\d|60\d) s", message), message
        assert "Remedy: for clock skew, set the clock" in message
    assert abs(run.result("Token")["error"]["clock_skew"] + 3600) < 30
