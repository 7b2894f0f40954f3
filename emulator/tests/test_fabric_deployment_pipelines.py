# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deployment pipelines, through Fabric's API and as Power BI's shows them."""

from __future__ import annotations

import typing as t

import pytest

import samples
from conftest import MEGAN, READER, READER_SECRET, Emulator

SALES = "f01de400-0000-4000-8000-000000000001"
MEGANS_ID = "05e40000-0000-4000-8000-000000000001"
STAGES = [{"displayName": name, "description": "", "isPublic": False} for name in ("Development", "Test", "Production")]


@pytest.fixture(autouse=True)
def at_once(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"long_running": False})


@pytest.fixture
def pipeline(emulator: Emulator) -> dict[str, t.Any]:
    """A pipeline of three stages; Sales is the first one's workspace."""
    body = {"displayName": "Release", "description": "d", "stages": STAGES}
    made = emulator.fabric("POST", "/deploymentPipelines", json=body)
    assert made.status_code == 201, made.text
    shown: dict[str, t.Any] = made.json()
    path = f"/deploymentPipelines/{shown['id']}/stages/{shown['stages'][0]['id']}/assignWorkspace"
    assert emulator.fabric("POST", path, json={"workspaceId": SALES}).status_code == 200
    return shown


def create(emulator: Emulator, noun: str, name: str, parts: samples.Parts) -> str:
    body = {"displayName": name, "definition": samples.definition(parts)}
    return str(emulator.fabric("POST", f"/workspaces/{SALES}/{noun}", json=body).json()["id"])


def deploy(emulator: Emulator, pipeline: dict[str, t.Any], source: int, target: int, **more: t.Any) -> t.Any:
    stages = pipeline["stages"]
    body = {"sourceStageId": stages[source]["id"], "targetStageId": stages[target]["id"], **more}
    return emulator.fabric("POST", f"/deploymentPipelines/{pipeline['id']}/deploy", json=body)


def test_pipelines_and_stages(emulator: Emulator, pipeline: dict[str, t.Any]) -> None:
    path = f"/deploymentPipelines/{pipeline['id']}"
    assert [one["order"] for one in pipeline["stages"]] == [0, 1, 2]
    first, *others = emulator.fabric("GET", f"{path}/stages").json()["value"]
    assert (first["workspaceId"], first["workspaceName"]) == (SALES, "Sales")
    assert all("workspaceId" not in one for one in others)
    renamed = emulator.fabric("PATCH", path, json={"displayName": "Releases"}).json()
    assert (renamed["displayName"], renamed["description"]) == ("Releases", "d")
    stage = f"{path}/stages/{others[0]['id']}"
    assert emulator.fabric("PATCH", stage, json={"displayName": "QA"}).json()["displayName"] == "QA"
    assert emulator.fabric("GET", stage).json()["displayName"] == "QA"
    taken = emulator.fabric("POST", f"{stage}/assignWorkspace", json={"workspaceId": SALES})
    assert (taken.status_code, taken.json()["errorCode"]) == (400, "WorkspaceAlreadyAssigned")
    assert emulator.fabric("POST", f"{path}/stages/{first['id']}/unassignWorkspace").status_code == 200
    assert emulator.fabric("DELETE", path).status_code == 200
    assert emulator.fabric("GET", path).status_code == 404


def test_only_admins_see_a_pipeline(emulator: Emulator, pipeline: dict[str, t.Any]) -> None:
    path = f"/deploymentPipelines/{pipeline['id']}"
    reader = emulator.token(client_id=READER, client_secret=READER_SECRET)
    assert emulator.fabric("GET", path, reader).status_code == 404
    assert emulator.fabric("GET", "/deploymentPipelines", reader).json()["value"] == []
    body = {"principal": {"id": MEGANS_ID, "type": "User"}, "role": "Admin"}
    assert emulator.fabric("POST", f"{path}/roleAssignments", json=body).json()["id"] == MEGANS_ID
    assert len(emulator.fabric("GET", f"{path}/roleAssignments").json()["value"]) == 2
    users = emulator.api("GET", f"/pipelines/{pipeline['id']}/users").json()["value"]
    assert {one["identifier"] for one in users} >= {MEGAN}
    assert emulator.fabric("DELETE", f"{path}/roleAssignments/{MEGANS_ID}").status_code == 200


def test_deploy_to_a_new_workspace_and_again(emulator: Emulator, pipeline: dict[str, t.Any]) -> None:
    model = create(emulator, "semanticModels", "Orders", samples.MODEL)
    create(emulator, "reports", "Orders", samples.report(model))
    missing = deploy(emulator, pipeline, 0, 1)
    assert (missing.status_code, missing.json()["errorCode"]) == (400, "WorkspaceNotAssigned")
    done = deploy(emulator, pipeline, 0, 1, createdWorkspaceDetails={"name": "Sales [Test]"}, note="first").json()
    assert (done["status"], done["preDeploymentDiffInformation"]["newItemsCount"]) == ("Succeeded", 2)
    assert done["note"]["content"] == "first"
    steps = done["executionPlan"]["steps"]
    assert [one["preDeploymentDiffState"] for one in steps] == ["New", "New"]
    new_model = steps[0]["sourceAndTarget"]["targetItemId"]
    [workspace] = [one for one in emulator.api("GET", "/groups").json()["value"] if one["name"] == "Sales [Test]"]
    [report] = emulator.api("GET", f"/groups/{workspace['id']}/reports").json()["value"]
    assert report["datasetId"] == new_model
    again = deploy(emulator, pipeline, 0, 1).json()
    assert again["preDeploymentDiffInformation"] == {
        "newItemsCount": 0,
        "differentItemsCount": 0,
        "noDifferenceItemsCount": 2,
    }
    path = f"/deploymentPipelines/{pipeline['id']}"
    operations = emulator.fabric("GET", f"{path}/operations").json()["value"]
    assert [one["id"] for one in operations] == [again["id"], done["id"]]
    assert emulator.fabric("GET", f"{path}/operations/{done['id']}").json()["executionPlan"]["steps"][0]["index"] == 0
    items = emulator.fabric("GET", f"{path}/stages/{pipeline['stages'][0]['id']}/items").json()["value"]
    assert {one["targetItemId"] for one in items if one["itemType"] == "SemanticModel"} == {new_model}


def test_selected_items_as_a_long_running_operation(emulator: Emulator, pipeline: dict[str, t.Any]) -> None:
    model = create(emulator, "semanticModels", "Orders", samples.MODEL)
    create(emulator, "semanticModels", "Other", samples.MODEL)
    emulator.control("PATCH", "tenant", {"long_running": True, "operation_time": 600})
    chosen = [{"sourceItemId": model, "itemType": "SemanticModel"}]
    new = {"createdWorkspaceDetails": {"name": "Sales [Test]"}, "items": chosen}
    started = deploy(emulator, pipeline, 0, 1, **new)
    assert (started.status_code, started.content) == (202, b"null")
    running = f"/deploymentPipelines/{pipeline['id']}/operations/{started.headers['deployment-id']}"
    assert emulator.fabric("GET", running).json()["status"] == "Running"
    busy = deploy(emulator, pipeline, 0, 1)
    assert (busy.status_code, busy.json()["errorCode"]) == (400, "DeploymentInProgress")
    emulator.advance()
    operation = f"/operations/{started.headers['x-ms-operation-id']}"
    result = emulator.fabric("GET", f"{operation}/result").json()
    assert [one["sourceAndTarget"]["sourceItemDisplayName"] for one in result["executionPlan"]["steps"]] == ["Orders"]


def test_as_power_bi_shows_them(emulator: Emulator, pipeline: dict[str, t.Any]) -> None:
    model = create(emulator, "semanticModels", "Orders", samples.MODEL)
    done = deploy(emulator, pipeline, 0, 1, createdWorkspaceDetails={"name": "Sales [Test]"}).json()
    path = f"/pipelines/{pipeline['id']}"
    assert [one["displayName"] for one in emulator.api("GET", "/pipelines").json()["value"]] == ["Release"]
    assert emulator.api("GET", f"{path}?$expand=stages").json()["stages"][0]["workspaceId"] == SALES
    assert len(emulator.api("GET", f"{path}/stages").json()["value"]) == 3
    artifacts = emulator.api("GET", f"{path}/stages/0/artifacts").json()
    assert [one["artifactId"] for one in artifacts["datasets"]] == [model]
    [operation] = emulator.api("GET", f"{path}/operations").json()["value"]
    assert (operation["id"], operation["status"], operation["targetStageOrder"]) == (done["id"], "Succeeded", 1)
    detail = emulator.api("GET", f"{path}/operations/{done['id']}").json()
    assert detail["executionPlan"]["steps"][0]["type"] == "DatasetDeployment"
    assert emulator.api("GET", f"{path}/stages/7/artifacts").status_code == 404


@pytest.mark.parametrize("stages", [STAGES[:1], [{}, {}], None])
def test_pipelines_refused(emulator: Emulator, stages: t.Any) -> None:
    answer = emulator.fabric("POST", "/deploymentPipelines", json={"displayName": "x", "stages": stages})
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "InvalidInput")
