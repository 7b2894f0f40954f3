# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task of a resource: it counts the writes, and keeps warnings and registered secrets."""

from __future__ import annotations

import typing as t


class RecordedTask:
    def __init__(self, *, check_mode: bool = False) -> None:
        self.check_mode = check_mode
        self.writes = 0
        self.warnings: list[str] = []
        self.secrets: list[str] = []

    @property
    def warn(self) -> t.Callable[[str], None]:
        return self.warnings.append

    def mark_changed(self) -> None:
        self.writes += 1

    def register_secrets(self, values: t.Iterable[str]) -> None:
        self.secrets.extend(values)
