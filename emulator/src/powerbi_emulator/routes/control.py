# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""``/_emulator``: control paths with which tests inspect and change the state. Neither logged nor subject to faults."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from powerbi_emulator.control_body import control_json, control_object
from powerbi_emulator.emulator_state import emulated_of
from powerbi_emulator.field_checks import CENTURY, number, text
from powerbi_emulator.path_pattern import PatternError
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.device_codes import DeviceCodes
from powerbi_emulator.state.directory import Directory
from powerbi_emulator.state.durations import Durations


def _refused(problem: str, status: int = 400) -> Response:
    return JSONResponse({"error": problem}, status)


async def list_requests(request: Request) -> Response:
    try:
        return JSONResponse(emulated_of(request).log.entries(request.query_params.get("path")))
    except PatternError as error:
        return _refused(f"`path` is no expression for a path: {error}")


async def clear_requests(request: Request) -> Response:
    emulated_of(request).log.clear()
    return Response(status_code=204)


async def list_faults(request: Request) -> Response:
    return JSONResponse([fault.to_dict() for fault in emulated_of(request).faults.all()])


async def add_faults(request: Request) -> Response:
    """One rule as an object, or several as a list."""
    data = await control_json(request)
    try:
        added = emulated_of(request).faults.add(data)
    except ValueError as error:
        return _refused(str(error))
    result = [fault.to_dict() for fault in added]
    return JSONResponse(result if isinstance(data, list) else result[0], 201)


async def clear_faults(request: Request) -> Response:
    emulated_of(request).faults.clear()
    return Response(status_code=204)


async def advance(request: Request) -> Response:
    """``{"seconds": 60}``: move the clock forward, and do all timed work of that period (imports, operations)."""
    body = await control_object(request, ("seconds",))
    seconds = number("seconds", body.get("seconds"), 0, CENTURY)
    emulated = emulated_of(request)
    emulated.clock.advance(seconds)
    return JSONResponse({"done": emulated.timers.run_due()})


async def reset(request: Request) -> Response:
    await control_object(request, ())
    emulated_of(request).reset()
    return Response(status_code=204)


async def get_tenant(request: Request) -> Response:
    emulated = emulated_of(request)
    tenant = emulated.store(Directory).tenant
    about = {"id": tenant.id, "domain": tenant.domains[0], "display_name": tenant.display_name}
    return JSONResponse({**about, **emulated.switches.to_dict()})


async def patch_tenant(request: Request) -> Response:
    """Set switches."""
    emulated_of(request).switches.update(await control_object(request))
    return await get_tenant(request)


async def approve_device(request: Request) -> Response:
    """``{"user_code": ..., "upn": ...}``: sign in a user with that code; without ``upn`` the seed's first user."""
    body = await control_object(request, ("user_code", "upn"))
    user_code = text("user_code", body.get("user_code"))
    upn = None if body.get("upn") is None else text("upn", body["upn"])
    code = emulated_of(request).store(DeviceCodes).approve(user_code, upn)
    if code is None or code.approved_by is None:
        return _refused("no such user code, or no such user", 404)
    return JSONResponse({"user_code": code.user_code, "upn": code.approved_by.upn})


GROUP = RouteGroup(
    "control",
    [
        route("/_emulator/requests", "GET", list_requests),
        route("/_emulator/requests", "DELETE", clear_requests),
        route("/_emulator/faults", "GET", list_faults),
        route("/_emulator/faults", "POST", add_faults),
        route("/_emulator/faults", "DELETE", clear_faults),
        route("/_emulator/advance", "POST", advance),
        route("/_emulator/reset", "POST", reset),
        route("/_emulator/tenant", "GET", get_tenant),
        route("/_emulator/tenant", "PATCH", patch_tenant),
        route("/_emulator/device/approve", "POST", approve_device),
    ],
    stores=(Directory, DeviceCodes, Durations),
)
