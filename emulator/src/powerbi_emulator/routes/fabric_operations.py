# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fabric: long-running operations, which other routes start with ``run`` and clients poll here."""

from __future__ import annotations

import typing as t

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.callers import Caller
from powerbi_emulator.emulator_state import EmulatorState, emulated_of
from powerbi_emulator.exchange import exchange_of
from powerbi_emulator.fabric_api import PREFIX, FabricError, answer, caller, done
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.service_profile import Action
from powerbi_emulator.state.operations import Operation, Operations, Work
from powerbi_emulator.timestamps import utc_bare


def run(
    request: Request,
    who: Caller,
    work: Work,
    action: Action,
    item_type: str = "",
    *,
    status: int = 200,
    headers: t.Mapping[str, str] | None = None,
    done_headers: t.Mapping[str, str] | None = None,
) -> Response:
    """Do ``work`` as a long-running operation: 202 with ``headers``, ``null``, and the Location to poll.

    ``action`` and ``item_type`` determine its duration, with the switch ``recorded_times``.

    With the switch ``long_running`` off the work is done at once, and its result is the response, with ``status`` and
    ``done_headers``.
    """
    emulated = emulated_of(request)
    if not emulated.switches.long_running:
        return finished(work(), status, done_headers)
    operation = emulated.store(Operations).begin(who.object_id, work, action, item_type)
    exchange_of(request).note(
        operation=operation.id, seconds=round(operation.seconds, 3), work=f"{action} {item_type}".strip()
    )
    found = {
        "Location": _url(emulated, operation),
        "x-ms-operation-id": operation.id,
        "Retry-After": _retry_after(emulated),
    }
    return answer(None, 202, {**found, **(headers or {})})


def finished(
    result: dict[str, t.Any] | None, status: int = 200, headers: t.Mapping[str, str] | None = None
) -> Response:
    """The response to completed work: its result, or 200 without a body."""
    return done() if result is None else answer(result, status, headers)


async def get_operation(request: Request) -> Response:
    """200 also for a failed operation. Location: its own while it runs, then that of its result, if it has one."""
    emulated, operation = emulated_of(request), _operation_of(request)
    status = emulated.store(Operations).poll(operation)
    headers = {"x-ms-operation-id": operation.id}
    content: dict[str, t.Any] = {
        "status": status,
        "createdTimeUtc": utc_bare(operation.created),
        "lastUpdatedTimeUtc": utc_bare(operation.updated),
        "percentComplete": 100 if status == "Succeeded" else None,
        "error": None,
    }
    if status == "Running":
        headers |= {"Location": _url(emulated, operation), "Retry-After": _retry_after(emulated)}
    elif operation.error is not None:
        content["error"] = _error_body(request, operation)
    elif operation.result is not None:
        headers["Location"] = f"{_url(emulated, operation)}/result"
    return answer(content, 200, headers)


async def get_result(request: Request) -> Response:
    operation = _operation_of(request)
    if operation.status != "Succeeded" or operation.result is None:
        raise FabricError(400, "OperationHasNoResult", "The operation has no result.")
    return answer(operation.result)


def _operation_of(request: Request) -> Operation:
    who = caller(request)
    operation = emulated_of(request).store(Operations).find(request.path_params["operation_id"], who.object_id)
    if operation is None:
        raise FabricError(404, "OperationNotFound", "The requested operation was not found.")
    return operation


def _error_body(request: Request, operation: Operation) -> dict[str, t.Any]:
    assert isinstance(operation.error, FabricError)
    return operation.error.body(exchange_of(request).request_id)


def _url(emulated: EmulatorState, operation: Operation) -> str:
    """The Location to poll, at another host if the switch is set, as in the service."""
    return f"{emulated.switches.operation_url or emulated.url}{PREFIX}/operations/{operation.id}"


def _retry_after(emulated: EmulatorState) -> str:
    return str(int(emulated.switches.operation_retry_after))


GROUP = RouteGroup(
    "fabric_operations",
    [
        route(f"{PREFIX}/operations/{{operation_id}}", "GET", get_operation),
        route(f"{PREFIX}/operations/{{operation_id}}/result", "GET", get_result),
    ],
    stores=(Operations,),
)
