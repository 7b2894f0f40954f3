# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The test harness itself: other tests rely on its results."""

from __future__ import annotations

import signal

import pytest

from harness.ansible_run import AnsibleRunner
from harness.emulator import read_env


@pytest.mark.everycore
def test_results_carry_what_callbacks_see(ansible: AnsibleRunner) -> None:
    run = ansible.playbook(
        """
        - name: Plain
          ansible.builtin.debug: {msg: visible}
        - name: Censored
          ansible.builtin.debug: {msg: hidden}
          no_log: true
        - name: Loop
          ansible.builtin.debug: {msg: "{{ item }}"}
          loop: [a, b]
        - name: Skipped
          ansible.builtin.debug:
          when: false
        """
    ).ok()
    assert run.result("Plain").status == "ok"
    assert run.result("Plain")["msg"] == "visible"
    assert "censored" in run.result("Censored")
    assert "msg" not in run.result("Censored")
    assert [item["msg"] for item in run.items("Loop")] == ["a", "b"]
    assert run.result("Skipped").status == "skipped"
    with pytest.raises(AssertionError, match="recorded: 'Censored', 'Loop', 'Plain', 'Skipped'"):
        run.result("Misspelt")


def test_failures_are_results_too(ansible: AnsibleRunner) -> None:
    run = ansible.playbook([{"name": "Fail", "ansible.builtin.fail": {"msg": "on purpose"}}]).failed()
    assert run.result("Fail").status == "failed"
    assert run.result("Fail")["msg"] == "on purpose"
    with pytest.raises(AssertionError, match="exit code 2"):
        run.ok()


def test_nothing_is_inherited(ansible: AnsibleRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("POWERBI_CLIENT_SECRET", "AZURE_TENANT_ID", "ANSIBLE_STDOUT_CALLBACK", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "inherited")
    run = ansible.playbook(
        """
        - name: Environment
          ansible.builtin.command: env
          changed_when: false
        """,
        env={"GIVEN": "yes"},
    ).ok()
    lines = run.result("Environment")["stdout_lines"]
    assert "GIVEN=yes" in lines
    assert f"HOME={ansible.workdir / 'home'}" in lines
    assert not [line for line in lines if line.endswith("=inherited")]


def test_hosts_variables_and_modes(ansible: AnsibleRunner) -> None:
    run = ansible.playbook(
        """
        - hosts: all
          gather_facts: false
          tasks:
            - name: Seen
              ansible.builtin.debug: {msg: "{{ inventory_hostname }} {{ word }} {{ ansible_check_mode }}"}
        """,
        inventory=2,
        extra_vars={"word": "given"},
        check=True,
        diff=True,
        verbosity=1,
    ).ok()
    assert run.result("Seen", "h001")["msg"] == "h001 given True"
    assert run.result("Seen", "h002")["msg"] == "h002 given True"


@pytest.mark.everycore
def test_adhoc_and_doc(ansible: AnsibleRunner) -> None:
    run = ansible.adhoc("ansible.builtin.debug", {"msg": "quoted 'text'"}).ok()
    assert run.results[0]["msg"] == "quoted 'text'"
    assert "ansible.builtin.debug" in ansible.doc("ansible.builtin.debug", json=True).ok().stdout


def test_a_run_can_be_interrupted(ansible: AnsibleRunner) -> None:
    running = ansible.start("- {name: Wait, ansible.builtin.pause: {seconds: 60}}\n")
    running.signal(signal.SIGTERM)
    assert running.wait(timeout=10).rc != 0
    with pytest.raises(AssertionError, match=r"still running after 0\.5 s"):
        ansible.start("- {name: Wait, ansible.builtin.pause: {seconds: 60}}\n").wait(timeout=0.5)


def test_env_files_are_read_with_export_and_quotes(tmp_path) -> None:
    path = tmp_path / "env"
    path.write_text("# comment\nexport A='a=b'\nB=plain\n\n")
    assert read_env(path) == {"A": "a=b", "B": "plain"}
