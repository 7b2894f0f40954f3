# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules that do nothing: each is reported, with what is likely to be wrong with it."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content.item import LocalItem
from ansible_collections.community.powerbi.plugins.module_utils._content.parameters import rule_coverage
from ansible_collections.community.powerbi.plugins.module_utils._content.parameters.file import from_option
from ansible_collections.community.powerbi.plugins.module_utils._content.parameters.substitution import substitute

GUID = "f01de400-0000-4000-8000-00000000abcd"


def local(name: str = "Sales", text: str = f"server dev, {GUID}", about: str = "{}") -> LocalItem:
    parts = {"a.txt": text.encode(), "b.json": b'{"key": 1}', ".platform": about.encode()}
    return LocalItem("Report", name, "definition", "/x", f"{name}.Report", parts=parts)


def findings(
    rules: list[dict[str, t.Any]] | dict[str, t.Any], outside: t.Sequence[LocalItem] = (), **options: t.Any
) -> list[str]:
    found = from_option(rules, "PROD")
    assert found.problems == ()
    item = options.pop("item", None) or local()
    hits = substitute(item, found.rules).hits
    options.setdefault("models", [])
    problems = rule_coverage.without_effect(found.rules, [item], hits, outside=outside, **options)
    return [f"{problem.severity} {problem}" for problem in problems]


@pytest.mark.parametrize(
    "rule",
    [
        {"find": "dev", "replace": "prod"},
        {"find": "DEV", "replace": "prod", "ignore_case": True},
        {"find": "server (\\w+)", "replace": "prod", "regex": True},
        {"key": "$.key", "value": 2},
        {"find": GUID.upper(), "replace": "x"},
        {"find": f"dev, ({GUID.upper()})", "replace": "x", "regex": True},
        {"find": "dev", "replace": "dev"},  # found, though it makes no difference
    ],
)
def test_a_rule_that_finds_something_is_not_reported(rule: dict[str, t.Any]) -> None:
    assert findings([rule]) == []


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"find": "test", "replace": "prod"}, "find_value is not found"),
        ({"find": "(te)st", "replace": "prod", "regex": True}, "find_value is not found"),
        ({"find": "(SERVER)", "replace": "x", "regex": True}, "in other case only"),
        ({"key": "$.kee", "value": 2}, "find_key matches nothing"),
        ({"find": "dev", "replace": "x", "item_name": "Salez"}, "match no file"),
        ({"find": "dev", "replace": "x", "item_name": ["Sales", "Sale"]}, "no item has the item_name 'Sale'"),
        ({"find": "dev", "replace": "x", "item_name": ["Sales", "sales"]}, "Write 'Sales'"),
        ({"find": "dev", "replace": "x", "path": ["**/a.txt", "**/A.txt"]}, "no file has the file_path '**/A.txt'"),
    ],
)
def test_a_rule_that_does_nothing_is_a_warning(rule: dict[str, t.Any], message: str) -> None:
    [finding] = findings([rule])
    assert finding.startswith("warning parameters[0]")
    assert message in finding


def test_a_text_that_only_the_platform_file_has_is_said_so() -> None:
    [finding] = findings([{"find": "Old name", "replace": "x"}], item=local(about='{"displayName": "Old name"}'))
    assert "in .platform only" in finding


ABOUT = '{"metadata": {"displayName": "Sales", "description": "For dev"}, "config": {"logicalId": "x-1"}}'


@pytest.mark.parametrize(
    "rule",
    [
        {"find": "Sales", "replace": "Sales (prod)"},
        {"find": "For (dev)", "replace": "prod", "regex": True},
        {"find": "dev", "replace": "prod", "path": "**/.platform"},
        {"key": "$.metadata.displayName", "value": "Sales (prod)"},
        {"key": "$..description", "value": "For prod"},
        {"key": "$.config.logicalId", "value": "y", "path": "*.Report/.platform"},
    ],
)
def test_a_rule_that_is_aimed_at_the_platform_file_is_refused(rule: dict[str, t.Any]) -> None:
    item = dataclasses.replace(local(text="other", about=ABOUT), description="For dev")
    [finding] = findings([rule], item=item)
    assert finding.startswith("error parameters[0]: rules do not change .platform")


def test_a_rule_that_also_matches_a_name_is_a_warning() -> None:
    item = dataclasses.replace(local(text="Sales of dev", about=ABOUT), description="For dev")
    [finding] = findings([{"find": "dev", "replace": "prod"}], item=item, strict=True)
    assert finding.startswith(
        "warning parameters[0]: the rule also matches the name or the description of Sales.Report"
    )
    assert findings([{"find": "dev", "replace": "prod", "path": "**/a.txt"}], item=item) == []


def test_strict_rules_make_errors_of_it() -> None:
    [finding] = findings([{"find": "test", "replace": "prod"}], strict=True)
    assert finding.startswith("error ")


def test_a_rule_for_what_the_patterns_leave_out_is_as_it_should_be() -> None:
    assert findings([{"find": "other", "replace": "x"}], outside=[local("Other", "other")]) == []


def test_of_a_single_item_only_the_rules_for_it_count() -> None:
    rules = [{"find": "x", "replace": "y", "item_name": "Other"}, {"find": "nowhere", "replace": "y"}]
    [finding] = findings(rules, single=True)
    assert "parameters[1]" in finding


def test_a_binding_of_a_model_that_is_not_there_is_a_warning() -> None:
    bound = {"connection_id": {"PROD": GUID}, "semantic_model_name": ["Sales", "sales", "Gone"]}
    rules = {"semantic_model_binding": {"models": [bound]}}
    found = findings(rules, models=["Sales"])
    assert [text.partition(". ")[0].rpartition(":")[2].strip() for text in found] == [
        "the folder holds no semantic model 'Gone', so its binding does nothing",
        "the folder holds no semantic model 'sales', so its binding does nothing",
    ]
    assert "Write 'Sales'" in found[1]
