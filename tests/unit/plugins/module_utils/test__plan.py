# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans: what is done, what is written, what diff shows; and that carrying one out leaves nothing to do."""

from __future__ import annotations

import copy
import json
import random
import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._plan import (
    Plan,
    members_plan,
    plan,
    plan_each,
    plan_whole,
    same_guid,
    same_text,
)

WORKSPACE = {"name": "Sales", "description": "", "capacity_id": "0F8FAD5B-D9CB-469F-A165-70867728950E"}


def test_create_writes_what_is_managed() -> None:
    result = plan({"name": "Sales", "description": None, "tags": []}, None, label="workspace Sales")
    assert (result.action, result.changed) == ("create", True)
    assert (result.before, result.after, result.changes) == (
        None,
        {"name": "Sales", "tags": []},
        {"name": "Sales", "tags": []},
    )
    assert result.diff() == {
        "before": {},
        "after": {"name": "Sales", "tags": []},
        "before_header": "workspace Sales (absent)",
        "after_header": "workspace Sales",
    }


def test_delete() -> None:
    result = plan(None, WORKSPACE, label="workspace Sales")
    assert (result.action, result.changed, result.before, result.after) == ("delete", True, WORKSPACE, None)
    assert result.diff()["after"] == {}
    assert result.diff()["after_header"] == "workspace Sales (absent)"


def test_absent_and_not_there() -> None:
    result = plan(None, None, label="workspace Sales")
    assert (result.action, result.changed) == ("none", False)
    diff = result.diff()
    assert (diff["before"], diff["before_header"]) == (diff["after"], diff["after_header"])


def test_only_what_is_set_is_compared() -> None:
    result = plan({"name": "Sales", "description": None}, {"name": "Sales", "description": "x", "id": "1"})
    assert (result.action, result.changes) == ("none", {})
    assert result.diff()["before"] == result.diff()["after"]


def test_update_writes_the_difference_and_shows_the_whole() -> None:
    result = plan({"name": "Sales", "description": "new"}, {"name": "Sales", "description": "old", "id": "1"})
    assert (result.action, result.changes) == ("update", {"description": "new"})
    assert result.after == {"name": "Sales", "description": "new", "id": "1"}
    assert result.before == {"name": "Sales", "description": "old", "id": "1"}


def test_an_empty_text_is_a_value() -> None:
    assert plan({"description": ""}, {"description": "x"}).changes == {"description": ""}


def test_a_key_that_the_service_left_out() -> None:
    assert plan({"description": ""}, {}).changed


def test_equal_values_keep_the_services_spelling() -> None:
    same = {"capacity_id": same_guid}
    result = plan({"capacity_id": WORKSPACE["capacity_id"].lower(), "description": "new"}, WORKSPACE, same=same)
    assert result.changes == {"description": "new"}
    assert result.after is not None
    assert result.after["capacity_id"] == WORKSPACE["capacity_id"]


def test_nested_mappings_are_compared_key_by_key() -> None:
    current = {"schedule": {"days": ["Monday"], "enabled": True, "zone": "UTC"}}
    assert not plan({"schedule": {"enabled": True, "days": None}}, current).changed
    result = plan({"schedule": {"enabled": False, "days": None}}, current)
    assert result.changes == {"schedule": {"enabled": False}}
    assert result.after == {"schedule": {"days": ["Monday"], "enabled": False, "zone": "UTC"}}


@pytest.mark.parametrize(
    ("same", "left", "right", "equal"),
    [
        (same_text, "Admin", "admin", True),
        (same_text, "Admin", "Member", False),
        (same_text, "Admin", None, False),
        (same_guid, "{ABC}", "abc", True),
        (same_guid, "ABC", None, False),
    ],
)
def test_sameness(same: t.Callable[[t.Any, t.Any], bool], left: t.Any, right: t.Any, equal: bool) -> None:
    assert same(left, right) is same(right, left) is equal


# --- sets ----------------------------------------------------------------------------------------------------------

MEMBERS = {"A@x.test": {"role": "Admin"}, "b@x.test": {"role": "Viewer"}, "self": {"role": "Admin"}}


def actions(plans: dict[str, Plan]) -> dict[str, str]:
    return {key: result.action for key, result in plans.items()}


def test_members_are_added_and_changed_but_not_removed() -> None:
    plans = plan_each({"a@x.test": {"role": "Member"}, "c@x.test": {"role": "Viewer"}}, MEMBERS)
    assert actions(plans) == {"a@x.test": "update", "c@x.test": "create"}


def test_purge_removes_the_others_but_those_to_keep() -> None:
    plans = plan_each({"a@x.test": {"role": "admin"}}, MEMBERS, prune=True, keep=["SELF"], same={"role": same_text})
    assert actions(plans) == {"a@x.test": "none", "b@x.test": "delete"}


def test_a_set_of_members_has_one_diff() -> None:
    plans = plan_each({"a@x.test": {"role": "Member"}, "c@x.test": {"role": "Viewer"}}, MEMBERS, prune=True)
    members = members_plan(MEMBERS, plans)._replace(label="access to Sales")
    assert members.changed
    assert {name: members.members(name) for name in ("create", "update", "delete")} == {
        "create": ["c@x.test"],
        "update": ["a@x.test"],
        "delete": ["b@x.test", "self"],
    }
    assert members.diff() == {
        "before": {"A@x.test": "Admin", "b@x.test": "Viewer", "self": "Admin"},
        "after": {"A@x.test": "Member", "c@x.test": "Viewer"},
        "before_header": "access to Sales",
        "after_header": "access to Sales",
    }
    assert not members_plan(members.after, plan_each(members.after, members.after, prune=True)).changed


@pytest.mark.parametrize(
    ("desired", "current", "action"),
    [
        ({"a": 1}, None, "create"),
        (None, {"a": 1}, "delete"),
        (None, None, "none"),
        ({"a": 1}, {"a": 1}, "none"),
        ({"a": 1}, {"a": 1, "b": 2}, "update"),
        ({"tags": {"x": 1}}, {"tags": {"x": 1, "y": 2}}, "update"),
    ],
)
def test_a_state_that_is_replaced_as_a_whole(desired: t.Any, current: t.Any, action: str) -> None:
    """A key that is missing on one side is a difference, also in nested mappings."""
    result = plan_whole(desired, current, label="x")
    assert (result.action, result.before, result.after) == (action, current, desired)


# --- properties ----------------------------------------------------------------------------------------------------


def _value(rng: random.Random, depth: int = 0) -> t.Any:
    if depth < 2 and rng.random() < 0.3:
        return {key: _value(rng, depth + 1) for key in rng.sample("abcd", rng.randint(0, 3))}
    return rng.choice([None, "", "x", "X", 0, 1, True, [], ["x"], ["x", "y"]])


def _state(rng: random.Random) -> dict[str, t.Any] | None:
    if rng.random() < 0.15:
        return None
    return {key: _value(rng) for key in rng.sample("abcdef", rng.randint(0, 5))}


@pytest.mark.parametrize("seed", range(10))
def test_a_plan_that_is_carried_out_leaves_nothing_to_do(seed: int) -> None:
    rng = random.Random(seed)
    for dummy in range(200):
        _execute(_state(rng), _state(rng))


def _execute(desired: dict[str, t.Any] | None, current: dict[str, t.Any] | None) -> None:
    given = copy.deepcopy((desired, current))
    first = plan(desired, current, label="thing")
    again = plan(desired, first.after, label="thing")
    assert again.action == "none"
    assert again.after == first.after
    assert (desired, current) == given  # nothing was changed on the way
    assert first.changed is (first.diff()["before"] != first.diff()["after"] or (current is None) != (desired is None))
    json.dumps(first.diff())
    if first.action == "update":
        assert first.changes
        assert set(first.changes) <= set(t.cast("dict[str, t.Any]", desired))
