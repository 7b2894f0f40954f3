# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users: device code and password, through msal."""

from __future__ import annotations

import threading
import time
import typing as t

import jwt
import msal
import pytest
import requests

from conftest import MEGAN, MEGANS_PASSWORD, POWERBI_SCOPE, PUBLIC, Emulator

ALEX = "alex.wilber@contoso.onmicrosoft.com"


class PortKeeper:
    """An http_client for msal, which forgets the authority's port when it asks for a user's realm."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def get(self, url: str, **kwargs: t.Any) -> requests.Response:
        return self._emulator.session.get(url.replace("https://localhost/", f"{self._emulator.url}/"), **kwargs)

    def post(self, url: str, **kwargs: t.Any) -> requests.Response:
        return self._emulator.session.post(url, **kwargs)

    def close(self) -> None:
        pass


@pytest.fixture
def app(emulator: Emulator) -> msal.PublicClientApplication:
    return msal.PublicClientApplication(
        PUBLIC, authority=emulator.authority, instance_discovery=False, http_client=PortKeeper(emulator)
    )


def claims_of(result: dict[str, t.Any]) -> dict[str, t.Any]:
    assert "access_token" in result, result
    return jwt.decode(result["access_token"], options={"verify_signature": False})


def test_device_code_waits_for_a_person(emulator: Emulator, app: msal.PublicClientApplication) -> None:
    emulator.control("PATCH", "tenant", {"device_code_interval": 1})
    flow = app.initiate_device_flow([POWERBI_SCOPE])
    assert flow["user_code"] in flow["message"]
    assert flow["verification_uri"] in flow["message"]

    def approve() -> None:
        while not emulator.log("/token$"):  # the client has polled at least once
            time.sleep(0.05)
        emulator.control("POST", "device/approve", {"user_code": flow["user_code"], "upn": MEGAN})

    person = threading.Thread(target=approve)
    person.start()
    claims = claims_of(app.acquire_token_by_device_flow(flow))
    person.join()
    assert (claims["upn"], claims["appid"], claims["idtyp"]) == (MEGAN, PUBLIC, "user")
    assert "scp" in claims
    assert [entry["status"] for entry in emulator.log("/token$")] == [400, 200]
    assert app.get_accounts()[0]["username"] == MEGAN


def test_device_code_that_approves_itself(emulator: Emulator, app: msal.PublicClientApplication) -> None:
    emulator.control("PATCH", "tenant", {"device_auto_approve": True})
    assert claims_of(app.acquire_token_by_device_flow(app.initiate_device_flow([POWERBI_SCOPE])))["upn"] == MEGAN


def poll(emulator: Emulator, device_code: str) -> dict[str, t.Any]:
    grant = "urn:ietf:params:oauth:grant-type:device_code"
    form = {"grant_type": grant, "client_id": PUBLIC, "device_code": device_code}
    answer: dict[str, t.Any] = emulator.request("POST", f"/{emulator.tenant_id}/oauth2/v2.0/token", data=form).json()
    return answer


def test_device_code_states(emulator: Emulator, app: msal.PublicClientApplication) -> None:
    flow = app.initiate_device_flow([POWERBI_SCOPE])
    assert poll(emulator, flow["device_code"])["error"] == "authorization_pending"
    assert poll(emulator, "no-code")["error"] == "bad_verification_code"
    emulator.control("PATCH", "tenant", {"clock_skew": 1000})
    assert poll(emulator, flow["device_code"])["error"] == "expired_token"


def test_device_code_is_good_once(emulator: Emulator, app: msal.PublicClientApplication) -> None:
    flow = app.initiate_device_flow([POWERBI_SCOPE])
    emulator.control("POST", "device/approve", {"user_code": flow["user_code"].lower()})
    assert "access_token" in poll(emulator, flow["device_code"])
    assert poll(emulator, flow["device_code"])["error"] == "bad_verification_code"


def test_approving_what_is_not_there(emulator: Emulator) -> None:
    assert emulator.request("POST", "/_emulator/device/approve", json={"user_code": "NOTHERE99"}).status_code == 404
    assert emulator.request("POST", "/_emulator/device/approve", json=[]).status_code == 400


def test_password(emulator: Emulator, app: msal.PublicClientApplication) -> None:
    with pytest.warns(DeprecationWarning, match="deprecated"):
        result = app.acquire_token_by_username_password(MEGAN, MEGANS_PASSWORD, [POWERBI_SCOPE])
    assert claims_of(result)["upn"] == MEGAN
    assert result["id_token_claims"]["preferred_username"] == MEGAN
    assert [entry["path"] for entry in emulator.log("userrealm")] == [f"/common/userrealm/{MEGAN}"]


@pytest.mark.parametrize(
    ("user", "password", "code"),
    [
        (MEGAN, "wrong", 50126),
        ("nobody@contoso.onmicrosoft.com", "x", 50034),
        (ALEX, "Password-And-Second-Factor", 50076),
        (ALEX, "wrong", 50126),
    ],
)
def test_password_refusals(app: msal.PublicClientApplication, user: str, password: str, code: int) -> None:
    with pytest.warns(DeprecationWarning, match="deprecated"):
        result = app.acquire_token_by_username_password(user, password, [POWERBI_SCOPE])
    assert (result["error"], result["error_codes"]) == ("invalid_grant", [code])
    assert password not in result["error_description"] or password == "x"


def test_single_permissions_and_organizations(emulator: Emulator) -> None:
    form: dict[str, str | None] = {
        "grant_type": "password",
        "client_id": PUBLIC,
        "client_secret": None,
        "username": MEGAN,
        "password": MEGANS_PASSWORD,
        "scope": "https://analysis.windows.net/powerbi/api/Workspace.Read.All openid",
    }
    answer = emulator.token_request(tenant="organizations", **form).json()
    assert claims_of(answer)["aud"] == "https://analysis.windows.net/powerbi/api"
    assert "id_token" in answer


def test_confidential_client_must_prove_itself_for_a_user(emulator: Emulator) -> None:
    form: dict[str, str | None] = {"grant_type": "password", "username": MEGAN, "password": MEGANS_PASSWORD}
    assert emulator.token_request(**form).status_code == 200
    refused = emulator.token_request(**form, client_secret=None)
    assert (refused.status_code, refused.json()["error_codes"]) == (401, [7000218])
    assert refused.json()["error"] == "invalid_client"
