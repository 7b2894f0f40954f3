# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file that a client uploads: hashed while it is received, and stored as a whole only if it is small.

Of a large file the two ends are stored, which contain the signature and the directory of a zip archive.
"""

from __future__ import annotations

import hashlib
import io
import typing as t

KEPT_WHOLE: t.Final = 16 << 20  # bytes
HEAD: t.Final = 64 << 10
TAIL: t.Final = 1 << 20


class ReceivedFile:
    """``write`` adds received data, in order. Memory stays below about ``KEPT_WHOLE``."""

    def __init__(self) -> None:
        self.size = 0
        self._hash = hashlib.sha256()
        self._digest: str | None = None
        self._whole: bytearray | None = bytearray()
        self._head = b""
        self._tail = bytearray()

    @classmethod
    def of_ends(cls, head: bytes, tail: bytes, size: int, digest: str) -> ReceivedFile:
        """A large file of which only these ends are known."""
        file = cls()
        file._whole, file._head, file._tail, file.size, file._digest = None, head, bytearray(tail), size, digest
        return file

    def write(self, data: bytes | memoryview) -> None:
        self._hash.update(data)
        self.size += len(data)
        if self._whole is not None:
            self._whole += data
            if len(self._whole) <= KEPT_WHOLE:
                return
            self._head, self._tail = bytes(self._whole[:HEAD]), self._whole[-TAIL:]
            self._whole = None
            return
        self._tail += data
        if len(self._tail) > 2 * TAIL:
            del self._tail[:-TAIL]

    @property
    def sha256(self) -> str:
        """In hexadecimal; for a file of ``of_ends`` the given digest."""
        return self._digest or self._hash.hexdigest()

    @property
    def content(self) -> bytes | None:
        """The content, or None for a large file."""
        return None if self._whole is None else bytes(self._whole)

    @property
    def head(self) -> bytes:
        return self._head if self._whole is None else bytes(self._whole[:HEAD])

    def open(self) -> t.BinaryIO:
        """The content as a file object; the missing bytes of a large file are zeros."""
        if self._whole is not None:
            return io.BytesIO(self._whole)
        return t.cast("t.BinaryIO", io.BufferedReader(_Ends(self._head, bytes(self._tail), self.size)))


class _Ends(io.RawIOBase):
    """A large file of which only the ends are known."""

    def __init__(self, head: bytes, tail: bytes, size: int) -> None:
        self._head, self._tail, self._size, self._position = head, tail, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def readinto(self, buffer: t.Any) -> int:
        view = memoryview(buffer).cast("B")
        start, end = self._position, min(self._position + len(view), self._size)
        count = max(0, end - start)
        view[:count] = bytes(count)
        for begins, data in ((0, self._head), (self._size - len(self._tail), self._tail)):
            low, high = max(start, begins), min(end, begins + len(data))
            if low < high:
                view[low - start : high - start] = data[low - begins : high - begins]
        self._position += count
        return count
