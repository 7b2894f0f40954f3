# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A session puts the layers together: what it makes, and what it does not make until it is needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils import _session
from ansible_collections.community.powerbi.plugins.module_utils._errors import (
    AuthError,
    ConfigError,
    MissingLibraryError,
)
from ansible_collections.community.powerbi.plugins.module_utils._secret import Secret
from ansible_collections.community.powerbi.plugins.module_utils._session import (
    Session,
    api_hosts,
    open_session,
    quota_identity,
)
from ansible_collections.community.powerbi.plugins.module_utils._settings.clouds import CLOUDS
from ansible_collections.community.powerbi.plugins.module_utils._settings.resolve import ConfigSource
from fakes.config_sources import app, environment, settings
from fakes.jwts import access_token

PASS_THROUGH = """
import os, sys
from ansible_collections.community.powerbi.plugins.module_utils._session import open_session

session = open_session([], os.environ)
assert session.tokens.token().source == "passthrough"
session.close()
print(*sorted({"msal", "requests", "urllib3", "cryptography", "jwt", "ssl"} & set(sys.modules)))
"""


def test_a_token_that_is_passed_through_costs_no_library(tmp_path: Path) -> None:
    """Building a transport would cost 130 ms for each lookup."""
    run = subprocess.run(
        [sys.executable, "-c", PASS_THROUGH],
        env={
            "POWERBI_ACCESS_TOKEN": access_token(),
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "HOME": "/",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert run.stdout.strip() == ""


def test_settings_come_from_levels_environment_and_profiles(tmp_path: Path) -> None:
    assert open_session([ConfigSource("option", app("1"), True)], {}).settings == settings(app("1"))
    assert open_session([], environment("ARM", "1")).settings.credential.source == "env:ARM_*"
    path = tmp_path / "profiles.ini"
    path.touch(mode=0o600)
    path.write_text("[prod]\ntenant_id = t\nclient_id = c\nclient_secret = 50%\n")
    session = open_session(
        [ConfigSource("option", {"auth_profile": "prod"}, True)], {"POWERBI_PROFILES_FILE": str(path)}
    )
    assert session.settings.credential.secret("client_secret") == Secret("50%")
    with pytest.raises(ConfigError, match=r"no section \[qa\]"):
        open_session([ConfigSource("option", {"auth_profile": "qa"}, True)], {"POWERBI_PROFILES_FILE": str(path)})


class TestTokens:
    """With a wire in place of the transport: tokens by scope, cached, replaced, known for masking."""

    @pytest.fixture
    def session(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
        from fakes.login import FakeSender

        session = open_session([ConfigSource("option", app("1"), True)], {}, cache_directory=str(tmp_path / "tokens"))
        numbered = ({"token_type": "Bearer", "expires_in": 3599, "access_token": f"token-number-{n}"} for n in range(9))
        monkeypatch.setattr(session, "_sender", FakeSender(*numbered))
        return session

    def sent(self, session: Session) -> list[str]:
        return [request.form["scope"] for request in session.sender.requests]  # type: ignore[attr-defined]

    def test_one_for_each_scope(self, session: Session) -> None:
        graph = "https://graph.microsoft.com/.default"
        values = [session.tokens.token(scope=scope).value.reveal() for scope in (None, graph, None, graph)]
        assert values == ["token-number-0", "token-number-1", "token-number-0", "token-number-1"]
        assert self.sent(session) == [session.settings.scope, graph]

    def test_a_fresh_one_is_for_all(self, session: Session) -> None:
        session.tokens.token()
        assert session.tokens.token(fresh=True).value == Secret("token-number-1")
        again = session.tokens.token()
        assert (again.value, again.source) == (Secret("token-number-1"), "cache")

    def test_a_wrong_password_is_tried_once_in_a_run(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        from fakes.login import FakeSender, refusal

        options = {**app("1", client_secret=None), "auth_method": "password", "username": "u", "password": "wrong"}
        answers = [
            answer
            for dummy in range(9)
            for answer in ({"account_type": "Managed"}, refusal(50126, "invalid_grant", 400))
        ]
        sender = FakeSender(*answers)
        for _host in range(9):
            session = open_session(
                [ConfigSource("option", options, True)], {}, cache_directory=str(tmp_path / "tokens")
            )
            monkeypatch.setattr(session, "_sender", sender)
            with pytest.raises(AuthError, match="AADSTS50126"):
                session.tokens.token()
        assert len(sender.requests) == 2, "the user's realm, and one log-in"

    @pytest.mark.parametrize(("method", "feature"), [("client_secret", "sign_in"), ("certificate", "certificate")])
    def test_a_missing_library_is_reported_before_the_login(
        self, session: Session, monkeypatch: pytest.MonkeyPatch, method: str, feature: str
    ) -> None:
        """Also where a transport exists already, such as that of a session which logs in with another credential."""
        required: list[str] = []

        def require(*features: str) -> None:
            required.extend(features)
            raise MissingLibraryError("msal", "to get tokens")

        monkeypatch.setattr(_session, "require", require)
        credential = session.settings.credential._replace(method=method)
        other = Session(session.settings._replace(credential=credential), {})
        other._sender = session.sender
        with pytest.raises(MissingLibraryError):
            other.tokens.token()
        assert "requests" in required and feature in required
        assert self.sent(session) == []

    def test_a_cached_token_needs_nothing_of_the_quota(self, session: Session, tmp_path: Path) -> None:
        session.tokens.token()
        code = (
            "import sys\n"
            "from ansible_collections.community.powerbi.plugins.module_utils._session import open_session\n"
            "from ansible_collections.community.powerbi.plugins.module_utils._settings.resolve import ConfigSource\n"
            f"session = open_session([ConfigSource('option', {app('1')!r}, True)], {{}},"
            f" cache_directory={str(tmp_path / 'tokens')!r})\n"
            "assert session.tokens.token().value.reveal() == 'token-number-0'\n"
            "session.close()\n"
            "print([name for name in sys.modules if name.endswith(('.quota', '.shared_numbers', '.sender', '.limits'))])\n"
        )
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environ)
        assert done.stdout.strip() == "[]"

    def test_it_knows_what_is_not_to_be_shown(self, session: Session) -> None:
        session.tokens.token()
        assert session.secrets() == {"secret-1", "token-number-0"}

    def test_a_short_secret_would_mask_innocent_text(self) -> None:
        assert open_session([ConfigSource("option", app("1", client_secret="short"), True)], {}).secrets() == set()

    def test_the_cache_can_be_left_out(self, session: Session, tmp_path: Path) -> None:
        without = Session(session.settings._replace(cache="none"), {}, cache_directory=str(tmp_path / "none"))
        without._sender = session._sender
        assert [without.tokens.token().value.reveal() for dummy in range(2)] == ["token-number-0", "token-number-1"]
        assert not (tmp_path / "none").exists()

    def test_files_hold_tokens_but_no_credential(self, session: Session, tmp_path: Path) -> None:
        session.tokens.token()
        texts = {path.suffix: path.read_text() for path in (tmp_path / "tokens").iterdir()}
        assert json.loads(texts[".json"])["access_token"] == "token-number-0"
        assert "secret-1" not in "".join(texts.values())


class TestHosts:
    @pytest.mark.parametrize("name", CLOUDS)
    def test_of_the_clouds(self, name: str) -> None:
        hosts = api_hosts(settings(app("1", cloud=name)))
        assert hosts["powerbi"] == f"{CLOUDS[name].powerbi_url}/v1.0/myorg"
        assert hosts["graph"] == f"{CLOUDS[name].graph_url}/v1.0"
        assert ("fabric" in hosts) is bool(CLOUDS[name].fabric_url)

    def test_with_api_url_all_are_below_it(self) -> None:
        hosts = api_hosts(settings(app("1", api_url="https://localhost:8443", cloud="china")))
        assert {url.partition("/v1")[0] for url in hosts.values()} == {"https://localhost:8443"}
        assert "fabric" in hosts


def test_its_settings_reach_the_transport(tmp_path: Path) -> None:
    options: dict[str, t.Any] = app("1", timeout=7, retry_timeout=33, proxy="http://u:p@proxy.test:3128")
    session = open_session([ConfigSource("option", options, True)], {"HTTPS_PROXY": "http://other.test:1"})
    assert session.transport.timeout == 7
    assert session.sender.policy.budget == 33
    assert session.transport._proxies.display == "proxy.test:3128"
    session.close()


def test_the_quota_is_that_of_the_tokens_identity() -> None:
    """A tenant as domain or GUID, and a token that is passed in: one app has one quota."""
    token = access_token(oid="33333333-3333-3333-3333-333333333333")
    passed = settings({"access_token": token})
    of_guid, of_domain = settings(app("1")), settings(app("1", tenant_id="contoso.example"))
    assert (
        len({quota_identity(of_guid, Secret(token)), quota_identity(of_domain, Secret(token)), quota_identity(passed)})
        == 1
    )
    assert quota_identity(of_guid, Secret(access_token(oid="another"))) != quota_identity(of_guid, Secret(token))
    assert quota_identity(of_guid, Secret("opaque")) != quota_identity(of_domain, Secret("opaque"))


def test_the_quota_of_a_session_is_found_by_the_token_of_its_first_request() -> None:
    session = open_session([ConfigSource("option", app("1"), True)], {})
    assert "tid-of-token" not in session._quota_identity()
    session.tokens.issued_secrets.append(Secret(access_token(tid="tid-of-token")))
    assert "tid-of-token" in session._quota_identity()
