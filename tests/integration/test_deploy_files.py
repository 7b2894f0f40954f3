# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""powerbi_deploy with .pbix, .rdl and .xlsx files beside definitions: one plan, one order, one second run."""

from __future__ import annotations

import json
import shutil
import typing as t
from pathlib import Path

import pytest

from harness.ansible_run import REPOSITORY
from harness.emulator import Emulator
from harness.files import pbix, rdl, xlsx
from harness.modules import Modules
from harness.portal import Portal

SAMPLE: t.Final = REPOSITORY / "playbooks" / "files" / "sample"


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """The sample, and files: a .pbix with a model, a report folder that needs that model by name, the rest."""
    folder = Path(shutil.copytree(SAMPLE, tmp_path / "content"))
    (folder / "Monthly").mkdir()
    pbix(folder / "Golden.pbix")
    xlsx(folder / "Budget.xlsx")
    rdl(folder / "Monthly" / "Orders.rdl")
    report = Path(shutil.copytree(folder / "Sales.Report", folder / "Board.Report"))
    platform = json.loads((report / ".platform").read_text())
    platform["metadata"]["displayName"] = "Board"
    platform["config"]["logicalId"] = "b0a4d000-0000-4000-8000-000000000001"
    (report / ".platform").write_text(json.dumps(platform))
    by_name = {"byConnection": {"connectionString": "Data Source=;Initial Catalog=Golden"}}
    (report / "definition.pbir").write_text(json.dumps({"version": "4.0", "datasetReference": by_name}))
    return folder


def test_files_and_definitions_in_one_plan(fresh_emulator: Emulator, content: Path) -> None:
    modules, portal = Modules(fresh_emulator), Portal(fresh_emulator)
    options = {"workspace": "Finance", "src": str(content), "prune": "all"}
    planned, first = modules("powerbi_deploy", check=True, **options), modules("powerbi_deploy", **options)
    assert planned["created"] == first["created"]
    assert {"Golden.Report", "Budget.SemanticModel", "Orders.PaginatedReport", "Board.Report"} <= set(first["created"])
    reports = portal.call("GET", f"/v1.0/myorg/groups/{portal.workspace_id}/reports")["value"]
    assert {one["name"]: one.get("datasetId") for one in reports}["Board"] == portal.item("Golden.SemanticModel")["id"]
    fresh_emulator.clear_requests()
    second = modules("powerbi_deploy", **options)
    assert (second["changed"], second["updated"], second["deleted"], portal.writes()) == (False, [], [], [])
    assert not modules("powerbi_drift_info", **options)["drifted"]


def test_a_changed_file_is_the_only_write(fresh_emulator: Emulator, content: Path) -> None:
    modules, portal = Modules(fresh_emulator), Portal(fresh_emulator)
    options = {"workspace": "Finance", "src": str(content)}
    modules("powerbi_deploy", **options)
    pbix(content / "Golden.pbix", page="Another")
    assert [one["name"] for one in modules("powerbi_drift_info", **options)["drift"]] == ["Golden"]
    fresh_emulator.clear_requests()
    assert modules("powerbi_deploy", **options)["updated"] == ["Golden.Report"]
    assert [write for write in portal.writes() if "PATCH" not in write] == [
        f"POST /v1.0/myorg/groups/{portal.workspace_id}/imports"
    ]
    shutil.move(content / "Golden.pbix", content / "Monthly" / "Golden.pbix")
    moved = modules("powerbi_deploy", **options)
    assert [entry["changes"] for entry in moved["plan"] if entry["action"] == "update"] == [
        ["moved from the root to Monthly"]
    ]
    assert portal.item("Golden.SemanticModel")["folderId"] == portal.item("Golden.Report")["folderId"] != ""
    assert not modules("powerbi_deploy", **options)["changed"]


def test_a_removed_file_is_pruned_with_its_model(fresh_emulator: Emulator, content: Path) -> None:
    modules, portal = Modules(fresh_emulator), Portal(fresh_emulator)
    options = {"workspace": "Finance", "src": str(content), "prune": "deployed"}
    modules("powerbi_deploy", **options)
    (content / "Golden.pbix").unlink()
    shutil.rmtree(content / "Board.Report")
    assert set(modules("powerbi_deploy", **options)["deleted"]) == {
        "Board.Report",
        "Golden.Report",
        "Golden.SemanticModel",
    }
    assert not any(name.startswith(("Golden", "Board")) for name in portal.names())


def test_a_duplicate_model_is_found_before_the_first_write(fresh_emulator: Emulator, content: Path) -> None:
    modules = Modules(fresh_emulator)
    shutil.rmtree(content / "Sales.Report")
    pbix(content / "Sales.pbix")
    result = modules.fail("powerbi_deploy", workspace="Finance", src=str(content))
    assert "Sales.pbix contains a semantic model of the same name as Sales.SemanticModel" in result["msg"]
    assert fresh_emulator.requests("/groups|/workspaces") == []


def test_a_definition_takes_the_place_of_what_a_file_made(fresh_emulator: Emulator, tmp_path: Path) -> None:
    """The report is in the format of files then, which the service does not translate."""
    modules, portal = Modules(fresh_emulator), Portal(fresh_emulator)
    modules("powerbi_import", workspace="Finance", src=[str(pbix(tmp_path / "Sales.pbix"))])
    options = {"workspace": "Finance", "src": str(SAMPLE), "allow_data_loss": True}
    assert set(modules("powerbi_deploy", **options)["updated"]) == {"Sales.Report", "Sales.SemanticModel"}
    assert "definition/report.json" in portal.parts("Sales.Report")
    assert not modules("powerbi_deploy", **options)["changed"]


@pytest.mark.parametrize("prune", ["none", "deployed"])
def test_a_file_that_was_renamed_is_the_same_item(fresh_emulator: Emulator, tmp_path: Path, prune: str) -> None:
    """Its content identifies it, as nothing else does: it is not sent again, and ids, links and permissions stay."""
    modules, portal = Modules(fresh_emulator), Portal(fresh_emulator)
    options = {"workspace": "Finance", "src": str(tmp_path), "prune": prune}
    pbix(tmp_path / "Golden.pbix")
    rdl(tmp_path / "Orders.rdl")
    modules("powerbi_deploy", **options)
    ids = {item["type"]: item["id"] for item in portal.items()}
    shutil.move(tmp_path / "Golden.pbix", tmp_path / "Gold.pbix")
    shutil.move(tmp_path / "Orders.rdl", tmp_path / "Deliveries.rdl")
    fresh_emulator.clear_requests()
    planned, done = modules("powerbi_deploy", check=True, **options), modules("powerbi_deploy", **options)
    assert [one["changes"] for one in planned["plan"]] == [one["changes"] for one in done["plan"]]
    assert (done["created"], done["deleted"]) == ([], [])
    assert {item["type"]: item["id"] for item in portal.items()} == ids
    assert portal.names() == ["Deliveries.PaginatedReport", "Gold.Report", "Gold.SemanticModel"]
    assert not any("/imports" in write for write in portal.writes())
    assert not modules("powerbi_deploy", **options)["changed"]
    pbix(tmp_path / "Golden.pbix", page="Another")
    assert modules("powerbi_deploy", **options)["created"] == ["Golden.Report"], "the old name is that of a new file"
    assert not modules("powerbi_deploy", **options)["changed"]


def test_a_copied_file_is_another_item(fresh_emulator: Emulator, tmp_path: Path) -> None:
    modules, portal = Modules(fresh_emulator), Portal(fresh_emulator)
    options = {"workspace": "Finance", "src": str(tmp_path)}
    pbix(tmp_path / "Golden.pbix")
    modules("powerbi_deploy", **options)
    shutil.copy(tmp_path / "Golden.pbix", tmp_path / "Copy.pbix")
    assert modules("powerbi_deploy", **options)["created"] == ["Copy.Report"]
    assert portal.names() == ["Copy.Report", "Copy.SemanticModel", "Golden.Report", "Golden.SemanticModel"]


def test_a_file_of_another_deployment_is_taken_over_only_on_request(fresh_emulator: Emulator, tmp_path: Path) -> None:
    modules, portal = Modules(fresh_emulator), Portal(fresh_emulator)
    options = {"workspace": "Finance", "src": str(tmp_path)}
    pbix(tmp_path / "Golden.pbix")
    modules("powerbi_deploy", **options, deployment="one")
    assert not modules("powerbi_deploy", **options, deployment="one")["changed"]
    failed = modules.fail("powerbi_deploy", **options, deployment="two")
    assert failed["error"]["option"] == "take_ownership"
    fresh_emulator.clear_requests()
    done = modules("powerbi_deploy", **options, deployment="two", take_ownership=True)
    assert done["plan"][0]["changes"] == ["taken over from the deployment 'one'"]
    assert not any("/imports" in write for write in portal.writes())
    assert not modules("powerbi_deploy", **options, deployment="two")["changed"]


def test_what_powerbi_import_has_imported_is_owned_by_no_deployment(fresh_emulator: Emulator, tmp_path: Path) -> None:
    modules, portal = Modules(fresh_emulator), Portal(fresh_emulator)
    options = {"workspace": "Finance", "src": str(tmp_path / "content"), "prune": "deployed"}
    (tmp_path / "content").mkdir()
    rdl(tmp_path / "content" / "Orders.rdl")
    pbix(tmp_path / "Golden.pbix")
    modules("powerbi_import", workspace="Finance", src=[str(tmp_path / "Golden.pbix")])
    assert modules("powerbi_deploy", **options)["deleted"] == []
    assert not modules("powerbi_import", workspace="Finance", src=[str(tmp_path / "Golden.pbix")])["changed"]
    assert len(portal.names()) == 3


def test_an_import_keeps_the_owner_of_a_file(fresh_emulator: Emulator, tmp_path: Path) -> None:
    modules = Modules(fresh_emulator)
    options = {"workspace": "Finance", "src": str(tmp_path), "deployment": "one"}
    pbix(tmp_path / "Golden.pbix")
    modules("powerbi_deploy", **options)
    pbix(tmp_path / "Golden.pbix", page="Another")
    modules("powerbi_import", workspace="Finance", src=[str(tmp_path / "Golden.pbix")])
    assert not modules("powerbi_deploy", **options)["changed"]
    assert modules.fail("powerbi_deploy", **{**options, "deployment": "two"})["error"]["option"] == "take_ownership"
