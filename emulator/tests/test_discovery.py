# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""OpenID discovery, keys, instance discovery and user realm."""

from __future__ import annotations

import msal
import pytest

from conftest import DEPLOYER, POWERBI_SCOPE, Emulator


@pytest.mark.parametrize("tenant", ["5a1e0000-c0de-4000-8000-000000000001", "contoso.onmicrosoft.com"])
def test_v2_configuration_is_in_guid_form(emulator: Emulator, tenant: str) -> None:
    response = emulator.request("GET", f"/{tenant}/v2.0/.well-known/openid-configuration")
    body = response.json()
    assert body["issuer"] == f"{emulator.authority}/v2.0"
    assert body["token_endpoint"] == f"{emulator.authority}/oauth2/v2.0/token"
    assert body["device_authorization_endpoint"] == f"{emulator.authority}/oauth2/v2.0/devicecode"
    assert body["tenant_region_scope"] == "EU"
    assert response.headers["Cache-Control"] == "max-age=86400, private"
    assert emulator.session.get(body["jwks_uri"]).json()["keys"][0]["issuer"] == body["issuer"]


def test_v1_configuration(emulator: Emulator) -> None:
    body = emulator.request("GET", f"/{emulator.tenant_id}/.well-known/openid-configuration").json()
    assert body["issuer"] == f"{emulator.authority}/"
    assert body["token_endpoint"] == f"{emulator.authority}/oauth2/token"


def test_common_has_a_placeholder(emulator: Emulator) -> None:
    body = emulator.request("GET", "/common/v2.0/.well-known/openid-configuration").json()
    assert body["issuer"] == f"{emulator.url}/{{tenantid}}/v2.0"
    assert body["token_endpoint"] == f"{emulator.url}/common/oauth2/v2.0/token"


@pytest.mark.parametrize(("tenant", "code"), [("adatum.example", 90002), ("nonsense", 900023)])
def test_unknown_tenant(emulator: Emulator, tenant: str, code: int) -> None:
    response = emulator.request("GET", f"/{tenant}/v2.0/.well-known/openid-configuration")
    assert (response.status_code, response.json()["error_codes"]) == (400, [code])


def test_keys_have_all_that_entra_gives(emulator: Emulator) -> None:
    key = emulator.request("GET", f"/{emulator.tenant_id}/discovery/v2.0/keys").json()["keys"][0]
    assert set(key) == {"kty", "use", "kid", "x5t", "n", "e", "x5c", "cloud_instance_name", "issuer"}


def test_msal_with_instance_discovery_on_the_emulator(emulator: Emulator) -> None:
    query = {"api-version": "1.1", "authorization_endpoint": f"{emulator.authority}/oauth2/v2.0/authorize"}
    body = emulator.request("GET", "/common/discovery/instance", params=query).json()
    assert body["tenant_discovery_endpoint"] == f"{emulator.authority}/v2.0/.well-known/openid-configuration"
    assert body["metadata"][0]["aliases"] == [emulator.url.removeprefix("https://")]


def test_instance_discovery_refuses_unknown_hosts(emulator: Emulator) -> None:
    query = {"api-version": "1.1", "authorization_endpoint": "https://login.example/common/oauth2/v2.0/authorize"}
    response = emulator.request("GET", "/common/discovery/instance", params=query)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_instance")
    assert response.json()["error_codes"] == [50049]


def test_msal_with_oidc_authority(emulator: Emulator) -> None:
    app = msal.ConfidentialClientApplication(
        DEPLOYER,
        emulator.env["POWERBI_CLIENT_SECRET"],
        oidc_authority=f"{emulator.authority}/v2.0",
        http_client=emulator.session,
    )
    assert "access_token" in app.acquire_token_for_client([POWERBI_SCOPE])


@pytest.mark.parametrize(("user", "kind"), [("a@contoso.onmicrosoft.com", "Managed"), ("a@adatum.example", "Unknown")])
def test_user_realm(emulator: Emulator, user: str, kind: str) -> None:
    body = emulator.request("GET", f"/common/userrealm/{user}?api-version=1.0").json()
    assert (body["ver"], body["account_type"]) == ("1.0", kind)
