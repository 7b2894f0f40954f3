# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control routes: log, reset, switches."""

from __future__ import annotations

import re

import pytest

from conftest import MEGANS_PASSWORD, Emulator


def test_log_has_what_scripts_rely_on(emulator: Emulator) -> None:
    emulator.api("GET", "/groups?$top=1")
    entries = emulator.log()
    assert [(entry["method"], entry["status"]) for entry in entries] == [("POST", 200), ("GET", 200)]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", entry["time"]) for entry in entries)
    assert entries[1]["path"] == "/v1.0/myorg/groups"
    assert entries[1]["query"] == ["$top"]
    assert entries[1]["client_id"] == emulator.env["POWERBI_CLIENT_ID"]
    assert entries[0]["grant"] == "client_credentials"


def test_log_holds_no_secret(emulator: Emulator) -> None:
    token = emulator.token()
    emulator.api("GET", "/groups?access_token=in-the-query", token)
    emulator.token_request(client_secret="a-wrong-secret")
    form: dict[str, str | None] = {"grant_type": "password", "username": "x", "password": MEGANS_PASSWORD}
    emulator.token_request(**form)
    text = emulator.request("GET", "/_emulator/requests").text
    secrets = [token, emulator.env["POWERBI_CLIENT_SECRET"], "a-wrong-secret", MEGANS_PASSWORD, "in-the-query"]
    assert not [secret for secret in secrets if secret in text]


def test_log_filters_and_empties(emulator: Emulator) -> None:
    emulator.api("GET", "/groups")
    assert [entry["method"] for entry in emulator.log("oauth2")] == ["POST"]
    assert emulator.request("GET", "/_emulator/requests?path=(").status_code == 400
    assert emulator.request("DELETE", "/_emulator/requests").status_code == 204
    assert emulator.log() == []


def test_unknown_paths_are_logged(emulator: Emulator) -> None:
    assert emulator.request("GET", "/nowhere").status_code == 501
    assert emulator.request("PUT", "/v1.0/myorg/groups").status_code == 501
    assert [entry["status"] for entry in emulator.log()] == [501, 501]


def test_reset_restores_state_and_switches_but_not_tokens(emulator: Emulator) -> None:
    token = emulator.token()
    emulator.api("POST", "/groups", token, json={"name": "Gone Soon"})
    emulator.control("PATCH", "tenant", {"page_size": 1})
    emulator.control("POST", "reset")
    names = [group["name"] for group in emulator.api("GET", "/groups", token).json()["value"]]
    assert names == ["Sales", "Finance"]


def test_tenant_and_its_switches(emulator: Emulator) -> None:
    tenant = emulator.control("GET", "tenant")
    assert (tenant["id"], tenant["domain"]) == (emulator.tenant_id, "contoso.onmicrosoft.com")
    assert tenant["service_principals_enabled"] is True
    assert emulator.control("PATCH", "tenant", {"page_size": 2})["page_size"] == 2


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"colour": 1}, "unknown switch `colour`; known: token_lifetime,"),
        ({"page_size": "2"}, "`page_size`: expected a whole number from 1"),
        ({"service_principals_enabled": 1}, "`service_principals_enabled`: expected true or false"),
        ({"service_principals_allowed": "x"}, "`service_principals_allowed`: expected a list of texts"),
        ({"page_size": 3, "clock_skew": None}, "clock_skew"),
        ([], "`the body`: expected a JSON object"),
    ],
)
def test_switches_that_are_wrong(emulator: Emulator, changes: object, text: str) -> None:
    response = emulator.request("PATCH", "/_emulator/tenant", json=changes)
    assert response.status_code == 400
    assert text in response.json()["error"]
    assert emulator.control("GET", "tenant")["page_size"] == 5000


def test_latency(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"login_latency": 0.2, "api_latency": 0.1})
    assert emulator.token_request().elapsed.total_seconds() >= 0.2
    assert emulator.request("GET", "/v1.0/myorg/groups").elapsed.total_seconds() >= 0.1
