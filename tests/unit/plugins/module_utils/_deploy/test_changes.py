# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The changes of one item: their order, texts and diffs, and what a run leaves that ends between two of them."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._api.items import Item
from ansible_collections.community.powerbi.plugins.module_utils._content.item import LocalItem
from ansible_collections.community.powerbi.plugins.module_utils._deploy.changes import UpdateProperties
from ansible_collections.community.powerbi.plugins.module_utils._deploy.item_plan import ItemPlan
from ansible_collections.community.powerbi.plugins.module_utils._deploy.options import (
    DeployOptions,
    FileOptions,
    PruneOptions,
)
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError
from fakes.workspace import Deployed, FakeWorkspace, desired_of, local

LOGICAL = "7d1c9a3e-0000-4000-8000-000000000001"
RDL = '<Report xmlns="http://schemas.microsoft.com/sqlserver/reporting/2016/01/reportdefinition"><Width>{}</Width></Report>'


def notebook(name: str, text: str, **more: t.Any) -> LocalItem:
    return local(f"{name}.Notebook", content_py=text, _platform="{}", logical_id=LOGICAL, **more)


def paginated(name: str, width: str) -> LocalItem:
    return local(f"{name}.PaginatedReport", **{f"{name}_rdl": RDL.format(width)}, logical_id=LOGICAL)


def deployed(item: LocalItem) -> FakeWorkspace:
    """A workspace that the item was deployed to, its writes forgotten."""
    service = FakeWorkspace()
    assert not Deployed(service, desired_of(item)).run().failed
    service.writes.clear()
    return service


NEW = notebook("New", "two", folder="Monthly")


def test_an_item_has_a_change_for_each_write_in_its_order() -> None:
    service = deployed(notebook("Old", "one"))
    planned = Deployed(service, desired_of(NEW))
    (plan,) = planned.plans
    assert [type(change).__name__ for change in plan.changes] == ["UpdateDefinition", "UpdateProperties", "Move"]
    assert plan.texts == ["part content.py changed", "renamed from Old", "moved from the root to Monthly"]
    shown = [(one["before"], one["after"]) for one in planned.deployment.diff()]
    assert shown == [("one\n", "two\n"), ("name: Old\n", "name: New\n"), ("folder: \n", "folder: Monthly\n")]
    planned.run()
    assert service.writes == [
        "folder Monthly",
        "update Old.Notebook",
        "describe Old.Notebook",
        "move New.Notebook",
    ]


def test_a_paginated_report_is_renamed_before_its_definition_is_written() -> None:
    service = deployed(paginated("Old", "1in"))
    planned = Deployed(service, desired_of(paginated("New", "2in")))
    assert [type(change).__name__ for change in planned.plans[0].changes] == ["UpdateProperties", "UpdateDefinition"]
    planned.run()
    assert service.writes == ["describe Old.PaginatedReport", "update New.PaginatedReport"]


@pytest.mark.parametrize("path", ["/folders$", "/updateDefinition$", "/items/[^/]+$", "/move$"])
@pytest.mark.parametrize(
    "fault", [{"status": 400}, {"status": 500, "acted": True}, {"status": 429, "headers": {"Retry-After": "1"}}]
)
def test_a_run_that_ends_between_two_changes_is_continued(path: str, fault: dict[str, t.Any]) -> None:
    """Whichever write fails, is applied without its response or is throttled: the next run ends right, the one after is idle."""
    service = deployed(notebook("Old", "one"))
    identity = service.identity("Old.Notebook")
    service.fault(path=path, method="PATCH" if path.startswith("/items") else "POST", times=1, **fault)
    outcome = Deployed(service, desired_of(NEW)).run()
    service.clear_faults()
    if outcome.failed:
        assert not Deployed(service, desired_of(NEW)).run().failed
    else:
        assert fault["status"] != 400
    assert service.names() == ["New.Notebook"]
    assert service.identity("New.Notebook") == identity, "it is the same item"
    assert service.parts("New.Notebook")["content.py"] == b"two"
    assert not Deployed(service, desired_of(NEW)).deployment.changed


@pytest.mark.parametrize("body", [None, [], {"id": 7}, "x"])
def test_a_damaged_response_to_a_creation_leaves_one_item(body: t.Any) -> None:
    service = FakeWorkspace()
    service.fault(method="POST", path="/items$", status=201, body=body, acted=True, times=1)
    Deployed(service, desired_of(NEW)).run()
    service.clear_faults()
    assert not Deployed(service, desired_of(NEW)).run().failed
    assert service.names() == ["New.Notebook"]


def test_two_live_items_of_one_name_are_an_error_before_the_first_definition_is_read() -> None:
    service = FakeWorkspace()
    ids = sorted(service.add("Notebook", "New") for _one in range(2))
    with pytest.raises(ConfigError, match="2 items of the type Notebook are called 'New'") as caught:
        Deployed(service, desired_of(NEW))
    assert all(identity in caught.value.why for identity in ids)
    assert service.writes == []


def test_each_part_of_a_deployment_gets_its_options() -> None:
    options = DeployOptions.of(prune="all", protect=["A.*"], wait=False, ownership_annotation="never", move=False)
    assert options.pruning == PruneOptions("all", ["A.*"])
    assert options.files == FileOptions(wait=False)
    assert (options.annotate, options.move, options.bulk_api) == (False, False, "auto")
    with pytest.raises(TypeError):
        DeployOptions.of(prun="all")


def test_a_change_without_a_text_is_an_update() -> None:
    live = Item("1", "Notebook", "New")
    assert ItemPlan(NEW, (live,), [UpdateProperties(description="text")]).action == "update"
    assert ItemPlan(NEW, (live,)).action == "unchanged"


def test_names_are_by_item_and_the_description_is_of_the_first() -> None:
    """As for a file with a semantic model and a report, of which the model has the fingerprint."""
    service = FakeWorkspace()
    service.add("SemanticModel", "A")
    service.add("Report", "B", "kept")
    planned = Deployed(service, desired_of(NEW)).deployment
    model, report = planned.live.named("SemanticModel", "A"), planned.live.named("Report", "B")
    assert model is not None
    assert report is not None
    plan = ItemPlan(NEW, (model, report), [UpdateProperties({report.id: "C"}, "text")])
    planned.plans = [plan]
    assert not planned.execute(lambda: None, stop=True).failed
    assert [(item.name, item.description) for item in plan.items] == [("A", "text"), ("C", "kept")]
    assert service.item("A.SemanticModel").description == "text"
    assert service.item("C.Report").description == "kept"
