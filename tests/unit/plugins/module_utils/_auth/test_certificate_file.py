# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import contextlib
import sys
import typing as t
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import PrivateFormat, load_pem_private_key
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ansible_collections.community.powerbi.plugins.module_utils._auth.certificate_file import Certificate, load
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError, MissingLibraryError
from ansible_collections.community.powerbi.plugins.module_utils._secret import Secret
from ansible_collections.community.powerbi.plugins.module_utils._settings.resolve import Credential
from fakes.certificates import DAY, NOW, certificate, chain, ec_key, pem, pfx, rsa_key, thumbprint


def read(data: bytes | str, folder: Path | None = None, **options: str) -> Certificate:
    """Of bytes in a file in ``folder``, or of a text as certificate_data."""
    given: dict[str, t.Any] = dict(options)
    if "certificate_password" in given:
        given["certificate_password"] = Secret(given["certificate_password"])
    if folder is not None:
        path = folder / "certificate"
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        given["certificate_path"] = str(path)
    else:
        given["certificate_data"] = Secret(data if isinstance(data, str) else data.decode())
    return load(Credential("certificate", "option", "t", "c", given), NOW.timestamp())


def refused(data: bytes | str, folder: Path | None = None, **options: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        read(data, folder, **options)
    assert caught.value.option.startswith("certificate_")
    assert caught.value.remedy
    assert "password-of-mine" not in str(caught.value)
    return caught.value


def belongs(found: Certificate, leaf: x509.Certificate) -> bool:
    key = load_pem_private_key(found.private_key.reveal().encode(), None)
    same = key.public_key().public_numbers() == leaf.public_key().public_numbers()  # type: ignore[union-attr]
    return same and found.thumbprint == thumbprint(leaf) and found.chain.startswith(pem(leaf).decode())


class TestPem:
    @pytest.mark.parametrize("order", ["key first", "certificate first"])
    @pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
    def test_in_either_order_and_form(self, tmp_path: Path, order: str, form: PrivateFormat) -> None:
        leaf = certificate()
        parts = (rsa_key(), leaf) if order == "key first" else (leaf, rsa_key())
        assert belongs(read(pem(*parts, key_format=form), tmp_path), leaf)

    def test_with_what_openssl_writes_around_it(self, tmp_path: Path) -> None:
        leaf = certificate()
        bag = b"Bag Attributes\n    localKeyID: 01\nKey Attributes: <No Attributes>\n"
        assert belongs(read(bag + pem(rsa_key()) + bag + pem(leaf), tmp_path), leaf)

    def test_with_the_ends_of_lines_of_windows(self, tmp_path: Path) -> None:
        leaf = certificate()
        assert belongs(read(pem(rsa_key(), leaf).replace(b"\n", b"\r\n"), tmp_path), leaf)

    def test_the_key_is_handed_on_unencrypted_in_memory_only(self, tmp_path: Path) -> None:
        found = read(
            pem(rsa_key(), certificate(), password="password-of-mine"),
            tmp_path,
            certificate_password="password-of-mine",
        )
        assert found.private_key.reveal().startswith("-----BEGIN PRIVATE KEY-----")
        assert "PRIVATE KEY" not in repr(found)

    @pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
    def test_an_encrypted_key_needs_its_password(self, tmp_path: Path, form: PrivateFormat) -> None:
        leaf = certificate()
        data = pem(rsa_key(), leaf, password="password-of-mine", key_format=form)
        assert refused(data, tmp_path).option == "certificate_password"
        assert "is encrypted" in refused(data, tmp_path).what
        error = refused(data, tmp_path, certificate_password="wrong")
        assert error.option == "certificate_password"
        assert "certificate_password is wrong" in error.what
        assert belongs(read(data, tmp_path, certificate_password="password-of-mine"), leaf)

    def test_a_password_that_is_not_needed_does_no_harm(self, tmp_path: Path) -> None:
        leaf = certificate()
        assert belongs(read(pem(rsa_key(), leaf), tmp_path, certificate_password="x"), leaf)

    def test_no_key(self, tmp_path: Path) -> None:
        error = refused(pem(certificate()), tmp_path)
        assert "a certificate, but no private key" in error.what
        assert "cat key.pem" in error.remedy

    def test_a_key_without_its_certificate(self, tmp_path: Path) -> None:
        assert "certificate_thumbprint" in refused(pem(rsa_key()), tmp_path).remedy
        found = read(pem(rsa_key()), tmp_path, certificate_thumbprint="aa:BB" + "c" * 36)
        assert (found.thumbprint, found.chain) == ("AABB" + "C" * 36, "")

    def test_a_key_of_another_certificate(self, tmp_path: Path) -> None:
        assert "do not belong together" in refused(pem(rsa_key(2), certificate()), tmp_path).what

    def test_an_elliptic_key(self, tmp_path: Path) -> None:
        key = ec_key()
        assert "not an RSA key" in refused(pem(key, certificate(key=key)), tmp_path).what

    def test_a_certificate_of_another_algorithm_beside_the_own(self, tmp_path: Path) -> None:
        leaf = certificate()
        assert belongs(read(pem(rsa_key(), certificate("x", ec_key()), leaf), tmp_path), leaf)

    @pytest.mark.parametrize("kept", [0.3, 0.5, 0.7, 0.95])
    def test_a_truncated_file(self, tmp_path: Path, kept: float) -> None:
        for data in (pem(rsa_key(), certificate()), pem(certificate(), rsa_key())):
            assert refused(data[: int(len(data) * kept)], tmp_path).option == "certificate_path"

    @pytest.mark.parametrize(
        "data",
        [
            b"-----END PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\n",
            b"-----BEGIN PRIVATE KEY-----\nnot base64\n-----END PRIVATE KEY-----\n",
            b"-----BEGIN PRIVATE KEY-----",
            b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
            b"-----BEGIN",
            b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        ],
    )
    def test_damage(self, tmp_path: Path, data: bytes) -> None:
        refused(data, tmp_path)

    def test_a_damaged_certificate_beside_a_good_key(self, tmp_path: Path) -> None:
        data = pem(rsa_key()) + b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
        assert "damaged certificate" in refused(data, tmp_path).what

    @hypothesis_settings(deadline=None)
    @example(start=2278, length=1, filling=b"A")  # in the certificate's key
    @given(start=st.integers(0, 3000), length=st.integers(1, 40), filling=st.binary(max_size=40))
    def test_any_damage_is_an_error_of_ours_or_harmless(self, start: int, length: int, filling: bytes) -> None:
        data = pem(rsa_key(), certificate())
        start %= len(data)
        text = (data[:start] + filling + data[start + length :]).decode("latin-1")
        with contextlib.suppress(ConfigError):
            assert read(text).thumbprint


class TestThumbprint:
    def test_that_of_the_certificate_may_be_given_too(self, tmp_path: Path) -> None:
        leaf = certificate()
        spaced = " ".join(thumbprint(leaf)[i : i + 2] for i in range(0, 40, 2)).lower()
        assert belongs(read(pem(rsa_key(), leaf), tmp_path, certificate_thumbprint=f"\u200e{spaced}"), leaf)

    def test_another_is_refused_with_the_right_one(self, tmp_path: Path) -> None:
        leaf = certificate()
        error = refused(pem(rsa_key(), leaf), tmp_path, certificate_thumbprint="A" * 40)
        assert thumbprint(leaf) in error.what
        assert error.option == "certificate_thumbprint"

    @pytest.mark.parametrize("given", ["A" * 39, "A" * 64, "Z" * 40, "x"])
    def test_what_is_none(self, tmp_path: Path, given: str) -> None:
        assert "no SHA-1 thumbprint" in refused(pem(rsa_key()), tmp_path, certificate_thumbprint=given).what

    def test_it_chooses_among_certificates_of_one_key(self, tmp_path: Path) -> None:
        old, new = certificate(ends=NOW + DAY), certificate(ends=NOW + 300 * DAY)
        data = pem(old, new, rsa_key())
        assert belongs(read(data, tmp_path), new)
        assert belongs(read(data, tmp_path, certificate_thumbprint=thumbprint(old)), old)

    def test_a_renewed_certificate_serves_beside_the_expired_one(self, tmp_path: Path) -> None:
        old, new = certificate(begins=NOW - 2 * DAY, ends=NOW - DAY), certificate()
        assert belongs(read(pem(rsa_key(), old, new), tmp_path), new)


class TestChain:
    ORDERS = pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (2, 0, 1)], ids=str)

    @ORDERS
    def test_the_leaf_leads_whatever_the_file_s_order(self, tmp_path: Path, order: tuple[int, ...]) -> None:
        certificates = chain()
        found = read(pem(rsa_key(), *(certificates[i] for i in order)), tmp_path)
        assert found.chain == pem(*certificates).decode()

    @ORDERS
    def test_also_in_a_pfx(self, tmp_path: Path, order: tuple[int, ...]) -> None:
        certificates = chain()
        others = [certificates[i] for i in order if i]
        assert read(pfx(rsa_key(), certificates[0], others), tmp_path).chain == pem(*certificates).decode()

    def test_strangers_are_left_out(self, tmp_path: Path) -> None:
        certificates = chain()
        found = read(pem(certificate("stranger", rsa_key(4)), rsa_key(), *certificates), tmp_path)
        assert found.chain == pem(*certificates).decode()


class TestValidity:
    def test_expired(self, tmp_path: Path) -> None:
        error = refused(pem(rsa_key(), certificate(begins=NOW - 9 * DAY, ends=NOW - 2 * DAY)), tmp_path)
        assert error.what.endswith("expired on 2026-11-22 12:00 UTC")
        assert error.remedy.startswith("renew it")

    def test_not_yet_valid(self, tmp_path: Path) -> None:
        error = refused(pem(rsa_key(), certificate(begins=NOW + 2 * DAY)), tmp_path)
        assert error.what.endswith("is not valid before 2026-11-26 12:00 UTC")
        assert "clock of this machine it is 2026-11-24 12:00" in error.why

    def test_of_a_pfx_too(self, tmp_path: Path) -> None:
        data = pfx(rsa_key(), certificate(begins=NOW - 9 * DAY, ends=NOW - DAY))
        assert "expired" in refused(data, tmp_path).what

    def test_the_issuers_are_entra_s_business(self, tmp_path: Path) -> None:
        leaf = certificate("leaf", issuer="root", issuer_key=rsa_key(3))
        root = certificate("root", rsa_key(3), begins=NOW - 9 * DAY, ends=NOW - DAY)
        assert read(pem(rsa_key(), leaf, root), tmp_path).chain == pem(leaf, root).decode()


class TestPfx:
    @pytest.mark.parametrize("password", [None, "password-of-mine", "pässword"])
    def test_with_and_without_a_password(self, tmp_path: Path, password: str | None) -> None:
        leaf = certificate()
        options = {"certificate_password": password} if password else {}
        assert belongs(read(pfx(rsa_key(), leaf, password=password), tmp_path, **options), leaf)

    def test_a_wrong_password(self, tmp_path: Path) -> None:
        data = pfx(rsa_key(), certificate(), password="password-of-mine")
        error = refused(data, tmp_path, certificate_password="wrong")
        assert (error.option, "certificate_password is wrong" in error.what) == ("certificate_password", True)
        error = refused(data, tmp_path)
        assert (error.option, "needs a password" in error.what) == ("certificate_password", True)

    def test_without_a_key(self, tmp_path: Path) -> None:
        assert "without a private key" in refused(pfx(None, certificate(), [certificate("x")]), tmp_path).what

    def test_without_a_certificate(self, tmp_path: Path) -> None:
        assert "no certificate" in refused(pfx(rsa_key(), None), tmp_path).what

    def test_an_elliptic_key(self, tmp_path: Path) -> None:
        assert "not an RSA key" in refused(pfx(ec_key(), certificate(key=ec_key())), tmp_path).what

    @pytest.mark.parametrize("data", [b"", b"\x30", b"text", b"\x00" * 200])
    def test_what_is_none(self, tmp_path: Path, data: bytes) -> None:
        assert refused(data, tmp_path).option == "certificate_path"

    def test_truncated(self, tmp_path: Path) -> None:
        data = pfx(rsa_key(), certificate(), password="password-of-mine")
        for kept in (10, len(data) // 2, len(data) - 1):
            refused(data[:kept], tmp_path, certificate_password="password-of-mine")

    def test_a_certificate_file_of_windows_is_no_pfx(self, tmp_path: Path) -> None:
        from cryptography.hazmat.primitives.serialization import Encoding

        assert "neither PEM nor PFX" in refused(certificate().public_bytes(Encoding.DER), tmp_path).what


class TestData:
    def test_pem(self) -> None:
        leaf = certificate()
        assert belongs(read(pem(rsa_key(), leaf)), leaf)

    def test_pem_whose_lines_were_joined_on_their_way(self) -> None:
        leaf = certificate()
        assert belongs(read(pem(rsa_key(), leaf).decode().replace("\n", "\\n")), leaf)

    @pytest.mark.parametrize("wrapped", [True, False])
    def test_a_pfx_in_base64(self, wrapped: bool) -> None:
        leaf = certificate()
        data = pfx(rsa_key(), leaf, password="password-of-mine")
        text = (base64.encodebytes(data) if wrapped else base64.b64encode(data)).decode()
        assert belongs(read(text, certificate_password="password-of-mine"), leaf)

    def test_pem_in_base64(self) -> None:
        leaf = certificate()
        assert belongs(read(base64.b64encode(pem(rsa_key(), leaf)).decode()), leaf)

    @pytest.mark.parametrize("text", ["not base64!", "abc", "ü", "/path/to/file.pem"])
    def test_neither(self, text: str) -> None:
        error = refused(text)
        assert error.option == "certificate_data"
        assert text not in str(error)


class TestFile:
    def test_one_that_can_t_be_read(self) -> None:
        with pytest.raises(
            ConfigError, match=r"certificate_path is '/nonexistent/c\.pem', which can't be read"
        ) as caught:
            load(Credential("certificate", "option", "t", "c", {"certificate_path": "/nonexistent/c.pem"}), 0)
        assert caught.value.option == "certificate_path"

    def test_without_cryptography(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in [name for name in sys.modules if name.split(".")[0] == "cryptography"]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setitem(sys.modules, "cryptography", None)
        with pytest.raises(MissingLibraryError, match="cryptography is missing") as caught:
            read(b"x", tmp_path)
        assert 'pip install "cryptography>=3.4"' in str(caught.value)
