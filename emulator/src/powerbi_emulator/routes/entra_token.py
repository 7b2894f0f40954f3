# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Entra ID: the token endpoints, v2 (``scope``) and v1 (``resource``)."""

from __future__ import annotations

import typing as t

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from powerbi_emulator.client_authentication import Client, Form, authenticate
from powerbi_emulator.emulator_state import EmulatorState, emulated_of
from powerbi_emulator.entra_errors import EntraError
from powerbi_emulator.exchange import exchange_of
from powerbi_emulator.resources import audience_of
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.device_codes import DEVICE_CODE_GRANT, DeviceCodes
from powerbi_emulator.state.directory import Directory, is_tenant_name
from powerbi_emulator.state.directory_objects import Tenant, User
from powerbi_emulator.tokens import IssuedToken, app_token, client_info, id_token, user_token

_DEFAULT: t.Final = "/.default"
_OPENID_SCOPES: t.Final = frozenset(("openid", "profile", "email", "offline_access"))


async def token_v2(request: Request) -> Response:
    return await _token(request, version=2)


async def token_v1(request: Request) -> Response:
    return await _token(request, version=1)


async def _token(request: Request, version: t.Literal[1, 2]) -> Response:
    emulated = emulated_of(request)
    if request.method != "POST":
        raise EntraError(900561, method=request.method)
    form = await read_form(request)
    grant = form.get("grant_type", "")
    exchange_of(request).note(client_id=form.get("client_id"), grant=grant or None)
    if not grant:
        raise EntraError(900144, parameter="grant_type")
    user_flow = grant in ("password", DEVICE_CODE_GRANT)
    tenant = find_tenant(emulated, request.path_params["tenant"], user_flow=user_flow)
    if grant == "client_credentials":
        return _client_credentials(emulated, request, form, tenant, version)
    if grant == "password":
        return _password(emulated, request, form, tenant, version)
    if grant == DEVICE_CODE_GRANT:
        return _device_code(emulated, request, form, tenant)
    raise EntraError(70003, grant_type=grant)


async def read_form(request: Request) -> Form:
    """The text fields of a POST form; empty for any other content type."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return {}
    async with request.form() as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def find_tenant(emulated: EmulatorState, name: str, *, user_flow: bool = False) -> Tenant:
    """The tenant of a URL. User flows may use /organizations or /common, which are the home tenant here."""
    directory = emulated.store(Directory)
    alias = name.lower()
    if alias in ("common", "organizations", "consumers"):
        if user_flow and alias != "consumers":
            return directory.tenant
        raise EntraError(50059 if alias == "organizations" else 9001023)
    tenant = directory.find_tenant(name)
    if tenant is None:
        raise EntraError(90002 if is_tenant_name(name) else 900023, tenant=name)
    return tenant


def _client_credentials(
    emulated: EmulatorState, request: Request, form: Form, tenant: Tenant, version: int
) -> Response:
    client = authenticate(emulated, request, form, tenant, required=True, endpoint=_endpoint(emulated, request))
    resource = _app_resource(form, version)
    audience = _audience(resource, tenant, client)
    token = app_token(
        emulated, tenant, client.app, client.principal, audience, with_certificate=client.proof == "assertion"
    )
    return token_answer(emulated, token, version, resource)


def _password(emulated: EmulatorState, request: Request, form: Form, tenant: Tenant, version: int) -> Response:
    client = authenticate(emulated, request, form, tenant, required=False, endpoint=_endpoint(emulated, request))
    for parameter in ("username", "password"):
        if not form.get(parameter):
            raise EntraError(900144, parameter=parameter)
    scope, resource = _user_resource(form, version)
    audience = _audience(resource, tenant, client)
    user = emulated.store(Directory).user_named(form["username"])
    if user is None:
        raise EntraError(50034, user=form["username"], tenant_id=tenant.id)
    if not user.password or user.password != form["password"]:
        raise EntraError(50126)
    if user.mfa:
        raise EntraError(50076, resource=resource)
    return _user_answer(emulated, form, client, user, audience, scope, version)


def _device_code(emulated: EmulatorState, request: Request, form: Form, tenant: Tenant) -> Response:
    client = authenticate(emulated, request, form, tenant, required=False, endpoint=_endpoint(emulated, request))
    device_code = form.get("device_code") or form.get("code", "")
    if not device_code:
        raise EntraError(900144, parameter="device_code")
    pending = emulated.store(DeviceCodes).poll(device_code, client.app.client_id)
    audience = _audience(pending.resource, tenant, client)
    return _user_answer(emulated, form, client, pending.user, audience, pending.scope, 2)


def _endpoint(emulated: EmulatorState, request: Request) -> str:
    return f"{emulated.url}{request.url.path}"


def _app_resource(form: Form, version: int) -> str:
    """The resource of a client credentials request: a parameter in v1, part of the scope in v2."""
    if version == 1:
        if not form.get("resource"):
            raise EntraError(900144, parameter="resource")
        return form["resource"]
    if "resource" in form:
        raise EntraError(901002)
    scope = form.get("scope", "")
    if not scope:
        raise EntraError(900144, parameter="scope")
    scopes = [item for item in scope.split() if item not in _OPENID_SCOPES]
    if len(scopes) != 1:
        raise EntraError(70011, scope=scope)
    if not scopes[0].endswith(_DEFAULT):
        raise EntraError(1002012, scope=scope)
    return scopes[0].removesuffix(_DEFAULT)


def _user_resource(form: Form, version: int) -> tuple[str, str]:
    """Scope and resource of a user's request, which may list permissions: ``{resource}/Workspace.Read.All``."""
    if version == 1:
        return form.get("scope", "openid"), _app_resource(form, 1)
    if "resource" in form:
        raise EntraError(901002)
    return form.get("scope", ""), resource_of_scopes(form.get("scope", ""))


def resource_of_scopes(scope: str) -> str:
    """The resource of a user's scopes. Raises EntraError for none or several."""
    if not scope:
        raise EntraError(900144, parameter="scope")
    resources = {item.rpartition("/")[0] for item in scope.split() if item not in _OPENID_SCOPES}
    if len(resources) != 1 or "" in resources:
        raise EntraError(70011, scope=scope)
    return resources.pop()


def _audience(resource: str, tenant: Tenant, client: Client) -> str:
    own = (client.app.client_id, f"api://{client.app.client_id}")
    audience = resource if resource.lower() in own else audience_of(resource)
    if audience is None:
        raise EntraError(500011, resource=resource, tenant_name=tenant.display_name)
    return audience


def token_answer(emulated: EmulatorState, token: IssuedToken, version: int, resource: str, **more: t.Any) -> Response:
    """The 200 of the token endpoints: v2 has numbers, v1 has texts and additional keys."""
    if version == 1:
        return JSONResponse(
            {
                "token_type": "Bearer",
                "expires_in": str(token.lifetime),
                "ext_expires_in": str(token.lifetime),
                "expires_on": str(token.expires_on),
                "not_before": str(token.not_before),
                "resource": resource,
                "access_token": token.value,
                **more,
            }
        )
    body: dict[str, t.Any] = {
        "token_type": "Bearer",
        **more,
        "expires_in": token.lifetime,
        "ext_expires_in": token.lifetime,
        "access_token": token.value,
    }
    if emulated.switches.refresh_in is not None:
        body["refresh_in"] = int(emulated.switches.refresh_in)
    return JSONResponse(body)


def _user_answer(
    emulated: EmulatorState, form: Form, client: Client, user: User, audience: str, scope: str, version: int
) -> Response:
    token = user_token(emulated, client.app, user, audience, with_secret=client.proof != "none")
    more: dict[str, t.Any] = {"scope": f"{audience}/.default"}
    if "openid" in scope.split():
        more["id_token"] = id_token(emulated, client.app, user)
    if form.get("client_info") == "1":
        more["client_info"] = client_info(emulated, user)
    return token_answer(emulated, token, version, audience, **more)


GROUP = RouteGroup(
    "entra_token",
    [
        route("/{tenant}/oauth2/v2.0/token", "GET POST PUT", token_v2),
        route("/{tenant}/oauth2/token", "GET POST PUT", token_v1),
    ],
    stores=(Directory, DeviceCodes),
)
