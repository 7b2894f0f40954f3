# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Principals in Fabric's requests and responses."""

from __future__ import annotations

import typing as t

from powerbi_emulator.fabric_api import FabricError, Related, bad_request, guid_of
from powerbi_emulator.state.directory import Directory
from powerbi_emulator.state.directory_objects import Principal

# Power BI's type -> Fabric's
TYPES: t.Final = {"User": "User", "Group": "Group", "App": "ServicePrincipal"}


def principal_to_json(principal: Principal, directory: Directory) -> dict[str, t.Any]:
    """A principal with the details of its type."""
    result: dict[str, t.Any] = {
        "id": principal.object_id,
        "displayName": principal.display_name,
        "type": TYPES[principal.kind],
    }
    if principal.kind == "User":
        result["userDetails"] = {"userPrincipalName": principal.upn}
    elif principal.kind == "Group":
        result["groupDetails"] = {"groupType": "SecurityGroup"}
    else:
        client_id = _client_id(principal, directory)
        if client_id:
            result["servicePrincipalDetails"] = {"aadAppId": client_id}
    return result


def requested_principal(body: t.Mapping[str, t.Any], directory: Directory, related: Related | None = None) -> Principal:
    """The principal of ``{"principal": {"id", "type"}}``. Raises FabricError; a client id is not the id of a principal.

    ``related`` is the resource on which the principal is to have a role.
    """
    given = body.get("principal")
    if not isinstance(given, dict):
        raise bad_request("The principal field is required.")
    object_id, kind = guid_of(given, "id", required=True), given.get("type")
    if kind not in TYPES.values():
        raise bad_request(f"The principal's type must be one of {', '.join(TYPES.values())}.")
    principal = directory.principal(object_id or "")
    if principal is None or TYPES[principal.kind] != kind:
        details = [Related("Principal", object_id or "")]
        text = "The provided principal was not found"
        raise FabricError(400, "PrincipalNotFound", text, related=related, related_details=details)
    return principal


def _client_id(principal: Principal, directory: Directory) -> str | None:
    for app in directory.apps.values():
        if app.service_principal and app.service_principal.object_id == principal.object_id:
            return app.client_id
    return next((one.client_id for one in directory.managed_identities if one.object_id == principal.object_id), None)
