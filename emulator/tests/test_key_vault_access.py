# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Azure Key Vault: the challenge, tokens, roles, the firewall, versions of the API, vaults by host name, throttling."""

from __future__ import annotations

import re
import typing as t

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.identity import ManagedIdentityCredential
from azure.keyvault.secrets import SecretClient

from conftest import READER, READER_SECRET, Emulator
from key_vault_client import SCOPE, call, credential, resolve_everything_to, secret_client, transport

CLIENT_SECRET = "powerbi-client-secret"


def test_the_challenge(emulator: Emulator) -> None:
    response = call(emulator, "PUT", f"/secrets/{CLIENT_SECRET}", token="", version=None)
    assert response.status_code == 401
    assert response.json() == {
        "error": {"code": "Unauthorized", "message": "AKV10000: Request is missing a Bearer or PoP token."}
    }
    assert response.headers["WWW-Authenticate"] == (
        f'Bearer authorization="{emulator.url}/{emulator.tenant_id}", resource="https://vault.azure.net"'
    )
    assert response.headers["x-ms-keyvault-region"]


def test_tokens_of_others_are_refused(emulator: Emulator) -> None:
    for token, message in (("nonsense", "S2S12005"), (emulator.token(), "AKV10022: Invalid audience.")):
        response = call(emulator, "GET", "/secrets", token=token)
        assert response.status_code == 401
        assert message in response.json()["error"]["message"]
        assert response.headers["WWW-Authenticate"].startswith("Bearer authorization=")
    token = emulator.token(scope=SCOPE)
    emulator.control("PATCH", "tenant", {"clock_skew": 7200})
    expired = call(emulator, "GET", "/secrets", token=token).json()["error"]["message"]
    assert expired == "[TokenExpired] Error validating token: 'S2S12086'."


@pytest.mark.parametrize("version", ["7.0", "7.4", "7.6", "2025-07-01", "2026-04-01"])
def test_versions_of_the_api(emulator: Emulator, version: str) -> None:
    assert call(emulator, "GET", f"/secrets/{CLIENT_SECRET}", version=version).status_code == 200


@pytest.mark.parametrize(("version", "message"), [(None, "must be specified"), ("7.99", "(7.99) is not recognized")])
def test_versions_that_there_are_not(emulator: Emulator, version: str | None, message: str) -> None:
    response = call(emulator, "GET", f"/secrets/{CLIENT_SECRET}", version=version)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "BadParameter")
    assert message in response.json()["error"]["message"]


def test_a_caller_without_a_role(emulator: Emulator) -> None:
    with pytest.raises(HttpResponseError) as caught:
        secret_client(emulator, credential(emulator, READER, READER_SECRET)).get_secret(CLIENT_SECRET)
    error = caught.value
    assert error.status_code == 403
    assert error.error is not None
    assert error.error.innererror == {"code": "ForbiddenByRbac"}
    text = str(error.error.message)
    assert "Action: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'" in text
    assert re.search(f"Caller: appid={READER};oid=[0-9a-f-]+;iss={emulator.url}/", text)
    assert f"microsoft.keyvault/vaults/contoso-kv/secrets/{CLIENT_SECRET}'" in text


def test_roles_allow_the_same_as_in_azure(emulator: Emulator) -> None:
    """The deployer has Secrets User on the second vault."""
    headers = {"Host": "shared-kv.vault.localhost"}

    def status(method: str, path: str, **kwargs: t.Any) -> int:
        return call(emulator, method, path, headers=headers, **kwargs).status_code

    assert status("GET", "/secrets/shared") == 200
    assert status("GET", "/secrets") == 200
    assert status("PUT", "/secrets/shared", json={"value": "x"}) == 403
    assert status("DELETE", "/secrets/shared") == 403
    assert status("GET", "/certificates") == 403
    assert status("GET", "/deletedsecrets") == 200


def test_switches(emulator: Emulator) -> None:
    path = f"/secrets/{CLIENT_SECRET}"
    emulator.control("PATCH", "tenant", {"key_vault_roles": False})
    assert call(emulator, "GET", path).json()["error"]["innererror"] == {"code": "ForbiddenByRbac"}
    emulator.control("PATCH", "tenant", {"key_vault_firewall": True})
    response = call(emulator, "GET", path)
    assert response.status_code == 403
    assert response.json()["error"]["innererror"] == {"code": "ForbiddenByFirewall"}
    assert response.json()["error"]["message"].startswith("Client address is not authorized")
    assert "Client address: 127.0.0.1" in response.json()["error"]["message"]
    assert call(emulator, "GET", path, token="").status_code == 401


def test_throttling(emulator: Emulator) -> None:
    emulator.control("POST", "faults", {"path": "^/secrets", "status": 429, "headers": {"Retry-After": "7"}})
    response = call(emulator, "GET", f"/secrets/{CLIENT_SECRET}")
    assert (response.status_code, response.headers["Retry-After"]) == (429, "7")
    assert response.json()["error"]["code"] == "Throttled"


def test_a_managed_identity_reads_a_secret(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", emulator.identity_env["AZURE_POD_IDENTITY_AUTHORITY_HOST"])
    client = secret_client(emulator, ManagedIdentityCredential())
    assert client.get_secret(CLIENT_SECRET).value == emulator.env["POWERBI_CLIENT_SECRET"]
    identity = next(entry["client_id"] for entry in emulator.log("/metadata/"))
    assert emulator.log("^/secrets")[-1]["client_id"] == identity


def test_wrong_credentials_arrive_as_the_library_reports_them(emulator: Emulator) -> None:
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        secret_client(emulator, credential(emulator, client_secret="wrong-secret")).get_secret(CLIENT_SECRET)


def test_azures_own_name_needs_no_option(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where DNS leads contoso-kv.vault.azure.net to the emulator, the library's own check of the resource holds."""
    credentials = credential(emulator)
    resolve_everything_to(emulator, monkeypatch)
    client = SecretClient(
        "https://contoso-kv.vault.azure.net", credentials, transport=transport(emulator), retry_total=0
    )
    secret = client.get_secret(CLIENT_SECRET)
    assert secret.value == emulator.env["POWERBI_CLIENT_SECRET"]
    assert secret.properties.vault_url == "https://contoso-kv.vault.azure.net"
    other = SecretClient("https://shared-kv.vault.azure.net", credentials, transport=transport(emulator), retry_total=0)
    assert other.get_secret("shared").value == "read-only-here"


def test_the_library_refuses_a_host_outside_the_resources_domain(emulator: Emulator) -> None:
    with pytest.raises(ValueError, match="verify_challenge_resource=False"):
        secret_client(emulator, verify_challenge_resource=True).get_secret(CLIENT_SECRET)


def test_a_vault_that_the_seed_does_not_have(emulator: Emulator) -> None:
    response = call(emulator, "GET", "/secrets", headers={"Host": "nobodys.vault.localhost"})
    assert (response.status_code, response.json()["error"]["code"]) == (404, "VaultNotFound")
