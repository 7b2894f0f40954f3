# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Temporary upload locations: block blobs in the storage account that belongs to Power BI."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
import os
import secrets
import tempfile
import typing as t
import urllib.parse

from powerbi_emulator.received_file import ReceivedFile
from powerbi_emulator.seed import Section
from powerbi_emulator.timestamps import utc
from powerbi_emulator.world import Store, World

PATH: t.Final = "/upload-storage"
_CHUNK: t.Final = 1 << 20


class Block(t.NamedTuple):
    """Where its bytes lie in the blob's file."""

    offset: int
    size: int


class Blob:
    """``uncommitted`` blocks wait for a block list; ``committed`` is the last one given, by id.

    The bytes go to a file without a name, where zeros take no space.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.uncommitted: dict[str, Block] = {}
        self.committed: dict[str, Block] = {}
        self.received: ReceivedFile | None = None
        self._file = tempfile.TemporaryFile(prefix="powerbi-emulator-")  # noqa: SIM115 - lives as long as the blob
        self._end = 0

    def append(self, data: bytes) -> Block:
        """Put ``data`` at the end of the file."""
        block = Block(self._end, len(data))
        if data.count(0) != len(data):
            os.pwrite(self._file.fileno(), data, block.offset)
        self._end += len(data)
        os.ftruncate(self._file.fileno(), self._end)
        return block

    def commit(self, blocks: dict[str, Block]) -> None:
        """Make the blob of these blocks, in order. Reads them all, so it belongs in a thread."""
        received = ReceivedFile()
        for block in blocks.values():
            position, end = block.offset, block.offset + block.size
            while position < end:
                data = os.pread(self._file.fileno(), min(_CHUNK, end - position), position)
                received.write(data)
                position += len(data)
        self.received, self.committed, self.uncommitted = received, blocks, {}


@dataclasses.dataclass(frozen=True)
class Location:
    """A URL that whoever has it may write to, until ``expires`` (epoch seconds)."""

    url: str
    expires: float


class Blobs(Store):
    """Blobs by path. The URLs name 127.0.0.1, as the real ones name another host than the API."""

    def __init__(self, world: World, seed: Section) -> None:  # noqa: ARG002
        self._world = world
        self._key = secrets.token_bytes(32)
        self.blobs: dict[str, Blob] = {}

    def make(self) -> Location:
        """A new, empty blob and the signed URL to it."""
        name = f"{secrets.token_hex(8)}/{secrets.token_hex(16)}"
        self.blobs[name] = Blob(name)
        expires = self._world.now() + self._world.switches.upload_location_lifetime
        until = utc(expires, 0)
        query = {"sv": "2021-08-06", "se": until, "sr": "b", "sp": "w", "sig": self._signature(name, until)}
        base = self._world.url.replace("localhost", "127.0.0.1", 1)
        return Location(f"{base}{PATH}/{name}?{urllib.parse.urlencode(query)}", expires)

    def at(self, url: str) -> Blob | None:
        """The blob of a URL made by ``make``, whatever host it names."""
        path = urllib.parse.urlsplit(url).path
        return self.blobs.get(path.removeprefix(f"{PATH}/")) if path.startswith(f"{PATH}/") else None

    def is_signed(self, name: str, query: t.Mapping[str, str]) -> bool:
        """Whether the signature in a URL's query is ours and has not run out."""
        until = query.get("se", "")
        right = hmac.compare_digest(self._signature(name, until), query.get("sig", ""))
        return right and utc(self._world.now(), 0) < until

    def _signature(self, name: str, until: str) -> str:
        return base64.b64encode(hmac.digest(self._key, f"{name}\n{until}".encode(), hashlib.sha256)).decode()
