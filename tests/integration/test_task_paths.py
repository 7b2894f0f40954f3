# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Relative paths on the controller, secrets of powerbi_api at every verbosity, and keys that YAML changes: both ways."""

from __future__ import annotations

import shutil
import typing as t
from pathlib import Path

import pytest

from harness.ansible_run import REPOSITORY, AnsibleRunner, Run
from harness.emulator import Emulator
from harness.python import other_python

SAMPLE: t.Final = REPOSITORY / "playbooks" / "files" / "sample"
NEEDLE: t.Final = "n33dle-Hay-stack"
SALES: t.Final = "f01de400-0000-4000-8000-000000000001"
UPLOAD: t.Final = f"/groups/{SALES}/imports/createTemporaryUploadLocation"

PLAYBOOK: t.Final = f"""
- hosts: localhost
  gather_facts: false
  roles: [sales]
  tasks:
    - name: beside the playbook
      community.powerbi.powerbi_deploy: {{workspace: Finance, src: content, parameters: rules.yml, environment: "NO"}}
      check_mode: true
    - name: a list of files
      community.powerbi.powerbi_import: {{workspace: Finance, src: "bad.rdl,files/none.rdl"}}
      check_mode: true
      ignore_errors: true
    - name: nowhere
      community.powerbi.powerbi_deploy: {{workspace: Finance, src: only-here}}
      ignore_errors: true
    - name: written
      community.powerbi.powerbi_api: {{path: /groups, dest: groups.json}}
    - name: a key that is False
      community.powerbi.powerbi_deploy:
        workspace: Finance
        src: content
        environment: "NO"
        parameters: {{find_replace: [{{find_value: warehouse-dev.example.com, replace_value: {{NO: x}}}}]}}
      check_mode: true
      ignore_errors: true
    - name: secrets
      community.powerbi.powerbi_api:
        api: fabric
        method: POST
        path: /workspaces/{SALES}/folders
        body: {{displayName: x, credentialDetails: {{credentials: '{{"password": "{{{{ needle }}}}"}}'}}}}
        headers: {{X-Api-Key: "{{{{ needle }}}}"}}
      check_mode: true
    - name: more secrets
      community.powerbi.powerbi_api: {{path: /x, body: {{password: "{{{{ needle }}}}"}}, colour: red}}
      ignore_errors: true
    - name: place
      community.powerbi.powerbi_api: {{method: POST, path: {UPLOAD}}}
      register: place
    - name: its use
      ansible.builtin.set_fact: {{usable: "{{{{ 'sig=' in place.json | string }}}}"}}
      no_log: true
    - name: shown
      community.powerbi.powerbi_api: {{method: POST, path: {UPLOAD}, show_secrets: true}}
"""


@pytest.fixture(scope="module", params=["here", "shipped"])
def run(request: pytest.FixtureRequest, emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Run:
    runner = AnsibleRunner(tmp_path_factory.mktemp(f"paths-{request.param}"))
    folder = runner.workdir / "plays"
    shutil.copytree(SAMPLE, folder / "files" / "content", ignore=shutil.ignore_patterns("parameter.yml"))
    shutil.copytree(
        SAMPLE, folder / "roles" / "sales" / "files" / "reports", ignore=shutil.ignore_patterns("parameter.yml")
    )
    tasks = folder / "roles" / "sales" / "tasks"
    tasks.mkdir()
    tasks.joinpath("main.yml").write_text(
        "- name: in the role\n  community.powerbi.powerbi_drift_info: {workspace: Finance, src: reports}\n"
    )
    rules = "find_replace:\n  - {find_value: warehouse-dev.example.com, replace_value: {NO: no.example.com, SE: x}}\n"
    (folder / "rules.yml").write_text(rules)
    (folder / "bad.rdl").write_text("<Report/>")
    (runner.workdir / "content").mkdir()  # of the current directory: not meant
    (runner.workdir / "only-here").mkdir()
    (folder / "site.yml").write_text(PLAYBOOK)
    extra = {"needle": NEEDLE}
    if request.param == "shipped":
        extra["ansible_python_interpreter"] = str(other_python(runner.workdir / "other"))
    return runner.playbook(folder / "site.yml", env=emulator.env, extra_vars=extra, verbosity=4, timeout=200).ok()


def folder_of(run: Run) -> Path:
    return run.workdir / "plays"


def test_a_source_is_found_as_copy_finds_it(run: Run) -> None:
    deployed = run.result("beside the playbook")
    assert not deployed.get("failed")
    assert deployed["invocation"]["module_args"]["src"] == str(folder_of(run) / "files" / "content")
    assert deployed.get("warnings") is None  # the rule for NO was used
    assert run.result("in the role")["invocation"]["module_args"]["src"].endswith("roles/sales/files/reports")


def test_a_source_that_is_nowhere_names_the_places(run: Run) -> None:
    message = run.result("nowhere")["msg"]
    assert "`src` only-here does not exist" in message
    assert str(folder_of(run) / "files" / "only-here") in message
    assert f"there is one in the current directory, {run.workdir / 'only-here'}" in message
    assert "`src` files/none.rdl does not exist" in run.result("a list of files")["msg"]


def test_what_is_written_goes_beside_the_playbook(run: Run) -> None:
    assert run.result("written")["dest"] == str(folder_of(run) / "groups.json")
    assert (folder_of(run) / "groups.json").is_file()


def test_a_key_that_yaml_has_changed_is_an_error(run: Run) -> None:
    assert "has the key False, which is no text" in run.result("a key that is False")["msg"]


def test_secrets_of_a_body_are_shown_nowhere(run: Run) -> None:
    assert NEEDLE not in run.output
    for task in ("secrets", "more secrets"):
        assert NEEDLE not in str(run.result(task).result)
    shown = run.result("secrets")["invocation"]["module_args"]["body"]
    assert shown == {"displayName": "x", "credentialDetails": {"credentials": "********"}}


def test_a_signed_url_is_hidden_but_can_be_used(run: Run) -> None:
    assert "censored" in run.result("place").result
    assert "sig=" in run.result("shown")["json"]["Url"]
    assert run.output.count("sig=") <= 1 + run.output.count("'sig=' in")
