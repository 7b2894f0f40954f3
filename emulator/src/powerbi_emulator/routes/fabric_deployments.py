# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fabric: deployments of the content of one stage of a pipeline to another."""

from __future__ import annotations

import typing as t

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.callers import Caller
from powerbi_emulator.emulator_state import EmulatorState, emulated_of
from powerbi_emulator.fabric_api import FabricError, answer, bad_request, caller, guid_of, json_object, page, text_of
from powerbi_emulator.item_types import BY_NAME
from powerbi_emulator.principals import principal_to_json
from powerbi_emulator.routes.fabric_deployment_pipelines import PIPELINE, pipeline_of
from powerbi_emulator.routes.fabric_operations import run
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.deployment_pipelines import Deployment, DeploymentPipelines, Pipeline, Stage, Step
from powerbi_emulator.state.directory import Directory
from powerbi_emulator.state.items import Item, Items
from powerbi_emulator.state.operations import Operations
from powerbi_emulator.state.workspaces import Workspace, Workspaces
from powerbi_emulator.timestamps import utc

MOST_ITEMS: t.Final = 300
LONGEST_NOTE: t.Final = 1024


async def deploy(request: Request) -> Response:
    """Deploy all items or the given ones to an adjacent stage; for a target without a workspace one is created."""
    pipeline, who, emulated = pipeline_of(request), caller(request), emulated_of(request)
    body = await json_object(request)
    source, target = (_stage(pipeline, body, key) for key in ("sourceStageId", "targetStageId"))
    if abs(source.order - target.order) != 1:
        raise bad_request("The stages must be next to each other.")
    if any(one.status == "Running" for one in pipeline.deployments):
        text = "Another deployment of this pipeline is in progress."
        raise FabricError(400, "DeploymentInProgress", text, retriable=True)
    origin = _writable(emulated, who, source.workspace_id)
    items = _requested(emulated, origin, body.get("items"))
    note = text_of(body, "note", LONGEST_NOTE) or ""
    if target.workspace_id is None:
        target.workspace_id = _new_workspace(emulated, who, body.get("createdWorkspaceDetails")).id
    else:
        _writable(emulated, who, target.workspace_id)
    store = emulated.store(DeploymentPipelines)
    deployment = store.begin(pipeline, source, target, who.principal, note)
    store.plan(pipeline, deployment, items)

    def work() -> dict[str, t.Any]:
        store.deploy(pipeline, deployment)
        return _deployment_with_plan(emulated, deployment)

    return run(request, who, work, "deploy", headers={"deployment-id": deployment.id})


async def list_operations(request: Request) -> Response:
    """The last twenty deployments."""
    pipeline, emulated = pipeline_of(request), emulated_of(request)
    return page(request, pipeline.deployments[:20], lambda one: _to_json(emulated, one))


async def get_operation(request: Request) -> Response:
    pipeline, requested = pipeline_of(request), request.path_params["operation_id"].lower()
    deployment = next((one for one in pipeline.deployments if one.id == requested), None)
    if deployment is None:
        raise FabricError(404, "EntityNotFound", "The requested operation was not found.")
    return answer(_deployment_with_plan(emulated_of(request), deployment))


def _to_json(emulated: EmulatorState, deployment: Deployment) -> dict[str, t.Any]:
    result: dict[str, t.Any] = {
        "id": deployment.id,
        "type": "Deploy",
        "status": deployment.status,
        "lastUpdatedTime": utc(deployment.updated),
        "executionStartTime": utc(deployment.started),
        "sourceStageId": deployment.source.id,
        "targetStageId": deployment.target.id,
        "performedBy": principal_to_json(deployment.performed_by, emulated.store(Directory)),
        "preDeploymentDiffInformation": {
            "newItemsCount": deployment.count("New"),
            "differentItemsCount": deployment.count("Different"),
            "noDifferenceItemsCount": deployment.count("NoDifference"),
        },
    }
    if deployment.note:
        result["note"] = {"content": deployment.note, "isTruncated": False}
    if deployment.status != "Running":
        result["executionEndTime"] = utc(deployment.updated)
    return result


def _deployment_with_plan(emulated: EmulatorState, deployment: Deployment) -> dict[str, t.Any]:
    steps = [_step_to_json(number, step) for number, step in enumerate(deployment.steps)]
    return {**_to_json(emulated, deployment), "executionPlan": {"steps": steps}}


def _step_to_json(number: int, step: Step) -> dict[str, t.Any]:
    ends = {
        "sourceItemId": step.source.id,
        "sourceItemDisplayName": step.source.name,
        "itemType": step.source.type,
    }
    if step.target:
        ends |= {"targetItemId": step.target.id, "targetItemDisplayName": step.target.name}
    return {
        "index": number,
        "description": f"{step.source.type} '{step.source.name}' deployment",
        "status": step.status,
        "preDeploymentDiffState": step.difference,
        "sourceAndTarget": ends,
    }


def _stage(pipeline: Pipeline, body: dict[str, t.Any], key: str) -> Stage:
    stage = pipeline.stage(guid_of(body, key, required=True) or "")
    if stage is None:
        raise FabricError(404, "EntityNotFound", "The requested stage was not found.")
    return stage


def _writable(emulated: EmulatorState, who: Caller, workspace_id: str | None) -> Workspace:
    """A stage's workspace, for a contributor of it."""
    workspace = emulated.store(Workspaces).find(workspace_id) if workspace_id else None
    if workspace is None:
        raise FabricError(400, "WorkspaceNotAssigned", "The stage has no workspace.")
    if not workspace.allows(who, "Contributor"):
        raise FabricError(403, "InsufficientPrivileges", "The caller must be a contributor of both workspaces.")
    return workspace


def _requested(emulated: EmulatorState, workspace: Workspace, references: t.Any) -> list[Item]:
    items = emulated.store(Items)
    if references is None:
        found = [one for one in items.all(workspace.id) if BY_NAME[one.type].has_definition]
    else:
        if not isinstance(references, list) or not all(isinstance(one, dict) for one in references):
            raise bad_request("The items field must be a list of items.")
        maybe = [items.find(workspace.id, str(one.get("sourceItemId")), str(one.get("itemType"))) for one in references]
        found = [one for one in maybe if one is not None]
        if len(found) != len(references):
            raise FabricError(404, "ItemNotFound", "The requested item was not found.")
    if len(found) > MOST_ITEMS:
        raise FabricError(400, "TooManyItems", f"A deployment has at most {MOST_ITEMS} items.")
    return found


def _new_workspace(emulated: EmulatorState, who: Caller, details: t.Any) -> Workspace:
    if not isinstance(details, dict):
        raise FabricError(400, "WorkspaceNotAssigned", "The target stage has no workspace; createdWorkspaceDetails?")
    name = text_of(details, "name", 256, required=True) or ""
    workspaces = emulated.store(Workspaces)
    if workspaces.named(name):
        raise FabricError(409, "WorkspaceNameAlreadyExists", f"There is a workspace named '{name}' already.")
    workspace = workspaces.create(name, who)
    workspace.capacity_id = guid_of(details, "capacityId")
    return workspace


GROUP = RouteGroup(
    "fabric_deployments",
    [
        route(f"{PIPELINE}/deploy", "POST", deploy),
        route(f"{PIPELINE}/operations", "GET", list_operations),
        route(f"{PIPELINE}/operations/{{operation_id}}", "GET", get_operation),
    ],
    stores=(Directory, Workspaces, Items, Operations, DeploymentPipelines),
)
