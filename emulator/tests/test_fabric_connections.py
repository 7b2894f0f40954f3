# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fabric: connections and gateways."""

from __future__ import annotations

import copy
import typing as t

import pytest

from conftest import READER, READER_SECRET, Emulator

READER_APP = "0b1ec700-0000-4000-8000-000000000008"
GATEWAY = "9a7e0000-0000-4000-8000-000000000001"
SQL: dict[str, t.Any] = {
    "connectivityType": "ShareableCloud",
    "displayName": "Sales database",
    "connectionDetails": {
        "type": "SQL",
        "creationMethod": "SQL",
        "parameters": [
            {"dataType": "Text", "name": "server", "value": "sql.contoso.example"},
            {"dataType": "Text", "name": "database", "value": "Sales"},
        ],
    },
    "privacyLevel": "Organizational",
    "credentialDetails": {
        "singleSignOnType": "None",
        "connectionEncryption": "Encrypted",
        "skipTestConnection": True,
        "credentials": {"credentialType": "Basic", "username": "loader", "password": "s3cr3t-of-the-loader"},
    },
}


def test_create_read_change_delete(emulator: Emulator) -> None:
    created = emulator.fabric("POST", "/connections", json=SQL)
    assert created.status_code == 201, created.text
    connection = created.json()
    assert connection["connectionDetails"] == {"type": "SQL", "path": "sql.contoso.example;Sales"}
    assert connection["credentialDetails"]["credentialType"] == "Basic"
    assert "s3cr3t" not in created.text
    path = f"/connections/{connection['id']}"
    change = {"connectivityType": "ShareableCloud", "displayName": "Renamed", "privacyLevel": "Private"}
    changed = emulator.fabric("PATCH", path, json=change).json()
    assert (changed["displayName"], changed["privacyLevel"]) == ("Renamed", "Private")
    assert [one["id"] for one in emulator.fabric("GET", "/connections").json()["value"]] == [connection["id"]]
    assert emulator.fabric("DELETE", path).status_code == 200
    gone = emulator.fabric("GET", path)
    assert (gone.status_code, gone.json()["errorCode"]) == (404, "EntityNotFound")


def test_names_are_unique(emulator: Emulator) -> None:
    assert emulator.fabric("POST", "/connections", json=SQL).status_code == 201
    again = emulator.fabric("POST", "/connections", json={**SQL, "displayName": "SALES DATABASE"})
    assert (again.status_code, again.json()["errorCode"]) == (409, "DuplicateConnectionName")


def _without(*path: str) -> dict[str, t.Any]:
    body = copy.deepcopy(SQL)
    inner = body
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return body


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (_without("displayName"), "InvalidInput"),
        (_without("connectivityType"), "InvalidInput"),
        (_without("connectionDetails", "parameters"), "InvalidConnectionDetails"),
        (_without("connectionDetails", "creationMethod"), "InvalidConnectionDetails"),
        (_without("credentialDetails"), "InvalidCredentialDetails"),
        (_without("credentialDetails", "credentials", "username"), "InvalidCredentialDetails"),
    ],
)
def test_incomplete_requests(emulator: Emulator, body: dict[str, t.Any], code: str) -> None:
    answer = emulator.fabric("POST", "/connections", json=body)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, code)


def test_roles(emulator: Emulator) -> None:
    connection = emulator.fabric("POST", "/connections", json=SQL).json()
    reader = emulator.token(client_id=READER, client_secret=READER_SECRET)
    path = f"/connections/{connection['id']}"
    assert emulator.fabric("GET", path, reader).status_code == 404
    body = {"principal": {"id": READER_APP, "type": "ServicePrincipal"}, "role": "User"}
    added = emulator.fabric("POST", f"{path}/roleAssignments", json=body)
    assert (added.status_code, added.json()["id"]) == (201, READER_APP)
    assert emulator.fabric("GET", path, reader).status_code == 200
    refused = emulator.fabric("DELETE", path, reader)
    assert (refused.status_code, refused.json()["errorCode"]) == (403, "InsufficientPermissionsToManageConnection")
    one = f"{path}/roleAssignments/{READER_APP}"
    assert emulator.fabric("PATCH", one, json={"role": "Owner"}).json()["role"] == "Owner"
    assert len(emulator.fabric("GET", f"{path}/roleAssignments", reader).json()["value"]) == 2
    assert emulator.fabric("DELETE", one).status_code == 200
    assert emulator.fabric("GET", one).status_code == 404


def test_supported_types(emulator: Emulator) -> None:
    types = {
        one["type"]: one for one in emulator.fabric("GET", "/connections/supportedConnectionTypes").json()["value"]
    }
    [method] = types["SQL"]["creationMethods"]
    assert [(one["name"], one["required"]) for one in method["parameters"]] == [("server", True), ("database", False)]


def test_gateways(emulator: Emulator) -> None:
    shown = emulator.fabric("GET", "/gateways").json()["value"]
    assert [one["displayName"] for one in shown] == ["Contoso On-Premises", "Contoso Branch (offline)"]
    assert emulator.fabric("GET", f"/gateways/{GATEWAY}").json() == shown[0]
    [member] = emulator.fabric("GET", f"/gateways/{GATEWAY}/members").json()["value"]
    assert member["enabled"] is True
    admins = emulator.fabric("GET", f"/gateways/{GATEWAY}/roleAssignments").json()["value"]
    assert [one["principal"]["type"] for one in admins] == ["ServicePrincipal", "User"]
