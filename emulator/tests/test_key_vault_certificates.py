# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Azure Key Vault's certificates, through the official library: what is imported comes out as a secret with the key."""

from __future__ import annotations

import base64
import datetime
import typing as t

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.keyvault.certificates import CertificateContentType, CertificatePolicy
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from conftest import Emulator
from key_vault_client import call, certificate_client, secret_client

NAME = "powerbi-client-certificate"
PASSWORD = b"pfx-password"


class Issued(t.NamedTuple):
    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.key_pem + self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def pfx(self, password: bytes | None = PASSWORD) -> bytes:
        encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
        return pkcs12.serialize_key_and_certificates(b"x", self.key, self.certificate, None, encryption)


@pytest.fixture(scope="module")
def issued() -> Issued:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "imported")])
    starts = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(starts)
    builder = builder.not_valid_after(starts + datetime.timedelta(days=365))
    return Issued(key, builder.sign(key, hashes.SHA256()))


def key_of(emulator: Emulator, name: str) -> rsa.RSAPrivateKey:
    """The private key, as programs read it: from the secret of the certificate's name."""
    secret = secret_client(emulator).get_secret(name)
    assert secret.value is not None
    if secret.properties.content_type == "application/x-pem-file":
        key = serialization.load_pem_private_key(secret.value.encode(), None)
    else:
        assert secret.properties.content_type == "application/x-pkcs12"
        key, _, _ = pkcs12.load_key_and_certificates(base64.b64decode(secret.value), None)  # type: ignore[assignment]
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def test_a_seeded_certificate_is_the_apps(emulator: Emulator) -> None:
    certificate = certificate_client(emulator).get_certificate(NAME)
    pem = (emulator.directory / "client.pem").read_bytes()
    expected = x509.load_pem_x509_certificate(pem)
    assert certificate.cer == expected.public_bytes(serialization.Encoding.DER)
    assert certificate.properties.x509_thumbprint == expected.fingerprint(hashes.SHA1())
    assert certificate.properties.expires_on == expected.not_valid_after_utc
    assert certificate.policy is not None
    assert certificate.policy.issuer_name == "Unknown"
    assert certificate.policy.content_type == "application/x-pkcs12"
    key = serialization.load_pem_private_key(pem, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    assert key_of(emulator, NAME).private_numbers() == key.private_numbers()


def test_import_of_a_pfx(emulator: Emulator, issued: Issued) -> None:
    client = certificate_client(emulator)
    made = client.import_certificate("imported", issued.pfx(), password=PASSWORD.decode(), tags={"a": "b"})
    assert bytes(made.cer or b"") == issued.der
    assert made.properties.tags == {"a": "b"}
    assert made.secret_id == f"{emulator.url}/secrets/imported/{made.properties.version}"
    assert made.policy is not None
    assert (made.policy.subject, made.policy.key_size, made.policy.validity_in_months) == ("CN=imported", 2048, 12)
    assert key_of(emulator, "imported").private_numbers() == issued.key.private_numbers()
    secret = secret_client(emulator).get_secret("imported")
    assert secret.properties.key_id == f"{emulator.url}/keys/imported/{made.properties.version}"
    assert "imported" in [one.name for one in client.list_properties_of_certificates()]


def test_import_of_pem(emulator: Emulator, issued: Issued) -> None:
    policy = CertificatePolicy(issuer_name="Unknown", content_type=CertificateContentType.pem)
    made = certificate_client(emulator).import_certificate("pem", issued.pem, policy=policy)
    assert bytes(made.cer or b"") == issued.der
    secret = secret_client(emulator).get_secret("pem")
    assert secret.value is not None
    assert x509.load_pem_x509_certificate(secret.value.encode()) == issued.certificate
    assert key_of(emulator, "pem").private_numbers() == issued.key.private_numbers()


def test_a_pfx_is_given_as_pem_on_request(emulator: Emulator) -> None:
    secret = secret_client(emulator).get_secret(NAME, out_content_type="application/x-pem-file")
    assert secret.value is not None
    assert secret.value.startswith("-----BEGIN PRIVATE KEY-----")


def test_importing_again_makes_a_version(emulator: Emulator, issued: Issued) -> None:
    client = certificate_client(emulator)
    before = client.get_certificate(NAME)
    after = client.import_certificate(NAME, issued.pfx(None))
    versions = [one.version for one in client.list_properties_of_certificate_versions(NAME)]
    assert versions == [before.properties.version, after.properties.version]
    assert before.properties.version is not None
    old = client.get_certificate_version(NAME, before.properties.version)
    assert old.cer == before.cer
    assert key_of(emulator, NAME).private_numbers() == issued.key.private_numbers()


def test_disabling_a_certificate_disables_its_secret(emulator: Emulator) -> None:
    certificate_client(emulator).update_certificate_properties(NAME, enabled=False)
    with pytest.raises(HttpResponseError, match="disabled secret"):
        secret_client(emulator).get_secret(NAME)


def test_policy(emulator: Emulator) -> None:
    client = certificate_client(emulator)
    policy = client.get_certificate_policy(NAME)
    assert policy.key_type == "RSA"
    changed = CertificatePolicy(issuer_name="Unknown", content_type=CertificateContentType.pem)
    client.update_certificate_policy(NAME, changed)
    assert client.get_certificate_policy(NAME).content_type == "application/x-pem-file"
    assert client.get_certificate_policy(NAME).key_size == policy.key_size


def test_delete_recover_purge_with_the_secret(emulator: Emulator) -> None:
    client, secrets = certificate_client(emulator), secret_client(emulator)
    client.begin_delete_certificate(NAME).result()
    with pytest.raises(ResourceNotFoundError, match="CertificateNotFound"):
        client.get_certificate(NAME)
    with pytest.raises(ResourceNotFoundError):
        secrets.get_secret(NAME)
    assert [one.name for one in client.list_deleted_certificates()] == [NAME]
    client.begin_recover_deleted_certificate(NAME).result()
    assert secrets.get_secret(NAME).value
    client.begin_delete_certificate(NAME).result()
    client.purge_deleted_certificate(NAME)
    assert list(client.list_deleted_certificates()) == []
    assert list(secrets.list_deleted_secrets()) == []


def test_a_deleted_certificates_name_is_taken(emulator: Emulator, issued: Issued) -> None:
    client = certificate_client(emulator)
    client.begin_delete_certificate(NAME).result()
    with pytest.raises(ResourceExistsError, match="deleted but recoverable"):
        client.import_certificate(NAME, issued.pfx(None))


def test_a_certificates_secret_is_not_changed_on_its_own(emulator: Emulator) -> None:
    for method, path in (("PUT", f"/secrets/{NAME}"), ("DELETE", f"/secrets/{NAME}")):
        response = call(emulator, method, path, json={"value": "x"})
        assert (response.status_code, response.json()["error"]["code"]) == (403, "Forbidden")
    assert certificate_client(emulator).get_certificate(NAME).cer


def test_a_secrets_name_is_not_free_for_a_certificate(emulator: Emulator, issued: Issued) -> None:
    with pytest.raises(ResourceExistsError):
        certificate_client(emulator).import_certificate("powerbi-client-secret", issued.pfx(None))


def test_imports_that_are_refused(emulator: Emulator, issued: Issued) -> None:
    certificate_only = issued.certificate.public_bytes(serialization.Encoding.PEM).decode()
    seeded_key = (emulator.directory / "client.pem").read_text().partition("-----BEGIN CERTIFICATE-----")[0]
    values = {
        "wrong password": {"value": base64.b64encode(issued.pfx()).decode(), "pwd": "wrong"},
        "no base64": {"value": "###"},
        "no key": {"value": certificate_only},
        "key of another": {"value": seeded_key + certificate_only},
        "nothing": {},
        "content type": {
            "value": base64.b64encode(issued.pfx(None)).decode(),
            "policy": {"secret_props": {"contentType": "text/plain"}},
        },
    }
    for reason, body in values.items():
        response = call(emulator, "POST", "/certificates/refused/import", json=body)
        assert (response.status_code, response.json()["error"]["code"]) == (400, "BadParameter"), reason
    assert call(emulator, "GET", "/certificates/refused").status_code == 404
