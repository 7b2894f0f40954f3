# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Entra ID: device codes. ``POST /_emulator/device/approve`` or a switch approves them in place of a user."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from powerbi_emulator.client_authentication import find_app
from powerbi_emulator.emulator_state import emulated_of
from powerbi_emulator.entra_errors import EntraError
from powerbi_emulator.exchange import exchange_of
from powerbi_emulator.routes.entra_token import find_tenant, read_form, resource_of_scopes
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.device_codes import DeviceCodes
from powerbi_emulator.state.directory import Directory


async def device_code(request: Request) -> Response:
    emulated = emulated_of(request)
    if request.method != "POST":
        raise EntraError(900561, method=request.method)
    form = await read_form(request)
    client_id, scope = form.get("client_id", ""), form.get("scope", "")
    exchange_of(request).note(client_id=client_id or None)
    tenant = find_tenant(emulated, request.path_params["tenant"], user_flow=True)
    if not client_id:
        raise EntraError(900144, parameter="client_id")
    app, _ = find_app(emulated, tenant, client_id)
    resource = resource_of_scopes(scope)
    code = emulated.store(DeviceCodes).start(app.client_id, scope, resource)
    where = f"{emulated.url}/devicelogin"
    switches = emulated.switches
    return JSONResponse(
        {
            "user_code": code.user_code,
            "device_code": code.device_code,
            "verification_uri": where,
            "expires_in": int(switches.device_code_lifetime),
            "interval": max(1, int(switches.device_code_interval)),
            "message": f"To sign in, use a web browser to open the page {where} and enter the code "
            f"{code.user_code} to authenticate.",
        }
    )


async def device_login(request: Request) -> Response:
    """The verification page: it contains the command to approve a code, since there is no sign-in."""
    url = emulated_of(request).url
    return PlainTextResponse(
        "This is powerbi-emulator. Approve a code with\n\n"
        f"""  curl --cacert ca.pem {url}/_emulator/device/approve -d '{{"user_code": "..."}}'\n"""
    )


GROUP = RouteGroup(
    "entra_device",
    [
        route("/{tenant}/oauth2/v2.0/devicecode", "GET POST", device_code),
        route("/devicelogin", "GET", device_login),
    ],
    stores=(Directory, DeviceCodes),
)
