# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""powerbi_folder on the emulator: check mode equals the run, and what a user sees of the service's refusals."""

from __future__ import annotations

import typing as t

import pytest

from harness.ansible_run import AnsibleRunner
from harness.emulator import Emulator
from harness.modules import Modules
from harness.portal import FINANCE, Portal


@pytest.fixture
def modules(fresh_emulator: Emulator) -> Modules:
    return Modules(fresh_emulator)


def folders(emulator: Emulator) -> dict[str, str]:
    """Name of the parent by name."""
    found = Portal(emulator).call("GET", "/folders")["value"]
    names = {one["id"]: one["displayName"] for one in found}
    return {one["displayName"]: names.get(one.get("parentFolderId"), "") for one in found}


def test_check_mode_predicts_the_result(modules: Modules, fresh_emulator: Emulator) -> None:
    options = {"workspace": "Finance", "name": "Europe", "parent": "Monthly"}
    planned = modules("powerbi_folder", check=True, **options)
    assert Portal(fresh_emulator).writes() == []
    made = modules("powerbi_folder", **options)
    assert (planned["changed"], planned["diff"]) == (made["changed"], made["diff"])
    assert planned["folder"] == {**made["folder"], "id": ""}
    assert planned["workspace_id"] == made["workspace_id"] == FINANCE
    assert folders(fresh_emulator) == {"Monthly": "", "Europe": "Monthly"}
    assert not modules("powerbi_folder", workspace=FINANCE, name="EUROPE", parent="monthly")["changed"]


def test_renamed_and_moved_with_what_it_holds(modules: Modules, fresh_emulator: Emulator) -> None:
    made = modules("powerbi_folder", workspace="Finance", name="Europe", parent="Monthly")["folder"]
    modules("powerbi_folder", workspace="Finance", name="2026", parent="Monthly/Europe")
    done = modules("powerbi_folder", workspace="Finance", id=made["id"], name="EMEA", parent="/")
    assert done["folder"] == {"id": made["id"], "name": "EMEA", "parent": ""}
    assert (done["diff"]["before"]["parent"], done["diff"]["after"]["parent"]) == ("Monthly", "")
    assert folders(fresh_emulator) == {"Monthly": "", "EMEA": "", "2026": "EMEA"}


def test_only_an_empty_folder_is_deleted(modules: Modules, fresh_emulator: Emulator) -> None:
    modules("powerbi_folder", workspace="Finance", name="Europe", parent="Monthly")
    options = {"workspace": "Finance", "name": "Monthly", "state": "absent"}
    for check in (True, False):
        failed = modules.fail("powerbi_folder", check=check, **options)
        assert "Monthly/Europe" in failed["error"]["why"]
    assert modules("powerbi_folder", **{**options, "name": "Europe", "parent": "Monthly"})["changed"]
    portal = Portal(fresh_emulator)
    (monthly,) = portal.call("GET", "/folders")["value"]
    portal.call("POST", "/items", json={"displayName": "Loads", "type": "Notebook", "folderId": monthly["id"]})
    assert "It holds Loads.Notebook" in modules.fail("powerbi_folder", **options)["error"]["why"]
    portal.call("POST", f"/items/{portal.item('Loads.Notebook')['id']}/move", json={})
    assert modules("powerbi_folder", **options)["folder"] == {}
    assert folders(fresh_emulator) == {}


def test_deleted_items_are_named_as_the_cause(modules: Modules, fresh_emulator: Emulator) -> None:
    """The service counts items that can be restored; no list shows them."""
    modules("powerbi_folder", workspace="Finance", name="Monthly")
    portal = Portal(fresh_emulator)
    (monthly,) = portal.call("GET", "/folders")["value"]
    portal.call("POST", "/items", json={"displayName": "Loads", "type": "Notebook", "folderId": monthly["id"]})
    portal.delete("Loads.Notebook")
    failed = modules.fail("powerbi_folder", workspace="Finance", name="Monthly", state="absent")
    assert "deleted items count" in failed["msg"]
    assert (failed["changed"], failed["folder"]["name"]) == (False, "Monthly")


def test_a_failure_between_two_writes_is_a_change(modules: Modules, fresh_emulator: Emulator) -> None:
    made = modules("powerbi_folder", workspace="Finance", name="Europe", parent="Monthly")["folder"]
    fresh_emulator.fault(path=r"/move$", status=403, body={"errorCode": "InsufficientPrivileges"})
    options = {"workspace": "Finance", "id": made["id"], "name": "EMEA", "parent": "/"}
    failed = modules.fail("powerbi_folder", **options)
    assert (failed["changed"], failed["folder"], failed["workspace_id"]) == (True, made, FINANCE)
    fresh_emulator.clear_faults()
    assert modules("powerbi_folder", **options)["folder"] == {**made, "name": "EMEA", "parent": ""}


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "one of the following is required: name, id"),
        ({"name": ""}, "`name` is empty"),
        ({"name": "Daily", "parent": " "}, "`parent` is empty"),
        ({"name": "a/b"}, "a path"),
        ({"id": "Daily"}, "not a GUID"),
        ({"name": "Daily", "workspace": "None such"}, "there is no workspace 'None such'"),
    ],
)
@pytest.mark.parametrize("check", [False, True])
def test_bad_input(
    modules: Modules, fresh_emulator: Emulator, options: dict[str, t.Any], text: str, check: bool
) -> None:
    fresh_emulator.clear_requests()
    assert text in modules.run("powerbi_folder", check=check, **{"workspace": "Finance", **options})["msg"]
    assert [one for one in fresh_emulator.requests() if one["method"] != "GET" and "oauth2" not in one["path"]] == []


def test_in_a_workspace_that_check_mode_has_only_planned(ansible: AnsibleRunner, fresh_emulator: Emulator) -> None:
    run = ansible.playbook(
        """
        - name: Workspace
          community.powerbi.powerbi_workspace: {name: New}
        - name: Folder
          community.powerbi.powerbi_folder: {workspace: New, name: Europe, parent: Monthly}
        """,
        env=fresh_emulator.env,
        args=["--check"],
    ).ok()
    assert run.result("Folder").changed
    assert run.result("Folder")["folder"] == {"id": "", "name": "Europe", "parent": "Monthly"}
