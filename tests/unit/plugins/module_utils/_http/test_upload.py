# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files on their way up: multipart bodies that can be sent again, blocks that are sent once, flat memory."""

from __future__ import annotations

import base64
import email
import re
import threading
import time
import tracemalloc
import typing as t
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from ansible_collections.community.powerbi.plugins.module_utils._errors import ForbiddenError, TransportError
from ansible_collections.community.powerbi.plugins.module_utils._http import upload
from ansible_collections.community.powerbi.plugins.module_utils._http.upload import MultipartFile, upload_blocks
from ansible_collections.community.powerbi.plugins.module_utils._jobs import Jobs
from ansible_collections.community.powerbi.plugins.module_utils._secret import Secret
from fakes.wire import Reply, Sent, reply, wire

URL = "https://blob.test/container/name?sv=1&sig=top%2Fsecret"
BLOCK = 1000


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "BLOCK_SIZE", BLOCK)


class Storage:
    """A blob, as Azure keeps it: blocks by id until a list puts them together."""

    def __init__(self, *, may_list: bool = True) -> None:
        self.blocks: dict[str, bytes] = {}
        self.content: bytes | None = None
        self.puts = 0
        self.fail: t.Callable[[int], Reply | None] = lambda _number: None
        self._may_list = may_list
        self._lock = threading.Lock()

    def __call__(self, sent: Sent) -> Reply:
        query = parse_qs(urlsplit(sent.url).query)
        assert query["sig"] == ["top/secret"]
        assert "Authorization" not in sent.headers
        assert sent.headers["x-ms-version"]
        if sent.method == "GET":
            return self._list() if self._may_list else reply(403, content=b"<Error/>")
        if query["comp"] == ["block"]:
            with self._lock:
                self.puts += 1
                failure = self.fail(self.puts)
                if failure is None:
                    self.blocks[query["blockid"][0]] = sent.data
            return reply(201) if failure is None else failure  # an error's Response is false
        ids = re.findall(r"<Latest>(.*?)</Latest>", sent.data.decode())
        assert sent.headers["Content-Type"] == "application/xml"
        assert sent.headers["x-ms-blob-content-type"] == "application/x-zip-compressed"
        self.content = b"".join(self.blocks[block_id] for block_id in ids)
        return reply(201)

    def _list(self) -> Reply:
        blocks = "".join(f"<Block><Name>{i}</Name><Size>{len(b)}</Size></Block>" for i, b in self.blocks.items())
        xml = f'<?xml version="1.0"?><BlockList><UncommittedBlocks>{blocks}</UncommittedBlocks></BlockList>'
        return reply(200, content=xml.encode())


@pytest.fixture
def content() -> bytes:
    return bytes(range(256)) * 20  # 5120 bytes: five blocks and a bit, all different in place


@pytest.fixture
def path(tmp_path: Path, content: bytes) -> str:
    file = tmp_path / "Sales & Co.pbix"
    file.write_bytes(content)
    return str(file)


def test_blocks_arrive_in_order_and_without_a_token(path: str, content: bytes) -> None:
    storage = Storage()
    net = wire(storage)
    assert upload_blocks(net.client.sender, Secret(URL), path, parallel=3) == 6
    assert storage.content == content
    assert {len(base64.b64decode(block_id)) for block_id in storage.blocks} == {39}
    assert len(net.transport.sent) == 1 + 6 + 1


def test_an_empty_file_is_one_empty_block(tmp_path: Path) -> None:
    (tmp_path / "empty.pbix").touch()
    storage = Storage()
    upload_blocks(wire(storage).client.sender, Secret(URL), str(tmp_path / "empty.pbix"))
    assert storage.content == b""


@pytest.mark.parametrize("trouble", [reply(500), reply(503), TransportError("reset"), reply(429)])
def test_a_block_is_sent_again(path: str, content: bytes, trouble: Reply) -> None:
    storage = Storage()
    storage.fail = lambda number: trouble if number in (2, 5) else None
    upload_blocks(wire(storage).client.sender, Secret(URL), path)
    assert storage.content == content
    assert storage.puts == 8


def test_a_broken_upload_goes_on_where_it_broke(path: str, content: bytes) -> None:
    storage = Storage()
    storage.fail = lambda number: reply(403) if number > 3 else None
    net = wire(storage)
    with pytest.raises(ForbiddenError):
        upload_blocks(net.client.sender, Secret(URL), path, parallel=1)
    assert storage.content is None
    storage.fail = lambda _number: None
    assert upload_blocks(net.client.sender, Secret(URL), path, parallel=1) == 3
    assert storage.content == content


def test_an_upload_stops_with_its_job(path: str) -> None:
    storage = Storage()
    net = wire(storage)
    begun, go_on = threading.Event(), threading.Event()

    def wait(_number: int) -> None:
        begun.set()
        go_on.wait(5)
        time.sleep(0.1)

    storage.fail = wait
    with Jobs(1, net.clock) as jobs:
        jobs.start(lambda: upload_blocks(net.client.sender, Secret(URL), path, parallel=1))
        begun.wait(5)
        threading.Timer(0.1, go_on.set).start()
    assert storage.puts < 6
    assert storage.content is None


def test_blocks_of_another_file_are_not_taken_for_this_ones(path: str, content: bytes) -> None:
    storage = Storage()
    net = wire(storage)
    upload_blocks(net.client.sender, Secret(URL), path)
    changed = content[:2500] + b"!" + content[2501:]
    Path(path).write_bytes(changed)
    assert upload_blocks(net.client.sender, Secret(URL), path) == 1
    assert storage.content == changed


def test_without_the_right_to_list_all_is_sent(path: str, content: bytes) -> None:
    storage = Storage(may_list=False)
    storage.blocks["x"] = b"y"
    assert upload_blocks(wire(storage).client.sender, Secret(URL), path) == 6
    assert storage.content == content


def test_a_refusal_shows_no_signature(path: str) -> None:
    storage = Storage()
    storage.fail = lambda _number: reply(403, content=b"<Error/>", x_ms_error_code="AuthenticationFailed")
    with pytest.raises(ForbiddenError, match="upload location is no longer valid") as caught:
        upload_blocks(wire(storage).client.sender, Secret(URL), path)
    assert caught.value.code == "AuthenticationFailed"
    assert "secret" not in str(caught.value.to_dict())


def test_memory_does_not_grow_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "BLOCK_SIZE", 1024 * 1024)
    big = tmp_path / "big.pbix"
    with big.open("wb") as file:
        file.truncate(64 * 1024 * 1024)
    net = wire(lambda _sent: reply(201))
    net.transport.sent = t.cast("t.Any", Forgetful())
    tracemalloc.start()
    try:
        upload_blocks(net.client.sender, Secret(URL), str(big), parallel=4)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 12 * 1024 * 1024


class Forgetful:
    def append(self, sent: Sent) -> None:
        pass


# --- multipart -----------------------------------------------------------------------------------------------------


def _part(body: bytes, headers: dict[str, str]) -> t.Any:
    message = email.message_from_bytes(f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode() + body)
    (part,) = t.cast("t.Any", message.get_payload())
    return part


def test_a_multipart_body_can_be_sent_again(path: str, content: bytes) -> None:
    net = wire([reply(429), reply(202, {"id": "x"})])
    with MultipartFile(path) as body:
        answer = net.client.request("POST", "/imports", data=body, headers=body.headers)
    assert answer.body == {"id": "x"}
    first, second = net.transport.sent
    assert first.data == second.data
    part = _part(second.data, second.headers)
    assert part.get_payload(decode=True) == content
    assert part.get_filename() == "content.pbix"
    assert part.get_content_type() == "application/octet-stream"


def test_a_multipart_body_is_not_repeated_after_it_may_have_worked(path: str) -> None:
    net = wire([TransportError("reset", sent=True)])
    with MultipartFile(path) as body, pytest.raises(TransportError):
        net.client.request("POST", "/imports", data=body, headers=body.headers)
    assert len(net.transport.sent) == 1


def test_a_multipart_body_is_read_in_pieces(tmp_path: Path) -> None:
    big = tmp_path / "big.pbix"
    with big.open("wb") as file:
        file.truncate(8 * 1024 * 1024)
    with MultipartFile(str(big)) as body:
        encoder = t.cast("t.Any", body())
        assert encoder.len > 8 * 1024 * 1024
        tracemalloc.start()
        try:
            total = sum(len(chunk) for chunk in iter(lambda: encoder.read(16384), b""))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert total == encoder.len
    assert peak < 1024 * 1024


def test_a_missing_file_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        MultipartFile(str(tmp_path / "nothing.pbix"))


@pytest.mark.parametrize("size", [1, 7, 64, 100_000, -1])
def test_a_streamed_body_is_the_same_whatever_is_read_at_once(
    size: int, path: str, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with MultipartFile(path) as body:
        whole = body()
        monkeypatch.setattr(upload, "_SMALL", 0)
        streamed = t.cast("t.Any", body())
        assert b"".join(iter(lambda: streamed.read(size), b"")) == whole
        assert streamed.len == len(t.cast("bytes", whole))
        assert _part(t.cast("bytes", whole), body.headers).get_payload(decode=True) == content


def test_an_empty_file_is_streamed_as_an_empty_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty.rdl").touch()
    monkeypatch.setattr(upload, "_SMALL", -1)
    with MultipartFile(str(tmp_path / "empty.rdl")) as body:
        streamed = t.cast("t.Any", body()).read()
    assert _part(streamed, body.headers).get_payload(decode=True) == b""


def test_a_file_that_changes_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it grew by is not sent; what it lost is not waited for."""
    monkeypatch.setattr(upload, "_SMALL", 0)
    file = tmp_path / "x.pbix"
    file.write_bytes(b"1" * 100_000)
    with MultipartFile(str(file)) as body:
        grown = t.cast("t.Any", body())
        file.write_bytes(b"1" * 200_000)
        assert len(grown.read()) == grown.len
        shrunk = t.cast("t.Any", body())
        file.write_bytes(b"1" * 10)
        with pytest.raises(OSError, match=r"x\.pbix became shorter while it was sent"):
            shrunk.read()


def test_requests_sends_it_with_its_length(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "_SMALL", 0)
    with MultipartFile(path) as body:
        streamed = t.cast("t.Any", body())
        prepared = requests.Request("POST", "https://x.test/", data=streamed, headers=body.headers).prepare()
        assert prepared.body is streamed
        assert prepared.headers["Content-Length"] == str(streamed.len)
        assert "Transfer-Encoding" not in prepared.headers
