# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.community.powerbi.plugins.filter.powerbi_claims import FilterModule
from fakes.jwts import POWERBI, access_token

claims_of = FilterModule().filters()["powerbi_claims"]


def test_what_may_be_shown() -> None:
    claims = claims_of(access_token(upn="ann@contoso.example", scp="Report.Read.All"))
    assert claims["aud"] == POWERBI
    assert claims["has_scp"] is True
    assert "upn" not in claims


def test_all_of_them() -> None:
    assert claims_of(access_token(upn="ann@contoso.example"), all=True)["upn"] == "ann@contoso.example"


@pytest.mark.parametrize("word", ["Bearer ", "bearer "])
def test_as_a_header_has_it(word: str) -> None:
    assert claims_of(word + access_token())["idtyp"] == "app"


@pytest.mark.parametrize("token", ["", "hunter2", "a.b.c", "a.b", "Bearer "])
def test_what_is_no_token(token: str) -> None:
    with pytest.raises(AnsibleFilterError, match="powerbi_claims") as caught:
        claims_of(token)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("value", [None, 5, ["x"], {"access_token": "hunter2"}])
def test_what_is_no_text(value: t.Any) -> None:
    with pytest.raises(AnsibleFilterError, match="as text, not ") as caught:
        claims_of(value)
    assert "hunter2" not in str(caught.value)
