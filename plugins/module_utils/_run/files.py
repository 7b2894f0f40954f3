# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Small JSON files that all forks of one run share: read without a lock, written atomically, 0600 in a folder of 0700.

A file that is damaged, or that other users can write, is ignored. Nothing here fails a task: without a usable folder, or
with a full disk, forks share nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import tempfile
import typing as t

_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)


class RunFiles:
    """The files of one private folder, or none where ``directory`` is None. ``name`` is the file name."""

    def __init__(self, directory: str | None) -> None:
        self._directory = directory

    def read(self, name: str) -> dict[str, t.Any]:
        """The object in a file; empty without a usable one, and in a folder that others can write to. Takes no lock."""
        if self._directory is None or not self._is_private():
            return {}
        try:
            descriptor = os.open(f"{self._directory}/{name}", _READ)
            with open(descriptor, "rb") as file:
                status = os.fstat(descriptor)
                if status.st_mode & 0o077 or status.st_uid != os.geteuid():
                    return {}  # a file that others can write could inject a token
                entry = json.loads(file.read())
        except (OSError, ValueError, RecursionError):
            return {}
        return entry if isinstance(entry, dict) else {}

    def write(self, name: str, entry: dict[str, t.Any]) -> None:
        """Write the object atomically. Errors are ignored: the file then is not shared."""
        temporary = ""
        try:
            descriptor, temporary = tempfile.mkstemp(dir=self._directory)  # 0600
            with open(descriptor, "w", encoding="ascii") as file:
                json.dump(entry, file)
            os.replace(temporary, f"{self._directory}/{name}")
        except OSError:
            if temporary:
                with contextlib.suppress(OSError):
                    os.remove(temporary)

    def usable(self) -> bool:
        """Create the folder if needed. Returns whether it is private; to be checked before ``write`` and ``lock``."""
        if self._directory is None:
            return False
        try:
            os.makedirs(self._directory, mode=0o700, exist_ok=True)
        except (OSError, ValueError):
            return False
        return self._is_private()

    def _is_private(self) -> bool:
        """Whether it is a folder of this user with mode 0700, and no link."""
        try:
            status = os.lstat(str(self._directory))
        except (OSError, ValueError):
            return False
        return stat.S_ISDIR(status.st_mode) and status.st_mode & 0o077 == 0 and status.st_uid == os.geteuid()

    @contextlib.contextmanager
    def lock(self, name: str) -> t.Iterator[None]:
        """An advisory lock that ends with its process; no lock without fcntl (Windows)."""
        descriptor = -1
        try:
            import fcntl

            descriptor = os.open(f"{self._directory}/{name}", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except (ImportError, OSError):
            pass
        try:
            yield
        finally:
            if descriptor >= 0:
                os.close(descriptor)
