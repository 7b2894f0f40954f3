# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""playbooks/tenant_check.yml: on the emulator it finds no difference, and of a rule that is switched off it finds that one."""

from __future__ import annotations

import json
import re
import typing as t
from pathlib import Path

import pytest
import yaml

from harness.ansible_run import REPOSITORY, AnsibleRunner, Run
from harness.emulator import Emulator
from harness.portal import Portal
from powerbi_emulator.behaviours import read_behaviours

PLAYBOOK: t.Final = REPOSITORY / "playbooks" / "tenant_check.yml"
TASKS: t.Final = REPOSITORY / "playbooks" / "tasks" / "tenant_check"
RULES: t.Final = {path.stem for path in TASKS.glob("*.yml")} - {"record", "report", "rule", "write"}


def _check(ansible: AnsibleRunner, emulator: Emulator, folder: Path, **variables: t.Any) -> Run:
    options = {"tenant_check_dir": str(folder), **variables}
    return ansible.playbook(PLAYBOOK, env=emulator.env, extra_vars=options)


def _verdicts(folder: Path) -> dict[str, str]:
    lines = json.loads((folder / "tenant-check.json").read_text(encoding="utf-8"))
    return {line["rule"]: line["verdict"] for line in lines}


def test_the_emulator_is_as_expected_and_is_left_as_it_was(
    ansible: AnsibleRunner, fresh_emulator: Emulator, tmp_path: Path
) -> None:
    before = Portal(fresh_emulator).call("GET", "/v1.0/myorg/groups")["value"]
    run = _check(ansible, fresh_emulator, tmp_path, tenant_check_write=True).ok()
    assert _verdicts(tmp_path) == dict.fromkeys(RULES, "as expected"), run.output
    assert Portal(fresh_emulator).call("GET", "/v1.0/myorg/groups")["value"] == before


def test_rules_that_are_switched_off_are_found_and_nothing_of_the_tenant_is_recorded(
    ansible: AnsibleRunner, fresh_emulator: Emulator, tmp_path: Path
) -> None:
    fresh_emulator.tenant(
        creation_drops_description=True,
        destructive_updates_refused=False,
        soft_deletion=False,
        imports_refuse_df=True,
    )
    run = _check(ansible, fresh_emulator, tmp_path, tenant_check_write=True).failed()
    different = {rule for rule, verdict in _verdicts(tmp_path).items() if verdict != "as expected"}
    off = ["creation-drops-description", "purge-required", "purge-required-further", "imports-of-df", "soft-deletion"]
    assert different == set(off), run.output
    assert ", ".join(off) in run.output
    for name in ("tenant-check.md", "tenant-check.json"):
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", text, re.IGNORECASE)
        for needle in ("Contoso", "Sales", "eyJ", "localhost", "contoso", "Megan"):
            assert needle not in text, name


def test_without_consent_nothing_is_written(ansible: AnsibleRunner, fresh_emulator: Emulator, tmp_path: Path) -> None:
    _check(ansible, fresh_emulator, tmp_path, tenant_check_write=False).ok()
    assert Portal(fresh_emulator).writes() == []
    assert "apps-forbidden" in _verdicts(tmp_path)
    assert "purge-required" not in _verdicts(tmp_path)


def test_each_rule_is_a_behaviour_and_each_guess_is_checked_or_has_a_reason() -> None:
    play = yaml.safe_load(PLAYBOOK.read_text(encoding="utf-8"))[0]
    not_checked = play["vars"]["tenant_check_not_checked"]
    behaviours = {row.id: row.kind for row in read_behaviours()}
    assert behaviours.keys() >= RULES
    guesses = {name for name, kind in behaviours.items() if kind == "guess"}
    assert not_checked.keys() == guesses - RULES
    assert all(isinstance(why, str) and why for why in not_checked.values())


@pytest.mark.parametrize("rule", sorted(RULES))
def test_each_rule_is_run(rule: str) -> None:
    run = (PLAYBOOK.read_text(encoding="utf-8"), (TASKS / "write.yml").read_text(encoding="utf-8"))
    assert sum(f"- {rule}\n" in text for text in run) == 1
