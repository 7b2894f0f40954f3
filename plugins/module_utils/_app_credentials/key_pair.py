# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""A new key with its self-signed certificate, and the proof of possession of a certificate's key. With cryptography."""

from __future__ import annotations

import datetime as dt
import time
import typing as t

from .._requirements import missing
from .._secret import Secret

_GRAPH_LEGACY = "00000002-0000-0000-c000-000000000000"  # the audience that addKey and removeKey require
_PROOF_LIFE = 600  # seconds, the longest that Graph accepts


class KeyPair(t.NamedTuple):
    """``pem`` has key and certificate; ``der`` is the certificate; ``thumbprint`` its SHA-1 in upper-case hex."""

    pem: Secret
    der: bytes
    thumbprint: str
    ends: float


def make(common_name: str, days: int, key_size: int) -> KeyPair:
    """An RSA key and a certificate that is valid from now on. Raises MissingLibraryError."""
    try:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import rsa
    except ImportError as error:
        raise missing("key_pair", error) from error
    key = rsa.generate_private_key(public_exponent=65537, key_size=key_size)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name[:64])])
    starts = dt.datetime.now(dt.timezone.utc).replace(microsecond=0) - dt.timedelta(minutes=5)  # clocks differ
    ends = starts + dt.timedelta(days=days, minutes=5)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(starts)
        .not_valid_after(ends)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + certificate.public_bytes(serialization.Encoding.PEM)
    return KeyPair(
        Secret(pem.decode()),
        certificate.public_bytes(serialization.Encoding.DER),
        certificate.fingerprint(hashes.SHA1()).hex().upper(),  # noqa: S303 - Entra's thumbprint is SHA-1
        ends.timestamp(),
    )


def proof(private_key: Secret, object_id: str) -> str:
    """The proof of possession for addKey and removeKey: a JWT of the app's object id, signed with a key that it has."""
    import jwt  # installed with msal

    now = int(time.time())
    claims = {"aud": _GRAPH_LEGACY, "iss": object_id, "nbf": now - 30, "exp": now + _PROOF_LIFE - 60}
    return jwt.encode(claims, private_key.reveal(), algorithm="RS256")
