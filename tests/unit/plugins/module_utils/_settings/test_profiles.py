# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import typing as t
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError, ProfileNotFoundError
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import SHARED_OPTIONS
from ansible_collections.community.powerbi.plugins.module_utils._settings.profiles import profiles_path, read_profile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "profiles.ini"
    file.touch(mode=0o600)
    return file


def refused(path: Path, name: str | None = "prod") -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        read_profile(str(path), name)
    assert caught.value.option == "auth_profile"
    assert str(path) in str(caught.value)
    return caught.value


class TestPath:
    def test_the_variable_wins(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", "/home/ann")
        assert profiles_path({"POWERBI_PROFILES_FILE": "~/p.ini", "XDG_CONFIG_HOME": "/x"}) == "/home/ann/p.ini"

    def test_then_the_user_s_folder_of_settings(self) -> None:
        assert profiles_path({"XDG_CONFIG_HOME": "/x", "HOME": "/home/ann"}) == "/x/powerbi/profiles.ini"
        assert profiles_path({"HOME": "/home/ann"}) == "/home/ann/.config/powerbi/profiles.ini"


class TestSections:
    def test_one_by_name_and_the_default_one(self, path: Path) -> None:
        path.write_text("[default]\nclient_id = d\n\n[prod]\nclient_id = p\n")
        assert read_profile(str(path), "prod") == {"client_id": "p"}
        assert read_profile(str(path), None) == {"client_id": "d"}

    def test_the_default_one_gives_nothing_to_the_others(self, path: Path) -> None:
        path.write_text("[DEFAULT]\nclient_secret = d\n[prod]\nclient_id = p\n")
        assert read_profile(str(path), "prod") == {"client_id": "p"}

    def test_aliases_are_the_options_they_stand_for(self, path: Path) -> None:
        path.write_text("[prod]\ntenant = t\nSecret = s\nApp_Id = c\ncloud_environment = AzureCloud\n")
        assert read_profile(str(path), "prod") == {
            "tenant_id": "t",
            "client_secret": "s",
            "client_id": "c",
            "cloud": "AzureCloud",
        }

    def test_every_option_is_a_key(self, path: Path) -> None:
        names = sorted(SHARED_OPTIONS.keys() - {"auth_profile"})
        path.write_text("[prod]\n" + "".join(f"{name} = x\n" for name in names))
        assert read_profile(str(path), "prod") == dict.fromkeys(names, "x")

    def test_a_missing_one_lists_those_there_are(self, path: Path) -> None:
        path.write_text("[test]\nclient_id = t\n[qa]\nclient_id = q\n")
        with pytest.raises(ConfigError, match=r"no section \[prod\].*test, qa"):
            read_profile(str(path), "prod")
        assert read_profile(str(path), None) is None

    @pytest.mark.parametrize("text", ["[prod]\ncolour = red\n", "[prod]\nprofile = other\n"])
    def test_an_unknown_key_is_named(self, path: Path, text: str) -> None:
        path.write_text(text)
        assert text.split()[1] in refused(path).what

    def test_sections_are_listed_but_not_what_may_be_a_secret(self, path: Path) -> None:
        path.write_text("[dev-1]\nclient_id = c\n[kfj3Kdk93jd8Q]\n")
        with pytest.raises(ProfileNotFoundError) as caught:
            read_profile(str(path), "prod")
        assert "those it has: dev-1" in str(caught.value)
        assert "kfj3" not in str(caught.value)

    @pytest.mark.parametrize("half", ["AbC~8Q-d.ef", "AbC8Qfj3Kdk93jd"])
    def test_a_secret_that_may_be_a_key_is_not(self, path: Path, half: str) -> None:
        path.write_text(f"[prod]\nclient_secret =\n{half}=\n")
        assert half.lower() not in str(refused(path)).lower()


class TestValues:
    @pytest.mark.parametrize(
        "secret", ["50%off", "%(home)s", "%%", "a=b", "a:b", "#x", ";x", "a ; b", "a # b", '"quoted"', "ü~.-_"]
    )
    def test_are_read_as_they_are(self, path: Path, secret: str) -> None:
        path.write_text(f"[prod]\nclient_secret = {secret}\n", encoding="utf-8")
        assert read_profile(str(path), "prod") == {"client_secret": secret}

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(secret=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1))
    def test_any_printable_secret(self, path: Path, secret: str) -> None:
        path.write_text(f"[prod]\nclient_secret = {secret}\n")
        assert read_profile(str(path), "prod") == {"client_secret": secret}

    def test_a_byte_order_mark(self, path: Path) -> None:
        path.write_text("[prod]\nclient_id = p\n", encoding="utf-8-sig")
        assert read_profile(str(path), "prod") == {"client_id": "p"}


class TestDamage:
    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ("client_secret = hunter2hunter2\n", 1),
            ("[prod]\nhunter2hunter2\n", 2),
            ("[prod]\nclient_id = a\nclient_id = hunter2hunter2\n", 3),
            ("[prod]\n[prod]\nclient_secret = hunter2hunter2\n", 2),
        ],
    )
    def test_is_reported_by_its_line_without_its_text(self, path: Path, text: str, line: int) -> None:
        path.write_text(text)
        error = refused(path)
        assert f"line {line}" in error.what
        assert "hunter2" not in str(error)
        assert error.__cause__ is None

    def test_not_text(self, path: Path) -> None:
        path.write_bytes(b"[prod]\nclient_secret = \xff\xfe\n")
        assert "UTF-8" in refused(path).what


class TestWhoMayRead:
    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o644, 0o777])
    @pytest.mark.parametrize("name", ["prod", None])
    def test_nobody_else(self, path: Path, mode: int, name: str | None) -> None:
        path.write_text("[default]\nclient_id = d\n[prod]\nclient_id = p\n")
        path.chmod(mode)
        error = refused(path, name)
        assert f"mode {mode:04o}" in error.what
        assert "chmod 600" in error.remedy

    @pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
    def test_the_owner(self, path: Path, mode: int) -> None:
        path.write_text("[prod]\nclient_id = p\n")
        path.chmod(mode)
        assert read_profile(str(path), "prod") == {"client_id": "p"}

    def test_a_link_is_checked_by_its_target(self, path: Path, tmp_path: Path) -> None:
        path.write_text("[prod]\nclient_id = p\n")
        link = tmp_path / "link.ini"
        link.symlink_to(path)
        assert read_profile(str(link), "prod") == {"client_id": "p"}
        path.chmod(0o644)
        refused(link)

    def test_another_user_s_file(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path.write_text("[prod]\nclient_id = p\n")
        mine = path.stat().st_uid
        monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
        if mine == 0:  # root's files are trusted by all
            os.chown(path, 12345, -1)
        assert "another user" in refused(path).what

    def test_a_folder(self, tmp_path: Path) -> None:
        assert "is a folder" in refused(tmp_path).what

    def test_none(self, tmp_path: Path) -> None:
        assert read_profile(str(tmp_path / "none.ini"), "prod") is None
        assert read_profile(str(tmp_path / "none.ini"), None) is None

    def test_one_that_can_t_be_opened(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def denied(*_args: t.Any) -> t.NoReturn:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(os, "open", denied)
        assert "Permission denied" in refused(path).what
        assert read_profile(str(path), None) is None  # no option names it

    def test_a_pipe_is_a_file_too(self) -> None:
        """POWERBI_PROFILES_FILE=<(vault read ...)"""
        reading, writing = os.pipe()
        os.write(writing, b"[prod]\nclient_id = p\n")
        os.close(writing)
        assert read_profile(f"/dev/fd/{reading}", "prod") == {"client_id": "p"}
        os.close(reading)
