# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Temporary upload locations: block blobs in Power BI's storage account."""

from __future__ import annotations

import base64
import dataclasses
import functools
import hashlib
import hmac
import os
import secrets
import tempfile
import typing as t
import urllib.parse

from powerbi_emulator.emulator_state import EmulatorState, Store
from powerbi_emulator.received_file import HEAD, TAIL, ReceivedFile
from powerbi_emulator.seed import Section
from powerbi_emulator.storage_account import StorageAccount, storage_account
from powerbi_emulator.timestamps import utc

PATH: t.Final = "/upload-storage"
_READ_WHOLE: t.Final = 64 << 20  # bytes


class Block(t.NamedTuple):
    """The range of a block in the blob's file, and its SHA-256."""

    offset: int
    size: int
    digest: bytes


class Blob:
    """``uncommitted`` blocks are in no block list yet; ``committed`` is the last block list, by id.

    The bytes are in an unlinked file, where zeros use no space. The digest of a large blob is that of its blocks'
    digests, as hashing it at the end would exceed the client's timeout.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.uncommitted: dict[str, Block] = {}
        self.committed: dict[str, Block] = {}
        self.received: ReceivedFile | None = None
        self._file = tempfile.TemporaryFile(prefix="powerbi-emulator-")  # noqa: SIM115 - lives as long as the blob
        self._end = 0

    def append(self, data: bytes) -> Block:
        """Append ``data`` to the file."""
        is_zeros = data.count(0) == len(data)
        block = Block(self._end, len(data), _digest_of_zeros(len(data)) if is_zeros else hashlib.sha256(data).digest())
        if not is_zeros:
            os.pwrite(self._file.fileno(), data, block.offset)
        self._end += len(data)
        os.ftruncate(self._file.fileno(), self._end)
        return block

    def commit(self, blocks: dict[str, Block]) -> None:
        """Commit these blocks, in order. A small blob is read, so this must run in a thread."""
        size = sum(block.size for block in blocks.values())
        if size <= _READ_WHOLE:
            self.received = ReceivedFile()
            for block in blocks.values():
                self.received.write(self._read(block))
        else:
            digest = hashlib.sha256(b"".join(block.digest for block in blocks.values())).hexdigest()
            inner = list(blocks.values())
            self.received = ReceivedFile.of_ends(self._upto(inner), self._from_end(inner), size, digest)
        self.committed, self.uncommitted = blocks, {}

    def _upto(self, blocks: list[Block]) -> bytes:
        """The first bytes of a blob of these blocks."""
        data = b""
        for block in blocks:
            data += self._read(block)
            if len(data) >= HEAD:
                break
        return data[:HEAD]

    def _from_end(self, blocks: list[Block]) -> bytes:
        data = b""
        for block in reversed(blocks):
            data = self._read(block) + data
            if len(data) >= TAIL:
                break
        return data[-TAIL:]

    def _read(self, block: Block) -> bytes:
        data = bytearray()
        while len(data) < block.size:
            data += os.pread(self._file.fileno(), block.size - len(data), block.offset + len(data))
        return bytes(data)


@functools.lru_cache(maxsize=64)
def _digest_of_zeros(size: int) -> bytes:
    return hashlib.sha256(bytes(size)).digest()


@dataclasses.dataclass(frozen=True)
class Location:
    """A signed URL (SAS) with write permission until ``expires`` (epoch seconds)."""

    url: str
    expires: float


class Blobs(Store):
    """Blobs by path. The URLs have the host 127.0.0.1, as the real ones have another host than the API."""

    def __init__(self, emulated: EmulatorState, seed: Section) -> None:  # noqa: ARG002
        self._emulated = emulated
        self._key = secrets.token_bytes(32)
        self.blobs: dict[str, Blob] = {}

    def make(self) -> Location:
        """A new, empty blob and the signed URL to it; in another blob service where the switches name one."""
        name = f"{secrets.token_hex(8)}/{secrets.token_hex(16)}"
        expires = self._emulated.now() + self._emulated.switches.upload_location_lifetime
        account = self._account()
        if account is not None:
            return Location(account.location(name, expires), expires)
        self.blobs[name] = Blob(name)
        until = utc(expires, 0)
        query = {"sv": "2021-08-06", "se": until, "sr": "b", "sp": "w", "sig": self._signature(name, until)}
        base = self._emulated.url.replace("localhost", "127.0.0.1", 1)
        return Location(f"{base}{PATH}/{name}?{urllib.parse.urlencode(query)}", expires)

    def received(self, url: str) -> ReceivedFile | None:
        """The file at a URL of ``make``. It may be on another server, so this must run in a thread."""
        account = self._account()
        if account is not None:
            return account.received(url)
        path = urllib.parse.urlsplit(url).path
        blob = self.blobs.get(path.removeprefix(f"{PATH}/")) if path.startswith(f"{PATH}/") else None
        return blob.received if blob else None

    def _account(self) -> StorageAccount | None:
        switches = self._emulated.switches
        if switches.upload_storage is None:
            return None
        return storage_account(switches.upload_storage, switches.upload_storage_ca)

    def is_signed(self, name: str, query: t.Mapping[str, str]) -> bool:
        """Whether the signature in a URL's query is valid and has not expired."""
        until = query.get("se", "")
        right = hmac.compare_digest(self._signature(name, until), query.get("sig", ""))
        return right and utc(self._emulated.now(), 0) < until

    def _signature(self, name: str, until: str) -> str:
        return base64.b64encode(hmac.digest(self._key, f"{name}\n{until}".encode(), hashlib.sha256)).decode()
