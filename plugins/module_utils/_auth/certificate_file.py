# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Read a certificate and its private key, and say what is wrong with them before anybody is asked.

msal would find out late, or with another error: a damaged key fails in the middle of a log-in with a hint to install
cryptography, and a chain whose leaf is not first is refused by Entra as a wrong signature.
"""

from __future__ import annotations

import base64
import binascii
import sys
import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._auth.cache import read_file
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError, MissingLibraryError
from ansible_collections.community.powerbi.plugins.module_utils._secret import Secret
from ansible_collections.community.powerbi.plugins.module_utils._settings import Credential


class Certificate(t.NamedTuple):
    """A key pair to sign with. ``private_key`` is PEM (PKCS8, not encrypted), ``chain`` PEM with the leaf first or
    empty, ``thumbprint`` the SHA-1 of the leaf in upper-case hex, as the portal shows it."""

    private_key: Secret
    chain: str
    thumbprint: str


def is_true(value: t.Any) -> bool:
    return value is True or str(value).lower() in ("1", "true", "yes", "on")


def load(credential: Credential) -> Certificate:
    """Read `certificate_path` or `certificate_data` (PEM text, or base64 of a PFX).

    Raises ConfigError that names the option: unreadable, no key, no certificate, wrong password, key and certificate
    that do not belong together, outside its validity, not RSA.
    """
    option, data = _data(credential)
    password = credential.secret("certificate_password")
    try:
        if b"-----BEGIN" in data:
            key, certificates = _read_pem(option, data, password)
        else:
            key, certificates = _read_pfx(option, data, password)
    except ImportError as error:
        raise MissingLibraryError(
            "cryptography",
            f"the Python library cryptography is missing for {sys.executable}. "
            f"Remedy: {sys.executable} -m pip install cryptography",
        ) from error
    return _checked(option, credential, key, certificates)


def _data(credential: Credential) -> tuple[str, bytes]:
    path = credential.text("certificate_path")
    if path:
        return "certificate_path", read_file("certificate_path", path)
    text = t.cast("Secret", credential.secret("certificate_data")).reveal()
    if "-----BEGIN" in text:
        return "certificate_data", text.replace("\\n", "\n").encode()  # environment variables lose their newlines
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise ConfigError(
            "certificate_data is neither PEM nor base64",
            option="certificate_data",
            remedy="give the PEM text with key and certificate, or a PFX file in base64",
        ) from None
    return "certificate_data", data


def _read_pem(option: str, data: bytes, password: Secret | None) -> tuple[t.Any, list[t.Any]]:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if b"PRIVATE KEY-----" not in data:
        raise ConfigError(
            f"{option} holds a certificate, but no private key",
            option=option,
            remedy="put key and certificate into one PEM file (cat key.pem certificate.pem), or use a PFX",
        )
    start = data.rindex(b"-----BEGIN", 0, data.index(b"PRIVATE KEY-----"))
    end = data.find(b"PRIVATE KEY-----", data.find(b"-----END", start)) + len(b"PRIVATE KEY-----")
    try:
        key = load_pem_private_key(data[start:end], password.reveal().encode() if password else None)
    except TypeError as error:
        if password:
            key = load_pem_private_key(data[start:end], None)  # the key is not encrypted: the password is not needed
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


def _checked(option: str, credential: Credential, key: t.Any, certificates: list[t.Any]) -> Certificate:
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    if not isinstance(key, RSAPrivateKey):
        raise ConfigError(
            f"the key in {option} is not an RSA key",
            option=option,
            remedy="Entra ID takes RSA keys of 2048 bits or more",
        )
    public = key.public_key().public_numbers()
    leaves = [item for item in certificates if _public_numbers(item) == public]
    given = (credential.text("certificate_thumbprint") or "").replace(":", "").replace(" ", "").upper()
    if certificates and not leaves:
        raise ConfigError(
            f"the private key and the certificate in {option} do not belong together",
            option=option,
            remedy="put the key of this certificate into the file",
        )
    if not certificates and not given:
        raise ConfigError(
            f"{option} holds a private key, but no certificate",
            option=option,
            remedy="add the certificate to the file, or give its SHA-1 thumbprint in certificate_thumbprint",
        )
    thumbprint = leaves[0].fingerprint(hashes.SHA1()).hex().upper() if leaves else given  # noqa: S303 - Entra's x5t is SHA-1
    if given and given != thumbprint:
        raise ConfigError(
            f"certificate_thumbprint is {given}, but the certificate in {option} has {thumbprint}",
            option="certificate_thumbprint",
            remedy="leave certificate_thumbprint out: it is computed",
        )
    if not given and len(thumbprint) != 40:
        raise ConfigError(
            "certificate_thumbprint is no SHA-1", option="certificate_thumbprint", remedy="give 40 hex digits"
        )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    rest = [item for item in certificates if item not in leaves]
    chain = "".join(item.public_bytes(serialization.Encoding.PEM).decode() for item in [*leaves[:1], *rest])
    return Certificate(Secret(pem), chain, thumbprint)


def _public_numbers(certificate: t.Any) -> t.Any:
    public = certificate.public_key()
    return public.public_numbers() if hasattr(public, "public_numbers") else None
