# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft Graph: read app registrations and their service principals."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.emulator_state import EmulatorState, emulated_of
from powerbi_emulator.graph_api import PREFIX, Entity, caller, collection_answer, entity_answer, not_found
from powerbi_emulator.graph_applications import KIND, app_of, app_routes, application, require_read
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.directory import Directory


async def list_applications(request: Request) -> Response:
    require_read(caller(request))
    emulated = emulated_of(request)
    found = [application(emulated, app) for app in emulated.store(Directory).apps.values()]
    return collection_answer(request, found, "applications", KIND)


async def get_application(request: Request) -> Response:
    require_read(caller(request))
    with_keys = "keyCredentials" in request.query_params.get("$select", "").split(",")
    result = application(emulated_of(request), app_of(request), with_keys=with_keys)
    return entity_answer(request, result, "applications", KIND)


async def list_service_principals(request: Request) -> Response:
    require_read(caller(request))
    found = _service_principals(emulated_of(request)).values()
    return collection_answer(request, found, "servicePrincipals", "servicePrincipal")


async def get_service_principal(request: Request) -> Response:
    require_read(caller(request))
    principals, named = _service_principals(emulated_of(request)), request.path_params
    if "client_id" in named:
        requested = named["client_id"].lower()
        found = next((one for one in principals.values() if one["appId"] == requested), None)
    else:
        found = principals.get(named["object_id"].lower())
    if found is None:
        raise not_found(named.get("client_id") or named["object_id"])
    return entity_answer(request, found, "servicePrincipals", "servicePrincipal")


def _service_principals(emulated: EmulatorState) -> dict[str, Entity]:
    """The home tenant's service principals in Graph, by object id: of apps and of managed identities."""
    directory = emulated.store(Directory)
    result: dict[str, Entity] = {}
    for app in directory.apps.values():
        principal = app.service_principal
        if principal is not None:
            result[principal.object_id] = _service_principal(
                emulated, principal.object_id, app.client_id, app.display_name, principal.enabled, "Application"
            )
    for identity in directory.managed_identities:
        result[identity.object_id] = _service_principal(
            emulated, identity.object_id, identity.client_id, identity.display_name, True, "ManagedIdentity"
        )
    return result


def _service_principal(
    emulated: EmulatorState, object_id: str, client_id: str, name: str, enabled: bool, principal_type: str
) -> Entity:
    return {
        "id": object_id,
        "deletedDateTime": None,
        "accountEnabled": enabled,
        "appDisplayName": name,
        "appId": client_id,
        "appOwnerOrganizationId": emulated.store(Directory).tenant.id,
        "displayName": name,
        "servicePrincipalNames": [client_id],
        "servicePrincipalType": principal_type,
        "tags": [],
    }


GROUP = RouteGroup(
    "graph_applications",
    [
        route(f"{PREFIX}/applications", "GET", list_applications),
        *app_routes("", "GET", get_application),
        route(f"{PREFIX}/servicePrincipals", "GET", list_service_principals),
        route(f"{PREFIX}/servicePrincipals(appId='{{client_id}}')", "GET", get_service_principal),
        route(f"{PREFIX}/servicePrincipals/{{object_id}}", "GET", get_service_principal),
    ],
    stores=(Directory,),
)
