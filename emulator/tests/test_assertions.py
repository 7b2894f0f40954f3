# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Client assertions: certificates through msal and by hand, and the tokens of foreign issuers."""

from __future__ import annotations

import base64
import dataclasses
import time
import typing as t
import uuid

import jwt
import msal
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from conftest import CERTIFIED, DEPLOYER, FEDERATED, POWERBI_SCOPE, Emulator
from powerbi_emulator.keys import make_certified_key, thumbprint, thumbprint_sha256

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclasses.dataclass
class Signer:
    key: rsa.RSAPrivateKey
    certificate: x509.Certificate


@pytest.fixture
def client(emulator: Emulator) -> Signer:
    pem = (emulator.directory / "client.pem").read_bytes()
    key = serialization.load_pem_private_key(pem, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return Signer(key, x509.load_pem_x509_certificate(pem))


def assertion(
    emulator: Emulator,
    signer: Signer,
    *,
    algorithm: str = "PS256",
    header: dict[str, t.Any] | None = None,
    **change: t.Any,
) -> str:
    """An assertion that is right, but for ``change``; None leaves a claim out."""
    now = time.time()
    claims = {
        "aud": f"{emulator.authority}/oauth2/v2.0/token",
        "iss": CERTIFIED,
        "sub": CERTIFIED,
        "iat": now,
        "nbf": now,
        "exp": now + 600.5,
        "jti": str(uuid.uuid4()),
        **change,
    }
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, signer.key, algorithm, header or {"x5t#S256": thumbprint_sha256(signer.certificate)})


def present(emulator: Emulator, token: str, client_id: str = CERTIFIED, **form: str | None) -> t.Any:
    fields: dict[str, str | None] = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": token, **form}
    return emulator.token_request(client_id=client_id, client_secret=None, **fields)


def code_of(response: t.Any) -> tuple[int, str, int]:
    body = response.json()
    return body["error_codes"][0], body["error"], response.status_code


# msal as the client


def credential(emulator: Emulator, kind: str) -> dict[str, t.Any]:
    pem = (emulator.directory / "client.pem").read_text()
    certificate = x509.load_pem_x509_certificate(pem.encode())
    sha1 = certificate.fingerprint(hashes.SHA1()).hex()
    pfx = {
        "private_key_pfx_path": str(emulator.directory / "client.pfx"),
        "passphrase": emulator.identity_env["EMULATOR_CERTIFICATE_PASSWORD"],
    }
    return {
        "thumbprint, RS256": {"private_key": pem, "thumbprint": sha1},
        "thumbprint and chain, RS256": {"private_key": pem, "thumbprint": sha1, "public_certificate": pem},
        "certificate, PS256": {"private_key": pem, "public_certificate": pem},
        "pfx": pfx,
        "pfx and chain": {**pfx, "public_certificate": True},
    }[kind]


@pytest.mark.parametrize(
    "kind", ["thumbprint, RS256", "thumbprint and chain, RS256", "certificate, PS256", "pfx", "pfx and chain"]
)
def test_msal_with_a_certificate(emulator: Emulator, kind: str) -> None:
    app = msal.ConfidentialClientApplication(
        CERTIFIED,
        credential(emulator, kind),
        authority=emulator.authority,
        instance_discovery=False,
        http_client=emulator.session,
    )
    result = app.acquire_token_for_client([POWERBI_SCOPE])
    assert "access_token" in result, result
    assert jwt.decode(result["access_token"], options={"verify_signature": False})["appidacr"] == "2"


# by hand


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
@pytest.mark.parametrize("padding", ["", "="])
@pytest.mark.parametrize("name", ["x5t", "x5t#S256"])
def test_thumbprints(emulator: Emulator, client: Signer, algorithm: str, padding: str, name: str) -> None:
    digest = thumbprint(client.certificate) if name == "x5t" else thumbprint_sha256(client.certificate)
    token = assertion(emulator, client, algorithm=algorithm, header={name: digest + padding})
    assert present(emulator, token).status_code == 200


@pytest.mark.parametrize("path", ["/oauth2/v2.0/token", "/oauth2/token", "/v2.0", "/"])
def test_audiences_that_entra_takes(emulator: Emulator, client: Signer, path: str) -> None:
    assert present(emulator, assertion(emulator, client, aud=f"{emulator.authority}{path}")).status_code == 200


def test_v1_endpoint_and_no_nbf(emulator: Emulator, client: Signer) -> None:
    token = assertion(emulator, client, nbf=None, aud=f"{emulator.url}/contoso.onmicrosoft.com/oauth2/token")
    form: dict[str, str | None] = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": token}
    response = emulator.token_request(version=1, client_id=CERTIFIED, client_secret=None, **form)
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"aud": "https://login.microsoftonline.com/other/oauth2/v2.0/token"}, (50012, "invalid_client", 401)),
        ({"aud": ["a", "b"]}, (50027, "invalid_request", 400)),
        ({"jti": None}, (50012, "invalid_client", 401)),
        ({"exp": None}, (50027, "invalid_request", 400)),
        ({"exp": time.time() - 3600}, (700024, "invalid_client", 401)),
        ({"nbf": time.time() + 3600, "exp": time.time() + 7200}, (700024, "invalid_client", 401)),
        ({"sub": DEPLOYER}, (50048, "invalid_request", 400)),
        ({"iss": DEPLOYER}, (50048, "invalid_request", 400)),
        ({"sub": None}, (50027, "invalid_request", 400)),
        ({"header": {"typ": "JWT"}}, (50027, "invalid_request", 400)),
    ],
)
def test_claims_that_are_wrong(emulator: Emulator, client: Signer, change: t.Any, code: tuple[int, str, int]) -> None:
    assert code_of(present(emulator, assertion(emulator, client, **change))) == code


def test_clock_skew_of_the_client(emulator: Emulator, client: Signer) -> None:
    token = assertion(emulator, client)
    emulator.control("PATCH", "tenant", {"clock_skew": 3600})
    response = present(emulator, token)
    assert code_of(response)[0] == 700024
    assert "Current time: " in response.json()["error_description"]
    assert present(emulator, assertion(emulator, client, exp=time.time() + 4000)).status_code == 200


def test_unknown_certificate(emulator: Emulator) -> None:
    stranger = make_certified_key("stranger")
    signer = Signer(stranger.private_key, stranger.certificate)
    response = present(emulator, assertion(emulator, signer))
    assert code_of(response) == (700027, "invalid_client", 401)
    assert stranger.certificate.fingerprint(hashes.SHA256()).hex().upper() in response.json()["error_description"]


def test_key_that_does_not_fit_the_certificate(emulator: Emulator, client: Signer) -> None:
    stranger = make_certified_key("stranger").private_key
    response = present(emulator, assertion(emulator, Signer(stranger, client.certificate)))
    assert code_of(response) == (700027, "invalid_client", 401)
    assert "Key was found, but use of the key" in response.json()["error_description"]


def test_chain_with_another_certificate_first(emulator: Emulator, client: Signer) -> None:
    stranger = make_certified_key("stranger").certificate
    chain = [
        base64.b64encode(one.public_bytes(serialization.Encoding.DER)).decode()
        for one in (stranger, client.certificate)
    ]
    header = {"x5t#S256": thumbprint_sha256(client.certificate), "x5c": chain}
    assert code_of(present(emulator, assertion(emulator, client, header=header))) == (700030, "invalid_client", 401)
    header["x5c"] = chain[::-1]
    assert present(emulator, assertion(emulator, client, header=header)).status_code == 200


@pytest.mark.parametrize("token", ["no-jwt", "a.b.c"])
def test_what_is_no_jwt(emulator: Emulator, token: str) -> None:
    assert code_of(present(emulator, token)) == (50027, "invalid_request", 400)


def test_symmetric_signature(emulator: Emulator) -> None:
    token = jwt.encode({"iss": CERTIFIED, "sub": CERTIFIED}, "k" * 32, "HS256")
    assert code_of(present(emulator, token)) == (50027, "invalid_request", 400)


def test_assertion_without_its_type(emulator: Emulator, client: Signer) -> None:
    response = present(emulator, assertion(emulator, client), client_assertion_type=None)
    assert code_of(response) == (900144, "invalid_request", 400)


def test_expired_certificate(emulator: Emulator, client: Signer) -> None:
    emulator.control("PATCH", "tenant", {"clock_skew": 4000 * 86400.0})
    assert code_of(present(emulator, assertion(emulator, client))) == (1000502, "invalid_client", 401)


# federation


def foreign(emulator: Emulator, issuer: str = "workload", **requested: t.Any) -> str:
    return str(emulator.control("POST", f"oidc/{issuer}", requested)["value"])


def test_msal_with_the_token_file(emulator: Emulator) -> None:
    path = emulator.directory / "federated_token"
    app = msal.ConfidentialClientApplication(
        FEDERATED,
        {"client_assertion": path.read_text},
        authority=emulator.authority,
        instance_discovery=False,
        http_client=emulator.session,
    )
    assert "access_token" in app.acquire_token_for_client([POWERBI_SCOPE])


@pytest.mark.parametrize("issuer", ["workload", "github", "azure-devops"])
def test_each_issuer_of_the_seed_is_trusted(emulator: Emulator, issuer: str) -> None:
    assert present(emulator, foreign(emulator, issuer), FEDERATED).status_code == 200


@pytest.mark.parametrize(
    ("requested", "code"),
    [
        ({"subject": "system:serviceaccount:deploy:other"}, 700213),
        ({"subject": "system:serviceaccount:Deploy:ansible"}, 7002138),
        ({"audience": "api://other"}, 700212),
        ({"claims": {"aud": ["api://AzureADTokenExchange", "api://other"]}}, 700212),
        ({"claims": {"iss": "https://token.actions.githubusercontent.com"}}, 700211),
        ({"lifetime": -3600}, 700024),
    ],
)
def test_federation_mismatches(emulator: Emulator, requested: dict[str, t.Any], code: int) -> None:
    assert code_of(present(emulator, foreign(emulator, **requested), FEDERATED)) == (code, "invalid_client", 401)


def test_app_without_federated_credentials(emulator: Emulator) -> None:
    response = present(emulator, foreign(emulator), DEPLOYER)
    assert code_of(response) == (70021, "invalid_client", 401)
    assert "system:serviceaccount:deploy:ansible" in response.json()["error_description"]


def test_federated_token_with_another_key(emulator: Emulator) -> None:
    stranger = make_certified_key("stranger")
    claims = jwt.decode(foreign(emulator), options={"verify_signature": False})
    unknown = jwt.encode(claims, stranger.private_key, "RS256", {"kid": stranger.thumbprint})
    assert code_of(present(emulator, unknown, FEDERATED)) == (50013, "invalid_client", 401)
    kid = jwt.get_unverified_header(foreign(emulator))["kid"]
    forged = jwt.encode(claims, stranger.private_key, "RS256", {"kid": kid})
    assert code_of(present(emulator, forged, FEDERATED)) == (50013, "invalid_client", 401)


def test_managed_identity_as_federated_credential(emulator: Emulator) -> None:
    imds = emulator.identity_env["AZURE_POD_IDENTITY_AUTHORITY_HOST"]
    query = {"api-version": "2018-02-01", "resource": "api://AzureADTokenExchange"}
    answer = emulator.session.get(f"{imds}/metadata/identity/oauth2/token", params=query, headers={"Metadata": "true"})
    assert present(emulator, answer.json()["access_token"], FEDERATED).status_code == 200


def test_entra_token_of_an_app_is_no_federated_credential(emulator: Emulator) -> None:
    response = present(emulator, emulator.token(), FEDERATED)
    assert code_of(response)[:1] == (700211,)
