# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The resources that check mode would have created, for later tasks of the same run."""

from __future__ import annotations

import hashlib

from .files import RunFiles


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
