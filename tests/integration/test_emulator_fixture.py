# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fixture `fresh_emulator`: what the other tests build on."""

from __future__ import annotations

import typing as t

import pytest

from harness.emulator import Emulator


@pytest.fixture
def token_request(fresh_emulator: Emulator) -> dict[str, t.Any]:
    env = fresh_emulator.env
    return {
        "path": f"/{env['POWERBI_TENANT_ID']}/oauth2/v2.0/token",
        "data": {
            "grant_type": "client_credentials",
            "client_id": env["POWERBI_CLIENT_ID"],
            "client_secret": env["POWERBI_CLIENT_SECRET"],
            "scope": "https://analysis.windows.net/powerbi/api/.default",
        },
    }


def test_requests_are_listed_and_filtered(fresh_emulator: Emulator, token_request: dict[str, t.Any]) -> None:
    assert fresh_emulator.requests() == []
    token = fresh_emulator.call("POST", **token_request).json()["access_token"]
    fresh_emulator.call("GET", "/v1.0/myorg/groups", headers={"Authorization": f"Bearer {token}"})
    assert [request["status"] for request in fresh_emulator.requests()] == [200, 200]
    assert [request["method"] for request in fresh_emulator.requests("/token$")] == ["POST"]
    assert [request["path"] for request in fresh_emulator.requests(method="get")] == ["/v1.0/myorg/groups"]
    fresh_emulator.clear_requests()
    assert fresh_emulator.requests() == []


def test_faults_strike_until_they_are_cleared(fresh_emulator: Emulator, token_request: dict[str, t.Any]) -> None:
    fresh_emulator.fault(path="/token$", status=503)
    with pytest.raises(AssertionError, match="503"):
        fresh_emulator.call("POST", **token_request)
    fresh_emulator.clear_faults()
    assert fresh_emulator.call("POST", **token_request).status_code == 200


def test_switches_last_until_reset(fresh_emulator: Emulator) -> None:
    assert fresh_emulator.tenant(service_principals_enabled=False)["service_principals_enabled"] is False
    fresh_emulator.clean()
    assert fresh_emulator.tenant()["service_principals_enabled"] is True


def test_a_further_emulator_stands_alone(fresh_emulator: Emulator, start_emulator: t.Callable[..., Emulator]) -> None:
    other = start_emulator()
    other.tenant(service_principals_enabled=False)
    assert other.url != fresh_emulator.url
    assert fresh_emulator.tenant()["service_principals_enabled"] is True
    assert other.stop() == 0
