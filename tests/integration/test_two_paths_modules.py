# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module of the services' nouns gives the same result in the controller's process and shipped."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import pytest

import powerbi_emulator
from harness import contoso
from harness.ansible_run import AnsibleRunner, Run
from harness.content import SAMPLE
from harness.emulator import Emulator
from harness.python import other_python

SEED: t.Final = Path(powerbi_emulator.__file__).parent / "default_seed.yaml"
SALES: t.Final = "f01de400-0000-4000-8000-000000000001"
REFRESHED: t.Final = {"workspace": "Finance", "semantic_model": "Sales"}
QUERIED: t.Final = {"workspace": "Finance", "semantic_model": "Check"}
CHECK: t.Final = SAMPLE.parent / "tenant_check" / "Check.SemanticModel"
SCHEDULE: t.Final = {
    "workspace": "Finance",
    "semantic_model": "Sales",
    "days": ["Monday", "Friday"],
    "times": ["07:00"],
}
FOLDERS: t.Final = f"/workspaces/{SALES}/folders"

# Successes, changes, check mode and failures: module and options, and further keywords of the task. In order: each finds
# what those before it have left.
CASES: t.Final[dict[str, tuple[str, dict[str, t.Any], dict[str, t.Any]]]] = {
    "workspace that would be made": ("workspace", {"name": "Paths", "description": "ü {{ x }}"}, {"check_mode": True}),
    "access to it": (
        "workspace_access",
        {"workspace": "Paths", "principals": [{"principal": contoso.MEGAN["upn"], "role": "viewer"}]},
        {"check_mode": True},
    ),
    "workspace made": ("workspace", {"name": "Paths", "description": "ü"}, {}),
    "workspace unchanged": ("workspace", {"name": "paths", "description": "ü"}, {}),
    "workspace changed": ("workspace", {"name": "Paths", "capacity": "Contoso F64", "storage_format": "large"}, {}),
    "no such capacity": ("workspace", {"name": "Paths", "capacity": "F128"}, {}),
    "neither name nor id": ("workspace", {"description": "x"}, {}),
    "unknown option": ("workspace", {"name": "Paths", "colour": "red"}, {}),
    "unknown choice": ("workspace", {"name": "Paths", "state": "gone"}, {}),
    "name that is taken": ("workspace", {"name": "Board"}, {}),
    "access given": (
        "workspace_access",
        {
            "workspace": "Paths",
            "principals": [
                {"user": contoso.MEGAN["upn"], "role": "admin"},
                {"client_id": contoso.CERTIFICATE_APP.client_id, "role": "viewer"},
            ],
        },
        {},
    ),
    "access unchanged": (
        "workspace_access",
        {"workspace": "Paths", "principals": [{"id": contoso.MEGAN["upn"], "role": "admin"}]},
        {},
    ),
    "access exact": (
        "workspace_access",
        {"workspace": "Paths", "prune": True, "principals": [{"principal": contoso.MEGAN["upn"], "role": "viewer"}]},
        {},
    ),
    "principal and client_id": (
        "workspace_access",
        {"workspace": "Paths", "principals": [{"principal": "x", "client_id": "y", "role": "admin"}]},
        {},
    ),
    "no such workspace": ("workspace_access", {"workspace": "None such", "principals": []}, {}),
    "workspaces": ("workspace_info", {"details": True}, {}),
    "one workspace": ("workspace_info", {"name": "Sales"}, {}),
    "capacities": ("capacity_info", {}, {}),
    "gateways": ("gateway_info", {"sources": "yes"}, {}),
    "apps are for people": ("app_info", {}, {}),
    "api GET": ("api", {"path": "/groups", "query": {"$top": 1}}, {}),
    "api list": ("api", {"path": "/workspaces", "api": "fabric", "paginate": True}, {}),
    "api POST": ("api", {"path": FOLDERS, "api": "fabric", "method": "POST", "body": {"displayName": "Q1"}}, {}),
    "api POST in check mode": ("api", {"path": FOLDERS, "api": "fabric", "method": "POST"}, {"check_mode": True}),
    "api refused": ("api", {"path": "/groups/" + SALES, "method": "PATCH", "body": {"name": ""}}, {}),
    "api download": ("api", {"path": "/capacities", "dest": "DEST"}, {}),
    "body and src": ("api", {"path": "/x", "method": "POST", "body": {}, "src": "/x"}, {}),
    "model of a schedule": ("item", {"workspace": "Finance", "src": str(SAMPLE / "Sales.SemanticModel")}, {}),
    "schedule that would be changed": ("refresh_schedule", {**SCHEDULE, "enabled": True}, {"check_mode": True}),
    "schedule changed": ("refresh_schedule", {**SCHEDULE, "enabled": True}, {}),
    "schedule unchanged": ("refresh_schedule", {**SCHEDULE, "time_zone": "utc"}, {}),
    "unknown time zone": ("refresh_schedule", {**SCHEDULE, "time_zone": "Europe/Berlin"}, {}),
    "no such model": ("refresh_schedule", {"workspace": "Finance", "semantic_model": "None such"}, {}),
    "folder planned": ("folder", {"workspace": "Sales", "name": "Daily"}, {"check_mode": True}),
    "folder made": ("folder", {"workspace": "Sales", "name": "Daily", "parent": "Monthly"}, {}),
    "folder unchanged": ("folder", {"workspace": "Sales", "name": "daily", "parent": "monthly"}, {}),
    "folder not empty": ("folder", {"workspace": "Sales", "name": "Monthly", "state": "absent"}, {}),
    "no such folder": ("folder", {"workspace": "Sales", "id": SALES, "name": "Daily"}, {}),
    "refresh that would be started": ("refresh", REFRESHED, {"check_mode": True}),
    "refreshed": ("refresh", REFRESHED, {}),
    "refreshed not long ago": ("refresh", {**REFRESHED, "skip_if_newer_than": 3600}, {}),
    "partial batch with policy": (
        "refresh",
        {**REFRESHED, "commit_mode": "partial_batch", "apply_refresh_policy": True},
        {},
    ),
    "parameter set": ("semantic_model", {**REFRESHED, "parameters": {"Server": "warehouse.example"}}, {}),
    "parameter that would be set": (
        "semantic_model",
        {**REFRESHED, "take_over": True, "parameters": {"Server": "other.example"}},
        {"check_mode": True},
    ),
    "no such parameter": ("semantic_model", {**REFRESHED, "parameters": {"server": "x"}}, {}),
    "semantic models with details": ("semantic_model_info", {"workspace": "Finance", "details": True}, {}),
    "semantic model that is not there": ("semantic_model_info", {"workspace": "Finance", "dataset": "None such"}, {}),
    "semantic model to query": ("item", {"workspace": "Finance", "src": str(CHECK)}, {}),
    "query with another result": (
        "query",
        {**QUERIED, "queries": [{"query": 'EVALUATE ROW("a", 1, "b", BLANK())', "expect": {"a": 2, "c": "{{ x }}"}}]},
        {},
    ),
    "query with a mistake": ("query", {**QUERIED, "queries": [{"query": "EVALUATE Nothing"}]}, {"check_mode": True}),
    "semantic model that would be deleted": (
        "semantic_model",
        {**REFRESHED, "state": "absent", "allow_data_loss": True},
        {"check_mode": True},
    ),
    # make resource: rows go above this line
    "workspace absent": ("workspace", {"name": "Paths", "state": "absent"}, {}),
}

# What Ansible adds, and what is another's each time: ids that the service makes up, request ids, times.
OF_ANSIBLE: t.Final = re.compile(r"_ansible_|ansible_facts$|discovered_interpreter|deprecations$|exception$")
SUPPOSED: t.Final = "check mode supposes that an earlier task would have made it"  # only the controller knows
VARYING: t.Final = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"
)


def play(runner: AnsibleRunner) -> list[dict[str, t.Any]]:
    tasks: list[dict[str, t.Any]] = []
    for name, (module, options, keywords) in CASES.items():
        given = {**options, "cache": "none"}  # a target has no cache of the run
        if "dest" in given:
            given["dest"] = str(runner.workdir / "download.json")
        own = {"name": name, f"community.powerbi.powerbi_{module}": given, "register": "result", "ignore_errors": True}
        tasks += [
            {**own, **keywords},
            {"name": f"registered: {name}", "ansible.builtin.debug": {"msg": "{{ result }}"}},
        ]
    play = {"hosts": "localhost", "gather_facts": False, "vars": {"x": "templated"}, "tasks": tasks}
    return [play]


def leaves(value: t.Any, seeded: str, path: str = "") -> t.Iterator[tuple[str, t.Any]]:
    """``("kept.workspace.name", "Paths")`` and so on, without what differs from one moment to the next."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            if not OF_ANSIBLE.match(key) and key not in ("request_id", "milliseconds"):
                yield from leaves(item, seeded, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list) and value:
        for number, item in enumerate(value):
            yield from leaves(item, seeded, f"{path}.{number}")
    elif isinstance(value, str) and not value.endswith(SUPPOSED):
        yield path, VARYING.sub(lambda found: found[0] if found[0] in seeded else "(made up)", value)
    elif not isinstance(value, str):
        yield path, value


@pytest.fixture(scope="module")
def both(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """The same play two times, each time on the tenant as it was seeded."""
    runs = {}
    for way in ("here", "shipped"):
        runner = AnsibleRunner(tmp_path_factory.mktemp(way))
        extra = {"ansible_python_interpreter": str(other_python(runner.workdir / "other"))} if way == "shipped" else {}
        emulator.clean()
        runs[way] = runner.playbook(
            play(runner), env=emulator.env, extra_vars=extra, diff=True, verbosity=3, timeout=250
        ).ok()
    emulator.clean()
    return runs


def test_the_ways_are_two(both: dict[str, Run]) -> None:
    assert "AnsiballZ_powerbi_" not in both["here"].stdout
    assert "AnsiballZ_powerbi_" in both["shipped"].stdout


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_equal_results(case: str, both: dict[str, Run]) -> None:
    seeded = SEED.read_text(encoding="utf-8")
    found = []
    for run in both.values():
        seen, kept = run.result(case), run.result(f"registered: {case}")["msg"]
        place = str(run.workdir)
        outcome = {"status": seen.status, "seen": seen.result, "kept": kept}
        found.append({path: _placed(value, place) for path, value in leaves(outcome, seeded)})
    here, shipped = found
    assert {
        path: (here.get(path), shipped.get(path)) for path in {*here, *shipped} if here.get(path) != shipped.get(path)
    } == {}


def _placed(value: t.Any, place: str) -> t.Any:
    return value.replace(place, "(place)") if isinstance(value, str) else value
