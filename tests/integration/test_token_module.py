# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module powerbi_token: clouds, `validate`, what plays do with it, filter and test plugins, and a person's part."""

from __future__ import annotations

import re
import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._settings.clouds import CLOUDS
from harness import contoso
from harness.ansible_run import AnsibleRunner
from harness.emulator import Emulator

# What the token is for


def test_clouds_and_scopes(fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    """Each cloud's own audience; `scope` and `resource` override it."""
    deploy = {**contoso.connection(fresh_emulator), **contoso.identity(contoso.DEPLOY)}
    desired = {name: {"cloud": name} for name in CLOUDS}
    desired["AzureUSGovernment"] = {"cloud": "AzureUSGovernment"}
    desired["scope"] = {"scope": "https://graph.microsoft.com/.default", "cloud": "gcc"}
    desired["resource"] = {"resource": "https://vault.azure.net"}
    desired["Fabric"] = {"resource": "https://api.fabric.microsoft.com/"}
    tasks: list[dict[str, t.Any]] = []
    for name, options in desired.items():
        task = {"name": name, "community.powerbi.powerbi_token": {**deploy, **options}, "register": "token"}
        tasks += [task, {"name": f"audience: {name}", "ansible.builtin.debug": {"msg": "{{ token.claims.aud }}"}}]
    run = ansible.playbook(tasks).ok()
    audiences = {name: run.result(f"audience: {name}")["msg"] for name in desired}
    for name, cloud in CLOUDS.items():
        assert f"{audiences[name]}/.default" == cloud.scope
    assert len({audiences[name] for name in CLOUDS}) == len(CLOUDS)
    assert audiences["AzureUSGovernment"] in {audiences["gcc"], audiences["gcc_high"]}
    assert audiences["scope"] == "https://graph.microsoft.com"
    assert audiences["resource"] == "https://vault.azure.net"
    assert audiences["Fabric"] in {"https://api.fabric.microsoft.com", audiences["public"]}


# validate: true


def validating(**more: t.Any) -> list[dict[str, t.Any]]:
    return [
        {
            "name": "Validate",
            "community.powerbi.powerbi_token": {"validate": True, "retry_timeout": 1, **more},
            "register": "token",
        },
        {"name": "Found", "ansible.builtin.debug": {"msg": "{{ token.validation }}"}},
    ]


def test_validate_finds_workspaces(fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    run = ansible.playbook(validating(), env=fresh_emulator.env).ok()
    accepted = ["fabric", "powerbi"]
    assert run.result("Found")["msg"] == {
        "api_url": fresh_emulator.url,
        "workspaces_visible": True,
        "accepted_by": accepted,
    }
    assert [entry["path"] for entry in fresh_emulator.requests(r"^/v1\.0/")] == ["/v1.0/myorg/groups"]
    assert "WARNING" not in run.output


def test_validate_warns_of_an_app_in_no_workspace(fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    fresh_emulator.fault(path=r"^/v1\.0/myorg/groups$", body={"@odata.context": "...", "value": []})
    run = ansible.playbook(validating(), env=fresh_emulator.env).ok()
    assert run.result("Found")["msg"]["workspaces_visible"] is False
    text = " ".join(run.output.split())
    assert "this app is in no workspace" in text
    assert "enterprise application" in text


REFUSALS: dict[str, tuple[dict[str, t.Any], dict[str, t.Any], tuple[str, ...]]] = {
    "service principals are switched off": (
        {"service_principals_enabled": False},
        {},
        (
            r"Service principals can call Fabric public APIs",
            r"tenant settings",
            r"Remedy: a Fabric administrator enables",
        ),
    ),
    "service principals of another group": (
        {"service_principals_allowed": ["Another Group"]},
        {},
        (r"security group that the service principal is in", r"Remedy: "),
    ),
    "forbidden without a word": ({}, {"status": 403, "body": ""}, (r"403", r"Remedy: ")),
    "unauthorized": (
        {},
        {"status": 401, "body": {"error": {"code": "PowerBINotAuthorizedException"}}},
        (r"PowerBINotAuthorizedException", r"Remedy: "),
    ),
    "expired": (
        {},
        {"status": 403, "body": {"error": {"code": "TokenExpired", "message": "Access token has expired"}}},
        (r"TokenExpired", r"Remedy: check `cloud` and `scope`"),
    ),
    "throttled": (
        {},
        {"status": 429, "headers": {"Retry-After": "300"}},
        (r"throttles", r"300 s", r"Remedy: .*`retry_timeout`"),
    ),
    "down": ({}, {"status": 503}, (r"busy or down", r"Remedy: ")),
    "a web page": (
        {},
        {"status": 200, "body": "<html><title>Hello</title></html>"},
        (r"JSON|web page|HTML", r"Remedy: "),
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_validate_names_what_is_missing(name: str, fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    switches, rule, expected = REFUSALS[name]
    if switches:
        fresh_emulator.tenant(**switches)
    if rule:
        fresh_emulator.fault(path=r"^/v1\.0/myorg/groups$", **rule)
    run = ansible.playbook(validating(), env=fresh_emulator.env).failed()
    message = run.result("Validate")["msg"]
    for pattern in expected:
        assert re.search(pattern, message), f"{pattern!r} not in: {message}"
    assert "Traceback" not in run.output
    assert run.result("Validate")["error"]["kind"] in ("forbidden", "throttled", "api", "transport")


@pytest.mark.parametrize(
    ("switches", "refused", "accepted", "setting"),
    [
        ({"service_principals_fabric": False}, "Fabric refused", "Power BI accepted it", "call Fabric public APIs"),
        ({"service_principals_powerbi": False}, "Power BI refused", "Fabric accepted it", "use Power BI APIs"),
        ({"service_principals_enabled": False}, "Power BI refused", "so did Fabric", "use Power BI APIs"),
    ],
)
def test_validate_names_the_api_that_refuses(
    switches: dict[str, bool],
    refused: str,
    accepted: str,
    setting: str,
    fresh_emulator: Emulator,
    ansible: AnsibleRunner,
) -> None:
    fresh_emulator.tenant(**switches)
    message = ansible.playbook(validating(), env=fresh_emulator.env).failed().result("Validate")["msg"]
    assert f"{refused} the token, {accepted}" in message
    assert setting in message


# In plays


@pytest.mark.everycore
def test_module_defaults_check_mode_and_delegation(fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    """The group's defaults reach the module; check mode gets a token; a far host's task runs here when delegated."""
    defaults = {**contoso.connection(fresh_emulator), **contoso.identity(contoso.DEPLOY)}
    run = ansible.playbook(
        [
            {
                "hosts": "far",
                "gather_facts": False,
                "module_defaults": {"group/community.powerbi.powerbi": defaults},
                "tasks": [
                    {
                        "name": "Token",
                        "community.powerbi.powerbi_token": {},
                        "delegate_to": "localhost",
                        "register": "token",
                    },
                    {
                        "name": "Shown",
                        "ansible.builtin.debug": {
                            "msg": "{{ token.claims.appid }} {{ token.auth_source }} {{ token.changed }}"
                        },
                    },
                ],
            }
        ],
        inventory={"all": {"hosts": {"far": {"ansible_host": "far.example.invalid"}}}},
        check=True,
        verbosity=3,
    ).ok()
    assert run.result("Shown")["msg"] == f"{contoso.DEPLOY.client_id} option False"
    assert "AnsiballZ" not in run.stdout


def test_a_profile_file_that_others_can_read_is_refused(fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    open_file, broken = ansible.workdir / "open.ini", ansible.workdir / "broken.ini"
    good = ansible.workdir / "good.ini"
    for path in (good, open_file):
        path.write_text("[default]\nclient_id = a\n[reader]\nclient_id = b\nclient_secret = S3cret-Of-The-Reader\n")
    good.chmod(0o600)
    open_file.chmod(0o644)
    broken.write_text("[reader]\nS3cret-Line-Without-Key\n")
    broken.chmod(0o600)
    task = {"community.powerbi.powerbi_token": {"auth_profile": "reader"}, "ignore_errors": True}
    run = ansible.playbook(
        [
            {**task, "name": "Open", "environment": {"POWERBI_PROFILES_FILE": str(open_file)}},
            {**task, "name": "Broken", "environment": {"POWERBI_PROFILES_FILE": str(broken)}},
            {
                **task,
                "name": "Section",
                "community.powerbi.powerbi_token": {"auth_profile": "prod"},
                "environment": {"POWERBI_PROFILES_FILE": str(good)},
            },
        ],
        verbosity=3,
    )
    assert "can be read or changed by others (mode 0644)" in run.result("Open")["msg"]
    assert f"chmod 600 {open_file}" in run.result("Open")["msg"]
    assert "is no INI file: line 2" in run.result("Broken")["msg"]
    assert "S3cret" not in run.output
    assert "use one of those it has: default, reader" in run.result("Section")["msg"]


def test_az_that_is_not_signed_in(fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    folder = ansible.workdir / "az"
    folder.mkdir()
    (folder / "az").write_text(
        "#!/bin/sh\necho \"ERROR: Please run 'az login'. token=eyJhbGciOiJSUzI1NiJ9.e30.abc\" >&2\nexit 1\n"
    )
    (folder / "az").chmod(0o755)
    task = {"community.powerbi.powerbi_token": {"auth_method": "azure_cli"}, "ignore_errors": True}
    run = ansible.playbook(
        [
            {**task, "name": "Signed out", "environment": {"PATH": f"{folder}:/usr/bin:/bin"}},
            {**task, "name": "Absent", "environment": {"PATH": "/nonexistent"}},
        ],
        verbosity=3,
    )
    assert "Please run 'az login'" in run.result("Signed out")["msg"]
    assert "Remedy: run az login" in run.result("Signed out")["msg"]
    assert "eyJ" not in run.output
    assert "there is no az on the PATH" in run.result("Absent")["msg"]


def test_filter_and_test_plugins(fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    run = ansible.playbook(
        """
        - name: Token
          community.powerbi.powerbi_token:
          register: token
        - name: Facts
          ansible.builtin.debug:
            msg:
              aud: "{{ (token.access_token | community.powerbi.powerbi_claims).aud }}"
              bearer: "{{ ('Bearer ' ~ token.access_token) | community.powerbi.powerbi_claims == token.claims }}"
              all: "{{ token.access_token | community.powerbi.powerbi_claims(all=true) }}"
              valid: "{{ token.access_token is community.powerbi.powerbi_token_valid }}"
              for_an_hour: "{{ token.access_token is community.powerbi.powerbi_token_valid(min=600) }}"
              for_a_day: "{{ token.access_token is community.powerbi.powerbi_token_valid(min=86400) }}"
              nonsense: "{{ 'nonsense' is community.powerbi.powerbi_token_valid }}"
        - name: No token
          ansible.builtin.debug: {msg: "{{ 'nonsense' | community.powerbi.powerbi_claims }}"}
          ignore_errors: true
        """,
        env=fresh_emulator.env,
    ).ok()
    facts = run.result("Facts")["msg"]
    assert facts["aud"] == "https://analysis.windows.net/powerbi/api"
    assert facts["bearer"] is True
    assert "uti" in facts["all"]
    assert (facts["valid"], facts["for_an_hour"], facts["for_a_day"], facts["nonsense"]) == (True, True, False, False)
    assert re.search(r"powerbi_claims is not a JWT|JWT", run.result("No token")["msg"])
    assert "Traceback" not in run.output


# A person's part


@pytest.mark.everycore
def test_device_code_shows_its_prompt_while_it_waits(fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    fresh_emulator.tenant(device_code_interval=1)
    options = {**contoso.identity(contoso.PUBLIC_APP), "auth_method": "device_code"}
    running = ansible.start(
        [
            {"name": "Person", "community.powerbi.powerbi_token": options, "register": "token"},
            {
                "name": "Who",
                "ansible.builtin.debug": {
                    "msg": "{{ (token.access_token | community.powerbi.powerbi_claims(all=true)).upn }}"
                },
            },
            {"name": "Again", "community.powerbi.powerbi_token": options, "register": "again"},
            {"name": "Source", "ansible.builtin.debug": {"msg": "{{ again.source }}"}},
        ],
        env=contoso.connection_environment(fresh_emulator),
    )
    assert running.process.stderr
    seen = ""
    for line in running.process.stderr:
        seen += line
        found = re.search(r"enter the code (\S+) to authenticate", line)
        if found:
            fresh_emulator.call(
                "POST", "/_emulator/device/approve", json={"user_code": found[1], "upn": contoso.MEGAN["upn"]}
            )
            break
    else:
        raise AssertionError(f"no prompt was shown\n{seen}\n{running.wait().stdout}")
    run = running.wait(timeout=30).ok()
    assert run.result("Who")["msg"] == contoso.MEGAN["upn"]
    assert run.result("Source")["msg"] == "cache"
    assert "enter the code" not in run.output  # one prompt for the user


def test_device_codes_that_are_never_entered(fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    fresh_emulator.tenant(device_code_interval=1, device_code_lifetime=2)
    options = {**contoso.identity(contoso.PUBLIC_APP), "auth_method": "device_code"}
    run = ansible.playbook(
        [{"name": "Person", "community.powerbi.powerbi_token": options}],
        env=contoso.connection_environment(fresh_emulator),
        timeout=30,
    ).failed()
    assert "device code expired before it was entered" in run.result("Person")["msg"]
    assert "Remedy: run again and enter the code at once" in run.result("Person")["msg"]
