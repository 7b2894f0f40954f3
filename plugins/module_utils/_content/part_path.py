# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""Paths of definition parts, which are untrusted input, from a folder as well as from the service."""

from __future__ import annotations

import re
import typing as t

_DRIVE = re.compile(r"^[A-Za-z]:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_TEMPORARY = re.compile(r"\.powerbi-[a-z0-9_]{8}")
"""A file that was being written when its process was killed."""

IGNORED_DIRECTORIES = frozenset((".pbi", ".git", "__pycache__"))
"""Folders inside an item that are not part of its definition: a user's settings and data cache, which Fabric's git integration
leaves out as well (localSettings.json, cache.abf, editorSettings.json, unappliedChanges.json)."""

IGNORED_FILES = frozenset((".ds_store", "thumbs.db", "desktop.ini", ".gitignore", ".gitattributes", "cache.abf"))


def ignored(path: str) -> bool:
    """Whether a file at this path inside an item's folder is not a part of its definition."""
    *folders, name = path.split("/")
    if name.lower() in IGNORED_FILES or _TEMPORARY.fullmatch(name):
        return True
    return any(folder.lower() in IGNORED_DIRECTORIES for folder in folders)


def fault(path: str) -> str:
    """Why a part path may not be used to write a file below a folder, or "" when it may.

    Refused: empty, absolute, with a drive letter, with ``.`` or ``..`` or empty steps, with backslashes (a separator on
    Windows), control characters, or bytes that are no text.
    """
    if not path:
        return "is empty"
    if _CONTROL.search(path):
        return "has a control character"
    if _SURROGATE.search(path):
        return "has bytes that are no Unicode text"
    if "\\" in path:
        return "has a backslash"
    if path.startswith("/"):
        return "is absolute"
    if _DRIVE.match(path):
        return "starts with a drive letter"
    steps = path.split("/")
    if ".." in steps or "." in steps:
        return "leaves its folder"
    if "" in steps:
        return "has an empty step"
    return ""


def collisions(paths: list[str]) -> list[tuple[str, str]]:
    """Pairs of paths that differ only in case: one file on Windows and in Power BI Desktop, two here."""
    first: dict[str, str] = {}
    pairs = []
    for path in sorted(paths):
        other = first.setdefault(path.casefold(), path)
        if other != path:
            pairs.append((other, path))
    return pairs


def below_files(paths: t.Collection[str]) -> t.Iterator[tuple[str, str]]:
    """Pairs of a path and another one below it: the first can't be a file and a folder at once."""
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder:
            if folder in paths:
                yield folder, path
            folder = folder.rpartition("/")[0]
