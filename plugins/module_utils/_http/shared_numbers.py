# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Lists of numbers that the forks of a run change in turn, in its private folder."""

from __future__ import annotations

import array
import contextlib
import os
import threading
import typing as t
import zlib

from .._run_files import RunFiles

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_LONGEST = 1 << 20  # bytes

if t.TYPE_CHECKING:
    Numbers = array.array[float]
else:
    Numbers = array.array


class SharedNumbers:
    """Arrays of numbers by name; without a usable folder, and where a file can't be used, only this task has them.

    They are read and written under ``lock``, in place and through descriptors that stay open: that costs a tenth of an
    atomic write. Each file ends with a checksum: one that is damaged counts as empty. One that other users can write is not
    used.
    """

    def __init__(self, directory: str | None) -> None:
        self._directory = directory if RunFiles(directory).usable() else None
        self._lock = threading.Lock()
        self._descriptors: dict[str, int] = {}
        self._own: dict[str, Numbers] = {}

    @contextlib.contextmanager
    def lock(self, name: str) -> t.Iterator[None]:
        """Exclude the other threads and forks."""
        with self._lock:
            descriptor = self._descriptor(name)
            if descriptor < 0 or fcntl is None:
                yield
                return
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(descriptor, fcntl.LOCK_UN)

    def read(self, name: str) -> Numbers:
        """The numbers; empty before the first write."""
        descriptor = self._descriptor(name)
        if descriptor < 0:
            return array.array("d", self._own.get(name, ()))
        numbers = array.array("d")
        with contextlib.suppress(OSError, ValueError):
            numbers.frombytes(os.pread(descriptor, _LONGEST, 0))
        return numbers if numbers and numbers.pop() == _checksum(numbers) else array.array("d")

    def write(self, name: str, numbers: Numbers) -> None:
        """Replace the numbers."""
        descriptor = self._descriptor(name)
        if descriptor < 0:
            self._own[name] = numbers
            return
        content = (numbers + array.array("d", [_checksum(numbers)])).tobytes()
        try:
            os.pwrite(descriptor, content, 0)
            os.ftruncate(descriptor, len(content))
        except OSError:  # a full disk
            self._own[name], self._descriptors[name] = numbers, -1
            os.close(descriptor)

    def close(self) -> None:
        """Close the files."""
        with self._lock:
            for descriptor in self._descriptors.values():
                if descriptor >= 0:
                    os.close(descriptor)
            self._descriptors.clear()

    def _descriptor(self, name: str) -> int:
        """The open file; -1 if there is none that is usable."""
        found = self._descriptors.get(name)
        if found is None:
            found = self._descriptors[name] = -1 if self._directory is None else _opened(f"{self._directory}/{name}")
        return found


def _opened(path: str) -> int:
    try:
        descriptor = os.open(path, _FLAGS, 0o600)
    except OSError:
        return -1
    status = os.fstat(descriptor)
    if status.st_mode & 0o077 or status.st_uid != os.geteuid():
        os.close(descriptor)
        return -1
    return descriptor


def _checksum(numbers: Numbers) -> float:
    return float(zlib.crc32(numbers.tobytes()))
