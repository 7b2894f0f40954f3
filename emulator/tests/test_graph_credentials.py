# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft Graph: rotating secrets and certificates, with what the token endpoint then says to them."""

from __future__ import annotations

import base64
import datetime
import typing as t
import uuid

import jwt
import msal
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from conftest import CERTIFIED, DEPLOYER, POWERBI_SCOPE, READER, READER_SECRET, Emulator
from graph_client import Graph

APP = f"applications(appId='{DEPLOYER}')"
CERTIFIED_APP = f"applications(appId='{CERTIFIED}')"
CERTIFIED_OBJECT_ID = "a9900000-0b1e-4000-8000-000000000002"
PROOF_AUDIENCE = "00000002-0000-0000-c000-000000000000"
SEEDED_SECRETS = {"5ec00000-0000-4000-8000-000000000001", "5ec00000-0000-4000-8000-000000000002"}


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


def in_days(days: float) -> str:
    return (datetime.datetime.now(tz=datetime.UTC) + datetime.timedelta(days=days)).isoformat()


def error_codes(emulator: Emulator, secret: str) -> list[int]:
    """AADSTS codes of one request with that secret; empty for a token."""
    return t.cast("list[int]", emulator.token_request(client_secret=secret).json().get("error_codes", []))


def sign_in(emulator: Emulator, pair: KeyPair) -> dict[str, t.Any]:
    app = msal.ConfidentialClientApplication(
        CERTIFIED,
        pair.credential(),
        authority=emulator.authority,
        instance_discovery=False,
        http_client=emulator.session,
    )
    return t.cast("dict[str, t.Any]", app.acquire_token_for_client([POWERBI_SCOPE]))


# secrets


def test_a_new_secret_is_shown_once_and_works(emulator: Emulator, graph: Graph) -> None:
    response = graph.post(f"{APP}/addPassword", {"passwordCredential": {"displayName": "rotated"}})
    assert response.status_code == 200
    added = response.json()
    assert added["@odata.context"].endswith("#microsoft.graph.passwordCredential")
    assert added["displayName"] == "rotated"
    assert added["hint"] == added["secretText"][:3]
    assert len(added["secretText"]) == 40
    assert added["secretText"][3:6] == "8Q~"
    life = datetime.datetime.fromisoformat(added["endDateTime"]) - datetime.datetime.fromisoformat(
        added["startDateTime"]
    )
    assert life == datetime.timedelta(days=730)
    assert error_codes(emulator, added["secretText"]) == []
    listed = graph.get(f"{APP}?$select=passwordCredentials").json()["passwordCredentials"]
    assert {one["keyId"] for one in listed} == SEEDED_SECRETS | {added["keyId"]}
    assert [one["secretText"] for one in listed] == [None] * 3
    assert added["secretText"] not in str(emulator.log())


def test_the_body_may_be_empty(graph: Graph) -> None:
    assert graph.post(f"{APP}/addPassword", {}).json()["displayName"] is None


def test_a_removed_secret_stops_working(emulator: Emulator, graph: Graph) -> None:
    first = emulator.env["POWERBI_CLIENT_SECRET"]
    response = graph.post(f"{APP}/removePassword", {"keyId": "5ec00000-0000-4000-8000-000000000001"})
    assert (response.status_code, response.content) == (204, b"")
    assert error_codes(emulator, first) == [7000215]
    again = graph.post(f"{APP}/removePassword", {"keyId": "5ec00000-0000-4000-8000-000000000001"})
    assert again.status_code == 400
    assert again.json()["error"]["code"] == "Request_BadRequest"
    assert again.json()["error"]["message"] == "No credentials found to be removed."


def test_a_secret_expires(emulator: Emulator, graph: Graph) -> None:
    added = graph.post(f"{APP}/addPassword", {"passwordCredential": {"endDateTime": in_days(30)}}).json()
    emulator.control("PATCH", "tenant", {"clock_skew": 31 * 86400})
    assert error_codes(emulator, added["secretText"]) == [7000222]


def test_replicas_learn_a_secret_in_turn(emulator: Emulator, graph: Graph) -> None:
    emulator.control("PATCH", "tenant", {"secret_replication": 300, "secret_replicas": 4})
    secret = graph.post(f"{APP}/addPassword", {}).json()["secretText"]

    def answers_after(seconds: float) -> list[bool]:
        emulator.control("PATCH", "tenant", {"clock_skew": seconds})
        return [not error_codes(emulator, secret) for _ in range(8)]

    assert answers_after(0) == [False] * 8
    flapping = answers_after(160)
    assert flapping == [True, True, False, False] * 2
    assert answers_after(301) == [True] * 8
    assert error_codes(emulator, emulator.env["POWERBI_CLIENT_SECRET"]) == []


def test_policy_forbids_secrets(emulator: Emulator, graph: Graph) -> None:
    emulator.control("PATCH", "tenant", {"password_addition": False})
    response = graph.post(f"{APP}/addPassword", {})
    assert response.status_code == 400
    error = response.json()["error"]
    assert error["code"] == "CredentialTypeNotAllowedAsPerAppPolicy"
    assert error["details"][0]["code"] == "CredentialTypeNotAllowed"


def test_policy_limits_the_lifetime_of_secrets(emulator: Emulator, graph: Graph) -> None:
    emulator.control("PATCH", "tenant", {"password_lifetime_days": 90})
    response = graph.post(f"{APP}/addPassword", {"passwordCredential": {"endDateTime": in_days(180)}})
    assert response.status_code == 400
    error = response.json()["error"]
    assert error["code"] == "CredentialInvalidLifetimeAsPerAppPolicy"
    assert error["details"] == [{"code": "InvalidKeyEndDate", "message": error["message"], "target": "EndDate"}]
    allowed = graph.post(f"{APP}/addPassword", {"passwordCredential": {"endDateTime": in_days(90)}})
    assert allowed.status_code == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"passwordCredential": {"endDateTime": "tomorrow"}}, "Request_BadRequest"),
        ({"passwordCredential": {"endDateTime": "2020-01-01T00:00:00Z"}}, "KeyCredentialsInvalidEndDate"),
        ({"passwordCredential": {"startDateTime": "2020-01-01T00:00:00Z"}}, "KeyCredentialsInvalidStartDate"),
        ({"passwordCredential": "x"}, "Request_BadRequest"),
        ({"passwordCredential": {"displayName": 3}}, "Request_BadRequest"),
    ],
)
def test_refused_secrets(graph: Graph, body: dict[str, t.Any], code: str) -> None:
    response = graph.post(f"{APP}/addPassword", body)
    assert (response.status_code, response.json()["error"]["code"]) == (400, code)
    assert len(graph.get(APP).json()["passwordCredentials"]) == len(SEEDED_SECRETS)


def test_owned_by_covers_only_apps_that_the_caller_owns(graph: Graph) -> None:
    other = graph.post(f"applications(appId='{READER}')/addPassword", {})
    assert (other.status_code, other.json()["error"]["code"]) == (403, "Authorization_RequestDenied")
    assert graph.post(f"{CERTIFIED_APP}/addPassword", {}).status_code == 200


def test_no_permission_not_even_for_its_own_secrets(emulator: Emulator) -> None:
    reader = Graph(emulator, client_id=READER, client_secret=READER_SECRET)
    for action, body in (("addPassword", {}), ("removePassword", {"keyId": str(uuid.uuid4())})):
        response = reader.post(f"applications(appId='{READER}')/{action}", body)
        assert (response.status_code, response.json()["error"]["code"]) == (403, "Authorization_RequestDenied")


def test_a_managed_identity_that_owns_an_app_rotates_it(emulator: Emulator) -> None:
    host = emulator.identity_env["AZURE_POD_IDENTITY_AUTHORITY_HOST"]
    query = {"api-version": "2018-02-01", "resource": "https://graph.microsoft.com"}
    answer = emulator.session.get(
        f"{host}/metadata/identity/oauth2/token", params=query, headers={"Metadata": "true"}, timeout=10
    )
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    added = emulator.request("POST", f"/v1.0/{APP}/addPassword", headers=headers, json={})
    assert error_codes(emulator, added.json()["secretText"]) == []
    other = emulator.request("POST", f"/v1.0/{CERTIFIED_APP}/addPassword", headers=headers, json={})
    assert other.status_code == 403


# certificates


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


def test_reads_show_a_change_late(emulator: Emulator, graph: Graph) -> None:
    emulator.control("PATCH", "tenant", {"graph_read_lag": 30})
    before = graph.get(APP).json()["passwordCredentials"]
    made = graph.post(f"{APP}/addPassword", {"passwordCredential": {"displayName": "late"}}).json()
    assert graph.get(APP).json()["passwordCredentials"] == before
    emulator.control("PATCH", "tenant", {"clock_skew": 31})
    assert made["keyId"] in {one["keyId"] for one in graph.get(APP).json()["passwordCredentials"]}


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
