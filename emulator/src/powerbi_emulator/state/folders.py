# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Folders in workspaces."""

from __future__ import annotations

import dataclasses

from powerbi_emulator.emulator_state import EmulatorState, Store
from powerbi_emulator.seed import Section

DEEPEST = 10


@dataclasses.dataclass(slots=True)
class Folder:
    """``parent_id`` None: in the root of the workspace."""

    id: str
    workspace_id: str
    name: str
    parent_id: str | None = None


class Folders(Store):
    """``folders`` is keyed by id in lower case. They are not in a seed: they are created through the API."""

    def __init__(self, emulated: EmulatorState, seed: Section) -> None:  # noqa: ARG002
        self.folders: dict[str, Folder] = {}

    def of_workspace(self, workspace_id: str) -> list[Folder]:
        return [one for one in self.folders.values() if one.workspace_id == workspace_id]

    def find(self, workspace_id: str, folder_id: str) -> Folder | None:
        folder = self.folders.get(folder_id.lower())
        return folder if folder and folder.workspace_id == workspace_id else None

    def named(self, workspace_id: str, parent_id: str | None, name: str) -> Folder | None:
        """The folder of that name with the same parent, case-insensitive."""
        for one in self.folders.values():
            if (one.workspace_id, one.parent_id) == (workspace_id, parent_id) and one.name.lower() == name.lower():
                return one
        return None

    def depth(self, folder_id: str | None) -> int:
        """0 for the workspace itself, 1 for a folder in it."""
        depth = 0
        while folder_id is not None:
            depth += 1
            folder_id = self.folders[folder_id].parent_id
        return depth

    def below(self, folder_id: str) -> set[str]:
        """The ids of the folder and of all folders in it, at any depth."""
        found, todo = {folder_id}, [folder_id]
        while todo:
            parent = todo.pop()
            children = [one.id for one in self.folders.values() if one.parent_id == parent]
            found.update(children)
            todo += children
        return found
