# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""One pass over a folder: its items, with the parts of those that are folders, and the problems of the file system."""

from __future__ import annotations

import os
import stat
import typing as t
import unicodedata

from . import item_files, part_path, platform
from .item import DEFINITION, FILE_TYPES, ITEM_TYPES, PAGINATED_REPORT, REPORT, SEMANTIC_MODEL, LocalItem
from .problem import Problem
from .text import folded

_CHILDREN = ".children"
"""Inside an item: items that belong to it (KQL databases of an eventhouse), in the folder of that item."""

_OF_TOOLS = frozenset(
    (
        "node_modules",
        "bower_components",
        "jspm_packages",
        "site-packages",
        "dist-packages",
        "__pycache__",
        "__pypackages__",
        "ansible_collections",
        "__MACOSX",
    )
)
"""Folders of package managers: their content was installed, not written for the workspace."""

_SPELLINGS = {
    "report": REPORT,
    "semanticmodel": SEMANTIC_MODEL,
    "dataset": SEMANTIC_MODEL,
    "paginatedreport": PAGINATED_REPORT,
}
"""Suffixes of folder names that are types in a non-Fabric spelling: the `.platform` decides, and must not contradict."""

_MARKERS = {"definition.pbism": SEMANTIC_MODEL, "definition.pbidataset": SEMANTIC_MODEL, "definition.pbir": REPORT}
"""Parts that only an item's folder has: in any other folder the item would silently not be deployed."""


def _composed(name: str) -> str:
    """A name with composed characters (NFC), as services and people write them: macOS writes names decomposed."""
    return unicodedata.normalize("NFC", name)


class Walk:
    """One pass over the folder, without following links out of it."""

    def __init__(self, src: str, allowed: t.Sequence[str] = ()) -> None:
        self.types = {*ITEM_TYPES, *allowed}
        self.root = os.path.abspath(src)
        self.real = os.path.realpath(src)
        self.items: list[LocalItem] = []
        self.problems: list[Problem] = []
        self.stray: list[str] = []
        self.empty_folders: list[str] = []

    def add_problem(self, path: str, what: str, remedy: str, code: str = "") -> None:
        self.problems.append(Problem(path, 0, 0, what, remedy, code=code))

    def entries(self, path: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(os.path.join(self.root, path)) as found:
                return sorted(found, key=lambda entry: entry.name)
        except OSError as exc:
            self.add_problem(
                path or ".", f"the folder can't be read: {exc.strerror or exc}", "Correct its permissions", "unreadable"
            )
            return []

    def spelled(self, path: str) -> str:
        """A path as the file system has it, if only its case or the composition of its characters differs."""
        found = ""
        for step in path.split("/"):
            exact = os.path.join(found, step)
            if not os.path.lexists(os.path.join(self.root, exact)) and os.path.isdir(os.path.join(self.root, found)):
                names = os.listdir(os.path.join(self.root, found))
                alike = [name for name in names if folded(name) == folded(step)]
                exact = os.path.join(found, alike[0]) if len(alike) == 1 else exact
            found = exact
        return found

    def kind_of(self, entry: os.DirEntry[str], path: str) -> str:
        """ "file", "directory", or "" with a problem for a path that can't be used."""
        try:
            if entry.is_symlink():
                real = os.path.realpath(entry.path)
                if real != self.real and not real.startswith(self.real + os.sep):
                    self.add_problem(
                        path, "the link points out of the folder", "Copy what it points to into the folder", "link"
                    )
                    return ""
                if os.path.isdir(real) and (os.path.realpath(os.path.dirname(entry.path)) + os.sep).startswith(
                    real + os.sep
                ):
                    self.add_problem(path, "the link points to a folder that holds it", "Remove the link", "link")
                    return ""
            mode = entry.stat().st_mode
        except OSError as exc:
            self.add_problem(
                path, f"it can't be read: {exc.strerror or exc}", "Correct the link or its permissions", "unreadable"
            )
            return ""
        if stat.S_ISDIR(mode):
            return "directory"
        if stat.S_ISREG(mode):
            return "file"
        self.add_problem(path, "this is no regular file", "Remove it", "link")
        return ""

    def directory(self, path: str, folder: str) -> None:
        """Scan a folder that is not an item; ``folder`` is its path in the workspace."""
        entries = self.entries(path)
        if not entries and folder:
            self.empty_folders.append(folder)
        for entry in entries:
            if entry.name in _MARKERS:
                what = f"the folder has a {entry.name}, but its name doesn't end in .{_MARKERS[entry.name]}"
                self.add_problem(
                    path or ".", what, f"Name it <name>.{_MARKERS[entry.name]}, or scan the folder that holds it"
                )
                return
        for entry in entries:
            inner = f"{path}/{entry.name}" if path else entry.name
            hidden = entry.name.startswith((".", "~$")) or entry.name in _OF_TOOLS or self.is_environment(inner)
            suffix = os.path.splitext(entry.name)[1].lower()
            if hidden or (suffix not in FILE_TYPES and not self.is_directory(entry)):
                continue
            kind = self.kind_of(entry, inner)
            if kind == "directory":
                if self.is_item(inner, entry.name):
                    self.item(inner, entry.name, folder)
                else:
                    step = _composed(entry.name)
                    self.directory(inner, f"{folder}/{step}" if folder else step)
            elif kind == "file" and suffix in FILE_TYPES:
                name = _composed(os.path.splitext(entry.name)[0])
                size = entry.stat().st_size
                self.items.append(
                    LocalItem(
                        FILE_TYPES[suffix], name, suffix[1:], os.path.join(self.root, inner), inner, folder, size=size
                    )
                )

    def is_item_root(self) -> bool:
        """Whether the scanned folder is that of one item: it has a `.platform`, or is named as one and contains none."""
        name = os.path.basename(self.root)
        if any(os.path.lexists(os.path.join(self.root, part)) for part in (platform.PART, item_files.METADATA)):
            return True
        return self.is_item("", name) and not any(
            self.is_directory(entry) and self.is_item(entry.name, entry.name) for entry in self.entries("")
        )

    def is_environment(self, path: str) -> bool:
        """Whether this is a Python or conda environment, whose packages contain .xlsx files."""
        names = ("pyvenv.cfg", "conda-meta")
        return any(os.path.lexists(os.path.join(self.root, path, name)) for name in names)

    @staticmethod
    def is_directory(entry: os.DirEntry[str]) -> bool:
        try:
            return entry.is_dir()
        except OSError:
            return False

    def is_item(self, path: str, name: str) -> bool:
        typed = name.rpartition(".")
        return (bool(typed[0]) and typed[2] in self.types) or any(
            os.path.lexists(os.path.join(self.root, path, part)) for part in (platform.PART, item_files.METADATA)
        )

    def item(self, path: str, name: str, folder: str) -> None:
        files: dict[str, bytes] = {}
        self.parts(path, "", files, folder)
        parts, found = item_files.parts_of(files, path)
        self.problems.extend(found)
        described = None
        if platform.PART in parts:
            described, problems = platform.read(parts[platform.PART], f"{path}/{platform.PART}")
            self.problems.extend(problems)
        stem, dummy, suffix = name.rpartition(".")
        item_type, display_name = (suffix, _composed(stem)) if suffix in self.types else ("", _composed(name))
        if described:
            named = item_type or _SPELLINGS.get(suffix.lower(), described.type)
            if described.type != named:
                what = f"the folder {name!r} is named as a {suffix}, but its .platform has the type {described.type}"
                remedy = (
                    f"Name the folder '{stem}.{described.type}', or set metadata.type in the .platform to {named!r}"
                )
                self.add_problem(f"{path}/{platform.PART}", what, remedy)
            item_type, display_name = described.type, described.display_name
        if not item_type:
            return  # The type is only in a .platform that can't be parsed; its problems are reported.
        source = os.path.join(self.root, path)
        size = sum(map(len, parts.values()))
        logical_id, description = (described.logical_id, described.description) if described else ("", None)
        self.items.append(
            LocalItem(item_type, display_name, DEFINITION, source, path, folder, logical_id, description, size, parts)
        )

    def parts(self, path: str, inside: str, parts: dict[str, bytes], folder: str) -> None:
        for entry in self.entries(f"{path}/{inside}" if inside else path):
            part = f"{inside}/{entry.name}" if inside else entry.name
            if part_path.ignored(part) or part_path.ignored(f"{part}/"):
                continue
            kind = self.kind_of(entry, f"{path}/{part}")
            if kind == "directory":
                if entry.name == _CHILDREN and not inside:
                    self.directory(f"{path}/{part}", folder)
                else:
                    self.parts(path, part, parts, folder)
            elif kind == "file":
                if item_files.is_stray(part):
                    self.stray.append(f"{path}/{part}")
                    continue
                try:
                    with open(entry.path, "rb") as handle:
                        parts[part] = handle.read()
                except OSError as exc:
                    self.add_problem(
                        f"{path}/{part}",
                        f"the file can't be read: {exc.strerror or exc}",
                        "Correct its permissions",
                        "unreadable",
                    )
