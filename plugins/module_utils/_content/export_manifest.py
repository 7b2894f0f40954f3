# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""The export manifest: `.powerbi_export.json` in a folder lists what exports wrote there. Users keep it with the files.

An export removes only files that are listed there, and overwrites only items of the same workspace. The text is
deterministic, so that version control shows only real changes.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import typing as t

from .._errors import ConfigError
from . import confined, json_text, part_path
from .export import write_file
from .text import decode

FILE = ".powerbi_export.json"
_ABOUT = "Files that community.powerbi.powerbi_export has written here. Keep this file with them."
_MAX_BYTES = 64 * 1024 * 1024


@dataclasses.dataclass(frozen=True)
class Entry:
    """One item's place: the ids of its workspace and of itself, and the files in the item's folder.

    An entry of a single file has no files, but the ``digest`` of the file.
    """

    workspace: str
    item: str
    files: tuple[str, ...] = ()
    digest: str = ""


class Manifest:
    """The manifest of the folder ``dest``; ``workspace`` is the id of the exported workspace."""

    def __init__(self, dest: str, workspace: str) -> None:
        self._dest = dest
        self._path = os.path.join(dest, FILE)
        self._workspace = workspace
        self._entries = self._read()

    def known(self, place: str) -> tuple[str, ...]:
        """The files that earlier exports of this workspace wrote to an item's folder."""
        entry = self._entries.get(place)
        return entry.files if entry is not None and entry.workspace == self._workspace else ()

    def claim(self, items: t.Mapping[str, str], *, write: bool) -> None:
        """Reserve places (place -> item id) for this workspace. Raises ConfigError if another workspace's item is there."""
        with self._locked(write):
            for place in sorted(items):
                entry = self._entries.get(place)
                if entry is not None and entry.workspace != self._workspace and self._exists(place):
                    raise ConfigError(
                        f"{place} in {self._dest} was exported from another workspace ({entry.workspace}), and is not "
                        "overwritten",
                        option="dest",
                        remedy=f"give each workspace a folder of its own, or remove {place} first",
                    )
            new = {
                place: Entry(self._workspace, item)
                for place, item in items.items()
                if not self._exists(place) and self.known(place) == ()
            }
            if write and new:
                self._write({**self._entries, **new})

    def record(self, done: t.Mapping[str, Entry | None]) -> None:
        """Record the entries after the export, by place; None where nothing was written and no entry is needed."""
        with self._locked(True):
            entries = dict(self._entries)
            for place, entry in done.items():
                if entry is not None:
                    entries[place] = entry
                elif not self._exists(place):
                    entries.pop(place, None)
            self._write(entries)

    def has(self, place: str) -> bool:
        return place in self._entries

    def items(self) -> dict[str, str]:
        """The ids of the items that exports of this workspace wrote, by their places."""
        return {place: entry.item for place, entry in self._entries.items() if entry.workspace == self._workspace}

    def digest(self, place: str) -> str:
        return self._entries[place].digest if place in self._entries else ""

    def is_own(self, place: str, digest: t.Callable[[], str]) -> bool:
        """Whether an export wrote the file at a place and it is unchanged; ``digest`` is called for the file's digest."""
        if place not in self._entries:
            return False
        known = self._entries[place].digest
        return not known or known == digest()

    def _exists(self, place: str) -> bool:
        return os.path.lexists(os.path.join(self._dest, *place.split("/")))

    @contextlib.contextmanager
    def _locked(self, write: bool) -> t.Iterator[None]:
        """Hold the lock of the manifest, and read what other exports have written since."""
        if not write:
            yield
            return
        descriptor = -1
        os.makedirs(self._dest, exist_ok=True)
        with contextlib.suppress(ImportError, OSError):  # a file system without locks: only concurrent exports conflict
            import fcntl

            descriptor = os.open(self._dest, os.O_RDONLY)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        try:
            self._entries = self._read()
            yield
        finally:
            if descriptor >= 0:
                os.close(descriptor)

    def _read(self) -> dict[str, Entry]:
        if not os.path.lexists(self._path):
            return {}
        obstacle = confined.obstacle(self._dest, FILE)
        if obstacle:
            raise self._unusable(obstacle)
        try:
            with open(self._path, "rb") as file:
                data = file.read(_MAX_BYTES + 1)
        except OSError as error:
            raise self._unusable(f"can't be read: {error.strerror or error}") from error
        if len(data) > _MAX_BYTES:
            raise self._unusable("is too large")
        text = decode(data)
        value, problem = (None, None) if text is None else json_text.parse(text, FILE)
        items = value.get("items") if isinstance(value, dict) and value.get("version") == 1 else None
        if problem or not isinstance(items, dict):
            raise self._unusable(f"is no manifest of an export{f': {problem}' if problem else ''}")
        return {place: self._entry(place, entry) for place, entry in items.items()}

    def _entry(self, place: str, value: t.Any) -> Entry:
        if isinstance(value, dict) and isinstance(value.get("files", []), list):
            found = (value.get("workspace"), value.get("item"), value.get("sha256", ""), *value.get("files", []))
            files = tuple(text for text in found[3:] if isinstance(text, str) and not part_path.fault(text))
            if all(isinstance(text, str) for text in found) and len(files) == len(found) - 3:
                return Entry(str(found[0]), str(found[1]), files, str(found[2]))
        raise self._unusable(f"has an entry {place[:100]!r} that is none of an export")

    def _unusable(self, why: str) -> ConfigError:
        return ConfigError(
            f"{self._path} {why}",
            option="dest",
            remedy="restore the file; or remove it: then all files count as your own, so that none is removed",
        )

    def _write(self, entries: dict[str, Entry]) -> None:
        if entries == self._entries:
            return
        self._entries = entries
        if not entries:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._path)
            return
        items: dict[str, dict[str, t.Any]] = {}
        for place in sorted(entries):
            entry = entries[place]
            items[place] = {"workspace": entry.workspace, "item": entry.item}
            if entry.files:
                items[place]["files"] = sorted(entry.files)
            if entry.digest:
                items[place]["sha256"] = entry.digest
        text = json_text.dump({"about": _ABOUT, "version": 1, "items": items}, indent=2)
        write_file(self._path, f"{text}\n".encode())
