# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Responses that the lookups of one run share, until a module of the collection writes anything on this controller."""

from __future__ import annotations

import hashlib
import time
import typing as t

from .files import RunFiles

_LAST_WRITE = "last-write.json"


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
