# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.powerbi.plugins.module_utils._auth.authenticator import acquire
from ansible_collections.community.powerbi.plugins.module_utils._auth.tokens import AccessToken
from ansible_collections.community.powerbi.plugins.module_utils._errors import AuthError, ConfigError, PowerBIError
from ansible_collections.community.powerbi.plugins.module_utils._secret import Secret
from fakes.jwts import POWERBI, access_token, jwt
from fakes.levels import settings
from fakes.login import NOW, scripted_login


def passed(token: str | None = None, **options: t.Any) -> AccessToken:
    found = settings({"access_token": token, **options})
    scripted = scripted_login()
    result = acquire(found, found.scope, scripted.login)
    assert scripted.sender.requests == []
    return result


def refused(token: str | None = None, **options: t.Any) -> PowerBIError:
    with pytest.raises(PowerBIError) as caught:
        passed(token, **options)
    assert not token or token not in str(caught.value)
    return caught.value


GOOD = access_token(now=NOW)


class TestPassing:
    def test_as_it_is(self) -> None:
        scope = f"{POWERBI}/.default"
        assert passed(GOOD) == AccessToken(Secret(GOOD), NOW + 3600, NOW, scope, "passthrough")

    @pytest.mark.parametrize("text", [f"Bearer {GOOD}", f"bearer  {GOOD}\n", f"  {GOOD}\n"])
    def test_without_what_people_copy_along(self, text: str) -> None:
        assert passed(text).value == Secret(GOOD)

    def test_from_a_file(self, tmp_path: Path) -> None:
        path = tmp_path / "token"
        path.write_text(f"{GOOD}\n")
        assert passed(access_token_file=str(path)).value == Secret(GOOD)

    @pytest.mark.parametrize("content", [b"", b"\n", b"Bearer \n", b"\xff\xfe"])
    def test_from_a_file_without_one(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "token"
        path.write_bytes(content)
        assert refused(access_token_file=str(path)).details["option"] == "access_token_file"

    def test_the_whole_result_of_a_task_is_told_from_its_token(self) -> None:
        error = refused(str({"changed": False, "access_token": GOOD}))
        assert "holds a whole result" in error.what
        assert ".access_token" in error.remedy

    @pytest.mark.parametrize("token", ["0paque", "a.b.c", GOOD[:-5].rpartition(".")[0], "a.b.c.d.e"])
    def test_what_is_no_jwt(self, token: str) -> None:
        assert isinstance(refused(token), ConfigError)


class TestAudience:
    @pytest.mark.parametrize(
        "audience",
        [
            POWERBI,
            f"{POWERBI}/",
            "https://api.fabric.microsoft.com",
            "https://api.fabric.microsoft.com/",
            "00000009-0000-0000-c000-000000000000",
            [POWERBI],
            ["https://other.test", POWERBI],
        ],
        ids=str,
    )
    def test_power_bi_by_any_of_its_names(self, audience: t.Any) -> None:
        assert passed(access_token(now=NOW, aud=audience)).source == "passthrough"
        assert passed(access_token(now=NOW, aud=audience), resource="https://api.fabric.microsoft.com")

    @pytest.mark.parametrize(
        "audience", ["https://graph.microsoft.com", "https://analysis.usgovcloudapi.net/powerbi/api", "", None, [], 5]
    )
    def test_another_one(self, audience: t.Any) -> None:
        error = refused(access_token(now=NOW, aud=audience))
        assert isinstance(error, AuthError)
        assert error.code == "audience"
        assert f"{POWERBI} is needed" in error.what

    def test_that_of_another_cloud_is_another(self) -> None:
        assert "analysis.chinacloudapi.cn" in refused(GOOD, cloud="china").what
        token = access_token(now=NOW, aud="https://analysis.chinacloudapi.cn/powerbi/api")
        assert passed(token, cloud="china").value == Secret(token)

    def test_of_another_api_that_was_asked_for(self) -> None:
        token = access_token(now=NOW, aud="https://graph.microsoft.com")
        assert passed(token, resource="https://graph.microsoft.com/").scope == "https://graph.microsoft.com/.default"


class TestLife:
    def test_expired(self) -> None:
        error = refused(access_token(now=NOW - 4000))
        assert isinstance(error, AuthError)
        assert (error.code, "expired 400 s ago" in error.what) == ("expired", True)
        assert "clock" in error.why

    def test_about_to(self) -> None:
        assert "expires in 59 s" in refused(access_token(now=NOW, life=59)).what
        assert passed(access_token(now=NOW, life=60)).expires_on == NOW + 60

    @pytest.mark.parametrize("expiry", [None, "soon", [], 1e400, 10**30, float("nan")])
    def test_unknown(self, expiry: t.Any) -> None:
        assert "has no expiry (claim exp)" in refused(jwt(aud=POWERBI, exp=expiry)).what
        assert "has no expiry (claim exp)" in refused(jwt(aud=POWERBI)).what

    @pytest.mark.parametrize("issued", [None, "then", [], 1e400])
    def test_when_it_was_issued_does_not_matter(self, issued: t.Any) -> None:
        assert passed(access_token(now=NOW, iat=issued)).expires_on == NOW + 3600


@given(st.text())
def test_any_text_is_a_token_or_an_error_of_ours(text: str) -> None:
    try:
        passed(text)
    except PowerBIError:
        return
    raise AssertionError("no text without a signature is a token")


@given(
    st.dictionaries(st.sampled_from(["aud", "exp", "iat", "nbf"]), st.none() | st.floats() | st.text() | st.integers())
)
def test_any_claims_are_judged_without_a_traceback(claims: dict[str, t.Any]) -> None:
    try:
        passed(jwt(**claims))
    except PowerBIError:
        return
    assert claims["aud"]
