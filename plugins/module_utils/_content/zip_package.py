# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""ZIP packages (.pbix, .xlsx): the only code that opens them, so that every defect raises the same error.

`zipfile` raises a dozen types of exceptions for damaged files, and inflates without a limit: a few kilobytes can
become gigabytes. Here the directory and each part have a limit.
"""

from __future__ import annotations

import contextlib
import lzma
import os
import struct
import typing as t
import zipfile
import zlib

from .._errors import ConfigError

_MAX_DIRECTORY = 8 * 1024 * 1024
"""Limit of the central directory in bytes: more than 100,000 parts. Real packages have some dozens."""

_END = struct.Struct("<4s4H2LH")
_END_SIGNATURE = b"PK\5\6"
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1

# For damaged data zipfile also lets EOFError, struct.error and the like through.
_FOREIGN = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError, EOFError, struct.error, RuntimeError,
    ValueError, LookupError, OverflowError, TypeError, AttributeError,
)  # fmt: skip


class PackageError(ConfigError):
    """``reason`` is the defect, as the end of a sentence; ``part`` names the part, "" for the package itself."""

    def __init__(self, path: str, reason: str, part: str = "") -> None:
        where = f"the part {part!r} of {path}" if part else path
        super().__init__(f"{where} can't be read: {reason}", option="src", remedy="save the file again")
        self.reason = reason
        self.part = part


@contextlib.contextmanager
def opened(path: str) -> t.Iterator[zipfile.ZipFile]:
    """Open a package and read its central directory. Raises PackageError, and OSError for a file that can't be opened."""
    with open(path, "rb") as file:
        fault = _directory_fault(file)
        if fault:
            raise PackageError(path, fault)
        try:
            archive = zipfile.ZipFile(file)
        except (*_FOREIGN, OSError) as error:  # OSError: an invalid offset, as the file itself was opened
            raise PackageError(path, "it is no ZIP package, or its table of contents is damaged") from error
        with archive:
            yield archive


def read(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """Read a part of at most ``limit`` bytes. Raises PackageError: absent, larger, encrypted, damaged."""
    path = str(getattr(archive.fp, "name", ""))
    try:
        member = archive.getinfo(name)
    except KeyError:
        raise PackageError(path, "it is not there", name) from None
    if member.flag_bits & _ENCRYPTED:
        raise PackageError(path, "it is encrypted", name)
    if member.compress_type not in _METHODS:
        raise PackageError(path, "it is compressed in a way that such packages don't have", name)
    if member.file_size > limit:
        raise PackageError(path, f"it has {member.file_size} bytes, more than {limit}", name)
    try:
        with archive.open(member) as stream:
            data = stream.read(limit + 1)
            if len(data) == member.file_size:
                stream.read(1)  # the checksum is verified at the end
    except (*_FOREIGN, OSError) as error:
        raise PackageError(path, "it is damaged", name) from error
    if len(data) != member.file_size:
        raise PackageError(path, "it is damaged: its size differs from the table of contents", name)
    return data


def _directory_fault(file: t.BinaryIO) -> str:
    """Why the central directory must not be read into memory; "" if it may."""
    size = file.seek(0, os.SEEK_END)
    start = max(0, size - _END.size - 0xFFFF)
    file.seek(start)
    tail = file.read()
    file.seek(0)
    at = tail.rfind(_END_SIGNATURE)
    if at < 0 or at + _END.size > len(tail):
        return "it is no ZIP package"
    directory = _END.unpack_from(tail, at)[5]
    # All bits set: the size is in a ZIP64 record.
    if _MAX_DIRECTORY < directory < 0xFFFFFFFF:
        return "its table of contents is too long"
    if directory == 0xFFFFFFFF and _zip64_directory(tail) > _MAX_DIRECTORY:
        return "its table of contents is too long"
    return ""


def _zip64_directory(tail: bytes) -> int:
    """The length in the ZIP64 end record; 0 without one, which zipfile then rejects."""
    at = tail.rfind(b"PK\6\6")
    return struct.unpack_from("<Q", tail, at + 40)[0] if 0 <= at <= len(tail) - 56 else 0
