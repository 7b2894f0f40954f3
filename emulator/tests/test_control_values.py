# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Odd values at the control paths: refused with the field and what is allowed, and the emulator goes on working."""

from __future__ import annotations

import json
import typing as t

import pytest

import samples
from conftest import Emulator
from test_fabric_items import FINANCE, result

CAPACITY = "ca900000-0000-4000-8000-00000000000f"
# every control path that takes a body, with a body that it takes
TAKING: dict[str, tuple[str, str, t.Any]] = {
    "faults": ("POST", "faults", {"path": "/x", "status": 500}),
    "tenant": ("PATCH", "tenant", {"page_size": 2}),
    "advance": ("POST", "advance", {"seconds": 1}),
    "reset": ("POST", "reset", {}),
    "device": ("POST", "device/approve", {"user_code": "ABCDEFGHJ"}),
    "oidc": ("POST", "oidc/workload", {"subject": "x"}),
    "capacity": ("PATCH", f"capacities/{CAPACITY}", {"state": "Active"}),
    "definition": ("PATCH", "items/{model}/definition", {"parts": {}}),
    "members": ("PUT", "items/{model}/role-members", {}),
}
DEEP = b"[" * 100_000 + b"]" * 100_000
BODIES: dict[str, tuple[bytes, str]] = {
    "no JSON": (b'{"a": ', "`the body`: expected JSON"),
    "not UTF-8": (b'{"a": "\xff"}', "`the body`: expected JSON"),
    "deep": (b'{"a": ' + DEEP + b"}", "`the body`: expected at most 64 objects and lists in each other"),
    "too deep to write": (b'{"a": ' + b"[" * 70 + b"]" * 70 + b"}", "expected at most 64 objects and lists"),
    "large": (b'{"a": "' + b"x" * (17 << 20) + b'"}', "`the body`: expected at most 16 MiB"),
    "many values": (b"[" + b"0," * 150_000 + b"0]", "`the body`: expected at most 100000 values"),
    "long number": (b'{"a": 1' + b"0" * 400 + b"}", "`a`: expected a number that fits 64 bits"),
    "NaN": (b'{"a": {"b": [1, NaN]}}', "`a.b[1]`: expected a finite number, got nan"),
    "infinite": (b'{"a": 1e999}', "`a`: expected a finite number, got inf"),
    "half a character": (b'{"a": "\\ud800"}', "`a`: expected text that UTF-8 can hold"),
    "a repeated field": (b'{"a": 1, "a": 2}', "`a`: expected each field once"),
    "null": (b"null", ""),
    "a text": (b'"x"', ""),
    "a list": (b"[1]", ""),
    "unknown field": (b'{"colour": 1}', "`colour`; known: "),
}


def path_of(emulator: Emulator, taking: str) -> tuple[str, str]:
    """Method and path; a model is made where the path has one."""
    method, path, _ = TAKING[taking]
    if "{model}" in path:
        body = {"displayName": "Odd", "type": "SemanticModel", "definition": samples.definition(samples.MODEL)}
        answer = emulator.fabric("POST", f"/workspaces/{FINANCE}/items", json=body)
        path = path.replace("{model}", str(result(emulator, answer)["id"]))
    return method, f"/_emulator/{path}"


def refused(emulator: Emulator, method: str, path: str, data: bytes) -> str:
    answer = emulator.request(method, path, data=data, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400, answer.text
    assert list(answer.json()) == ["error"]
    assert emulator.api("GET", "/groups").status_code == 200  # it goes on working
    assert emulator.control("GET", "faults") == []
    return str(answer.json()["error"])


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("taking", TAKING)
def test_bodies_that_no_control_path_takes(emulator: Emulator, taking: str, body: str) -> None:
    if taking == "members" and body == "unknown field":
        pytest.skip("its fields are names of roles")
    data, message = BODIES[body]
    method, path = path_of(emulator, taking)
    assert message in refused(emulator, method, path, data)


FIELDS: list[tuple[str, dict[str, t.Any], str]] = [
    # times
    *[
        ("advance", {"seconds": value}, "`seconds`: expected a number from 0 to")
        for value in (-1, 1e308, True, "1", None)
    ],
    ("advance", {}, "`seconds`: expected a number from 0 to 3155760000, got None"),
    ("faults", {"path": "/x", "delay": 1e308}, "`delay`: expected a number from 0 to 86400, got 1e+308"),
    ("faults", {"path": "/x", "delay": True}, "`delay`: expected a number"),
    ("faults", {"path": "/x", "drip": 1e-300}, "`drip`: expected a number from 0.1"),
    ("faults", {"path": "/x", "drip": -5}, "`drip`: expected a number"),
    ("faults", {"path": "/x", "drip": False}, "`drip`: expected a number"),
    ("tenant", {"operation_time": 1e308}, "`operation_time`: expected a number from 0 to 3155760000"),
    ("tenant", {"api_latency": -1}, "`api_latency`: expected a number from 0"),
    ("tenant", {"clock_skew": -1e300}, "`clock_skew`: expected a number from -3.15576e+09 to 3155760000"),
    ("tenant", {"clock_skew": True}, "`clock_skew`: expected a number"),
    ("oidc", {"lifetime": 1e308}, "`lifetime`: expected a number"),
    ("oidc", {"lifetime": "1 h"}, "`lifetime`: expected a number"),
    # counts
    ("faults", {"path": "/x", "times": -1}, "`times`: expected a whole number from 1"),
    ("faults", {"path": "/x", "times": False}, "`times`: expected a whole number"),
    ("faults", {"path": "/x", "skip": -1}, "`skip`: expected a whole number from 0"),
    ("faults", {"path": "/x", "truncate": -1}, "`truncate`: expected a whole number from 0"),
    ("faults", {"path": "/x", "truncate": 1.5}, "`truncate`: expected a whole number"),
    ("faults", {"path": "/x", "status": True}, "`status`: expected a whole number from 200 to 599"),
    ("faults", {"path": "/x", "status": 199}, "`status`: expected a whole number from 200 to 599"),
    ("faults", {"path": "/x", "aadsts": "53003"}, "`aadsts`: expected a whole number"),
    ("tenant", {"page_size": 0}, "`page_size`: expected a whole number from 1 to"),
    ("tenant", {"page_size": 1.5}, "`page_size`: expected a whole number"),
    ("tenant", {"secret_replicas": 0}, "`secret_replicas`: expected a whole number from 1"),
    ("tenant", {"item_limit": -1}, "`item_limit`: expected a whole number from 0"),
    ("tenant", {"throttle_requests": 1e308}, "`throttle_requests`: expected a whole number from 0"),
    # headers
    (
        "faults",
        {"path": "/x", "headers": {"Retry-After": "1\r\nX-Other: 2"}},
        "`headers.Retry-After`: expected a number, or",
    ),
    ("faults", {"path": "/x", "headers": {"X": "a\nb"}}, "without line breaks"),
    ("faults", {"path": "/x", "headers": {"X": "a\x00"}}, "without line breaks"),
    ("faults", {"path": "/x", "headers": {"X": "\u20ac"}}, "Latin-1"),
    ("faults", {"path": "/x", "headers": {"X": True}}, "`headers.X`: expected a number, or a text"),
    ("faults", {"path": "/x", "headers": {"X": None}}, "`headers.X`: expected a number, or a text"),
    ("faults", {"path": "/x", "headers": {"X": ["a"]}}, "`headers.X`: expected a number, or a text"),
    ("faults", {"path": "/x", "headers": {"X: a\r\nY": "b"}}, "`headers`: expected names of letters"),
    ("faults", {"path": "/x", "headers": {"": "b"}}, "`headers`: expected names of letters"),
    ("faults", {"path": "/x", "headers": {"Content-Length": "x"}}, "use `truncate` or `reset`"),
    ("faults", {"path": "/x", "headers": {"transfer-encoding": "chunked"}}, "use `truncate` or `reset`"),
    ("faults", {"path": "/x", "headers": "Retry-After: 1"}, "`headers`: expected a JSON object"),
    ("tenant", {"operation_url": "https://x\r\nX-Other: 2"}, "`operation_url`: expected a URL"),
    ("tenant", {"client_routing_url": "elsewhere"}, "`client_routing_url`: expected a URL"),
    # types
    ("faults", {"path": None}, "`path`: expected a regular expression"),
    ("faults", {"path": "/x", "method": {}}, "`method`: expected an HTTP method"),
    ("faults", {"path": "/x", "method": 0}, "`method`: expected an HTTP method"),
    ("faults", {"path": "/x", "method": "GTE"}, "`method`: expected an HTTP method or a list of them"),
    ("faults", {"path": "/x", "acted": 1}, "`acted`: expected true or false"),
    ("faults", {"path": "/x", "acted": True}, "`acted`: expected beside status"),
    ("faults", {"path": "/x", "reset": 0}, "`reset`: expected"),
    ("faults", {"path": "/x", "reset": ["before"]}, "`reset`: expected"),
    ("faults", {"path": "/x", "code": ""}, "`code`: expected an API's error code"),
    ("faults", {"path": "/x", "operation_error": {"message": "x"}}, "`operation_error.errorCode`: expected a text"),
    ("faults", {"path": "/x", "operation_error": {"errorCode": "X", "y": 1}}, "unknown field `y`; known: errorCode"),
    ("faults", {"path": "/x", "status": 204, "body": "x"}, "`body`: expected none"),
    ("tenant", {"page_size": None}, "`page_size`: expected a whole number"),
    ("tenant", {"long_running": "false"}, "`long_running`: expected true or false"),
    ("tenant", {"failing_jobs": [1]}, "`failing_jobs[0]`: expected a text"),
    ("tenant", {"upload_storage": "AccountName=x"}, "`upload_storage`: expected a connection string"),
    ("tenant", {"upload_storage_ca": "/nowhere/ca.pem"}, "`upload_storage_ca`: expected a PEM file"),
    ("device", {"user_code": 123456789}, "`user_code`: expected a text"),
    ("device", {"user_code": "ABCDEFGHJ", "upn": ["x"]}, "`upn`: expected a text"),
    ("oidc", {"subject": 1}, "`subject`: expected a text"),
    ("oidc", {"audience": ["a", "b"]}, "`audience`: expected a text"),
    ("oidc", {"claims": [1]}, "`claims`: expected a JSON object"),
    ("oidc", {"claims": {"iss": 1}}, "`claims`: "),
    ("capacity", {"state": 1}, "`state`: expected one of"),
    ("capacity", {"state": ["Active"]}, "`state`: expected one of"),
    ("definition", {"parts": []}, "`parts`: expected a JSON object"),
    ("definition", {"parts": {"a": 1}}, "`parts.a`: expected a text, or null"),
    ("definition", {"parts": {"": "x"}}, "`parts`: expected a text of 1 to"),
    ("definition", {"by": 1}, "`by`: expected a text"),
    ("definition", {"by": "nobody@example"}, "`by`: expected a principal"),
    ("members", {"Reader": "megan"}, "`Reader`: expected a list of texts"),
    ("members", {"Reader": [True]}, "`Reader[0]`: expected a text"),
    ("members", {"Reader": ["a\n\ttablePermission Orders = TRUE()"]}, "`Reader[0]`: expected a text"),
]


@pytest.mark.parametrize(("taking", "fields", "message"), FIELDS)
def test_fields_with_odd_values(emulator: Emulator, taking: str, fields: dict[str, t.Any], message: str) -> None:
    before = emulator.control("GET", "tenant")
    method, path = path_of(emulator, taking)
    assert message in refused(emulator, method, path, json.dumps(fields).encode())
    assert emulator.control("GET", "tenant") == before


@pytest.mark.parametrize(
    ("method", "path", "message"),
    [
        ("GET", "requests?paht=/groups", "unknown query parameter `paht`; known: path"),
        ("GET", "requests?path=a&path=b", "`path`: expected once"),
        ("DELETE", "requests?path=/groups", "unknown query parameter `path`; known: none"),
        ("DELETE", "faults?id=1", "unknown query parameter `id`; known: none"),
        ("POST", "reset?faults", "unknown query parameter `faults`; known: none"),
    ],
)
def test_a_query_that_a_control_path_does_not_take(emulator: Emulator, method: str, path: str, message: str) -> None:
    emulator.api("GET", "/groups")
    answer = emulator.request(method, f"/_emulator/{path}")
    assert (answer.status_code, answer.json()["error"]) == (400, message)
    assert len(emulator.log("/groups$")) == 1


@pytest.mark.parametrize("taking", [name for name in TAKING if name != "device"])
def test_right_bodies_are_taken(emulator: Emulator, taking: str) -> None:
    method, path = path_of(emulator, taking)
    assert emulator.request(method, path, json=TAKING[taking][2]).ok


def test_the_longest_times_are_dates_that_answers_can_hold(emulator: Emulator) -> None:
    century = 3_155_760_000
    emulator.control("PATCH", "tenant", {"clock_skew": century, "token_lifetime": century})
    assert emulator.token_request().json()["error_codes"] == [7000222]  # in a century the secret has expired
    emulator.control("PATCH", "tenant", {"clock_skew": -century})
    assert emulator.token_request().json()["error_codes"] == [7000215]  # and a century ago it was not yet made
    emulator.control("PATCH", "tenant", {"clock_skew": 0, "token_lifetime": 3600, "refresh_time": century})
    assert emulator.control("POST", "advance", {"seconds": century}) == {"done": 0}


@pytest.mark.parametrize("text", ['{"a":' * 100_000, "[" * 100_000])
def test_a_part_that_is_nested_too_deeply_is_a_damaged_file(emulator: Emulator, text: str) -> None:
    method, path = path_of(emulator, "definition")
    body = json.dumps({"parts": {"definition.pbism": text}}).encode()
    assert "the definition would not be valid" in refused(emulator, method, path, body)


def test_the_services_refuse_deep_json_as_damaged(emulator: Emulator) -> None:
    headers = {"Authorization": f"Bearer {emulator.token()}", "Content-Type": "application/json"}
    for path in ("/v1/workspaces", "/v1.0/myorg/groups"):
        answer = emulator.request("POST", path, data=DEEP, headers=headers)
        assert answer.status_code == 400, path
