# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Control paths are for programs of this machine: not for web pages, nor for expressions that hang a server."""

from __future__ import annotations

import random
import re
import time

import pytest
import requests

from conftest import Emulator
from powerbi_emulator.path_pattern import PathPattern, PatternError

JSON = "application/json"


def port_of(emulator: Emulator) -> str:
    return emulator.url.rpartition(":")[2]


def test_control_paths_are_on_the_tls_port_only(emulator: Emulator) -> None:
    plain = emulator.identity_env["IDENTITY_ENDPOINT"].split("/msi")[0]
    for method, path in (("GET", "requests"), ("GET", "tenant"), ("POST", "reset"), ("DELETE", "faults")):
        answer = requests.request(method, f"{plain}/_emulator/{path}", timeout=10)
        assert answer.status_code == 404
        assert "over TLS only" in answer.json()["error"]


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8443",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "x@localhost",
        "",
    ],
)
def test_other_hosts_are_refused(emulator: Emulator, host: str) -> None:
    answer = emulator.request("GET", "/_emulator/tenant", headers={"Host": host})
    assert answer.status_code in (400, 403)  # 400: the server itself refuses an empty host
    assert "domain" not in answer.text


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "LOCALHOST"])
def test_the_loopback_address_is_taken(emulator: Emulator, host: str) -> None:
    headers = {"Host": f"{host}:{port_of(emulator)}"}
    assert emulator.request("GET", "/_emulator/tenant", headers=headers).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:{port}", "https://localhost:1"])
def test_pages_of_other_origins_are_refused(emulator: Emulator, origin: str) -> None:
    headers = {"Origin": origin.replace("{port}", port_of(emulator)), "Content-Type": JSON}
    answer = emulator.request("POST", "/_emulator/reset", headers=headers)
    assert answer.status_code == 403
    assert emulator.request("GET", "/_emulator/requests", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_the_own_origin_is_taken(emulator: Emulator) -> None:
    headers = {"Origin": emulator.url, "Sec-Fetch-Site": "same-origin"}
    assert emulator.request("POST", "/_emulator/reset", headers=headers).status_code == 204


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", None]
)
def test_only_json_is_taken(emulator: Emulator, content_type: str | None) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    answer = emulator.request("PATCH", "/_emulator/tenant", data=b'{"page_size": 1}', headers=headers)
    assert answer.status_code == 415
    assert "curl: use --json" in answer.json()["error"]
    assert emulator.control("GET", "tenant")["page_size"] == 5000
    json = emulator.request(
        "PATCH", "/_emulator/tenant", data=b'{"page_size": 1}', headers={"Content-Type": f"{JSON}; charset=utf-8"}
    )
    assert json.status_code == 200


def test_the_services_have_no_such_rules(emulator: Emulator) -> None:
    headers = {"Origin": "https://portal.example"}
    answer = emulator.request("POST", f"/{emulator.tenant_id}/oauth2/v2.0/token", data={"a": "b"}, headers=headers)
    assert answer.json()["error"] == "invalid_request"


# expressions


@pytest.mark.parametrize("expression", ["^/(a+)+$", "(a|a)*b", "(.*)*(.*)*(.*)*x$", "((a*)*)*b", "(a?){30}a{30}b"])
def test_no_expression_hangs_the_emulator(emulator: Emulator, expression: str) -> None:
    path = "/" + "a" * 3000
    began = time.monotonic()
    emulator.control("POST", "faults", {"path": expression, "status": 503})
    emulator.request("GET", path)
    emulator.session.get(f"{emulator.url}/_emulator/requests", params={"path": expression}, timeout=10)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "expression",
    [
        *("groups$", "^/v1\\.0/myorg/groups$", "/items/[^/]+$", "a{2,3}b", "(ab|cd)*e", "^$", "$", "x?y", "[a-c]+\\d"),
        *(
            "^/(?:[^/]+/)?t$",
            "a{2,}",
            "[]x]",
            "[^]x]",
            "\\w+-\\w",
            "(a|b|)c",
            "^(a|$)",
            "a{0,2}b",
            "(a*)*b",
            "a.c",
            "\\D",
        ),
        *("/token$|authority", "((a{2}){2}){2}", "^[^v]", "a+b*c?", "[a-]", "[\\d.]+", "plain", "{", "a{x}")[:7],
    ],
)
def test_expressions_find_what_python_finds(expression: str) -> None:
    pattern, made = PathPattern(expression), random.Random(expression)
    for _ in range(500):
        text = "".join(made.choice("abcdxyet/12-]v.0") for _ in range(made.randint(0, 9)))
        assert pattern.found_in(text) == bool(re.search(expression, text)), text


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("(", "missing ')'"),
        ("a)", "unbalanced ')'"),
        ("[a", "it ends too early"),
        ("\\", "it ends too early"),
        ("a**", "lazy and possessive"),
        ("a*?", "lazy and possessive"),
        ("(?=a)", "lookaround"),
        ("(?i)a", "lookaround, names and flags"),
        ("\\1", "\\1 is not supported"),
        ("*a", "nothing to repeat"),
        ("a{2", "without a count"),
        ("a{3,2}", "an empty range"),
        ("(((a{99}){99}){99})", "too many repetitions"),
        ("(" * 100 + ")" * 100, "more than 20 groups"),
        ("(" * 15 + "a" + ")*" * 15 + "b" * 400, "too many repetitions"),
        ("x" * 501, "longer than 500"),
    ],
)
def test_expressions_that_are_not_taken(emulator: Emulator, expression: str, message: str) -> None:
    with pytest.raises(PatternError, match=re.escape(message)):
        PathPattern(expression)
    answer = emulator.request("POST", "/_emulator/faults", json={"path": expression, "status": 500})
    assert answer.status_code == 400
    assert message in answer.json()["error"]
    listed = emulator.request("GET", "/_emulator/requests", params={"path": expression})
    assert listed.status_code == 400
