# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Uploads that are kept in part: their ends are right, and what lies between reads as zeros."""

from __future__ import annotations

import hashlib
import io
import os

import pytest

from powerbi_emulator.received_file import KEPT_WHOLE, ReceivedFile


@pytest.mark.parametrize("size", [0, 1, 100_000, KEPT_WHOLE])
def test_small_files_are_kept(size: int) -> None:
    data, file = os.urandom(size), ReceivedFile()
    for start in range(0, size, 70_000):
        file.write(data[start : start + 70_000])
    assert (file.size, file.content, file.sha256) == (size, data, hashlib.sha256(data).hexdigest())
    assert file.open().read() == data


def test_of_large_files_the_ends_are_kept() -> None:
    size = KEPT_WHOLE + 5_000_001
    data, file = os.urandom(size), ReceivedFile()
    for start in range(0, size, 70_001):
        file.write(memoryview(data)[start : start + 70_001])
    assert (file.size, file.content, file.sha256) == (size, None, hashlib.sha256(data).hexdigest())
    stream = file.open()
    assert stream.read(1000) == data[:1000]
    assert stream.seek(-1000, io.SEEK_END) == size - 1000
    assert stream.read() == data[-1000:]
    stream.seek(size // 2)
    assert stream.read(10) == bytes(10)
    stream.seek(64 * 1024 - 4)
    assert stream.read(8) == data[64 * 1024 - 4 : 64 * 1024] + bytes(4)
    stream.seek(size + 5)
    assert stream.read() == b""
