# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""What the forks of one run share: responses, planned resources and identities, as small JSON files.

Files are read without a lock and written atomically, with mode 0600 in a folder of 0700.

A file that is damaged, or that other users can write, is ignored. Nothing here fails a task: without a usable folder, or
with a full disk, forks share nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import tempfile
import time
import typing as t

if t.TYPE_CHECKING:
    from ._settings.resolve import Credential


_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)
_LAST_WRITE = "last-write.json"
_IDENTITIES = "identities"


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


class RunResponseCache:
    """JSON values by key, fetched once per run. No sharing where ``directory`` is None or unusable."""

    def __init__(self, directory: str | None) -> None:
        self._files = RunFiles(directory)

    def get_or_fetch(self, key: str, fetch: t.Callable[[], t.Any]) -> t.Any:
        """The value that was cached since the last write, or the result of ``fetch()``, for which other forks wait."""
        if not self._files.usable():
            return fetch()
        name = hashlib.sha256(key.encode()).hexdigest()
        cached = self._cached(name)
        if cached is None:
            with self._files.lock(f"{name}.lock"):
                cached = self._cached(name)
                if cached is None:
                    requested = time.time_ns()
                    cached = {"requested_at": requested, "value": fetch()}
                    self._files.write(f"{name}.response", cached)
        return cached["value"]

    def invalidate(self) -> None:
        """After a write: responses to requests before it may be stale."""
        if self._files.usable():
            self._files.write(_LAST_WRITE, {"at": time.time_ns()})

    def _cached(self, name: str) -> dict[str, t.Any] | None:
        entry = self._files.read(f"{name}.response")
        requested = entry.get("requested_at")
        if not _is_time(requested) or "value" not in entry:  # of another shape: ignored
            return None
        written = self._files.read(_LAST_WRITE).get("at", 0)
        return entry if _is_time(written) and requested > written else None


def _is_time(value: t.Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


class PlannedResources:
    """Workspaces and items that this run would create. Empty where ``directory`` is None or unusable.

    ``where`` identifies the service and the tenant.
    """

    def __init__(self, directory: str | None, where: str) -> None:
        self._files = RunFiles(directory)
        self._where = where

    def add(self, name: str) -> None:
        """Record a workspace that would have been created now. It has no id yet: later tasks may get an empty id for it."""
        if self._files.usable():
            for known_as in (name, ""):
                self._files.write(self._file(known_as), {"planned": True})

    def is_planned(self, name: str) -> bool | None:
        """Whether an earlier task would have created it; None where that is unknown."""
        return self._is_planned(name) if self._files.usable() else None

    def add_item(self, workspace: str, item_type: str, name: str) -> None:
        """Record an item that would have been created now in the workspace of that name or id."""
        if self._files.usable():
            self._files.write(self._file(f"{workspace}\n{item_type}\n{name}"), {"planned": True})

    def is_item_planned(self, workspace: str, item_type: str, name: str) -> bool:
        """Whether an earlier task would have created the item; False also where that is unknown."""
        return self._is_planned(f"{workspace}\n{item_type}\n{name}")

    def _is_planned(self, name: str) -> bool:
        return self._files.read(self._file(name)).get("planned") is True

    def _file(self, name: str) -> str:
        return hashlib.sha256(f"{self._where}\n{name.lower()}".encode()).hexdigest() + ".planned"


def record_identity(directory: str | None, credential: Credential) -> str | None:
    """Record the identity for the run; returns a warning if the run uses another one already, else None.

    Identities that are all explicit (options, variables, a named profile) are intentional and cause no warning. Nor does
    a token that was passed in, whose identity is unknown before it is decoded. ``directory`` is the run's private folder;
    without one nothing is recorded.
    """
    if credential.method == "access_token":
        return None
    files = RunFiles(directory)
    who = _who(credential)
    key = hashlib.sha256(who.lower().encode()).hexdigest()[:16]
    if key in files.read(_IDENTITIES) or not files.usable():
        return None
    with files.lock(f"{_IDENTITIES}.lock"):
        recorded = files.read(_IDENTITIES)
        if key in recorded:
            return None
        files.write(
            _IDENTITIES, {**recorded, key: {"who": who, "source": credential.source, "explicit": credential.explicit}}
        )
    return next(
        (_warning(entry, credential, who) for entry in recorded.values() if _is_implicit(entry, credential)), None
    )


def _who(credential: Credential) -> str:
    name = credential.text("username") or credential.client_id
    if not name:
        name = "the signed-in az" if credential.method == "azure_cli" else "the system-assigned managed identity"
    return f"{name} of tenant {credential.tenant_id}" if credential.tenant_id else name


def _is_implicit(entry: t.Any, credential: Credential) -> bool:
    return isinstance(entry, dict) and not (entry.get("explicit") and credential.explicit)


def _warning(entry: dict[str, t.Any], credential: Credential, who: str) -> str:
    return (
        f"This run uses more than one identity: {entry.get('who')} (from {entry.get('source')}) and {who} "
        f"(from {credential.source}). Lookups do not see module_defaults, and neither they nor tasks of other plays see a "
        "play's environment. Give the credential in one place, or name both identities explicitly."
    )
