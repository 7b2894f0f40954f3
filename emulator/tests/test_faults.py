# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults: each kind reaches the client on the wire, for as many requests as ordered."""

from __future__ import annotations

import concurrent.futures
import socket
import ssl
import time
import typing as t

import pytest
import requests

from conftest import Emulator

GROUPS = "/v1.0/myorg/groups"


def order(emulator: Emulator, **fault: t.Any) -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", emulator.control("POST", "faults", {"path": "/groups", **fault}))


def get(emulator: Emulator) -> requests.Response:
    return emulator.request("GET", GROUPS)


def test_status_with_headers_for_so_many_times(emulator: Emulator) -> None:
    order(emulator, status=429, headers={"Retry-After": "7"}, times=2)
    answers = [get(emulator) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 403]
    assert answers[0].headers["Retry-After"] == "7"
    assert answers[0].json()["message"].endswith("Retry in 7 seconds.")
    assert answers[0].headers["RequestId"]
    assert [entry.get("fault") for entry in emulator.log()] == [1, 1, None]


def test_skip_method_and_order(emulator: Emulator) -> None:
    order(emulator, status=503, method="get", skip=1, times=1)
    order(emulator, status=500, method=["POST", "PUT"])
    assert [get(emulator).status_code for _ in range(3)] == [403, 503, 403]
    assert emulator.request("POST", GROUPS).status_code == 500
    assert [fault["hits"] for fault in emulator.control("GET", "faults")] == [1, 1]
    emulator.control("DELETE", "faults")
    assert emulator.request("POST", GROUPS).status_code == 403


def test_bodies(emulator: Emulator) -> None:
    order(emulator, status=200, body="<html>Log in to the network</html>", times=1)
    order(emulator, status=400, body={"error": {"code": "X"}}, times=1)
    order(emulator, status=502, body="", times=1)
    html, error, nothing = get(emulator), get(emulator), get(emulator)
    assert (html.text, html.headers["content-type"]) == ("<html>Log in to the network</html>", "text/html")
    assert error.json() == {"error": {"code": "X"}}
    assert (nothing.status_code, nothing.content) == (502, b"")


def test_headers_alone_are_added_to_the_real_answer(emulator: Emulator) -> None:
    order(emulator, headers={"X-Extra": "1", "RequestId": "mine"})
    response = emulator.api("GET", "/groups")
    assert (response.status_code, response.headers["X-Extra"], response.headers["RequestId"]) == (200, "1", "mine")


@pytest.mark.parametrize(
    ("status", "error"), [(429, "throttled"), (503, "temporarily_unavailable"), (500, "server_error")]
)
def test_login_fails_in_entras_words(emulator: Emulator, status: int, error: str) -> None:
    order(emulator, path="oauth2", status=status, times=1)
    response = emulator.token_request()
    assert (response.status_code, response.json()["error"]) == (status, error)


def test_code_of_entra_with_another_status(emulator: Emulator) -> None:
    order(emulator, path="oauth2", aadsts=53003, status=403)
    response = emulator.token_request()
    assert (response.status_code, response.json()["suberror"]) == (403, "message_only")


def test_delay(emulator: Emulator) -> None:
    order(emulator, delay=0.3, times=1)
    began = time.monotonic()
    assert get(emulator).status_code == 403
    assert time.monotonic() - began >= 0.3


def test_client_that_gives_up_during_a_delay(emulator: Emulator) -> None:
    order(emulator, delay=1, times=1)
    with pytest.raises(requests.exceptions.ReadTimeout):
        emulator.session.get(f"{emulator.url}{GROUPS}", timeout=0.2)
    assert get(emulator).status_code == 403


@pytest.mark.parametrize("wait", ["fault", "latency"])
def test_reset_of_the_emulator_drops_what_still_waits(emulator: Emulator, wait: str) -> None:
    """It would act on the state after the reset, which belongs to the next test."""
    token = emulator.token()
    if wait == "fault":
        order(emulator, method="POST", delay=0.5)
    else:
        emulator.control("PATCH", "tenant", {"api_latency": 0.5})
    with concurrent.futures.ThreadPoolExecutor() as pool:
        waiting = pool.submit(requests.post, emulator.url + GROUPS, json={"name": "Late"}, **_as(emulator, token))
        while not emulator.log(GROUPS):
            time.sleep(0.01)
        emulator.control("POST", "reset")
        with pytest.raises(requests.exceptions.ConnectionError):
            waiting.result()
    assert emulator.api("GET", "/groups", token, params={"$filter": "name eq 'Late'"}).json()["value"] == []
    entry = next(entry for entry in emulator.log(GROUPS) if entry["method"] == "POST")
    assert (entry["status"], entry["outcome"]) == (None, "dropped by reset")


def _as(emulator: Emulator, token: str) -> dict[str, t.Any]:
    """Of a request on a connection of its own."""
    return {
        "headers": {"Authorization": f"Bearer {token}"},
        "verify": emulator.env["POWERBI_CA_PATH"],
        "proxies": {"all": ""},
        "timeout": 10,
    }


@pytest.mark.parametrize("when", [True, "before", "after"])
def test_reset_before_and_after_the_work(emulator: Emulator, when: t.Any) -> None:
    token = emulator.token()
    order(emulator, method="POST", reset=when, times=1)
    with pytest.raises(requests.exceptions.ConnectionError):
        emulator.api("POST", "/groups", token, json={"name": "Half Done"})
    made = emulator.api("GET", "/groups", token, params={"$filter": "name eq 'Half Done'"}).json()["value"]
    assert len(made) == (1 if when == "after" else 0)
    entry = next(entry for entry in emulator.log() if entry["method"] == "POST" and entry["path"] == GROUPS)
    assert entry["status"] is None
    assert entry["outcome"] == f"reset {'before' if when is True else when}"


def test_reset_is_a_tcp_reset(emulator: Emulator) -> None:
    """Under TLS, Python reports ECONNRESET as an end of file; without, the reset itself is seen."""
    order(emulator, path="/metadata/", reset=True)
    host, port = emulator.identity_env["AZURE_POD_IDENTITY_AUTHORITY_HOST"].removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(b"GET /metadata/identity/oauth2/token HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            connection.recv(1)


@pytest.mark.parametrize(("truncate", "kept"), [(True, None), (10, 10), (0, 0)])
def test_truncated_body(emulator: Emulator, truncate: t.Any, kept: int | None) -> None:
    token = emulator.token()
    whole = emulator.api("GET", "/groups", token).content
    order(emulator, truncate=truncate, times=1)
    context = ssl.create_default_context(cafile=emulator.env["POWERBI_CA_PATH"])
    port = int(emulator.url.rpartition(":")[2])
    with (
        socket.create_connection(("127.0.0.1", port)) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as tls,
    ):
        tls.sendall(f"GET {GROUPS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        received = b""
        while chunk := tls.recv(65536):
            received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    assert f"content-length: {len(whole)}".encode() in head.lower()
    assert body == whole[: len(whole) // 2 if kept is None else kept]


def test_truncated_empty_body(emulator: Emulator) -> None:
    order(emulator, truncate=True, times=1)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        get(emulator)


def test_dripping_body(emulator: Emulator) -> None:
    order(emulator, status=200, body="x" * 100, drip=400, times=1)
    began = time.monotonic()
    assert get(emulator).text == "x" * 100
    assert time.monotonic() - began >= 0.2


def test_work_done_but_the_answer_is_an_error(emulator: Emulator) -> None:
    token = emulator.token()
    order(emulator, method="POST", status=504, acted=True, times=1)
    assert emulator.api("POST", "/groups", token, json={"name": "Timed Out"}).status_code == 504
    again = emulator.api("POST", "/groups", token, json={"name": "Timed Out"})
    assert again.json()["error"]["code"] == "PowerBIEntityAlreadyExists"


def test_several_rules_at_once(emulator: Emulator) -> None:
    rules = [{"path": "/groups", "status": status, "times": 1} for status in (500, 502)]
    assert [rule["id"] for rule in emulator.control("POST", "faults", rules)] == [1, 2]
    assert [get(emulator).status_code for _ in range(3)] == [500, 502, 403]


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ({}, "`path`"),
        ({"path": "("}, "is no expression for a path: missing ')'"),
        ({"path": "x", "statuz": 1}, "unknown field `statuz`; known: path, method"),
        ({"path": "x", "status": "500"}, "`status`: expected a whole number from 200 to 599"),
        ({"path": "x", "reset": "later"}, "`reset`"),
        ({"path": "x", "times": 0}, "`times`"),
        ({"path": "x", "delay": -1}, "`delay`"),
        ({"path": "x", "headers": []}, "`headers`"),
        ({"path": "x", "method": 1}, "`method`"),
        ([{"path": "x"}, 1], "a JSON object"),
    ],
)
def test_rules_that_are_wrong(emulator: Emulator, rule: t.Any, text: str) -> None:
    response = emulator.request("POST", "/_emulator/faults", json=rule)
    assert response.status_code == 400
    assert text in response.json()["error"]
    assert emulator.control("GET", "faults") == []


def test_faults_do_not_reach_control_routes(emulator: Emulator) -> None:
    emulator.control("POST", "faults", {"path": ".*", "status": 500})
    assert get(emulator).status_code == 500
    emulator.control("POST", "reset")
    assert get(emulator).status_code == 403
