# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Uploads of files of any size in constant memory: as multipart for an import, in blocks to an upload URL."""

from __future__ import annotations

import base64
import concurrent.futures
import hashlib
import io
import os
import re
import typing as t
import uuid
from urllib.parse import parse_qs, urlsplit

from .._progress.activity import uploaded
from .._secret import Secret
from . import hosts as urls
from .api_errors import to_error
from .failure import read_failure
from .sender import RetryingSender, SendResult

BLOCK_SIZE = 4 * 1024 * 1024
_SMALL = 1024 * 1024  # bytes that each thread may hold
_CONTENT_TYPE = "application/octet-stream"
_STORAGE_VERSION = "2015-04-05"  # of Azure's blob API, as Power BI's own SDK sends it
_LISTED_BLOCK = re.compile(r"<Name>([A-Za-z0-9+/=]+)</Name>\s*<Size>(\d+)</Size>")


class _Body:
    """A multipart body that is read in chunks: the part header, ``size`` bytes of the file, the closing boundary.

    requests takes the Content-Length from ``len``, and http.client calls ``read`` until it returns no bytes. Raises OSError
    for a file that became shorter meanwhile: the service would wait for the missing bytes.
    """

    def __init__(self, before: bytes, file: t.BinaryIO, size: int, after: bytes) -> None:
        self.len = len(before) + size + len(after)
        self._sent = 0
        self._parts = [(io.BytesIO(before), len(before)), (file, size), (io.BytesIO(after), len(after))]

    def read(self, size: int = -1) -> bytes:
        found: list[bytes] = []
        while self._parts and size != 0:
            part, left = self._parts[0]
            piece = part.read(left if size < 0 else min(size, left))
            if not piece and left:
                raise OSError(f"{getattr(part, 'name', 'the file')} became shorter while it was sent")
            found.append(piece)
            self._parts[:1] = [(part, left - len(piece))] if left > len(piece) else []
            size -= len(piece) if size > 0 else 0
        sent = b"".join(found)
        self._sent += len(sent)
        uploaded(self._sent, self.len)
        return sent


class MultipartFile:
    """One file as a multipart/form-data body, streamed from its start for each try.

    ``content`` is sent in place of the file's, if given.

    Usage: ``with MultipartFile(path) as body: client.request("POST", ..., data=body, headers=body.headers)``.
    Raises OSError for a file that can't be read.
    """

    def __init__(self, path: str, content: bytes | None = None) -> None:
        if content is None:
            self._file: t.BinaryIO = open(path, "rb")  # noqa: SIM115  # closed by __exit__
        else:
            self._file = io.BytesIO(content)
        self._boundary = uuid.uuid4().hex
        # The service takes the name from the query; here any name will do, and only ASCII is encoded reliably.
        filename = "content" + re.sub(r"[^.A-Za-z0-9]", "", os.path.splitext(path)[1])
        self._before = (
            f'--{self._boundary}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n'
            f"Content-Type: {_CONTENT_TYPE}\r\n\r\n"
        ).encode()
        self._after = f"\r\n--{self._boundary}--\r\n".encode()

    @property
    def headers(self) -> dict[str, str]:
        """The Content-Type with the boundary."""
        return {"Content-Type": f"multipart/form-data; boundary={self._boundary}"}

    def __call__(self) -> _Body | bytes:
        """The body for one try: a small file's bytes, because streaming would cost more than the request."""
        size = self._file.seek(0, os.SEEK_END)
        self._file.seek(0)
        if size <= _SMALL:
            return b"".join((self._before, self._file.read(), self._after))
        return _Body(self._before, self._file, size, self._after)

    def __enter__(self) -> MultipartFile:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._file.close()


def upload_blocks(sender: RetryingSender, url: Secret, path: str, *, parallel: int = 4) -> int:
    """Upload a file to the blob of ``url``, whose signature is a secret. Returns the number of blocks that were sent.

    Blocks of an earlier, interrupted upload to the same URL are not sent again: a block's id contains the hash of its
    content, so that a block of another file never matches. At most ``parallel`` + 1 blocks are in memory.

    Azure Storage: Put Block, Get Block List, Put Block List. Without Authorization: the URL is signed.
    Raises ApiError, TransportError, OSError.
    """
    blob = _Blob(sender, url)
    there = blob.listed()
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        count = max(1, -(-size // BLOCK_SIZE))

        def send(index: int) -> tuple[str, bool]:
            block = os.pread(file.fileno(), BLOCK_SIZE, index * BLOCK_SIZE)
            block_id = _block_id(index, block)
            if there.get(block_id) == len(block):
                return block_id, False
            blob.put_block(block_id, block)
            return block_id, True

        sent: list[tuple[str, bool]] = []
        pool = concurrent.futures.ThreadPoolExecutor(max_workers=parallel)
        try:
            for found in pool.map(send, range(count)):
                sent.append(found)
                uploaded(min(len(sent) * BLOCK_SIZE, size), size)
                sender.clock.sleep(0.0)  # a job that is to stop stops here
        finally:
            pool.shutdown(cancel_futures=True)
    blob.commit([block_id for block_id, _new in sent])
    return sum(new for _block_id, new in sent)


class _Blob:
    """The three requests, to a URL that must not be shown."""

    def __init__(self, sender: RetryingSender, url: Secret) -> None:
        self._sender = sender
        self._url = url
        self._shown = urls.shown(url.reveal())

    def listed(self) -> dict[str, int]:
        """Size of each block of the blob, by id. Empty where the URL's permissions don't include listing."""
        response = self._send("GET", "comp=blocklist&blocklisttype=all").response
        if response.status_code != 200:
            return {}
        return {block_id: int(size) for block_id, size in _LISTED_BLOCK.findall(response.text)}

    def put_block(self, block_id: str, block: bytes) -> None:
        query = f"comp=block&blockid={urls.encoded_query({'': block_id})[1:]}"
        self._expect_created(self._send("PUT", query, data=block))

    def commit(self, block_ids: t.Sequence[str]) -> None:
        listed = "".join(f"<Latest>{block_id}</Latest>" for block_id in block_ids)
        document = f'<?xml version="1.0" encoding="utf-8"?><BlockList>{listed}</BlockList>'
        headers = {"Content-Type": "application/xml", "x-ms-blob-content-type": "application/x-zip-compressed"}
        self._expect_created(self._send("PUT", "comp=blocklist", data=document.encode(), headers=headers))

    def _send(self, method: str, query: str, **request: t.Any) -> SendResult:
        url = self._url.reveal()
        headers = {"x-ms-version": _STORAGE_VERSION, **request.pop("headers", {})}
        return self._sender.exchange(method, f"{url}{'&' if '?' in url else '?'}{query}", headers=headers, **request)

    def _secrets(self) -> list[str]:
        """The URL, and of its parts the signature."""
        url = self._url.reveal()
        return [
            url,
            *(value for values in parse_qs(urlsplit(url).query).values() for value in values if len(value) > 20),
        ]

    def _expect_created(self, exchanged: SendResult) -> None:
        response = exchanged.response
        if response.status_code != 201:
            failure = read_failure(response.status_code, response.headers, response.content, self._secrets())
            raise to_error(
                failure,
                "PUT",
                self._shown,
                api="storage",
                stopped=exchanged.stopped,
                retry_after=exchanged.retry_after,
            )


def _block_id(index: int, block: bytes) -> str:
    """The id of a block: Azure requires base64, and the same length for all ids of a blob."""
    return base64.b64encode(f"{index:06d}-{hashlib.sha256(block).hexdigest()[:32]}".encode()).decode()
