# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where values come from. The plain precedence is walked from docs/authentication.md by tests/unit/test_docs.py."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError
from ansible_collections.community.powerbi.plugins.module_utils._secret import Secret
from ansible_collections.community.powerbi.plugins.module_utils._settings.clouds import CLOUDS
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import (
    ENVIRONMENT,
    SECRET_OPTIONS,
    SHARED_OPTIONS,
)
from ansible_collections.community.powerbi.plugins.module_utils._settings.resolve import Credential
from fakes.config_sources import CLIENT, TENANT, app, environment, settings

GITHUB = {"ACTIONS_ID_TOKEN_REQUEST_URL": "https://oidc.test/token", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "bearer"}
AZURE_DEVOPS = {"SYSTEM_OIDCREQUESTURI": "https://ado.test/oidc", "SYSTEM_ACCESSTOKEN": "bearer"}
AKS = {
    "AZURE_TENANT_ID": TENANT + "a",
    "AZURE_CLIENT_ID": CLIENT + "a",
    "AZURE_AUTHORITY_HOST": "https://login.microsoftonline.com/",
    "AZURE_FEDERATED_TOKEN_FILE": "/var/run/secrets/azure/tokens/azure-identity-token",
}


def chosen(*args: t.Any, **kwargs: t.Any) -> Credential:
    return settings(*args, **kwargs).credential


def refused(*args: t.Any, **kwargs: t.Any) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        settings(*args, **kwargs)
    assert caught.value.option
    assert caught.value.remedy
    return caught.value


def secret_of(credential: Credential) -> str:
    held = credential.secret("client_secret")
    assert held is not None
    return held.reveal()


@pytest.mark.parametrize("value", ["8Qj98Q~k5EOQyUN.ZIMQxy94Ts-d2nNDh_4mvPLAq", "['a secret in a list']"])
def test_a_secret_in_place_of_the_tenant_is_not_shown(value: str) -> None:
    error = refused({"tenant_id": value, "client_id": CLIENT + "1", "client_secret": "x"})
    assert value not in str(error)
    assert "neither a GUID nor a domain name" in str(error)


class TestOneFamily:
    """Identity and credential always come from one place."""

    def test_a_client_id_is_not_paired_with_a_secret_of_the_environment(self) -> None:
        error = refused(
            {"tenant_id": TENANT + "1", "client_id": CLIENT + "1"}, environ={"AZURE_CLIENT_SECRET": "ambient"}
        )
        assert "never paired" in error.why
        assert "env:AZURE_*" in error.why
        assert "ambient" not in str(error)

    def test_nor_with_that_of_another_app(self) -> None:
        identity = {"tenant_id": TENANT + "1", "client_id": CLIENT + "1"}
        assert "never paired" in refused(identity, environ=environment("AZURE", "2")).why

    def test_the_same_app_in_other_letters_is_the_same_app(self) -> None:
        environ = environment("AZURE", "1", client_id="ABCDEF00-2222-2222-2222-222222222222")
        credential = chosen({"client_id": "abcdef00-2222-2222-2222-222222222222"}, environ=environ)
        assert (credential.source, secret_of(credential)) == ("env:AZURE_*", "secret-1")

    def test_families_are_never_mixed(self) -> None:
        half = {"POWERBI_CLIENT_SECRET": "half", "FABRIC_TENANT_ID": TENANT + "f"}
        credential = chosen(environ={**half, **environment("ARM", "4")})
        assert (credential.source, credential.tenant_id) == ("env:ARM_*", TENANT + "4")

    def test_a_secret_without_its_app_is_named(self) -> None:
        error = refused(environ={"POWERBI_CLIENT_SECRET": "half", "AZURE_CLIENT_ID": CLIENT + "1"})
        assert "env:POWERBI_* has client_secret, but the same place has no client_id" in error.why

    def test_the_tenant_may_be_chosen_for_an_app_of_the_environment(self) -> None:
        """An app that many tenants have let in: one credential, a tenant for each play."""
        credential = chosen({"tenant_id": "fabrikam.example"}, environ=environment("AZURE", "1"))
        assert (credential.tenant_id, credential.client_id) == ("fabrikam.example", CLIENT + "1")

    def test_an_option_s_secret_does_not_take_its_app_from_the_environment(self) -> None:
        error = refused({"tenant_id": TENANT + "1", "client_secret": "mine"}, environ=environment("AZURE", "2"))
        assert error.option == "client_id"
        assert "comes from option" in error.why

    def test_nor_its_tenant(self) -> None:
        error = refused({"client_id": CLIENT + "1", "client_secret": "mine"}, environ={"AZURE_TENANT_ID": TENANT + "2"})
        assert error.option == "tenant_id"

    def test_what_the_user_wrote_for_ansible_completes_each_other(self) -> None:
        credential = chosen(
            {"client_secret": "from a vault"},
            variables={"client_id": CLIENT + "v"},
            ini={"tenant_id": TENANT + "i"},
            environ=environment("POWERBI", "1"),
        )
        assert credential == Credential(
            "client_secret", "option", TENANT + "i", CLIENT + "v", {"client_secret": Secret("from a vault")}
        )

    def test_a_token_of_the_environment_needs_no_client_id(self) -> None:
        assert chosen(environ={"POWERBI_ACCESS_TOKEN": "token"}).source == "env:POWERBI_*"

    def test_but_it_is_not_for_an_explicit_app(self) -> None:
        assert "access_token" in refused(app("1", client_secret=""), environ={"POWERBI_ACCESS_TOKEN": "token"}).why

    def test_a_token_contains_its_identity(self) -> None:
        credential = chosen({"access_token": "token", "client_id": CLIENT + "1", "tenant_id": TENANT + "1"})
        assert (credential.client_id, credential.tenant_id) == ("", "")

    @given(
        families=st.lists(st.sampled_from(list(ENVIRONMENT)), unique=True, min_size=1),
        parts=st.lists(st.sets(st.sampled_from(["tenant_id", "client_id", "client_secret"])), min_size=4, max_size=4),
    )
    def test_whatever_is_set_the_three_are_of_one_family(self, families: list[str], parts: list[set[str]]) -> None:
        environ: dict[str, str] = {}
        for family, names in zip(families, parts, strict=False):
            whole = environment(family, family[0])
            environ.update({f"{family}_{name.upper()}": whole[f"{family}_{name.upper()}"] for name in names})
        complete = [f for f in ENVIRONMENT if {f"{f}_CLIENT_ID", f"{f}_CLIENT_SECRET"} <= environ.keys()]
        if not complete:
            with pytest.raises(ConfigError):
                settings(environ=environ)
        elif f"{complete[0]}_TENANT_ID" not in environ:
            with pytest.raises(ConfigError, match="tenant_id is not set"):
                settings(environ=environ)
        else:
            credential = chosen(environ=environ)
            digit = complete[0][0]
            assert credential.source == f"env:{complete[0]}_*"
            assert (credential.tenant_id, credential.client_id, secret_of(credential)) == tuple(app(digit).values())


class TestKinds:
    TWO = pytest.mark.parametrize(
        "more",
        [
            {"certificate_path": "/c.pem"},
            {"certificate_data": "pem"},
            {"federated_token": "a.b.c"},
            {"federated_token_file": "/t"},
            {"federated_provider": "github"},
            {"access_token": "a.b.c"},
            {"access_token_file": "/t"},
            {"client_secret_file": "/s"},
        ],
        ids=lambda more: next(iter(more)),
    )

    @TWO
    def test_two_in_one_place_are_an_error_that_names_both(self, more: dict[str, str]) -> None:
        error = refused({**app("1"), **more})
        assert "client_secret and " in error.what
        assert next(iter(more)) in error.what
        assert "(option)" in error.what
        assert "secret-1" not in str(error)

    def test_also_in_a_family(self) -> None:
        error = refused(environ={**AKS, "AZURE_CLIENT_SECRET": "left behind"})
        assert "client_secret and federated_token_file" in error.what
        assert "env:AZURE_*" in error.what

    def test_auth_method_selects_one_of_two(self) -> None:
        both = {**app("1"), "certificate_path": "/c.pem"}
        assert "certificate_path" in chosen({**both, "auth_method": "certificate"}).options
        assert secret_of(chosen({**both, "auth_method": "client_secret"})) == "secret-1"

    def test_two_in_two_places_are_none(self) -> None:
        credential = chosen({**app("1", client_secret=None), "certificate_path": "/c.pem"}, variables=app("2"))
        assert (credential.method, credential.source) == ("certificate", "option")

    def test_two_kinds_of_an_implicit_app_do_not_matter(self) -> None:
        environ = {**AKS, "AZURE_CLIENT_SECRET": "x", **environment("ARM", "1")}
        assert chosen({"client_id": CLIENT + "1"}, environ=environ).source == "env:ARM_*"

    def test_two_of_the_federated_kind(self) -> None:
        both = {**app("1", client_secret=None), "federated_token": "a.b.c", "federated_token_file": "/t"}
        assert "federated_token and federated_token_file" in refused(both).what
        assert chosen({**both, "federated_provider": "file"}).method == "federated"

    def test_a_provider_auto_is_no_kind(self) -> None:
        assert chosen({**app("1"), "federated_provider": "auto"}).method == "client_secret"

    def test_none_lists_what_to_set_and_never_tries_the_machine(self) -> None:
        error = refused(environ={"IDENTITY_ENDPOINT": "http://localhost:1", "IDENTITY_HEADER": "h", "PATH": "/usr/bin"})
        assert error.what == "no credential is set"
        for word in ("client_secret", "certificate_path", "federated_token", "access_token", "POWERBI_*", "ARM_*"):
            assert word in error.remedy

    def test_a_password_alone_is_explained(self) -> None:
        error = refused({**app("1", client_secret=None), "username": "u@x.test", "password": "hunter2-hunter2"})
        assert "auth_method: password" in error.why
        assert "hunter2" not in str(error)


class TestEmptyTexts:
    @pytest.mark.parametrize("empty", ["", None])
    def test_are_not_set(self, empty: str | None) -> None:
        credential = chosen(dict.fromkeys(app("1"), empty), environ=environment("AZURE", "2"))
        assert credential.source == "env:AZURE_*"

    def test_in_the_environment(self) -> None:
        environ = {**dict.fromkeys(environment("POWERBI", "1"), ""), **environment("FABRIC", "2")}
        assert chosen(environ=environ).source == "env:FABRIC_*"

    def test_the_second_variable_of_an_option_answers_for_an_empty_first(self) -> None:
        environ = {**environment("AZURE", "1", client_secret=""), "AZURE_SECRET": "older name"}
        assert secret_of(chosen(environ=environ)) == "older name"

    def test_in_a_profile(self) -> None:
        profiles = {"default": app("1", client_secret=""), "x": app("2")}
        assert "no credential" in refused(profiles=profiles).what

    def test_a_secret_that_turned_out_empty_is_pointed_at(self) -> None:
        assert "client_secret is given but empty" in refused(app("1", client_secret="")).why

    def test_false_and_zero_are_values(self) -> None:
        environ = {**environment("AZURE", "1"), "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN": "true"}
        environ["AZURE_CLIENT_CERTIFICATE_PATH"] = "/c.pem"
        del environ["AZURE_CLIENT_SECRET"]
        found = settings({"send_certificate_chain": False, "min_validity": 0}, environ=environ)
        assert found.credential.options["send_certificate_chain"] is False
        assert found.min_validity == 0


class TestAuthMethod:
    def test_of_the_environment_does_not_overrule_an_option_s_credential(self) -> None:
        credential = chosen(app("1"), environ={"POWERBI_AUTH_METHOD": "managed_identity"})
        assert (credential.method, credential.source) == ("client_secret", "option")

    def test_of_a_named_profile_neither(self) -> None:
        profiles = {"p": {"auth_method": "azure_cli"}}
        assert chosen(app("1", auth_profile="p"), profiles=profiles).method == "client_secret"

    def test_of_the_environment_counts_where_nothing_stands_above(self) -> None:
        credential = chosen(environ={"POWERBI_AUTH_METHOD": "azure_cli", **environment("ARM", "1")})
        assert (credential.method, credential.source) == ("azure_cli", "env:POWERBI_*")

    def test_of_an_option_chooses_among_the_credentials_below(self) -> None:
        environ = {**environment("POWERBI", "1"), **environment("AZURE", "2", client_secret="")}
        environ["AZURE_CLIENT_CERTIFICATE_PATH"] = "/c.pem"
        credential = chosen({"auth_method": "certificate"}, environ=environ)
        assert (credential.source, credential.client_id) == ("env:AZURE_*", CLIENT + "2")

    def test_of_the_default_profile(self) -> None:
        profiles = {"default": {"auth_method": "managed_identity", "managed_identity_object_id": "oid"}}
        credential = chosen(profiles=profiles)
        assert (credential.method, credential.source) == ("managed_identity", "profile:default")
        assert credential.options == {"managed_identity_object_id": "oid"}

    @pytest.mark.parametrize("place", ["environment", "profile"])
    def test_an_unknown_one_is_refused(self, place: str) -> None:
        if place == "environment":
            error = refused(environ={"POWERBI_AUTH_METHOD": "kerberos"})
        else:
            error = refused(profiles={"default": {"auth_method": "kerberos"}})
        assert "'kerberos'" in error.what
        assert "client_secret, certificate" in error.remedy

    def test_without_what_it_needs(self) -> None:
        for method, option in (
            ("client_secret", "client_secret"),
            ("certificate", "certificate_path"),
            ("federated", "federated_token"),
            ("password", "username"),
            ("device_code", "client_id"),
            ("access_token", "access_token"),
        ):
            error = refused({"auth_method": method})
            assert error.option == option
            assert f"auth_method is {method}" in error.what


class TestManagedIdentity:
    def test_of_the_system(self) -> None:
        assert chosen({"auth_method": "managed_identity"}) == Credential("managed_identity", "option", "", "", {})

    def test_a_client_id_beside_a_secret_is_a_service_principal_s(self) -> None:
        credential = chosen({"auth_method": "managed_identity"}, environ=environment("AZURE", "1"))
        assert (credential.client_id, credential.source) == ("", "option")

    def test_a_client_id_that_the_webhook_injects_is_the_workload_s(self) -> None:
        assert chosen({"auth_method": "managed_identity"}, environ=AKS).client_id == ""

    def test_a_lone_client_id_names_the_user_assigned_one(self) -> None:
        credential = chosen({"auth_method": "managed_identity"}, environ={"AZURE_CLIENT_ID": CLIENT + "1"})
        assert (credential.client_id, credential.source) == (CLIENT + "1", "env:AZURE_*")

    @pytest.mark.parametrize("name", ["managed_identity_resource_id", "managed_identity_object_id"])
    def test_an_identity_named_by_option_is_not_crossed_by_the_environment(self, name: str) -> None:
        credential = chosen({"auth_method": "managed_identity", name: "it"}, environ={"AZURE_CLIENT_ID": CLIENT + "1"})
        assert (credential.client_id, credential.options) == ("", {name: "it"})


class TestPeople:
    def test_az_is_the_account_that_signed_in(self) -> None:
        credential = chosen({"auth_method": "azure_cli"}, environ=environment("AZURE", "1"))
        assert credential == Credential("azure_cli", "option", "", "", {})

    def test_az_may_get_the_tenant(self) -> None:
        assert chosen({"auth_method": "azure_cli", "tenant_id": "contoso.example"}).tenant_id == "contoso.example"

    def test_a_password_is_that_of_its_user(self) -> None:
        environ = {"POWERBI_USERNAME": "ann@x.test", "POWERBI_PASSWORD": "ann's"}
        requested = {**app("1", client_secret=None), "auth_method": "password"}
        credential = chosen(requested, environ=environ)
        assert (credential.text("username"), credential.secret("password")) == ("ann@x.test", Secret("ann's"))
        assert "password" in refused({**requested, "username": "bob@x.test"}, environ=environ).what

    def test_user_and_password_may_stand_at_two_explicit_levels(self) -> None:
        requested = {**app("1", client_secret=None), "auth_method": "password", "username": "ann@x.test"}
        assert chosen(requested, variables={"password": "p"}).options == {
            "username": "ann@x.test",
            "password": Secret("p"),
        }

    def test_a_device_code_needs_an_app_and_may_use_a_shared_tenant(self) -> None:
        requested = {"auth_method": "device_code", "tenant_id": "organizations", "client_id": CLIENT + "1"}
        assert chosen(requested).tenant_id == "organizations"


class TestProfiles:
    PROFILES: t.ClassVar = {"default": app("0"), "prod": app("1"), "test": app("2")}

    def test_a_named_one_comes_before_the_environment(self) -> None:
        credential = chosen({"auth_profile": "prod"}, environ=environment("POWERBI", "9"), profiles=self.PROFILES)
        assert (credential.source, credential.client_id) == ("profile:prod", CLIENT + "1")

    def test_one_that_the_environment_names_takes_precedence_over_other_tools_variables(self) -> None:
        environ = {"POWERBI_PROFILE": "test", **environment("ARM", "9"), **environment("AZURE", "8")}
        assert chosen(environ=environ, profiles=self.PROFILES).source == "profile:test"
        environ.update(environment("POWERBI", "7"))
        assert chosen(environ=environ, profiles=self.PROFILES).source == "env:POWERBI_*"

    def test_an_option_s_profile_wins_over_the_environment_s(self) -> None:
        environ = {"POWERBI_PROFILE": "test"}
        assert chosen({"auth_profile": "prod"}, environ=environ, profiles=self.PROFILES).source == "profile:prod"

    def test_it_stands_directly_below_the_level_that_names_it(self) -> None:
        """Else `lookup(..., 'prod')` would give the token of whomever group_vars name."""
        credential = chosen({"auth_profile": "prod"}, variables=app("9"), profiles=self.PROFILES)
        assert (credential.source, credential.client_id) == ("profile:prod", CLIENT + "1")
        assert chosen(app("9"), variables={"auth_profile": "prod"}, profiles=self.PROFILES).source == "option"
        assert chosen(variables={"auth_profile": "prod"}, ini=app("9"), profiles=self.PROFILES).source == "profile:prod"

    def test_its_secret_may_come_from_a_vault(self) -> None:
        profiles = {"prod": app("1", client_secret="")}
        credential = chosen({"auth_profile": "prod", "client_secret": "vaulted"}, profiles=profiles)
        assert (credential.source, credential.client_id) == ("option", CLIENT + "1")

    def test_a_named_one_is_not_completed_by_the_environment(self) -> None:
        profiles = {"prod": app("1", client_secret="")}
        error = refused({"auth_profile": "prod"}, environ={"POWERBI_CLIENT_SECRET": "x"}, profiles=profiles)
        assert "never paired" in error.why

    def test_no_file_and_no_section(self) -> None:
        assert "no profiles file" in refused({"auth_profile": "prod"}).what
        assert refused(environ={"POWERBI_PROFILE": "prod"}).option == "auth_profile"
        with pytest.raises(ConfigError, match="no section"):
            settings({"auth_profile": "qa"}, profiles=self.PROFILES)

    def test_the_default_one_is_read_only_where_nothing_else_is_set(self) -> None:
        assert chosen(app("5"), profiles=self.PROFILES).source == "option"
        assert chosen(profiles=self.PROFILES).source == "profile:default"

    def test_a_profile_has_numbers_as_texts(self) -> None:
        profiles = {"p": app("1", retry_timeout="7.5", timeout="3", min_validity="60", cache="none")}
        found = settings({"auth_profile": "p"}, profiles=profiles)
        assert (found.retry_timeout, found.timeout, found.min_validity, found.cache) == (7.5, 3.0, 60, "none")


class TestWorkloads:
    IDENTITY: t.ClassVar = {"AZURE_TENANT_ID": TENANT + "1", "AZURE_CLIENT_ID": CLIENT + "1"}

    @pytest.mark.parametrize(
        ("environ", "provider"),
        [
            (GITHUB, "github"),
            (AZURE_DEVOPS, "azure_devops"),
            ({"GITLAB_CI": "true", "POWERBI_ID_TOKEN": "a.b.c"}, "gitlab"),
            ({"GITLAB_CI": "true", "AZ_TOKEN": "a.b.c"}, "gitlab"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_pipelines(self, environ: dict[str, str], provider: str) -> None:
        credential = chosen(environ={**environ, **self.IDENTITY})
        assert credential == Credential(
            "federated",
            f"workload_identity:{provider}",
            TENANT + "1",
            CLIENT + "1",
            {"federated_provider": provider},
            explicit=False,
        )

    def test_a_pod_has_a_token_file_in_its_family(self) -> None:
        credential = chosen(environ=AKS)
        assert (credential.method, credential.source) == ("federated", "env:AZURE_*")
        assert credential.text("federated_token_file") == AKS["AZURE_FEDERATED_TOKEN_FILE"]

    def test_a_pod_may_log_in_as_another_app_that_trusts_it(self) -> None:
        credential = chosen({"tenant_id": TENANT + "2", "client_id": CLIENT + "2"}, environ=AKS)
        assert (credential.source, credential.client_id) == ("workload_identity:kubernetes", CLIENT + "2")
        assert credential.options == {"federated_provider": "kubernetes"}

    def test_a_pod_does_not_stand_in_the_way_of_options(self) -> None:
        assert chosen(app("1"), environ=AKS).source == "option"
        assert chosen(environ={**AKS, **environment("POWERBI", "1")}).source == "env:POWERBI_*"

    def test_it_comes_last(self) -> None:
        assert chosen(environ={**GITHUB, **environment("ARM", "1")}).source == "env:ARM_*"
        assert chosen(environ={**GITHUB, **self.IDENTITY}, profiles={"default": app("3")}).source == "profile:default"

    def test_it_is_not_used_for_another_method(self) -> None:
        assert "client_secret" in refused({"auth_method": "client_secret"}, environ={**GITHUB, **self.IDENTITY}).what

    @pytest.mark.parametrize("half", [*GITHUB, *AZURE_DEVOPS])
    def test_half_an_environment_is_none(self, half: str) -> None:
        environ = {**GITHUB} if half in GITHUB else {**AZURE_DEVOPS}
        del environ[half]
        assert "no credential" in refused(environ={**environ, **self.IDENTITY}).what

    def test_without_an_app_it_has_no_owner(self) -> None:
        error = refused(environ=GITHUB)
        assert "no credential" in error.what
        assert error.why == "github gives this job a token, but there is no client_id of the app that trusts it"

    @pytest.mark.parametrize(
        ("variable", "words"),
        [
            ("GITHUB_ACTIONS", "GitHub Actions, but without permissions: id-token: write"),
            ("TF_BUILD", "Azure Pipelines, but without env: SYSTEM_ACCESSTOKEN"),
            ("GITLAB_CI", "GitLab, but without id_tokens"),
        ],
    )
    def test_a_job_that_lacks_only_its_token_is_an_error(self, variable: str, words: str) -> None:
        assert words in refused(environ={variable: "true", **self.IDENTITY}).why
        assert words not in refused(environ={variable: "true"}).why
        requested = {"auth_method": "client_secret"}
        assert words not in refused(requested, environ={variable: "true", **self.IDENTITY}).why

    def test_an_explicit_audience_counts_for_an_identity_of_the_environment(self) -> None:
        credential = chosen({"federated_audience": "api://own"}, environ={**GITHUB, **self.IDENTITY})
        assert credential.text("federated_audience") == "api://own"

    @pytest.mark.parametrize(
        "place",
        [
            {"POWERBI_SERVICE_CONNECTION_ID": "sc"},
            {"FABRIC_AZURE_DEVOPS_SERVICE_CONNECTION_ID": "sc"},
            {"ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID": "sc"},
        ],
        ids=lambda place: next(iter(place)),
    )
    def test_the_connection_of_azure_devops_may_be_named_in_any_family(self, place: dict[str, str]) -> None:
        credential = chosen(environ={**AZURE_DEVOPS, **self.IDENTITY, **place})
        assert credential.text("service_connection_id") == "sc"

    def test_a_provider_and_its_token_may_stand_at_two_explicit_levels(self) -> None:
        requested = {**app("1", client_secret=None), "federated_provider": "file"}
        credential = chosen(requested, variables={"federated_token_file": "/t"})
        assert credential.options == {"federated_provider": "file", "federated_token_file": "/t"}

    def test_a_token_is_not_joined_by_the_file_of_a_lower_level(self) -> None:
        requested = {**app("1", client_secret=None), "federated_token_file": "/mine"}
        assert chosen(requested, variables={"federated_token": "a.b.c"}).options == {"federated_token_file": "/mine"}

    def test_an_unknown_provider(self) -> None:
        error = refused(environ={**environment("POWERBI", "1", client_secret=""), "POWERBI_FEDERATED_PROVIDER": "x"})
        assert error.option == "federated_provider"


class TestClouds:
    @pytest.mark.parametrize(
        ("given", "name"),
        [
            *((name, name) for name in CLOUDS),
            ("AzureCloud", "public"),
            ("AzurePublicCloud", "public"),
            ("USGovernment", "gcc_high"),
            ("AzureUSGovernment", "gcc_high"),
            ("GCC-High", "gcc_high"),
            ("gcchigh", "gcc_high"),
            ("AzureChinaCloud", "china"),
        ],
    )
    def test_names(self, given: str, name: str) -> None:
        found = settings(app("1", cloud=given))
        assert (found.cloud.name, found.authority, found.scope) == (name, CLOUDS[name].authority, CLOUDS[name].scope)
        assert found.api_url == CLOUDS[name].powerbi_url

    def test_an_unknown_name(self) -> None:
        error = refused(environ={**environment("AZURE", "1"), "AZURE_CLOUD_ENVIRONMENT": "AzureGermanCloud"})
        assert "AzureGermanCloud" in error.what
        assert "env:AZURE_*" in error.what

    def test_a_lower_level_does_not_speak_about_a_higher_one_s_cloud(self) -> None:
        environ = {
            "POWERBI_AUTHORITY": "https://login.other.test",
            "POWERBI_API_URL": "https://api.other.test",
            "POWERBI_SCOPE": "https://other.test/.default",
            "AZURE_AUTHORITY_HOST": "https://login.microsoftonline.com",
            "POWERBI_CA_PATH": "/ca.pem",
        }
        found = settings(app("1", cloud="china"), environ=environ)
        china = CLOUDS["china"]
        assert (found.authority, found.api_url, found.scope) == (china.authority, china.powerbi_url, china.scope)
        assert found.ca_path == "/ca.pem"

    def test_the_level_of_the_cloud_and_those_above_do(self) -> None:
        environ = {"AZURE_CLOUD_ENVIRONMENT": "AzureChinaCloud", "AZURE_AUTHORITY_HOST": "login.chinacloudapi.cn"}
        found = settings(app("1", api_url="https://own.test/"), environ=environ)
        assert (found.authority, found.api_url) == ("https://login.chinacloudapi.cn", "https://own.test")
        assert found.scope == CLOUDS["china"].scope

    def test_each_is_taken_from_the_highest_level_that_has_it(self) -> None:
        found = settings(
            app("1", authority="https://a.option.test"),
            variables={"api_url": "https://b.vars.test", "authority": "https://a.vars.test"},
            environ={"POWERBI_PROXY": "http://p.test:1", "POWERBI_AUTHORITY": "https://a.env.test"},
        )
        assert (found.authority, found.api_url) == ("https://a.option.test", "https://b.vars.test")
        assert found.proxy == Secret("http://p.test:1")


class TestScope:
    def test_resource_is_the_scope_without_its_ending(self) -> None:
        for resource in ("https://graph.microsoft.com", "https://graph.microsoft.com/"):
            assert settings(app("1", resource=resource)).scope == "https://graph.microsoft.com/.default"

    def test_both_may_be_equal(self) -> None:
        both = app("1", resource="https://x.test", scope="https://x.test/.default")
        assert settings(both).scope == "https://x.test/.default"

    def test_both_may_not_differ(self) -> None:
        assert refused(app("1", resource="https://x.test", scope="https://y.test/.default")).option == "scope"

    def test_a_higher_level_s_scope_is_not_crossed_by_a_lower_level_s_resource(self) -> None:
        found = settings(app("1", scope="https://x.test/.default"), environ={"POWERBI_RESOURCE": "https://y.test"})
        assert found.scope == "https://x.test/.default"


class TestUrls:
    @pytest.mark.parametrize(
        ("given", "url"),
        [
            ("login.microsoftonline.us", "https://login.microsoftonline.us"),
            ("https://localhost:8443/", "https://localhost:8443"),
            ("HTTPS://Login.Example", "HTTPS://Login.Example"),
            ("https://[::1]:8443", "https://[::1]:8443"),
            ("https://gateway.example/powerbi", "https://gateway.example/powerbi"),
        ],
    )
    def test_usable(self, given: str, url: str) -> None:
        assert settings(app("1", authority=given)).authority == url

    @pytest.mark.parametrize(
        "given",
        [
            *(
                "http://localhost:8080",
                "https://",
                "https:///x",
                "https://h/?a=b",
                "https://h/#f",
                "https://{{ host }}",
            ),
            *("https://h h", "ftp://h", "https://h:port", "//h", "https://h\\@evil.test"),
        ],
    )
    def test_unusable(self, given: str) -> None:
        for option in ("authority", "api_url"):
            assert refused(app("1", **{option: given})).option == option

    @pytest.mark.parametrize(
        ("option", "url", "ending"),
        [
            ("authority", f"https://login.microsoftonline.com/{TENANT}1", f"/{TENANT}1"),
            ("authority", f"https://login.microsoftonline.com/{TENANT.upper()}1/", f"/{TENANT}1"),
            ("authority", "https://login.microsoftonline.com/common", "/common"),
            ("api_url", "https://api.powerbi.com/v1.0/myorg/", "/v1.0/myorg"),
            ("api_url", "https://api.powerbi.com/v1.0", "/v1.0"),
        ],
    )
    def test_a_path_that_is_added_anyway_is_refused(self, option: str, url: str, ending: str) -> None:
        error = refused(app("1", **{option: url}))
        assert (error.option, error.remedy) == (option, f"leave {ending} out: it is added to each request")

    def test_without_a_tenant_such_a_path_is_kept(self) -> None:
        given = {"auth_method": "managed_identity", "authority": "https://login.private.example/entra/"}
        assert settings(given).authority == "https://login.private.example/entra"

    def test_a_password_in_a_url_is_not_repeated(self) -> None:
        error = refused(app("1", api_url="https://me:hunter2@api.test"))
        assert "hunter2" not in str(error) + repr(error.to_dict())


class TestValues:
    @pytest.mark.parametrize("tenant", ["{{ tenant }}", "a b", "../x", "-x", "a/b", "t\n"])
    def test_a_tenant_that_can_t_be_one(self, tenant: str) -> None:
        assert refused(app("1", tenant_id=tenant)).option == "tenant_id"

    @pytest.mark.parametrize("tenant", ["common", "organizations", "consumers"])
    def test_an_app_needs_a_tenant_of_its_own(self, tenant: str) -> None:
        assert "shared endpoints" in refused(app("1", tenant_id=tenant)).why

    @pytest.mark.parametrize("value", ["x", "-1", "nan", "inf", "", None, "0"])
    @pytest.mark.parametrize("option", ["retry_timeout", "timeout", "min_validity"])
    def test_seconds(self, option: str, value: str | None) -> None:
        if value in ("", None):
            assert getattr(settings(app("1", **{option: value})), option) > 0
        elif (option, value) == ("min_validity", "0"):
            assert settings(app("1", min_validity=value)).min_validity == 0
        else:
            error = refused(app("1", **{option: value}))
            assert (error.option, repr(value) in error.what) == (option, True)

    @pytest.mark.parametrize("value", ["x", "-1", "1.5", "nan", "", None, "200000", True])
    def test_a_rate_that_is_no_number_of_calls(self, value: t.Any) -> None:
        if value in ("", None):
            assert settings(app("1", rate_limit=value)).rate_limit == 200
        else:
            error = refused(app("1", rate_limit=value))
            assert (error.option, repr(value) in error.what) == ("rate_limit", True)
            assert "200" in error.remedy and "divided" in error.remedy

    @pytest.mark.parametrize(("value", "rate"), [(50, 50), (" 50 ", 50), ("0", 0)])
    def test_a_rate(self, value: t.Any, rate: int) -> None:
        assert settings(app("1", rate_limit=value)).rate_limit == rate
        assert settings(app("1"), environ={"POWERBI_RATE_LIMIT": str(value)}).rate_limit == rate

    def test_defaults(self) -> None:
        found = settings(app("1"))
        assert (found.retry_timeout, found.timeout, found.min_validity, found.cache) == (120.0, 30.0, 300, "run")
        assert (found.ca_path, found.proxy, found.rate_limit) == (None, None, 200)

    def test_a_cache_that_is_unknown(self) -> None:
        assert "run, none" in refused(profiles={"default": app("1", cache="disk")}).remedy

    def test_numbers_of_variables_are_texts(self) -> None:
        credential = chosen(variables={"tenant_id": "t", "client_id": 5, "client_secret": 1234567890})
        assert (credential.client_id, secret_of(credential)) == ("5", "1234567890")

    @pytest.mark.parametrize("value", [{"a": "hidden"}, ["hidden"], True])
    def test_other_things_are_refused_unseen(self, value: t.Any) -> None:
        error = refused(variables=app("1", client_secret=value))
        assert error.option == "client_secret"
        assert error.why == "the variable powerbi_client_secret holds it"
        assert "hidden" not in str(error)

    def test_a_path_may_begin_with_the_home_folder(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", "/home/ann")
        environ = {"POWERBI_CA_PATH": "~/ca.pem", "POWERBI_CLIENT_ID": "c", "POWERBI_TENANT_ID": "t"}
        environ["POWERBI_CLIENT_SECRET_FILE"] = "~/secret"
        found = settings(environ=environ)
        assert found.ca_path == "/home/ann/ca.pem"
        assert found.credential.text("client_secret_file") == "/home/ann/secret"

    def test_a_modifier_may_be_given_for_a_certificate_of_the_environment(self) -> None:
        environ = environment("AZURE", "1", client_secret="")
        environ.update({"AZURE_CLIENT_CERTIFICATE_PATH": "/c.pfx", "AZURE_CLIENT_CERTIFICATE_PASSWORD": "old"})
        credential = chosen({"send_certificate_chain": True, "certificate_password": "new"}, environ=environ)
        assert credential.source == "env:AZURE_*"
        assert credential.options == {
            "certificate_path": "/c.pfx",
            "send_certificate_chain": True,
            "certificate_password": Secret("new"),
        }

    def test_no_secret_shows_in_what_was_decided(self) -> None:
        found = settings(app("1", proxy="http://u:hunter2@p.test"))
        assert "secret-1" not in repr(found)
        assert "hunter2" not in repr(found)


_TEXTS = st.one_of(
    st.sampled_from(["", "auto", "file", "token", "run", "common", "public", "https://a.test", "x", "0", "true"]),
    st.sampled_from(list(CLOUDS) + list(SHARED_OPTIONS["auth_method"]["choices"])),
    st.text(max_size=12),
)
_SECRET = "hunter2-never-shown"


@st.composite
def _levels(draw: st.DrawFn) -> dict[str, t.Any]:
    """What a user may write, sense or nonsense; every secret option has the same secret."""

    def values() -> dict[str, t.Any]:
        names = draw(st.sets(st.sampled_from(sorted(SHARED_OPTIONS)), max_size=7))
        return {name: _SECRET if name in SECRET_OPTIONS else draw(_TEXTS) for name in sorted(names)}

    variables = [
        (name, option) for family in ENVIRONMENT.values() for option, names in family.items() for name in names
    ]
    chosen = draw(st.lists(st.sampled_from(variables), max_size=8, unique=True))
    environ = {name: _SECRET if option in SECRET_OPTIONS else draw(_TEXTS) for name, option in chosen}
    environ |= draw(st.sampled_from([{}, GITHUB, AZURE_DEVOPS, {"GITLAB_CI": "1", "AZ_TOKEN": _SECRET}]))
    profiles = {
        name: {**values(), "auth_profile": None} for name in draw(st.sets(st.sampled_from(["default", "x", "auto"])))
    }
    return {"option": values(), "variables": values(), "environ": environ, "profiles": profiles}


@hypothesis_settings(max_examples=100, deadline=None)
@given(_levels())
def test_whatever_is_written_there_is_a_decision_or_an_error_that_shows_no_secret(levels: dict[str, t.Any]) -> None:
    try:
        found = settings(**levels)
    except ConfigError as error:
        shown = str(error) + repr(error.to_dict())
    else:
        shown = repr(found)
        credential = found.credential
        assert credential.method != "auto"
        assert credential.source.split(":")[0] in ("option", "vars", "env", "profile", "workload_identity")
        if credential.method in ("client_secret", "certificate", "federated", "device_code", "password"):
            assert credential.tenant_id
            assert credential.client_id
        assert found.authority.lower().startswith("https://")
        assert found.api_url.lower().startswith("https://")
    assert _SECRET not in shown
