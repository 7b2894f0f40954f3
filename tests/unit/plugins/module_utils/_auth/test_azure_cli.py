# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A signed-in `az`, played by scripts."""

from __future__ import annotations

import json
import os
import textwrap
import time
import typing as t
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._auth.authenticator import acquire
from ansible_collections.community.powerbi.plugins.module_utils._auth.tokens import AccessToken
from ansible_collections.community.powerbi.plugins.module_utils._errors import AuthError, ConfigError, PowerBIError
from ansible_collections.community.powerbi.plugins.module_utils._secret import Secret
from fakes.jwts import access_token
from fakes.levels import settings
from fakes.login import NOW, scripted_login

ANSWER: t.Final = {
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


def says(text: str) -> str:
    return f"#!/bin/sh\ncat <<'END'\n{text}\nEND\n"


def test_its_token(az: t.Callable[..., AccessToken]) -> None:
    scope = "https://analysis.windows.net/powerbi/api/.default"
    assert az(says(json.dumps(ANSWER))) == AccessToken(Secret("the-token"), NOW + 3600, NOW, scope)


def test_what_it_is_asked(az: t.Callable[..., AccessToken], tmp_path: Path) -> None:
    az('#!/bin/sh\necho "$@" > "$AZ_LOG"\n' + says(json.dumps(ANSWER))[10:], tenant_id="contoso.example")
    arguments = (tmp_path / "log").read_text().split()
    assert arguments[:4] == ["account", "get-access-token", "--output", "json"]
    assert arguments[4:] == ["--scope", "https://analysis.windows.net/powerbi/api/.default", "--tenant", "contoso.example"]


def test_warnings_beside_the_answer_do_not_matter(az: t.Callable[..., AccessToken]) -> None:
    script = "#!/bin/sh\necho 'WARNING: a new version is available' >&2\n" + says(json.dumps(ANSWER))[10:]
    assert az(script).value == Secret("the-token")


def test_an_epoch_as_text(az: t.Callable[..., AccessToken]) -> None:
    assert az(says(json.dumps({**ANSWER, "expires_on": str(NOW + 60)}))).expires_on == NOW + 60


@pytest.mark.parametrize(
    "output",
    [
        *("", "not json", "null", "[]", "{}", '"text"', "7"),
        json.dumps({key: value for key, value in ANSWER.items() if key != "expires_on"}),
        json.dumps({**ANSWER, "accessToken": None}),
        json.dumps({**ANSWER, "accessToken": ""}),
        json.dumps({**ANSWER, "accessToken": 5}),
        json.dumps({**ANSWER, "expires_on": "soon"}),
        json.dumps({**ANSWER, "expires_on": float("inf")}),
        json.dumps(ANSWER)[:-20],
    ],
)
def test_an_odd_answer(az: t.Callable[..., AccessToken], output: str) -> None:
    with pytest.raises(AuthError, match=r"something else .*update the Azure CLI") as caught:
        az(says(output))
    assert "the-token" not in str(caught.value)


def test_an_answer_that_is_not_text(az: t.Callable[..., AccessToken]) -> None:
    with pytest.raises(AuthError, match="something else"):
        az("#!/bin/sh\nprintf '\\377\\376'\n")


def test_there_is_none(az: t.Callable[..., AccessToken], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda *_args, **_kwargs: None)
    with pytest.raises(ConfigError, match="no az on the PATH") as caught:
        az(None)
    assert caught.value.option == "auth_method"


def test_nobody_is_signed_in(az: t.Callable[..., AccessToken]) -> None:
    script = "#!/bin/sh\necho 'ERROR: Please run '\\''az login'\\'' to setup account.' >&2\nexit 1\n"
    with pytest.raises(AuthError, match=r"exit code 1.*Please run 'az login'.*Remedy: run az login") as caught:
        az(script)
    assert not caught.value.retryable


def test_what_it_says_is_scrubbed(az: t.Callable[..., AccessToken]) -> None:
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
    script = REFUSES_TENANT.format(answer=json.dumps({**ANSWER, "accessToken": token}))
    assert az(script.replace("managed identity account", words), tenant_id=TENANT).value.reveal() == token


def test_its_token_must_be_of_the_tenant_that_is_meant(az: t.Callable[..., AccessToken]) -> None:
    script = REFUSES_TENANT.format(answer=json.dumps({**ANSWER, "accessToken": access_token(tid="other")}))
    with pytest.raises(AuthError, match="az gave a token of tenant other, but tenant_id is 72f988bf") as caught:
        az(script, tenant_id=TENANT)
    assert "managed identity" in caught.value.why


def test_an_opaque_token_is_of_no_known_tenant(az: t.Callable[..., AccessToken]) -> None:
    with pytest.raises(AuthError, match="unknown tenant"):
        az(REFUSES_TENANT.format(answer=json.dumps(ANSWER)), tenant_id=TENANT)


def test_another_refusal_is_not_tried_without_the_tenant(az: t.Callable[..., AccessToken], tmp_path: Path) -> None:
    script = '#!/bin/sh\necho "$*" >> "$AZ_LOG"\necho "ERROR: Please run az login" >&2\nexit 1\n'
    with pytest.raises(AuthError, match="could not give a token"):
        az(script, tenant_id=TENANT)
    assert len((tmp_path / "log").read_text().splitlines()) == 1
