# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft Graph: who may read app registrations and service principals, and how they are named and shown."""

from __future__ import annotations

import pytest

from conftest import CERTIFIED, DEPLOYER, READER, READER_SECRET, Emulator
from graph_client import Graph

OBJECT_ID = "a9900000-0b1e-4000-8000-000000000001"


@pytest.fixture
def graph(emulator: Emulator) -> Graph:
    return Graph(emulator)


def test_app_by_client_id_and_by_object_id_is_the_same(graph: Graph) -> None:
    by_client_id = graph.get(f"applications(appId='{DEPLOYER}')").json()
    assert by_client_id == graph.get(f"applications/{OBJECT_ID}").json()
    assert (by_client_id["id"], by_client_id["appId"]) == (OBJECT_ID, DEPLOYER)
    assert by_client_id["@odata.context"] == f"{graph.emulator.url}/v1.0/$metadata#applications/$entity"


def test_secrets_are_listed_without_their_values(graph: Graph) -> None:
    response = graph.get(f"applications(appId='{DEPLOYER}')?$select=appId,passwordCredentials")
    assert set(response.json()) == {"@odata.context", "appId", "passwordCredentials"}
    first = response.json()["passwordCredentials"][0]
    assert first["secretText"] is None
    assert first["hint"] == "Qj9"
    assert first["endDateTime"] == "2099-12-31T00:00:00Z"
    assert graph.emulator.env["POWERBI_CLIENT_SECRET"] not in response.text


def test_certificates_come_with_their_key_only_when_selected(graph: Graph) -> None:
    path = f"applications(appId='{CERTIFIED}')"
    shown = graph.get(path).json()["keyCredentials"][0]
    assert shown["key"] is None
    assert len(shown["customKeyIdentifier"]) == 40
    selected = graph.get(f"{path}?$select=keyCredentials").json()["keyCredentials"][0]
    assert selected.pop("key").startswith("MII")
    assert selected == {name: value for name, value in shown.items() if name != "key"}


def test_filter_finds_an_app(graph: Graph) -> None:
    found = graph.get(f"applications?$filter=appId eq '{DEPLOYER}'&$select=id,displayName").json()
    assert found["value"] == [{"id": OBJECT_ID, "displayName": "Ansible Deploy"}]
    assert graph.get("applications?$filter=displayName eq 'nobody'").json()["value"] == []


def test_pages_lead_to_each_other(graph: Graph) -> None:
    names: list[str] = []
    link = "applications?$top=3&$select=appId"
    while link:
        answer = graph.get(link.removeprefix(f"{graph.emulator.url}/v1.0/")).json()
        assert len(answer["value"]) <= 3
        names += [app["appId"] for app in answer["value"]]
        link = answer.get("@odata.nextLink", "")
    assert len(names) == len(set(names)) == 8


@pytest.mark.parametrize(
    ("path", "status", "code", "message"),
    [
        ("applications(appId='22222222-2222-4222-8222-222222222222')", 404, "Request_ResourceNotFound", "22222222-"),
        ("applications/not-an-id", 404, "Request_ResourceNotFound", "'not-an-id' does not exist"),
        (f"applications(appId='{DEPLOYER}')?$select=secrets", 400, "BadRequest", "a property named 'secrets'"),
        ("applications?$filter=appId is 3", 400, "BadRequest", "Invalid filter clause"),
        ("applications?$top=0", 400, "Request_UnsupportedQuery", "Invalid page size"),
        ("servicePrincipals(appId='22222222-2222-4222-8222-222222222222')", 404, "Request_ResourceNotFound", "exist"),
    ],
)
def test_refusals(graph: Graph, path: str, status: int, code: str, message: str) -> None:
    response = graph.get(path)
    assert response.status_code == status
    error = response.json()["error"]
    assert error["code"] == code
    assert message in error["message"]
    assert set(error["innerError"]) == {"date", "request-id", "client-request-id"}
    assert error["innerError"]["request-id"] == response.headers["request-id"]


def test_service_principal_of_an_app_and_of_a_managed_identity(graph: Graph) -> None:
    found = graph.get(f"servicePrincipals(appId='{DEPLOYER}')").json()
    assert (found["id"], found["accountEnabled"]) == ("0b1ec700-0000-4000-8000-000000000001", True)
    assert graph.get(f"servicePrincipals/{found['id']}").json() == found
    identity = graph.get("servicePrincipals?$filter=displayName eq 'build-agent'").json()["value"][0]
    assert identity["servicePrincipalType"] == "ManagedIdentity"
    disabled = graph.get("servicePrincipals?$filter=accountEnabled eq false").json()["value"]
    assert [one["displayName"] for one in disabled] == ["Retired Importer (disabled)"]


def test_a_caller_without_permission_reads_nothing(emulator: Emulator) -> None:
    reader = Graph(emulator, client_id=READER, client_secret=READER_SECRET)
    response = reader.get(f"applications(appId='{READER}')")
    assert response.status_code == 403
    assert response.json()["error"]["code"] == "Authorization_RequestDenied"
    assert response.json()["error"]["message"] == "Insufficient privileges to complete the operation."


@pytest.mark.parametrize(
    ("authorization", "message"),
    [
        (None, "Access token is empty."),
        ("Bearer nonsense", "IDX14100: JWT is not well formed, there are no dots (.)."),
        ("power bi", "Access token validation failure. Invalid audience."),
    ],
)
def test_tokens_of_others_are_refused(emulator: Emulator, authorization: str | None, message: str) -> None:
    value = f"Bearer {emulator.token()}" if authorization == "power bi" else authorization
    headers = {"Authorization": value} if value else {}
    response = emulator.request("GET", "/v1.0/applications", headers=headers)
    assert response.status_code == 401
    assert response.json()["error"]["code"] == "InvalidAuthenticationToken"
    assert response.json()["error"]["message"] == message
    assert "00000003-0000-0000-c000-000000000000" in response.headers["WWW-Authenticate"]


def test_an_expired_token_is_refused(emulator: Emulator) -> None:
    graph = Graph(emulator)
    emulator.control("PATCH", "tenant", {"clock_skew": 7200})
    response = graph.get("applications")
    assert response.json()["error"]["message"] == "Lifetime validation failed, the token is expired."
