# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fabric: deployment pipelines, their stages, and their role assignments."""

from __future__ import annotations

import typing as t

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.emulator_state import EmulatorState, emulated_of
from powerbi_emulator.fabric_api import (
    PREFIX,
    FabricError,
    answer,
    bad_request,
    caller,
    done,
    guid_of,
    json_object,
    new_id,
    page,
    text_of,
)
from powerbi_emulator.principals import principal_to_json, requested_principal
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.deployment_pipelines import DeploymentPipelines, Pipeline, Stage
from powerbi_emulator.state.directory import Directory
from powerbi_emulator.state.items import Items
from powerbi_emulator.state.workspaces import Workspaces

LONGEST_NAME: t.Final = 256
LONGEST_DESCRIPTION: t.Final = 1024


def pipeline_of(request: Request) -> Pipeline:
    """The pipeline of the path. Raises FabricError 404 for one that the caller does not administer."""
    who = caller(request)
    pipelines = emulated_of(request).store(DeploymentPipelines).pipelines
    pipeline = pipelines.get(request.path_params["pipeline_id"].lower())
    if pipeline is None or not pipeline.administered_by(who):
        raise FabricError(404, "EntityNotFound", "The requested deployment pipeline was not found.")
    return pipeline


def _stage_of(request: Request) -> tuple[Pipeline, Stage]:
    pipeline = pipeline_of(request)
    stage = pipeline.stage(request.path_params["stage_id"])
    if stage is None:
        raise FabricError(404, "EntityNotFound", "The requested stage was not found.")
    return pipeline, stage


def _stage_to_json(emulated: EmulatorState, stage: Stage) -> dict[str, t.Any]:
    result: dict[str, t.Any] = {
        "id": stage.id,
        "order": stage.order,
        "displayName": stage.name,
        "description": stage.description,
        "isPublic": stage.is_public,
    }
    workspace = emulated.store(Workspaces).workspaces.get(stage.workspace_id) if stage.workspace_id else None
    if workspace:
        result |= {"workspaceId": workspace.id, "workspaceName": workspace.name}
    return result


def _to_json(pipeline: Pipeline) -> dict[str, t.Any]:
    return {"id": pipeline.id, "displayName": pipeline.name, "description": pipeline.description}


def _pipeline_with_stages(emulated: EmulatorState, pipeline: Pipeline) -> dict[str, t.Any]:
    return {**_to_json(pipeline), "stages": [_stage_to_json(emulated, stage) for stage in pipeline.stages]}


async def list_pipelines(request: Request) -> Response:
    who = caller(request)
    return page(request, emulated_of(request).store(DeploymentPipelines).visible_to(who), _to_json)


async def create_pipeline(request: Request) -> Response:
    """With two to ten stages."""
    who, emulated = caller(request), emulated_of(request)
    if who.is_app and not emulated.switches.service_principals_can_create:
        raise FabricError(401, "Unauthorized", "The caller is not allowed to create deployment pipelines.")
    body = await json_object(request)
    stages = body.get("stages")
    if not isinstance(stages, list) or not 2 <= len(stages) <= 10 or not all(isinstance(one, dict) for one in stages):
        raise bad_request("The stages field must have two to ten stages.")
    pipeline = Pipeline(
        id=new_id(),
        name=text_of(body, "displayName", LONGEST_NAME, required=True) or "",
        description=text_of(body, "description", LONGEST_DESCRIPTION) or "",
        stages=[_new_stage(number, one) for number, one in enumerate(stages)],
        admins=[who.object_id],
    )
    emulated.store(DeploymentPipelines).pipelines[pipeline.id] = pipeline
    return answer(_pipeline_with_stages(emulated, pipeline), 201)


async def get_pipeline(request: Request) -> Response:
    return answer(_pipeline_with_stages(emulated_of(request), pipeline_of(request)))


async def update_pipeline(request: Request) -> Response:
    pipeline, body = pipeline_of(request), await json_object(request)
    name = text_of(body, "displayName", LONGEST_NAME, required="displayName" in body)
    description = text_of(body, "description", LONGEST_DESCRIPTION)
    pipeline.name = name or pipeline.name
    pipeline.description = pipeline.description if description is None else description
    return answer(_pipeline_with_stages(emulated_of(request), pipeline))


async def delete_pipeline(request: Request) -> Response:
    pipeline = pipeline_of(request)
    del emulated_of(request).store(DeploymentPipelines).pipelines[pipeline.id]
    return done()


async def list_stages(request: Request) -> Response:
    emulated, pipeline = emulated_of(request), pipeline_of(request)
    return page(request, pipeline.stages, lambda stage: _stage_to_json(emulated, stage))


async def get_stage(request: Request) -> Response:
    return answer(_stage_to_json(emulated_of(request), _stage_of(request)[1]))


async def update_stage(request: Request) -> Response:
    _, stage = _stage_of(request)
    body = await json_object(request)
    stage.name = text_of(body, "displayName", LONGEST_NAME, required="displayName" in body) or stage.name
    description = text_of(body, "description", LONGEST_DESCRIPTION)
    stage.description = stage.description if description is None else description
    stage.is_public = bool(body.get("isPublic", stage.is_public))
    return answer(_stage_to_json(emulated_of(request), stage))


async def list_stage_items(request: Request) -> Response:
    """The items of a stage, each with the items it was deployed from and to."""
    emulated, (pipeline, stage) = emulated_of(request), _stage_of(request)
    items = emulated.store(Items).all(stage.workspace_id) if stage.workspace_id else []
    sources = {target: source for source, target in pipeline.pairs.items()}

    def result(item: t.Any) -> dict[str, t.Any]:
        entry = {"itemId": item.id, "itemType": item.type, "itemDisplayName": item.name}
        ends = {"sourceItemId": sources.get(item.id), "targetItemId": pipeline.pairs.get(item.id)}
        return entry | {key: value for key, value in ends.items() if value}

    return page(request, items, result)


async def assign_workspace(request: Request) -> Response:
    """For an admin of the pipeline and the workspace, which can be in one pipeline only."""
    _, stage = _stage_of(request)
    who, emulated = caller(request), emulated_of(request)
    requested = guid_of(await json_object(request), "workspaceId", required=True)
    workspace = emulated.store(Workspaces).find(requested or "")
    if workspace is None or not workspace.allows(who, "Admin"):
        raise FabricError(404, "WorkspaceNotFound", "The requested workspace was not found.")
    if stage.workspace_id is not None or emulated.store(DeploymentPipelines).stage_of(workspace.id):
        text = "The stage has a workspace, or the workspace is assigned to a stage already."
        raise FabricError(400, "WorkspaceAlreadyAssigned", text)
    stage.workspace_id = workspace.id
    return done()


async def unassign_workspace(request: Request) -> Response:
    _, stage = _stage_of(request)
    if stage.workspace_id is None:
        raise FabricError(400, "WorkspaceNotAssigned", "The stage has no workspace.")
    stage.workspace_id = None
    return done()


async def list_role_assignments(request: Request) -> Response:
    pipeline, emulated = pipeline_of(request), emulated_of(request)
    return page(request, pipeline.admins, lambda one: _admin_to_json(emulated, one))


async def add_role_assignment(request: Request) -> Response:
    pipeline, emulated, body = pipeline_of(request), emulated_of(request), await json_object(request)
    principal = requested_principal(body, emulated.store(Directory))
    if body.get("role") != "Admin":
        raise bad_request("The role field must be Admin.")
    if principal.object_id not in pipeline.admins:
        pipeline.admins.append(principal.object_id)
    return answer(_admin_to_json(emulated, principal.object_id))


async def delete_role_assignment(request: Request) -> Response:
    pipeline, requested = pipeline_of(request), request.path_params["principal_id"].lower()
    if requested not in pipeline.admins:
        raise FabricError(404, "EntityNotFound", "The requested role assignment was not found.")
    if len(pipeline.admins) == 1:
        raise FabricError(400, "LastAdminCannotBeRemoved", "The last admin of a deployment pipeline can't be removed.")
    pipeline.admins.remove(requested)
    return done()


def _admin_to_json(emulated: EmulatorState, object_id: str) -> dict[str, t.Any]:
    directory = emulated.store(Directory)
    principal = directory.principal(object_id)
    result = principal_to_json(principal, directory) if principal else {"id": object_id, "type": "User"}
    return {"id": object_id, "principal": result, "role": "Admin"}


def _new_stage(number: int, body: dict[str, t.Any]) -> Stage:
    name = text_of(body, "displayName", LONGEST_NAME, required=True) or ""
    description = text_of(body, "description", LONGEST_DESCRIPTION) or ""
    return Stage(new_id(), number, name, description, bool(body.get("isPublic", False)))


PIPELINES: t.Final = f"{PREFIX}/deploymentPipelines"
PIPELINE: t.Final = f"{PIPELINES}/{{pipeline_id}}"
_STAGE: t.Final = f"{PIPELINE}/stages/{{stage_id}}"

GROUP = RouteGroup(
    "fabric_deployment_pipelines",
    [
        route(PIPELINES, "GET", list_pipelines),
        route(PIPELINES, "POST", create_pipeline),
        route(PIPELINE, "GET", get_pipeline),
        route(PIPELINE, "PATCH", update_pipeline),
        route(PIPELINE, "DELETE", delete_pipeline),
        route(f"{PIPELINE}/stages", "GET", list_stages),
        route(_STAGE, "GET", get_stage),
        route(_STAGE, "PATCH", update_stage),
        route(f"{_STAGE}/items", "GET", list_stage_items),
        route(f"{_STAGE}/assignWorkspace", "POST", assign_workspace),
        route(f"{_STAGE}/unassignWorkspace", "POST", unassign_workspace),
        route(f"{PIPELINE}/roleAssignments", "GET", list_role_assignments),
        route(f"{PIPELINE}/roleAssignments", "POST", add_role_assignment),
        route(f"{PIPELINE}/roleAssignments/{{principal_id}}", "DELETE", delete_role_assignment),
    ],
    stores=(Directory, Workspaces, Items, DeploymentPipelines),
)
