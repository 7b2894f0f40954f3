# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads parts of uploaded archives, with limits on the expanded size."""

from __future__ import annotations

import io
import lzma
import typing as t
import zipfile
import zlib

LARGEST_PART: t.Final = 16 << 20  # bytes of one part
LARGEST_SUM: t.Final = 32 << 20  # bytes of all parts that are read of one archive
_LARGEST_RATIO: t.Final = 200  # expanded to compressed, of parts above ...
_SMALL: t.Final = 1 << 20  # ... bytes

# The exceptions for a damaged archive, besides ArchiveLimitError.
DAMAGES: t.Final = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, NotImplementedError, RuntimeError),
    ValueError,
)


class ArchiveLimitError(ValueError):
    """A part is larger than the emulator's limit; the text names it."""


class ArchiveParts:
    """The parts of a zip archive. ``read`` counts the expanded bytes. A context manager."""

    def __init__(self, file: t.BinaryIO) -> None:
        self._archive = zipfile.ZipFile(file)
        self._left = LARGEST_SUM
        self.names = frozenset(self._archive.namelist())

    @classmethod
    def of_bytes(cls, data: bytes) -> ArchiveParts:
        return cls(io.BytesIO(data))

    def __enter__(self) -> ArchiveParts:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def read(self, name: str) -> bytes:
        """A part, empty when there is none. Raises ArchiveLimitError, and one of DAMAGES for a damaged archive."""
        if name not in self.names:
            return b""
        info = self._archive.getinfo(name)
        limit = min(LARGEST_PART, self._left)
        if info.compress_size:
            limit = min(limit, max(_SMALL, info.compress_size * _LARGEST_RATIO))
        with self._archive.open(info) as part:
            data = part.read(limit + 1)  # the sizes in the directory may not be true
        if len(data) > limit:
            raise ArchiveLimitError(
                f"the part {name} expands to more than {limit} bytes, which the emulator does not read"
            )
        self._left -= len(data)
        return data
