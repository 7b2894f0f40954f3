# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power BI: deployment pipelines, read only. The Fabric API creates and deploys them."""

from __future__ import annotations

import typing as t

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.emulator_state import EmulatorState, emulated_of
from powerbi_emulator.powerbi_api import PREFIX, PowerBIError, caller, collection, entity, plain
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.deployment_pipelines import Deployment, DeploymentPipelines, Pipeline, Stage, Step
from powerbi_emulator.state.directory import Directory
from powerbi_emulator.state.items import Items
from powerbi_emulator.state.workspaces import Workspaces
from powerbi_emulator.timestamps import utc

_STATUS: t.Final = {"Running": "Executing"}
_STEPS: t.Final = {
    "SemanticModel": "DatasetDeployment",
    "Report": "ReportDeployment",
    "PaginatedReport": "ReportDeployment",
}


def _pipeline_of(request: Request) -> Pipeline:
    who = caller(request)
    pipelines = emulated_of(request).store(DeploymentPipelines).pipelines
    pipeline = pipelines.get(request.path_params["pipeline_id"].lower())
    if pipeline is None or not pipeline.administered_by(who):
        raise PowerBIError(404, "ALMOperationPipelineNotFound", detail="There is no such pipeline.")
    return pipeline


def _to_json(pipeline: Pipeline) -> dict[str, t.Any]:
    return {"id": pipeline.id, "displayName": pipeline.name, "description": pipeline.description}


def _stage_to_json(emulated: EmulatorState, stage: Stage) -> dict[str, t.Any]:
    workspace = emulated.store(Workspaces).workspaces.get(stage.workspace_id) if stage.workspace_id else None
    where = {"workspaceId": workspace.id, "workspaceName": workspace.name} if workspace else {}
    return {"order": stage.order, **where}


async def list_pipelines(request: Request) -> Response:
    who = caller(request)
    found = emulated_of(request).store(DeploymentPipelines).visible_to(who)
    return collection([_to_json(one) for one in found], "pipelines")


async def get_pipeline(request: Request) -> Response:
    pipeline, emulated = _pipeline_of(request), emulated_of(request)
    result = _to_json(pipeline)
    if "stages" in request.query_params.get("$expand", ""):
        result["stages"] = [_stage_to_json(emulated, stage) for stage in pipeline.stages]
    return entity(result, "pipelines/$entity")


async def list_stages(request: Request) -> Response:
    pipeline, emulated = _pipeline_of(request), emulated_of(request)
    return collection([_stage_to_json(emulated, stage) for stage in pipeline.stages], "stages")


async def list_artifacts(request: Request) -> Response:
    """The artifacts of a stage, by kind."""
    pipeline, order = _pipeline_of(request), request.path_params["order"]
    stage = next((one for one in pipeline.stages if str(one.order) == order), None)
    if stage is None:
        raise PowerBIError(404, "ALMOperationStageNotFound", detail="There is no such stage.")
    items = emulated_of(request).store(Items).all(stage.workspace_id) if stage.workspace_id else []
    sources = {target: source for source, target in pipeline.pairs.items()}
    result: dict[str, list[dict[str, t.Any]]] = {
        kind: [] for kind in ("datasets", "reports", "dashboards", "dataflows", "datamarts")
    }
    for item in items:
        kind = {"SemanticModel": "datasets", "Report": "reports", "PaginatedReport": "reports"}.get(item.type)
        if kind is not None:
            entry = {"artifactId": item.id, "artifactDisplayName": item.name}
            ends = {"sourceArtifactId": sources.get(item.id), "targetArtifactId": pipeline.pairs.get(item.id)}
            result[kind].append(entry | {key: value for key, value in ends.items() if value})
    return plain(result)


async def list_operations(request: Request) -> Response:
    return collection([_operation(one) for one in _pipeline_of(request).deployments[:20]], "operations")


async def get_operation(request: Request) -> Response:
    """An operation with its execution plan, which the list does not have."""
    requested = request.path_params["operation_id"].lower()
    found = next((one for one in _pipeline_of(request).deployments if one.id == requested), None)
    if found is None:
        raise PowerBIError(404, "ALMOperationNotFound", detail="There is no such operation.")
    steps = [
        {
            "index": number,
            "type": _STEPS.get(step.source.type, "DataflowDeployment"),
            "status": _STATUS.get(step.status, step.status),
            "preDeploymentDiffState": step.difference,
            "sourceAndTarget": _ends(step),
        }
        for number, step in enumerate(found.steps)
    ]
    return entity({**_operation(found), "executionPlan": {"steps": steps}}, "operations/$entity")


async def list_users(request: Request) -> Response:
    pipeline, directory = _pipeline_of(request), emulated_of(request).store(Directory)
    principals = [one for one in map(directory.principal, pipeline.admins) if one]
    result = [{"identifier": one.identifier, "principalType": one.kind, "accessRight": "Admin"} for one in principals]
    return collection(result, "users")


def _ends(step: Step) -> dict[str, t.Any]:
    kind = {"SemanticModel": "dataset", "PaginatedReport": "report"}.get(step.source.type, step.source.type.lower())
    result = {"source": step.source.id, "sourceDisplayName": step.source.name, "type": kind}
    if step.target:
        result |= {"target": step.target.id, "targetDisplayName": step.target.name}
    return result


def _operation(deployment: Deployment) -> dict[str, t.Any]:
    who = deployment.performed_by
    by = {"userPrincipalName": who.upn} if who.upn else {"principalObjectID": who.object_id}
    result: dict[str, t.Any] = {
        "id": deployment.id,
        "type": "Deploy",
        "status": _STATUS.get(deployment.status, deployment.status),
        "lastUpdatedTime": utc(deployment.updated),
        "executionStartTime": utc(deployment.started),
        "sourceStageOrder": deployment.source.order,
        "targetStageOrder": deployment.target.order,
        "performedBy": {**by, "principalType": who.kind},
        "note": {"content": deployment.note, "isTruncated": False},
        "preDeploymentDiffInformation": {
            "newArtifactsCount": deployment.count("New"),
            "differentArtifactsCount": deployment.count("Different"),
            "noDifferenceArtifactsCount": deployment.count("NoDifference"),
        },
    }
    return result | ({"executionEndTime": utc(deployment.updated)} if deployment.status != "Running" else {})


_PIPELINE: t.Final = f"{PREFIX}/pipelines/{{pipeline_id}}"

GROUP = RouteGroup(
    "pipelines",
    [
        route(f"{PREFIX}/pipelines", "GET", list_pipelines),
        route(_PIPELINE, "GET", get_pipeline),
        route(f"{_PIPELINE}/stages", "GET", list_stages),
        route(f"{_PIPELINE}/stages/{{order}}/artifacts", "GET", list_artifacts),
        route(f"{_PIPELINE}/operations", "GET", list_operations),
        route(f"{_PIPELINE}/operations/{{operation_id}}", "GET", get_operation),
        route(f"{_PIPELINE}/users", "GET", list_users),
    ],
    stores=(Directory, Workspaces, Items, DeploymentPipelines),
)
