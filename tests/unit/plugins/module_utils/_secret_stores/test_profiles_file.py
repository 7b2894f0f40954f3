# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import os
import stat
import typing as t
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError
from ansible_collections.community.powerbi.plugins.module_utils._module import run_in_process
from ansible_collections.community.powerbi.plugins.module_utils._plan import Plan
from ansible_collections.community.powerbi.plugins.module_utils._secret_stores.private_file import (
    Owner,
    PrivateFile,
)
from ansible_collections.community.powerbi.plugins.module_utils._secret_stores.profiles_edit import WRITTEN
from ansible_collections.community.powerbi.plugins.module_utils._secret_stores.profiles_file import Profile
from ansible_collections.community.powerbi.plugins.module_utils._settings.profiles import read_profile
from ansible_collections.community.powerbi.plugins.modules import powerbi_auth_profile
from fakes.task import RecordedTask

SECRET = "s3cr3t-of-the-first-app"
PEM = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "powerbi" / "profiles.ini"


def present(path: Path, *, write: bool = True, name: str = "prod", **options: t.Any) -> Plan:
    return applied(Profile(str(path), name, Owner(), options), write=write)


def absent(path: Path) -> Plan:
    return applied(Profile(str(path), "prod", Owner(), None))


def applied(profile: Profile, *, write: bool = True) -> Plan:
    """The plan of a profile, as the module makes and applies it."""
    task = RecordedTask(check_mode=not write)
    with profile.opened():
        plan = profile.plan(task)
        if plan.changed and write:
            profile.apply(plan, task)
    return plan


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_it_is_made_privately_and_read_back(path: Path) -> None:
    plan = present(
        path,
        tenant_id="t",
        client_id="c",
        client_secret=SECRET,
        auth_method="auto",
        auth_profile="x",
        retry_timeout=5.0,
    )
    assert (plan.action, mode(path), mode(path.parent)) == ("create", 0o600, 0o700)
    assert read_profile(str(path), "prod") == {
        "tenant_id": "t",
        "client_id": "c",
        "client_secret": SECRET,
        "retry_timeout": "5.0",
    }
    assert [file.name for file in path.parent.iterdir()] == ["profiles.ini"]


def test_the_second_time_nothing_changes(path: Path) -> None:
    options = {"tenant_id": "t", "client_id": "c", "client_secret": SECRET, "send_certificate_chain": True}
    present(path, **options)
    before = path.stat()
    assert not present(path, **options).changed
    assert path.stat().st_ino == before.st_ino


def test_check_mode_reports_the_change_and_writes_nothing(path: Path) -> None:
    assert present(path, write=False, client_id="c").action == "create"
    assert not path.parent.exists()


def test_the_diff_has_placeholders_for_secrets(path: Path) -> None:
    present(path, client_id="c", client_secret=SECRET)
    plan = present(path, client_id="c", client_secret="another-secret-altogether", username="u")
    diff = plan.diff()
    assert diff["before"] == {"client_id": "c", "client_secret": "(a secret)", "mode": "0600"}
    assert diff["after"] == {"client_id": "c", "client_secret": "(another secret)", "username": "u", "mode": "0600"}


def test_a_file_that_others_could_read_is_mended(path: Path) -> None:
    present(path, client_id="c")
    path.chmod(0o644)
    plan = present(path, client_id="c")
    assert plan.changed
    assert plan.diff()["before"]["mode"] == "0644"
    assert mode(path) == 0o600


class TestCertificates:
    def test_a_pem_has_a_file_of_its_own(self, path: Path) -> None:
        assert present(path, client_id="c", certificate_data=PEM, certificate_password="p").action == "create"
        values = read_profile(str(path), "prod")
        assert values == {
            "client_id": "c",
            "certificate_password": "p",
            "certificate_path": str(path.with_name("prod.pem")),
        }
        assert path.with_name("prod.pem").read_text() == PEM + "\n"
        assert mode(path.with_name("prod.pem")) == 0o600
        assert not present(path, client_id="c", certificate_data=PEM, certificate_password="p").changed

    def test_a_pfx_is_decoded_and_takes_the_place_of_a_pem(self, path: Path) -> None:
        present(path, certificate_data=PEM)
        plan = present(path, certificate_data=base64.b64encode(b"\x30\x82pfx").decode())
        assert path.with_name("prod.pfx").read_bytes() == b"\x30\x82pfx"
        assert not path.with_name("prod.pem").exists()
        assert "AAAA" not in repr(plan.diff())

    def test_another_key_is_a_change(self, path: Path) -> None:
        present(path, certificate_data=PEM)
        plan = present(path, certificate_data=PEM.replace("AAAA", "BBBB"))
        assert plan.changed
        assert plan.diff()["after"]["certificate"] == "(others)"
        assert "BBBB" in path.with_name("prod.pem").read_text()

    def test_names_stay_in_the_folder(self, path: Path) -> None:
        present(path, name="../up", certificate_data=PEM)
        assert path.with_name("..%2Fup.pem").exists()

    def test_what_is_neither_pem_nor_base64(self, path: Path) -> None:
        with pytest.raises(ConfigError, match="neither PEM nor base64") as caught:
            present(path, certificate_data="(not) base64")
        assert "(not)" not in str(caught.value)
        assert not path.exists()


BY_HAND = (
    "[prod]\n# of the finance team\ntenant_id = t\nclient_id = c\nclient_secret = by-hand-by-hand\nca_path = /ca.pem\n"
)


@pytest.fixture
def by_hand(path: Path) -> Path:
    path.parent.mkdir(parents=True)
    path.touch(mode=0o600)
    path.write_text(BY_HAND)
    return path


class TestWhatThereIsStays:
    def test_an_option_alone_keeps_the_credential(self, by_hand: Path) -> None:
        plan = present(by_hand, retry_timeout=5.0)
        assert by_hand.read_text() == BY_HAND + "retry_timeout = 5.0\n"
        assert "(another secret)" not in str(plan.diff())

    def test_another_secret_keeps_the_rest(self, by_hand: Path) -> None:
        present(by_hand, client_secret=SECRET)
        assert by_hand.read_text() == BY_HAND.replace("by-hand-by-hand", SECRET)

    def test_a_credential_of_another_kind_replaces_it(self, by_hand: Path) -> None:
        present(by_hand, certificate_path="/own.pem")
        assert read_profile(str(by_hand), "prod") == {
            "tenant_id": "t",
            "client_id": "c",
            "ca_path": "/ca.pem",
            "certificate_path": "/own.pem",
        }

    @pytest.mark.parametrize("option", ["client_secret", "certificate_data", "password", "certificate_password"])
    @pytest.mark.parametrize("value", ["", "  ", "\n"])
    def test_an_empty_secret_is_an_error(self, by_hand: Path, option: str, value: str) -> None:
        with pytest.raises(ConfigError, match="is empty") as caught:
            present(by_hand, **{option: value})
        assert caught.value.option == option
        assert by_hand.read_text() == BY_HAND

    def test_a_key_file_placed_by_hand_is_neither_replaced_nor_removed(self, by_hand: Path) -> None:
        own = by_hand.with_name("prod.pem")
        own.write_text(PEM)
        by_hand.write_text(BY_HAND.replace("client_secret = by-hand-by-hand", f"certificate_path = {own}"))
        with pytest.raises(ConfigError, match="did not write it"):
            present(by_hand, certificate_data=PEM.replace("AAAA", "BBBB"))
        present(by_hand, client_secret=SECRET)
        absent(by_hand)
        assert own.read_text() == PEM

    def test_a_file_of_its_own_that_was_changed_by_hand_stays(self, path: Path) -> None:
        present(path, certificate_data=PEM)
        own = path.with_name("prod.pem")
        own.write_text("changed by hand")
        absent(path)
        assert own.read_text() == "changed by hand"

    def test_a_file_of_its_own_is_replaced_and_removed(self, path: Path) -> None:
        present(path, certificate_data=PEM)
        other = PEM.replace("AAAA", "BBBB")
        assert present(path, certificate_data=other).changed
        assert "BBBB" in path.with_name("prod.pem").read_text()
        assert not present(path, certificate_data=other).changed
        assert present(path, client_id="c").diff()["after"]["certificate file"]
        present(path, client_secret=SECRET)
        assert [file.name for file in path.parent.iterdir()] == ["profiles.ini"]

    @pytest.mark.parametrize(
        ("identity", "reason"),
        [
            ({"client_id": "other"}, "another client_id"),
            ({"tenant_id": "other", "client_id": "C"}, "another tenant_id"),
            ({}, "did not write it"),
            ({"client_id": "C", "tenant_id": "T"}, ""),
        ],
    )
    def test_whose_section_it_is(self, by_hand: Path, identity: dict[str, str], reason: str) -> None:
        profile = Profile(str(by_hand), "prod", Owner(), None)
        assert (reason in profile.is_another(identity)) if reason else (profile.is_another(identity) == "")

    def test_its_own_section_needs_no_identity(self, path: Path) -> None:
        present(path, client_id="c")
        assert Profile(str(path), "prod", Owner(), None).is_another({}) == ""
        assert Profile(str(path), "none", Owner(), None).is_another({"client_id": "x"}) == ""


class TestAbsent:
    def test_section_and_certificate_go_and_the_rest_stays(self, path: Path) -> None:
        present(path, name="other", client_id="o")
        present(path, certificate_data=PEM)
        plan = absent(path)
        assert plan.action == "delete"
        assert path.read_text() == f"[other]\n{WRITTEN}client_id = o\n"
        assert [file.name for file in path.parent.iterdir()] == ["profiles.ini"]
        assert not absent(path).changed

    def test_a_certificate_of_the_user_stays(self, path: Path, tmp_path: Path) -> None:
        own = tmp_path / "mine.pem"
        own.write_text(PEM)
        present(path, certificate_path=str(own))
        absent(path)
        assert own.exists()

    def test_without_a_file_there_is_nothing_to_do(self, path: Path) -> None:
        assert not absent(path).changed
        assert not path.parent.exists()


def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.ini"
    real.write_text("# mine\n")
    path.parent.mkdir(parents=True)
    path.symlink_to(real)
    present(path, client_id="c")
    assert path.is_symlink()
    assert real.read_text() == f"# mine\n\n[prod]\n{WRITTEN}client_id = c\n"


def test_an_unknown_owner_is_named() -> None:
    with pytest.raises(ConfigError, match="owner is 'no-such-user'"):
        Owner.named("no-such-user", None)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_files_and_new_folders_go_to_the_owner(path: Path) -> None:
    applied(Profile(str(path), "prod", Owner(4711, 4712), {"client_id": "c", "certificate_data": PEM}))
    for made in (path, path.with_name("prod.pem"), path.parent, path.parent.parent):
        assert (made.stat().st_uid, made.stat().st_gid) == (4711, 4712)
    assert not applied(
        Profile(str(path), "prod", Owner(4711, 4712), {"client_id": "c", "certificate_data": PEM})
    ).changed
    assert applied(Profile(str(path), "prod", Owner(4713), {"client_id": "c"})).changed
    assert path.stat().st_gid == 4712


def test_a_failure_after_the_certificate_was_written_is_a_change(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = PrivateFile.write

    def only_certificates(file: PrivateFile, *args: t.Any, **kwargs: t.Any) -> None:
        if file.path.endswith(".ini"):
            raise OSError(28, "No space left on device")
        write(file, *args, **kwargs)

    monkeypatch.setattr(PrivateFile, "write", only_certificates)
    options = {"name": "prod", "path": str(path), "tenant_id": "t", "client_id": "c", "certificate_data": PEM}
    result = run_in_process(
        powerbi_auth_profile.ARGUMENT_SPEC,
        powerbi_auth_profile.run,
        options,
        name="powerbi_auth_profile",
        check_mode=False,
        environ={},
        cache_directory=None,
        notify=lambda _text: None,
    )
    assert (result["failed"], result["changed"]) == (True, True)
    assert [file.name for file in path.parent.iterdir()] == ["prod.pem"]
