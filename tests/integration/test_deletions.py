# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a deletion takes along, and what bounds it: dependents, the service's own items, patterns, a folder that is wrong."""

from __future__ import annotations

import shutil
import typing as t
from pathlib import Path

import pytest

from harness.emulator import Emulator
from harness.modules import Modules
from harness.portal import FINANCE, Portal
from test_ownership import deploy, model, notebook, platform, report, write

SALES: t.Final = "f01de400-0000-4000-8000-000000000001"
TYPES: t.Final = ("SemanticModel", "Report")


class Tenant:
    """A workspace with a model and its report, both deployed from ``folder``, and the people who use them."""

    def __init__(self, emulator: Emulator, folder: Path) -> None:
        self.emulator = emulator
        self.modules = Modules(emulator)
        self.portal = Portal(emulator)
        self.folder = folder
        deploy(self.modules, notebook(report(model(folder))))

    def leave_only_the_notebook(self) -> None:
        for name in ("Model.SemanticModel", "Report.Report"):
            shutil.rmtree(self.folder / name)

    def save_a_copy(self, name: str, workspace: str = FINANCE) -> None:
        body = {"name": name, "targetWorkspaceId": workspace}
        report_id = self.portal.item("Sales.Report")["id"]
        self.portal.call("POST", f"/v1.0/myorg/groups/{FINANCE}/reports/{report_id}/Clone", json=body)

    def forget_owner(self, name: str) -> None:
        path = "definition/report.json"
        self.portal.edit(f"{name}.Report", path, "powerbi_deployment", "another_annotation")

    def pin(self, title: str, dashboard: str) -> None:
        made = self.portal.call("POST", f"/v1.0/myorg/groups/{FINANCE}/dashboards", json={"name": dashboard})
        body = {"title": title, "report_id": self.portal.item("Sales.Report")["id"]}
        self.emulator.call("POST", f"/_emulator/dashboards/{made['id']}/tiles", json=body).raise_for_status()

    def deploy(self, **options: t.Any) -> dict[str, t.Any]:
        return deploy(self.modules, self.folder, **{"prune": "deployed", **options})

    def refused(self, **options: t.Any) -> dict[str, t.Any]:
        """Check mode and the run fail alike, and neither writes."""
        given = {"workspace": "Finance", "src": str(self.folder), "prune": "deployed", **options}
        before = self.portal.names()
        self.emulator.clear_requests()
        planned = self.modules.fail("powerbi_deploy", check=True, **given)
        result = self.modules.fail("powerbi_deploy", **given)
        assert (planned["msg"], self.portal.writes(), self.portal.names()) == (result["msg"], [], before)
        return result


@pytest.fixture
def tenant(fresh_emulator: Emulator, tmp_path: Path) -> Tenant:
    return Tenant(fresh_emulator, tmp_path / "content")


def reports_in(portal: Portal, workspace: str) -> list[str]:
    found = portal.call("GET", f"/v1.0/myorg/groups/{workspace}/reports")["value"]
    return [one["name"] for one in found]


def test_a_copy_of_a_report_keeps_its_model_from_being_pruned(tenant: Tenant) -> None:
    tenant.save_a_copy("Board")
    tenant.forget_owner("Board")
    tenant.leave_only_the_notebook()
    result = tenant.refused()
    assert result["error"]["option"] == "allow_data_loss"
    assert "Sales.SemanticModel" in result["msg"] and "Board.Report" in result["msg"]
    done = tenant.deploy(allow_data_loss=True, max_deletions=3)
    assert done["deleted"] == ["Board.Report", "Sales.Report", "Sales.SemanticModel"]
    (entry,) = [one for one in done["plan"] if one["name"] == "Board"]
    assert entry["changes"] == ["deleted", "the service deletes it with Sales.SemanticModel"]
    assert tenant.portal.names() == ["Night.Notebook"]


@pytest.mark.parametrize("options", [{}, {"allow_data_loss": True}, {"prune": "all"}])
def test_a_protected_report_keeps_its_model(tenant: Tenant, options: dict[str, t.Any]) -> None:
    tenant.save_a_copy("Board")
    tenant.leave_only_the_notebook()
    result = tenant.refused(protect=["board.report"], **options)
    assert result["error"]["option"] == "prune"
    assert "Board.Report uses Sales.SemanticModel and is protected" in result["msg"]
    done = tenant.deploy(protect=["Board.Report", "Sales.SemanticModel"], **options)
    assert done["deleted"] == ["Sales.Report"]


def test_dependents_count_as_deletions(tenant: Tenant) -> None:
    tenant.save_a_copy("Board")
    tenant.forget_owner("Board")
    tenant.save_a_copy("Elsewhere", SALES)
    tenant.leave_only_the_notebook()
    result = tenant.refused(allow_data_loss=True, max_deletions=3)
    assert "4 items would be deleted, but max_deletions is 3" in result["msg"]


def test_a_report_of_another_workspace_is_found_before_the_first_write(tenant: Tenant) -> None:
    tenant.save_a_copy("Board", SALES)
    tenant.leave_only_the_notebook()
    result = tenant.refused(prune="all")
    assert "the report 'Board' of the workspace 'Sales'" in result["msg"]
    done = tenant.deploy(allow_data_loss=True)
    assert any("the report 'Board' of the workspace 'Sales'" in text for text in done["warnings"])
    (entry,) = [one for one in done["plan"] if one["type"] == "SemanticModel"]
    assert "the service deletes the report 'Board' of the workspace 'Sales' with it" in entry["changes"]
    assert "Board" not in reports_in(tenant.portal, SALES)


def test_a_tile_on_a_dashboard_is_named(tenant: Tenant) -> None:
    tenant.pin("Revenue", "Overview")
    tenant.leave_only_the_notebook()
    assert "the tile 'Revenue' of the dashboard 'Overview'" in tenant.refused()["msg"]
    done = tenant.deploy(allow_data_loss=True, max_deletions=2)
    assert done["deleted"] == ["Sales.Report", "Sales.SemanticModel"]


def test_a_report_of_the_folder_on_a_model_to_prune(tenant: Tenant) -> None:
    """Excluded, so that nothing binds it to another model, or bound elsewhere by this very run."""
    tenant.deploy()
    shutil.rmtree(tenant.folder / "Model.SemanticModel")
    other = model(tenant.folder / "other", "Other")
    (other / "Model.SemanticModel").rename(tenant.folder / "Model.SemanticModel")
    text = platform("SemanticModel", "Other", "10000000-0000-4000-8000-0000000000aa")
    (tenant.folder / "Model.SemanticModel" / ".platform").write_text(text)
    result = tenant.refused(exclude=["*.Report"])
    assert "Sales.Report uses Sales.SemanticModel and is in the folder" in result["msg"]
    assert tenant.deploy()["deleted"] == ["Sales.SemanticModel"]
    assert tenant.portal.names() == ["Night.Notebook", "Other.SemanticModel", "Sales.Report"]


def test_a_workspace_that_cannot_be_read_is_a_warning(tenant: Tenant) -> None:
    tenant.leave_only_the_notebook()
    tenant.emulator.fault(path=f"/groups/{SALES}/reports", status=403)
    done = tenant.deploy()
    assert any("of the workspace 'Sales' use what is to be deleted is not known" in text for text in done["warnings"])


def test_without_deletions_nothing_is_searched(tenant: Tenant) -> None:
    tenant.emulator.clear_requests()
    tenant.deploy()
    paths = [
        entry["path"] for entry in tenant.emulator.requests() if entry["path"].endswith(("/dashboards", "/reports"))
    ]
    assert paths == []
    shutil.rmtree(tenant.folder / "Report.Report")
    tenant.emulator.clear_requests()
    assert tenant.deploy()["deleted"] == ["Sales.Report"]
    paths = [
        entry["path"] for entry in tenant.emulator.requests() if entry["path"].endswith(("/dashboards", "/reports"))
    ]
    assert paths == [], "a report takes nothing along"


@pytest.mark.parametrize("check", [True, False])
def test_one_item_takes_along_no_more_than_is_allowed(tenant: Tenant, check: bool) -> None:
    tenant.save_a_copy("Board", SALES)
    given = {"workspace": "Finance", "name": "Sales", "type": "SemanticModel", "state": "absent"}
    result = tenant.modules.fail("powerbi_item", check=check, **given)
    assert "Sales.Report" in result["msg"] and "the report 'Board' of the workspace 'Sales'" in result["msg"]
    done = tenant.modules("powerbi_item", check=check, **given, allow_data_loss=True)
    assert "the service deletes the report 'Board' of the workspace 'Sales' with it" in done["changes"]


def test_prune_all_leaves_what_the_service_makes(tenant: Tenant) -> None:
    tenant.emulator.tenant(default_semantic_models=True)
    tenant.emulator.call("POST", f"/_emulator/workspaces/{FINANCE}/usage-metrics", json={}).raise_for_status()
    write(
        tenant.folder,
        {"Lake.Lakehouse/.platform": platform("Lakehouse", "Lake", "10000000-0000-4000-8000-0000000000ee")},
    )
    files = {
        ".platform": platform("Dataflow", "Flow", "10000000-0000-4000-8000-0000000000ef"),
        "mashup.pq": "section Section1;\n",
        "queryMetadata.json": '{"formatVersion": "202502", "name": "Flow", "queriesMetadata": {}}',
    }
    write(tenant.folder / "Flow.Dataflow", files)
    tenant.deploy()
    before = tenant.portal.names()
    assert {"Report Usage Metrics Model.SemanticModel", "Lake.SemanticModel", "Lake.SQLEndpoint"} <= set(before)
    assert any(name.startswith("StagingLakehouseForDataflows_") for name in before)
    assert tenant.deploy(prune="all")["deleted"] == []
    assert tenant.portal.names() == before
    shutil.rmtree(tenant.folder / "Lake.Lakehouse")
    done = tenant.deploy(prune="all")
    assert done["deleted"] == ["Lake.Lakehouse", "Lake.SemanticModel"]
    (entry,) = [one for one in done["plan"] if one["type"] == "Lakehouse"]
    assert entry["changes"] == ["deleted", "its SQL analytics endpoint is deleted with it"]
    assert not any(name.startswith("Lake.") for name in tenant.portal.names())


class TestPatternsBoundPruning:
    @pytest.fixture
    def folder(self, fresh_emulator: Emulator, tmp_path: Path) -> Path:
        """Finance/ has a model and its report, HR/ a notebook, which leaves the folder after the deployment."""
        content = tmp_path / "content"
        report(model(content / "Finance"))
        notebook(content / "HR")
        deploy(Modules(fresh_emulator), content)
        shutil.rmtree(content / "HR")
        return content

    @pytest.mark.parametrize("prune", ["deployed", "all"])
    @pytest.mark.parametrize(
        ("options", "deleted"),
        [
            ({}, ["Night.Notebook"]),
            ({"include": ["Finance/"]}, []),
            ({"include": ["finance/", "*.Report"]}, []),
            ({"include": ["*/"]}, ["Night.Notebook"]),
            ({"exclude": ["HR/"]}, []),
            ({"exclude": ["hr/*"]}, []),
            ({"exclude": ["./HR/Night.Notebook"]}, []),
            ({"exclude": ["night.notebook"]}, []),
            ({"exclude": ["*.Dashboard"]}, ["Night.Notebook"]),
        ],
    )
    def test_what_they_leave_out_stays(
        self, fresh_emulator: Emulator, folder: Path, prune: str, options: dict[str, t.Any], deleted: list[str]
    ) -> None:
        assert deploy(Modules(fresh_emulator), folder, prune=prune, **options)["deleted"] == deleted

    def test_a_part_of_the_deployed_folder_is_refused(self, fresh_emulator: Emulator, folder: Path) -> None:
        modules, portal = Modules(fresh_emulator), Portal(fresh_emulator)
        before = portal.names()
        for check in (True, False):
            given = {"workspace": "Finance", "src": str(folder / "Finance")}
            result = modules.fail("powerbi_deploy", check=check, **given, prune="all")
            assert "src is the folder 'Finance' of what was deployed" in result["msg"]
            assert result["error"]["option"] == "src"
            modules.fail("powerbi_deploy", check=check, **given, prune="deployed")
        assert portal.names() == before

    @pytest.mark.parametrize("path", ["Finance/Model.SemanticModel", "Finance/Report.Report"])
    @pytest.mark.parametrize("prune", ["none", "deployed"])
    def test_the_folder_of_one_item_is_refused(
        self, fresh_emulator: Emulator, folder: Path, path: str, prune: str
    ) -> None:
        given = {"workspace": "Finance", "src": str(folder / path), "prune": prune}
        result = Modules(fresh_emulator).fail("powerbi_deploy", **given)
        assert "this is the folder of one item" in result["msg"]

    def test_a_submodule_that_is_not_checked_out_deletes_nothing(self, fresh_emulator: Emulator, folder: Path) -> None:
        (folder / "HR").mkdir()
        modules, portal = Modules(fresh_emulator), Portal(fresh_emulator)
        for check in (True, False):
            given = {"workspace": "Finance", "src": str(folder), "prune": "deployed"}
            result = modules.fail("powerbi_deploy", check=check, **given)
            assert "the folder 'HR' of src is empty, and Night.Notebook would be deleted" in result["msg"]
        assert "Night.Notebook" in portal.names()
        (folder / "HR" / ".gitkeep").write_text("")
        assert deploy(modules, folder, prune="deployed")["deleted"] == ["Night.Notebook"]
