# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/deploying.md: its table is made from the rules of the comparison (UPDATE_DOCS=1), its playbooks fit the modules."""

from __future__ import annotations

import importlib
import os
import re
import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.community.powerbi.plugins.module_utils._content import item_types
from ansible_collections.community.powerbi.plugins.module_utils._content.comparison_rules import RULES
from ansible_collections.community.powerbi.plugins.module_utils._content.item_types import TYPES, ItemType
from ansible_collections.community.powerbi.plugins.module_utils._content.problem_codes import CODES

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "deploying.md"
_TYPES = re.compile(r"(<!-- types: [^\n]*-->\n)(.*?)(<!-- /types -->)", re.DOTALL)
_TABLE = re.compile(r"(<!-- rules: [^\n]*-->\n)(.*?)(<!-- /rules -->)", re.DOTALL)
_CODES = re.compile(r"(<!-- codes: [^\n]*-->\n)(.*?)(<!-- /codes -->)", re.DOTALL)
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
_LISTS = [
    found for found in map(yaml.safe_load, BLOCKS) if isinstance(found, list)
]  # the others are files of CI servers
TASKS = [task for tasks in _LISTS for task in tasks if "hosts" not in task]
PLAYS = [play for plays in _LISTS for play in plays if "hosts" in play]


def test_the_table_of_what_is_no_difference_is_that_of_the_code() -> None:
    rows = "".join(f"| {_cell(rule.scope)} | {_cell(rule.what)} | {_cell(rule.reason)} |\n" for rule in RULES)
    table = f"| In | No difference | Because |\n|---|---|---|\n{rows}"
    text = PAGE.read_text(encoding="utf-8")
    updated = _TABLE.sub(lambda found: found[1] + table + found[3], text)
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(updated, encoding="utf-8")
    assert updated == PAGE.read_text(encoding="utf-8"), "out of date: run this test with UPDATE_DOCS=1"
    assert table in updated


def test_the_table_of_item_types_is_that_of_the_code() -> None:
    rows: dict[tuple[str, ...], list[str]] = {}
    for name, row in TYPES.items():
        rows.setdefault(_type_cells(row), []).append(name)
    lines = "".join(f"| {', '.join(names)} | {' | '.join(cells)} |\n" for cells, names in rows.items())
    table = f"| Type | Definition | Needs a capacity | Besides |\n|---|---|---|---|\n{lines}"
    text = PAGE.read_text(encoding="utf-8")
    updated = _TYPES.sub(lambda found: found[1] + table + found[3], text)
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(updated, encoding="utf-8")
    assert updated == PAGE.read_text(encoding="utf-8"), "out of date: run this test with UPDATE_DOCS=1"
    assert table in updated


def test_the_table_of_codes_is_that_of_the_code() -> None:
    rows = "".join(f"| `{code}` | {meaning} |\n" for code, meaning in sorted(CODES.items()))
    table = f"| Code | Meaning |\n|---|---|\n{rows}"
    text = PAGE.read_text(encoding="utf-8")
    updated = _CODES.sub(lambda found: found[1] + table + found[3], text)
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(updated, encoding="utf-8")
    assert updated == PAGE.read_text(encoding="utf-8"), "out of date: run this test with UPDATE_DOCS=1"
    assert table in updated


def _type_cells(row: ItemType) -> tuple[str, str, str]:
    """The row in words: types that are alike share a line."""
    definition = ", ".join(
        content if pattern == "*" else f"{content} (`{pattern}`)" for pattern, content in row.formats
    )
    definition = definition or "yes"
    if not row.can_be_created:
        definition = "none; the API creates no such items, so they are refused"
    elif not row.has_definition:
        definition = f"none; creationPayload from `{row.payload}`"
    notes = {item_types.PUBLISH: "published after each write", item_types.VALUE_SET: "active value set"}
    besides = [notes[row.after]] if row.after else []
    besides += ["made in the root, then moved"] if row.in_root else []
    besides += [f"the name {row.name_rule[1]}"] if row.name_rule[0] else []
    return definition, "yes" if row.needs_capacity else "no", "; ".join(besides) or "-"


@pytest.mark.parametrize("task", TASKS, ids=lambda task: str(task["name"]))
def test_the_options_of_its_tasks_are_those_of_the_module(task: dict[str, t.Any]) -> None:
    (name,) = set(task) - {"name", "register"}
    if name.startswith("ansible.builtin."):
        pytest.skip("a module of Ansible's own")
    module = importlib.import_module(f"ansible_collections.community.powerbi.plugins.modules.{name.rpartition('.')[2]}")
    assert set(task[name]) <= set(module.ARGUMENT_SPEC)


def test_the_variables_of_its_play_are_those_of_the_role() -> None:
    specs = yaml.safe_load((ROOT / "roles/powerbi_deploy/meta/argument_specs.yml").read_text(encoding="utf-8"))
    options = specs["argument_specs"]["main"]["options"]
    (play,) = PLAYS
    (role,) = play["roles"]
    assert set(role["vars"]) <= set(options)
    (workspace,) = role["vars"]["powerbi_deploy_workspaces"]
    assert set(workspace) <= set(options["powerbi_deploy_workspaces"]["options"])


def test_every_option_that_it_speaks_of_exists() -> None:
    """Words in code type that may be options: those of the modules for content, the parameters and the results."""
    known: set[str] = set()
    names = ("deploy", "drift_info", "import", "content_info", "export", "refresh")
    for name in (f"powerbi_{one}" for one in names):
        module = importlib.import_module(f"ansible_collections.community.powerbi.plugins.modules.{name}")
        known |= set(module.ARGUMENT_SPEC)
        known |= set(yaml.safe_load(module.RETURN))
    text = re.sub(r"^```.*?^```$", "", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    named = {word.partition(":")[0] for word in re.findall(r"`([a-z]+(?:_[a-z]+)+(?:: \w+)?)`", text)}
    others = {
        "powerbi_deploy",
        "powerbi_import",
        "powerbi_content_info",
        "powerbi_drift_info",
        "powerbi_export",
        "powerbi_api",
        "powerbi_refresh",
        "powerbi_semantic_model",
        "role_members",
        "refresh_partitions",
        "powerbi_deploy_plan_only",
        "community_powerbi_deployment",  # the name of an annotation
    }
    others |= {
        "find_replace",
        "key_value_replace",
        "semantic_model_binding",
        "spark_pool",
        "find_value",
        "instance_pool_id",
        "is_regex",
        "item_type",
        "item_name",
        "file_path",
    }
    assert named - others <= known


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
