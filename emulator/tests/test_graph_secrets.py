# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft Graph: rotating secrets, with the token endpoint's responses to them."""

from __future__ import annotations

import datetime
import typing as t
import uuid

import pytest

from conftest import CERTIFIED, DEPLOYER, READER, READER_SECRET, Emulator
from graph_client import Graph

APP = f"applications(appId='{DEPLOYER}')"
CERTIFIED_APP = f"applications(appId='{CERTIFIED}')"
SEEDED_SECRETS = {"5ec00000-0000-4000-8000-000000000001", "5ec00000-0000-4000-8000-000000000002"}


@pytest.fixture
def graph(emulator: Emulator) -> Graph:
    return Graph(emulator)


def in_days(days: float) -> str:
    return (datetime.datetime.now(tz=datetime.UTC) + datetime.timedelta(days=days)).isoformat()


def error_codes(emulator: Emulator, secret: str) -> list[int]:
    """AADSTS codes of one request with that secret; empty for a token."""
    return t.cast("list[int]", emulator.token_request(client_secret=secret).json().get("error_codes", []))


def test_a_new_secret_is_shown_once_and_works(emulator: Emulator, graph: Graph) -> None:
    response = graph.post(f"{APP}/addPassword", {"passwordCredential": {"displayName": "rotated"}})
    assert response.status_code == 200
    added = response.json()
    assert added["@odata.context"].endswith("#microsoft.graph.passwordCredential")
    assert added["displayName"] == "rotated"
    assert added["hint"] == added["secretText"][:3]
    assert len(added["secretText"]) == 40
    assert added["secretText"][3:6] == "8Q~"
    life = datetime.datetime.fromisoformat(added["endDateTime"]) - datetime.datetime.fromisoformat(
        added["startDateTime"]
    )
    assert life == datetime.timedelta(days=730)
    assert error_codes(emulator, added["secretText"]) == []
    listed = graph.get(f"{APP}?$select=passwordCredentials").json()["passwordCredentials"]
    assert {one["keyId"] for one in listed} == SEEDED_SECRETS | {added["keyId"]}
    assert [one["secretText"] for one in listed] == [None] * 3
    assert added["secretText"] not in str(emulator.log())


def test_the_body_may_be_empty(graph: Graph) -> None:
    assert graph.post(f"{APP}/addPassword", {}).json()["displayName"] is None


def test_a_removed_secret_stops_working(emulator: Emulator, graph: Graph) -> None:
    first = emulator.env["POWERBI_CLIENT_SECRET"]
    response = graph.post(f"{APP}/removePassword", {"keyId": "5ec00000-0000-4000-8000-000000000001"})
    assert (response.status_code, response.content) == (204, b"")
    assert error_codes(emulator, first) == [7000215]
    again = graph.post(f"{APP}/removePassword", {"keyId": "5ec00000-0000-4000-8000-000000000001"})
    assert again.status_code == 400
    assert again.json()["error"]["code"] == "Request_BadRequest"
    assert again.json()["error"]["message"] == "No credentials found to be removed."


def test_a_secret_expires(emulator: Emulator, graph: Graph) -> None:
    added = graph.post(f"{APP}/addPassword", {"passwordCredential": {"endDateTime": in_days(30)}}).json()
    emulator.control("PATCH", "tenant", {"clock_skew": 31 * 86400})
    assert error_codes(emulator, added["secretText"]) == [7000222]


def test_replicas_learn_a_secret_in_turn(emulator: Emulator, graph: Graph) -> None:
    emulator.control("PATCH", "tenant", {"secret_replication": 300, "secret_replicas": 4})
    secret = graph.post(f"{APP}/addPassword", {}).json()["secretText"]

    def answers_after(seconds: float) -> list[bool]:
        emulator.control("PATCH", "tenant", {"clock_skew": seconds})
        return [not error_codes(emulator, secret) for _ in range(8)]

    assert answers_after(0) == [False] * 8
    flapping = answers_after(160)
    assert flapping == [True, True, False, False] * 2
    assert answers_after(301) == [True] * 8
    assert error_codes(emulator, emulator.env["POWERBI_CLIENT_SECRET"]) == []


def test_policy_forbids_secrets(emulator: Emulator, graph: Graph) -> None:
    emulator.control("PATCH", "tenant", {"password_addition": False})
    response = graph.post(f"{APP}/addPassword", {})
    assert response.status_code == 400
    error = response.json()["error"]
    assert error["code"] == "CredentialTypeNotAllowedAsPerAppPolicy"
    assert error["details"][0]["code"] == "CredentialTypeNotAllowed"


def test_policy_limits_the_lifetime_of_secrets(emulator: Emulator, graph: Graph) -> None:
    emulator.control("PATCH", "tenant", {"password_lifetime_days": 90})
    response = graph.post(f"{APP}/addPassword", {"passwordCredential": {"endDateTime": in_days(180)}})
    assert response.status_code == 400
    error = response.json()["error"]
    assert error["code"] == "CredentialInvalidLifetimeAsPerAppPolicy"
    assert error["details"] == [{"code": "InvalidKeyEndDate", "message": error["message"], "target": "EndDate"}]
    allowed = graph.post(f"{APP}/addPassword", {"passwordCredential": {"endDateTime": in_days(90)}})
    assert allowed.status_code == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"passwordCredential": {"endDateTime": "tomorrow"}}, "Request_BadRequest"),
        ({"passwordCredential": {"endDateTime": "2020-01-01T00:00:00Z"}}, "KeyCredentialsInvalidEndDate"),
        ({"passwordCredential": {"startDateTime": "2020-01-01T00:00:00Z"}}, "KeyCredentialsInvalidStartDate"),
        ({"passwordCredential": "x"}, "Request_BadRequest"),
        ({"passwordCredential": {"displayName": 3}}, "Request_BadRequest"),
    ],
)
def test_refused_secrets(graph: Graph, body: dict[str, t.Any], code: str) -> None:
    response = graph.post(f"{APP}/addPassword", body)
    assert (response.status_code, response.json()["error"]["code"]) == (400, code)
    assert len(graph.get(APP).json()["passwordCredentials"]) == len(SEEDED_SECRETS)


def test_owned_by_covers_only_apps_that_the_caller_owns(graph: Graph) -> None:
    other = graph.post(f"applications(appId='{READER}')/addPassword", {})
    assert (other.status_code, other.json()["error"]["code"]) == (403, "Authorization_RequestDenied")
    assert graph.post(f"{CERTIFIED_APP}/addPassword", {}).status_code == 200


def test_no_permission_not_even_for_its_own_secrets(emulator: Emulator) -> None:
    reader = Graph(emulator, client_id=READER, client_secret=READER_SECRET)
    for action, body in (("addPassword", {}), ("removePassword", {"keyId": str(uuid.uuid4())})):
        response = reader.post(f"applications(appId='{READER}')/{action}", body)
        assert (response.status_code, response.json()["error"]["code"]) == (403, "Authorization_RequestDenied")


def test_a_managed_identity_that_owns_an_app_rotates_it(emulator: Emulator) -> None:
    host = emulator.identity_env["AZURE_POD_IDENTITY_AUTHORITY_HOST"]
    query = {"api-version": "2018-02-01", "resource": "https://graph.microsoft.com"}
    answer = emulator.session.get(
        f"{host}/metadata/identity/oauth2/token", params=query, headers={"Metadata": "true"}, timeout=10
    )
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    added = emulator.request("POST", f"/v1.0/{APP}/addPassword", headers=headers, json={})
    assert error_codes(emulator, added.json()["secretText"]) == []
    other = emulator.request("POST", f"/v1.0/{CERTIFIED_APP}/addPassword", headers=headers, json={})
    assert other.status_code == 403


def test_reads_show_a_change_late(emulator: Emulator, graph: Graph) -> None:
    emulator.control("PATCH", "tenant", {"graph_read_lag": 30})
    before = graph.get(APP).json()["passwordCredentials"]
    made = graph.post(f"{APP}/addPassword", {"passwordCredential": {"displayName": "late"}}).json()
    assert graph.get(APP).json()["passwordCredentials"] == before
    emulator.control("PATCH", "tenant", {"clock_skew": 31})
    assert made["keyId"] in {one["keyId"] for one in graph.get(APP).json()["passwordCredentials"]}
