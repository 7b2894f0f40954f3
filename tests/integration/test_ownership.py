# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ownership annotation: unseen where a definition has a place for it, no text is cut, nothing foreign is pruned."""

from __future__ import annotations

import base64
import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content import ownership_annotation
from harness.ansible_run import AnsibleRunner
from harness.emulator import Emulator
from harness.modules import Modules
from harness.portal import Portal

MODEL_ID: t.Final = "10000000-0000-4000-8000-00000000000a"
REPORT_ID: t.Final = "10000000-0000-4000-8000-00000000000b"
NAME: t.Final = ownership_annotation.NAME.encode()
PAGE: t.Final = "definition/pages/p1/page.json"


def write(folder: Path, files: t.Mapping[str, str]) -> Path:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def platform(item_type: str, name: str, logical_id: str, description: str = "") -> str:
    metadata = {"type": item_type, "displayName": name, **({"description": description} if description else {})}
    return json.dumps({"metadata": metadata, "config": {"version": "2.0", "logicalId": logical_id}})


def model(folder: Path, name: str = "Sales", description: str = "", measure: str = "1") -> Path:
    files = {
        ".platform": platform("SemanticModel", name, MODEL_ID, description),
        "definition.pbism": '{"version": "4.2"}',
        "definition/model.tmdl": "model Model\n\tculture: en-US\n\nref table Orders\n",
        "definition/database.tmdl": "database\n\tcompatibilityLevel: 1567\n",
        "definition/tables/Orders.tmdl": f"table Orders\n\n\tmeasure Total = {measure}\n",
    }
    write(folder / "Model.SemanticModel", files)
    return folder


def bim(folder: Path) -> Path:
    document = {"compatibilityLevel": 1567, "model": {"culture": "en-US", "tables": []}}
    files = {
        ".platform": platform("SemanticModel", "Plain", "10000000-0000-4000-8000-00000000000c"),
        "definition.pbism": '{"version": "4.2"}',
        "model.bim": json.dumps(document),
    }
    write(folder / "Plain.SemanticModel", files)
    return folder


def report(folder: Path, name: str = "Sales", title: str = "One") -> Path:
    files = {
        ".platform": platform("Report", name, REPORT_ID),
        "definition.pbir": '{"version": "4.0", "datasetReference": {"byPath": {"path": "../Model.SemanticModel"}}}',
        "definition/version.json": '{"version": "2.0.0"}',
        "definition/report.json": '{"themeCollection": {}}',
        "definition/pages/pages.json": '{"pageOrder": ["p1"]}',
        PAGE: json.dumps({"name": "p1", "displayName": title}),
    }
    write(folder / "Report.Report", files)
    return folder


def notebook(folder: Path, description: str = "") -> Path:
    files = {
        ".platform": platform("Notebook", "Night", "10000000-0000-4000-8000-00000000000d", description),
        "notebook-content.py": "# Fabric notebook source\n\nprint(1)\n",
    }
    write(folder / "Night.Notebook", files)
    return folder


@pytest.fixture
def portal(fresh_emulator: Emulator) -> Portal:
    return Portal(fresh_emulator)


@pytest.fixture
def modules(fresh_emulator: Emulator) -> Modules:
    return Modules(fresh_emulator)


def deploy(modules: Modules, folder: Path, **options: t.Any) -> dict[str, t.Any]:
    """Check mode first, whose result must be that of the real run."""
    given = {"workspace": "Finance", "src": str(folder), **options}
    planned = modules("powerbi_deploy", check=True, **given)
    done = modules("powerbi_deploy", **given)
    assert planned["changed"] == done["changed"]
    assert [(one["action"], one["name"], one["changes"]) for one in planned["plan"]] == [
        (one["action"], one["name"], one["changes"]) for one in done["plan"]
    ]
    return done


def test_no_description_has_it_where_the_definition_can(modules: Modules, portal: Portal, tmp_path: Path) -> None:
    deploy(modules, report(bim(model(tmp_path, description="Orders by day"))))
    described = {item["displayName"] + "." + item["type"]: item.get("description") or "" for item in portal.items()}
    assert described == {"Sales.SemanticModel": "Orders by day", "Plain.SemanticModel": "", "Sales.Report": ""}
    for label, logical_id in {"Sales.SemanticModel": MODEL_ID, "Sales.Report": REPORT_ID}.items():
        owner = ownership_annotation.read(portal.parts(label))
        assert owner is not None
        assert (owner.deployment, owner.logical_id) == ("default", logical_id)
    assert ownership_annotation.read(portal.parts("Plain.SemanticModel")) is not None
    again = modules("powerbi_deploy", workspace="Finance", src=str(tmp_path))
    assert not again["changed"]


def test_an_unchanged_run_reads_nothing_for_it(
    fresh_emulator: Emulator, modules: Modules, portal: Portal, tmp_path: Path
) -> None:
    deploy(modules, report(model(tmp_path)))
    fresh_emulator.clear_requests()
    modules("powerbi_deploy", workspace="Finance", src=str(tmp_path), prune="deployed", bulk_api="never")
    assert len(fresh_emulator.requests("getDefinition", "POST")) == 2
    assert portal.writes() == []


@pytest.mark.everycore
def test_a_long_description_arrives_whole(fresh_emulator: Emulator, ansible: AnsibleRunner, tmp_path: Path) -> None:
    """All 256 characters of it, at a model and at a notebook, which has no other place for the annotation."""
    text = ("x" * 9 + " ") * 25 + "y" * 6
    model(notebook(tmp_path, description=text), description=text)
    task = {"name": "deploy", "community.powerbi.powerbi_deploy": {"workspace": "Finance", "src": str(tmp_path)}}
    first = ansible.playbook([task], env=fresh_emulator.env).ok().result("deploy")
    portal = Portal(fresh_emulator)
    assert {item["description"] for item in portal.items()} == {text}
    warnings = [one for one in first.result["warnings"] if "leaves no room" in one]
    assert len(warnings) == 1
    assert "Night.Notebook" in warnings[0]
    second = ansible.playbook([task], env=fresh_emulator.env).ok().result("deploy")
    assert not second.changed


def test_a_renamed_item_keeps_its_id(modules: Modules, portal: Portal, tmp_path: Path) -> None:
    deploy(modules, report(model(tmp_path)))
    ids = {label: portal.item(label)["id"] for label in ("Sales.SemanticModel", "Sales.Report")}
    done = deploy(modules, report(model(tmp_path, "Revenue"), "Revenue"))
    assert done["updated"] == ["Revenue.SemanticModel", "Revenue.Report"]
    assert portal.item("Revenue.SemanticModel")["id"] == ids["Sales.SemanticModel"]
    assert portal.item("Revenue.Report")["id"] == ids["Sales.Report"]


def test_what_no_deployment_owns_is_not_pruned(modules: Modules, portal: Portal, tmp_path: Path) -> None:
    deploy(modules, model(tmp_path / "old", "Old"))
    parts = {path: data for path, data in portal.parts("Old.SemanticModel").items() if path != ".platform"}
    portal.change("Old.SemanticModel", displayName="Foreign")
    portal.put("Foreign.SemanticModel", ownership_annotation.remove(parts))
    done = deploy(modules, report(model(tmp_path / "new")), prune="deployed")
    assert done["deleted"] == []
    (tmp_path / "new" / "Report.Report" / ".platform").unlink()
    for path in sorted((tmp_path / "new" / "Report.Report").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    (tmp_path / "new" / "Report.Report").rmdir()
    assert deploy(modules, tmp_path / "new", prune="deployed")["deleted"] == ["Sales.Report"]
    assert portal.names() == ["Foreign.SemanticModel", "Sales.SemanticModel"]


def test_a_copy_is_not_pruned_but_named(modules: Modules, portal: Portal, tmp_path: Path) -> None:
    deploy(modules, model(tmp_path))
    parts = portal.parts("Sales.SemanticModel")
    listed = [
        {"path": path, "payload": base64.b64encode(data).decode(), "payloadType": "InlineBase64"}
        for path, data in parts.items()
    ]
    copy = {"type": "SemanticModel", "displayName": "Sales (copy)", "definition": {"parts": listed}}
    portal.call("POST", "/items", json=copy)
    refused = modules.fail("powerbi_deploy", workspace="Finance", src=str(tmp_path), prune="deployed")
    assert all(portal.item(f"{name}.SemanticModel")["id"] in refused["msg"] for name in ("Sales", "Sales (copy)"))
    kept = deploy(modules, tmp_path, prune="deployed", protect=["* (copy).SemanticModel"])
    assert kept["deleted"] == []
    deploy(modules, model(tmp_path, measure="2"))
    portal.put("Sales (copy).SemanticModel", portal.parts("Sales.SemanticModel"))
    assert deploy(modules, tmp_path, prune="deployed")["deleted"] == [], "its annotation has the id of another item"


def test_an_annotation_in_a_description_is_understood_and_moves(
    modules: Modules, portal: Portal, tmp_path: Path
) -> None:
    """As versions before had it: at the end of the description of all items."""
    deploy(modules, model(tmp_path), ownership_annotation="never")
    assert NAME not in b"".join(portal.parts("Sales.SemanticModel").values())
    portal.change("Sales.SemanticModel", description=f"Orders [powerbi_deploy {MODEL_ID}]")
    identity = portal.item("Sales.SemanticModel")["id"]
    assert not deploy(modules, model(tmp_path, description="Orders"))["changed"]
    deploy(modules, model(tmp_path, "Revenue", description="Orders"))
    renamed = portal.item("Revenue.SemanticModel")
    assert (renamed["id"], renamed["description"]) == (identity, "Orders")
    owner = ownership_annotation.read(portal.parts("Revenue.SemanticModel"))
    assert owner is not None
    assert (owner.logical_id, owner.item_id) == (MODEL_ID, identity)


def test_never_writes_none_and_warns_of_the_effect(modules: Modules, portal: Portal, tmp_path: Path) -> None:
    deploy(modules, notebook(model(tmp_path)))
    done = deploy(
        modules, notebook(model(tmp_path, measure="2"), "Text"), ownership_annotation="never", prune="deployed"
    )
    assert any("never pruned" in text for text in done["warnings"])
    assert NAME not in b"".join(portal.parts("Sales.SemanticModel").values())
    assert portal.item("Night.Notebook")["description"] == "Text"
    assert not deploy(modules, tmp_path, ownership_annotation="never")["changed"]


def test_exports_do_not_have_it(modules: Modules, portal: Portal, tmp_path: Path) -> None:
    src, dest = report(bim(model(tmp_path / "src"))), tmp_path / "dest"
    deploy(modules, src)
    modules("powerbi_export", workspace="Finance", dest=str(dest), model_format="TMDL")
    files = [path.read_bytes() for path in dest.rglob("*") if path.is_file()]
    assert files
    assert not any(NAME in data for data in files)
    exported = json.loads((dest / "Sales.SemanticModel" / ".platform").read_text())
    assert exported["config"]["logicalId"] == MODEL_ID


def test_whether_an_item_was_deployed_is_only_said_where_it_is_known(modules: Modules, tmp_path: Path) -> None:
    made = modules("powerbi_item", workspace="Finance", src=str(model(tmp_path) / "Model.SemanticModel"))
    assert (made["item"]["deployed"], made["item"]["logical_id"]) == (True, MODEL_ID)
    listed = modules("powerbi_item_info", workspace="Finance")["workspace_items"][0]
    assert (listed["deployed"], listed["logical_id"]) == (None, "")
    read = modules("powerbi_item_info", workspace="Finance", definition=True)["workspace_items"][0]
    assert (read["deployed"], read["logical_id"]) == (True, MODEL_ID)


def test_a_description_that_the_service_drops_is_set_in_the_same_run(
    fresh_emulator: Emulator, modules: Modules, portal: Portal, tmp_path: Path
) -> None:
    fresh_emulator.tenant(creation_drops_description=True)
    deploy(modules, notebook(model(tmp_path, description="Orders by day"), "Each night"))
    assert portal.item("Sales.SemanticModel")["description"] == "Orders by day"
    assert portal.item("Night.Notebook")["description"].startswith("Each night [powerbi_deploy ")
    assert not deploy(modules, tmp_path)["changed"]


def test_the_cause_is_named_where_the_service_has_converted_a_report(
    fresh_emulator: Emulator, modules: Modules, portal: Portal, tmp_path: Path
) -> None:
    model(tmp_path)
    files = {
        ".platform": platform("Report", "Sales", REPORT_ID),
        "definition.pbir": '{"version": "4.0", "datasetReference": {"byPath": {"path": "../Model.SemanticModel"}}}',
        "report.json": '{"sections": [{"name": "p1", "displayName": "One", "visualContainers": []}]}',
    }
    write(tmp_path / "Report.Report", files)
    first = deploy(modules, tmp_path)
    assert any("legacy format" in text for text in first["content_warnings"])
    identity = portal.item("Sales.Report")["id"]
    fresh_emulator.call("PATCH", f"/_emulator/items/{identity}/definition", json={}).raise_for_status()
    done = deploy(modules, tmp_path)
    (entry,) = [one for one in done["plan"] if one["type"] == "Report"]
    assert entry["changes"][0].startswith("converted to PBIR in the service")
    assert any("Sales.Report was converted to PBIR" in text for text in done["warnings"])


def test_the_way_through_a_refused_destructive_change(
    fresh_emulator: Emulator, modules: Modules, portal: Portal, tmp_path: Path
) -> None:
    """As docs/deploying.md has it: the values are cleared first."""
    table = "table Rows\n\n\tcolumn A\n\t\tdataType: {}\n\t\tsourceColumn: A\n\n"
    table += "\tpartition Rows = m\n\t\tmode: import\n\t\tsource = 1\n"
    model(tmp_path)
    part = "Model.SemanticModel/definition/tables/Rows.tmdl"
    write(tmp_path, {part: table.format("int64")})
    deploy(modules, tmp_path)
    refreshes = f"/groups/{portal.workspace_id}/datasets/{portal.item('Sales.SemanticModel')['id']}/refreshes"
    portal.call("POST", f"/v1.0/myorg{refreshes}", json={"type": "full", "applyRefreshPolicy": True})
    write(tmp_path, {part: table.format("string")})
    given = {"workspace": "Finance", "src": str(tmp_path)}
    assert modules.fail("powerbi_deploy", **given)["error"]["option"] == "allow_data_loss"
    refused = modules.fail("powerbi_deploy", **given, allow_data_loss=True)
    assert "Alm_InvalidRequest_PurgeRequired" in json.dumps(refused)
    modules("powerbi_api", method="POST", path=refreshes, body={"type": "clearValues"})
    assert modules("powerbi_deploy", **given, allow_data_loss=True)["updated"] == ["Sales.SemanticModel"]
