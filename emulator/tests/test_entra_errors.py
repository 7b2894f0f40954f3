# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each refusal of the token endpoint that a client can cause, with Entra's code, word and status."""

from __future__ import annotations

import re
import typing as t

import pytest

from conftest import DEPLOYER, FABRIKAM, POWERBI_SCOPE, PUBLIC, Emulator
from powerbi_emulator.entra_catalogue import CATALOGUE

NO_ONE = "99999999-9999-4999-8999-999999999999"
EXPIRED = {
    "client_id": "a9900000-0000-4000-8000-000000000004",
    "client_secret": "WwB8Q~BqT2u77M.xk7hYRWEnN-s3k8i9_uCC0X6b",
}
DISABLED = {
    "client_id": "a9900000-0000-4000-8000-000000000005",
    "client_secret": "zh88Q~SNjM0sQK.w2gEnb4mKQ-ewxXmH_QWGG5Ql",
}
NO_PRINCIPAL = {
    "client_id": "a9900000-0000-4000-8000-000000000006",
    "client_secret": "Ux48Q~mP0c3rTz.Jw61bVnLxkA-eR7uYt5_SqHd2oG",
}


def check(response: t.Any, code: int, error: str, status: int) -> dict[str, t.Any]:
    """The whole of an Entra error: status, keys in order, and what repeats in it."""
    body: dict[str, t.Any] = response.json()
    assert (body["error_codes"], body["error"], response.status_code) == ([code], error, status)
    keys = ["error", "error_description", "error_codes", "timestamp", "trace_id", "correlation_id", "error_uri"]
    assert list(body)[: len(keys)] == keys
    assert body["error_description"].startswith(f"AADSTS{code}: ")
    assert body["error_description"].endswith(
        f" Trace ID: {body['trace_id']} Correlation ID: {body['correlation_id']} Timestamp: {body['timestamp']}"
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", body["timestamp"])
    assert "{" not in body["error_description"]
    assert "unknown" not in body["error_description"]
    return body


@pytest.mark.parametrize(
    ("change", "code", "error", "status"),
    [
        ({"client_secret": "wrong"}, 7000215, "invalid_client", 401),
        ({"client_secret": "5ec00000-0000-4000-8000-000000000001"}, 7000215, "invalid_client", 401),  # the secret's id
        ({"client_secret": "Qj98Q~k5EOQyUN.ZIMQxy94Ts-d2nNDh_4mvPLAq\n"}, 7000215, "invalid_client", 401),
        (EXPIRED, 7000222, "invalid_client", 401),
        ({"client_secret": ""}, 7000216, "invalid_client", 401),
        ({"client_secret": None}, 7000216, "invalid_client", 401),
        ({"client_id": PUBLIC}, 700025, "invalid_client", 401),
        ({"client_id": NO_ONE}, 700016, "unauthorized_client", 400),
        ({"tenant": FABRIKAM}, 700016, "unauthorized_client", 400),
        (NO_PRINCIPAL, 7000229, "invalid_client", 401),
        (DISABLED, 7000112, "unauthorized_client", 400),
        ({"tenant": NO_ONE}, 90002, "invalid_request", 400),
        ({"tenant": "adatum.onmicrosoft.com"}, 90002, "invalid_request", 400),
        ({"tenant": "%7B%7B tenant %7D%7D"}, 900023, "invalid_request", 400),
        ({"tenant": "contoso"}, 900023, "invalid_request", 400),
        ({"tenant": "common"}, 9001023, "invalid_request", 400),
        ({"tenant": "organizations"}, 50059, "invalid_request", 400),
        ({"scope": "https://analysis.windows.net/powerbi/api"}, 1002012, "invalid_scope", 400),
        ({"scope": f"{POWERBI_SCOPE} https://graph.microsoft.com/.default"}, 70011, "invalid_scope", 400),
        ({"scope": "https://analysis.windows.net/powerbi/api//.default"}, 500011, "invalid_resource", 400),
        ({"scope": "https://powerbi.example/.default"}, 500011, "invalid_resource", 400),
        ({"resource": "https://analysis.windows.net/powerbi/api"}, 901002, "invalid_request", 400),
        ({"scope": None}, 900144, "invalid_request", 400),
        ({"scope": ""}, 900144, "invalid_request", 400),
        ({"grant_type": None}, 900144, "invalid_request", 400),
        ({"client_id": None}, 900144, "invalid_request", 400),
        ({"grant_type": "implicit"}, 70003, "unsupported_grant_type", 400),
    ],
)
def test_refusals_of_v2(emulator: Emulator, change: dict[str, t.Any], code: int, error: str, status: int) -> None:
    response = emulator.token_request(**change)
    body = check(response, code, error, status) if "%7B" not in str(change) else response.json()
    assert body["error_codes"] == [code]
    secrets = [value for name, value in change.items() if name == "client_secret" and value]
    assert not any(secret in response.text for secret in secrets)
    assert emulator.log()[-1]["aadsts"] == code
    assert response.headers["x-ms-clitelem"] == f"1,{code},0,,"


@pytest.mark.parametrize(
    ("change", "code", "error", "status"),
    [
        ({"resource": None}, 900144, "invalid_request", 400),
        ({"resource": "https://analysis.windows.net/powerbi/api/"}, 500011, "invalid_resource", 400),
        ({"client_secret": "wrong"}, 7000215, "invalid_client", 401),
    ],
)
def test_refusals_of_v1(emulator: Emulator, change: dict[str, t.Any], code: int, error: str, status: int) -> None:
    check(emulator.token_request(version=1, **change), code, error, status)


@pytest.mark.parametrize("path", ["oauth2/v2.0/token", "oauth2/token", "oauth2/v2.0/devicecode"])
def test_get_is_refused(emulator: Emulator, path: str) -> None:
    response = emulator.session.get(f"{emulator.authority}/{path}")
    body = check(response, 900561, "invalid_request", 400)
    assert "Received a GET request" in body["error_description"]


def test_json_instead_of_a_form(emulator: Emulator) -> None:
    response = emulator.session.post(
        f"{emulator.authority}/oauth2/v2.0/token", json={"grant_type": "client_credentials"}
    )
    body = check(response, 900144, "invalid_request", 400)
    assert "'grant_type'" in body["error_description"]


def test_messages_name_ids(emulator: Emulator) -> None:
    assert DEPLOYER in emulator.token_request(client_secret="wrong").json()["error_description"]
    assert NO_ONE in emulator.token_request(tenant=NO_ONE).json()["error_description"]


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_each_code_can_be_ordered(emulator: Emulator, code: int) -> None:
    emulator.control("POST", "faults", {"path": "oauth2", "aadsts": code, "times": 1})
    response = emulator.token_request()
    entry = CATALOGUE[code]
    assert (response.status_code, response.json()["error"]) == (entry.status, entry.error)
    assert response.json()["error_codes"] == [code]
    assert emulator.token()
