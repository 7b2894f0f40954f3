# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What differs between the versions of ansible-core from 2.16 on, and must not be seen by a playbook."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from ansible_collections.community.powerbi.plugins.plugin_utils._core_version import CORE
from harness import contoso
from harness.ansible_run import AnsibleRunner
from harness.emulator import Emulator
from harness.modules import Modules
from harness.python import other_python

pytestmark = pytest.mark.everycore

TEMPLATE: t.Final = "{{ 6 * 7 }}"


@pytest.fixture(params=["in process", "shipped"])
def inventory(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, t.Any]:
    """Localhost, where modules run in Ansible's process or in an interpreter of their own."""
    variables = {"ansible_connection": "local"}
    if request.param == "shipped":
        variables["ansible_python_interpreter"] = str(other_python(tmp_path / "other"))
    return {"all": {"hosts": {"localhost": variables}}}


def test_a_name_with_template_syntax_stays_as_it_is(
    fresh_emulator: Emulator, ansible: AnsibleRunner, inventory: dict[str, t.Any]
) -> None:
    """Otherwise a user who may rename a workspace could run a lookup on the controller."""
    Modules(fresh_emulator)("powerbi_workspace", name=TEMPLATE)
    run = ansible.playbook(
        """
        - name: Workspaces
          community.powerbi.powerbi_workspace_info:
          register: found
        - name: Copied
          ansible.builtin.set_fact: {names: "{{ found.workspaces | map(attribute='name') | list }}"}
        - name: By the module
          ansible.builtin.debug: {msg: "{{ names }}"}
        - name: By the lookup
          ansible.builtin.debug: {msg: "{{ answer.value | map(attribute='name') | list }}"}
          vars:
            answer: "{{ query('community.powerbi.powerbi_api', '/groups', **trusting) | first }}"
            # Before 2.19 a play can make Ansible evaluate the results of lookups as templates.
            trusting: "{{ {'allow_unsafe': true} if ansible_version.full is version('2.19', '<') else {} }}"
        - name: In a loop
          ansible.builtin.debug: {msg: "{{ item.name }}"}
          loop: "{{ query('community.powerbi.powerbi_api', '/groups', paginate=true) | first }}"
        """,
        env=fresh_emulator.env,
        inventory=inventory,
    ).ok()
    assert TEMPLATE in run.result("By the module")["msg"]
    assert TEMPLATE in run.result("By the lookup")["msg"]
    assert TEMPLATE in [item["msg"] for item in run.items("In a loop")]


def test_a_secret_that_is_vaulted_in_the_task(
    fresh_emulator: Emulator, ansible: AnsibleRunner, inventory: dict[str, t.Any]
) -> None:
    password = ansible.workdir / "password"
    password.write_text("open sesame")
    vaulted = VaultLib().encrypt(contoso.DEPLOY.secret, VaultSecret(b"open sesame")).decode()
    lines = "\n".join(f"{'':16}{line}" for line in vaulted.splitlines())
    options = "\n".join(
        f"{'':12}{name}: {value}"
        for name, value in contoso.identity(contoso.DEPLOY, **contoso.connection(fresh_emulator)).items()
        if name != "client_secret"
    )
    run = ansible.playbook(
        f"- name: Token\n  community.powerbi.powerbi_token:\n{options}\n{'':12}client_secret: !vault |\n{lines}\n",
        args=["--vault-password-file", str(password)],
        inventory=inventory,
    ).ok()
    assert len(fresh_emulator.requests(contoso.TOKEN_PATH)) == 1
    assert contoso.DEPLOY.secret not in run.output


def test_no_deprecated_function_of_ansible_is_used(
    fresh_emulator: Emulator, ansible: AnsibleRunner, inventory: dict[str, t.Any]
) -> None:
    run = ansible.playbook(
        """
        - name: Token
          community.powerbi.powerbi_token:
          register: token
        - name: Keys of the token
          ansible.builtin.debug: {msg: "{{ token.keys() | list }}"}
        - name: Write
          community.powerbi.powerbi_workspace: {name: Nightly, description: New}
        - name: Fail
          community.powerbi.powerbi_api: {path: /groups/none}
          ignore_errors: true
        - name: Lookups, filter and test
          ansible.builtin.debug:
            msg: >-
              {{ [lookup('community.powerbi.powerbi_api', '/groups').value | length,
                  (mine | community.powerbi.powerbi_claims).appid,
                  mine is community.powerbi.powerbi_token_valid] }}
          vars: {mine: "{{ lookup('community.powerbi.powerbi_token') }}"}
        """,
        env={**fresh_emulator.env, "ANSIBLE_DEPRECATION_WARNINGS": "1"},
        inventory=inventory,
        diff=True,
    ).ok()
    assert "deprecations" not in run.result("Keys of the token")["msg"]
    assert [result.task for result in run.results if "deprecations" in result] == []
    # Ansible itself deprecates some Pythons, and its own settings.
    warned = [text for text in re.findall(r"\[DEPRECATION WARNING\].*", run.output) if "powerbi" in text]
    assert warned == []


LOOP: t.Final = """
- name: Tokens
  community.powerbi.powerbi_token: {resource: "{{ item }}"}
  %s: ["https://analysis.windows.net/powerbi/api", "https://graph.microsoft.com"]
  no_log: %s
"""


@pytest.mark.parametrize("keyword", ["loop", "with_items"])
def test_a_loop_over_secrets_where_ansible_would_show_them(
    fresh_emulator: Emulator, ansible: AnsibleRunner, keyword: str
) -> None:
    """Before 2.19 the result of the loop goes to callbacks, such as junit, with the results of all items in clear."""
    run = ansible.playbook(LOOP % (keyword, "false"), env=fresh_emulator.env)
    if CORE >= (2, 19):
        run.ok()
        assert "censored" in run.result("Tokens")
        return
    run.failed()
    message = run.items("Tokens")[0]["msg"]
    assert "powerbi_token does not run in a loop without no_log" in message
    assert "Remedy: set no_log: true" in message
    assert fresh_emulator.requests() == []


def test_a_loop_over_secrets_with_no_log(fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    run = ansible.playbook(LOOP % ("loop", "true"), env=fresh_emulator.env).ok()
    assert "access_token" not in str(run.results)


def test_no_log_hides_no_warning(fresh_emulator: Emulator, ansible: AnsibleRunner, inventory: dict[str, t.Any]) -> None:
    """Before 2.19 Ansible drops the warnings of a hidden result."""
    run = ansible.playbook(
        """
        - name: New workspace
          community.powerbi.powerbi_api: {path: /groups, method: POST, body: {name: Nightly}}
          check_mode: true
          no_log: true
          register: answer
        - name: Kept
          ansible.builtin.debug: {msg: "{{ answer.json is none }}"}
        """,
        env=fresh_emulator.env,
        inventory=inventory,
    ).ok()
    assert run.result("Kept")["msg"] in (True, "True")
    assert " ".join(run.output.split()).count("POST /groups is not sent in check mode") == 1, run.output
