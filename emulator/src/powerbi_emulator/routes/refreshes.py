# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power BI: refreshes of semantic models and their schedules."""

from __future__ import annotations

import re
import typing as t

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.emulator_state import emulated_of
from powerbi_emulator.exchange import exchange_of
from powerbi_emulator.powerbi_api import PREFIX, PowerBIError, collection, empty, entity, json_object
from powerbi_emulator.powerbi_items import check_owner, item_of
from powerbi_emulator.routes.datasets import DATASET, MODEL
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.datasets import Datasets
from powerbi_emulator.state.items import Item, Items
from powerbi_emulator.state.refreshes import Refresh, Refreshes
from powerbi_emulator.timestamps import utc

NOTIFY: t.Final = ("NoNotification", "MailOnFailure", "MailOnCompletion")
TYPES: t.Final = ("Full", "ClearValues", "Calculate", "DataOnly", "Automatic", "Defragment")
DAYS: t.Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TIMEOUT: t.Final = re.compile(r"([0-1]?[0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]")
_ENHANCED: t.Final = frozenset(
    ("type", "commitMode", "maxParallelism", "retryCount", "objects", "applyRefreshPolicy", "effectiveDate", "timeout")
)


async def start_refresh(request: Request) -> Response:
    """202 without a body; the request's id is the id of the refresh. 400 while another one runs.

    Only an enhanced refresh has a Location and its id in a header of its own.
    """
    item, workspace, caller = item_of(request, "dataset_id", MODEL, "Contributor")
    options = await json_object(request) if await request.body() else {}
    enhanced = bool(_ENHANCED & set(options))
    _check(options, enhanced=enhanced, is_app=caller.is_app)
    if enhanced and workspace.capacity_id is None:
        raise PowerBIError(400, "InvalidRequest", "Enhanced refresh needs a workspace on a capacity.")
    store = emulated_of(request).store(Refreshes)
    if store.running(item):
        text = "Invalid dataset refresh request. Another refresh request is already executing"
        raise PowerBIError(400, "InvalidRequest", text)
    refresh = store.begin(item, exchange_of(request).request_id, options, enhanced=enhanced)
    path = f"{PREFIX}/groups/{workspace.id}/datasets/{item.id}/refreshes/{refresh.id}"
    headers = {"x-ms-request-id": refresh.id, "Location": f"{emulated_of(request).url}{path}"}
    return Response(status_code=202, headers=headers if enhanced else {})


async def list_refreshes(request: Request) -> Response:
    item, _, _ = item_of(request, "dataset_id", MODEL, "Contributor")
    history = emulated_of(request).store(Refreshes).history(item)
    top = request.query_params.get("$top", str(len(history)))
    if not top.isdigit():
        raise PowerBIError(400, "InvalidRequest", "The value of the query parameter '$top' is not a whole number.")
    return collection([_to_json(refresh) for refresh in history[: int(top)]], "refreshes")


async def get_refresh(request: Request) -> Response:
    """The details of an enhanced refresh: 202 while it runs, 200 afterwards, 404 before all replicas have it."""
    item, _, _ = item_of(request, "dataset_id", MODEL, "Contributor")
    refresh = _refresh_of(request, item)
    return entity(_detail(refresh), "refreshes/$entity", 202 if refresh.status == "Unknown" else 200)


async def cancel_refresh(request: Request) -> Response:
    item, _, _ = item_of(request, "dataset_id", MODEL, "Contributor")
    refresh = _refresh_of(request, item)
    if refresh.status != "Unknown":
        raise PowerBIError(400, "InvalidRequest", "The refresh is not running any more.")
    emulated_of(request).store(Refreshes).cancel(refresh)
    return empty()


async def get_schedule(request: Request) -> Response:
    item, _, _ = item_of(request, "dataset_id", MODEL, "Contributor")
    return entity(emulated_of(request).store(Datasets).of(item).schedule, "refreshSchedule")


async def update_schedule(request: Request) -> Response:
    """Update the given properties; a request that disables the schedule must not change others."""
    item, workspace, caller = item_of(request, "dataset_id", MODEL, "Contributor")
    check_owner(item, caller)
    change = (await json_object(request)).get("value")
    if not isinstance(change, dict) or set(change) - {"days", "times", "enabled", "localTimeZoneId", "notifyOption"}:
        raise PowerBIError(400, "InvalidRequest", "Parameter value is missing or invalid")
    if change.get("enabled") is False and len(change) > 1:
        raise PowerBIError(400, "InvalidRequest", "A request that disables the schedule must not change anything else.")
    settings = emulated_of(request).store(Datasets).of(item)
    schedule = {**settings.schedule, **change}
    if change.get("enabled") is True and not schedule["times"]:
        schedule["times"] = ["00:00"]
    most = 8 if workspace.capacity_id is None else 48
    problem = _problem(schedule, most, is_app=caller.is_app)
    if problem:
        raise PowerBIError(400, "InvalidRequest", problem)
    settings.schedule = schedule
    return empty()


async def get_direct_query_schedule(request: Request) -> Response:
    item, _, _ = item_of(request, "dataset_id", MODEL, "Contributor")
    return entity(emulated_of(request).store(Datasets).of(item).direct_query_schedule, "directQueryRefreshSchedule")


async def update_direct_query_schedule(request: Request) -> Response:
    """Either a frequency or days and times."""
    item, _, caller = item_of(request, "dataset_id", MODEL, "Contributor")
    check_owner(item, caller)
    change = (await json_object(request)).get("value")
    if not isinstance(change, dict) or ("frequency" in change) == ("days" in change):
        raise PowerBIError(400, "InvalidRequest", "Expected either a frequency or days and times.")
    if "frequency" in change and change["frequency"] not in (15, 30, 60, 120, 180):
        raise PowerBIError(400, "InvalidRequest", "frequency: one of 15, 30, 60, 120, 180")
    emulated_of(request).store(Datasets).of(item).direct_query_schedule = change
    return empty()


def _to_json(refresh: Refresh) -> dict[str, t.Any]:
    """An entry of the history; a running one has no end."""
    result: dict[str, t.Any] = {
        "requestId": refresh.id,
        "refreshType": "ViaEnhancedApi" if refresh.enhanced else "ViaApi",
        "startTime": utc(refresh.started),
        "status": refresh.status,
        "extendedStatus": "InProgress" if refresh.status == "Unknown" else refresh.status,
    }
    if refresh.ended is not None:
        result["endTime"] = utc(refresh.ended)
        attempt: dict[str, t.Any] = {"attemptId": 1, "startTime": result["startTime"], "endTime": result["endTime"]}
        if refresh.error:
            result["serviceExceptionJson"] = attempt["serviceExceptionJson"] = refresh.error
        result["refreshAttempts"] = [{**attempt, "type": "Data"}]
    return result


def _detail(refresh: Refresh) -> dict[str, t.Any]:
    options = refresh.options
    kind = next(one for one in TYPES if one.lower() == str(options.get("type", "Automatic")).lower())
    mode = "PartialBatch" if str(options.get("commitMode", "")).lower() == "partialbatch" else "Transactional"
    running = refresh.status == "Unknown"
    result: dict[str, t.Any] = {
        "startTime": utc(refresh.started).removesuffix("Z"),
        "type": kind,
        "commitMode": mode,
        "status": "Unknown" if refresh.status in ("Unknown", "Cancelled") else refresh.status,
        "extendedStatus": "InProgress" if running else refresh.status,
        "currentRefreshType": kind,
        "numberOfAttempts": 0 if running else 1,
    }
    status = "InProgress" if running else refresh.status
    result["objects"] = [{**one, "status": status} for one in options.get("objects", [])]
    if refresh.ended is not None:
        result["endTime"] = utc(refresh.ended).removesuffix("Z")
        message = {"code": "0xC11C0012", "message": refresh.error, "type": "Error"}
        result["messages"] = [message] if refresh.error else []
    return result


def _refresh_of(request: Request, item: Item) -> Refresh:
    emulated, requested = emulated_of(request), request.path_params["refresh_id"].lower()
    refresh = next((one for one in emulated.store(Refreshes).history(item) if one.id == requested), None)
    if refresh is None or not refresh.enhanced or not refresh.replica.is_there(emulated):
        raise PowerBIError(404, "PowerBIEntityNotFound", detail="There is no such enhanced refresh.")
    return refresh


def _check(options: dict[str, t.Any], *, enhanced: bool, is_app: bool) -> None:
    """Raise PowerBIError for options, or combinations of them, that the service rejects."""
    notify = options.get("notifyOption")
    problem = None
    if notify is not None and notify not in NOTIFY:
        problem = f"notifyOption: one of {', '.join(NOTIFY)}"
    elif notify is not None and enhanced:
        problem = "notifyOption can't be used with an enhanced refresh"
    elif notify not in (None, "NoNotification") and is_app:
        problem = "notifyOption is not applicable to service principals"
    elif set(options) - _ENHANCED - {"notifyOption"}:
        problem = f"unknown parameter {min(set(options) - _ENHANCED - {'notifyOption'})}"
    elif str(options.get("type", "Full")).lower() not in {one.lower() for one in TYPES}:
        problem = f"type: one of {', '.join(TYPES)}"
    elif str(options.get("commitMode", "transactional")).lower() not in ("transactional", "partialbatch"):
        problem = "commitMode: one of Transactional, PartialBatch"
    elif str(options.get("commitMode")).lower() == "partialbatch" and options.get("applyRefreshPolicy") is not False:
        problem = "applyRefreshPolicy must be false with PartialBatch"
    elif "timeout" in options and not _TIMEOUT.fullmatch(str(options["timeout"])):
        problem = "timeout: expected hh:mm:ss"
    if problem:
        raise PowerBIError(400, "InvalidRequest", f"Invalid dataset refresh request. {problem}")


def _problem(schedule: dict[str, t.Any], most: int, *, is_app: bool) -> str | None:
    """The problem of a schedule after a change, empty for none."""
    days, times = schedule["days"], schedule["times"]
    if not isinstance(days, list) or not set(days) <= set(DAYS) or (schedule["enabled"] and not days):
        return f"days: at least one of {', '.join(DAYS)}"
    if not isinstance(times, list) or not all(re.fullmatch(r"([01]\d|2[0-3]):(00|30)", str(one)) for one in times):
        return "times: expected hh:mm, on the hour or the half hour"
    if len(times) > most:
        return f"times: at most {most} a day"
    if schedule["notifyOption"] not in (("NoNotification",) if is_app else ("NoNotification", "MailOnFailure")):
        return "notifyOption: service principals can only have NoNotification"
    return None


GROUP = RouteGroup(
    "refreshes",
    [
        route(f"{DATASET}/refreshes", "GET", list_refreshes),
        route(f"{DATASET}/refreshes", "POST", start_refresh),
        route(f"{DATASET}/refreshes/{{refresh_id}}", "GET", get_refresh),
        route(f"{DATASET}/refreshes/{{refresh_id}}", "DELETE", cancel_refresh),
        route(f"{DATASET}/refreshSchedule", "GET", get_schedule),
        route(f"{DATASET}/refreshSchedule", "PATCH", update_schedule),
        route(f"{DATASET}/directQueryRefreshSchedule", "GET", get_direct_query_schedule),
        route(f"{DATASET}/directQueryRefreshSchedule", "PATCH", update_direct_query_schedule),
    ],
    stores=(Items, Datasets, Refreshes),
)
