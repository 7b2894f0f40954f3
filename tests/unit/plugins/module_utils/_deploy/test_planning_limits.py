# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a workspace can't take is refused at the plan: too many items, and types that need a capacity."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content.problem import ContentError
from ansible_collections.community.powerbi.plugins.module_utils._deploy.options import DeployOptions
from fakes.workspace import WORKSPACE, Deployed, FakeWorkspace, desired_of, local

SHARED: t.Final = WORKSPACE._replace(capacity_id="")


def full(count: int) -> FakeWorkspace:
    service = FakeWorkspace()
    for number in range(count):
        service.add("MLModel", f"There {number}")
    return service


@pytest.mark.parametrize(
    ("present", "new", "refused"), [(999, 1, False), (1000, 0, False), (1000, 1, True), (998, 3, True)]
)
def test_a_workspace_holds_a_thousand_items(present: int, new: int, refused: bool) -> None:
    desired = desired_of(*(local(f"New {number}.Notebook", a_py="x") for number in range(new)))
    if not refused:
        assert len(Deployed(full(present), desired).plans) == new
        return
    with pytest.raises(ContentError, match=f"has {present} items and would get {new} more, the service takes 1000"):
        Deployed(full(present), desired)


def test_what_is_to_be_deleted_makes_no_room_as_it_goes_last() -> None:
    desired, options = desired_of(local("New.Notebook", a_py="x")), DeployOptions.of(bulk_api="never", prune="all")
    with pytest.raises(ContentError, match="the 1000 that are to be deleted go last"):
        Deployed(full(1000), desired, options)


def test_only_types_that_need_a_capacity_are_refused_without_one() -> None:
    model = local("A.SemanticModel").with_parts({"model.bim": b'{"model": {}}', "definition.pbism": b"{}"})
    report = local("A.PaginatedReport", A_rdl="<Report/>")
    assert len(Deployed(FakeWorkspace(), desired_of(model, report), workspace=SHARED).plans) == 2
    with pytest.raises(ContentError) as caught:
        Deployed(
            FakeWorkspace(), desired_of(model, local("L.Lakehouse"), local("N.Notebook", a_py="x")), workspace=SHARED
        )
    (problem,) = caught.value.problems
    assert "L.Lakehouse, N.Notebook" in problem.what
    assert "A.SemanticModel" not in problem.what


def test_what_is_there_and_unchanged_needs_nothing() -> None:
    service = FakeWorkspace()
    service.add("Notebook", "N", parts={"a.py": b"x"})
    (plan,) = Deployed(service, desired_of(local("N.Notebook", a_py="x")), workspace=SHARED).plans
    assert plan.action == "unchanged"


def test_a_workspace_that_is_yet_to_be_made_is_not_known_to_lack_one() -> None:
    desired = desired_of(local("N.Notebook", a_py="x"))
    assert Deployed(FakeWorkspace(), desired, workspace=SHARED._replace(id="")).plans[0].action == "create"
