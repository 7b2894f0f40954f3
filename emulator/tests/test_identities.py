# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Managed identities through msal, and the OIDC tokens of pipelines."""

from __future__ import annotations

import typing as t

import azure.identity
import jwt
import msal
import pytest
import requests

from conftest import FEDERATED, POWERBI_SCOPE, Emulator

RESOURCE = "https://analysis.windows.net/powerbi/api"
SYSTEM_CLIENT = "a9900000-0000-4000-8000-000000000201"
USER_CLIENT = "a9900000-0000-4000-8000-000000000202"
USER_OBJECT = "0b1ec700-0000-4000-8000-000000000202"
USER_RESOURCE = (
    "/subscriptions/5b000000-0000-4000-8000-000000000001/resourcegroups/deploy/providers/"
    "Microsoft.ManagedIdentity/userAssignedIdentities/powerbi-deploy"
)
HOSTS = {"app service": ("IDENTITY_ENDPOINT", "IDENTITY_HEADER"), "imds": ("AZURE_POD_IDENTITY_AUTHORITY_HOST",)}


@pytest.fixture(params=list(HOSTS))
def host(emulator: Emulator, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    for names in HOSTS.values():
        for name in names:
            monkeypatch.delenv(name, raising=False)
    for name in HOSTS[request.param]:
        monkeypatch.setenv(name, emulator.identity_env[name])
    return str(request.param)


def acquire(identity: t.Any) -> dict[str, t.Any]:
    session = requests.Session()
    session.trust_env = False
    client = msal.ManagedIdentityClient(identity, http_client=session)
    return t.cast("dict[str, t.Any]", client.acquire_token_for_client(resource=RESOURCE))


@pytest.mark.usefixtures("host")
@pytest.mark.parametrize(
    ("identity", "client_id"),
    [
        (msal.SystemAssignedManagedIdentity(), SYSTEM_CLIENT),
        (msal.UserAssignedManagedIdentity(client_id=USER_CLIENT), USER_CLIENT),
        (msal.UserAssignedManagedIdentity(object_id=USER_OBJECT), USER_CLIENT),
        (msal.UserAssignedManagedIdentity(resource_id=USER_RESOURCE), USER_CLIENT),
    ],
)
def test_msal_gets_a_token_that_power_bi_takes(emulator: Emulator, identity: t.Any, client_id: str) -> None:
    result = acquire(identity)
    assert "access_token" in result, result
    assert result["expires_in"] > 80000
    assert jwt.decode(result["access_token"], options={"verify_signature": False})["appid"] == client_id
    names = [group["name"] for group in emulator.api("GET", "/groups", result["access_token"]).json()["value"]]
    assert names == ["Sales"]


@pytest.mark.usefixtures("host")
def test_identity_that_is_not_there() -> None:
    result = acquire(msal.UserAssignedManagedIdentity(client_id="99999999-9999-4999-8999-999999999999"))
    assert "access_token" not in result
    assert "error" in result


@pytest.mark.parametrize(
    ("query", "headers", "text"),
    [
        ({"resource": RESOURCE, "api-version": "2018-02-01"}, {}, "Required metadata header not specified"),
        ({"api-version": "2018-02-01"}, {"Metadata": "true"}, "Required audience parameter not specified"),
        ({"resource": RESOURCE}, {"Metadata": "true"}, "api-version"),
        (
            {"resource": RESOURCE, "api-version": "2018-02-01"},
            {"Metadata": "true", "X-Forwarded-For": "10.0.0.1"},
            "forwarded",
        ),
        ({"resource": "https://other.example", "api-version": "2018-02-01"}, {"Metadata": "true"}, "AADSTS500011"),
    ],
)
def test_imds_refusals(emulator: Emulator, query: dict[str, str], headers: dict[str, str], text: str) -> None:
    base = emulator.identity_env["AZURE_POD_IDENTITY_AUTHORITY_HOST"]
    response = emulator.session.get(f"{base}/metadata/identity/oauth2/token", params=query, headers=headers)
    assert response.status_code == 400
    assert text in response.json()["error_description"]


def test_app_service_wants_its_header(emulator: Emulator) -> None:
    query = {"resource": RESOURCE, "api-version": "2019-08-01"}
    response = emulator.session.get(
        emulator.identity_env["IDENTITY_ENDPOINT"], params=query, headers={"X-IDENTITY-HEADER": "no"}
    )
    assert response.status_code == 401
    assert emulator.identity_env["IDENTITY_HEADER"] not in response.text


def test_plain_port_serves_identities_only(emulator: Emulator) -> None:
    base = emulator.identity_env["AZURE_POD_IDENTITY_AUTHORITY_HOST"]
    assert emulator.session.get(f"{base}/v1.0/myorg/groups").status_code == 404
    assert emulator.session.post(f"{base}/{emulator.tenant_id}/oauth2/v2.0/token").status_code == 404


# pipelines


def exchange(emulator: Emulator, assertion: str) -> int:
    form: dict[str, str | None] = {
        "client_id": FEDERATED,
        "client_secret": None,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion,
    }
    return emulator.token_request(**form).status_code


def test_github_actions(emulator: Emulator) -> None:
    url, token = (emulator.identity_env[f"ACTIONS_ID_TOKEN_REQUEST_{name}"] for name in ("URL", "TOKEN"))
    address = f"{url}&audience=api%3A%2F%2FAzureADTokenExchange"
    answer = emulator.session.get(address, headers={"Authorization": f"Bearer {token}"}).json()
    assert set(answer) == {"count", "value"}
    claims = jwt.decode(answer["value"], options={"verify_signature": False})
    assert (claims["sub"], claims["exp"] - claims["iat"]) == ("repo:contoso/powerbi-content:ref:refs/heads/main", 300)
    assert exchange(emulator, answer["value"]) == 200
    assert emulator.session.get(address, headers={"Authorization": "Bearer x"}).status_code == 401


def devops(emulator: Emulator, query: dict[str, str], token: str | None = None, **headers: str) -> requests.Response:
    token = token or emulator.identity_env["SYSTEM_ACCESSTOKEN"]
    return emulator.session.post(
        emulator.identity_env["SYSTEM_OIDCREQUESTURI"],
        params=query,
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json", **headers},
        allow_redirects=False,
    )


def test_azure_pipelines(emulator: Emulator) -> None:
    connection = emulator.identity_env["AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"]
    query = {"api-version": "7.1", "serviceConnectionId": connection}
    assert exchange(emulator, devops(emulator, query).json()["oidcToken"]) == 200
    assert devops(emulator, {"serviceConnectionId": connection}).status_code == 400
    assert devops(emulator, {**query, "serviceConnectionId": USER_CLIENT}).status_code == 404
    wrong = devops(emulator, query, token="wrong")
    assert (wrong.status_code, wrong.headers["Location"].endswith("/_signin")) == (302, True)
    assert devops(emulator, query, "wrong", **{"X-TFS-FedAuthRedirect": "Suppress"}).status_code == 401


def test_azure_identity_as_an_independent_client(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", emulator.env["POWERBI_CA_PATH"])
    monkeypatch.setenv("SYSTEM_OIDCREQUESTURI", emulator.identity_env["SYSTEM_OIDCREQUESTURI"])
    common: dict[str, t.Any] = {"authority": emulator.url, "disable_instance_discovery": True}
    credentials = [
        azure.identity.ClientSecretCredential(
            emulator.tenant_id, emulator.env["POWERBI_CLIENT_ID"], emulator.env["POWERBI_CLIENT_SECRET"], **common
        ),
        azure.identity.CertificateCredential(
            emulator.tenant_id,
            emulator.identity_env["EMULATOR_CERTIFICATE_CLIENT_ID"],
            emulator.identity_env["EMULATOR_CERTIFICATE_PATH"],
            **common,
        ),
        azure.identity.WorkloadIdentityCredential(
            tenant_id=emulator.tenant_id,
            client_id=FEDERATED,
            token_file_path=emulator.identity_env["EMULATOR_FEDERATED_TOKEN_FILE"],
            **common,
        ),
        azure.identity.AzurePipelinesCredential(
            tenant_id=emulator.tenant_id,
            client_id=FEDERATED,
            service_connection_id=emulator.identity_env["AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"],
            system_access_token=emulator.identity_env["SYSTEM_ACCESSTOKEN"],
            **common,
        ),
    ]
    for credential in credentials:
        assert credential.get_token(POWERBI_SCOPE).token.count(".") == 2


def test_generic_issuer_verifies_against_its_keys(emulator: Emulator) -> None:
    token = (emulator.directory / "federated_token").read_text()
    issuer = jwt.decode(token, options={"verify_signature": False})["iss"]
    configuration = emulator.session.get(f"{issuer}/.well-known/openid-configuration").json()
    assert configuration["issuer"] == issuer
    key = jwt.PyJWK(emulator.session.get(configuration["jwks_uri"]).json()["keys"][0])
    assert jwt.decode(token, key, algorithms=["RS256"], audience="api://AzureADTokenExchange")["iss"] == issuer


def test_minting_refuses_what_it_does_not_know(emulator: Emulator) -> None:
    assert emulator.request("POST", "/_emulator/oidc/nobody", json={}).status_code == 404
    assert emulator.request("POST", "/_emulator/oidc/workload", json={"sub": "x"}).status_code == 400
