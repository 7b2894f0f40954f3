# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fabric: connections and their role assignments."""

from __future__ import annotations

import typing as t

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.callers import Caller
from powerbi_emulator.emulator_state import EmulatorState, emulated_of
from powerbi_emulator.fabric_api import (
    PREFIX,
    FabricError,
    answer,
    bad_request,
    caller,
    created,
    done,
    guid_of,
    json_object,
    new_id,
    page,
    text_of,
)
from powerbi_emulator.principals import principal_to_json, requested_principal
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.connections import ROLES, Connection, Connections
from powerbi_emulator.state.directory import Directory
from powerbi_emulator.state.gateways import Gateways

LONGEST_NAME: t.Final = 200
_PRIVACY: t.Final = ("None", "Private", "Organizational", "Public")
_ENCRYPTION: t.Final = ("Encrypted", "Any", "NotEncrypted")
_SIGN_ON: t.Final = ("None", "Kerberos", "MicrosoftEntraID", "SecurityAssertionMarkupLanguage")
_CONNECTIVITY: t.Final = ("ShareableCloud", "OnPremisesGateway", "VirtualNetworkGateway")
# The required properties of each credential type.
_CREDENTIALS: t.Final[dict[str, tuple[str, ...]]] = {
    "Anonymous": (),
    "WindowsWithoutImpersonation": (),
    "WorkspaceIdentity": (),
    "Windows": ("username", "password"),
    "Basic": ("username",),
    "Key": (),
    "SharedAccessSignature": (),
    "ServicePrincipal": ("tenantId", "servicePrincipalClientId"),
    "KeyPair": ("identifier", "privateKey"),
}
# type -> creation method -> its parameters, the required ones first, and how many those are
SOURCES: t.Final[dict[str, tuple[str, tuple[str, ...], int]]] = {
    "SQL": ("SQL", ("server", "database"), 1),
    "Web": ("Web", ("url",), 1),
    "AnalysisServices": ("AnalysisServices", ("server", "database"), 1),
    "AzureBlobs": ("AzureBlobs", ("account", "domain"), 2),
    "OData": ("OData.Feed", ("url",), 1),
    "SharePoint": ("SharePointList", ("sharePointSiteUrl",), 1),
    "File": ("File", ("path",), 1),
}


def _to_json(connection: Connection) -> dict[str, t.Any]:
    result: dict[str, t.Any] = {
        "id": connection.id,
        "displayName": connection.name,
        "connectivityType": connection.connectivity,
        "connectionDetails": {"path": connection.path, "type": connection.type},
        "privacyLevel": connection.privacy,
        "credentialDetails": {
            "credentialType": connection.credential_type,
            "singleSignOnType": connection.sign_on,
            "connectionEncryption": connection.encryption,
            "skipTestConnection": connection.skip_test,
        },
    }
    if connection.gateway_id:
        result["gatewayId"] = connection.gateway_id
    if connection.connectivity == "ShareableCloud":
        result["allowConnectionUsageInGateway"] = False
    return result


def connection_of(request: Request, role: str = "User") -> Connection:
    """The connection of ``{connection_id}``. Raises FabricError: 404 without a role, 403 for a role that is too low."""
    who = caller(request)
    connection = emulated_of(request).store(Connections).find(request.path_params["connection_id"])
    if connection is None or not connection.allows(who, "User"):
        raise FabricError(404, "EntityNotFound", "The requested connection was not found.")
    if not connection.allows(who, role):
        text = "The caller has insufficient permissions to manage this connection."
        raise FabricError(403, "InsufficientPermissionsToManageConnection", text)
    return connection


async def list_connections(request: Request) -> Response:
    who = caller(request)
    store = emulated_of(request).store(Connections)
    return page(request, [one for one in store.connections.values() if one.allows(who, "User")], _to_json)


async def create_connection(request: Request) -> Response:
    who, emulated = caller(request), emulated_of(request)
    if who.is_app and not emulated.switches.service_principals_can_create:
        raise FabricError(401, "Unauthorized", "The caller is not allowed to create connections.")
    body = await json_object(request)
    store = emulated.store(Connections)
    connectivity = _choice(body, "connectivityType", _CONNECTIVITY)
    name = text_of(body, "displayName", LONGEST_NAME, required=True) or ""
    _check_name_is_free(store, name, None)
    source_type, path = _source(body.get("connectionDetails"))
    gateway_id = None if connectivity == "ShareableCloud" else _gateway(emulated, who, body)
    connection = Connection(
        id=new_id(),
        name=name,
        connectivity=connectivity,
        type=source_type,
        path=path,
        privacy=_choice(body, "privacyLevel", _PRIVACY, "Organizational"),
        credential_type="",
        gateway_id=gateway_id,
        roles={who.object_id: "Owner"},
    )
    _set_credentials(connection, body.get("credentialDetails"), required=True)
    store.connections[connection.id] = connection
    return created(request, _to_json(connection), f"/connections/{connection.id}")


async def get_connection(request: Request) -> Response:
    return answer(_to_json(connection_of(request)))


async def update_connection(request: Request) -> Response:
    connection, body = connection_of(request, "Owner"), await json_object(request)
    if _choice(body, "connectivityType", _CONNECTIVITY) != connection.connectivity:
        raise bad_request("The connectivityType of a connection can't be changed.")
    name = text_of(body, "displayName", LONGEST_NAME, required="displayName" in body)
    if name is not None:
        _check_name_is_free(emulated_of(request).store(Connections), name, connection)
    _set_credentials(connection, body.get("credentialDetails"), required=False)
    connection.privacy = _choice(body, "privacyLevel", _PRIVACY, connection.privacy)
    connection.name = name or connection.name
    return answer(_to_json(connection))


async def delete_connection(request: Request) -> Response:
    connection = connection_of(request, "Owner")
    del emulated_of(request).store(Connections).connections[connection.id]
    return done()


async def supported_types(request: Request) -> Response:
    caller(request)
    return page(request, list(SOURCES), _type_to_json)


async def list_assignments(request: Request) -> Response:
    connection, emulated = connection_of(request), emulated_of(request)
    return page(request, list(connection.roles), lambda one: _role_to_json(emulated, connection, one))


async def add_assignment(request: Request) -> Response:
    connection, emulated = connection_of(request, "Owner"), emulated_of(request)
    body = await json_object(request)
    role = _choice(body, "role", ROLES)
    principal = requested_principal(body, emulated.store(Directory))
    if principal.object_id in connection.roles:
        raise FabricError(409, "EntityConflict", "The principal already has a role on the connection.")
    connection.roles[principal.object_id] = role
    result = _role_to_json(emulated, connection, principal.object_id)
    return created(request, result, f"/connections/{connection.id}/roleAssignments/{principal.object_id}")


async def one_assignment(request: Request) -> Response:
    """GET, PATCH and DELETE of the role of one principal."""
    connection = connection_of(request, "User" if request.method == "GET" else "Owner")
    principal_id = request.path_params["assignment_id"].lower()
    if principal_id not in connection.roles:
        raise FabricError(404, "EntityNotFound", "The requested role assignment was not found.")
    if request.method == "DELETE":
        del connection.roles[principal_id]
        return done()
    if request.method == "PATCH":
        connection.roles[principal_id] = _choice(await json_object(request), "role", ROLES)
    return answer(_role_to_json(emulated_of(request), connection, principal_id))


def _role_to_json(emulated: EmulatorState, connection: Connection, principal_id: str) -> dict[str, t.Any]:
    directory = emulated.store(Directory)
    principal = directory.principal(principal_id)
    result = principal_to_json(principal, directory) if principal else {"id": principal_id, "type": "User"}
    return {"id": principal_id, "principal": result, "role": connection.roles[principal_id]}


def _type_to_json(name: str) -> dict[str, t.Any]:
    method, parameters, required = SOURCES[name]
    result = [{"name": one, "dataType": "Text", "required": number < required} for number, one in enumerate(parameters)]
    return {
        "type": name,
        "creationMethods": [{"name": method, "parameters": result}],
        "supportedCredentialTypes": list(_CREDENTIALS),
        "supportedConnectionEncryptionTypes": list(_ENCRYPTION),
        "supportsSkipTestConnection": True,
    }


def _check_name_is_free(store: Connections, name: str, connection: Connection | None) -> None:
    other = store.named(name)
    if other is not None and other is not connection:
        raise FabricError(409, "DuplicateConnectionName", "The connection name is already in use.")


def _choice(body: t.Mapping[str, t.Any], key: str, choices: tuple[str, ...], default: str | None = None) -> str:
    value = body.get(key, default)
    if value not in choices:
        raise bad_request(f"The {key} field must be one of {', '.join(choices)}.")
    return str(value)


def _source(details: t.Any) -> tuple[str, str]:
    """Type and path of ``connectionDetails``: the path is the parameters' values, joined by semicolons."""
    if not isinstance(details, dict) or details.get("type") not in SOURCES:
        raise FabricError(400, "InvalidConnectionDetails", "The ConnectionDetails input provided is not valid.")
    method, known, required = SOURCES[details["type"]]
    given = {one.get("name"): one.get("value") for one in details.get("parameters") or [] if isinstance(one, dict)}
    if details.get("creationMethod") != method or not set(known[:required]) <= set(given) <= set(known):
        raise FabricError(400, "InvalidConnectionDetails", "The ConnectionDetails input provided is not valid.")
    return details["type"], ";".join(str(given[name]) for name in known if name in given)


def _gateway(emulated: EmulatorState, who: Caller, body: dict[str, t.Any]) -> str:
    gateway_id = guid_of(body, "gatewayId", required=True) or ""
    gateway = emulated.store(Gateways).find(gateway_id)
    if gateway is None or not gateway.administered_by(who):
        raise FabricError(404, "EntityNotFound", "The requested gateway was not found.")
    return gateway.id


def _set_credentials(connection: Connection, details: t.Any, *, required: bool) -> None:
    """The visible part of ``credentialDetails``; required secrets are checked for presence, and not stored."""
    if details is None and not required:
        return
    invalid = FabricError(400, "InvalidCredentialDetails", "The CredentialDetails input provided is not valid.")
    if not isinstance(details, dict):
        raise invalid
    credentials = details.get("credentials")
    if credentials is None and not required:
        credentials = {"credentialType": connection.credential_type}
    elif not isinstance(credentials, dict) or credentials.get("credentialType") not in _CREDENTIALS:
        raise invalid
    elif connection.connectivity == "OnPremisesGateway":
        if not credentials.get("values"):
            raise invalid
    elif not all(credentials.get(key) for key in _CREDENTIALS[credentials["credentialType"]]):
        raise invalid
    connection.credential_type = credentials["credentialType"]
    connection.sign_on = _choice(details, "singleSignOnType", _SIGN_ON, connection.sign_on)
    connection.encryption = _choice(details, "connectionEncryption", _ENCRYPTION, connection.encryption)
    connection.skip_test = bool(details.get("skipTestConnection", connection.skip_test))


_CONNECTIONS: t.Final = f"{PREFIX}/connections"
_CONNECTION: t.Final = f"{_CONNECTIONS}/{{connection_id}}"

GROUP = RouteGroup(
    "fabric_connections",
    [
        route(_CONNECTIONS, "GET", list_connections),
        route(_CONNECTIONS, "POST", create_connection),
        route(f"{_CONNECTIONS}/supportedConnectionTypes", "GET", supported_types),
        route(_CONNECTION, "GET", get_connection),
        route(_CONNECTION, "PATCH", update_connection),
        route(_CONNECTION, "DELETE", delete_connection),
        route(f"{_CONNECTION}/roleAssignments", "GET", list_assignments),
        route(f"{_CONNECTION}/roleAssignments", "POST", add_assignment),
        route(f"{_CONNECTION}/roleAssignments/{{assignment_id}}", "GET PATCH DELETE", one_assignment),
    ],
    stores=(Directory, Gateways, Connections),
)
