# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP layer against the emulator, over TLS: each fault ends right or with a clear error, nothing is repeated,
no token leaves its hosts, files arrive."""

from __future__ import annotations

import base64
import contextlib
import os
import threading
import time
import typing as t
import zipfile
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._clock import SystemClock
from ansible_collections.community.powerbi.plugins.module_utils._errors import (
    ApiError,
    OperationFailedError,
    PowerBIError,
    ThrottledError,
    TransportError,
)
from ansible_collections.community.powerbi.plugins.module_utils._http.client import Client
from ansible_collections.community.powerbi.plugins.module_utils._http.hosts import quoted_path
from ansible_collections.community.powerbi.plugins.module_utils._http.upload import MultipartFile, upload_blocks
from ansible_collections.community.powerbi.plugins.module_utils._jobs import Jobs
from ansible_collections.community.powerbi.plugins.module_utils._operation import Operation
from ansible_collections.community.powerbi.plugins.module_utils._polling import fabric_operation, poll_state
from ansible_collections.community.powerbi.plugins.module_utils._secret import Secret
from ansible_collections.community.powerbi.plugins.module_utils._session import open_session
from ansible_collections.community.powerbi.plugins.module_utils._settings.resolve import ConfigSource
from fakes.servers import Connection, Server
from harness.contoso import DEPLOY, connection, identity
from harness.emulator import Emulator

GROUPS = r"/v1\.0/myorg/groups$"
NAME = "Made under fire"


@pytest.fixture
def client(fresh_emulator: Emulator) -> t.Iterator[Client]:
    """A client with short times: one second for a request, five in all."""
    options = {**connection(fresh_emulator), **identity(DEPLOY), "retry_timeout": 5.0, "timeout": 1.0}
    with contextlib.closing(open_session([ConfigSource("option", options, True)], {})) as session:
        yield session.client


def named(emulator: Emulator, client: Client, name: str = NAME) -> int:
    """How many workspaces of that name there are, seen without faults."""
    emulator.clear_faults()
    return sum(group["name"] == name for group in client.pages("/groups", top=100))


# --- faults --------------------------------------------------------------------------------------------------------

PASSING = {
    "429 storm": {"status": 429, "headers": {"Retry-After": "1"}, "times": 2},
    "429 without Retry-After": {"status": 429, "times": 2},
    "503": {"status": 503, "headers": {"Retry-After": "1"}, "times": 1},
}
READS_PASS = {
    "500": {"status": 500, "times": 2},
    "502 page": {"status": 502, "body": "<html>Bad gateway</html>", "times": 1},
    "503 without Retry-After": {"status": 503, "times": 1},
    "reset before": {"reset": "before", "times": 2},
    "reset after": {"reset": "after", "times": 2},
    "truncated": {"truncate": True, "times": 1},
    "slow bytes": {"drip": 20, "times": 1},
    "no answer": {"delay": 1.5, "times": 1},
}


@pytest.mark.parametrize("fault", {**PASSING, **READS_PASS}.values(), ids={**PASSING, **READS_PASS}.keys())
def test_a_read_gets_its_answer(fresh_emulator: Emulator, client: Client, fault: dict[str, t.Any]) -> None:
    client.request("GET", "/capacities")  # the log-in is not part of it
    fresh_emulator.fault(path=GROUPS, method="GET", **fault)
    assert client.request("GET", "/groups").get("value")


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING.keys())
def test_a_write_that_was_refused_unseen_is_repeated(
    fresh_emulator: Emulator, client: Client, fault: dict[str, t.Any]
) -> None:
    fresh_emulator.fault(path=GROUPS, method="POST", **fault)
    client.request("POST", "/groups", body={"name": NAME})
    assert named(fresh_emulator, client) == 1


LOST = {
    "500 after it acted": ({"status": 500, "acted": True}, 1),
    "500": ({"status": 500}, 0),
    "503 without Retry-After": ({"status": 503}, 0),
    "reset before": ({"reset": "before"}, 0),
    "reset after": ({"reset": "after"}, 1),
    "truncated": ({"truncate": True}, 1),
    "slow bytes": ({"drip": 20}, 1),
    "web page": ({"status": 200, "body": "<html>Log in</html>", "acted": True}, 1),
}


@pytest.mark.parametrize(("fault", "made"), LOST.values(), ids=LOST.keys())
def test_a_write_whose_answer_is_lost_is_an_error_and_not_repeated(
    fresh_emulator: Emulator, client: Client, fault: dict[str, t.Any], made: int
) -> None:
    fresh_emulator.fault(path=GROUPS, method="POST", **fault)
    with pytest.raises(PowerBIError) as caught:
        client.request("POST", "/groups", body={"name": NAME})
    assert caught.value.what and caught.value.remedy
    assert len(fresh_emulator.requests(GROUPS, "POST")) == 1
    assert named(fresh_emulator, client) == made


def test_a_service_that_stays_down_ends_in_time(fresh_emulator: Emulator, client: Client) -> None:
    fresh_emulator.fault(path=GROUPS, status=500)
    start = time.monotonic()
    with pytest.raises(ApiError, match="until `retry_timeout`"):
        client.request("GET", "/groups")
    assert time.monotonic() - start < 7


def test_a_long_throttle_ends_at_once(fresh_emulator: Emulator, client: Client) -> None:
    fresh_emulator.fault(path=GROUPS, status=429, headers={"Retry-After": "3392"})
    start = time.monotonic()
    with pytest.raises(ThrottledError, match="3392 s"):
        client.request("GET", "/groups")
    assert time.monotonic() - start < 3


def test_a_port_where_nothing_listens(fresh_emulator: Emulator, client: Client) -> None:
    elsewhere = {
        **connection(fresh_emulator),
        **identity(DEPLOY),
        "retry_timeout": 8.0,
        "api_url": "https://localhost:1",
    }
    with (
        contextlib.closing(open_session([ConfigSource("option", elsewhere, True)], {})) as session,
        pytest.raises(TransportError, match="refused") as caught,
    ):
        session.client.request("POST", "/groups", body={"name": NAME})
    assert caught.value.sent is False
    assert "`api_url`" in caught.value.remedy


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_token_that_expired_is_replaced(fresh_emulator: Emulator, client: Client, method: str) -> None:
    body = {"error": {"code": "TokenExpired", "message": "Access token has expired, resubmit with a new access token"}}
    fresh_emulator.fault(path=GROUPS, method=method, status=403, body=body, times=1)
    client.request(method, "/groups", body={"name": NAME} if method == "POST" else None)
    assert len(fresh_emulator.requests(r"/oauth2/v2\.0/token$")) == 2
    assert named(fresh_emulator, client) == int(method == "POST")


def test_one_login_serves_all_threads(fresh_emulator: Emulator, client: Client) -> None:
    threads = [threading.Thread(target=client.request, args=("GET", "/groups")) for dummy in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(fresh_emulator.requests(r"/oauth2/v2\.0/token$")) == 1
    assert len(fresh_emulator.requests(GROUPS)) == 8


# --- hostile answers -----------------------------------------------------------------------------------------------


@pytest.fixture
def thief() -> t.Iterator[Server]:
    """Another host: it counts who comes."""

    def behave(server: Server, connection: Connection) -> None:
        pass

    with Server(behave) as server:
        yield server


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_redirect_to_another_host(
    fresh_emulator: Emulator, client: Client, thief: Server, status: int, method: str
) -> None:
    fresh_emulator.fault(
        path=GROUPS, status=status, body="{}", headers={"Location": f"https://localhost:{thief.port}/"}
    )
    with pytest.raises(TransportError, match=r"Refused|redirected"):
        client.request(method, "/groups")
    assert thief.connections == 0


def test_a_continuation_on_another_host(fresh_emulator: Emulator, client: Client, thief: Server) -> None:
    link = f"https://localhost:{thief.port}/v1/workspaces?continuationToken=x"
    page = {"value": [{"id": "1"}], "continuationUri": link, "continuationToken": "x"}
    fresh_emulator.fault(path="/v1/workspaces", status=200, body=page, times=1)
    with contextlib.suppress(ApiError):  # the emulator does not know this continuation
        list(client.pages("/workspaces", api="fabric"))
    assert [request["path"] for request in fresh_emulator.requests("/v1/workspaces")] == ["/v1/workspaces"] * 2
    assert thief.connections == 0


def test_pages_without_end(fresh_emulator: Emulator, client: Client) -> None:
    fresh_emulator.fault(path="/v1/workspaces", status=200, body={"value": [{}], "continuationToken": "x"})
    with pytest.raises(TransportError, match="does not end"):
        list(client.pages("/workspaces", api="fabric"))
    assert len(fresh_emulator.requests("/v1/workspaces")) == 2


@pytest.mark.parametrize("name", ["it's", 'a "quote"', "a/b\\c", "50%", "ü 😀 ☃", "{{ 1 + 1 }}", "x' or 1 eq 1 or 'x"])
def test_names_are_names(fresh_emulator: Emulator, client: Client, name: str) -> None:
    made = client.request("POST", "/groups", body={"name": name}).body
    literal = name.replace("'", "''")
    found = list(client.pages("/groups", query={"$filter": f"name eq '{literal}'"}, top=100))
    assert [group["id"] for group in found] == [made["id"]]
    assert found[0]["name"] == name
    client.request("DELETE", quoted_path("groups", made["id"]))
    with pytest.raises(ApiError) as refused:
        client.request("GET", quoted_path("groups", name))
    assert refused.value.status in (403, 404, 501)  # 501: a path that the emulator does not have


def test_pages_of_one(fresh_emulator: Emulator, client: Client) -> None:
    whole = [group["id"] for group in client.pages("/groups", top=100)]
    fresh_emulator.tenant(page_size=1)
    assert [group["id"] for group in client.pages("/groups", top=100)] == whole
    fabric = [workspace["id"] for workspace in client.pages("/workspaces", api="fabric")]
    assert sorted(fabric) == sorted(whole)
    assert len(whole) > 1


# --- operations and files ------------------------------------------------------------------------------------------


@pytest.fixture
def workspace(client: Client) -> str:
    groups = client.pages("/groups", top=100)
    return next(str(group["id"]) for group in groups if group["isOnDedicatedCapacity"])


MODEL = {"definition.pbism": '{"version": "4.2"}', "definition/model.tmdl": "model Model\n"}


def create_model(client: Client, workspace: str, name: str, files: dict[str, str]) -> Operation:
    parts = [
        {"path": path, "payload": base64.b64encode(text.encode()).decode(), "payloadType": "InlineBase64"}
        for path, text in files.items()
    ]
    body = {"displayName": name, "definition": {"parts": parts}}
    path = quoted_path("workspaces", workspace, "semanticModels")
    answer = client.request("POST", path, api="fabric", body=body)
    return fabric_operation(client, answer, name=f"creation of {name}", timeout=30.0)


def test_an_operation_whose_location_is_elsewhere(
    fresh_emulator: Emulator, client: Client, workspace: str, thief: Server
) -> None:
    fresh_emulator.tenant(operation_url=f"https://localhost:{thief.port}", operation_polls=2, operation_retry_after=0.2)
    made = create_model(client, workspace, "Sales", MODEL).wait()
    assert made["displayName"] == "Sales"
    assert thief.connections == 0
    assert len(fresh_emulator.requests(r"/v1/operations/[^/]+$")) == 3


def test_many_operations_at_once_of_which_one_fails(fresh_emulator: Emulator, client: Client, workspace: str) -> None:
    fresh_emulator.tenant(operation_polls=1, operation_retry_after=0.1)

    def create(name: str) -> t.Any:
        files = MODEL if name != "Bad" else {"definition.pbism": MODEL["definition.pbism"]}
        return create_model(client, workspace, name, files).wait()

    with Jobs(2, SystemClock()) as jobs:
        bad, *good = [jobs.start(create, name) for name in ("Bad", "One", "Two", "Three")]
        list(jobs.completed())
    assert [future.result()["displayName"] for future in good] == ["One", "Two", "Three"]
    with pytest.raises(OperationFailedError, match=r"creation of Bad failed.*definition/model\.tmdl"):
        bad.result()


def package(folder: Path, megabytes: int = 0) -> str:
    """A file that the emulator takes for a .pbix, synthetic, with so much ballast."""
    path = folder / "Sales & Co.pbix"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("Version", "1.19".encode("utf-16-le"))
        archive.writestr("Report/Layout", "{}".encode("utf-16-le"))
        archive.writestr("DataModel", os.urandom(megabytes * 1024 * 1024))
    return str(path)


def wait_for_import(client: Client, workspace: str, import_id: str) -> t.Any:
    path = quoted_path("groups", workspace, "imports", import_id)
    poll = poll_state(lambda: client.request("GET", path, budget=0))
    return Operation(poll, name="import of Sales", timeout=30.0).wait()


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING.keys())
def test_an_import_is_streamed_and_repeated(
    fresh_emulator: Emulator, client: Client, workspace: str, tmp_path: Path, fault: dict[str, t.Any]
) -> None:
    fresh_emulator.fault(path=r"/imports$", method="POST", **fault)
    with MultipartFile(package(tmp_path, 3)) as body:
        started = client.request(
            "POST",
            quoted_path("groups", workspace, "imports"),
            query={"datasetDisplayName": "Sales & Co.pbix", "nameConflict": "Abort"},
            data=body,
            headers=body.headers,
        )
    done = wait_for_import(client, workspace, started.body["id"])
    assert done["reports"][0]["name"] == "Sales & Co"


def test_a_big_file_goes_up_in_blocks_and_without_a_token(
    fresh_emulator: Emulator, client: Client, workspace: str, tmp_path: Path
) -> None:
    imports = quoted_path("groups", workspace, "imports")
    location = client.request("POST", f"{imports}/createTemporaryUploadLocation")
    url = Secret(location.get("url"))
    fresh_emulator.fault(path="^/[^v]", method="PUT", status=503, times=2)
    fresh_emulator.fault(path="^/[^v]", method="PUT", reset="after", times=2)
    path = package(tmp_path, 18)
    assert upload_blocks(client.sender, url, path) == 5
    assert upload_blocks(client.sender, url, path) == 0  # all is there
    started = client.request(
        "POST",
        imports,
        query={"datasetDisplayName": "Big.pbix", "nameConflict": "Abort"},
        body={"fileUrl": url.reveal()},
    )
    assert wait_for_import(client, workspace, started.body["id"])["reports"][0]["name"] == "Big"
