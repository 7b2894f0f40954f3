# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results of the three modules as one entry of the plan or the report of the role powerbi_deploy."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.community.powerbi.plugins.filter.powerbi_deploy_summary import FilterModule

summarise = FilterModule().filters()["powerbi_deploy_summary"]

NEW_WORKSPACE: t.Final = {
    "changed": True,
    "diff": {"before": {}, "after": {"id": "", "name": "Sales", "description": "", "capacity_id": "c1"}},
}
UPDATE: t.Final = {
    "plan": [
        {"name": "Sales", "type": "SemanticModel", "folder": "Finance", "action": "update", "changes": ["a measure"]}
    ],
    "diff": [
        {
            "before": "a\n",
            "after": "b\n",
            "before_header": "Finance/Sales.SemanticModel/x.tmdl (live)",
            "after_header": "Finance/Sales.SemanticModel/x.tmdl",
        },
        {
            "before": "c\n",
            "after": "d\n",
            "before_header": "Sales.SemanticModel/x.tmdl (live)",
            "after_header": "other",
        },
    ],
}


def test_a_new_workspace_names_its_capacity() -> None:
    entry = summarise({"name": "Sales", "capacity": "Contoso F64", "workspace": NEW_WORKSPACE})
    assert entry["action"] == "create"
    assert entry["changes"] == [
        {"property": "name", "before": "", "after": "Sales"},
        {"property": "capacity", "before": "", "after": "Contoso F64 (c1)"},
    ]


@pytest.mark.parametrize("capacity", ["C1", "", "none", None])
def test_an_id_as_capacity_stands_alone(capacity: str | None) -> None:
    entry = summarise({"name": "Sales", "capacity": capacity, "workspace": NEW_WORKSPACE})
    assert entry["changes"][-1]["after"] == "c1"


def test_an_equal_workspace_is_unchanged() -> None:
    same = {"id": "1", "name": "Sales", "description": ""}
    entry = summarise(
        {"name": "Sales", "workspace": {"diff": {"before": same, "after": {**same, "description": None}}}}
    )
    assert (entry["action"], entry["changes"]) == ("unchanged", [])


def test_each_principal_has_its_role_before_and_after() -> None:
    diff = {
        "before": {"a": "admin", "b": "viewer", "c": "member"},
        "after": {"a": "admin", "b": "member", "d": "viewer"},
    }
    rows = summarise({"name": "Sales", "access": {"diff": diff}})["access"]
    assert [(row["principal"], row["action"], row["before"], row["after"]) for row in rows] == [
        ("b", "change", "viewer", "member"),
        ("c", "remove", "member", ""),
        ("d", "add", "", "viewer"),
        ("a", "unchanged", "admin", "admin"),
    ]


def test_the_diff_of_an_item_is_its_own() -> None:
    item = summarise({"name": "Sales", "content": UPDATE})["items"][0]
    assert item["diff"].splitlines()[:2] == [
        "--- Finance/Sales.SemanticModel/x.tmdl (live)",
        "+++ Finance/Sales.SemanticModel/x.tmdl",
    ]
    assert item["diff"].splitlines()[-2:] == ["-a", "+b"]


def test_a_long_diff_is_cut_with_a_note() -> None:
    entry = summarise({"name": "Sales", "content": UPDATE}, max_diff_lines=2)
    assert entry["items"][0]["diff"].splitlines()[2:] == ["... 3 more lines are not shown"]


def test_the_fence_is_longer_than_any_run_of_backticks_in_a_diff() -> None:
    part = {**UPDATE["diff"][0], "after": "````\n"}
    assert summarise({"name": "Sales", "content": {**UPDATE, "diff": [part]}})["fence"] == "`````"


@pytest.mark.parametrize("where", ["error", None])
def test_a_failure_after_a_write(where: str | None) -> None:
    details = {"plan": UPDATE["plan"], "failed_items": [{"item": "Sales"}], "skipped_items": ["B.Report"]}
    failure = {"failed": True, "changed": True, "msg": "It broke.", **({where: details} if where else details)}
    entry = summarise({"name": "Sales", "workspace": NEW_WORKSPACE, "content": failure})
    assert (entry["error"], entry["partial"]) == ("It broke.", True)
    assert (entry["failed"], entry["skipped"]) == ([{"item": "Sales"}], ["B.Report"])
    assert entry["items"][0]["name"] == "Sales.SemanticModel"
    assert entry["action"] == "create"


def test_a_workspace_that_failed_without_a_change_is_failed() -> None:
    entry = summarise({"name": "Sales", "workspace": {"failed": True, "msg": "No permission."}})
    assert (entry["action"], entry["partial"], entry["error"]) == ("failed", False, "No permission.")


def test_a_skipped_step_is_none() -> None:
    entry = summarise({"name": "Sales", "access": {"skipped": True, "diff": {"before": {}, "after": {"a": "admin"}}}})
    assert entry["access"] == []


@pytest.mark.parametrize("steps", [None, "Sales", {}, [{"name": "Sales"}]])
def test_a_wrong_input_is_refused(steps: t.Any) -> None:
    with pytest.raises(AnsibleFilterError, match="needs a dictionary with the key 'name'"):
        summarise(steps)
