# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The token endpoints of managed identities on Azure resources: IMDS (virtual machines) and App Service.

On Azure both are plain http on a link-local or loopback address; here on the loopback address.
"""

from __future__ import annotations

import hmac
import typing as t

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from powerbi_emulator.emulator_state import EmulatorState, emulated_of
from powerbi_emulator.exchange import exchange_of
from powerbi_emulator.resources import audience_of
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.directory import Directory
from powerbi_emulator.state.directory_objects import ManagedIdentity
from powerbi_emulator.state.identity_endpoints import IdentityEndpoints
from powerbi_emulator.tokens import IssuedToken, managed_identity_token

_IMDS_VERSION: t.Final = "2018-02-01"


async def imds(request: Request) -> Response:
    """``GET /metadata/identity/oauth2/token`` of the Instance Metadata Service."""
    query = request.query_params
    if request.headers.get("metadata", "").lower() != "true":
        return _imds_error("invalid_request", "Required metadata header not specified")
    if "x-forwarded-for" in request.headers:
        return _imds_error("invalid_request", "Requests that were forwarded by a proxy are refused")
    if query.get("api-version", "") < _IMDS_VERSION:
        return _imds_error("bad_request_102", "Required parameter api-version is missing or unsupported")
    resource = query.get("resource", "")
    if not resource:
        return _imds_error("invalid_request", "Required audience parameter not specified")
    emulated = emulated_of(request)
    identity = _identity(emulated, query, resource_id_key="msi_res_id")
    if identity is None:
        return _imds_error("invalid_request", "Identity not found")
    token = _token(emulated, identity, resource)
    if token is None:
        return _imds_error(
            "invalid_resource",
            f"AADSTS500011: The resource principal named {resource} was not found in the tenant named "
            f"{emulated.store(Directory).tenant.display_name}.",
        )
    exchange_of(request).note(client_id=identity.client_id)
    return JSONResponse(
        {
            "access_token": token.value,
            "client_id": identity.client_id,
            "expires_in": str(token.lifetime),
            "expires_on": str(token.expires_on),
            "ext_expires_in": str(token.lifetime),
            "not_before": str(token.not_before),
            "resource": resource,
            "token_type": "Bearer",
        }
    )


async def app_service(request: Request) -> Response:
    """``GET $IDENTITY_ENDPOINT`` of App Service and Functions, api-version 2019-08-01."""
    emulated, query = emulated_of(request), request.query_params
    header = emulated.store(IdentityEndpoints).identity_header
    if not hmac.compare_digest(request.headers.get("x-identity-header", "").encode(), header.encode()):
        return _app_service_error(401, "The value of the X-IDENTITY-HEADER request header is missing or wrong.")
    if query.get("api-version") != "2019-08-01":
        return _app_service_error(400, "Unsupported api-version.")
    resource = query.get("resource", "")
    if not resource:
        return _app_service_error(400, "The resource parameter is missing.")
    identity = _identity(emulated, query, resource_id_key="mi_res_id")
    if identity is None:
        return _app_service_error(
            400, "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId."
        )
    token = _token(emulated, identity, resource)
    if token is None:
        return _app_service_error(400, f"AADSTS500011: The resource principal named {resource} was not found.")
    exchange_of(request).note(client_id=identity.client_id)
    return JSONResponse(
        {
            "access_token": token.value,
            "client_id": identity.client_id,
            "expires_on": str(token.expires_on),
            "resource": resource,
            "token_type": "Bearer",
        }
    )


def _identity(emulated: EmulatorState, query: t.Mapping[str, str], resource_id_key: str) -> ManagedIdentity | None:
    """The requested identity; without a name the system-assigned one, or the only one."""
    identities = emulated.store(Directory).managed_identities
    requested = {
        "client_id": query.get("client_id"),
        "object_id": query.get("object_id") or query.get("principal_id"),
        "resource_id": query.get(resource_id_key) or query.get("mi_res_id") or query.get("msi_res_id"),
    }
    named = {key: value.lower() for key, value in requested.items() if value}
    if named:
        fitting = [one for one in identities if all(getattr(one, key) == value for key, value in named.items())]
        return fitting[0] if fitting else None
    system = [one for one in identities if one.system_assigned] or (identities if len(identities) == 1 else [])
    return system[0] if system else None


def _token(emulated: EmulatorState, identity: ManagedIdentity, resource: str) -> IssuedToken | None:
    audience = audience_of(resource.rstrip("/"))
    return None if audience is None else managed_identity_token(emulated, identity, audience)


def _imds_error(error: str, description: str, status: int = 400) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status)


def _app_service_error(status: int, message: str) -> Response:
    return JSONResponse({"statusCode": status, "message": message}, status)


def environment(emulated: EmulatorState) -> dict[str, dict[str, str]]:
    """The variables that Azure sets for a program, by the kind of host."""
    header = emulated.store(IdentityEndpoints).identity_header
    return {
        "managed identity, as in App Service and Functions": {
            "IDENTITY_ENDPOINT": f"{emulated.plain_url}/msi/token",
            "IDENTITY_HEADER": header,
        },
        "managed identity, as on a virtual machine (IMDS)": {"AZURE_POD_IDENTITY_AUTHORITY_HOST": emulated.plain_url},
    }


GROUP = RouteGroup(
    "managed_identity",
    [route("/metadata/identity/oauth2/token", "GET", imds), route("/msi/token", "GET", app_service)],
    stores=(Directory, IdentityEndpoints),
    identity_environment=environment,
)
