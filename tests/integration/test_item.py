# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""powerbi_item and powerbi_item_info: one item by its definition, compared with what is live."""

from __future__ import annotations

import json
import shutil
import typing as t
from pathlib import Path

import pytest

from harness.ansible_run import REPOSITORY, AnsibleRunner
from harness.emulator import Emulator
from harness.modules import Modules
from harness.portal import FINANCE, Portal

ORDERS: t.Final = "definition/tables/Orders.tmdl"


@pytest.fixture
def content(tmp_path: Path) -> Path:
    return Path(shutil.copytree(REPOSITORY / "playbooks" / "files" / "sample", tmp_path / "content"))


@pytest.fixture
def portal(fresh_emulator: Emulator) -> Portal:
    return Portal(fresh_emulator)


@pytest.fixture
def modules(fresh_emulator: Emulator) -> Modules:
    return Modules(fresh_emulator)


def item(modules: Modules, **options: t.Any) -> dict[str, t.Any]:
    """Check mode first, whose result must be that of the real run (but for a new id)."""
    planned = modules("powerbi_item", check=True, workspace="Finance", **options)
    done = modules("powerbi_item", workspace="Finance", **options)
    for key in ("changed", "action", "changes"):
        assert planned[key] == done[key]
    unknown = {"id": ""} if done["action"] == "create" else {}
    assert planned["item"] == {**done["item"], **unknown}
    assert planned.get("diff") == done.get("diff")
    return done


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_created_unchanged_updated(modules: Modules, portal: Portal, content: Path) -> None:
    src = content / "Sales.SemanticModel"
    first = item(modules, src=str(src))
    assert (first["action"], first["item"]["id"]) == ("create", portal.item("Sales.SemanticModel")["id"])
    assert portal.names() == ["Sales.SemanticModel"]
    second = item(modules, src=str(src))
    assert (second["action"], second["changed"], second["item"]) == ("unchanged", False, first["item"])
    replace(src / ORDERS, "Orders[Quantity] * Orders[Price]", "Orders[Price]")
    third = item(modules, src=str(src))
    assert third["changes"] == ["measure Orders[Revenue] changed (expression)"]
    assert "Orders[Quantity] * Orders[Price]" in third["diff"][0]["before"]
    assert not item(modules, src=str(src))["changed"]


def test_a_report_is_bound_to_the_model_of_its_path(modules: Modules, portal: Portal, content: Path) -> None:
    result = modules.fail("powerbi_item", workspace="Finance", src=str(content / "Sales.Report"))
    assert "the semantic model of Sales.Report, Sales.SemanticModel, is not in the workspace" in result["msg"]
    item(modules, src=str(content / "Sales.SemanticModel"))
    item(modules, src=str(content / "Sales.Report"))
    reports = portal.call("GET", f"/v1.0/myorg/groups/{FINANCE}/reports")["value"]
    assert [one["datasetId"] for one in reports] == [portal.item("Sales.SemanticModel")["id"]]
    assert not item(modules, src=str(content / "Sales.Report"))["changed"]


def test_it_is_renamed_by_its_logical_id(modules: Modules, portal: Portal, content: Path) -> None:
    src = content / "Invoice.PaginatedReport"
    before = item(modules, src=str(src))["item"]["id"]
    replace(src / ".platform", '"displayName": "Invoice"', '"displayName": "Bill"')
    result = item(modules, src=str(src))
    assert (result["changes"], result["item"]["id"]) == (["renamed from Invoice"], before)
    assert portal.names() == ["Bill.PaginatedReport"]
    assert item(modules, src=str(src), name="bill")["changes"] == ["renamed from Bill"]
    assert portal.names() == ["bill.PaginatedReport"]


def test_another_name_is_another_item(modules: Modules, portal: Portal, content: Path) -> None:
    """It has no owner: neither a deployment of the folder deletes it, nor is it the item of the folder."""
    src = content / "Invoice.PaginatedReport"
    before = item(modules, src=str(src))["item"]["id"]
    for changes in (["created"], []):
        results = [item(modules, src=str(src), name=name) for name in ("Invoice DE", "Invoice FR")]
        assert [result["changes"] for result in results] == [changes, changes]
        assert [result["item"]["deployed"] for result in results] == [False, False]
    three = {f"Invoice{suffix}.PaginatedReport" for suffix in ("", " DE", " FR")}
    assert set(portal.names()) == three
    assert portal.item("Invoice.PaginatedReport")["id"] == before
    assert not item(modules, src=str(src))["changed"]
    modules("powerbi_deploy", workspace="Finance", src=str(content), prune="deployed")
    assert three < set(portal.names())


def test_another_name_is_not_that_of_a_deployed_item(modules: Modules, portal: Portal, content: Path) -> None:
    source = {"workspace": "Finance", "src": str(content / "Invoice.PaginatedReport")}
    modules("powerbi_item", **source)
    shutil.copytree(source["src"], content / "Other.PaginatedReport")
    replace(content / "Other.PaginatedReport" / ".platform", '"displayName": "Invoice"', '"displayName": "Other"')
    refused = modules.fail(
        "powerbi_item", workspace="Finance", src=str(content / "Other.PaginatedReport"), name="Invoice"
    )
    assert refused["error"]["option"] == "take_ownership"
    assert portal.item("Invoice.PaginatedReport")["id"] in refused["msg"]


def test_the_folder_only_counts_if_it_is_given(modules: Modules, portal: Portal, content: Path) -> None:
    src = str(content / "Invoice.PaginatedReport")
    assert item(modules, src=src, folder="Monthly/Europe")["item"]["folder"] == "Monthly/Europe"
    assert not item(modules, src=src)["changed"]
    assert item(modules, src=src, folder="/")["changes"] == ["moved from Monthly/Europe to the root"]
    assert item(modules, src=src)["item"]["folder"] == ""


def test_members_of_roles_stay_unless_they_are_not_preserved(modules: Modules, portal: Portal, content: Path) -> None:
    src = content / "Sales.SemanticModel"
    item(modules, src=str(src))
    role = "definition/roles/Region manager.tmdl"
    member = "\n\n\tmember megan.bowen@contoso.onmicrosoft.com = user\n"
    portal.put(
        "Sales.SemanticModel",
        {**portal.parts("Sales.SemanticModel"), role: (src / role).read_bytes() + member.encode()},
    )
    assert not item(modules, src=str(src))["changed"]
    replace(src / ORDERS, "Orders[Quantity] * Orders[Price]", "Orders[Price]")
    item(modules, src=str(src))
    assert b"megan.bowen" in portal.parts("Sales.SemanticModel")[role]
    assert item(modules, src=str(src), preserve=[])["changed"]
    assert b"megan.bowen" not in portal.parts("Sales.SemanticModel")[role]


def test_rows_are_lost_only_with_allow_data_loss(
    fresh_emulator: Emulator, modules: Modules, portal: Portal, content: Path
) -> None:
    src = content / "Sales.SemanticModel"
    item(modules, src=str(src))
    replace(src / ORDERS, "dataType: int64", "dataType: string")
    fresh_emulator.clear_requests()
    result = modules.fail("powerbi_item", workspace="Finance", src=str(src))
    assert result["error"]["option"] == "allow_data_loss" and portal.writes() == []
    assert item(modules, src=str(src), allow_data_loss=True)["changed"]


def test_check_mode_returns_the_item_as_it_would_be(modules: Modules, portal: Portal, content: Path) -> None:
    src = content / "Invoice.PaginatedReport"
    made = item(modules, src=str(src), folder="Monthly")["item"]
    platform = json.loads((src / ".platform").read_text())
    platform["metadata"].update(displayName="Bill", description="What is owed")
    (src / ".platform").write_text(json.dumps(platform))
    planned = modules("powerbi_item", check=True, workspace="Finance", src=str(src), folder="Yearly")["item"]
    assert planned == {**made, "name": "Bill", "description": "What is owed", "folder": "Yearly"}
    assert portal.item("Invoice.PaginatedReport")["id"] == made["id"]
    assert item(modules, src=str(src), folder="Yearly")["item"] == planned


def test_check_mode_knows_what_an_earlier_task_would_have_made(
    fresh_emulator: Emulator, ansible: AnsibleRunner, content: Path
) -> None:
    tasks = [
        {"name": one, "community.powerbi.powerbi_item": {"workspace": "Finance", "src": str(content / one)}}
        for one in ("Sales.SemanticModel", "Sales.Report")
    ]
    checked = ansible.playbook(tasks, env=fresh_emulator.env, check=True).ok()
    assert checked.result("Sales.Report").result["action"] == "create"
    ansible.playbook(tasks, env=fresh_emulator.env).ok()


class TestAbsent:
    def test_by_its_folder_or_its_name(self, modules: Modules, portal: Portal, content: Path) -> None:
        src = str(content / "Invoice.PaginatedReport")
        item(modules, src=src)
        result = item(modules, src=src, state="absent")
        assert (result["action"], result["item"], portal.names()) == ("delete", {}, [])
        assert "Invoice.PaginatedReport" in result["diff"][0]["before"]
        assert not item(modules, src=src, state="absent")["changed"]
        item(modules, src=src)
        assert item(modules, name="invoice", type="PaginatedReport", state="absent")["changed"]
        item(modules, src=src)
        assert item(modules, name=portal.item("Invoice.PaginatedReport")["id"].upper(), state="absent")["changed"]
        assert (
            modules.fail("powerbi_item", workspace="Finance", name="Invoice", state="absent")["error"]["option"]
            == "type"
        )

    def test_a_model_that_reports_show_stays(self, modules: Modules, portal: Portal, content: Path) -> None:
        modules("powerbi_deploy", workspace="Finance", src=str(content))
        options = {"name": "Sales", "type": "SemanticModel", "state": "absent"}
        result = modules.fail("powerbi_item", workspace="Finance", **options)
        assert "Sales.SemanticModel is still used by Sales.Report" in result["msg"]
        assert result["error"]["option"] == "allow_data_loss"
        assert item(modules, **options, allow_data_loss=True)["changed"]
        assert portal.names() == ["Invoice.PaginatedReport"]


@pytest.mark.parametrize(
    ("name", "message"),
    [("Nowhere.Report", "this folder does not exist"), ("", "this is no item's folder")],
)
def test_a_folder_that_is_no_item(modules: Modules, content: Path, name: str, message: str) -> None:
    assert message in modules.fail("powerbi_item", workspace="Finance", src=str(content / name))["msg"]


def test_broken_content_is_reported_with_its_line(fresh_emulator: Emulator, modules: Modules, content: Path) -> None:
    src = content / "Sales.SemanticModel"
    replace(src / ORDERS, "\tcolumn 'Order date'", "\tcolumm 'Order date'")
    result = modules.fail("powerbi_item", workspace="Finance", src=str(src))
    (problem,) = result["error"]["problems"]
    assert (problem["file"], problem["line"]) == (f"Sales.SemanticModel/{ORDERS}", 19)
    assert fresh_emulator.requests("/groups|/workspaces") == []


class TestInfo:
    def test_all_of_a_type_or_a_name(self, modules: Modules, portal: Portal, content: Path) -> None:
        modules("powerbi_deploy", workspace="Finance", src=str(content))
        result = modules("powerbi_item_info", workspace="Finance", definition=True)
        assert [(one["type"], one["name"]) for one in result["workspace_items"]] == [
            ("PaginatedReport", "Invoice"),
            ("Report", "Sales"),
            ("SemanticModel", "Sales"),
        ]
        assert all(
            one["deployed"] and one["logical_id"] and "[" not in one["description"] for one in result["workspace_items"]
        )
        assert (
            len(modules("powerbi_item_info", workspace="Finance", type="report", name="SALES")["workspace_items"]) == 1
        )
        by_id = modules("powerbi_item_info", workspace=FINANCE, name=portal.item("Sales.Report")["id"])
        assert [one["type"] for one in by_id["workspace_items"]] == ["Report"]
        assert modules("powerbi_item_info", workspace="Finance", name="Nothing")["workspace_items"] == []

    def test_definitions(self, modules: Modules, portal: Portal, content: Path) -> None:
        modules("powerbi_deploy", workspace="Finance", src=str(content))
        before = modules("powerbi_item_info", workspace="Finance", definition=True)["workspace_items"]
        assert [one["definition"]["format"] for one in before] == ["PaginatedReportDefinition", "PBIR", "TMDL"]
        assert "definition/model.tmdl" in [part["path"] for part in before[2]["definition"]["parts"]]
        portal.edit("Sales.SemanticModel", ORDERS, "Orders[Quantity] * Orders[Price]", "Orders[Price]")
        after = modules("powerbi_item_info", workspace="Finance", definition=True)["workspace_items"]
        changed = [old["name"] + old["type"] for old, new in zip(before, after, strict=True) if old != new]
        assert changed == ["SalesSemanticModel"]

    def test_a_definition_that_is_not_given(self, fresh_emulator: Emulator, modules: Modules, content: Path) -> None:
        modules("powerbi_deploy", workspace="Finance", src=str(content))
        fresh_emulator.fault(path="/getDefinition", method="POST", status=403)
        items = modules("powerbi_item_info", workspace="Finance", definition=True, type="Report")["workspace_items"]
        assert items[0]["definition"] is None and "403" in items[0]["definition_error"]


@pytest.mark.everycore
def test_a_playbook(fresh_emulator: Emulator, ansible: AnsibleRunner, content: Path) -> None:
    options = {"workspace": "Finance", "src": str(content / "Sales.SemanticModel")}
    tasks = [
        {"name": "model", "community.powerbi.powerbi_item": options},
        {"name": "info", "community.powerbi.powerbi_item_info": {"workspace": "Finance", "definition": True}},
    ]
    run = ansible.playbook(tasks, env=fresh_emulator.env, diff=True).ok()
    listed, item = run.result("info").result["workspace_items"][0], run.result("model").result["item"]
    assert json.dumps({name: listed[name] for name in item}) == json.dumps(item)
    assert not ansible.playbook(tasks, env=fresh_emulator.env, check=True).ok().result("model").result["changed"]
