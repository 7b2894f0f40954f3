# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The path of each item in the target folder, and stale files of earlier exports."""

from __future__ import annotations

import os
import typing as t

from .._api.items import Item
from .._content import export
from .._content.export_manifest import Manifest
from .._content.item import ITEM_TYPES, PAGINATED_REPORT, REPORT
from .._errors import ConfigError
from .remote import RemoteWorkspace

SUFFIXES = {REPORT: "pbix", PAGINATED_REPORT: "rdl"}
_ARCHIVE = "png.zip"


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
