# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""No secret, assertion, key or token is shown or left behind: at -vvvv, in success and in each kind of failure."""

from __future__ import annotations

import base64
import html
import json
import re
import typing as t
import urllib.parse
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._settings.options import SHARED_OPTIONS
from harness import contoso
from harness.ansible_run import AnsibleRunner, Run
from harness.credential_files import PFX_PASSWORD
from harness.emulator import Emulator
from harness.failures import SCENARIOS, LoginSetup, login_setup
from harness.leaks import Needles, ProcessWatch
from harness.python import other_python

pytestmark = pytest.mark.plain_runs

SECRET_OPTIONS = {name for name, spec in SHARED_OPTIONS.items() if spec.get("no_log")}
ODD_SECRET = "wr0ng\"se\\cret'%41&+/=<~ä>{}"

FAILURES_OF_LOOKUP = (
    *("odd secret", "wrong secret", "echoed by the server", "PFX with a wrong password", "two credentials"),
    *("untrusted federated subject", "token that has expired", "HTML with 200", "damaged JSON", "reset"),
    *("proxy that is no URL", "proxy that requires a login", "MFA"),
)

# Everything that Ansible itself can be configured to keep.
KEEPING = {
    "ANSIBLE_LOG_PATH": "ansible.log",
    "ANSIBLE_RETRY_FILES_ENABLED": "1",
    "ANSIBLE_RETRY_FILES_SAVE_PATH": "retry",
    "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
    "ANSIBLE_CACHE_PLUGIN_CONNECTION": "facts",
    "ANSIBLE_GATHERING": "smart",
    "ANSIBLE_CALLBACKS_ENABLED": "record_results,ansible.builtin.junit",
    "JUNIT_OUTPUT_DIR": "junit",
    "ANSIBLE_KEEP_REMOTE_FILES": "0",
    "ANSIBLE_DISPLAY_ARGS_TO_STDOUT": "1",
    "ANSIBLE_DIFF_ALWAYS": "1",
}


@pytest.fixture(scope="module")
def setup(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[LoginSetup]:
    with login_setup(emulator, tmp_path_factory.mktemp("files")) as setup:
        yield setup


def successes(setup: LoginSetup) -> dict[str, dict[str, t.Any]]:
    """A success of each way to log in that holds a secret."""
    emulator = setup.emulator
    minted = str(emulator.call("POST", "/_emulator/oidc/workload", json={}).json()["value"])
    token = str(
        emulator.call(
            "POST",
            "/_emulator/oidc/workload",
            json={"audience": "https://analysis.windows.net/powerbi/api"},
        ).json()["value"]
    )
    return {
        "client_secret": setup.deploy_app(),
        "client_secret, validated": setup.deploy_app(validate=True),
        "PEM": setup.certificate("client.pem"),
        "PFX in base64": setup.app(
            contoso.CERTIFICATE_APP,
            certificate_data=base64.b64encode((setup.files / "client.pfx").read_bytes()).decode(),
            certificate_password=PFX_PASSWORD,
            send_certificate_chain=True,
        ),
        "federated": setup.app(contoso.FEDERATED_APP, federated_token=minted),
        "password": setup.app(
            contoso.PUBLIC_APP,
            auth_method="password",
            username=contoso.MEGAN["upn"],
            password=contoso.MEGAN["password"],
        ),
        "access_token": {**contoso.connection(emulator), "access_token": token},
        "proxy with a password": setup.deploy_app(
            authority="https://login.example.test",
            ca_path=str(setup.tls_front.ca_path),
            proxy=setup.tunnel.url.replace("://", "://me:Proxy-Pass-Word-1@"),
        ),
    }


def failures(setup: LoginSetup) -> dict[str, dict[str, t.Any]]:
    found = {name: scenario.options(setup) for name, scenario in SCENARIOS.items()}
    found["odd secret"] = setup.deploy_app(client_secret=ODD_SECRET)
    found["validated in a tenant that it is not of"] = setup.app(
        contoso.READER, tenant_id=contoso.OTHER_TENANT, validate=True
    )
    found["unknown option"] = setup.deploy_app(client_sekret="x")
    found["unknown choice"] = setup.deploy_app(auth_method="kerberos")
    found["wrong type"] = setup.deploy_app(min_validity="many")
    found["MFA"] = setup.app(
        contoso.PUBLIC_APP,
        auth_method="password",
        username=contoso.ALEX_WITH_MFA["upn"],
        password=contoso.ALEX_WITH_MFA["password"],
    )
    found["echoed by the server"] = setup.deploy_app(tenant_id="echo.example", client_secret=ODD_SECRET)
    return found


def referring(options: t.Mapping[str, t.Any], where: str) -> dict[str, t.Any]:
    """Options whose secrets come from the variable ``where``, as from a vault: a playbook has no secrets in it."""
    return {
        name: f"{{{{ {where}.{name} }}}}" if name in SECRET_OPTIONS and value else value
        for name, value in options.items()
    }


def secrets_of(cases: t.Iterable[t.Mapping[str, t.Any]], setup: LoginSetup) -> dict[str, str]:
    """All secrets in the options, and those in the files that the options name."""
    secrets = {}
    for number, options in enumerate(cases):
        for name in SECRET_OPTIONS & set(options):
            if len(str(options[name])) >= 8 and name != "proxy":
                secrets[f"{name} of case {number}"] = str(options[name])
    key = (setup.files / "key-only.pem").read_text().splitlines()
    secrets |= {"first line of the key": key[1], "a line of the key": key[9]}
    secrets |= {"token of the job": "Wrong-Token-Of-The-Job", "header of the app": "Wrong-Header-Of-The-App"}
    secrets |= {"password of the proxy": "Proxy-Pass-Word-1", "password of the other proxy": "Pass-Word-1"}
    return secrets


class Leaks(t.NamedTuple):
    run: Run
    needles: Needles
    command_lines: set[bytes]
    written: set[Path]


def watched(
    runner: AnsibleRunner,
    setup: LoginSetup,
    cases: dict[str, dict[str, t.Any]],
    *,
    lookups: t.Container[str] = (),
    env: t.Mapping[str, str] | None = None,
    **run_options: t.Any,
) -> Leaks:
    """Run all cases by the module, and those in ``lookups`` by the lookup too, with an eye on processes.

    The secrets come from a variables file.
    """
    for scenario in SCENARIOS.values():
        if scenario.fault:
            setup.emulator.fault(**scenario.fault)
    setup.emulator.fault(
        path=r"^/echo\.example/",
        status=401,
        body={
            "error": "invalid_client",
            "error_description": f"AADSTS7000215: The secret {ODD_SECRET} is wrong. client_secret={ODD_SECRET}",
            "error_codes": [7000215],
        },
    )
    tasks, around = [], []
    for number, (name, options) in enumerate(cases.items()):
        references = referring(options, f"given[{number}]")
        task = {"community.powerbi.powerbi_token": references, "register": "kept"}
        around.append(SCENARIOS[name].environment(setup) if name in SCENARIOS else {})
        environment = {variable: f"{{{{ around[{number}].{variable} }}}}" for variable in around[number]}
        tasks.append({"name": f"module: {name}", **task, "environment": environment, "ignore_errors": True})
        if name in lookups:
            arguments = {option: value for option, value in references.items() if option != "validate"}
            shown = {"msg": "{{ lookup('community.powerbi.powerbi_token', **arguments) | length }}"}
            task = {"ansible.builtin.debug": shown, "vars": {"arguments": arguments}}
            tasks.append({"name": f"lookup: {name}", **task, "ignore_errors": True})
    before = set(runner.workdir.rglob("*"))
    with ProcessWatch(runner.workdir) as watch:
        run = runner.playbook(
            tasks,
            extra_vars={"given": list(cases.values()), "around": around},
            env=env,
            verbosity=4,
            timeout=250,
            **run_options,
        )
    setup.emulator.clean()
    written = {path for path in runner.workdir.rglob("*") if path.name.startswith("extra-vars-")}
    assert not before & written
    return Leaks(run, Needles(secrets_of(cases.values(), setup)), watch.command_lines, written)


def assert_clean(leaks: Leaks) -> None:
    assert leaks.needles.found_in(leaks.run.output) == []
    assert leaks.needles.found_below(leaks.run.workdir, leaks.written) == []
    assert [found for line in leaks.command_lines for found in leaks.needles.found_in(line)] == []


@pytest.fixture(scope="module")
def in_process(emulator: Emulator, setup: LoginSetup, tmp_path_factory: pytest.TempPathFactory) -> Leaks:
    emulator.clean()
    runner = AnsibleRunner(tmp_path_factory.mktemp("leaks"), plain=True)
    cases = {**failures(setup), **successes(setup)}
    return watched(runner, setup, cases, lookups=(*successes(setup), *FAILURES_OF_LOOKUP), env=KEEPING)


@pytest.mark.everycore
@pytest.mark.slow
def test_successes_and_failures_are_what_they_should_be(in_process: Leaks, setup: LoginSetup) -> None:
    """Otherwise the next tests check something other than their names state."""
    run = in_process.run.ok()
    assert {run.result(f"{edge}: {name}").status for name in successes(setup) for edge in ("module", "lookup")} == {
        "ok"
    }
    for name in failures(setup):
        assert run.result(f"module: {name}").status == "failed", name


def test_the_search_finds_what_there_is(in_process: Leaks) -> None:
    """The file in which the test itself handed the secrets over has them all."""
    (given,) = in_process.written
    found = "\n".join(in_process.needles.found_in(given.read_bytes()))
    assert "client_secret of case 0" in found
    assert "a token or an assertion" in found
    for encoded in (
        base64.b64encode(f"user:{ODD_SECRET}".encode()),
        json.dumps({"x": ODD_SECRET}).encode(),
        urllib.parse.urlencode({"client_secret": ODD_SECRET}).encode(),
        f"<p>{html.escape(ODD_SECRET)}".encode(),
    ):
        assert in_process.needles.found_in(encoded), encoded


@pytest.mark.everycore
@pytest.mark.slow
def test_output_has_no_secret(in_process: Leaks) -> None:
    assert in_process.needles.found_in(in_process.run.stdout) == []
    assert in_process.needles.found_in(in_process.run.stderr) == []


@pytest.mark.everycore
@pytest.mark.slow
def test_files_have_no_secret(in_process: Leaks) -> None:
    """The log, the recorder's and junit's files, retry files, cached facts, HOME and the temporary folder."""
    workdir = in_process.run.workdir
    assert (workdir / "ansible.log").stat().st_size > 10_000
    assert list(workdir.glob("junit/*.xml"))
    assert in_process.needles.found_below(workdir, in_process.written) == []


@pytest.mark.everycore
@pytest.mark.slow
def test_no_process_had_a_secret_in_its_arguments(in_process: Leaks) -> None:
    assert any(b"ansible-playbook" in line for line in in_process.command_lines)
    assert [found for line in in_process.command_lines for found in in_process.needles.found_in(line)] == []


@pytest.mark.everycore
@pytest.mark.slow
def test_nothing_is_left_in_the_temporary_folders(in_process: Leaks) -> None:
    workdir = in_process.run.workdir
    assert list((workdir / "tmp").iterdir()) == []
    assert [path for path in (workdir / "home").rglob("*") if path.is_file()] == []


FEW = ("client_secret", "PFX in base64", "access_token")
FEW_FAILURES = ("odd secret", "wrong secret", "PFX with a wrong password", "unknown option", "HTML with 200")


def few(setup: LoginSetup) -> dict[str, dict[str, t.Any]]:
    good, bad = successes(setup), failures(setup)
    return {**{name: good[name] for name in FEW}, **{name: bad[name] for name in FEW_FAILURES}}


@pytest.mark.parametrize(
    "env",
    [
        {"ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.minimal"},
        {"ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml"},
        {"ANSIBLE_DEBUG": "1"},
    ],
    ids=lambda env: " ".join(env.values()),
)
def test_other_callbacks(env: dict[str, str], setup: LoginSetup, ansible: AnsibleRunner) -> None:
    assert_clean(watched(ansible, setup, few(setup), lookups=few(setup), env=env))


def test_shipped_modules(setup: LoginSetup, ansible: AnsibleRunner, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Another interpreter, so the options travel in a file; it has gone when the task has ended."""
    python = other_python(tmp_path_factory.mktemp("python") / "other")
    local = {"ansible_connection": "local", "ansible_python_interpreter": str(python)}
    inventory = {"all": {"hosts": {"localhost": local}}}
    leaks = watched(ansible, setup, few(setup), env=KEEPING, inventory=inventory)
    assert leaks.run.result("module: client_secret").status == "ok"
    assert "AnsiballZ_powerbi_token.py" in leaks.run.stdout
    assert_clean(leaks)


# What users do with tokens


@pytest.mark.everycore
def test_registered_tokens_are_hidden_yet_usable(fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    """In a single result, in a loop, in retries, in a fact; the token then lists the workspaces."""
    run = ansible.playbook(
        """
        - name: One
          community.powerbi.powerbi_token:
          register: one
        - name: Loop
          community.powerbi.powerbi_token: {resource: "{{ item }}"}
          loop: ["https://analysis.windows.net/powerbi/api", "https://graph.microsoft.com"]
          register: several
          no_log: "{{ ansible_version.full is version('2.19', '<') }}"  # else it is refused
        - name: Retried
          community.powerbi.powerbi_token:
          register: retried
          until: retried.expires_in > 100000
          retries: 2
          delay: 0
          ignore_errors: true
        - name: Fact
          ansible.builtin.set_fact: {powerbi_access_token: "{{ several.results[0].access_token }}"}
          no_log: true
        - name: Workspaces
          ansible.builtin.uri:
            url: "{{ lookup('env', 'POWERBI_API_URL') }}/v1.0/myorg/groups"
            ca_path: "{{ lookup('env', 'POWERBI_CA_PATH') }}"
            headers: {Authorization: "Bearer {{ powerbi_access_token }}"}
          register: answer
          no_log: true
        - name: Names
          ansible.builtin.debug: {msg: "{{ answer.json.value | map(attribute='name') }}"}
        - name: Claims
          ansible.builtin.debug: {msg: "{{ one.access_token | community.powerbi.powerbi_claims }}"}
        """,
        env={**fresh_emulator.env, "ANSIBLE_LOG_PATH": str(ansible.workdir / "ansible.log")},
        verbosity=4,
        diff=True,
    ).ok()
    assert "Sales" in run.result("Names")["msg"]
    assert run.result("Claims")["msg"]["appid"] == contoso.DEPLOY.client_id
    for name in ("One", "Loop", "Retried"):
        assert "access_token" not in run.result(name).result
        assert "censored" in run.result(name)
    needles = Needles({"secret": contoso.DEPLOY.secret})
    assert needles.found_in(run.output) == []
    assert needles.found_below(run.workdir) == []


def test_retry_files_and_cached_facts(fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    run = ansible.playbook(
        """
        - name: Token
          community.powerbi.powerbi_token:
          register: token
        - name: Fact
          ansible.builtin.set_fact: {powerbi_claims: "{{ token.claims }}", cacheable: true}
        - name: Wrong
          community.powerbi.powerbi_token:
            tenant_id: "{{ token.tenant_id }}"
            client_id: "{{ token.client_id }}"
            client_secret: "{{ wrong }}"
        """,
        env={**fresh_emulator.env, **KEEPING},
        extra_vars={"wrong": ODD_SECRET},
        verbosity=4,
    ).failed()
    assert "AADSTS7000215" in run.result("Wrong")["msg"]
    assert list(run.workdir.glob("retry/*.retry"))
    (fact,) = run.workdir.glob("facts/*")
    assert contoso.DEPLOY.client_id in fact.read_text()
    needles = Needles({"secret": contoso.DEPLOY.secret, "wrong secret": ODD_SECRET})
    assert needles.found_in(run.output) == []
    assert needles.found_below(run.workdir, {run.workdir / "extra-vars-1.json"}) == []


def test_tokens_that_users_print_are_their_own_choice(fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    """Before ansible-core 2.22 nothing marks a lookup's text as secret; as documented."""
    run = ansible.playbook(
        """
        - name: Shown
          ansible.builtin.debug: {msg: "{{ lookup('community.powerbi.powerbi_token') }}"}
        - name: Hidden
          ansible.builtin.debug: {msg: "{{ lookup('community.powerbi.powerbi_token') }}"}
          no_log: true
        """,
        env=fresh_emulator.env,
        verbosity=4,
    ).ok()
    assert "censored" in run.result("Hidden")
    shown = run.result("Shown")["msg"]
    assert re.fullmatch(r"eyJ[\w.-]+", shown) or "REDACTED" in shown
    documented = ansible.doc("community.powerbi.powerbi_token", type="lookup").ok().stdout
    assert "no_log" in documented
