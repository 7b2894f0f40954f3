# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Read a certificate and its private key, and report their defects before a request is sent.

msal would report them late, or as another error: a damaged key fails during the login with a hint to install
cryptography, and a chain whose leaf is not first is refused by Entra ID as a wrong signature.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
import typing as t

from .._errors import ConfigError
from .._requirements import missing
from .._secret import Secret
from .._settings.credential import read_file
from .._settings.resolve import Credential


class Certificate(t.NamedTuple):
    """A key pair to sign with. ``private_key`` is PEM (PKCS8, not encrypted), ``chain`` PEM from the leaf up to the
    last issuer that was given, or empty, ``thumbprint`` the SHA-1 of the leaf in upper-case hex, as the portal shows it."""

    private_key: Secret
    chain: str
    thumbprint: str


def load(credential: Credential, now: float) -> Certificate:
    """Read `certificate_path` or `certificate_data` (PEM text, or base64 of PEM or PFX). ``now``: epoch seconds.

    Raises ConfigError that names the option: unreadable, no key, no certificate, wrong password, key and certificate
    that do not belong together, outside its validity, not RSA. MissingLibraryError without cryptography.
    """
    option, data = _data(credential)
    password = credential.secret("certificate_password")
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
    except ImportError as error:
        raise missing("certificate", error) from error
    try:
        if b"-----BEGIN" in data:
            key, certificates = _read_pem(option, data, password)
        else:
            key, certificates = _read_pfx(option, data, password)
    except UnsupportedAlgorithm:
        raise ConfigError(
            f"{option} uses an algorithm that the Python library cryptography has not",
            option=option,
            remedy="export key and certificate again, encrypted with AES",
        ) from None
    return _checked(option, credential, key, certificates, now)


def _data(credential: Credential) -> tuple[str, bytes]:
    path = credential.text("certificate_path")
    if path:
        return "certificate_path", read_file("certificate_path", path)
    return "certificate_data", pem_or_pfx(t.cast("Secret", credential.secret("certificate_data")).reveal())


def pem_or_pfx(certificate_data: str) -> bytes:
    """The option as the content of a file: PEM text, or a PFX that was given in base64. Raises ConfigError."""
    if "-----BEGIN" in certificate_data:
        return certificate_data.replace("\\n", "\n").encode()  # environment variables lose their newlines
    try:
        return base64.b64decode("".join(certificate_data.split()), validate=True)
    except (binascii.Error, ValueError):
        raise ConfigError(
            "certificate_data is neither PEM nor base64",
            option="certificate_data",
            remedy="give the PEM text with key and certificate, or a PFX file in base64",
        ) from None


def _read_pem(option: str, data: bytes, password: Secret | None) -> tuple[t.Any, list[t.Any]]:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    block = re.search(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", data, re.DOTALL)
    if block is None:
        raise ConfigError(
            f"{option} holds a certificate, but no private key",
            option=option,
            remedy="put key and certificate into one PEM file (cat key.pem certificate.pem), or use a PFX",
        )
    try:
        key = load_pem_private_key(block[0], password.reveal().encode() if password else None)
    except TypeError as error:
        if password:
            key = load_pem_private_key(block[0], None)  # the key is not encrypted: the password is not needed
        else:
            raise ConfigError(
                f"the private key in {option} is encrypted",
                option="certificate_password",
                remedy="give its password in certificate_password",
            ) from error
    except ValueError as error:
        raise _unreadable_key(option, password) from error
    try:
        certificates = x509.load_pem_x509_certificates(data) if b"BEGIN CERTIFICATE" in data else []
    except ValueError as error:
        raise ConfigError(
            f"{option} holds a damaged certificate", option=option, remedy="export it again; is the file truncated?"
        ) from error
    return key, certificates


def _unreadable_key(option: str, password: Secret | None) -> ConfigError:
    if password:
        return ConfigError(
            f"the private key in {option} can't be read: certificate_password is wrong, or the file is damaged",
            option="certificate_password",
            remedy="check certificate_password, or export the key again",
        )
    return ConfigError(
        f"the private key in {option} can't be read: it is damaged or truncated",
        option=option,
        remedy="export it again",
    )


def _read_pfx(option: str, data: bytes, password: Secret | None) -> tuple[t.Any, list[t.Any]]:
    from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

    try:
        bundle = load_pkcs12(data, password.reveal().encode() if password else None)
    except ValueError as error:
        if "password" in str(error).lower():
            what = "certificate_password is wrong" if password else "it needs a password"
            raise ConfigError(
                f"{option} is a PFX file that can't be opened: {what}",
                option="certificate_password",
                remedy="give the password that the PFX was exported with in certificate_password",
            ) from error
        raise ConfigError(
            f"{option} is neither PEM nor PFX, or it is truncated",
            option=option,
            remedy="give a PEM file with key and certificate, or a PFX (PKCS#12) file",
        ) from error
    if bundle.key is None:
        raise ConfigError(
            f"{option} is a PFX file without a private key", option=option, remedy="export it with its private key"
        )
    leaf = [bundle.cert.certificate] if bundle.cert else []
    return bundle.key, [*leaf, *(extra.certificate for extra in bundle.additional_certs)]


def _checked(option: str, credential: Credential, key: t.Any, certificates: list[t.Any], now: float) -> Certificate:
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    if not isinstance(key, RSAPrivateKey):
        raise ConfigError(
            f"the key in {option} is not an RSA key",
            option=option,
            remedy="Entra ID takes RSA keys of 2048 bits or more",
        )
    public = key.public_key().public_numbers()
    # One key may have several certificates: the old one and the renewed one.
    leaves = {_thumbprint(item, hashes.SHA1()): item for item in certificates if _public_numbers(item) == public}  # noqa: S303 - Entra's x5t is SHA-1
    expected = _given_thumbprint(credential)
    if certificates and not leaves:
        raise ConfigError(
            f"the private key and the certificate in {option} do not belong together",
            option=option,
            remedy="put the key of this certificate into the file, and the certificate as it was issued",
        )
    if not leaves and not expected:
        raise ConfigError(
            f"{option} holds a private key, but no certificate",
            option=option,
            remedy="add the certificate to the file, or give its SHA-1 thumbprint in certificate_thumbprint",
        )
    if leaves and expected and expected not in leaves:
        raise ConfigError(
            f"certificate_thumbprint is {expected}, but the certificate in {option} has {' and '.join(leaves)}",
            option="certificate_thumbprint",
            remedy="leave certificate_thumbprint out: it is computed",
        )
    thumbprint = expected or max(leaves, key=lambda name: _validity(leaves[name])[1])
    chain: list[t.Any] = []
    if leaves:
        _check_validity(option, leaves[thumbprint], now)
        chain = _ordered(leaves[thumbprint], certificates)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    return Certificate(
        Secret(pem), "".join(item.public_bytes(serialization.Encoding.PEM).decode() for item in chain), thumbprint
    )


def _given_thumbprint(credential: Credential) -> str:
    # Windows adds a U+200E.
    thumbprint = re.sub(r"[\s:\u200e]", "", credential.text("certificate_thumbprint") or "").upper()
    if thumbprint and not re.fullmatch(r"[0-9A-F]{40}", thumbprint):
        raise ConfigError(
            f"certificate_thumbprint is {thumbprint}, which is no SHA-1 thumbprint",
            option="certificate_thumbprint",
            remedy="give its 40 hex digits, or leave it out where the certificate is in the file: it is computed",
        )
    return thumbprint


def _thumbprint(certificate: t.Any, algorithm: t.Any) -> str:
    return str(certificate.fingerprint(algorithm).hex().upper())


def _ordered(leaf: t.Any, certificates: t.Sequence[t.Any]) -> list[t.Any]:
    """The chain from the leaf up, each followed by its issuer, for any order in the file. Other certificates are left out."""
    chain = [leaf]
    while True:
        issuers = (item for item in certificates if item.subject == chain[-1].issuer and item not in chain)
        issuer = next(issuers, None)
        if issuer is None:
            return chain
        chain.append(issuer)


def _check_validity(option: str, certificate: t.Any, now: float) -> None:
    """Raises ConfigError with the dates, which the errors of Entra ID (AADSTS1000502, 700027) lack."""
    begins, ends = _validity(certificate)
    at = dt.datetime.fromtimestamp(now, dt.timezone.utc)
    if at > ends:
        raise ConfigError(
            f"the certificate in {option} expired on {ends:%Y-%m-%d %H:%M} UTC",
            option=option,
            remedy="renew it: add a new certificate to the app registration, then put it and its key here",
        )
    if at < begins:
        raise ConfigError(
            f"the certificate in {option} is not valid before {begins:%Y-%m-%d %H:%M} UTC",
            option=option,
            why=f"by the clock of this machine it is {at:%Y-%m-%d %H:%M} UTC",
            remedy="check that clock, or use the certificate that is valid now",
        )


def _validity(certificate: t.Any) -> tuple[dt.datetime, dt.datetime]:
    if hasattr(certificate, "not_valid_after_utc"):  # cryptography 42 or newer
        return certificate.not_valid_before_utc, certificate.not_valid_after_utc
    utc = dt.timezone.utc
    return certificate.not_valid_before.replace(tzinfo=utc), certificate.not_valid_after.replace(tzinfo=utc)


def ends(chain: str) -> float:
    """When the first certificate of a PEM text expires, in seconds since the epoch."""
    from cryptography import x509

    return float(_validity(x509.load_pem_x509_certificate(chain.encode()))[1].timestamp())


def _public_numbers(certificate: t.Any) -> t.Any:
    try:
        public = certificate.public_key()
    except ValueError:  # only its key is damaged, which is read here first: it matches no private key
        return None
    return public.public_numbers() if hasattr(public, "public_numbers") else None
