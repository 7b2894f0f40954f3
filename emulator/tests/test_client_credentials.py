# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Client credentials with a secret, v1 and v2, and the tokens that come of it."""

from __future__ import annotations

import base64
import typing as t
import urllib.parse

import jwt
import msal
import pytest

from conftest import DEPLOYER, FABRIKAM, POWERBI_SCOPE, READER, READER_SECRET, Emulator

PERCENT_SECRET = "idh8Q~5T0FTj%q.0T3YmPQthl-SzJs8a_obC%ggX"


def claims_of(emulator: Emulator, token: str) -> dict[str, t.Any]:
    """The claims, verified as any OIDC client would: by the discovery document of the token's issuer."""
    issuer = jwt.decode(token, options={"verify_signature": False})["iss"]
    configuration = emulator.session.get(f"{issuer}.well-known/openid-configuration").json()
    assert configuration["issuer"] == issuer
    kid = jwt.get_unverified_header(token)["kid"]
    key = next(key for key in emulator.session.get(configuration["jwks_uri"]).json()["keys"] if key["kid"] == kid)
    audience = jwt.decode(token, options={"verify_signature": False})["aud"]
    return jwt.decode(token, jwt.PyJWK(key), algorithms=["RS256"], audience=audience, issuer=issuer)


def test_msal_gets_a_token_with_one_request_after_discovery(emulator: Emulator) -> None:
    app = msal.ConfidentialClientApplication(
        DEPLOYER,
        emulator.env["POWERBI_CLIENT_SECRET"],
        authority=emulator.authority,
        instance_discovery=False,
        http_client=emulator.session,
    )
    result = app.acquire_token_for_client([POWERBI_SCOPE])
    assert result["token_type"] == "Bearer"
    assert result["expires_in"] == 3599
    assert [entry["path"].rpartition("/")[2] for entry in emulator.log()] == ["openid-configuration", "token"]
    assert app.acquire_token_for_client([POWERBI_SCOPE])["token_source"] == "cache"


def test_v2_answer(emulator: Emulator) -> None:
    response = emulator.token_request()
    assert list(response.json()) == ["token_type", "expires_in", "ext_expires_in", "access_token"]
    assert response.headers["Content-Type"].startswith("application/json")
    assert response.headers["Cache-Control"] == "no-store, no-cache"
    assert response.headers["x-ms-request-id"]
    assert "client-request-id" not in response.headers


def test_v1_answer_is_all_text(emulator: Emulator) -> None:
    body = emulator.token_request(version=1).json()
    assert all(isinstance(value, str) for value in body.values())
    assert body["resource"] == "https://analysis.windows.net/powerbi/api"
    assert int(body["expires_on"]) - int(body["not_before"]) == 3900


def test_power_bi_token_is_in_v1_format(emulator: Emulator) -> None:
    token = emulator.token()
    claims = claims_of(emulator, token)
    assert claims["aud"] == "https://analysis.windows.net/powerbi/api"
    assert claims["iss"] == f"{emulator.url}/{emulator.tenant_id}/"
    assert claims["oid"] == claims["sub"] == "0b1ec700-0000-4000-8000-000000000001"
    assert (claims["appid"], claims["appidacr"], claims["idtyp"], claims["ver"]) == (DEPLOYER, "1", "app", "1.0")
    assert claims["tid"] == emulator.tenant_id
    assert claims["exp"] - claims["iat"] == 3900
    assert "roles" not in claims
    header = jwt.get_unverified_header(token)
    assert header["x5t"] == header["kid"]


@pytest.mark.parametrize(
    ("scope", "audience"),
    [
        ("https://api.fabric.microsoft.com/.default", "https://analysis.windows.net/powerbi/api"),
        ("00000009-0000-0000-c000-000000000000/.default", "https://analysis.windows.net/powerbi/api"),
        (
            "https://high.analysis.usgovcloudapi.net/powerbi/api/.default",
            "https://high.analysis.usgovcloudapi.net/powerbi/api",
        ),
        ("https://graph.microsoft.com/.default", "https://graph.microsoft.com"),
        ("https://vault.azure.net/.default", "https://vault.azure.net"),
        (f"api://{DEPLOYER}/.default", f"api://{DEPLOYER}"),
    ],
)
def test_audience_follows_the_scope(emulator: Emulator, scope: str, audience: str) -> None:
    assert claims_of(emulator, emulator.token(scope=scope))["aud"] == audience


def test_roles_are_in_graph_tokens_only(emulator: Emulator) -> None:
    assert claims_of(emulator, emulator.token(scope="https://graph.microsoft.com/.default"))["roles"] == [
        "Application.ReadWrite.OwnedBy"
    ]


@pytest.mark.parametrize(
    "tenant", ["contoso.onmicrosoft.com", "CONTOSO.example", "5A1E0000-C0DE-4000-8000-000000000001"]
)
def test_tenant_by_domain_and_in_any_case(emulator: Emulator, tenant: str) -> None:
    assert emulator.token_request(tenant=tenant).status_code == 200


def test_secret_with_percent(emulator: Emulator) -> None:
    assert emulator.token(client_secret=PERCENT_SECRET)


@pytest.mark.parametrize("secret", ["env", PERCENT_SECRET])
def test_basic_authentication(emulator: Emulator, secret: str) -> None:
    secret = emulator.env["POWERBI_CLIENT_SECRET"] if secret == "env" else secret
    encoded = base64.b64encode(f"{DEPLOYER}:{urllib.parse.quote(secret)}".encode()).decode()
    response = emulator.session.post(
        f"{emulator.authority}/oauth2/v2.0/token",
        data={"grant_type": "client_credentials", "scope": POWERBI_SCOPE},
        headers={"Authorization": f"Basic {encoded}"},
    )
    assert response.status_code == 200, response.text


def test_client_request_id_is_echoed(emulator: Emulator) -> None:
    data = {"grant_type": "client_credentials", "client_id": DEPLOYER, "client_secret": "wrong", "scope": POWERBI_SCOPE}
    identifier = "7a4f6a0e-8a56-4a4e-8d5c-0a9a0f0c7d11"
    response = emulator.session.post(
        f"{emulator.authority}/oauth2/v2.0/token", data=data, headers={"client-request-id": identifier}
    )
    assert response.headers["client-request-id"] == response.json()["correlation_id"] == identifier
    assert response.headers["x-ms-request-id"] == response.json()["trace_id"]


def test_lifetime_and_refresh_in_are_switches(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"token_lifetime": 30, "refresh_in": 10})
    body = emulator.token_request().json()
    assert (body["expires_in"], body["refresh_in"]) == (29, 10)


def test_app_known_in_another_tenant(emulator: Emulator) -> None:
    token = emulator.token_request(tenant=FABRIKAM, client_id=READER, client_secret=READER_SECRET).json()[
        "access_token"
    ]
    assert claims_of(emulator, token)["tid"] == FABRIKAM


def test_clock_skew_moves_tokens_and_date(emulator: Emulator) -> None:
    before = claims_of(emulator, emulator.token())["iat"]
    emulator.control("PATCH", "tenant", {"clock_skew": 86400})
    response = emulator.token_request()
    after = jwt.decode(response.json()["access_token"], options={"verify_signature": False})["iat"]
    assert after - before >= 86400
    emulator.control("PATCH", "tenant", {"clock_skew": 0})
    assert response.headers["Date"] != emulator.token_request().headers["Date"]
