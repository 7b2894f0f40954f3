# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keys of the emulator: Entra's signing key, that of the external OIDC issuers, and a client certificate.

They are generated once and kept in the directory of ``--dir``, so that a restart is fast and tokens stay valid.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime
import functools
import hashlib
import typing as t
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from powerbi_emulator.private_files import write_private


@dataclasses.dataclass(frozen=True, eq=False)
class CertifiedKey:
    """An RSA key with its self-signed certificate."""

    private_key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @functools.cached_property
    def public_key(self) -> rsa.RSAPublicKey:
        return self.private_key.public_key()

    @functools.cached_property
    def thumbprint(self) -> str:
        """base64url of the certificate's SHA-1, which Entra uses as key id."""
        return thumbprint(self.certificate)

    def jwk(self, issuer: str) -> dict[str, t.Any]:
        """The public half as an entry of a JWKS, with the extras that Entra adds."""
        numbers = self.public_key.public_numbers()
        return {
            "kty": "RSA",
            "use": "sig",
            "kid": self.thumbprint,
            "x5t": self.thumbprint,
            "n": _base64url_number(numbers.n),
            "e": _base64url_number(numbers.e),
            "x5c": [base64.b64encode(self.certificate.public_bytes(serialization.Encoding.DER)).decode()],
            "cloud_instance_name": "microsoftonline.com",
            "issuer": issuer,
        }

    def pem(self) -> bytes:
        """Key (PKCS 8, unencrypted) and certificate in one PEM."""
        key = self.private_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return key + self.certificate.public_bytes(serialization.Encoding.PEM)

    def pfx(self, password: str) -> bytes:
        """Key and certificate as PKCS 12, encrypted with ``password``."""
        encryption = serialization.BestAvailableEncryption(password.encode())
        return pkcs12.serialize_key_and_certificates(b"client", self.private_key, self.certificate, None, encryption)


@dataclasses.dataclass(frozen=True)
class Keyring:
    """``entra`` signs tokens, ``external`` those of the external issuers, ``client`` is a client's certificate."""

    entra: CertifiedKey
    external: CertifiedKey
    client: CertifiedKey

    @classmethod
    def load_or_make(cls, directory: Path, client: Path) -> Keyring:
        """Read the keys from ``directory`` and the client's from ``client``, and generate the missing ones."""
        return cls(
            entra=_load_or_make(directory / "entra-signing.pem", "accounts.accesscontrol.windows.net"),
            external=_load_or_make(directory / "oidc-signing.pem", "external OIDC issuers"),
            client=_load_or_make(client, "powerbi-emulator client"),
        )


def thumbprint(certificate: x509.Certificate) -> str:
    """``x5t``: base64url of the SHA-1 of the DER, without padding."""
    return _base64url(hashlib.sha1(certificate.public_bytes(serialization.Encoding.DER)).digest())


def thumbprint_sha256(certificate: x509.Certificate) -> str:
    """``x5t#S256``: base64url of the SHA-256 of the DER, without padding."""
    return _base64url(hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).digest())


def make_certified_key(common_name: str) -> CertifiedKey:
    """A new RSA key of 2048 bits with a self-signed certificate of ten years."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])
    today = datetime.datetime.now(tz=datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    return CertifiedKey(key, certificate)


def _load_or_make(path: Path, common_name: str) -> CertifiedKey:
    try:
        pem = path.read_bytes()
        key = serialization.load_pem_private_key(pem, password=None, unsafe_skip_rsa_key_validation=True)
        certificate = x509.load_pem_x509_certificate(pem)
        if isinstance(key, rsa.RSAPrivateKey):
            return CertifiedKey(key, certificate)
    except (FileNotFoundError, ValueError):
        pass  # absent, or damaged by a start that was killed while writing: make a new one
    made = make_certified_key(common_name)
    write_private(path, made.pem())
    return made


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _base64url_number(number: int) -> str:
    return _base64url(number.to_bytes((number.bit_length() + 7) // 8, "big"))
