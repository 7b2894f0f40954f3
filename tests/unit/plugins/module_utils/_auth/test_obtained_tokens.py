# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens that another program obtained: a token that was passed in, and the Azure CLI's."""

from __future__ import annotations

import json
import os
import textwrap
import time
import typing as t
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.powerbi.plugins.module_utils._auth.methods import acquire
from ansible_collections.community.powerbi.plugins.module_utils._auth.tokens import AccessToken
from ansible_collections.community.powerbi.plugins.module_utils._errors import AuthError, ConfigError, PowerBIError
from ansible_collections.community.powerbi.plugins.module_utils._secret import Secret
from fakes.config_sources import settings
from fakes.jwts import POWERBI, access_token, jwt
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

    def test_the_whole_result_of_a_task_is_distinguished_from_its_token(self) -> None:
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

    def test_for_another_api_that_was_requested(self) -> None:
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
def test_any_claims_are_checked_without_a_traceback(claims: dict[str, t.Any]) -> None:
    try:
        passed(jwt(**claims))
    except PowerBIError:
        return
    assert claims["aud"]


AZ_RESPONSE: t.Final = {
    "accessToken": "the-token",
    "expiresOn": "2027-01-15 09:00:00.000000",
    "expires_on": NOW + 3600,
    "subscription": "s",
    "tenant": "t",
    "tokenType": "Bearer",
}


@pytest.fixture
def az(tmp_path: Path) -> t.Callable[..., AccessToken]:
    """az(script, **options): logs in where `az` is that shell script (None: where there is none)."""
    folder = tmp_path / "bin"
    folder.mkdir()

    def log_in(script: str | None, *, mode: int = 0o755, **options: t.Any) -> AccessToken:
        if script is not None:
            program = folder / "az"
            program.write_text(textwrap.dedent(script))
            program.chmod(mode)
        found = settings({"auth_method": "azure_cli", **options})
        scripted = scripted_login(
            environ={"PATH": f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin", "AZ_LOG": str(tmp_path / "log")}
        )
        return acquire(found, found.scope, scripted.login)

    return log_in


def script_that_prints(text: str) -> str:
    return f"#!/bin/sh\ncat <<'END'\n{text}\nEND\n"


def test_its_token(az: t.Callable[..., AccessToken]) -> None:
    scope = "https://analysis.windows.net/powerbi/api/.default"
    assert az(script_that_prints(json.dumps(AZ_RESPONSE))) == AccessToken(Secret("the-token"), NOW + 3600, NOW, scope)


def test_the_arguments_of_az(az: t.Callable[..., AccessToken], tmp_path: Path) -> None:
    az(
        '#!/bin/sh\necho "$@" > "$AZ_LOG"\n' + script_that_prints(json.dumps(AZ_RESPONSE))[10:],
        tenant_id="contoso.example",
    )
    arguments = (tmp_path / "log").read_text().split()
    assert arguments[:4] == ["account", "get-access-token", "--output", "json"]
    assert arguments[4:] == [
        "--scope",
        "https://analysis.windows.net/powerbi/api/.default",
        "--tenant",
        "contoso.example",
    ]


def test_warnings_beside_the_answer_do_not_matter(az: t.Callable[..., AccessToken]) -> None:
    script = (
        "#!/bin/sh\necho 'WARNING: a new version is available' >&2\n" + script_that_prints(json.dumps(AZ_RESPONSE))[10:]
    )
    assert az(script).value == Secret("the-token")


def test_an_epoch_as_text(az: t.Callable[..., AccessToken]) -> None:
    assert az(script_that_prints(json.dumps({**AZ_RESPONSE, "expires_on": str(NOW + 60)}))).expires_on == NOW + 60


@pytest.mark.parametrize(
    "output",
    [
        *("", "not json", "null", "[]", "{}", '"text"', "7"),
        json.dumps({key: value for key, value in AZ_RESPONSE.items() if key != "expires_on"}),
        json.dumps({**AZ_RESPONSE, "accessToken": None}),
        json.dumps({**AZ_RESPONSE, "accessToken": ""}),
        json.dumps({**AZ_RESPONSE, "accessToken": 5}),
        json.dumps({**AZ_RESPONSE, "expires_on": "soon"}),
        json.dumps({**AZ_RESPONSE, "expires_on": float("inf")}),
        json.dumps(AZ_RESPONSE)[:-20],
    ],
)
def test_an_odd_answer(az: t.Callable[..., AccessToken], output: str) -> None:
    with pytest.raises(AuthError, match=r"something other .*update the Azure CLI") as caught:
        az(script_that_prints(output))
    assert "the-token" not in str(caught.value)


def test_an_answer_that_is_not_text(az: t.Callable[..., AccessToken]) -> None:
    with pytest.raises(AuthError, match="something other"):
        az("#!/bin/sh\nprintf '\\377\\376'\n")


def test_there_is_none(az: t.Callable[..., AccessToken], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda *_args, **_kwargs: None)
    with pytest.raises(ConfigError, match="no az on the PATH") as caught:
        az(None)
    assert caught.value.option == "auth_method"


def test_without_a_sign_in(az: t.Callable[..., AccessToken]) -> None:
    script = "#!/bin/sh\necho 'ERROR: Please run '\\''az login'\\'' to setup account.' >&2\nexit 1\n"
    with pytest.raises(AuthError, match=r"exit code 1.*Please run 'az login'.*Remedy: run az login") as caught:
        az(script)
    assert not caught.value.retryable


def test_its_message_is_scrubbed(az: t.Callable[..., AccessToken]) -> None:
    script = "#!/bin/sh\necho 'ERROR: refresh_token=0.AXoAhunter2hunter2 is revoked' >&2\nexit 1\n"
    with pytest.raises(AuthError) as caught:
        az(script)
    assert "hunter2" not in str(caught.value)


def test_a_silent_failure(az: t.Callable[..., AccessToken]) -> None:
    with pytest.raises(AuthError, match="exit code 3"):
        az("#!/bin/sh\nexit 3\n")


def test_a_slow_one_is_ended(az: t.Callable[..., AccessToken]) -> None:
    began = time.monotonic()
    with pytest.raises(AuthError, match=r"within 0\.3 s") as caught:
        az("#!/bin/sh\nsleep 30\n", timeout=0.3)
    assert time.monotonic() - began < 5
    assert caught.value.retryable


def test_one_that_can_t_be_run(az: t.Callable[..., AccessToken]) -> None:
    with pytest.raises(PowerBIError, match="az can't be run"):
        az("#!/nonexistent/interpreter\n")


def test_it_does_not_wait_for_input(az: t.Callable[..., AccessToken]) -> None:
    with pytest.raises(AuthError, match="exit code 9"):
        az("#!/bin/sh\nread line || exit 9\n")


TENANT: t.Final = "72f988bf-0000-0000-0000-2d7cd011db47"
REFUSES_TENANT: t.Final = """#!/bin/sh
case "$*" in *--tenant*)
  echo "ERROR: Tenant shouldn't be specified for managed identity account" >&2; exit 1;;
esac
cat <<'END'
{answer}
END
"""


@pytest.mark.parametrize("words", ["managed identity account", "MSI account", "Cloud Shell account"])
def test_a_log_in_that_takes_no_tenant_is_used_without(az: t.Callable[..., AccessToken], words: str) -> None:
    token = access_token(tid=TENANT)
    script = REFUSES_TENANT.format(answer=json.dumps({**AZ_RESPONSE, "accessToken": token}))
    assert az(script.replace("managed identity account", words), tenant_id=TENANT).value.reveal() == token


def test_its_token_must_be_of_the_tenant_that_is_meant(az: t.Callable[..., AccessToken]) -> None:
    script = REFUSES_TENANT.format(answer=json.dumps({**AZ_RESPONSE, "accessToken": access_token(tid="other")}))
    with pytest.raises(AuthError, match="az gave a token of tenant other, but tenant_id is 72f988bf") as caught:
        az(script, tenant_id=TENANT)
    assert "managed identity" in caught.value.why


def test_an_opaque_token_is_of_no_known_tenant(az: t.Callable[..., AccessToken]) -> None:
    with pytest.raises(AuthError, match="unknown tenant"):
        az(REFUSES_TENANT.format(answer=json.dumps(AZ_RESPONSE)), tenant_id=TENANT)


def test_another_refusal_is_not_tried_without_the_tenant(az: t.Callable[..., AccessToken], tmp_path: Path) -> None:
    script = '#!/bin/sh\necho "$*" >> "$AZ_LOG"\necho "ERROR: Please run az login" >&2\nexit 1\n'
    with pytest.raises(AuthError, match="could not give a token"):
        az(script, tenant_id=TENANT)
    assert len((tmp_path / "log").read_text().splitlines()) == 1
