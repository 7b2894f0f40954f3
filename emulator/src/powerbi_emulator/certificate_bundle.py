# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A certificate with its key, as it is imported into a key vault and returned as a secret."""

from __future__ import annotations

import base64
import dataclasses
import typing as t

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

PFX: t.Final = "application/x-pkcs12"
PEM: t.Final = "application/x-pem-file"
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class ImportRefusedError(ValueError):
    """The data is not a certificate with its key; the text is for the response."""


@dataclasses.dataclass(frozen=True, eq=False)
class CertificateBundle:
    """``chain``: the issuers' certificates, leaf's issuer first. ``content_type``: the format of the import."""

    key: PrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()
    content_type: str = PFX

    @classmethod
    def parse(cls, value: str, password: str | None) -> CertificateBundle:
        """From base64 of a PFX or of PEM, or from PEM itself, with key and certificates.

        Raises ImportRefusedError.
        """
        try:
            data = value.encode() if _is_pem(value.encode()) else base64.b64decode(value, validate=True)
        except ValueError as error:
            raise ImportRefusedError("The specified certificate content is not base64.") from error
        secret = (password or "").encode() or None
        try:
            return _from_pem(data, secret) if _is_pem(data) else _from_pfx(data, secret)
        except ImportRefusedError:
            raise
        except (ValueError, TypeError) as error:
            name = "PEM" if _is_pem(data) else "PKCS#12"
            raise ImportRefusedError(
                f"The specified {name} X.509 certificate content can not be read. Please check if certificate is in "
                f"valid {name} format."
            ) from error

    def secret_value(self, content_type: str) -> str:
        """Key and certificates in that format, without a password: base64 of a PFX, or PEM."""
        if content_type == PEM:
            key = self.key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            certificates = [one.public_bytes(serialization.Encoding.PEM) for one in (self.certificate, *self.chain)]
            return b"".join((key, *certificates)).decode()
        pfx = pkcs12.serialize_key_and_certificates(
            None, self.key, self.certificate, self.chain or None, serialization.NoEncryption()
        )
        return base64.b64encode(pfx).decode()

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def policy(self, requested: dict[str, t.Any], now: float) -> dict[str, t.Any]:
        """The policy of a certificate: the requested one, completed from the certificate. ``now``: epoch seconds."""
        certificate = self.certificate
        months = round((certificate.not_valid_after_utc - certificate.not_valid_before_utc).days / 30.4375)
        given = {name: requested.get(name) or {} for name in ("key_props", "secret_props", "x509_props")}
        return {
            "key_props": {"exportable": True, **self._key_properties(), "reuse_key": False, **given["key_props"]},
            "secret_props": {"contentType": self.content_type, **given["secret_props"]},
            "x509_props": {
                "subject": certificate.subject.rfc4514_string(),
                "ekus": [],
                "key_usage": [],
                "validity_months": months,
                "basic_constraints": {"ca": False},
                **given["x509_props"],
            },
            "lifetime_actions": requested.get("lifetime_actions")
            or [{"trigger": {"lifetime_percentage": 80}, "action": {"action_type": "EmailContacts"}}],
            "issuer": requested.get("issuer") or {"name": "Unknown"},
            "attributes": {"enabled": True, "created": int(now), "updated": int(now)},
        }

    def _key_properties(self) -> dict[str, t.Any]:
        if isinstance(self.key, rsa.RSAPrivateKey):
            return {"kty": "RSA", "key_size": self.key.key_size}
        curve = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}.get(self.key.curve.name, "P-256")
        return {"kty": "EC", "key_size": self.key.key_size, "crv": curve}


def _is_pem(data: bytes) -> bool:
    return data.lstrip().startswith(b"-----BEGIN")


def _from_pfx(data: bytes, password: bytes | None) -> CertificateBundle:
    key, certificate, chain = pkcs12.load_key_and_certificates(data, password)
    return _bundle(key, certificate, chain, PFX)


def _from_pem(data: bytes, password: bytes | None) -> CertificateBundle:
    first, *chain = x509.load_pem_x509_certificates(data)
    key = serialization.load_pem_private_key(data, password) if b"PRIVATE KEY-----" in data else None
    return _bundle(key, first, chain, PEM)


def _bundle(
    key: t.Any, certificate: x509.Certificate | None, chain: t.Sequence[x509.Certificate], content_type: str
) -> CertificateBundle:
    if certificate is None or key is None:
        raise ImportRefusedError("The specified content does not contain a certificate with its private key.")
    if not isinstance(key, (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey)):
        raise ImportRefusedError("The key type of the specified certificate is not supported.")
    if _public(key.public_key()) != _public(certificate.public_key()):
        raise ImportRefusedError("The private key does not match the public key of the certificate.")
    return CertificateBundle(key, certificate, tuple(chain), content_type)


def _public(key: t.Any) -> bytes:
    encoded: bytes = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return encoded
