# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logging in with a secret from a file, and with federated tokens."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._auth.methods import acquire
from ansible_collections.community.powerbi.plugins.module_utils._errors import AuthError, ConfigError, PowerBIError
from fakes.config_sources import CLIENT, TENANT, app, settings
from fakes.jwts import jwt
from fakes.login import TOKEN, ScriptedLogin, refusal, scripted_login
from fakes.wire import reply


def sent(path: Path) -> str:
    scripted = scripted_login(TOKEN)
    found = settings(app("1", client_secret=None, client_secret_file=str(path)))
    acquire(found, found.scope, scripted.login)
    return str(scripted.sender.requests[0].form["client_secret"])


@pytest.mark.parametrize("content", ["50%~a.b", "50%~a.b\n", "\n50%~a.b\r\n"])
def test_a_file_holds_it_with_or_without_a_newline(tmp_path: Path, content: str) -> None:
    path = tmp_path / "secret"
    path.write_bytes(content.encode())
    assert sent(path) == "50%~a.b"


@pytest.mark.parametrize(("content", "word"), [(b"", "empty"), (b" \n", "empty"), (b"\xff\xfea\x00", "not text")])
def test_a_file_without_one(tmp_path: Path, content: bytes, word: str) -> None:
    path = tmp_path / "secret"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=word) as caught:
        sent(path)
    assert caught.value.option == "client_secret_file"
    assert str(path) in caught.value.what


def test_an_option_is_sent_as_it_is() -> None:
    scripted = scripted_login(TOKEN)
    found = settings(app("1", client_secret=" with spaces "))
    acquire(found, found.scope, scripted.login)
    assert scripted.sender.requests[0].form["client_secret"] == " with spaces "


def test_a_secret_s_id_in_its_place_is_pointed_at() -> None:
    found = settings(app("1", client_secret="12345678-1234-1234-1234-123456789abc"))
    with pytest.raises(AuthError, match="ID, not its Value") as caught:
        acquire(found, found.scope, scripted_login(refusal(7000215)).login)
    assert "12345678-1234" not in str(caught.value)


IDENTITY: t.Final = {"tenant_id": TENANT + "1", "client_id": CLIENT + "1"}
GITHUB: t.Final = {
    "ACTIONS_ID_TOKEN_REQUEST_URL": "https://pipelines.test/oidc?api-version=2.0",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "job-bearer",
}
AZURE_DEVOPS: t.Final = {"SYSTEM_OIDCREQUESTURI": "https://ado.test/oidc", "SYSTEM_ACCESSTOKEN": "job-bearer"}
OIDC: t.Final = jwt(iss="https://issuer.test", sub="repo:o/r:ref:refs/heads/main", aud="api://AzureADTokenExchange")


def log_in(scripted: ScriptedLogin, *, ambient: t.Mapping[str, str] | None = None, **options: t.Any) -> str:
    """The assertion that was sent to Entra ID."""
    environ = {**scripted.login.environ, **(ambient or {})}
    found = settings({**IDENTITY, **options}, environ=environ)
    acquire(found, found.scope, scripted.login)
    sent = scripted.sender.requests[-1].form["client_assertion"]
    return sent.decode() if isinstance(sent, bytes) else str(sent)


def failure(scripted: ScriptedLogin, **options: t.Any) -> PowerBIError:
    with pytest.raises(PowerBIError) as caught:
        log_in(scripted, **options)
    shown = str(caught.value) + repr(caught.value.to_dict())
    assert "job-bearer" not in shown
    assert OIDC not in shown
    return caught.value


class TestGiven:
    def test_a_token(self) -> None:
        assert log_in(scripted_login(TOKEN), federated_token=OIDC) == OIDC

    def test_line_breaks_are_not_part_of_it(self) -> None:
        assert log_in(scripted_login(TOKEN), federated_token=f"{OIDC[:40]}\n{OIDC[40:]}\n") == OIDC

    @pytest.mark.parametrize("token", ["opaque", "a.b", "a.b.c.d.e"])
    def test_what_is_none(self, token: str) -> None:
        error = failure(scripted_login(), federated_token=token)
        assert isinstance(error, ConfigError)
        assert error.option == "federated_token"
        assert token not in error.what.replace("header.payload.signature", "")

    def test_a_file_is_read_again_because_it_rotates(self, tmp_path: Path) -> None:
        path = tmp_path / "token"
        scripted = scripted_login(TOKEN, TOKEN)
        for number in range(2):
            token = jwt(sub=f"rotation {number}")
            path.write_text(token + "\n")
            assert log_in(scripted, federated_token_file=str(path)) == token

    @pytest.mark.parametrize("content", [b"", b"\n", b"not a token", b"\xff\xfe\x00"])
    def test_a_file_without_a_token(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "token"
        path.write_bytes(content)
        error = failure(scripted_login(), federated_token_file=str(path))
        assert isinstance(error, ConfigError)
        assert error.option == "federated_token_file"
        assert str(path) in error.what
        assert ("is empty" in error.what) is (not content.strip())

    def test_a_file_that_is_not_there(self) -> None:
        assert "/nonexistent/t" in failure(scripted_login(), federated_token_file="/nonexistent/t").what

    def test_a_refusal_shows_the_claims_of_the_token(self) -> None:
        error = failure(scripted_login(refusal(700213)), federated_token=OIDC)
        assert "repo:o/r:ref:refs/heads/main" in error.why
        assert error.details["assertion"]["iss"] == "https://issuer.test"


class TestGithub:
    def test_a_token_for_the_cloud_s_audience(self) -> None:
        scripted = scripted_login({"count": 1, "value": OIDC}, TOKEN, environ=GITHUB)
        assert log_in(scripted) == OIDC
        request = scripted.sender.requests[0]
        assert (request.method, request.url) == ("GET", GITHUB["ACTIONS_ID_TOKEN_REQUEST_URL"])
        assert request.params == {"audience": "api://AzureADTokenExchange"}
        assert request.headers == {"Authorization": "Bearer job-bearer"}

    @pytest.mark.parametrize(
        ("options", "audience"),
        [
            ({"cloud": "china"}, "api://AzureADTokenExchangeChina"),
            ({"cloud": "gcc_high"}, "api://AzureADTokenExchangeUSGov"),
            ({"federated_audience": "api://own"}, "api://own"),
        ],
    )
    def test_another_audience(self, options: dict[str, str], audience: str) -> None:
        scripted = scripted_login({"value": OIDC}, TOKEN, environ=GITHUB)
        log_in(scripted, **options)
        assert scripted.sender.requests[0].params == {"audience": audience}

    def test_each_log_in_asks_anew(self) -> None:
        scripted = scripted_login({"value": OIDC}, TOKEN, {"value": OIDC}, TOKEN, environ=GITHUB)
        log_in(scripted)
        log_in(scripted)
        assert len(scripted.sender.requests) == 4

    def test_a_job_without_the_permission(self) -> None:
        error = failure(scripted_login(), federated_provider="github")
        assert isinstance(error, ConfigError)
        assert "id-token: write" in error.remedy

    @pytest.mark.parametrize(
        "answer",
        [
            *(reply(status, {"message": "no"}) for status in (400, 401, 403, 500)),
            *(reply(200, content=content) for content in (b"", b"<html>", b"[]", b"null", b"{}", b'{"value": 5}')),
            reply(302, content=b"", Location="https://login.test"),
        ],
        ids=lambda answer: f"{answer.status_code} {answer.text}",
    )
    def test_no_token(self, answer: t.Any) -> None:
        error = failure(scripted_login(answer, environ=GITHUB))
        assert isinstance(error, AuthError)
        assert f"GitHub gave no OIDC token (HTTP {answer.status_code})" in error.what
        assert error.retryable is (answer.status_code == 500)


class TestAzureDevops:
    def test_a_token_of_the_service_connection(self) -> None:
        scripted = scripted_login({"oidcToken": OIDC}, TOKEN, environ=AZURE_DEVOPS)
        assert log_in(scripted, service_connection_id="sc") == OIDC
        request = scripted.sender.requests[0]
        assert (request.method, request.url) == ("POST", AZURE_DEVOPS["SYSTEM_OIDCREQUESTURI"])
        assert request.params == {"api-version": "7.1", "serviceConnectionId": "sc"}
        assert request.headers["Authorization"] == "Bearer job-bearer"
        assert request.headers["X-TFS-FedAuthRedirect"] == "Suppress"

    def test_the_connection_that_its_own_task_names(self) -> None:
        environ = {**AZURE_DEVOPS, "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID": "task's"}
        scripted = scripted_login({"oidcToken": OIDC}, TOKEN, environ=environ)
        log_in(scripted)
        assert scripted.sender.requests[0].params["serviceConnectionId"] == "task's"

    def test_without_a_connection(self) -> None:
        error = failure(scripted_login(environ=AZURE_DEVOPS))
        assert error.details["option"] == "service_connection_id"

    def test_a_step_that_did_not_ask_for_its_token(self) -> None:
        error = failure(
            scripted_login(environ={"SYSTEM_OIDCREQUESTURI": "https://ado.test"}), federated_provider="azure_devops"
        )
        assert "SYSTEM_ACCESSTOKEN" in error.remedy

    def test_its_sign_in_page(self) -> None:
        error = failure(scripted_login(reply(302, content=b""), environ=AZURE_DEVOPS), service_connection_id="sc")
        assert "Azure DevOps gave no OIDC token (HTTP 302)" in error.what
        assert "SYSTEM_ACCESSTOKEN" in error.remedy


class TestGitlab:
    @pytest.mark.parametrize("name", ["POWERBI_ID_TOKEN", "AZURE_ID_TOKEN", "AZ_TOKEN", "GITLAB_OIDC_TOKEN"])
    def test_the_job_s_variable(self, name: str) -> None:
        assert log_in(scripted_login(TOKEN, environ={"GITLAB_CI": "true", name: OIDC})) == OIDC

    def test_a_job_without_one(self) -> None:
        assert "id_tokens" in failure(scripted_login(environ={"GITLAB_CI": "true"}), federated_provider="gitlab").remedy


class TestKubernetes:
    def test_a_pod(self, tmp_path: Path) -> None:
        path = tmp_path / "azure-identity-token"
        path.write_text(OIDC)
        environ = {"AZURE_FEDERATED_TOKEN_FILE": str(path), "AZURE_CLIENT_ID": CLIENT + "a", "AZURE_TENANT_ID": TENANT}
        assert log_in(scripted_login(TOKEN, environ=environ)) == OIDC

    def test_a_pod_that_the_webhook_passed_by(self) -> None:
        error = failure(scripted_login(), federated_provider="kubernetes")
        assert "azure.workload.identity/use=true" in error.remedy

    def test_a_file_of_one_s_own(self, tmp_path: Path) -> None:
        path = tmp_path / "token"
        path.write_text(OIDC)
        assert log_in(scripted_login(TOKEN), federated_provider="kubernetes", federated_token_file=str(path)) == OIDC


@pytest.mark.parametrize(("provider", "option"), [("token", "federated_token"), ("file", "federated_token_file")])
def test_a_provider_without_its_token(provider: str, option: str) -> None:
    error = failure(scripted_login(environ=GITHUB), federated_provider=provider)
    assert error.details["option"] == option


def test_auto_by_name_finds_the_pipeline() -> None:
    scripted = scripted_login({"value": OIDC}, TOKEN, environ=GITHUB)
    assert log_in(scripted, auth_method="federated") == OIDC
