# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power BI: imports through a temporary upload location, in blocks, and what the emulator keeps of them."""

from __future__ import annotations

import base64
import collections.abc
import hashlib
import io
import re
import typing as t
import urllib.parse
import zipfile
from pathlib import Path

import requests

import samples
from conftest import Emulator, running
from test_imports import IMPORTS, code, names, post


def location(emulator: Emulator) -> str:
    answer = emulator.api("POST", f"{IMPORTS}/createTemporaryUploadLocation")
    url: str = answer.json()["Url"]
    assert url.startswith(emulator.url.replace("localhost", "127.0.0.1"))
    assert answer.json()["ExpirationTime"].endswith("Z")
    return url


def blob(emulator: Emulator, method: str, url: str, **kwargs: t.Any) -> requests.Response:
    return emulator.session.request(method, url, timeout=10, **kwargs)


def block_id(number: int) -> str:
    return base64.b64encode(f"block-{number:06d}".encode()).decode()


def block_list(*ids: str) -> bytes:
    return f"<BlockList>{''.join(f'<Latest>{one}</Latest>' for one in ids)}</BlockList>".encode()


def put_block(emulator: Emulator, url: str, number: int, data: bytes) -> requests.Response:
    return blob(emulator, "PUT", url, params={"comp": "block", "blockid": block_id(number)}, data=data)


def test_blocks_make_a_file(emulator: Emulator) -> None:
    url, data = location(emulator), samples.pbix()
    half = len(data) // 2
    assert put_block(emulator, url, 2, data[half:]).status_code == 201  # any order
    assert put_block(emulator, url, 1, data[:half]).status_code == 201
    lists = f"{url}&comp=blocklist&blocklisttype=all"
    assert re.findall(r"<Name>(.*?)</Name><Size>(\d+)", blob(emulator, "GET", lists).text) == [
        (block_id(2), str(len(data) - half)),
        (block_id(1), str(half)),
    ]
    early = emulator.api("POST", IMPORTS, params={"datasetDisplayName": "S.pbix"}, json={"fileUrl": url})
    assert code(early) == (400, "InvalidRequest")
    done = blob(emulator, "PUT", f"{url}&comp=blocklist", data=block_list(block_id(1), block_id(2)))
    assert (done.status_code, done.content) == (201, b"")
    taken = emulator.api("POST", IMPORTS, params={"datasetDisplayName": "S.pbix"}, json={"fileUrl": url})
    assert taken.status_code == 202, taken.text
    assert emulator.log("imports$")[-1]["sha256"] == hashlib.sha256(data).hexdigest()
    assert "UncommittedBlocks /" in blob(emulator, "GET", lists).text


def test_put_blob_in_one_piece(emulator: Emulator) -> None:
    url = location(emulator)
    assert blob(emulator, "PUT", url, data=samples.pbix()).headers["x-ms-error-code"] == "MissingRequiredHeader"
    put = blob(emulator, "PUT", url, data=samples.pbix(), headers={"x-ms-blob-type": "BlockBlob"})
    assert put.status_code == 201
    query = {"datasetDisplayName": "S.pbix"}
    assert emulator.api("POST", IMPORTS, params=query, json={"fileUrl": url}).status_code == 202


def test_requests_that_storage_refuses(emulator: Emulator) -> None:
    url = location(emulator)
    leaked = blob(emulator, "PUT", f"{url}&comp=block&blockid={block_id(1)}", headers={"Authorization": "Bearer x"})
    assert (leaked.status_code, leaked.headers["x-ms-error-code"]) == (400, "InvalidAuthenticationInfo")
    forged = blob(emulator, "PUT", re.sub(r"sig=[^&]+", "sig=AAAA", url), params={"comp": "block"}, data=b"x")
    assert (forged.status_code, forged.headers["x-ms-error-code"]) == (403, "AuthenticationFailed")
    unknown = blob(emulator, "PUT", f"{url}&comp=blocklist", data=block_list(block_id(9)))
    assert (unknown.status_code, unknown.headers["x-ms-error-code"]) == (400, "InvalidBlockList")
    assert "<Code>InvalidBlockList</Code>" in unknown.text
    reading = blob(emulator, "GET", url)
    assert (reading.status_code, reading.headers["x-ms-error-code"]) == (403, "AuthorizationPermissionMismatch")
    emulator.control("PATCH", "tenant", {"clock_skew": 7200})
    late = put_block(emulator, url, 1, b"x")
    assert (late.status_code, late.headers["x-ms-error-code"]) == (403, "AuthenticationFailed")


def archive_after_zeros() -> bytes:
    """A whole .pbix, to be sent after any number of zeros, as a zip archive allows."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in ("Version", "[Content_Types].xml", "DataModel"):
            archive.writestr(name, b"")
    return buffer.getvalue()


def peak_memory(pid: int) -> int:
    """The largest resident size of a process, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) * 1024


def test_memory_stays_flat(tmp_path: Path) -> None:
    size = 64 << 20
    with running(tmp_path / "data") as emulator:
        assert post(emulator, "Small.pbix", samples.pbix()).status_code == 202
        before = peak_memory(emulator.pid)
        token = emulator.token()

        def body() -> collections.abc.Iterator[bytes]:
            yield b'--b0\r\nContent-Disposition: form-data; name="file"; filename="Large.pbix"\r\n\r\n'
            yield from (bytes(1 << 16) for _ in range(size >> 16))
            yield archive_after_zeros()
            yield b"\r\n--b0--\r\n"

        answer = emulator.request(
            "POST",
            f"/v1.0/myorg{IMPORTS}",
            params={"datasetDisplayName": "Large.pbix"},
            headers={"Authorization": f"Bearer {token}", "Content-Type": "multipart/form-data; boundary=b0"},
            data=body(),
        )
        assert answer.status_code == 202, answer.text
        url = location(emulator)
        for number in range(16):
            assert put_block(emulator, url, number, bytes(4 << 20)).status_code == 201
        assert put_block(emulator, url, 16, archive_after_zeros()).status_code == 201
        ids = [block_id(number) for number in range(17)]
        assert blob(emulator, "PUT", f"{url}&comp=blocklist", data=block_list(*ids)).status_code == 201
        query = {"datasetDisplayName": "Blocks.pbix"}
        assert emulator.api("POST", IMPORTS, params=query, json={"fileUrl": url}).status_code == 202
        assert names(emulator, "semanticModels") == ["Small", "Large", "Blocks"]
        assert peak_memory(emulator.pid) - before < 56 << 20


def test_a_location_in_another_account(emulator: Emulator) -> None:
    """Only signed here, for writing, without a request to the account (test_azurite.py has those)."""
    key = base64.b64encode(b"the key of an account").decode()
    endpoint = "https://127.0.0.1:1/elsewhere"
    connection = f"AccountName=elsewhere;AccountKey={key};BlobEndpoint={endpoint}"
    emulator.control("PATCH", "tenant", {"upload_storage": connection})
    answer = emulator.api("POST", f"{IMPORTS}/createTemporaryUploadLocation").json()
    url = urllib.parse.urlsplit(answer["Url"])
    query = dict(urllib.parse.parse_qsl(url.query))
    assert answer["Url"].startswith(f"{endpoint}/temporary-uploads/")
    assert (query["sr"], query["sp"]) == ("b", "w")
    assert query["se"].removesuffix("Z") == answer["ExpirationTime"].partition(".")[0]
    body = {"fileUrl": "https://127.0.0.1:1/another/temporary-uploads/x"}
    refused = emulator.api("POST", IMPORTS, params={"datasetDisplayName": "x.pbix"}, json=body)
    assert refused.status_code == 400
