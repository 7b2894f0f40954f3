# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables of clouds and options: what an addition must keep."""

from __future__ import annotations

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._settings.clouds import (
    CLOUD_ALIASES,
    CLOUDS,
    EQUIVALENT_AUDIENCES,
    Cloud,
)
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import (
    CREDENTIAL_KINDS,
    ENVIRONMENT,
    METHOD_OPTIONS,
    SECRET_OPTIONS,
    SHARED_OPTIONS,
    auth_argument_spec,
)


@pytest.mark.parametrize("cloud", CLOUDS.values(), ids=lambda cloud: cloud.name)
class TestCloud:
    def test_urls_are_https_without_a_slash_at_the_end(self, cloud: Cloud) -> None:
        for url in (cloud.authority, cloud.powerbi_url, cloud.graph_url, *filter(None, [cloud.fabric_url])):
            assert url.startswith("https://")
            assert not url.endswith("/")

    def test_scopes_are_those_of_client_credentials(self, cloud: Cloud) -> None:
        for scope in (cloud.scope, cloud.key_vault_scope, cloud.graph_scope):
            assert scope.endswith("/.default")
            assert "//.default" not in scope

    def test_all_is_of_one_country(self, cloud: Cloud) -> None:
        """A token of one cloud must never be sent to another."""
        ending = {"china": ".cn", "gcc_high": ".us", "dod": ".us"}.get(cloud.name, ".com")
        hosts = {cloud.authority, cloud.graph_url} | ({cloud.powerbi_url} if cloud.name != "gcc" else set())
        assert all(host.endswith(ending) for host in hosts)


def test_aliases_lead_to_clouds_and_are_found() -> None:
    assert set(CLOUD_ALIASES.values()) <= CLOUDS.keys()
    assert all(alias == alias.lower().replace("_", "").replace("-", "") for alias in CLOUD_ALIASES)


def test_fabric_and_power_bi_of_the_public_cloud_are_one_audience() -> None:
    public = CLOUDS["public"]
    assert {public.scope[: -len("/.default")], public.fabric_url} <= EQUIVALENT_AUDIENCES


class TestOptions:
    def test_tables_speak_of_options_that_exist(self) -> None:
        named = {name for table in (CREDENTIAL_KINDS, METHOD_OPTIONS) for names in table.values() for name in names}
        named |= {name for family in ENVIRONMENT.values() for name in family}
        assert named <= SHARED_OPTIONS.keys()

    def test_a_variable_stands_for_one_option_and_is_of_its_family(self) -> None:
        seen = [name for family in ENVIRONMENT.values() for names in family.values() for name in names]
        assert len(seen) == len(set(seen))
        for family, variables in ENVIRONMENT.items():
            prefixes = (f"{family}_", f"ANSIBLE_{family}_")  # the second is azure.azcollection's
            assert all(name.startswith(prefixes) for names in variables.values() for name in names)

    def test_no_default_hides_a_value_of_a_profile(self) -> None:
        """A module's params have the defaults in them, as if the task had set them."""
        assert {name for name, spec in SHARED_OPTIONS.items() if "default" in spec} == {"auth_method"}
        assert SHARED_OPTIONS["auth_method"]["default"] == "auto", "the value that leaves the choice to the next source"

    def test_no_name_means_two_options(self) -> None:
        names = [name for option, spec in SHARED_OPTIONS.items() for name in (option, *spec.get("aliases", ()))]
        assert len(names) == len(set(names))

    def test_what_is_secret(self) -> None:
        assert {
            "client_secret",
            "certificate_data",
            "certificate_password",
            "federated_token",
            "password",
            "access_token",
            "proxy",
        } == SECRET_OPTIONS

    def test_ids_are_not_masked(self) -> None:
        """Ansible would cut them out of every message that should help."""
        for name in ("tenant_id", "client_id", "certificate_thumbprint", "username"):
            assert not SHARED_OPTIONS[name].get("no_log")

    def test_a_module_s_own_options_stand_beside_the_shared_ones(self) -> None:
        spec = auth_argument_spec({"name": {"type": "str"}})
        assert spec.keys() == {*SHARED_OPTIONS, "name"}
