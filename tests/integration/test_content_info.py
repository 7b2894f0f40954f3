# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""powerbi_content_info in playbooks: nothing is needed but the folder, on the controller and on a bare target."""

from __future__ import annotations

import json
import re
import shutil
import typing as t
from pathlib import Path

import pytest

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


@pytest.mark.parametrize("module", ["powerbi_deploy", "powerbi_content_info"])
def test_500_problems_are_printed_once_and_counted(
    ansible: AnsibleRunner, emulator: Emulator, tmp_path: Path, module: str
) -> None:
    """A text is in `msg` for people, there only of the first problems, and in the result for playbooks."""
    for number in range(500):
        report = tmp_path / "content" / f"Report {number:03}.Report"
        report.mkdir(parents=True)
        (report / "definition.pbir").write_text("{", encoding="utf-8")
    options: dict[str, t.Any] = {"src": str(tmp_path / "content")}
    options.update({"workspace": "Finance"} if module == "powerbi_deploy" else {"fail_on": "errors"})
    tasks = [
        {"name": "Many", f"community.powerbi.{module}": options, "register": "many", "ignore_errors": True},
        {
            "name": "Kept",
            "ansible.builtin.assert": {"that": ["many.msg is match('.*(problems were found|The content has)')"]},
        },
    ]
    run = ansible.playbook(tasks, env=emulator.env).ok()
    result = run.result("Many")
    error = result["error"]
    total = error["problem_count"]
    problems = result["problems"] if module == "powerbi_content_info" else error["problems"]
    assert total >= 500 and len(problems) == min(total, 1000 if module == "powerbi_content_info" else 200)
    assert ("problems" in error) == (module == "powerbi_deploy")
    assert re.search(r"; and [\d,]+ more", result["msg"])
    assert len(result["msg"]) < 10_000
    (printed,) = [line for line in run.stdout.splitlines() if line.startswith("fatal: ")]
    first, last = (f"Report {number:03}.Report/definition.pbir" for number in (0, 499))
    message = json.dumps(result["msg"])[1:-1]
    assert message in printed
    assert printed.replace(message, "").count(first) == len([one for one in problems if one["file"] == first])
    assert result["msg"].count(first) == len([one for one in problems if one["file"] == first])
    assert result["msg"].count(last) == 0
