# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""powerbi_import: sent once, recognised from any path, no duplicates, nothing hidden, nothing rebound."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._deploy.files import file_import
from harness.ansible_run import AnsibleRunner
from harness.emulator import Emulator
from harness.files import pbix, rdl, xlsx
from harness.modules import Modules
from harness.portal import FINANCE, Portal

IMPORTS: t.Final = f"/v1.0/myorg/groups/{FINANCE}/imports"
REPORTS: t.Final = f"/v1.0/myorg/groups/{FINANCE}/reports"


@pytest.fixture
def portal(fresh_emulator: Emulator) -> Portal:
    return Portal(fresh_emulator)


@pytest.fixture
def modules(fresh_emulator: Emulator) -> Modules:
    return Modules(fresh_emulator)


def sent(emulator: Emulator) -> int:
    """How many files were sent since the log was cleared."""
    return len(emulator.requests("/imports$", "POST"))


def import_(modules: Modules, *paths: Path, **options: t.Any) -> dict[str, t.Any]:
    """Check mode first, whose result must be that of the real run."""
    given = {"workspace": "Finance", "src": [str(path) for path in paths], **options}
    planned = modules("powerbi_import", check=True, **given)
    done = modules("powerbi_import", **given)
    assert planned["changed"] == done["changed"]
    for before, after in zip(planned["imports"], done["imports"], strict=True):
        assert [before[key] for key in ("name", "action", "changes", "name_conflict")] == [
            after[key] for key in ("name", "action", "changes", "name_conflict")
        ]
        assert (after["import_id"] != "") == (after["action"] != "unchanged" and after["name_conflict"] != "")
    assert planned.get("diff") == done.get("diff")
    return done


def bound(portal: Portal, name: str) -> list[str]:
    """The semantic models that the reports of that name show."""
    return [one["datasetId"] for one in portal.call("GET", REPORTS)["value"] if one["name"] == name]


def test_a_workspace_by_its_id_that_is_not_there(fresh_emulator: Emulator, modules: Modules, tmp_path: Path) -> None:
    """Its lists are requested together with it: their refusals must not hide what is wrong."""
    given = {"workspace": "f01de400-0000-4000-8000-0000000000ff", "src": [str(rdl(tmp_path / "Invoice.rdl"))]}
    result = modules.fail("powerbi_import", **given)
    assert "there is no workspace" in result["msg"]
    assert result["error"]["option"] == "workspace"
    assert len(fresh_emulator.requests("oauth2", "POST")) == 1


def test_a_secret_that_is_wrong_is_sent_once(fresh_emulator: Emulator, tmp_path: Path) -> None:
    """Lists that begin together must not each try it: tenants lock what fails too often."""
    modules = Modules(fresh_emulator)
    given = {"workspace": FINANCE, "src": [str(rdl(tmp_path / "Invoice.rdl"))], "client_secret": "wrong"}
    result = modules.fail("powerbi_import", **given)
    assert "AADSTS7000215" in result["msg"]
    assert len(fresh_emulator.requests("oauth2", "POST")) == 1


def test_a_file_is_sent_once_and_from_no_controller_again(
    fresh_emulator: Emulator, modules: Modules, portal: Portal, tmp_path: Path
) -> None:
    file = pbix(tmp_path / "Sales.pbix")
    first = import_(modules, file)
    (entry,) = first["imports"]
    assert (entry["action"], entry["changes"], entry["name_conflict"]) == ("create", ["imported"], "Abort")
    assert portal.names() == ["Sales.Report", "Sales.SemanticModel"]
    assert entry["model_id"] == portal.item("Sales.SemanticModel")["id"]
    assert entry["report_id"] == portal.item("Sales.Report")["id"]
    fresh_emulator.clear_requests()
    second = import_(Modules(fresh_emulator), file)
    assert (second["changed"], second["imports"][0]["action"]) == (False, "unchanged")
    assert second["imports"][0]["report_id"] == entry["report_id"]
    assert portal.writes() == []


def test_a_changed_file_replaces_its_items(modules: Modules, portal: Portal, tmp_path: Path) -> None:
    file = pbix(tmp_path / "Sales.pbix")
    before = import_(modules, file)["imports"][0]
    pbix(file, page="Another")
    result = import_(modules, file)
    (after,) = result["imports"]
    assert (after["action"], after["name_conflict"]) == ("update", "CreateOrOverwrite")
    assert after["changes"] == ["another file than the one imported before"]
    assert (after["model_id"], after["report_id"]) == (before["model_id"], before["report_id"])
    assert b"Another" in portal.parts("Sales.Report")["report.json"]
    assert result["diff"][0]["before"] != result["diff"][0]["after"]
    assert not import_(modules, file)["changed"]


def test_an_edit_in_the_portal_is_seen_and_put_right(modules: Modules, portal: Portal, tmp_path: Path) -> None:
    file = pbix(tmp_path / "Sales.pbix")
    import_(modules, file)
    portal.edit("Sales.SemanticModel", "definition/model.tmdl", "culture: en-US", "culture: de-DE")
    result = import_(modules, file)
    assert result["imports"][0]["changes"] == ["it was edited in the service since its import"]
    assert b"culture: en-US" in portal.parts("Sales.SemanticModel")["definition/model.tmdl"]
    portal.edit("Sales.Report", "report.json", "Overview", "Mine")
    assert import_(modules, file)["imports"][0]["changes"] == ["it was edited in the service since its import"]
    assert not import_(modules, file)["changed"]


def test_a_description_is_no_edit_and_stays(modules: Modules, portal: Portal, tmp_path: Path) -> None:
    file = pbix(tmp_path / "Sales.pbix")
    import_(modules, file)
    annotation = portal.item("Sales.SemanticModel")["description"]
    assert len(annotation) < 110
    portal.change("Sales.SemanticModel", description=f"What Sales reads {annotation}")
    assert not import_(modules, file)["changed"]
    pbix(file, page="Another")
    import_(modules, file)
    text = portal.item("Sales.SemanticModel")["description"]
    assert text.startswith("What Sales reads [powerbi_deploy ") and text.count("powerbi_deploy") == 1


def test_a_fingerprint_that_was_removed_or_damaged_costs_an_upload(
    modules: Modules, portal: Portal, tmp_path: Path
) -> None:
    file = pbix(tmp_path / "Sales.pbix")
    import_(modules, file)
    known = portal.item("Sales.SemanticModel")["description"]
    causes = {
        "": "the description was replaced in the service",
        "Mine": "the description was replaced in the service",
        known[:-70] + "]": "another file than the one imported before",
        known[:-40]: "the fingerprint in its description is damaged",
        known.replace("m:", "x:"): "edited in the service",
        "[powerbi_deploy f:]": "the fingerprint in its description is damaged",
    }
    for damaged, cause in causes.items():
        portal.change("Sales.SemanticModel", description=damaged)
        result = import_(modules, file)
        assert result["imports"][0]["action"] == "update", damaged
        assert cause in result["imports"][0]["changes"][0] and cause in result["diff"][0]["before"]
        assert not import_(modules, file)["changed"]


def test_a_text_behind_the_fingerprint_is_no_edit_and_stays(modules: Modules, portal: Portal, tmp_path: Path) -> None:
    file = pbix(tmp_path / "Sales.pbix")
    import_(modules, file)
    known = portal.item("Sales.SemanticModel")["description"]
    portal.change("Sales.SemanticModel", description=f"{known} Added in the portal")
    assert not import_(modules, file)["changed"]
    import_(modules, pbix(file, page="Another"))
    assert portal.item("Sales.SemanticModel")["description"].startswith("Added in the portal [powerbi_deploy f:")


class TestRenamed:
    """What was renamed in the service gets its name again; nothing is sent for that, and no duplicate is created."""

    @pytest.mark.parametrize(
        "labels", [["Sales.Report"], ["Sales.SemanticModel"], ["Sales.Report", "Sales.SemanticModel"]]
    )
    def test_a_rename_is_put_back(
        self, fresh_emulator: Emulator, modules: Modules, portal: Portal, tmp_path: Path, labels: list[str]
    ) -> None:
        file = pbix(tmp_path / "Sales.pbix")
        before = import_(modules, file)["imports"][0]
        for label in labels:
            portal.change(label, displayName="Turnover")
        fresh_emulator.clear_requests()
        result = import_(modules, file)
        (entry,) = result["imports"]
        words = {"Sales.Report": "report", "Sales.SemanticModel": "semantic model"}
        assert sorted(entry["changes"]) == sorted(f"{words[label]} renamed from Turnover" for label in labels)
        assert (entry["model_id"], entry["report_id"]) == (before["model_id"], before["report_id"])
        assert portal.names() == ["Sales.Report", "Sales.SemanticModel"]
        assert sent(fresh_emulator) == 0
        assert "Turnover" in result["diff"][-1]["before"] and "Turnover" not in result["diff"][-1]["after"]
        assert not import_(modules, file)["changed"]

    def test_a_newer_file_replaces_what_was_renamed(self, modules: Modules, portal: Portal, tmp_path: Path) -> None:
        file = pbix(tmp_path / "Sales.pbix")
        before = import_(modules, file)["imports"][0]
        for label in ("Sales.Report", "Sales.SemanticModel"):
            portal.change(label, displayName="Turnover")
        (after,) = import_(modules, pbix(file, page="Another"))["imports"]
        assert (after["model_id"], after["report_id"]) == (before["model_id"], before["report_id"])
        assert portal.names() == ["Sales.Report", "Sales.SemanticModel"]
        assert b"Another" in portal.parts("Sales.Report")["report.json"]
        assert not import_(modules, file)["changed"]

    def test_an_edited_report_is_known_in_another_name_too(
        self, modules: Modules, portal: Portal, tmp_path: Path
    ) -> None:
        file = pbix(tmp_path / "Sales.pbix")
        import_(modules, file)
        portal.change("Sales.Report", displayName="Turnover")
        portal.edit("Turnover.Report", "report.json", "Overview", "Mine")
        assert import_(modules, file)["imports"][0]["changes"] == [
            "report renamed from Turnover",
            "it was edited in the service since its import",
        ]
        assert portal.names() == ["Sales.Report", "Sales.SemanticModel"]

    def test_one_file_in_two_names_is_two_items(self, modules: Modules, portal: Portal, tmp_path: Path) -> None:
        file = pbix(tmp_path / "Sales.pbix")
        for name in ("North", "South"):
            assert import_(modules, file, name=name)["imports"][0]["action"] == "create"
        for name in ("North", "South"):
            assert not import_(modules, file, name=name)["changed"]
        assert portal.names() == [
            f"{name}.{kind}" for name in ("North", "South") for kind in ("Report", "SemanticModel")
        ]

    def test_abort_renames_nothing(
        self, fresh_emulator: Emulator, modules: Modules, portal: Portal, tmp_path: Path
    ) -> None:
        file = pbix(tmp_path / "Sales.pbix")
        import_(modules, file)
        portal.change("Sales.Report", displayName="Turnover")
        fresh_emulator.clear_requests()
        result = modules.fail("powerbi_import", workspace="Finance", src=[str(file)], name_conflict="abort")
        assert "report renamed from Turnover" in result["msg"]
        assert portal.writes() == []

    def test_prune_does_not_delete_what_was_renamed(self, modules: Modules, portal: Portal, tmp_path: Path) -> None:
        folder = tmp_path / "content"
        folder.mkdir()
        pbix(folder / "Sales.pbix")
        rdl(folder / "Invoice.rdl")
        given = {"workspace": "Finance", "src": str(folder), "prune": "deployed"}
        modules("powerbi_deploy", **given)
        ids = {label: portal.item(label)["id"] for label in portal.names()}
        for label in ids:
            portal.change(label, displayName="Turnover")
        planned = modules("powerbi_deploy", check=True, **given)
        done = modules("powerbi_deploy", **given)
        assert [one["changes"] for one in planned["plan"]] == [one["changes"] for one in done["plan"]]
        assert done["deleted"] == []
        assert {label: portal.item(label)["id"] for label in portal.names()} == ids
        assert not modules("powerbi_deploy", **given)["changed"]

    def test_a_paginated_report_without_a_fingerprint_is_named(
        self, modules: Modules, portal: Portal, tmp_path: Path
    ) -> None:
        file = rdl(tmp_path / "Invoice.rdl")
        import_(modules, file)
        portal.change("Invoice.PaginatedReport", displayName="Bill")
        result = import_(modules, file)
        assert result["imports"][0]["action"] == "create"
        (warning,) = result["warnings"]
        assert f"although Bill.PaginatedReport has the content of {file}" in warning
        assert "rename it back first" in warning


def test_a_replaced_description_of_a_paginated_report_is_annotated_again(
    fresh_emulator: Emulator, modules: Modules, portal: Portal, tmp_path: Path
) -> None:
    folder = tmp_path / "content"
    folder.mkdir()
    rdl(folder / "Invoice.rdl")
    given = {"workspace": "Finance", "src": str(folder), "prune": "deployed"}
    modules("powerbi_deploy", **given)
    written = portal.item("Invoice.PaginatedReport")["description"]
    portal.change("Invoice.PaginatedReport", description="Bills of customers")
    fresh_emulator.clear_requests()
    planned = modules("powerbi_deploy", check=True, **given)
    done = modules("powerbi_deploy", **given)
    assert planned["plan"][0]["changes"] == done["plan"][0]["changes"]
    assert "the description was replaced in the service" in done["plan"][0]["changes"][0]
    assert portal.item("Invoice.PaginatedReport")["description"] == f"Bills of customers {written}"
    assert sent(fresh_emulator) == 0
    assert not modules("powerbi_deploy", **given)["changed"]


def test_a_description_without_room_is_not_cut(modules: Modules, portal: Portal, tmp_path: Path) -> None:
    file = pbix(tmp_path / "Sales.pbix")
    import_(modules, file)
    portal.change("Sales.SemanticModel", description="x" * 250)
    result = import_(modules, file)
    assert any("leaves no room" in text for text in result["warnings"])
    assert portal.item("Sales.SemanticModel")["description"] == "x" * 250


class TestBinding:
    def test_a_rebound_report_is_replaced_and_stays_bound(
        self, modules: Modules, portal: Portal, tmp_path: Path
    ) -> None:
        file, other = pbix(tmp_path / "Sales.pbix"), pbix(tmp_path / "Golden.pbix")
        import_(modules, file, other)
        report, golden = portal.item("Sales.Report")["id"], portal.item("Golden.SemanticModel")["id"]
        portal.call("POST", f"{REPORTS}/{report}/Rebind", json={"datasetId": golden})
        assert not import_(modules, file)["changed"], "no file contains what a report is bound to"
        pbix(file, page="Another")
        assert import_(modules, file)["imports"][0]["report_id"] == report
        assert bound(portal, "Sales") == [golden]
        assert b"Another" in portal.parts("Sales.Report")["report.json"]
        assert not import_(modules, file)["changed"]

    @pytest.mark.parametrize("accepted", [True, False])
    def test_so_it_does_at_once_if_the_import_fails(
        self, fresh_emulator: Emulator, modules: Modules, portal: Portal, tmp_path: Path, accepted: bool
    ) -> None:
        file, other = pbix(tmp_path / "Sales.pbix"), pbix(tmp_path / "Golden.pbix")
        import_(modules, file, other)
        report, golden = portal.item("Sales.Report")["id"], portal.item("Golden.SemanticModel")["id"]
        portal.call("POST", f"{REPORTS}/{report}/Rebind", json={"datasetId": golden})
        pbix(file, page="Another")
        if accepted:
            fresh_emulator.tenant(failing_imports=["Sales"])
        else:
            fresh_emulator.fault(path="/imports$", method="POST", status=400, times=1)
        modules.fail("powerbi_import", workspace="Finance", src=[str(file)])
        assert bound(portal, "Sales") == [golden]
        fresh_emulator.tenant(failing_imports=None)
        import_(modules, file)
        assert bound(portal, "Sales") == [golden]
        assert not import_(modules, file)["changed"]

    @pytest.mark.parametrize("status", [403, 404])
    def test_without_build_on_its_model_it_is_not_moved_at_all(
        self, fresh_emulator: Emulator, modules: Modules, portal: Portal, tmp_path: Path, status: int
    ) -> None:
        file, other = pbix(tmp_path / "Sales.pbix"), pbix(tmp_path / "Golden.pbix")
        import_(modules, file, other)
        report, golden = portal.item("Sales.Report")["id"], portal.item("Golden.SemanticModel")["id"]
        portal.call("POST", f"{REPORTS}/{report}/Rebind", json={"datasetId": golden})
        pbix(file, page="Another")
        fresh_emulator.clear_requests()
        fresh_emulator.fault(path="/Rebind$", method="POST", status=status)
        result = modules.fail("powerbi_import", workspace="Finance", src=[str(file)])
        assert "could not be bound to the first again" in result["msg"]
        assert "permission Build" in result["msg"]
        assert bound(portal, "Sales") == [golden]
        assert not fresh_emulator.requests("/imports$", "POST")

    def test_a_report_without_a_model_keeps_the_one_that_it_was_given(
        self, modules: Modules, portal: Portal, tmp_path: Path
    ) -> None:
        models = [pbix(tmp_path / "Development.pbix"), pbix(tmp_path / "Production.pbix")]
        import_(modules, *models)
        development, production = (portal.item(f"{path.stem}.SemanticModel")["id"] for path in models)
        file = pbix(tmp_path / "Thin.pbix", model=False, shows=development)
        report = import_(modules, file)["imports"][0]["report_id"]
        assert bound(portal, "Thin") == [development]
        portal.call("POST", f"{REPORTS}/{report}/Rebind", json={"datasetId": production})
        assert not import_(modules, file)["changed"]
        pbix(file, page="Another", model=False, shows=development)
        import_(modules, file)
        assert bound(portal, "Thin") == [production]
        assert not import_(modules, file)["changed"]

    def test_a_report_of_the_name_on_another_model_is_not_doubled(
        self, modules: Modules, portal: Portal, tmp_path: Path
    ) -> None:
        import_(modules, pbix(tmp_path / "Golden.pbix"))
        golden = portal.item("Golden.SemanticModel")["id"]
        import_(modules, pbix(tmp_path / "Sales.pbix", model=False, shows=golden))
        file = pbix(tmp_path / "Sales.pbix")
        result = modules.fail("powerbi_import", workspace="Finance", src=[str(file)])
        assert "there is a report 'Sales' already" in result["msg"] and "skip_report" in result["msg"]
        import_(modules, file, skip_report=True)
        assert portal.names().count("Sales.Report") == 1


class TestNames:
    def test_duplicates_are_an_error_with_their_ids(
        self, fresh_emulator: Emulator, modules: Modules, portal: Portal, tmp_path: Path
    ) -> None:
        file = pbix(tmp_path / "Sales.pbix")
        import_(modules, file)
        with file.open("rb") as handle:
            query = "?datasetDisplayName=Sales.pbix&nameConflict=Ignore"
            portal.call("POST", IMPORTS + query, files={"file": handle})
        assert portal.names().count("Sales.SemanticModel") == 2
        fresh_emulator.clear_requests()
        result = modules.fail("powerbi_import", workspace="Finance", src=[str(file)])
        ids = [item["id"] for item in portal.items() if item["type"] == "SemanticModel"]
        assert all(one in result["msg"] for one in ids)
        assert sent(fresh_emulator) == 0

    def test_abort_replaces_nothing(self, fresh_emulator: Emulator, modules: Modules, tmp_path: Path) -> None:
        file = pbix(tmp_path / "Sales.pbix")
        import_(modules, file, name_conflict="abort")
        assert not import_(modules, file, name_conflict="abort")["changed"]
        pbix(file, page="Another")
        fresh_emulator.clear_requests()
        result = modules.fail("powerbi_import", workspace="Finance", src=[str(file)], name_conflict="abort")
        assert result["error"]["option"] == "name_conflict"
        assert sent(fresh_emulator) == 0

    def test_overwrite_creates_nothing(self, fresh_emulator: Emulator, modules: Modules, tmp_path: Path) -> None:
        file = rdl(tmp_path / "Invoice.rdl")
        result = modules.fail("powerbi_import", workspace="Finance", src=[str(file)], name_conflict="overwrite")
        assert "no item 'Invoice'" in result["msg"] and sent(fresh_emulator) == 0

    def test_another_name_and_folder(self, modules: Modules, portal: Portal, tmp_path: Path) -> None:
        file = pbix(tmp_path / "Sales.pbix")
        import_(modules, file, name="Umsatz Öst", folder="Monthly/Europe")
        assert portal.names() == ["Umsatz Öst.Report", "Umsatz Öst.SemanticModel"]
        folders = {one["id"]: one["displayName"] for one in portal.call("GET", "/folders")["value"]}
        assert folders[portal.item("Umsatz Öst.Report")["folderId"]] == "Europe"
        assert not import_(modules, file, name="Umsatz Öst", folder="Monthly/Europe")["changed"]

    def test_one_name_for_several_files(self, modules: Modules, tmp_path: Path) -> None:
        files = [str(pbix(tmp_path / "A.pbix")), str(pbix(tmp_path / "B.pbix"))]
        assert modules.fail("powerbi_import", workspace="Finance", src=files, name="C")["error"]["option"] == "name"


class TestKinds:
    def test_a_paginated_report_is_compared_line_by_line(
        self, modules: Modules, portal: Portal, tmp_path: Path
    ) -> None:
        file = rdl(tmp_path / "Invoice.rdl")
        assert import_(modules, file)["imports"][0]["name_conflict"] == "Abort"
        assert not import_(modules, file)["changed"]
        rdl(file, "Invoices, A4")
        result = import_(modules, file)
        assert result["imports"][0]["name_conflict"] == "Overwrite"
        assert "<Description>Invoices</Description>" in result["diff"][0]["before"]
        assert "<Description>Invoices, A4</Description>" in result["diff"][0]["after"]
        portal.change("Invoice.PaginatedReport", description="without an annotation")
        assert not import_(modules, file)["changed"], "the same lines need no fingerprint"

    def test_one_new_report_is_read_back_for_all(
        self, fresh_emulator: Emulator, modules: Modules, tmp_path: Path
    ) -> None:
        files = [str(rdl(tmp_path / f"Invoice {number:02}.rdl")) for number in range(12)]
        given = {"workspace": "Finance", "src": files, "parallel": 4}
        assert modules("powerbi_import", **given)["changed"]
        assert len(fresh_emulator.requests("getDefinition", "POST")) == 1
        assert not modules("powerbi_import", **given)["changed"]

    def test_reports_that_the_service_changes_have_a_fingerprint(
        self, monkeypatch: pytest.MonkeyPatch, modules: Modules, portal: Portal, tmp_path: Path
    ) -> None:
        monkeypatch.setattr(file_import.fingerprint, "is_the_file", lambda *_unused: False)
        files = [str(rdl(tmp_path / f"Invoice {number:02}.rdl")) for number in range(12)]
        modules("powerbi_import", workspace="Finance", src=files)
        for number in range(12):
            assert "[powerbi_deploy f:" in portal.item(f"Invoice {number:02}.PaginatedReport")["description"]

    def test_one_that_is_changed_unlike_the_first_is_sent_once_more(
        self, monkeypatch: pytest.MonkeyPatch, modules: Modules, portal: Portal, tmp_path: Path
    ) -> None:
        first, other = rdl(tmp_path / "First.rdl"), rdl(tmp_path / "Other.rdl")
        modules("powerbi_import", workspace="Finance", src=[str(first), str(other)], parallel=1)
        portal.edit("Other.PaginatedReport", "Other.rdl", "<Description>Invoices", "<Description>its own")
        given = {"workspace": "Finance", "src": [str(first), str(other)]}
        monkeypatch.setattr(file_import.fingerprint, "is_the_file", lambda *_unused: False)
        again = modules("powerbi_import", **given)
        assert [entry["action"] for entry in again["imports"]] == ["unchanged", "update"]
        assert "[powerbi_deploy f:" in portal.item("Other.PaginatedReport")["description"]

    def test_a_report_that_can_not_be_read_back_holds_up_none(
        self, fresh_emulator: Emulator, modules: Modules, portal: Portal, tmp_path: Path
    ) -> None:
        fresh_emulator.fault(path="getDefinition", status=403, times=1)
        files = [str(rdl(tmp_path / f"Invoice {number:02}.rdl")) for number in range(4)]
        result = modules("powerbi_import", workspace="Finance", src=files, bulk_api="never")
        assert len(result["imports"]) == len(portal.names()) == 4
        assert any("returns no definition" in text for text in result["warnings"])

    def test_a_workbook(self, modules: Modules, portal: Portal, tmp_path: Path) -> None:
        file = xlsx(tmp_path / "Budget.xlsx")
        assert import_(modules, file)["imports"][0]["model_id"] == portal.item("Budget.SemanticModel")["id"]
        assert not import_(modules, file)["changed"]

    def test_only_the_model(self, modules: Modules, portal: Portal, tmp_path: Path) -> None:
        file = pbix(tmp_path / "Sales.pbix")
        import_(modules, file, skip_report=True)
        assert portal.names() == ["Sales.SemanticModel"]
        assert not import_(modules, file, skip_report=True)["changed"]
        assert import_(modules, file)["imports"][0]["changes"] == ["the report is missing"]
        assert portal.names() == ["Sales.Report", "Sales.SemanticModel"]

    def test_a_folder_of_files(self, modules: Modules, portal: Portal, tmp_path: Path) -> None:
        (tmp_path / "Monthly").mkdir()
        pbix(tmp_path / "Sales.pbix")
        rdl(tmp_path / "Monthly" / "Sales.rdl")
        (tmp_path / "Notes.txt").write_text("passed over")
        assert len(import_(modules, tmp_path)["imports"]) == 2
        assert portal.item("Sales.PaginatedReport")["folderId"]
        assert not import_(modules, tmp_path)["changed"]


class TestLarge:
    def test_blocks_above_the_threshold(
        self, fresh_emulator: Emulator, modules: Modules, portal: Portal, tmp_path: Path
    ) -> None:
        file = pbix(tmp_path / "Big.pbix", padding=9 << 20)
        import_(modules, file, large_file_size=1 << 20)
        assert len(fresh_emulator.requests("upload-storage", "PUT")) == 4  # three blocks of 4 MiB, and the list
        assert not import_(modules, file, large_file_size=1 << 20)["changed"]

    def test_a_location_that_ran_out_is_replaced(
        self, fresh_emulator: Emulator, modules: Modules, portal: Portal, tmp_path: Path
    ) -> None:
        file = pbix(tmp_path / "Big.pbix", padding=9 << 20)
        fresh_emulator.fault(path="upload-storage", method="PUT", status=403, times=1)
        import_(modules, file, large_file_size=1 << 20)
        assert len(fresh_emulator.requests("createTemporaryUploadLocation")) == 2
        assert "Big.Report" in portal.names()


class TestFailures:
    def test_a_failed_import_is_explained(self, fresh_emulator: Emulator, modules: Modules, tmp_path: Path) -> None:
        fresh_emulator.tenant(failing_imports=["Sales"])
        files = [pbix(tmp_path / "Sales.pbix"), rdl(tmp_path / "Invoice.rdl")]
        result = modules.fail(
            "powerbi_import", workspace="Finance", src=[str(path) for path in files], on_error="continue"
        )
        assert result["changed"] is True
        assert "import of Sales.pbix failed" in result["msg"] and "ImportFailed" in result["msg"]
        assert [one["item"] for one in result["failed_items"]] == ["Sales.Report"]
        fresh_emulator.tenant(failing_imports=None)
        assert [one["action"] for one in import_(modules, *files)["imports"]] == ["create", "unchanged"]

    def test_damaged_files_are_found_before_the_first_write(
        self, fresh_emulator: Emulator, modules: Modules, portal: Portal, tmp_path: Path
    ) -> None:
        good = pbix(tmp_path / "Good.pbix")
        (tmp_path / "Pointer.pbix").write_text("version https://git-lfs.github.com/spec/v1\n")
        (tmp_path / "Broken.rdl").write_text(rdl(tmp_path / "Good.rdl").read_text().replace("</Body>", ""))
        files = [good, tmp_path / "Pointer.pbix", tmp_path / "Broken.rdl", tmp_path / "Missing.pbix"]
        result = modules.fail("powerbi_import", workspace="Finance", src=[str(path) for path in files])
        assert result["error"]["kind"] == "content"
        found = {Path(one["file"]).name: one for one in result["error"]["problems"]}
        assert found.keys() == {"Pointer.pbix", "Broken.rdl", "Missing.pbix"}
        assert found["Broken.rdl"]["line"] == 9
        assert fresh_emulator.requests("/groups|/workspaces") == []

    def test_two_files_of_a_name(self, modules: Modules, tmp_path: Path) -> None:
        (tmp_path / "a").mkdir()
        files = [str(pbix(tmp_path / "Sales.pbix")), str(pbix(tmp_path / "a" / "sales.pbix"))]
        assert "has the name of" in modules.fail("powerbi_import", workspace="Finance", src=files)["msg"]

    @pytest.mark.parametrize(
        "fault",
        [
            {"status": 429, "headers": {"Retry-After": "1"}},
            {"status": 500},
            {"status": 500, "acted": True},
            {"reset": "before"},
            {"reset": "after"},
            {"truncate": True},
        ],
        ids=json.dumps,
    )
    @pytest.mark.parametrize("there_before", [False, True], ids=["new", "replaced"])
    def test_a_lost_response_creates_no_duplicate(
        self,
        fresh_emulator: Emulator,
        modules: Modules,
        portal: Portal,
        tmp_path: Path,
        fault: dict[str, t.Any],
        there_before: bool,
    ) -> None:
        file = pbix(tmp_path / "Sales.pbix")
        if there_before:
            import_(modules, file)
            pbix(file, page="Another")
        fresh_emulator.tenant(import_time=0.5)
        fresh_emulator.fault(path="/imports$", method="POST", times=1, **fault)
        result = modules("powerbi_import", workspace="Finance", src=[str(file)])
        assert result["changed"]
        assert portal.names() == ["Sales.Report", "Sales.SemanticModel"]
        assert not import_(modules, file)["changed"]


def test_an_earlier_import_is_not_taken_for_one_whose_answer_got_lost(
    fresh_emulator: Emulator, modules: Modules, portal: Portal, tmp_path: Path
) -> None:
    """Else the fingerprint would be that of the new file, although the old one is there."""
    file = pbix(tmp_path / "Sales.pbix")
    modules("powerbi_import", workspace="Finance", src=[str(file)])
    pbix(file, page="Another")
    fresh_emulator.fault(path="/imports$", method="POST", reset="before")  # a moment after the first, and for good
    modules.fail("powerbi_import", workspace="Finance", src=[str(file)], retry_timeout=2)
    assert b"Overview" in portal.parts("Sales.Report")["report.json"]
    fresh_emulator.clear_faults()
    assert import_(modules, file)["imports"][0]["action"] == "update"
    assert b"Another" in portal.parts("Sales.Report")["report.json"]
    assert not import_(modules, file)["changed"]


def test_without_waiting(fresh_emulator: Emulator, modules: Modules, portal: Portal, tmp_path: Path) -> None:
    fresh_emulator.tenant(import_time=0.5)
    file = pbix(tmp_path / "Sales.pbix")
    result = modules("powerbi_import", workspace="Finance", src=[str(file)], wait=False)
    (entry,) = result["imports"]
    state = portal.call("GET", f"{IMPORTS}/{entry['import_id']}")["importState"]
    assert state == "Publishing"


def test_without_a_fingerprint_the_fabric_api_may_refuse(
    fresh_emulator: Emulator, modules: Modules, portal: Portal, tmp_path: Path
) -> None:
    file = pbix(tmp_path / "Sales.pbix")
    assert import_(modules, file, fingerprint=False)["changed"]
    assert fresh_emulator.requests(r"^/v1/") == []
    fresh_emulator.fault(path="^/v1/", status=403)
    again = import_(modules, file, fingerprint=False)
    assert again["changed"]
    assert any("partitions of a refresh policy" in text and "can't be checked" in text for text in again["warnings"])
    fresh_emulator.clear_faults()
    assert portal.names() == ["Sales.Report", "Sales.SemanticModel"]
    assert not portal.item("Sales.Report").get("description")


def test_imports_that_run_hold_no_worker(fresh_emulator: Emulator, modules: Modules, tmp_path: Path) -> None:
    """With two threads, forty imports of a second each take hardly longer than one."""
    fresh_emulator.tenant(import_time=1.0)
    for number in range(40):
        pbix(tmp_path / f"Report {number:02}.pbix", page=str(number))
    result = modules("powerbi_import", workspace="Finance", src=[str(tmp_path)], parallel=2, fingerprint=False)
    assert len(result["imports"]) == 40
    assert len(fresh_emulator.requests("/imports", "GET")) < 40, "one list of imports serves all of them"


@pytest.mark.everycore
def test_a_playbook(fresh_emulator: Emulator, ansible: AnsibleRunner, tmp_path: Path) -> None:
    pbix(tmp_path / "Sales.pbix")
    rdl(tmp_path / "Invoice.rdl")
    task = {"name": "import", "community.powerbi.powerbi_import": {"workspace": "Finance", "src": str(tmp_path)}}
    first = ansible.playbook([task], env=fresh_emulator.env, diff=True).ok().result("import")
    assert first.result["changed"] and [one["action"] for one in first.result["imports"]] == ["create", "create"]
    second = ansible.playbook([task], env=fresh_emulator.env).ok().result("import")
    assert not second.result["changed"]
