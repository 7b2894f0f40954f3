# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The emulator's client certificate as files, in the states in which people keep theirs."""

from __future__ import annotations

from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from harness.emulator import Emulator

KEY_PASSWORD = "Key-Pass-Word-1"  # of encrypted.pem
PFX_PASSWORD = "Pfx-Pass-Word-1"  # of client.pfx


def write_credentials(files: Path, emulator: Emulator) -> None:
    """client.pem and client.pfx log in; the others are damaged, encrypted, without half of it, or a stranger's."""
    own = Path(emulator.identity_env["EMULATOR_CERTIFICATE_PATH"]).read_bytes()
    start = own.index(b"-----BEGIN CERTIFICATE")
    key, certificate = own[:start], own[start:]
    if b"PRIVATE KEY" not in key:
        key, certificate = (
            own[own.index(b"-----BEGIN", start + 10) :],
            own[start : own.index(b"-----BEGIN", start + 10)],
        )
    loaded = serialization.load_pem_private_key(key, None)
    encrypted = loaded.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(KEY_PASSWORD.encode()),
    )
    leaf = x509.load_pem_x509_certificate(certificate)
    pfx = pkcs12.serialize_key_and_certificates(
        b"app", loaded, leaf, None, serialization.BestAvailableEncryption(PFX_PASSWORD.encode())
    )
    stranger = trustme.CA(key_type=trustme.KeyType.RSA).issue_cert("stranger.example", key_type=trustme.KeyType.RSA)
    elliptic = trustme.CA().issue_cert("elliptic.example")
    stranger_certificate = stranger.cert_chain_pems[0].bytes()
    for name, content in {
        "client.pem": own,
        "certificate-only.pem": certificate,
        "key-only.pem": key,
        "mismatch.pem": key + stranger_certificate,
        "stranger.pem": stranger.private_key_pem.bytes() + stranger_certificate,
        "client.pfx": pfx,
        "encrypted.pem": encrypted + certificate,
        "truncated.pem": key[: len(key) // 2],
        "noise.bin": bytes(range(256)),
        "elliptic.pem": elliptic.private_key_and_cert_chain_pem.bytes(),
        "empty": b"\n",
    }.items():
        (files / name).write_bytes(content)
