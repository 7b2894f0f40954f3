# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.powerbi.plugins.test.powerbi_token_valid import TestModule as TokenTests
from fakes.jwts import access_token, jwt

valid = TokenTests().tests()["powerbi_token_valid"]


def test_one_that_serves() -> None:
    assert valid(access_token()) is True
    assert valid(access_token(life=1000), min=900) is True
    assert valid(access_token(life=1000), min="900") is True


def test_one_that_does_not_serve_long_enough() -> None:
    assert valid(access_token(life=-1)) is False
    assert valid(access_token(life=1000), min=1100) is False


def test_one_that_has_not_begun() -> None:
    assert valid(access_token(nbf=int(time.time()) + 100)) is False


@pytest.mark.parametrize(
    "value", [None, "", "x", "a.b.c", 5, [], {}, jwt(), jwt(exp=None), jwt(exp="soon"), jwt(exp=[]), jwt(exp=10**400)]
)
def test_anything_else(value: t.Any) -> None:
    assert valid(value) is False


def test_a_limit_that_is_none() -> None:
    assert valid(access_token(), min="many") is False


@given(st.one_of(st.none(), st.integers(), st.floats(), st.text(), st.booleans()))
def test_for_any_token_the_result_is_yes_or_no(expiry: t.Any) -> None:
    assert valid(jwt(exp=expiry)) in (True, False)
