# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user sees while a task runs: real ansible-playbook runs in a pseudo terminal, and with their output in a pipe."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from harness.ansible_run import AnsibleRunner
from harness.content import SAMPLE, models_and_reports
from harness.emulator import Emulator
from harness.files import pbix
from harness.modules import Modules
from harness.portal import FINANCE
from harness.terminal import Seen, see

REFRESH: t.Final = """
    - name: Refresh {name}
      community.powerbi.powerbi_refresh:
        workspace: Finance
        semantic_model: Sales
        objects: [{{table: Sales}}, {{table: Date}}]
        {options}
      ignore_errors: true
"""
PLAY: t.Final = "- hosts: localhost\n  gather_facts: false\n  tasks:\n"


def play(runner: AnsibleRunner, emulator: Emulator, tasks: str, *, terminal: bool, **env: str) -> Seen:
    command, environment = runner.command(PLAY + tasks, env={**emulator.env, **env})
    return see(command, env=environment, cwd=runner.workdir, terminal=terminal)


def events(path: Path) -> list[dict[str, t.Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.everycore
def test_in_a_terminal_lines_appear_while_the_task_runs(
    ansible: AnsibleRunner, fresh_emulator: Emulator, tmp_path: Path
) -> None:
    Modules(fresh_emulator)("powerbi_item", workspace=FINANCE, src=str(SAMPLE / "Sales.SemanticModel"))
    fresh_emulator.tenant(refresh_time=5.5)
    tasks = (
        REFRESH.format(name="with lines", options=f"progress_file: {tmp_path}/progress.jsonl")
        + REFRESH.format(name="without lines", options="progress: false")
        + REFRESH.format(name="with an unwritable file", options="progress_file: /nowhere/progress.jsonl")
    )
    seen = play(ansible, fresh_emulator, tasks, terminal=True)
    [task, quiet] = [seen.matching(f"TASK .Refresh {name}")[0] for name in ("with lines", "without lines")]
    shown = seen.matching("^progress: ")
    assert shown, seen.text
    assert all(task.seconds <= line.seconds <= quiet.seconds for line in shown)
    first = shown[0]
    assert first.seconds < quiet.seconds - 1.5, "it appeared while the task ran"
    assert first.text.startswith("progress: [localhost] Finance, Sales: 3 s, refresh of Sales, "), first.text
    assert "0 of 2 tables refreshed (now Sales, Date)" in first.text
    assert seen.matching("`progress_file` /nowhere/progress.jsonl can't be written")
    assert len(fresh_emulator.requests(r"/refreshes$", "POST")) == 2, "the file is an error before the first request"
    found = events(tmp_path / "progress.jsonl")
    assert [one["tables"] for one in found if one["event"] == "refresh"] == [
        {"Sales": "inprogress", "Date": "inprogress"},
        {"Sales": "completed", "Date": "completed"},
    ]


def test_in_a_log_a_line_appears_each_half_minute(
    ansible: AnsibleRunner, fresh_emulator: Emulator, tmp_path: Path
) -> None:
    """Of a deployment in which an item fails. The import after it takes less than half a minute, and shows none."""
    src = models_and_reports(tmp_path / "content", 1, 2)
    fresh_emulator.tenant(operation_time=16)
    fresh_emulator.fault(path=r"/items$", method="POST", skip=2, times=1, status=400, code="Broken")
    file = tmp_path / "progress.jsonl"
    tasks = f"""
    - name: Deploy
      community.powerbi.powerbi_deploy:
        workspace: Finance
        src: {src}
        on_error: continue
        progress_file: {file}
      ignore_errors: true
    - name: Import
      community.powerbi.powerbi_import:
        workspace: Sales
        src: {pbix(tmp_path / "Upload.pbix", padding=3 << 20)}
        fingerprint: false
        progress_file: {file}
"""
    seen = play(ansible, fresh_emulator, tasks, terminal=False, PYTHONUNBUFFERED="1")
    [line, last] = seen.matching("^progress: ")
    [task] = seen.matching("TASK .Deploy")
    assert 29 < line.seconds - task.seconds < 45
    assert "Finance: 30 s, 1 of 3 items done, 1 running, 1 failed, " in line.text
    assert ".Report: creation, " in line.text
    assert "2 of 3 items done, 1 failed" in last.text
    found = events(file)
    deployed = [(one["event"], one["item"]) for one in found if one["subject"] == "Finance" and "item" in one]
    assert deployed[:2] == [("started", "Sales 000.SemanticModel"), ("waiting", "Sales 000.SemanticModel")]
    ended = {event: item for event, item in deployed if event in ("finished", "failed")}
    assert {ended["finished"], ended["failed"]} == {"View 000.Report", "View 001.Report"}
    waits = next(one["waits"] for one in found if one.get("item") == ended["finished"] and one["event"] == "finished")
    assert [(wait["kind"], wait["what"]) for wait in waits] == [
        ("dependency", "Sales 000.SemanticModel"),
        ("operation", f"creation of {ended['finished']}"),
    ]
    sent = [one for one in found if one["event"] == "upload"]
    assert sent[-1]["item"] == "Upload.Report"
    assert sent[-1]["sent"] == sent[-1]["size"] > 3_000_000
