# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The files of an export: their paths in the target folder, what existing ones contain, and stale ones of earlier exports."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
import typing as t

from ..._api.items import Item
from ..._content import export, normalise, zip_package
from ..._content.digest import file_digest
from ..._content.export_manifest import Manifest
from ..._content.item import ITEM_TYPES, PAGINATED_REPORT, REPORT
from ..._content.portability import Reference
from ..._content.text import decode
from ..._errors import ConfigError, PowerBIError
from ..remote import RemoteWorkspace

SUFFIXES = {REPORT: "pbix", PAGINATED_REPORT: "rdl"}
_ARCHIVE = "png.zip"
_TEXTS = frozenset((".rdl", ".xml", ".csv", ".mhtml"))


@dataclasses.dataclass
class Exported:
    """The export of one item. ``path`` is relative to the target folder; ``files``, the changed ones, to ``path``.

    ``foreign``: files in the item's folder that are neither in the definition nor of an earlier export; ``own``: the
    others. ``digest`` of a single file (`digest`). ``remaining``: references to the workspace or the tenant. ``error``:
    why it could not be exported; ``skipped``: why there is
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
    remaining: list[Reference] = dataclasses.field(default_factory=list)
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


class Stale(t.NamedTuple):
    """A file or folder of an earlier export whose item the workspace no longer has there. ``path`` is in the target
    folder, ``why`` is the reason."""

    path: str
    item: str
    why: str


def place_of(live: RemoteWorkspace, item: Item, suffix: str) -> str:
    """The path of an item, relative to the target folder: ``suffix`` of its file, empty for the folder of a definition."""
    name = f"{export.file_stem(item.name)}.{suffix}" if suffix else export.folder_name(item.name, item.type)
    return "/".join([*_folder(live, item), name])


def _folder(live: RemoteWorkspace, item: Item) -> list[str]:
    return [export.file_stem(step) for step in live.path_of(item).split("/") if step]


def refuse_collisions(items: t.Sequence[Item], places: t.Mapping[str, str]) -> None:
    """Check that no two items have the same path: names may differ only in case or in characters that file systems reject.
    ``places`` are paths by item id. Raises ConfigError."""
    seen: dict[str, Item] = {}
    for item in items:
        if item.id not in places:
            continue
        first = seen.setdefault(places[item.id].casefold(), item)
        if first is not item:
            raise ConfigError(
                f"{first.name!r} and {item.name!r} would both be exported to {places[item.id]}",
                option="dest",
                why=f"Their ids: {first.id}, {item.id}",
                remedy="rename one of them in the service, or leave one out with exclude",
            )


def may_exist(dest: str, place: str) -> bool:
    """Whether an export to ``place`` may write this file: the service may return an archive, or another kind of image."""
    full = os.path.join(dest, *place.split("/"))
    if os.path.lexists(full) or os.path.lexists(f"{full}.zip"):
        return True
    stem, suffix = os.path.splitext(os.path.basename(full))
    if suffix != ".tiff":
        return False
    try:
        return any(os.path.splitext(name)[0] == stem for name in os.listdir(os.path.dirname(full)))
    except OSError:
        return False


def stale(live: RemoteWorkspace, manifest: Manifest, dest: str) -> list[Stale]:
    """The existing files of earlier exports of this workspace whose items were deleted, renamed or moved since."""
    found = []
    for place, identity in sorted(manifest.items().items()):
        if not os.path.lexists(os.path.join(dest, *place.split("/"))):
            continue
        item = live.with_id(identity)
        if item is None:
            found.append(Stale(place, identity, "the item is not in the workspace any more"))
        elif not _is_place_of(live, item, place):
            now = "/".join(filter(None, (live.path_of(item), f"{item.name}.{item.type}")))
            found.append(Stale(place, identity, f"the item is {now} now"))
    return found


def _is_place_of(live: RemoteWorkspace, item: Item, place: str) -> bool:
    """Whether an export of any kind has the item at this place."""
    stem = "/".join([*_folder(live, item), f"{export.file_stem(item.name)}."])
    rest = place[len(stem) :] if place.startswith(stem) else ""
    return rest in (item.type, _ARCHIVE) or (bool(rest) and rest.isalnum() and rest not in ITEM_TYPES)
