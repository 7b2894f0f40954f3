# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The real msal on a scripted wire: what it is made to send, and what becomes of every kind of answer."""

from __future__ import annotations

import logging
import sys
import time
import typing as t

import jwt
import pytest
import requests

from ansible_collections.community.powerbi.plugins.module_utils._auth import methods, msal_adapter
from ansible_collections.community.powerbi.plugins.module_utils._auth.evidence import login_facts
from ansible_collections.community.powerbi.plugins.module_utils._auth.methods import acquire
from ansible_collections.community.powerbi.plugins.module_utils._errors import (
    AuthError,
    MissingLibraryError,
    PowerBIError,
    TransportError,
)
from ansible_collections.community.powerbi.plugins.module_utils._secret import Secret
from fakes.certificates import chain, pem, rsa_key, thumbprint
from fakes.config_sources import CLIENT, TENANT, app, settings
from fakes.jwts import access_token
from fakes.login import NOW, TOKEN, ScriptedLogin, refusal, scripted_login
from fakes.wire import reply

SCOPE = "https://analysis.windows.net/powerbi/api/.default"
URL = f"https://login.microsoftonline.com/{TENANT}1/oauth2/v2.0/token"


def log_in(scripted: ScriptedLogin, **options: t.Any) -> t.Any:
    found = settings({**app("1"), **options})
    return acquire(found, found.scope, scripted.login)


def failure(*answers: t.Any, **options: t.Any) -> PowerBIError:
    with pytest.raises(PowerBIError) as caught:
        log_in(scripted_login(*answers), **options)
    assert "secret-1" not in str(caught.value) + repr(caught.value.to_dict())
    return caught.value


class TestOneRequest:
    def test_of_a_client_secret(self) -> None:
        scripted = scripted_login(TOKEN)
        token = log_in(scripted)
        assert (token.value, token.expires_on, token.obtained_on) == (Secret("the-token"), NOW + 3599, NOW)
        assert (token.scope, token.source) == (SCOPE, "identity_provider")
        (request,) = scripted.sender.requests
        assert (request.method, request.url, request.idempotent) == ("POST", URL, True)
        assert {name: request.form[name] for name in ("client_id", "client_secret", "grant_type", "scope")} == {
            "client_id": CLIENT + "1",
            "client_secret": "secret-1",
            "grant_type": "client_credentials",
            "scope": SCOPE,
        }

    @pytest.mark.parametrize("authority", ["https://localhost:8443", "https://login.private.example/entra"])
    def test_of_an_authority_that_msal_does_not_know(self, authority: str) -> None:
        scripted = scripted_login(TOKEN)
        log_in(scripted, authority=authority)
        assert [request.url for request in scripted.sender.requests] == [f"{authority}/{TENANT}1/oauth2/v2.0/token"]

    def test_also_when_it_is_refused(self) -> None:
        scripted = scripted_login(refusal(7000222))
        with pytest.raises(AuthError, match="AADSTS7000222"):
            log_in(scripted)
        assert len(scripted.sender.requests) == 1

    def test_also_with_a_region_in_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MSAL_FORCE_REGION", "westeurope")
        monkeypatch.setenv("REGION_NAME", "westeurope")
        scripted = scripted_login(TOKEN)
        log_in(scripted)
        assert scripted.sender.requests[0].url == URL

    def test_nothing_is_replayed_from_an_earlier_refusal(self) -> None:
        """msal would answer a repeated 400 from its own cache for a minute."""
        scripted = scripted_login(refusal(700016, "unauthorized_client", 400), TOKEN)
        with pytest.raises(AuthError):
            log_in(scripted)
        assert log_in(scripted).value == Secret("the-token")

    @pytest.mark.parametrize("cloud", ["gcc", "gcc_high", "dod", "china"])
    def test_of_another_cloud(self, cloud: str) -> None:
        scripted = scripted_login(TOKEN)
        found = settings({**app("1"), "cloud": cloud})
        acquire(found, found.scope, scripted.login)
        assert scripted.sender.requests[0].url.startswith(f"{found.authority}/")
        assert scripted.sender.requests[0].form["scope"] == found.cloud.scope


class TestAnswers:
    @pytest.mark.parametrize(("given", "life"), [(3599, 3599), ("3599", 3599), (86399, 86399), (60, 60), (0, 0)])
    def test_how_long_a_token_lives(self, given: t.Any, life: int) -> None:
        assert log_in(scripted_login({**TOKEN, "expires_in": given})).expires_on == NOW + life

    def test_without_expires_in_the_claims_of_the_token_count(self) -> None:
        answer = {"token_type": "Bearer", "access_token": access_token(life=1800, now=NOW)}
        assert log_in(scripted_login(answer)).expires_on == NOW + 1800

    def test_without_both_it_is_taken_for_a_short_one(self) -> None:
        assert log_in(scripted_login({"token_type": "Bearer", "access_token": "opaque"})).expires_on == NOW + 300

    @pytest.mark.parametrize("given", [None, "soon", [], {}])
    def test_a_life_that_makes_no_sense(self, given: t.Any) -> None:
        error = failure({**TOKEN, "expires_in": given})
        assert "msal could not carry out the login" in error.what

    @pytest.mark.parametrize("body", [{}, {"token_type": "Bearer"}, {"access_token": ""}, {"access_token": None}])
    def test_success_without_a_token(self, body: dict[str, t.Any]) -> None:
        assert isinstance(failure(reply(200, body)), AuthError)

    def test_a_refusal_is_explained_with_its_ids(self) -> None:
        error = failure(refusal(7000215))
        assert isinstance(error, AuthError)
        assert (error.code, error.retryable) == ("7000215", False)
        assert error.correlation_id == "7a4f6a0e-8a56-4a4e-8d5c-0a9a0f0c7d11"
        assert "client_secret" in error.remedy
        assert error.details["auth_source"] == "option"

    def test_a_secret_that_is_echoed_is_not_repeated(self) -> None:
        failure(refusal(7000215, text="Invalid client secret 'secret-1' provided."))

    def test_a_skewed_clock_is_measured(self) -> None:
        answer = refusal(700024)
        answer.headers["Date"] = "Fri, 15 Jan 2027 08:00:00 GMT"  # NOW is 08:00:00, the explainer takes the real time
        error = failure(answer, client_secret=None, federated_token=access_token())
        assert isinstance(error.details["clock_skew"], int)

    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    def test_a_server_s_error_in_json_is_kept(self, status: int) -> None:
        error = failure(refusal(90033, "temporarily_unavailable", status))
        assert isinstance(error, AuthError)
        assert (error.code, error.retryable, error.details["status"]) == ("90033", True, status)

    @pytest.mark.parametrize(
        ("answer", "kind", "word", "retryable"),
        [
            (reply(503, content=b"<html><title>Down</title>", Content_Type="text/html"), AuthError, "HTTP 503", True),
            (reply(503, content=b""), AuthError, "HTTP 503", True),
            (reply(429, content=b"Too Many Requests", Content_Type="text/plain"), AuthError, "HTTP 429", True),
            (reply(429, {"error": "too_many_requests"}), AuthError, "too_many_requests", True),
            (reply(200, content=b"<html><title>Log in"), TransportError, "Log in", None),
            (reply(200, content=b'{"access_token": "secret-1'), TransportError, "HTTP 200", None),
            (reply(200, content=b""), TransportError, "HTTP 200", None),
            (reply(200, content=b"[]"), TransportError, "HTTP 200", None),
            (reply(302, content=b"", Location="https://portal.test"), TransportError, "redirect", None),
            (reply(407, content=b""), TransportError, "HTTP 407", None),
            (reply(404, content=b""), TransportError, "HTTP 404", None),
            (reply(401, content=b""), TransportError, "HTTP 401", None),
            (reply(400, content=b"\xff\xfe"), TransportError, "HTTP 400", None),
        ],
        ids=lambda _value: "",
    )
    def test_what_is_no_oauth_answer(
        self, answer: requests.Response, kind: type[PowerBIError], word: str, retryable: bool | None
    ) -> None:
        error = failure(answer)
        assert error.__class__ is kind
        assert word in str(error)
        if retryable is not None:
            assert t.cast("AuthError", error).retryable is retryable

    def test_no_answer_at_all(self) -> None:
        error = failure(TransportError("Cannot reach login", remedy="check `proxy`"))
        assert str(error).startswith("Cannot reach login")

    def test_entra_s_try_again_is_followed_within_reason(self) -> None:
        again = [refusal(90033, "temporarily_unavailable", 400) for dummy in range(3)]
        scripted = scripted_login(*again[:2], TOKEN)
        assert log_in(scripted).value == Secret("the-token")
        assert scripted.slept == [1.0, 4.0]
        scripted = scripted_login(*again)
        with pytest.raises(AuthError):
            log_in(scripted)
        assert len(scripted.sender.requests) == 3

    @pytest.mark.parametrize("code", [7000215, 7000222, 700016, 50126, 53003, 700027])
    def test_a_wrong_credential_is_never_tried_again(self, code: int) -> None:
        scripted = scripted_login(refusal(code, "invalid_client", 400))
        with pytest.raises(AuthError):
            log_in(scripted)
        assert (len(scripted.sender.requests), scripted.slept) == (1, [])


class TestMsalItself:
    def test_what_it_raises_does_not_show(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import msal

        def broken(*_args: t.Any, **_kwargs: t.Any) -> t.NoReturn:
            raise ValueError("body was secret-1")

        monkeypatch.setattr(msal.ConfidentialClientApplication, "acquire_token_for_client", broken)
        error = failure()
        assert "msal could not carry out the login (ValueError)" in error.what
        assert error.__suppress_context__

    def test_it_logs_nothing(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        failure(reply(200, content=b"<html>secret-1"))
        log_in(scripted_login(TOKEN))
        texts = [record.getMessage() for record in caplog.records]
        assert not [text for text in texts if "secret-1" in text or "the-token" in text]

    def test_it_is_missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "msal", None)
        error = failure()
        assert isinstance(error, MissingLibraryError)
        assert f'{sys.executable} -m pip install "msal>=1.29"' in str(error)

    def test_its_deprecations_are_not_the_user_s(self, recwarn: pytest.WarningsRecorder) -> None:
        log_in(scripted_login(TOKEN), client_secret=None, federated_token=access_token())
        assert [str(warning.message) for warning in recwarn] == []


class TestCertificates:
    @staticmethod
    def assertion(**options: t.Any) -> tuple[dict[str, t.Any], dict[str, t.Any]]:
        """Header and claims of what was sent; its signature is checked."""
        scripted = scripted_login(TOKEN)
        data = pem(rsa_key(), *chain()).decode()
        log_in(scripted, client_secret=None, certificate_data=data, **options)
        (request,) = scripted.sender.requests
        assert request.form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        assert "client_secret" not in request.form
        sent = request.form["client_assertion"]
        header = jwt.get_unverified_header(sent)
        return header, jwt.decode(sent, rsa_key().public_key(), algorithms=[header["alg"]], audience=URL)

    @pytest.fixture(autouse=True)
    def certificates_of_today(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """One set of certificates for a test, valid at the log-in's NOW."""
        made = chain()
        monkeypatch.setattr(sys.modules[__name__], "chain", lambda: made)

    def test_who_asks_whom(self) -> None:
        _header, claims = self.assertion()
        assert (claims["iss"], claims["sub"], claims["aud"]) == (CLIENT + "1", CLIENT + "1", URL)

    def test_by_thumbprint(self) -> None:
        header, _claims = self.assertion()
        assert header["alg"] == "RS256"
        assert bytes.fromhex(thumbprint(chain()[0])) == jwt.utils.base64url_decode(header["x5t"])
        assert "x5c" not in header

    def test_with_the_whole_chain_the_leaf_first(self) -> None:
        header, _claims = self.assertion(send_certificate_chain=True)
        bodies = ["".join(pem(item).decode().splitlines()[1:-1]) for item in chain()]
        assert ["".join(part.split()) for part in header["x5c"]] == bodies
        assert header["x5t"]

    def test_without_a_thumbprint_msal_still_leaves_the_issuers_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Why certificates are named by `x5t`. When this fails, the change that docs/architecture.md plans can be made."""
        shape = {"private_key": pem(rsa_key()).decode(), "public_certificate": pem(*chain()).decode()}
        monkeypatch.setattr(methods, "_msal_credential", lambda *_: shape)
        header, _claims = self.assertion(send_certificate_chain=True)
        assert (header["alg"], "x5t#S256" in header, "x5t" in header) == ("PS256", True, False)
        sent = header.get("x5c", [])
        assert len([sent] if isinstance(sent, str) else sent) < len(chain())

    def test_a_chain_that_is_not_there(self) -> None:
        error = failure(
            client_secret=None,
            certificate_data=pem(rsa_key()).decode(),
            certificate_thumbprint="A" * 40,
            send_certificate_chain=True,
        )
        assert error.details["option"] == "send_certificate_chain"


class TestManagedIdentity:
    IMDS: t.ClassVar = {"access_token": "the-token", "expires_in": "86000", "resource": "r", "token_type": "Bearer"}

    def log_in(self, *answers: t.Any, **options: t.Any) -> ScriptedLogin:
        scripted = scripted_login(*answers)
        found = settings({"auth_method": "managed_identity", **options})
        token = acquire(found, found.scope, scripted.login)
        assert token.value == Secret("the-token")
        assert token.expires_on == pytest.approx(NOW + 86000, abs=5)
        return scripted

    def test_of_the_system(self) -> None:
        (request,) = self.log_in(self.IMDS).sender.requests
        assert request.url == "http://169.254.169.254/metadata/identity/oauth2/token"
        assert request.headers["Metadata"] == "true"
        assert request.params == {"api-version": "2018-02-01", "resource": SCOPE[: -len("/.default")]}

    @pytest.mark.parametrize(
        ("option", "parameter"),
        [
            ("client_id", "client_id"),
            ("managed_identity_object_id", "object_id"),
            ("managed_identity_resource_id", "msi_res_id"),
        ],
    )
    def test_of_a_user(self, option: str, parameter: str) -> None:
        (request,) = self.log_in(self.IMDS, **{option: "it"}).sender.requests
        assert request.params[parameter] == "it"

    def test_of_an_app_service_whose_header_is_a_secret(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("IDENTITY_ENDPOINT", "http://127.0.0.1:41741/msi/token/")
        monkeypatch.setenv("IDENTITY_HEADER", "identity-header-secret")
        (request,) = self.log_in({**self.IMDS, "expires_on": str(int(time.time()) + 86000)}).sender.requests
        assert request.url == "http://127.0.0.1:41741/msi/token/"
        assert request.headers["X-IDENTITY-HEADER"] == "identity-header-secret"
        found = settings({"auth_method": "managed_identity"})
        answer = reply(500, content=b"identity-header-secret is wrong")
        with pytest.raises(AuthError, match="HTTP 500") as caught:
            acquire(found, found.scope, scripted_login(answer).login)
        assert "identity-header-secret" not in str(caught.value) + repr(caught.value.to_dict())

    def test_two_names_for_one(self) -> None:
        found = settings({"auth_method": "managed_identity", "client_id": "a", "managed_identity_object_id": "b"})
        with pytest.raises(PowerBIError, match="client_id and managed_identity_object_id are both given"):
            acquire(found, found.scope, scripted_login().login)

    @pytest.mark.parametrize("status", [404, 410])
    def test_a_metadata_service_that_is_being_updated_is_waited_for(self, status: int) -> None:
        updating = [reply(status, {"error": "x"}) for dummy in range(4)]
        scripted = self.log_in(*updating[:2], self.IMDS)
        assert scripted.slept == [1.0, 4.0]
        found = settings({"auth_method": "managed_identity"})
        scripted = scripted_login(*updating)
        with pytest.raises(PowerBIError):
            acquire(found, found.scope, scripted.login)
        assert (len(scripted.sender.requests), sum(scripted.slept)) == (4, 15.0)

    def test_one_that_is_not_there(self) -> None:
        found = settings({"auth_method": "managed_identity"})
        answer = reply(400, {"error": "invalid_request", "error_description": "Identity not found"})
        with pytest.raises(AuthError, match=r"Identity not found|managed identity") as caught:
            acquire(found, found.scope, scripted_login(answer).login)
        assert not caught.value.retryable


class TestDeviceCode:
    FLOW: t.ClassVar = {
        "user_code": "ABCD-EFGH",
        "device_code": "device-code-that-is-secret",
        "verification_uri": "https://microsoft.com/devicelogin",
        "expires_in": 900,
        "interval": 0,
        "message": "To sign in, open https://microsoft.com/devicelogin and enter ABCD-EFGH.",
    }

    @pytest.fixture(autouse=True)
    def no_waiting(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("time.sleep", lambda _seconds: None)

    @staticmethod
    def log_in(scripted: ScriptedLogin) -> t.Any:
        found = settings({"auth_method": "device_code", "tenant_id": TENANT + "1", "client_id": CLIENT + "1"})
        return acquire(found, found.scope, scripted.login)

    def test_the_prompt_is_shown_before_the_wait(self) -> None:
        pending = reply(400, {"error": "authorization_pending", "error_description": "AADSTS70016: pending"})
        scripted = scripted_login(self.FLOW, pending, TOKEN)
        assert self.log_in(scripted).value == Secret("the-token")
        assert scripted.prompts == [self.FLOW["message"]]
        assert [request.url.rpartition("/")[2] for request in scripted.sender.requests] == [
            "devicecode",
            "token",
            "token",
        ]

    def test_other_providers_leave_the_words_to_us(self) -> None:
        scripted = scripted_login({key: value for key, value in self.FLOW.items() if key != "message"}, TOKEN)
        self.log_in(scripted)
        assert "ABCD-EFGH" in scripted.prompts[0]
        assert "https://microsoft.com/devicelogin" in scripted.prompts[0]

    @pytest.mark.parametrize("error", ["authorization_declined", "expired_token", "bad_verification_code"])
    def test_a_person_who_does_not(self, error: str) -> None:
        with pytest.raises(AuthError) as caught:
            self.log_in(scripted_login(self.FLOW, reply(400, {"error": error, "error_description": "AADSTS0: x"})))
        assert "device-code-that-is-secret" not in str(caught.value)

    def test_an_app_that_may_not(self) -> None:
        with pytest.raises(AuthError, match="AADSTS7000218"):
            self.log_in(scripted_login(refusal(7000218)))

    def test_where_it_can_not_be_shown(self) -> None:
        scripted = scripted_login(can_prompt=False)
        with pytest.raises(PowerBIError, match="can't show its prompt"):
            self.log_in(scripted)
        assert scripted.sender.requests == []


class TestPassword:
    OPTIONS: t.ClassVar = {
        "auth_method": "password",
        "tenant_id": TENANT + "1",
        "client_id": CLIENT + "1",
        "username": "ann@contoso.example",
        "password": "hunter2-hunter2",
    }

    def test_after_the_user_s_realm(self) -> None:
        scripted = scripted_login({"account_type": "Managed"}, TOKEN)
        found = settings({**self.OPTIONS, "authority": "https://localhost:8443"})
        assert acquire(found, found.scope, scripted.login).value == Secret("the-token")
        realm, token = scripted.sender.requests
        assert realm.url.startswith("https://localhost:8443/common/userrealm/")
        assert token.form["password"] == "hunter2-hunter2"

    def test_a_refusal_does_not_show_it(self) -> None:
        found = settings(self.OPTIONS)
        answer = refusal(50126, "invalid_grant", 400, "bad password hunter2-hunter2")
        with pytest.raises(AuthError, match="AADSTS50126") as caught:
            acquire(found, found.scope, scripted_login({"account_type": "Managed"}, answer).login)
        assert "hunter2" not in str(caught.value) + repr(caught.value.to_dict())

    @pytest.mark.parametrize("missing", ["username", "password"])
    def test_half_of_it(self, missing: str) -> None:
        with pytest.raises(PowerBIError, match=r"username .*password"):
            log_in(scripted_login(), **{**self.OPTIONS, "client_secret": None, missing: None})


def test_no_way_to_log_in_is_forgotten() -> None:
    from ansible_collections.community.powerbi.plugins.module_utils._auth.methods import METHODS
    from ansible_collections.community.powerbi.plugins.module_utils._settings.options import (
        AUTH_METHODS,
        METHOD_OPTIONS,
    )

    assert {*METHODS, "auto"} == set(AUTH_METHODS)
    assert METHODS.keys() == METHOD_OPTIONS.keys()


def test_an_app_object_asks_for_nothing_by_itself() -> None:
    """msal's constructor would fetch the OpenID configuration."""
    scripted = scripted_login()
    found = settings(app("1"))
    with pytest.raises(PowerBIError):
        msal_adapter.client_credentials(found, SCOPE, scripted.login, "secret-1", login_facts(found, SCOPE))
    assert [request.method for request in scripted.sender.requests] == ["POST"]
