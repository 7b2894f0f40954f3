# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""Find the items in a folder and their problems, before the first write.

An item is a folder with a `.platform` part, or one named ``<name>.<item type>``, or a .pbix, .rdl or .xlsx file. Other
folders are workspace folders; hidden ones, those of package managers and those without items are skipped.
"""

from __future__ import annotations

import dataclasses
import os
import posixpath
import stat
import typing as t

from . import (
    creation,
    duplicates,
    file_checks,
    folder_rules,
    item_checks,
    part_path,
    patterns,
    platform,
    rebind,
    references,
)
from .item import DEFINITION, FILE_TYPES, ITEM_TYPES, PAGINATED_REPORT, REPORT, SEMANTIC_MODEL, LocalItem
from .problem import WARNING, Problem, refuse

_CHILDREN = ".children"
"""Inside an item: items that belong to it (KQL databases of an eventhouse), in the folder of that item."""

_OF_TOOLS = frozenset(("node_modules", "bower_components", "site-packages", "__pycache__"))
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


@dataclasses.dataclass(frozen=True)
class Scan:
    """The items of a folder. ``outside`` are items that the patterns exclude; they may still be referenced."""

    items: tuple[LocalItem, ...]
    problems: tuple[Problem, ...]
    outside: tuple[LocalItem, ...] = ()

    def check(self) -> tuple[LocalItem, ...]:
        """The items. Raises ContentError with every problem if one of them is an error."""
        refuse(self.problems)
        return self.items


def scan(src: str, include: t.Sequence[str] = (), exclude: t.Sequence[str] = (), allowed: t.Sequence[str] = ()) -> Scan:
    """Scan a folder. Patterns (shell style) match ``Folder/Name.Type``, ``Name.Type`` or a file's path; a pattern that
    ends with "/" matches a folder and its content. Without a pattern in ``include`` all items match. ``allowed`` are
    types that are accepted besides those of the table."""
    walk = _Walk(src, allowed)
    if not os.path.isdir(walk.root):
        return Scan((), (Problem(os.path.abspath(src), 0, 0, "this folder does not exist"),))
    walk.directory("", "")
    chosen: list[LocalItem] = []
    outside: list[LocalItem] = []
    for item in walk.items:
        taken = (not include or patterns.matches(item, include)) and not patterns.matches(item, exclude)
        (chosen if taken else outside).append(item)
    problems = list(walk.problems)
    problems.extend(patterns.unmatched(walk.items, include, exclude))
    if not walk.items and not problems:
        problems.append(
            Problem(src, 0, 0, "the folder holds no item", "give another src, or check out its content", WARNING)
        )
    names = {item.path for item in chosen}
    # Excluded items may be invalid: only the files of selected items, and those outside of items, are reported.
    left_out = tuple(f"{item.path}/" for item in outside if item.path not in names)
    problems = [found for found in problems if not f"{found.file}/".startswith(left_out)]
    for place, item in enumerate(chosen):
        if item.kind == DEFINITION:
            chosen[place], found = _checked(item, allowed)
        else:
            problems.extend(item_checks.check_name(item.display_name, item.path, "the name"))
            chosen[place], found = file_checks.checked(item)
        problems.extend(found)
    problems.extend(folder_rules.problems_of(item.folder for item in chosen))
    problems.extend(duplicates.problems_of(chosen))
    problems.extend(references.problems_of(chosen, outside))
    return Scan(tuple(chosen), tuple(sorted(set(problems))), tuple(outside))


def _checked(item: LocalItem, allowed: t.Sequence[str]) -> tuple[LocalItem, list[Problem]]:
    """An item with a definition as it is deployed, and every problem of it."""
    problems = [*item_checks.check_known(item, allowed), *item_checks.check_item(item)]
    item, found = creation.prepared(item)
    return item, [*problems, *found]


def scan_item(path: str, allowed: t.Sequence[str] = ()) -> Scan:
    """Scan the folder of one item. ``outside`` is the semantic model that a report references by path, if it exists."""
    parent, name = os.path.split(os.path.abspath(path))
    walk = _Walk(parent, allowed)
    if not os.path.isdir(path):
        return Scan((), (Problem(os.path.abspath(path), 0, 0, "this folder does not exist"),))
    if not walk.is_item(name, name):
        what = "this is no item's folder: it has no .platform, and its name doesn't end in a type such as .Report"
        return Scan((), (Problem(path, 0, 0, what),))
    walk.item(name, name, "")
    item = next((found for found in walk.items if found.path == name), None)
    problems = [found for found in walk.problems if f"{found.file}/".startswith(f"{name}/")]
    if item is None:
        return Scan((), tuple(problems))
    outside = _model_by_path(walk, item)
    item, found = _checked(item, allowed)
    problems.extend(found)
    problems.extend(references.problems_of([item], outside))
    return Scan((item,), tuple(sorted(set(problems))), outside)


def _model_by_path(walk: _Walk, item: LocalItem) -> tuple[LocalItem, ...]:
    data = item.parts.get(rebind.PART)
    bound = rebind.read(data, rebind.PART)[0] if data is not None else rebind.Binding()
    if not bound.path:
        return ()
    path = posixpath.normpath(posixpath.join(item.path, bound.path.replace("\\", "/")))
    name = posixpath.basename(path)
    if not os.path.isdir(os.path.join(walk.root, path)) or not walk.is_item(path, name):
        return ()
    walk.item(path, name, "")
    return tuple(found for found in walk.items if found.path == path)


class _Walk:
    """One pass over the folder, without following links out of it."""

    def __init__(self, src: str, allowed: t.Sequence[str] = ()) -> None:
        self.types = {*ITEM_TYPES, *allowed}
        self.root = os.path.abspath(src)
        self.real = os.path.realpath(src)
        self.items: list[LocalItem] = []
        self.problems: list[Problem] = []

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
                    self.directory(inner, f"{folder}/{entry.name}" if folder else entry.name)
            elif kind == "file" and suffix in FILE_TYPES:
                name = os.path.splitext(entry.name)[0]
                size = entry.stat().st_size
                self.items.append(
                    LocalItem(
                        FILE_TYPES[suffix], name, suffix[1:], os.path.join(self.root, inner), inner, folder, size=size
                    )
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
        return (bool(typed[0]) and typed[2] in self.types) or os.path.lexists(
            os.path.join(self.root, path, platform.PART)
        )

    def item(self, path: str, name: str, folder: str) -> None:
        parts: dict[str, bytes] = {}
        self.parts(path, "", parts, folder)
        described = None
        if platform.PART in parts:
            described, problems = platform.read(parts[platform.PART], f"{path}/{platform.PART}")
            self.problems.extend(problems)
        stem, dummy, suffix = name.rpartition(".")
        item_type, display_name = (suffix, stem) if suffix in self.types else ("", name)
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
        logical_id, description = (described.logical_id, described.description) if described else ("", "")
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
