# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Items that are created in one operation: the same items as one by one, which is what happens to the rest."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._deploy import bulk_writing
from ansible_collections.community.powerbi.plugins.module_utils._deploy.options import DeployOptions
from fakes.workspace import FINANCE, Deployed, FakeWorkspace, desired_of, local
from powerbi_emulator.state.folders import Folders

OPTIONS = DeployOptions.of(bulk_api="never", bulk_import=True)
RDL = '<Report xmlns="http://schemas.microsoft.com/sqlserver/reporting/2016/01/reportdefinition"><Width>1in</Width></Report>'


def notebook(name: str, **more: t.Any) -> t.Any:
    return local(f"{name}.Notebook", **more, content_py=f"print('{name}')")


A, B, C = notebook("A", folder="Monthly/Europe"), notebook("B"), notebook("C")
DESIRED = desired_of(A, B, C, needs={C: [A, B]})


def workspace(*, allowed: bool = True) -> FakeWorkspace:
    service = FakeWorkspace()
    service.emulated.switches.update({"bulk_definitions": allowed})
    return service


def outcome_of(deployed: Deployed, **run: t.Any) -> dict[str, t.Any]:
    outcome = deployed.run(**run)
    report: dict[str, t.Any] = deployed.deployment.report(outcome)
    return report


def test_each_step_of_dependencies_is_one_operation() -> None:
    service = workspace()
    report = outcome_of(Deployed(service, DESIRED, OPTIONS))
    assert [write for write in service.writes if "folder" not in write] == ["bulk import", "bulk import"]
    assert report["bulk_import"] == {"created": 3, "reason": ""}
    assert report["created"] == ["A.Notebook", "B.Notebook", "C.Notebook"]


def test_the_items_are_those_that_are_created_one_by_one() -> None:
    both = []
    for options in (OPTIONS, DeployOptions.of(bulk_api="never")):
        service = workspace()
        Deployed(service, DESIRED, options).run()
        both.append(
            {
                label: (service.folder_of(label), service.item(label).description, service.parts(label))
                for label in service.names()
            }
        )
        assert set(Deployed(service, DESIRED, options).actions.values()) == {"unchanged"}
    for of_item in both[0].values():
        platform = json.loads(of_item[2].pop(".platform"))
        assert "logicalId" not in platform["config"], "two items of one logical id would be refused"
    assert both[0] == both[1]


def test_what_exists_is_updated_one_by_one() -> None:
    service = workspace()
    service.add("Notebook", "B", parts={"content.py": b"old"})
    Deployed(service, desired_of(B, C), OPTIONS).run()
    assert sorted(service.writes) == ["bulk import", "describe B.Notebook", "update B.Notebook"]


def test_an_item_that_it_does_not_create_is_created_one_by_one_which_has_the_reason() -> None:
    service = workspace()
    broken = local("F.Dataflow", mashup_pq="section S;")
    deployed = Deployed(service, desired_of(A, B, broken), OPTIONS)
    report = outcome_of(deployed, stop=False)
    assert report["created"] == ["A.Notebook", "B.Notebook"]
    [failed] = report["failed_items"]
    assert failed["item"] == "F.Dataflow" and "queryMetadata.json" in str(failed)
    assert report["bulk_import"]["reason"] == "the bulk import has not created 1 of 3 items, and returned no reason"
    assert deployed.warned == []


def test_without_the_api_all_are_created_one_by_one() -> None:
    service = workspace(allowed=False)
    deployed = Deployed(service, DESIRED, OPTIONS)
    report = outcome_of(deployed)
    creations = [write for write in service.writes if "folder" not in write]
    assert sorted(creations) == ["create A.Notebook", "create B.Notebook", "create C.Notebook"]
    assert report["bulk_import"]["created"] == 0 and "FeatureNotAvailable" in report["bulk_import"]["reason"]
    assert deployed.warned == []


def test_items_of_a_lost_response_are_found_and_written_again() -> None:
    service = workspace()
    service.fault(method="POST", path="/bulkImportDefinitions$", status=500, acted=True, times=1)
    deployed = Deployed(service, desired_of(B, C), OPTIONS)
    assert not deployed.run().failed
    assert service.names() == ["B.Notebook", "C.Notebook"]
    assert sorted(service.writes) == ["bulk import", "update B.Notebook", "update C.Notebook"]


def test_what_its_definitions_may_not_fit_is_created_one_by_one() -> None:
    service = workspace()
    invoice = local("Invoice.PaginatedReport", Invoice_rdl=RDL)
    Deployed(service, desired_of(invoice, B), OPTIONS).run()
    assert sorted(service.writes) == ["bulk import", "create Invoice.PaginatedReport"]


@pytest.mark.parametrize(("limit", "value"), [("_BATCH", 2), ("_BATCH_BYTES", 20)])
def test_one_operation_has_a_limit(monkeypatch: pytest.MonkeyPatch, limit: str, value: int) -> None:
    monkeypatch.setattr(bulk_writing, limit, value)
    service = workspace()
    outcome = Deployed(service, desired_of(*(notebook(str(number)) for number in range(5))), OPTIONS).run()
    assert len(outcome.done) == 5
    assert service.writes.count("bulk import") > 1


def test_after_a_failure_nothing_more_is_created() -> None:
    service = workspace()
    service.add("Notebook", "B", parts={"content.py": b"old"})
    service.fault(method="POST", path="/updateDefinition$", status=400, code="Broken", times=1)
    outcome = Deployed(service, desired_of(B, C), OPTIONS).run(stop=True)
    assert [plan.label for plan in outcome.skipped] == ["C.Notebook"]
    assert service.writes == []


def test_stop_begins_no_item_that_the_import_has_not_created() -> None:
    service = workspace(allowed=False)
    items = [notebook(str(number)) for number in range(10)]
    deployed = Deployed(service, desired_of(*items), OPTIONS, parallel=1)
    service.fault(method="POST", path="/items$", status=400, code="Broken", times=1)
    outcome = deployed.run(stop=True)
    assert (len(outcome.failed), len(outcome.skipped)) == (1, 9)
    assert len({plan.label for plan in outcome.skipped}) == 9
    assert service.names() == []


def test_stop_finishes_what_the_import_has_created() -> None:
    """The items are there: they would be wrong in the list of those that were not started."""
    service = workspace()
    broken = local("0.Dataflow", mashup_pq="section S;")
    report = outcome_of(Deployed(service, desired_of(broken, A, B), OPTIONS, parallel=1), stop=True)
    assert [one["item"] for one in report["failed_items"]] == ["0.Dataflow"]
    assert report["created"] == ["A.Notebook", "B.Notebook"] and report["skipped_items"] == []


@pytest.mark.parametrize("name", ["P&L 2025/26", "Sales\\Marketing", "B.Notebook/content", "..", "."])
def test_a_name_that_is_no_segment_of_a_path_is_created_one_by_one(name: str) -> None:
    service = workspace()
    Deployed(service, desired_of(notebook(name), C), OPTIONS).run()
    assert service.names() == sorted([f"{name}.Notebook", "C.Notebook"])
    assert sorted(service.writes) == ["bulk import", f"create {name}.Notebook"]
    assert not [one for one in service.store(Folders).folders.values() if one.workspace_id == FINANCE]


@pytest.mark.parametrize("allowed", [True, False], ids=["reported as failed", "refused"])
def test_an_item_that_another_client_has_created_meanwhile_is_not_overwritten(allowed: bool) -> None:
    service = workspace(allowed=allowed)
    deployed = Deployed(service, desired_of(B, C), OPTIONS)
    service.add("Notebook", "B", "of another", {"content.py": b"other"})
    report = outcome_of(deployed, stop=False)
    assert service.parts("B.Notebook") == {"content.py": b"other"}
    assert service.item("B.Notebook").description == "of another"
    assert report["created"] == ["C.Notebook"]
    [failed] = report["failed_items"]
    assert (failed["item"], failed["code"], failed["written"]) == ("B.Notebook", "ItemDisplayNameAlreadyInUse", [])
    assert failed["remedy"] == "run the task again, which compares that item with the folder"


def test_items_of_a_lost_response_that_show_late_are_found_by_their_name() -> None:
    service = workspace()
    service.fault(method="POST", path="/bulkImportDefinitions$", status=500, acted=True, times=1)
    deployed = Deployed(service, desired_of(B, C), OPTIONS)
    service.fault(method="GET", path="/items$", status=200, body={"value": []}, times=1)
    assert not deployed.run().failed
    assert sorted(service.writes) == ["bulk import", "update B.Notebook", "update C.Notebook"]


def test_what_was_created_and_can_not_be_listed_is_reported_as_written() -> None:
    service = workspace()
    deployed = Deployed(service, desired_of(B, C), OPTIONS)
    service.fault(method="GET", path="/items$", status=403)
    report = outcome_of(deployed, stop=False)
    assert service.names() == ["B.Notebook", "C.Notebook"] and service.writes == ["bulk import"]
    assert report["bulk_import"]["created"] == 2
    assert [one["written"] for one in report["failed_items"]] == [["the item, which could not be read"]] * 2
    assert [one["missing"] for one in report["failed_items"]] == [[], []]


def test_one_list_that_fails_after_the_import_is_no_failure() -> None:
    service = workspace()
    deployed = Deployed(service, desired_of(B, C), OPTIONS)
    service.fault(method="GET", path="/items$", status=403, times=1)
    report = outcome_of(deployed)
    assert report["created"] == ["B.Notebook", "C.Notebook"] and service.writes == ["bulk import"]
    assert report["bulk_import"] == {"created": 2, "reason": ""}
