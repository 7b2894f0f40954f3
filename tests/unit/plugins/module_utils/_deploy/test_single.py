# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One item alone, and results: those of check mode equal those of the run."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._api.items import Item
from ansible_collections.community.powerbi.plugins.module_utils._deploy import single
from ansible_collections.community.powerbi.plugins.module_utils._deploy.changes import DeleteItem
from ansible_collections.community.powerbi.plugins.module_utils._deploy.desired import Desired
from ansible_collections.community.powerbi.plugins.module_utils._deploy.item_plan import CREATE, DELETE, ItemPlan
from ansible_collections.community.powerbi.plugins.module_utils._deploy.remote import nothing_planned
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError
from fakes.wire import wire
from fakes.workspace import WORKSPACE, FakeWorkspace, desired_of, local

LOGICAL = "10000000-0000-4000-8000-000000000001"
OURS = f"Text [powerbi_deploy {LOGICAL}]"


def options(**given: t.Any) -> dict[str, t.Any]:
    return {
        "src": None,
        "name": None,
        "type": None,
        "folder": None,
        "environment": "",
        "parameters": None,
        "preserve": [],
        "allow_data_loss": False,
        "allow_unknown_types": [],
        "hard_delete": False,
        "take_over": False,
        "deployment": "default",
        "take_ownership": False,
        "ownership_annotation": "auto",
        "state": "present",
        "wait_timeout": 60.0,
        **given,
    }


def result(service: FakeWorkspace, desired: Desired, *, check: bool, **given: t.Any) -> dict[str, t.Any]:
    deployment = single.plan(wire(service).client, WORKSPACE, desired, options(**given), nothing_planned)
    outcome = None
    if deployment.changed and not check:
        outcome = deployment.execute(lambda: None, stop=True)
        assert not outcome.failed
    return {**single.report(deployment, outcome), "api_calls": 0, "changed": deployment.changed}


def both(service: FakeWorkspace, desired: Desired, **given: t.Any) -> dict[str, t.Any]:
    """The real result, which check mode has predicted but for a new id."""
    planned = result(service, desired, check=True, **given)
    assert service.writes == []
    done = result(service, desired, check=False, **given)
    if done["action"] == CREATE:
        assert planned["item"].pop("id") == "" and done["item"]["id"]
        assert planned["item"] == {key: value for key, value in done["item"].items() if key != "id"}
        planned["item"] = done["item"]
    assert planned == done
    service.writes.clear()
    return done


def test_check_mode_and_the_real_run_return_the_same() -> None:
    service = FakeWorkspace()
    made = both(service, desired_of(local("A.Notebook", content_py="1", logical_id=LOGICAL)))
    assert made["item"] == {
        "id": service.identity("A.Notebook"),
        "type": "Notebook",
        "name": "A",
        "description": "",
        "folder": "",
        "deployed": True,
        "logical_id": LOGICAL,
    }
    same = both(service, desired_of(local("A.Notebook", content_py="1", logical_id=LOGICAL)))
    assert (same["changed"], same["action"], same["item"]) == (False, "unchanged", made["item"])
    renamed = both(service, desired_of(local("B.Notebook", content_py="2", logical_id=LOGICAL)))
    assert renamed["item"] == {**made["item"], "name": "B"}
    moved = both(service, desired_of(local("B.Notebook", content_py="2", folder="X/Y")), folder="X/Y")
    assert moved["item"]["folder"] == "X/Y"
    gone = both(service, single.NOTHING, name="b", type="Notebook", state="absent")
    assert (gone["changed"], gone["action"], gone["item"]) == (True, DELETE, {})
    never = both(service, single.NOTHING, name="b", type="Notebook", state="absent")
    assert (never["changed"], never["action"], never["item"]) == (False, "unchanged", {})


@pytest.mark.parametrize("name", ["A", "ID"])
def test_what_is_to_go_is_found_by_id_or_name_or_folder(name: str) -> None:
    service = FakeWorkspace()
    identity = service.add("Notebook", "A", OURS)
    given = {"name": identity.upper() if name == "ID" else name, "type": None if name == "ID" else "Notebook"}
    assert both(service, single.NOTHING, state="absent", **given)["changed"]
    service.add("Notebook", "A", OURS)
    assert both(service, desired_of(local("A.Notebook", logical_id=LOGICAL)), state="absent")["changed"]
    assert service.names() == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": "B"}, "src is called 'A', and name is 'B'"),
        ({"type": "Report"}, "src is a Notebook, and type is Report"),
        ({"name": "ID", "type": None}, "is the Report 'R', and type is Notebook"),
    ],
)
def test_options_that_contradict_each_other_delete_nothing(given: dict[str, t.Any], message: str) -> None:
    service = FakeWorkspace()
    service.add("Notebook", "A", OURS)
    identity = service.add("Report", "R")
    given = {**given, "name": identity if given.get("name") == "ID" else given.get("name")}
    with pytest.raises(ConfigError, match="contradict each other") as caught:
        result(service, desired_of(local("A.Notebook", logical_id=LOGICAL)), check=False, state="absent", **given)
    assert message in str(caught.value)
    assert service.writes == []


def test_an_id_of_another_type_is_not_deleted() -> None:
    service = FakeWorkspace()
    identity = service.add("Report", "R")
    with pytest.raises(ConfigError, match="contradict each other"):
        result(service, single.NOTHING, check=False, name=identity, type="SemanticModel", state="absent")
    assert both(service, single.NOTHING, name=identity, type="report", state="absent")["changed"]


def in_folder(service: FakeWorkspace, label: str, path: str) -> str:
    """An item in a folder of a workspace, whose folders are made on the way. Returns the item's id."""
    name, _dot, item_type = label.rpartition(".")
    return service.add(item_type, name, OURS, folder_id=service.add_folder(path))


@pytest.mark.parametrize("folder", ["Monthly/Europe", "/monthly/EUROPE/"])
def test_an_item_goes_from_the_folder_that_is_given(folder: str) -> None:
    service = FakeWorkspace()
    in_folder(service, "A.Notebook", "Monthly/Europe")
    gone = both(service, single.NOTHING, name="A", type="Notebook", folder=folder, state="absent")
    assert (gone["changed"], service.names()) == (True, [])
    never = both(service, single.NOTHING, name="A", type="Notebook", folder=folder, state="absent")
    assert (never["changed"], never["action"]) == (False, "unchanged")


@pytest.mark.parametrize(
    ("place", "folder", "message"),
    [
        ("Monthly", "/", "the Notebook 'A' is in the folder 'Monthly', and folder is '/'"),
        ("", "Monthly", "the Notebook 'A' is in the root of the workspace, and folder is 'Monthly'"),
        ("Monthly/Europe", "Monthly", "is in the folder 'Monthly/Europe'"),
        ("Monthly", "There is none", "is in the folder 'Monthly'"),
    ],
)
@pytest.mark.parametrize("by", ["name", "id", "src"])
def test_an_item_in_another_folder_is_named_and_not_deleted(place: str, folder: str, message: str, by: str) -> None:
    service = FakeWorkspace()
    identity = in_folder(service, "A.Notebook", place)
    desired = desired_of(local("A.Notebook", logical_id=LOGICAL)) if by == "src" else single.NOTHING
    named = {"name": {"name": "A", "type": "Notebook"}, "id": {"name": identity}, "src": {}}[by]
    with pytest.raises(ConfigError) as caught:
        result(service, desired, check=False, folder=folder, state="absent", **named)
    assert caught.value.option == "folder" and message in caught.value.what
    assert f"set folder to {place or '/'!r}" in caught.value.remedy
    assert service.writes == []


def test_the_folder_distinguishes_items_of_one_name() -> None:
    service = FakeWorkspace()
    kept, _gone = (in_folder(service, "A.Notebook", place) for place in ("", "Monthly"))
    given = {"name": "A", "type": "Notebook", "state": "absent"}
    with pytest.raises(ConfigError, match="2 items of the type Notebook are called 'A'"):
        result(service, single.NOTHING, check=False, **given)
    both(service, single.NOTHING, folder="Monthly", **given)
    assert service.names() == ["A.Notebook"]
    assert service.identity("A.Notebook") == kept


def test_an_item_that_was_renamed_since_is_named_and_not_deleted() -> None:
    service = FakeWorkspace()
    identity = service.add("Notebook", "Renamed in the portal", OURS)
    with pytest.raises(ConfigError, match="is called 'Renamed in the portal' now") as caught:
        result(service, desired_of(local("A.Notebook", logical_id=LOGICAL)), check=False, state="absent")
    assert identity in caught.value.remedy


@pytest.mark.parametrize("item_type", ["Dataset", "semanticmodel", "SemanticModel"])
def test_a_type_in_any_spelling(item_type: str) -> None:
    service = FakeWorkspace()
    service.add("SemanticModel", "A")
    assert both(service, single.NOTHING, name="a", type=item_type, state="absent")["changed"]


def test_an_unknown_type_is_an_error_not_an_item_that_is_gone() -> None:
    with pytest.raises(ConfigError, match="no item type") as caught:
        result(FakeWorkspace(), single.NOTHING, check=False, name="A", type="Reprot", state="absent")
    assert "Report" in caught.value.remedy


def test_an_id_is_no_name_for_an_item() -> None:
    with pytest.raises(ConfigError, match="which is an id"):
        single.desired_item(options(src="A.Notebook", name=LOGICAL), {})


def test_a_name_without_a_type_deletes_nothing() -> None:
    with pytest.raises(ConfigError) as caught:
        single.desired_item(options(name="A", state="absent"), {})
    assert caught.value.option == "type"
    assert single.desired_item(options(name=LOGICAL, state="absent"), {}) is single.NOTHING


def test_a_model_with_reports_is_deleted_only_with_allow_data_loss() -> None:
    service = FakeWorkspace()
    model = service.add("SemanticModel", "A")
    for name in "ZY":
        service.add("Report", name, model_id=model)
    given = {"name": "A", "type": "SemanticModel", "state": "absent"}
    with pytest.raises(ConfigError, match=r"still used by Y\.Report, Z\.Report"):
        result(service, single.NOTHING, check=False, **given)
    assert both(service, single.NOTHING, **given, allow_data_loss=True)["changed"]


def test_lines_of_a_plan() -> None:
    item = Item("1", "Notebook", "Live name")
    assert ItemPlan(None, (item,), [DeleteItem(hard=False)]).to_dict() == {
        "action": "delete",
        "type": "Notebook",
        "name": "Live name",
        "folder": "",
        "id": "1",
        "changes": ["deleted"],
    }
    created = ItemPlan(local("A.b.Notebook", folder="X"))
    assert created.label == "A.b.Notebook"
    assert [created.to_dict()[key] for key in ("type", "name", "folder", "id")] == ["Notebook", "A.b", "X", ""]
