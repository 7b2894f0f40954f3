# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""azure.azcollection's way to name a credential: `auth_source`, AZURE_PROFILE and ~/.azure/credentials."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError
from ansible_collections.community.powerbi.plugins.module_utils._settings.profiles import read_azure_profile
from fakes.config_sources import CLIENT, app, environment, settings

AZURE_FILE: t.Final = {"default": app("d"), "prod": app("p")}


def source(option: dict[str, t.Any] | None = None, **places: t.Any) -> str:
    """Which level the credential comes from."""
    places.setdefault("azure_profiles", AZURE_FILE)
    return settings(option, **places).credential.source


def refused(option: dict[str, t.Any] | None = None, **places: t.Any) -> str:
    places.setdefault("azure_profiles", AZURE_FILE)
    with pytest.raises(ConfigError) as caught:
        settings(option, **places)
    assert caught.value.remedy
    return str(caught.value)


class TestAuthSource:
    @pytest.mark.parametrize(("auth_source", "method"), [("cli", "azure_cli"), ("msi", "managed_identity")])
    def test_cli_and_msi_are_auth_methods(self, auth_source: str, method: str) -> None:
        credential = settings({"auth_source": auth_source}, environ=environment("AZURE", "1")).credential
        assert (credential.method, credential.source) == (method, "option")

    def test_msi_takes_the_client_id_of_a_user_assigned_identity(self) -> None:
        credential = settings({"auth_source": "msi", "client_id": CLIENT + "1"}).credential
        assert (credential.method, credential.client_id) == ("managed_identity", CLIENT + "1")

    def test_it_may_repeat_the_auth_method_but_not_contradict_it(self) -> None:
        assert source({"auth_source": "cli", "auth_method": "azure_cli"}) == "option"
        text = refused({"auth_source": "cli", "auth_method": "certificate", **app("1")})
        assert "contradict" in text

    def test_a_higher_auth_method_takes_precedence(self) -> None:
        environ = {"ANSIBLE_AZURE_AUTH_SOURCE": "credential_file", **environment("AZURE", "1")}
        assert source({"auth_method": "client_secret"}, environ=environ) == "env:AZURE_*"

    def test_env_is_the_environment_only(self) -> None:
        environ = environment("AZURE", "1")
        assert source({"auth_source": "env"}, environ=environ) == "env:AZURE_*"
        assert "no credential is set" in refused({"auth_source": "env"}, profiles={"default": app("o")})

    def test_credential_file_is_azure_s_file_only(self) -> None:
        environ = environment("AZURE", "1")
        option = {"auth_source": "credential_file"}
        assert source(option, environ=environ, profiles={"default": app("o")}) == "azure_profile:default"
        assert source({**option, "auth_profile": "prod"}, environ=environ) == "azure_profile:prod"
        assert source(option, environ={**environ, "AZURE_PROFILE": "prod"}) == "azure_profile:prod"
        assert source(environ={**environ, "ANSIBLE_AZURE_AUTH_SOURCE": "credential_file"}) == "azure_profile:default"

    def test_a_section_that_is_not_there_is_named(self) -> None:
        text = refused({"auth_source": "credential_file", "auth_profile": "prdo"}, environ=environment("AZURE", "1"))
        assert "[prdo]" in text and "~/.azure/credentials" in text

    @pytest.mark.parametrize("auth_source", ["env", "credential_file"])
    def test_a_credential_beside_it_is_refused(self, auth_source: str) -> None:
        text = refused({"auth_source": auth_source, **app("1")}, environ=environment("AZURE", "1"))
        assert "client_secret is given too" in text
        assert "secret-1" not in text

    def test_a_person_of_the_file_logs_in_with_the_password(self) -> None:
        person = {"tenant_id": "t.example", "client_id": CLIENT + "1", "username": "a@b.example", "password": "pw"}
        credential = settings({"auth_source": "credential_file"}, azure_profiles={"default": person}).credential
        assert (credential.method, credential.text("username")) == ("password", "a@b.example")

    def test_a_wrong_value_of_the_environment_is_refused(self) -> None:
        assert "use one of" in refused(environ={"ANSIBLE_AZURE_AUTH_SOURCE": "files", **environment("AZURE", "1")})


class TestProfiles:
    def test_a_named_profile_may_be_azure_s(self) -> None:
        assert source({"auth_profile": "prod"}) == "azure_profile:prod"
        assert source({"auth_profile": "prod"}, profiles={"other": app("o")}) == "azure_profile:prod"
        assert source(environ={"POWERBI_PROFILE": "prod"}) == "azure_profile:prod"

    def test_our_own_section_of_the_name_takes_precedence(self) -> None:
        assert source({"auth_profile": "prod"}, profiles={"prod": app("o")}) == "profile:prod"

    def test_the_default_section_is_the_last_resort_before_the_workload(self) -> None:
        assert source() == "azure_profile:default"
        assert source(profiles={"default": app("o")}) == "profile:default"
        assert source(environ=environment("ARM", "1")) == "env:ARM_*"

    def test_azure_profile_stands_above_the_azure_variables(self) -> None:
        environ = {"AZURE_PROFILE": "prod", **environment("AZURE", "1")}
        assert source(environ=environ) == "azure_profile:prod"
        assert source(environ={**environ, **environment("POWERBI", "2")}) == "env:POWERBI_*"
        assert source(app("3"), environ=environ) == "option"

    def test_an_azure_profile_that_is_not_there_is_an_error_only_where_it_would_count(self) -> None:
        environ = {"AZURE_PROFILE": "prdo", **environment("AZURE", "1")}
        assert "[prdo]" in refused(environ=environ)
        assert source(app("3"), environ=environ) == "option"


def test_certificates_are_always_verified() -> None:
    assert "ca_path" in refused({**app("1"), "cert_validation_mode": "ignore"})
    assert source({**app("1"), "cert_validation_mode": "validate", "subscription_id": "s"}) == "option"


class TestFile:
    def test_its_keys_are_aliases_and_the_rest_is_left_out(self, tmp_path: Path) -> None:
        path = tmp_path / "credentials"
        path.write_text("[prod]\nsubscription_id=s\nclient_id=c\nsecret=50%~a\ntenant=t\nadfs_authority_url=x\n")
        assert read_azure_profile(str(path), "prod") == {
            "subscription_id": "s",
            "client_id": "c",
            "client_secret": "50%~a",
            "tenant_id": "t",
        }

    def test_no_file_and_no_section_are_none(self, tmp_path: Path) -> None:
        (tmp_path / "credentials").write_text("[a]\n")
        assert read_azure_profile(str(tmp_path / "credentials"), "b") is None
        assert read_azure_profile(str(tmp_path / "nothing"), "b") is None
        assert read_azure_profile(str(tmp_path / "credentials" / "below a file"), "b") is None

    def test_a_damaged_file_is_an_error_without_its_text(self, tmp_path: Path) -> None:
        path = tmp_path / "credentials"
        path.write_text("[prod]\nsecret needle\n")
        with pytest.raises(ConfigError) as caught:
            read_azure_profile(str(path), "prod")
        assert "line 2" in str(caught.value)
        assert "needle" not in str(caught.value)

    def test_a_folder_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="can't be read"):
            read_azure_profile(str(tmp_path), "prod")
