# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fabric's job scheduler: on-demand jobs of items. A job is not a long-running operation and has no operation id."""

from __future__ import annotations

import typing as t

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.emulator_state import emulated_of
from powerbi_emulator.exchange import exchange_of
from powerbi_emulator.fabric_api import PREFIX, FabricError, accepted, answer, json_object, page
from powerbi_emulator.routes.fabric_items import ITEM, item_of
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.items import Item, Items
from powerbi_emulator.state.jobs import FINAL, Job, Jobs
from powerbi_emulator.timestamps import utc_bare

# The jobs that can be run on demand, by the type of the item.
JOB_TYPES: t.Final = {
    "CopyJob": ("Execute",),
    "DataBuildToolJob": ("Execute",),
    "DataPipeline": ("Pipeline",),
    "Dataflow": ("Execute", "ApplyChanges", "Refresh", "Publish"),
    "Lakehouse": ("TableMaintenance", "RefreshMaterializedLakeViews"),
    "Notebook": ("RunNotebook",),
    "SparkJobDefinition": ("sparkjob",),
}


async def run_job(request: Request) -> Response:
    """202 with the job's Location and no operation id; the type is in the path or, in the older form, in the query."""
    item, _, _ = item_of(request, "Contributor")
    given = request.path_params.get("job_type") or request.query_params.get("jobType") or ""
    known = {one.lower(): one for one in JOB_TYPES.get(item.type, ())}
    if given.lower() not in known:
        raise FabricError(
            400, "InvalidJobType", f"The job type '{given}' is not valid for items of the type {item.type}."
        )
    if await request.body():
        await json_object(request)
    job = emulated_of(request).store(Jobs).begin(item, known[given.lower()])
    exchange_of(request).note(job=job.id)
    return _accepted(request, item, job)


async def list_jobs(request: Request) -> Response:
    item, _, _ = item_of(request, "Viewer")
    return page(request, emulated_of(request).store(Jobs).of_item(item), _to_json)


async def get_job(request: Request) -> Response:
    """200 also for a failed job; Retry-After while it runs."""
    item, _, _ = item_of(request, "Viewer")
    job = _job_of(request, item)
    return answer(_to_json(job), 200, {} if job.status in FINAL else _retry_after(request))


async def cancel_job(request: Request) -> Response:
    item, _, _ = item_of(request, "Contributor")
    job = _job_of(request, item)
    if job.status in FINAL:
        raise FabricError(400, "JobAlreadyCompleted", "The job instance run has completed already.")
    emulated_of(request).store(Jobs).cancel(job)
    return _accepted(request, item, job)


def _job_of(request: Request, item: Item) -> Job:
    job = emulated_of(request).store(Jobs).find(item, request.path_params["job_id"])
    if job is None:
        raise FabricError(404, "EntityNotFound", "The requested job instance was not found.")
    return job


def _accepted(request: Request, item: Item, job: Job) -> Response:
    path = f"/workspaces/{item.workspace_id}/items/{item.id}/jobs/instances/{job.id}"
    return accepted({"Location": f"{emulated_of(request).url}{PREFIX}{path}", **_retry_after(request)})


def _retry_after(request: Request) -> dict[str, str]:
    return {"Retry-After": str(int(emulated_of(request).switches.job_retry_after))}


def _to_json(job: Job) -> dict[str, t.Any]:
    """The job's JSON: null for values that are not known yet."""
    failure = None
    if job.failure is not None:
        failure = {
            "requestId": job.root_activity_id,
            "errorCode": "JobInstanceStatusFailed",
            "message": job.failure,
        }
    return {
        "id": job.id,
        "itemId": job.item_id,
        "jobType": job.type,
        "invokeType": "Manual",
        "status": job.status,
        "failureReason": failure,
        "rootActivityId": job.root_activity_id,
        "startTimeUtc": utc_bare(job.started),
        "endTimeUtc": None if job.ended is None else utc_bare(job.ended),
    }


_INSTANCES: t.Final = f"{ITEM}/jobs/instances"

GROUP = RouteGroup(
    "fabric_jobs",
    [
        route(_INSTANCES, "POST", run_job),
        route(_INSTANCES, "GET", list_jobs),
        route(f"{_INSTANCES}/{{job_id}}", "GET", get_job),
        route(f"{_INSTANCES}/{{job_id}}/cancel", "POST", cancel_job),
        route(f"{ITEM}/jobs/{{job_type}}/instances", "POST", run_job),
    ],
    stores=(Items, Jobs),
)
