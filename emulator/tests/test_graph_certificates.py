# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft Graph: rotating certificates, with proofs of possession, and the token endpoint's responses to them."""

from __future__ import annotations

import base64
import datetime
import typing as t

import jwt
import msal
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from conftest import CERTIFIED, DEPLOYER, POWERBI_SCOPE, Emulator
from graph_client import Graph

APP = f"applications(appId='{DEPLOYER}')"
CERTIFIED_APP = f"applications(appId='{CERTIFIED}')"
CERTIFIED_OBJECT_ID = "a9900000-0b1e-4000-8000-000000000002"
PROOF_AUDIENCE = "00000002-0000-0000-c000-000000000000"


class KeyPair(t.NamedTuple):
    """A client's key with its self-signed certificate."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> str:
        return base64.b64encode(self.certificate.public_bytes(serialization.Encoding.DER)).decode()

    @property
    def key_pem(self) -> str:
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    def credential(self) -> dict[str, str]:
        """What msal takes."""
        pem = self.certificate.public_bytes(serialization.Encoding.PEM).decode()
        return {"private_key": self.key_pem, "public_certificate": pem}

    def proof(self, **claims: t.Any) -> str:
        now = datetime.datetime.now(tz=datetime.UTC).timestamp()
        given = {"aud": PROOF_AUDIENCE, "iss": CERTIFIED_OBJECT_ID, "nbf": int(now), "exp": int(now) + 600, **claims}
        return jwt.encode(given, self.key, "RS256")


def make_pair(days: int = 90) -> KeyPair:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rotated")])
    today = datetime.datetime.now(tz=datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(today - datetime.timedelta(days=100))
    builder = builder.not_valid_after(today + datetime.timedelta(days=days))
    return KeyPair(key, builder.sign(key, hashes.SHA256()))


@pytest.fixture(scope="module")
def pair() -> KeyPair:
    return make_pair()


@pytest.fixture
def graph(emulator: Emulator) -> Graph:
    return Graph(emulator)


@pytest.fixture
def seeded(emulator: Emulator) -> KeyPair:
    """The certificate that the app has from the start: ``D/client.pem``."""
    pem = (emulator.directory / "client.pem").read_bytes()
    key = serialization.load_pem_private_key(pem, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return KeyPair(key, x509.load_pem_x509_certificate(pem))


def sign_in(emulator: Emulator, pair: KeyPair) -> dict[str, t.Any]:
    app = msal.ConfidentialClientApplication(
        CERTIFIED,
        pair.credential(),
        authority=emulator.authority,
        instance_discovery=False,
        http_client=emulator.session,
    )
    return t.cast("dict[str, t.Any]", app.acquire_token_for_client([POWERBI_SCOPE]))


def test_a_certificate_is_added_with_proof_of_the_old_one_and_works(
    emulator: Emulator, graph: Graph, seeded: KeyPair, pair: KeyPair
) -> None:
    assert sign_in(emulator, pair)["error_codes"] == [700027]
    key = {"type": "AsymmetricX509Cert", "usage": "Verify", "key": pair.der}
    body = {"keyCredential": key, "passwordCredential": None, "proof": seeded.proof()}
    added = graph.post(f"{CERTIFIED_APP}/addKey", body)
    assert added.status_code == 200, added.text
    assert added.json()["displayName"] == "CN=rotated"
    assert added.json()["customKeyIdentifier"] == pair.certificate.fingerprint(hashes.SHA1()).hex().upper()
    assert "access_token" in sign_in(emulator, pair)
    removal = {"keyId": "ce400000-0000-4000-8000-000000000001", "proof": pair.proof()}
    assert graph.post(f"{CERTIFIED_APP}/removeKey", removal).status_code == 204
    assert sign_in(emulator, seeded)["error_codes"] == [700027]
    again = graph.post(f"{CERTIFIED_APP}/removeKey", removal)
    assert again.json()["error"]["message"] == "No credentials found to be removed."


def test_an_app_rolls_its_own_keys_without_permission(emulator: Emulator, seeded: KeyPair, pair: KeyPair) -> None:
    result = msal.ConfidentialClientApplication(
        CERTIFIED,
        seeded.credential(),
        authority=emulator.authority,
        instance_discovery=False,
        http_client=emulator.session,
    ).acquire_token_for_client(["https://graph.microsoft.com/.default"])
    headers = {"Authorization": f"Bearer {result['access_token']}"}
    key = {"type": "AsymmetricX509Cert", "usage": "Verify", "key": pair.der}

    def call(path: str, proof: str) -> int:
        body = {"keyCredential": key, "proof": proof}
        return emulator.request("POST", f"/v1.0/{path}/addKey", headers=headers, json=body).status_code

    assert call(CERTIFIED_APP, seeded.proof()) == 200
    assert call(APP, seeded.proof()) == 403


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "00000003-0000-0000-c000-000000000000"},
        {"iss": CERTIFIED},
        {"nbf": 1_500_000_000, "exp": 1_500_000_600},
        {"exp": 4_000_000_000},
        {"exp": None},
    ],
    ids=["audience", "client id as issuer", "expired", "long-lived", "no exp"],
)
def test_proofs_that_do_not_hold(graph: Graph, seeded: KeyPair, pair: KeyPair, claims: dict[str, t.Any]) -> None:
    proof = seeded.proof(**{name: value for name, value in claims.items() if value is not None})
    if claims == {"exp": None}:
        proof = jwt.encode({"aud": PROOF_AUDIENCE, "iss": CERTIFIED_OBJECT_ID}, seeded.key, "RS256")
    key = {"type": "AsymmetricX509Cert", "usage": "Verify", "key": pair.der}
    response = graph.post(f"{CERTIFIED_APP}/addKey", {"keyCredential": key, "proof": proof})
    assert response.status_code == 401
    assert response.json()["error"]["code"] == "Authentication_MissingOrMalformed"
    assert response.json()["error"]["message"] == "Access Token missing or malformed."
    assert len(graph.get(CERTIFIED_APP).json()["keyCredentials"]) == 1


def test_a_proof_by_another_key_or_none_does_not_hold(graph: Graph, pair: KeyPair) -> None:
    key = {"type": "AsymmetricX509Cert", "usage": "Verify", "key": pair.der}
    for proof in (pair.proof(), "x", None):
        response = graph.post(f"{CERTIFIED_APP}/addKey", {"keyCredential": key, "proof": proof})
        assert (response.status_code, response.json()["error"]["code"]) == (401, "Authentication_MissingOrMalformed")


@pytest.mark.parametrize("key", ["not base64!", base64.b64encode(b"no certificate").decode(), None])
def test_keys_that_are_no_certificate(graph: Graph, seeded: KeyPair, key: str | None) -> None:
    credential = {"type": "AsymmetricX509Cert", "usage": "Verify", "key": key}
    response = graph.post(f"{CERTIFIED_APP}/addKey", {"keyCredential": credential, "proof": seeded.proof()})
    assert (response.status_code, response.json()["error"]["code"]) == (400, "Request_BadRequest")


def test_expired_and_long_lived_certificates(emulator: Emulator, graph: Graph, seeded: KeyPair) -> None:
    def add(days: int) -> str:
        key = {"type": "AsymmetricX509Cert", "usage": "Verify", "key": make_pair(days).der}
        response = graph.post(f"{CERTIFIED_APP}/addKey", {"keyCredential": key, "proof": seeded.proof()})
        return str(response.json().get("error", {}).get("code"))

    assert add(-1) == "KeyCredentialsInvalidEndDate"
    emulator.control("PATCH", "tenant", {"certificate_lifetime_days": 180})
    assert add(365) == "CredentialInvalidLifetimeAsPerAppPolicy"


def test_patch_replaces_the_whole_list(emulator: Emulator, graph: Graph, seeded: KeyPair, pair: KeyPair) -> None:
    """A client sends back what it read with $select and adds to it; what it leaves out is gone."""
    present = graph.get(f"{CERTIFIED_APP}?$select=keyCredentials").json()["keyCredentials"]
    new = {"type": "AsymmetricX509Cert", "usage": "Verify", "key": pair.der, "displayName": "new"}
    response = graph.call("PATCH", CERTIFIED_APP, {"keyCredentials": [*present, new]})
    assert (response.status_code, response.content) == (204, b"")
    assert "access_token" in sign_in(emulator, seeded)
    assert "access_token" in sign_in(emulator, pair)
    assert graph.call("PATCH", CERTIFIED_APP, {"keyCredentials": [new]}).status_code == 204
    assert sign_in(emulator, seeded)["error_codes"] == [700027]
    assert [one["displayName"] for one in graph.get(CERTIFIED_APP).json()["keyCredentials"]] == ["new"]


def test_patch_with_a_key_of_null_is_refused(graph: Graph) -> None:
    """A list, and a GET without $select, show every key as null."""
    present = graph.get(CERTIFIED_APP).json()["keyCredentials"]
    assert graph.call("PATCH", CERTIFIED_APP, {"keyCredentials": present}).status_code == 400
    assert graph.get(CERTIFIED_APP).json()["keyCredentials"] == present


def test_patch_does_not_change_a_certificate_or_the_secrets(graph: Graph, pair: KeyPair) -> None:
    present = graph.get(CERTIFIED_APP).json()["keyCredentials"]
    response = graph.call("PATCH", CERTIFIED_APP, {"keyCredentials": [{**present[0], "key": pair.der}]})
    assert response.json()["error"]["message"].startswith("Update to existing credential with KeyId")
    assert graph.call("PATCH", APP, {"passwordCredentials": []}).status_code == 400
    assert graph.get(CERTIFIED_APP).json()["keyCredentials"] == present


def test_replicas_learn_a_certificate_in_turn(emulator: Emulator, graph: Graph, seeded: KeyPair, pair: KeyPair) -> None:
    emulator.control("PATCH", "tenant", {"secret_replication": 300, "secret_replicas": 2})
    key = {"type": "AsymmetricX509Cert", "usage": "Verify", "key": pair.der}
    graph.post(f"{CERTIFIED_APP}/addKey", {"keyCredential": key, "proof": seeded.proof()})
    assert sign_in(emulator, pair)["error_codes"] == [700027]
    emulator.control("PATCH", "tenant", {"clock_skew": 301})
    assert all("access_token" in sign_in(emulator, pair) for _ in range(2))
