# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Exported files compared with the existing ones: names, differences, equality."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
import typing as t

from .._api.items import Item
from .._content import normalise, zip_package
from .._content.digest import file_digest
from .._content.item import PAGINATED_REPORT
from .._content.text import decode
from .._errors import ConfigError, PowerBIError

_TEXTS = frozenset((".rdl", ".xml", ".csv", ".mhtml"))


@dataclasses.dataclass
class Exported:
    """The export of one item. ``path`` is relative to the target folder; ``files``, the changed ones, to ``path``.

    ``foreign``: files in the item's folder that are neither in the definition nor of an earlier export; ``own``: the
    others. ``digest`` of a single file (`digest`). ``error``: why it could not be exported; ``skipped``: why there is
    nothing to export.
    """

    item: Item
    path: str = ""
    action: str = "unchanged"
    files: list[str] = dataclasses.field(default_factory=list)
    diffs: list[dict[str, str]] = dataclasses.field(default_factory=list)
    foreign: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    digest: str = ""
    skipped: str = ""
    error: PowerBIError | None = None

    def to_dict(self) -> dict[str, t.Any]:
        item = self.item
        return {
            "type": item.type,
            "name": item.name,
            "id": item.id,
            "path": self.path,
            "action": self.action,
            "files": self.files,
            "kept_files": list(self.foreign),
        }


class ForeignFileError(ConfigError):
    """A file at an item's path was not written by an export, or was changed since."""


def foreign(path: str, label: str) -> ForeignFileError:
    return ForeignFileError(
        f"{path} differs from {label} in the service, and is not overwritten",
        option="dest",
        why="According to the manifest of dest, no export has written this file, or it was changed since",
        remedy="move the file away or remove it, give another folder, or leave the item out with exclude",
    )


def digest(path: str, named: str = "") -> str:
    """SHA-256 (hex) of a file's content: of a package its members, of a text without line ends, which git may change.
    ``named``: the final name of the file. Raises OSError."""
    members = _members(path)
    if members is not None:
        return hashlib.sha256(repr(members).encode()).hexdigest()
    if os.path.splitext(named or path)[1].lower() not in _TEXTS:
        return file_digest(path)
    with open(path, "rb") as handle:
        return hashlib.sha256(handle.read().replace(b"\r\n", b"\n")).hexdigest()


def suffixed(path: str, suffix: str) -> str:
    """The final name: several pages as PNG are an archive, and an image may have another format than TIFF."""
    if suffix == ".zip":
        return f"{path}.zip"
    return f"{os.path.splitext(path)[0]}{suffix}" if suffix and path.endswith(".tiff") else path


def diff(path: str, before: bytes | None, after: bytes | None) -> dict[str, str]:
    def shown(data: bytes | None) -> str:
        text = decode(data) if data is not None else ""
        return f"binary, {len(data or b'')} bytes\n" if text is None else text

    return {"before": shown(before), "after": shown(after), "before_header": path, "after_header": path}


def same_file(first: str, second: str) -> bool:
    """Whether two files have the same content. In packages, times and compression are ignored."""
    members = [_members(path) for path in (first, second)]
    if members[0] is not None or members[1] is not None:
        return members[0] == members[1]
    with open(first, "rb") as left, open(second, "rb") as right:
        data = left.read(), right.read()
    if data[0] != data[1] and re.search(r"\.rdl\Z", first):
        return normalise.compare({"r.rdl": data[0]}, {"r.rdl": data[1]}, PAGINATED_REPORT).equal
    return data[0] == data[1]


def _members(path: str) -> list[tuple[str, int, int]] | None:
    """Name, checksum and size of each member of a ZIP package, None for another file."""
    try:
        with zip_package.opened(path) as archive:
            return sorted((member.filename, member.CRC, member.file_size) for member in archive.infolist())
    except zip_package.PackageError:
        return None
