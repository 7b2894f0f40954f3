# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""powerbi_content_info in playbooks: nothing is needed but the folder, on the controller and on a bare target."""

from __future__ import annotations

import json
import shutil
import typing as t
from pathlib import Path

from harness.ansible_run import REPOSITORY, AnsibleRunner
from harness.emulator import Emulator
from harness.python import bare_python

SAMPLE: t.Final = REPOSITORY / "playbooks" / "files" / "sample"
BROKEN: t.Final = {  # each of them stops every module that logs in or sends a request
    "POWERBI_AUTH_METHOD": "none such",
    "POWERBI_CONFIG": "/nowhere/profiles.ini",
    "AZURE_CLIENT_ID": "x",
    "HTTPS_PROXY": "not a url",
    "REQUESTS_CA_BUNDLE": "/nowhere/ca.pem",
}


def content(folder: Path) -> Path:
    shutil.copytree(SAMPLE, folder)
    (folder / "Sales.SemanticModel" / "definition" / "model.tmdl").write_text("model Model\n\t= 1\n", encoding="utf-8")
    return folder


def test_the_controller_and_a_bare_target_find_the_same(ansible: AnsibleRunner, tmp_path: Path) -> None:
    content(ansible.workdir / "content")
    common = {"src": "content", "sarif_path": "out/a.sarif", "junit_path": "out/a.xml"}
    tasks = [
        {"name": "check mode", "community.powerbi.powerbi_content_info": common, "check_mode": True},
        {"name": "first", "community.powerbi.powerbi_content_info": common},
        {
            "name": "shipped",
            "community.powerbi.powerbi_content_info": common,
            "vars": {"ansible_python_interpreter": str(bare_python(tmp_path / "bare"))},
        },
        {
            "name": "failing",
            "community.powerbi.powerbi_content_info": {**common, "fail_on": "errors"},
            "ignore_errors": True,
        },
    ]
    run = ansible.playbook(tasks, env=BROKEN).ok()

    results = {name: run.result(name) for name in ("check mode", "first", "shipped", "failing")}
    assert {name: result.changed for name, result in results.items()} == {
        "check mode": True, "first": True, "shipped": False, "failing": False,
    }  # fmt: skip
    values = ("valid", "content_items", "references", "rules", "problems", "error_count", "warning_count")
    assert all(results["first"][name] == results[other][name] for name in values for other in results)
    (problem,) = [one for one in results["first"]["problems"] if one["severity"] == "error"]
    assert (problem["code"], problem["line"]) == ("tmdl", 2)
    assert results["failing"].status == "failed"
    assert "Sales.SemanticModel/definition/model.tmdl:2" in results["failing"]["msg"]
    sarif = json.loads((ansible.workdir / "out" / "a.sarif").read_text(encoding="utf-8"))
    assert len(sarif["runs"][0]["results"]) == len(results["first"]["problems"])


def test_what_it_finds_a_deployment_in_check_mode_finds(
    ansible: AnsibleRunner, fresh_emulator: Emulator, tmp_path: Path
) -> None:
    folder = content(tmp_path / "content")
    common = {"src": str(folder), "environment": "PROD", "parameters": [{"find": "nowhere", "replace": "x"}]}
    tasks = [
        {"name": "info", "community.powerbi.powerbi_content_info": common},
        {
            "name": "deploy",
            "community.powerbi.powerbi_deploy": {"workspace": "Finance", **common},
            "check_mode": True,
            "ignore_errors": True,
        },
    ]
    run = ansible.playbook(tasks, env=fresh_emulator.env).ok()
    assert run.result("info")["problems"]
    assert run.result("deploy")["error"]["problems"] == run.result("info")["problems"]
