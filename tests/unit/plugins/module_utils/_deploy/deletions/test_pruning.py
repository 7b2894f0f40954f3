# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What pruning deletes: never what is desired, protected or of another owner, never more than was allowed."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.community.powerbi.plugins.module_utils._api.items import Item
from ansible_collections.community.powerbi.plugins.module_utils._content.item import LocalItem
from ansible_collections.community.powerbi.plugins.module_utils._deploy.deletions.pruning import (
    prune,
    unmatched_protect,
)
from ansible_collections.community.powerbi.plugins.module_utils._deploy.identity.matches import Matches
from ansible_collections.community.powerbi.plugins.module_utils._deploy.identity.owner import Owner
from ansible_collections.community.powerbi.plugins.module_utils._deploy.item_plan import DELETE, ItemPlan
from ansible_collections.community.powerbi.plugins.module_utils._deploy.options import PruneOptions
from ansible_collections.community.powerbi.plugins.module_utils._deploy.remote import RemoteWorkspace
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError
from fakes.wire import wire
from fakes.workspace import WORKSPACE, desired_of, local

OURS = "[powerbi_deploy]"
FROM_FILE = f"[powerbi_deploy f:{'f' * 22} m:{'d' * 11}]"


def live_with(*items: Item) -> RemoteWorkspace:
    live = RemoteWorkspace(wire([]).client, WORKSPACE, timeout=60.0)
    live.replace(items)
    return live


def item(label: str, description: str = OURS) -> Item:
    name, _dot, item_type = label.rpartition(".")
    return Item(f"id of {label}", item_type, name, description)


def pruned(
    live: RemoteWorkspace,
    *plans: ItemPlan,
    outside: t.Sequence[LocalItem] = (),
    prune_: str = "deployed",
    **options: t.Any,
) -> list[str]:
    desired = desired_of(outside=outside)
    matches = Matches(desired, live)
    for local_item, items in ((plan.local, plan.before) for plan in plans):
        assert local_item is not None
        matches.record(local_item, items)
    for local_item in outside:
        matches.record(local_item, [one for one in live.all() if one.key == local_item.key])
    found = prune(desired, matches, plans, live, Owner(), PruneOptions(prune_, **options))
    assert {plan.action for plan in found} <= {DELETE}
    return [plan.label for plan in found]


TYPES = st.sampled_from(["Report", "SemanticModel", "Notebook", "SQLEndpoint"])
LIVE = st.lists(
    st.tuples(st.sampled_from("abcdef"), TYPES, st.sampled_from(["", "Text", OURS, FROM_FILE])),
    unique_by=lambda one: one[:2],
    max_size=10,
)


@given(
    there=LIVE,
    kept=st.sets(st.integers(0, 9)),
    mode=st.sampled_from(["none", "deployed", "all"]),
    protect=st.lists(st.sampled_from(["a.*", "*.Report", "[bc].SemanticModel", "*"]), max_size=2),
    most=st.one_of(st.none(), st.integers(0, 5)),
)
@settings(deadline=None, max_examples=300)
def test_what_may_go(there: t.Any, kept: set[int], mode: str, protect: list[str], most: int | None) -> None:
    items = [item(f"{name}.{item_type}", description) for name, item_type, description in there]
    live = live_with(*items)
    plans = [ItemPlan(local(f"{one.name}.{one.type}"), (one,)) for n, one in enumerate(items) if n in kept]
    options: dict[str, t.Any] = {"prune_": mode, "protect": protect}
    found = pruned(live, *plans, **options)
    if most is not None and len(found) > most:
        with pytest.raises(ConfigError) as caught:
            pruned(live, *plans, **options, max_deletions=most)
        assert caught.value.option == "max_deletions"
    else:
        assert pruned(live, *plans, **options, max_deletions=most) == found
    assert len(found) == len(set(found))
    gone = [one for one in items if f"{one.name}.{one.type}" in found]
    assert len(gone) == len(found)
    assert mode != "none" or not gone
    assert not any(plan.live in gone for plan in plans)
    assert not any(one.type == "SQLEndpoint" for one in gone)
    for one in gone:
        assert not ("*" in protect or ("a.*" in protect and one.name == "a"))
        assert not ("*.Report" in protect and one.type == "Report")
        with_its_file = one.type == "Report" and item(f"{one.name}.SemanticModel", FROM_FILE) in gone
        assert mode == "all" or one.description in (OURS, FROM_FILE) or with_its_file
    kinds = [label.endswith(".SemanticModel") for label in found]
    assert kinds == sorted(kinds), "a model goes after the reports that are bound to it"


def test_what_the_patterns_left_out_of_the_folder_stays() -> None:
    live = live_with(item("A.Report"), item("B.Report"))
    assert pruned(live, outside=[local("a.Report")]) == ["B.Report"]


def test_the_report_of_a_file_goes_with_the_model_that_has_the_fingerprint() -> None:
    live = live_with(item("A.SemanticModel", FROM_FILE), item("A.Report", ""), item("B.Report", ""))
    assert pruned(live) == ["A.Report", "A.SemanticModel"]
    assert pruned(live, protect=["A.Report"]) == ["A.SemanticModel"]
    assert pruned(live_with(item("A.SemanticModel"), item("A.Report", ""))) == ["A.SemanticModel"]


def test_too_many_deletions_are_an_error_with_their_names() -> None:
    live = live_with(*(item(f"{n:02d}.Notebook") for n in range(1025)))
    with pytest.raises(ConfigError, match="1025 items would be deleted, but max_deletions is 11") as caught:
        pruned(live, max_deletions=11)
    assert "00.Notebook" in caught.value.why
    assert caught.value.why.endswith(" and 1,005 more")
    assert len(pruned(live, max_deletions=1025)) == 1025


@pytest.mark.parametrize("pattern", ["Board [EU].Report", "board [eu].*", "BOARD*.report"])
def test_protection_knows_names_in_any_case_and_with_brackets(pattern: str) -> None:
    if pattern == "board [eu].*":
        pattern = "board [[]eu].*"
    assert pruned(live_with(item("Board [EU].Report")), protect=[pattern]) == []


@pytest.mark.parametrize("pattern", ["Finance/Board.Report", "Bord.Report", "Board", "Finance/"])
def test_a_protection_that_fits_nothing_is_a_warning(pattern: str) -> None:
    live = live_with(item("Board.Report"))
    [problem] = unmatched_protect(desired_of(), live, PruneOptions(prune="all", protect=["*.Report", pattern]))
    assert (problem.severity, problem.file) == ("warning", "protect")
    assert f"{pattern!r} fits no item" in problem.what


def test_a_protection_of_what_is_deployed_for_the_first_time_is_as_it_should_be() -> None:
    options = PruneOptions(prune="all", protect=["Sales.Report"])
    assert list(unmatched_protect(desired_of(local("Sales.Report")), live_with(), options)) == []


def test_without_pruning_there_is_nothing_to_protect() -> None:
    assert list(unmatched_protect(desired_of(), live_with(), PruneOptions(protect=["Sales.Report"]))) == []
