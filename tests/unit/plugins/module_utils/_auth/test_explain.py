# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._auth import explain as module
from ansible_collections.community.powerbi.plugins.module_utils._auth.entra_codes import BY_CODE, OAUTH_ERRORS, entry_of
from ansible_collections.community.powerbi.plugins.module_utils._auth.explain import (
    LoginFacts,
    assertion_facts,
    explain,
    explain_plain,
    secret_facts,
)
from ansible_collections.community.powerbi.plugins.module_utils._errors import AuthError, TransportError

TENANT = "11111111-1111-1111-1111-111111111111"
CLIENT = "22222222-2222-2222-2222-222222222222"
TRACE = "0f1d6b3c-3f0b-4a43-9d0d-6f2a4e3b1c00"
CORRELATION = "7a4f6a0e-8a56-4a4e-8d5c-0a9a0f0c7d11"
TIMESTAMP = "2025-11-24 16:05:00Z"
DATE = "Mon, 24 Nov 2025 16:05:00 GMT"
SERVER_NOW = 1764000300  # the same instant
SECRET = "kX98Q~abcdEFGH1234567890.zyxwvutsrqponml"

FACTS = LoginFacts(
    method="client_secret",
    tenant_id=TENANT,
    client_id=CLIENT,
    authority="login.microsoftonline.com",
    cloud="public",
    auth_source="env:AZURE_*",
    scope="https://analysis.windows.net/powerbi/api/.default",
)
CERTIFICATE = FACTS._replace(method="certificate", auth_source="option")
ASSERTION = {
    "iss": "https://token.actions.githubusercontent.com",
    "sub": "repo:contoso/bi:ref:refs/heads/main",
    "aud": "api://AzureADTokenExchange",
    "exp": SERVER_NOW + 240,
}
FEDERATED = FACTS._replace(method="federated", auth_source="workload_identity:github", assertion=ASSERTION)


def answer(code: int, sentence: str, error: str = "invalid_client", separator: str = " ", **more: object) -> dict:
    """An error body as Entra ID serves it, keys in its order."""
    ids = (f"Trace ID: {TRACE}", f"Correlation ID: {CORRELATION}", f"Timestamp: {TIMESTAMP}")
    return {
        "error": error,
        "error_description": separator.join((f"AADSTS{code}: {sentence}", *ids)),
        "error_codes": [code],
        "timestamp": TIMESTAMP,
        "trace_id": TRACE,
        "correlation_id": CORRELATION,
        "error_uri": f"https://login.microsoftonline.com/error?code={code}",
        **more,
    }


WRONG_SECRET = (
    "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the "
    f"client secret ID, for a secret added to app '{CLIENT}'."
)


# -- known codes


@pytest.mark.parametrize("separator", [" ", "\r\n"])
def test_a_known_code_becomes_what_why_remedy_and_ids_in_one_line(separator):
    error = explain(answer(7000215, WRONG_SECRET, separator=separator), status=401, facts=FACTS)
    assert str(error) == (
        "Entra ID refused the client secret (AADSTS7000215). The secret's ID was given instead of its Value, the value "
        "was cut or changed on its way (by a shell, a template or a vault), or it was created seconds ago and not all of "
        f"Entra ID knows it yet. Used: client_id {CLIENT} in tenant_id {TENANT} at login.microsoftonline.com (cloud "
        "public) with auth_method client_secret from env:AZURE_*. Remedy: give the Value, not the Secret ID, of a secret "
        "of this app in client_secret or client_secret_file, and read it from the vault again; when it is lost, create a "
        "new one: Entra admin center > App registrations > the app > Certificates & secrets, or az ad app credential "
        f"reset --append --id {CLIENT}. For support: correlation id {CORRELATION}, timestamp {TIMESTAMP}."
    )
    assert error.to_dict() | {"what": "", "why": "", "remedy": ""} == {
        "kind": "auth",
        "what": "",
        "why": "",
        "remedy": "",
        "code": "7000215",
        "retryable": False,
        "correlation_id": CORRELATION,
        "trace_id": TRACE,
        "timestamp": TIMESTAMP,
        "oauth_error": "invalid_client",
        "status": 401,
        "retry": "after_change",
        "retry_after": 60,
        "description": " ".join(answer(7000215, WRONG_SECRET)["error_description"].split()),
        "auth_source": "env:AZURE_*",
        "clock_skew": error.details["clock_skew"],
    }


@pytest.mark.parametrize(
    "facts", [FACTS, CERTIFICATE, FEDERATED, LoginFacts("password")], ids=lambda facts: facts.method
)
def test_every_code_of_the_table_is_explained_in_one_printable_line(facts):
    for code in BY_CODE:
        entry = entry_of(code, facts.method)
        body = answer(int(code), "A message of Entra ID.", (*entry.errors, "invalid_request")[0], "\r\n")
        error = explain(body, status=400, facts=facts, server_time=DATE, now=SERVER_NOW + 1)
        assert error.code == code
        assert error.what == f"{entry.what} (AADSTS{code})"
        assert error.why and error.remedy, code
        assert str(error).isprintable() and str(error).isascii(), code
        assert ".." not in str(error)
        assert error.retryable == (entry.retry.when == "yes"), code
        assert {"CLIENT_ID", "TENANT_ID", "CREDENTIAL"}.isdisjoint(error.remedy.split()) or not facts.client_id, code
        assert json.loads(json.dumps(error.to_dict())) == error.to_dict(), code


def test_ids_are_read_from_the_text_where_only_that_is_there():
    """As az prints it, and as older servers answer."""
    text = (
        "ERROR: "
        + answer(7000222, "The provided client secret keys are expired.", separator="\r\n")["error_description"]
    )
    error = explain({"error_description": text}, status=None, facts=FACTS)
    assert (error.code, error.correlation_id, error.timestamp) == ("7000222", CORRELATION, TIMESTAMP)
    assert error.details["trace_id"] == TRACE


def test_of_several_codes_the_first_with_a_meaning_counts():
    body = answer(70002, "Error validating credentials. AADSTS50012: Invalid client secret is provided.")
    assert explain(body, status=401, facts=FACTS).code == "50012"
    body["error_codes"] = [70002, 50012]
    assert explain(body, status=401, facts=FACTS).code == "50012"
    body["error_codes"] = [7000222, 7000215]
    assert explain(body, status=401, facts=FACTS).code == "7000222"


def test_the_servers_sentence_is_quoted_without_code_and_ids_where_it_names_the_particular():
    sentence = "The request body must contain the following parameter: 'scope'."
    error = explain(answer(900144, sentence, "invalid_request"), status=400, facts=FACTS)
    assert f'The server returned: "{sentence}"' in str(error)
    assert "Trace ID" not in str(error)
    long = explain(answer(900144, "word " * 200, "invalid_request"), status=400, facts=FACTS)
    assert '..."' in long.why and len(long.why) < 700


def test_the_scope_is_shown_where_it_is_at_fault():
    error = explain(
        answer(500011, "The resource principal was not found.", "invalid_resource"), status=400, facts=FACTS
    )
    assert f"The scope was {FACTS.scope}." in error.why


def test_suberror_is_kept():
    body = answer(53003, "Access has been blocked.", "access_denied", suberror="message_only")
    assert explain(body, status=400, facts=FACTS).details["suberror"] == "message_only"


@pytest.mark.parametrize(("code", "after"), [(50196, 60), (90033, None)])
def test_passing_faults_are_retryable(code, after):
    error = explain(answer(code, "Busy.", "temporarily_unavailable"), status=503, facts=FACTS)
    assert error.retryable and error.details.get("retry_after") == after
    assert CLIENT not in error.why, "the identity is not the reason"


# -- the form of secrets and ids


@pytest.mark.parametrize(
    ("secret", "may_be_id", "outer_whitespace"),
    [
        (SECRET, False, False),
        ("33333333-3333-3333-3333-333333333333", True, False),
        ("33333333-3333-3333-3333-333333333333\n", True, True),
        (f" {SECRET}", False, True),
    ],
)
def test_secret_facts(secret, may_be_id, outer_whitespace):
    assert secret_facts(secret) == {
        "secret_may_be_id": may_be_id,
        "secret_has_outer_whitespace": outer_whitespace,
    }


def test_a_secret_id_in_place_of_the_value_is_said_and_not_shown():
    secret = "33333333-3333-3333-3333-333333333333"
    body = answer(7000215, f"Invalid client secret provided: '{secret}'.")
    error = explain(body, status=401, facts=FACTS._replace(**secret_facts(secret)), secrets=[secret])
    assert "The client secret that was given is a GUID: that is the secret's ID, not its Value." in error.why
    assert "created seconds ago" not in error.why, "the cause is known"
    assert secret not in json.dumps(error.to_dict()) + str(error)


def test_white_space_around_the_secret_is_said():
    error = explain(answer(7000215, WRONG_SECRET), status=401, facts=FACTS._replace(**secret_facts(f"{SECRET}\n")))
    assert "begins or ends with white space" in error.why


@pytest.mark.parametrize(
    ("code", "changes", "said"),
    [
        (700016, {"client_id": TENANT}, "client_id and tenant_id have the same value"),
        (700016, {"client_id": "{{ pbi_client_id }}"}, "client_id is '{{ pbi_client_id }}': a template"),
        (700016, {"client_id": "deploy-app"}, "client_id is deploy-app, but the Application (client) ID is a GUID"),
        (700016, {"client_id": ""}, "client_id is empty: the variable behind it has no value"),
        (900023, {"tenant_id": "${TENANT}"}, "tenant_id is '${TENANT}': a template"),
        (900023, {"tenant_id": f"{TENANT} "}, "or a stray character"),
        (50059, {"tenant_id": ""}, "tenant_id is empty"),
        (90002, {"tenant_id": "None"}, "tenant_id is None: the variable behind it has no value"),
    ],
)
def test_ids_that_can_be_none_are_named(code, changes, said):
    error = explain(answer(code, "x", "invalid_request"), status=400, facts=FACTS._replace(**changes))
    assert said in error.why
    assert BY_CODE[str(code)].why not in error.why, "the cause is known"


def test_the_secret_given_as_client_id_is_not_shown_either():
    body = answer(700016, f"Application with identifier '{SECRET}' was not found in the directory 'Contoso'.")
    error = explain(body, status=400, facts=FACTS._replace(client_id=SECRET))
    assert SECRET not in json.dumps(error.to_dict()) + str(error)
    assert "client_id is a text of 40 characters that may be a secret" in error.why


# -- federated credentials


@pytest.mark.parametrize("code", [70021, 700211, 700212, 7002121, 700213, 7002137, 7002138])
def test_a_mismatch_shows_what_the_federated_credential_must_have(code):
    error = explain(answer(code, "No matching federated identity record found."), status=401, facts=FEDERATED)
    assert (
        f"A federated credential of the app must have exactly issuer {ASSERTION['iss']}, subject {ASSERTION['sub']} and "
        f"audience {ASSERTION['aud']} (the token's iss, sub and aud; it expires 2025-11-24T16:09:00Z)."
    ) in error.why
    assert f"az ad app federated-credential list --id {CLIENT}" in error.remedy
    assert error.details["assertion"] == ASSERTION


@pytest.mark.parametrize("missing", [["exp"], ["iss"], ["sub"], ["aud"], ["iss", "exp"]])
def test_the_credential_needs_three_claims_of_the_assertion(missing):
    claims = {name: value for name, value in ASSERTION.items() if name not in missing}
    why = explain(answer(700213, "Subject."), status=401, facts=FEDERATED._replace(assertion=claims)).why
    assert ("must have exactly issuer" in why) == (missing == ["exp"])
    assert ("The token has " in why) == (missing != ["exp"])


def test_an_unknown_7002_code_shows_it_too():
    error = explain(answer(7002999, "Something new about federation."), status=401, facts=FEDERATED)
    assert f"must have exactly issuer {ASSERTION['iss']}" in error.why


def test_another_audience_than_the_clouds_is_said():
    facts = FEDERATED._replace(cloud="gcc_high", assertion={**ASSERTION, "aud": ["api://AzureADTokenExchange"]})
    error = explain(answer(700212, "Audience."), status=401, facts=facts)
    assert "audience api://AzureADTokenExchange (" in error.why
    assert "The usual audience in this cloud is api://AzureADTokenExchangeUSGov." in error.why


def test_immutable_subjects_of_github_are_recognised():
    facts = FEDERATED._replace(assertion={**ASSERTION, "sub": "repo:contoso@123/bi@456:ref:refs/heads/main"})
    assert "GitHub's immutable ids" in explain(answer(700213, "Subject."), status=401, facts=facts).why
    assert "immutable ids" not in explain(answer(700213, "Subject."), status=401, facts=FEDERATED).why


def test_without_a_readable_token_the_server_is_quoted():
    facts = FEDERATED._replace(assertion={})
    error = explain(answer(700213, "No matching record for subject 'repo:a/b:ref:x'."), status=401, facts=facts)
    assert "The server returned: \"No matching record for subject 'repo:a/b:ref:x'.\"" in error.why


def test_only_four_claims_of_an_assertion_ever_leave_it():
    claims = {**ASSERTION, "actor": "another-user", "repository_owner": "contoso", "jti": "x"}
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    assert assertion_facts(f"eyJhbGciOiJSUzI1NiJ9.{payload}.c2ln") == ASSERTION
    error = explain(answer(700213, "Subject."), status=401, facts=FEDERATED._replace(assertion=claims))
    assert error.details["assertion"] == ASSERTION
    assert "another-user" not in str(error)


@pytest.mark.parametrize("token", ["", "opaque", "a.b.c", "a.b.c.d.e"])
def test_an_unreadable_assertion_gives_no_facts(token):
    assert assertion_facts(token) == {}


def test_claims_with_line_breaks_stay_in_the_line():
    facts = FEDERATED._replace(assertion={**ASSERTION, "sub": "a\r\nfatal: \x1b[31mfake"})
    assert str(explain(answer(700213, "Subject."), status=401, facts=facts)).isprintable()


# -- clock skew or a stale token


@pytest.mark.parametrize("code", [700024, 500133])
@pytest.mark.parametrize(
    ("facts", "ahead", "said"),
    [
        (CERTIFICATE, -4000, "Clock skew: the clock of this machine is 4000 s behind Entra ID's."),
        (CERTIFICATE, 900, "Clock skew: the clock of this machine is 900 s ahead of Entra ID's."),
        (CERTIFICATE, 2, "No clock skew (the clock of this machine is 2 s ahead of Entra ID's), so the assertion was"),
        (
            FEDERATED._replace(assertion={**ASSERTION, "exp": SERVER_NOW - 300}),
            0,
            "Stale token: it had expired 300 s before Entra ID got it, and the clocks agree.",
        ),
        (
            FEDERATED._replace(assertion={**ASSERTION, "exp": SERVER_NOW - 300}),
            -600,
            "Stale token: it had expired 300 s before Entra ID got it; besides, the clock of this machine is 600 s behind",
        ),
        (FEDERATED, 0, "Clock skew: by Entra ID's clock the token has 240 s left, so it is not valid yet"),
        (FEDERATED._replace(assertion={}), 700, "Clock skew, if the token was made on this machine"),
    ],
)
def test_the_servers_clock_distinguishes_skew_from_staleness(code, facts, ahead, said):
    body = answer(code, "Client assertion is not within its valid time range.")
    error = explain(body, status=401, facts=facts, server_time=DATE, now=SERVER_NOW + ahead)
    assert said in error.why
    assert error.details["clock_skew"] == ahead
    assert error.details["retry"] == "fresh_assertion" and not error.retryable


def test_without_a_date_header_the_answers_own_timestamp_counts():
    body = answer(700024, "Client assertion is not within its valid time range.")
    for date in (None, "", "yesterday"):
        error = explain(body, status=401, facts=CERTIFICATE, server_time=date, now=SERVER_NOW - 4000)
        assert "4000 s behind" in error.why
    del body["timestamp"]
    body["error_description"] = "AADSTS700024: Client assertion is not within its valid time range."
    error = explain(body, status=401, facts=CERTIFICATE, now=SERVER_NOW - 4000)
    assert BY_CODE["700024"].why in error.why, "nothing is known, so the usual causes"
    assert "clock_skew" not in error.details


# -- what the table lacks


def test_an_unknown_code_gives_error_and_full_text_and_no_guess():
    body = answer(7999999, "A sentence that is in no table.", separator="\r\n")
    error = explain(body, status=401, facts=FACTS)
    assert error.code == "7999999"
    assert error.what == "login.microsoftonline.com refused to give a token: invalid_client (AADSTS7999999)"
    assert f"AADSTS7999999: A sentence that is in no table. Trace ID: {TRACE} Correlation ID" in error.why
    assert error.remedy == (
        "see https://login.microsoftonline.com/error?code=7999999 for the code, or give the ids below to Microsoft's "
        "support"
    )
    assert not error.retryable
    china = explain(body, status=401, facts=FACTS._replace(cloud="china"))
    assert "https://login.partner.microsoftonline.cn/error?code=7999999" in china.remedy


@pytest.mark.parametrize(
    ("error", "status", "retryable"),
    [
        ("invalid_client", 401, False),
        ("invalid_request", 400, False),
        ("temporarily_unavailable", 400, True),
        ("server_error", 500, True),
        ("something_new", 429, True),
        ("something_new", 502, True),
        ("something_new", 400, False),
    ],
)
def test_for_unknown_codes_error_and_status_decide_about_retries(error, status, retryable):
    assert explain(answer(7999999, "x", error), status=status, facts=FACTS).retryable is retryable


def test_another_provider_is_explained_by_the_standard():
    facts = FACTS._replace(authority="localhost:3000", client_id="ansible", auth_source="option")
    body = {"error": "invalid_client", "error_description": "client authentication failed"}
    error = explain(body, status=401, facts=facts)
    assert error.code == "invalid_client"
    assert error.what == "localhost:3000 refused to give a token: invalid_client"
    assert f"That means that {OAUTH_ERRORS['invalid_client'].meaning}." in error.why
    assert '"client authentication failed"' in error.why
    assert error.remedy.startswith("check client_id and client_secret or client_secret_file, and that option authority")


@pytest.mark.parametrize(
    "body", [{}, {"error": None}, {"error_codes": "7000215"}, {"error_codes": [None, "\r\n", True]}]
)
def test_an_answer_without_a_reason_still_names_the_options(body):
    error = explain(body, status=400, facts=FACTS)
    assert error.what == "login.microsoftonline.com responded with HTTP 400 without a reason"
    assert error.remedy == "check client_secret or client_secret_file and option authority"


def test_a_managed_identity_that_is_not_there():
    body = {"error": "invalid_request", "error_description": "Identity not found"}
    error = explain(body, status=400, facts=LoginFacts("managed_identity", client_id=CLIENT))
    assert error.what == "This machine has no such managed identity"
    assert '"Identity not found"' in error.why
    assert "az vm identity assign" in error.remedy


@pytest.mark.parametrize("value", [None, 7, 1.5, True, ["a\nb"], {"code": "X", "message": "y\x1b[0m"}])
def test_fields_of_any_type_are_survived(value):
    names = ("error", "error_description", "error_codes", "timestamp", "trace_id", "correlation_id", "suberror")
    error = explain(dict.fromkeys(names, value), status=400, facts=FACTS)
    assert str(error).isprintable()


# -- secrets in messages of the server


def test_what_could_echo_a_secret_is_removed_everywhere():
    assertion = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2V4YW1wbGUifQ.c2lnbmF0dXJl"
    body = answer(
        7999999,
        f"Bad body client_secret=hunter2hunter2&client_assertion={assertion} from {SECRET}, my secret spaced  text.",
        suberror=SECRET,
    )
    error = explain(body, status=400, facts=FACTS, secrets=["my secret spaced  text"])
    shown = str(error) + json.dumps(error.to_dict())
    for secret in ("hunter2hunter2", assertion, assertion.split(".")[1], SECRET, "my secret spaced text"):
        assert secret not in shown
    assert CORRELATION in shown and TRACE in shown


def test_a_long_text_is_cut_after_it_was_scrubbed():
    body = {
        "error": "invalid_client",
        "error_description": "x" * 1990 + " client_secret=abcdefghijklmnop" + "y" * 10_000,
    }
    error = explain(body, status=400, facts=FACTS)
    assert "abcdef" not in str(error) and len(str(error)) < 3000


# -- answers that are not OAuth


HOST = "login.microsoftonline.com"


@pytest.mark.parametrize(
    ("status", "content_type", "text", "kind", "said", "options"),
    [
        (
            429,
            "text/plain",
            "Too Many Requests",
            AuthError,
            "limits the requests for tokens (HTTP 429)",
            {"cache", "retry_timeout"},
        ),
        (
            503,
            "text/html",
            "<html><title>Service Unavailable</title>",
            AuthError,
            "titled 'Service Unavailable'",
            {"retry_timeout"},
        ),
        (500, "", "", AuthError, "is not available (HTTP 500)", {"retry_timeout", "proxy"}),
        (407, "text/html", "<html>Proxy Authentication Required", TransportError, "requires a login", {"proxy"}),
        (
            200,
            "text/html; charset=utf-8",
            "\n<!DOCTYPE html><html><head><title>\r\n  Guest Wi-Fi: sign in </title>",
            TransportError,
            "responded instead of login.microsoftonline.com (HTTP 200, an HTML page titled 'Guest Wi-Fi: sign in')",
            {"proxy", "ca_path", "authority"},
        ),
        (403, "text/html", "<html>Blocked", TransportError, "(HTTP 403, an HTML page)", {"proxy", "ca_path"}),
        (200, "", "<html>", TransportError, "an HTML page", {"proxy"}),
        (302, "", "", TransportError, "a redirect", {"proxy", "authority"}),
        (511, "", "", TransportError, "a request to log in to the network", {"proxy"}),
        (200, "application/json", "", TransportError, "sent an empty response (HTTP 200)", {"proxy"}),
        (200, "application/json", '{"access_token":"eyJ0', TransportError, "JSON is cut off or damaged", {"proxy"}),
        (400, "", '{"error":"inv', TransportError, "JSON is cut off or damaged", {"proxy"}),
        (200, "application/json", "[]", TransportError, "sent JSON that is not an OAuth response", {"authority"}),
        (200, "text/plain", "hello", TransportError, "responded in text/plain instead of JSON", {"authority"}),
        (200, "", "hello", TransportError, "responded in an unknown format instead of JSON", {"authority"}),
    ],
)
def test_a_response_that_is_not_oauth_is_described(status, content_type, text, kind, said, options):
    error = explain_plain(status, content_type, text, HOST)
    assert error.__class__ is kind
    assert said in str(error) and HOST in error.what
    for option in options:
        assert option in error.remedy
    assert str(error).isprintable()
    if isinstance(error, AuthError):
        assert error.retryable and error.details["status"] == status
    else:
        assert error.url == HOST and error.sent


def test_of_a_page_only_the_title_is_shown_and_that_scrubbed():
    page = f"<html><head><title>Denied {SECRET}</title></head><body>client_secret=body-secret"
    error = explain_plain(403, "text/html", page, HOST)
    assert "titled 'Denied ***'" in str(error)
    assert "body-secret" not in str(error)


def test_explaining_needs_no_library():
    script = (
        "import sys\n"
        "from ansible_collections.community.powerbi.plugins.module_utils._auth import explain\n"
        "explain.explain({'error': 'invalid_client'}, status=401, facts=explain.LoginFacts('client_secret'))\n"
        "print([n for n in ('jwt', 'msal', 'requests', 'cryptography', 'ansible') if n in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(Path(module.__file__).parents[6])},
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("method", "code", "cause", "remedy"),
    [
        ("device_code", "7000218", "Allow public client flows", "Allow public client flows"),
        ("password", "7000218", "Allow public client flows", "Allow public client flows"),
        ("client_secret", "7000218", "is empty", "client_secret"),
        ("password", "7000216", "is empty", "client_secret"),
        ("password", "53003", "second factor", "User sign-ins"),
        ("device_code", "53003", "second factor", "User sign-ins"),
        ("client_secret", "53003", "address", "Service principal sign-ins"),
        ("client_secret", "500014", "disabled", "Enterprise applications"),
        ("password", "50053", "wrong password", "wait some minutes"),
        ("password", "50055", "new one", "change the password"),
        ("password", "50057", "disabled", "Account status"),
        ("password", "50072", "multi-factor", "register a method"),
        ("password", "530035", "security defaults", "service principal"),
    ],
)
def test_causes_depend_on_who_logs_in(method, code, cause, remedy):
    error = explain(answer(int(code), "Words.", "invalid_grant", "\r\n"), status=400, facts=LoginFacts(method))
    assert cause in error.why
    assert remedy in error.remedy
