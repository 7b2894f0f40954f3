# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which live item is which item of the folder: renames that reuse names, two folders, copies, items of other owners."""

from __future__ import annotations

import json
import shutil
import typing as t
from pathlib import Path

import pytest

from harness.emulator import Emulator
from harness.modules import Modules
from harness.portal import FINANCE, Portal

WAREHOUSE: t.Final = {"11111111-0000-4000-8000-00000000000a": "north", "11111111-0000-4000-8000-00000000000b": "south"}
NORTH, SOUTH = WAREHOUSE
REPORT: t.Final = "11111111-0000-4000-8000-00000000000c"


@pytest.fixture
def portal(fresh_emulator: Emulator) -> Portal:
    return Portal(fresh_emulator)


@pytest.fixture
def modules(fresh_emulator: Emulator) -> Modules:
    return Modules(fresh_emulator)


def write(folder: Path, files: t.Mapping[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def platform(item_type: str, name: str, logical_id: str) -> str:
    return json.dumps(
        {"metadata": {"type": item_type, "displayName": name}, "config": {"version": "2.0", "logicalId": logical_id}}
    )


def model(folder: Path, name: str, logical_id: str, measure: str = "") -> None:
    """A semantic model that is called as its folder; its measure identifies it."""
    place = measure or WAREHOUSE.get(logical_id, logical_id)
    shutil.rmtree(folder / f"{name}.SemanticModel", ignore_errors=True)
    write(
        folder / f"{name}.SemanticModel",
        {
            ".platform": platform("SemanticModel", name, logical_id),
            "definition.pbism": '{"version": "4.2"}',
            "definition/model.tmdl": "model Model\n\tculture: en-US\n\nref table Orders\n",
            "definition/database.tmdl": "database\n\tcompatibilityLevel: 1567\n",
            "definition/tables/Orders.tmdl": f'table Orders\n\n\tmeasure Place = "{place}"\n',
        },
    )


def report(folder: Path, name: str, of: str) -> None:
    reference = {"version": "4.0", "datasetReference": {"byPath": {"path": f"../{of}.SemanticModel"}}}
    write(
        folder / f"{name}.Report",
        {
            ".platform": platform("Report", name, REPORT),
            "definition.pbir": json.dumps(reference),
            "definition/version.json": '{"version": "2.0.0"}',
            "definition/report.json": '{"themeCollection": {}}',
            "definition/pages/pages.json": '{"pageOrder": ["p1"]}',
            "definition/pages/p1/page.json": '{"name": "p1", "displayName": "One"}',
        },
    )


def notebook(folder: Path, name: str, logical_id: str) -> None:
    files = {".platform": platform("Notebook", name, logical_id), "notebook-content.py": "# Fabric notebook source\n"}
    write(folder / f"{name}.Notebook", files)


def deploy(modules: Modules, folder: Path, **options: t.Any) -> dict[str, t.Any]:
    """Check mode first, whose result must be that of the real run; after it, nothing is left to do."""
    given = {"workspace": "Finance", "src": str(folder), **options}
    planned = modules("powerbi_deploy", check=True, **given)
    done = modules("powerbi_deploy", **given)
    assert planned["changed"] == done["changed"]
    assert [(one["action"], one["name"], one["changes"]) for one in planned["plan"]] == [
        (one["action"], one["name"], one["changes"]) for one in done["plan"]
    ]
    return done


def refused(modules: Modules, folder: Path, **options: t.Any) -> dict[str, t.Any]:
    """The failure, which is the same in check mode."""
    given = {"workspace": "Finance", "src": str(folder), **options}
    planned = modules.fail("powerbi_deploy", check=True, **given)
    done = modules.fail("powerbi_deploy", **given)
    assert planned["msg"] == done["msg"]
    return done


def places(portal: Portal) -> dict[str, tuple[str, str]]:
    """The id and the measure of each semantic model, by its name."""
    found = {}
    for label in portal.names():
        if label.endswith(".SemanticModel"):
            text = portal.parts(label)["definition/tables/Orders.tmdl"].decode()
            found[label.rpartition(".")[0]] = (portal.item(label)["id"], text.split('"')[1])
    return found


@pytest.mark.parametrize("prune", ["none", "deployed", "all"])
def test_a_model_gets_the_name_of_one_that_was_renamed(
    modules: Modules, portal: Portal, tmp_path: Path, prune: str
) -> None:
    model(tmp_path / "old", "Alpha", NORTH)
    model(tmp_path / "old", "Beta", SOUTH)
    report(tmp_path / "old", "Stock", "Beta")
    deploy(modules, tmp_path / "old", prune=prune)
    ids = {measure: identity for identity, measure in places(portal).values()}
    model(tmp_path / "new", "Beta", NORTH)
    model(tmp_path / "new", "Gamma", SOUTH)
    report(tmp_path / "new", "Stock", "Gamma")
    done = deploy(modules, tmp_path / "new", prune=prune)
    assert (done["updated"], done["deleted"]) == (["Beta.SemanticModel", "Gamma.SemanticModel"], [])
    assert places(portal) == {"Beta": (ids["north"], "north"), "Gamma": (ids["south"], "south")}
    reports = portal.call("GET", f"/v1.0/myorg/groups/{FINANCE}/reports")["value"]
    assert [one["datasetId"] for one in reports] == [ids["south"]], "bound to the same model as before"
    assert not deploy(modules, tmp_path / "new", prune=prune)["changed"]


def test_models_exchange_their_names_and_contents(modules: Modules, portal: Portal, tmp_path: Path) -> None:
    model(tmp_path, "Alpha", NORTH)
    model(tmp_path, "Beta", SOUTH)
    deploy(modules, tmp_path)
    ids = {measure: identity for identity, measure in places(portal).values()}
    model(tmp_path, "Alpha", SOUTH, "south, new")
    model(tmp_path, "Beta", NORTH)
    deploy(modules, tmp_path)
    assert places(portal) == {"Alpha": (ids["south"], "south, new"), "Beta": (ids["north"], "north")}
    assert not deploy(modules, tmp_path)["changed"]


@pytest.mark.parametrize("kind", [model, notebook])
def test_a_second_folder_deletes_nothing_of_the_first(
    modules: Modules, portal: Portal, tmp_path: Path, kind: t.Any
) -> None:
    """Both have the default name: that is an error, and each gets a name of its own."""
    kind(tmp_path / "one", "Alpha", NORTH)
    kind(tmp_path / "two", "Beta", SOUTH)
    deploy(modules, tmp_path / "one", prune="deployed")
    before = portal.names()
    failed = refused(modules, tmp_path / "two", prune="deployed")
    assert failed["error"]["option"] == "deployment"
    assert all(portal.item(label)["id"] in failed["msg"] for label in before)
    assert portal.names() == before
    assert deploy(modules, tmp_path / "two", prune="deployed", deployment="two")["deleted"] == []
    assert not deploy(modules, tmp_path / "two", prune="deployed", deployment="two")["changed"]
    assert not deploy(modules, tmp_path / "one", prune="deployed")["changed"]
    assert len(portal.names()) == 2
    compared = {"workspace": "Finance", "src": str(tmp_path / "two"), "prune": "deployed"}
    assert not modules("powerbi_drift_info", **compared, deployment="two")["drifted"]
    shutil.rmtree(next((tmp_path / "two").iterdir()))
    kind(tmp_path / "two", "Gamma", "11111111-0000-4000-8000-00000000000d")
    done = deploy(modules, tmp_path / "two", prune="deployed", deployment="two")
    assert [label.partition(".")[0] for label in done["deleted"]] == ["Beta"]
    assert portal.names()[0].startswith("Alpha.")


@pytest.mark.parametrize("kind", [model, notebook])
def test_an_item_of_another_deployment_is_taken_over_only_on_request(
    modules: Modules, portal: Portal, tmp_path: Path, kind: t.Any
) -> None:
    kind(tmp_path / "one", "Alpha", NORTH)
    kind(tmp_path / "two", "Alpha", SOUTH)
    deploy(modules, tmp_path / "one", deployment="Sales Team")
    (label,) = portal.names()
    identity = portal.item(label)["id"]
    failed = refused(modules, tmp_path / "two")
    assert failed["error"]["option"] == "take_ownership"
    assert "'Sales Team'" in failed["msg"]
    assert identity in failed["msg"]
    done = deploy(modules, tmp_path / "two", take_ownership=True)
    assert any("taken over from the deployment 'Sales Team'" in text for text in done["plan"][0]["changes"])
    assert any(f"{label} is taken over" in text for text in done["warnings"])
    assert portal.item(label)["id"] == identity
    assert not deploy(modules, tmp_path / "two")["changed"]
    assert refused(modules, tmp_path / "one", deployment="Sales Team")["error"]["option"] == "take_ownership"


def test_a_copy_of_a_report_is_not_deleted(modules: Modules, portal: Portal, tmp_path: Path) -> None:
    """A person saves a copy of a report: the annotation is copied, too."""
    model(tmp_path, "Alpha", NORTH)
    report(tmp_path, "Stock", "Alpha")
    deploy(modules, tmp_path, prune="deployed")
    path = f"/v1.0/myorg/groups/{FINANCE}/reports/{portal.item('Stock.Report')['id']}/Clone"
    portal.call("POST", path, json={"name": "My own"})
    failed = refused(modules, tmp_path, prune="deployed")
    assert all(portal.item(f"{name}.Report")["id"] in failed["msg"] for name in ("Stock", "My own"))
    assert "My own.Report" in portal.names()
    assert deploy(modules, tmp_path, prune="deployed", protect=["My own.Report"])["deleted"] == []
    assert not deploy(modules, tmp_path)["changed"], "nothing is ambiguous where nothing is deleted"


def test_a_deployment_has_a_name(modules: Modules, tmp_path: Path) -> None:
    model(tmp_path, "Alpha", NORTH)
    for name in ("", "  ", "x" * 65, "a\nb"):
        assert refused(modules, tmp_path, deployment=name)["error"]["option"] == "deployment"


def test_a_deployment_has_room_in_a_description(modules: Modules, portal: Portal, tmp_path: Path) -> None:
    """There each character beyond ASCII needs several."""
    notebook(tmp_path, "Night", NORTH)
    failed = refused(modules, tmp_path, deployment="\u8ca1" * 20)
    assert failed["error"]["option"] == "deployment"
    assert "180 characters" in failed["msg"]
    assert deploy(modules, tmp_path, deployment="\u8ca1" * 10).get("warnings", []) == []
    assert not deploy(modules, tmp_path, deployment="\u8ca1" * 10)["changed"]
    assert portal.names() == ["Night.Notebook"]


def test_an_annotation_of_an_earlier_version_may_be_that_of_another_folder(
    modules: Modules, portal: Portal, tmp_path: Path
) -> None:
    """It has no source: what the folder lacks is not deleted, also not a file that powerbi_import has imported."""
    for folder, name, logical_id in (("one", "Day", NORTH), ("two", "Night", SOUTH)):
        notebook(tmp_path / folder, name, logical_id)
        deploy(modules, tmp_path / folder, ownership_annotation="never")
        portal.change(f"{name}.Notebook", description=f"[powerbi_deploy {logical_id}]")
    done = deploy(modules, tmp_path / "one", prune="deployed")
    assert (done["changed"], portal.names()) == (False, ["Day.Notebook", "Night.Notebook"])
    (warning,) = done["warnings"]
    assert "Night.Notebook" in warning
    assert portal.item("Night.Notebook")["id"] in warning
    assert deploy(modules, tmp_path / "one", prune="deployed", protect=["Night.Notebook"]).get("warnings", []) == []


@pytest.mark.parametrize("kind", [model, notebook])
def test_an_item_without_a_logical_id_does_not_overwrite_that_of_another_folder(
    modules: Modules, portal: Portal, tmp_path: Path, kind: t.Any
) -> None:
    for folder in ("one", "two"):
        kind(tmp_path / folder, "Alpha", NORTH)
        (item,) = (tmp_path / folder).iterdir()
        (item / ".platform").unlink()
    deploy(modules, tmp_path / "one")
    write(
        item, {"definition/tables/Orders.tmdl": "table Orders\n"} if kind is model else {"notebook-content.py": "# 2\n"}
    )
    (label,) = portal.names()
    before = portal.parts(label)
    assert refused(modules, tmp_path / "two")["error"]["option"] == "take_ownership"
    assert portal.parts(label) == before
    deploy(modules, tmp_path / "two", take_ownership=True, allow_data_loss=True)
    assert not deploy(modules, tmp_path / "two")["changed"]


def test_several_items_of_a_name_concern_only_those_who_deploy_it(
    modules: Modules, portal: Portal, tmp_path: Path
) -> None:
    model(tmp_path, "Alpha", NORTH)
    report(tmp_path, "Stock", "Alpha")
    deploy(modules, tmp_path)
    identity = portal.item("Stock.Report")["id"]
    portal.edit("Stock.Report", "definition/pages/p1/page.json", "One", "Two")
    deploy(modules, tmp_path)  # an update, whose annotation has the id of the item
    path = f"/v1.0/myorg/groups/{FINANCE}/reports/{identity}/Clone"
    portal.call("POST", path, json={"name": "Stock"})
    assert portal.names().count("Stock.Report") == 2
    assert not deploy(modules, tmp_path, exclude=["Stock.Report"])["changed"]
    assert not deploy(modules, tmp_path, prune="deployed")["changed"], "the annotation proves which one it is"
    assert portal.names().count("Stock.Report") == 2


def test_the_annotation_in_a_description_that_was_committed_is_no_text(
    modules: Modules, portal: Portal, tmp_path: Path
) -> None:
    """A workspace that is connected to git commits the description with the annotation."""
    notebook(tmp_path, "Night", NORTH)
    place = tmp_path / "Night.Notebook" / ".platform"
    described = json.loads(place.read_text(encoding="utf-8"))
    described["metadata"]["description"] = "Each night"
    place.write_text(json.dumps(described), encoding="utf-8")
    deploy(modules, tmp_path)
    described["metadata"]["description"] = live = portal.item("Night.Notebook")["description"]
    assert live.startswith("Each night [powerbi_deploy ")
    place.write_text(json.dumps(described), encoding="utf-8")
    assert not deploy(modules, tmp_path)["changed"]
    portal.delete("Night.Notebook")
    done = deploy(modules, tmp_path)
    assert (done["created"], done.get("warnings", [])) == (["Night.Notebook"], [])
    assert portal.item("Night.Notebook")["description"] == live


def test_an_item_of_another_deployment_is_deleted_only_on_request(
    modules: Modules, portal: Portal, tmp_path: Path
) -> None:
    model(tmp_path / "one", "Alpha", NORTH)
    model(tmp_path / "two", "Alpha", SOUTH)
    modules("powerbi_deploy", workspace="Finance", src=str(tmp_path / "one"), deployment="one")
    delete = {"workspace": "Finance", "src": str(tmp_path / "two" / "Alpha.SemanticModel"), "state": "absent"}
    for check in (True, False):
        result = modules.fail("powerbi_item", check=check, **delete, deployment="two")
        assert (result["changed"], result["error"]["option"]) == (False, "take_ownership")
        assert "deployment 'one'" in result["error"]["why"]
    assert portal.item("Alpha.SemanticModel")
    assert modules("powerbi_item", **delete, deployment="two", take_ownership=True)["changed"]


def test_models_of_others_are_not_read_at_each_run(modules: Modules, fresh_emulator: Emulator, tmp_path: Path) -> None:
    """One model is deployed without an annotation, as if it had been there before, among many others."""
    for number in range(12):
        model(tmp_path / "all", f"Model {number}", f"22222222-0000-4000-8000-{number:012d}")
    modules("powerbi_deploy", workspace="Finance", src=str(tmp_path / "all"), ownership_annotation="never")
    shutil.copytree(tmp_path / "all" / "Model 1.SemanticModel", tmp_path / "own" / "Model 1.SemanticModel")
    fresh_emulator.clear_requests()
    result = modules("powerbi_deploy", workspace="Finance", src=str(tmp_path / "own"), bulk_api="never")
    assert not result["changed"]
    assert len(fresh_emulator.requests("/getDefinition$")) == 1


def test_a_folder_whose_name_differs_in_case_only_is_the_same(modules: Modules, portal: Portal, tmp_path: Path) -> None:
    model(tmp_path / "content" / "Monthly", "Alpha", NORTH)
    modules("powerbi_deploy", workspace="Finance", src=str(tmp_path / "content"))
    [folder] = portal.call("GET", f"/v1/workspaces/{FINANCE}/folders")["value"]
    portal.call("PATCH", f"/v1/workspaces/{FINANCE}/folders/{folder['id']}", json={"displayName": "MONTHLY"})
    result = modules("powerbi_deploy", workspace="Finance", src=str(tmp_path / "content"))
    assert (result["changed"], result["content_warnings"]) == (False, [])
