# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time
import typing as t

import yaml

from ansible_collections.community.powerbi.plugins.module_utils._auth.describe import describe
from ansible_collections.community.powerbi.plugins.module_utils._auth.tokens import AccessToken
from ansible_collections.community.powerbi.plugins.module_utils._secret import Secret
from ansible_collections.community.powerbi.plugins.modules import powerbi_token
from fakes.jwts import access_token
from fakes.levels import CLIENT, TENANT, app, settings


def described(value: str, options: dict[str, t.Any], *, left: int = 1000, source: str = "cache") -> dict[str, t.Any]:
    now = int(time.time())
    return describe(AccessToken(Secret(value), now + left, now, "a/.default", source), settings(options))


def test_what_the_module_documents_and_no_more() -> None:
    documented = yaml.safe_load(powerbi_token.RETURN)
    found = described(access_token(), app("1"))
    assert found.keys() == documented.keys() - {"validation", "error"}
    assert found["source"] in documented["source"]["choices"]


def test_values() -> None:
    token = access_token(roles=["Tenant.Read.All"], upn="never@shown.test")
    found = described(token, app("1"))
    assert found["access_token"] == token
    assert found["token_type"] == "Bearer"
    assert 998 <= found["expires_in"] <= 1000
    assert time.strptime(found["expires_on"], "%Y-%m-%dT%H:%M:%SZ")
    assert (found["tenant_id"], found["client_id"]) == (TENANT + "1", CLIENT + "1")
    assert (found["auth_method"], found["auth_source"], found["source"]) == ("client_secret", "option", "cache")
    assert found["claims"]["roles"] == ["Tenant.Read.All"]
    assert "upn" not in found["claims"]


def test_an_expired_one_has_no_seconds_left() -> None:
    assert described("opaque", app("1"), left=-5)["expires_in"] == 0


def test_a_token_of_another_provider_may_be_opaque() -> None:
    found = described("opaque", app("1"))
    assert (found["claims"], found["tenant_id"]) == ({}, TENANT + "1")


def test_whose_a_passed_token_is_the_token_says() -> None:
    token = access_token(appid="token's", tid="token's tenant")
    found = described(token, {"access_token": token, **app("1", client_secret=None)})
    assert (found["client_id"], found["tenant_id"]) == ("token's", "token's tenant")


def test_also_for_a_signed_in_az() -> None:
    token = access_token(appid="az's", tid="az's tenant")
    found = described(token, {"auth_method": "azure_cli", "client_id": "c"})
    assert (found["client_id"], found["tenant_id"], found["auth_method"]) == ("az's", "az's tenant", "azure_cli")
