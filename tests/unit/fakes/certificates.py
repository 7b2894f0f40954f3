# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keys and certificates in the forms that users keep them in. Keys are made once per process: they cost 50 ms each."""

from __future__ import annotations

import datetime as dt
import functools
import typing as t

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

NOW: t.Final = dt.datetime(2026, 11, 24, 12, 0, tzinfo=dt.UTC)
DAY: t.Final = dt.timedelta(days=1)


def rsa_key(number: int = 1) -> rsa.RSAPrivateKey:
    """Always the same one for the same number."""
    return _rsa_key(number)


@functools.cache
def _rsa_key(_number: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@functools.cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def certificate(
    name: str = "app",
    key: t.Any = None,
    *,
    issuer: str | None = None,
    issuer_key: t.Any = None,
    begins: dt.datetime = NOW - DAY,
    ends: dt.datetime = NOW + 365 * DAY,
) -> x509.Certificate:
    """A certificate of ``key``, signed by itself where no issuer is given."""
    key = key or rsa_key()

    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

    return (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(issuer or name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .sign(issuer_key or key, hashes.SHA256())
    )


def chain() -> list[x509.Certificate]:
    """leaf, intermediate, root: of keys 1, 2 and 3."""
    return [
        certificate("leaf", rsa_key(1), issuer="intermediate", issuer_key=rsa_key(2)),
        certificate("intermediate", rsa_key(2), issuer="root", issuer_key=rsa_key(3)),
        certificate("root", rsa_key(3)),
    ]


def thumbprint(item: x509.Certificate) -> str:
    return item.fingerprint(hashes.SHA1()).hex().upper()


def pem(*items: t.Any, password: str | None = None, key_format: PrivateFormat = PrivateFormat.PKCS8) -> bytes:
    """Keys and certificates one after the other, in the order given."""
    encryption: KeySerializationEncryption = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    return b"".join(
        item.public_bytes(Encoding.PEM)
        if isinstance(item, x509.Certificate)
        else item.private_bytes(Encoding.PEM, key_format, encryption)
        for item in items
    )


def pfx(
    key: t.Any,
    leaf: x509.Certificate | None,
    others: t.Sequence[x509.Certificate] = (),
    *,
    password: str | None = None,
) -> bytes:
    encryption: KeySerializationEncryption = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    return pkcs12.serialize_key_and_certificates(b"app", key, leaf, list(others) or None, encryption)
