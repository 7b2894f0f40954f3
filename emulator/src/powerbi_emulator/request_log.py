# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The received requests, in order of arrival, without secrets: neither bodies nor header values are stored."""

from __future__ import annotations

import datetime
import typing as t

from powerbi_emulator.clock import Clock
from powerbi_emulator.path_pattern import compiled

LIMIT: t.Final = 100_000


class RequestLog:
    """Entries are dicts: time (ISO 8601 UTC, without the clock skew), method, path, status (None while open or after a
    reset), query (names only), duration (seconds until the response started), and facts that routes add."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: list[dict[str, t.Any]] = []

    def open(self, method: str, path: str, query: t.Sequence[str], host: str) -> dict[str, t.Any]:
        """Add an entry for a new request, and return it to be completed."""
        now = datetime.datetime.fromtimestamp(self._clock.time(), tz=datetime.UTC)
        entry: dict[str, t.Any] = {
            "time": now.isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "method": method,
            "path": path,
            "status": None,
            "query": list(query),
            "host": host,
        }
        if len(self._entries) >= LIMIT:
            del self._entries[: LIMIT // 10]
        self._entries.append(entry)
        return entry

    def entries(self, path: str | None = None) -> list[dict[str, t.Any]]:
        """All entries, or those whose path matches the expression ``path``. Raises PatternError."""
        if not path:
            return list(self._entries)
        pattern = compiled(path)
        found = {one: pattern.found_in(one) for one in {entry["path"] for entry in self._entries}}
        return [entry for entry in self._entries if found[entry["path"]]]

    def clear(self) -> None:
        self._entries.clear()
