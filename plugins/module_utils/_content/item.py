# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""A local item: its source, its parts and its type."""

from __future__ import annotations

import dataclasses
import typing as t

from .item_types import TYPES

if t.TYPE_CHECKING:
    from .rebind import Binding

DEFINITION = "definition"
PBIX = "pbix"
RDL = "rdl"
XLSX = "xlsx"

SEMANTIC_MODEL = "SemanticModel"
REPORT = "Report"
PAGINATED_REPORT = "PaginatedReport"

FILE_TYPES: t.Mapping[str, str] = {".pbix": REPORT, ".rdl": PAGINATED_REPORT, ".xlsx": SEMANTIC_MODEL}
"""Files that are an item by themselves (published through imports): suffix -> type of the item with the file's name."""

ITEM_TYPES = frozenset(TYPES)
"""The Fabric item types (`ItemType` of the platform API) that a folder name or a dynamic variable may name."""


@dataclasses.dataclass(frozen=True, eq=False)
class LocalItem:
    """One item found in the source folder. Compared by identity; ``key`` is unique in a workspace.

    ``kind`` is how it is published: "definition" (``parts`` holds the bytes of each part, ``.platform`` included), or
    "pbix", "rdl", "xlsx" (``parts`` is empty: ``source`` is the file, which may be gigabytes and is never read here).
    ``folder`` is the path of workspace folders, "" for the root. ``source`` is an absolute path, ``path`` the same
    relative to the scanned folder. ``description`` is None where the folder does not state one. ``size`` is in bytes.
    ``models`` are the semantic models that an .rdl file references.
    """

    type: str
    display_name: str
    kind: str
    source: str
    path: str
    folder: str = ""
    logical_id: str = ""
    description: str | None = None
    size: int = 0
    parts: t.Mapping[str, bytes] = dataclasses.field(default_factory=dict)
    models: tuple[Binding, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """(type, display name): names are unique per type in a workspace, whatever their case."""
        return (self.type, self.display_name.casefold())

    def __str__(self) -> str:
        return f"{self.display_name}.{self.type}"

    def with_parts(self, parts: t.Mapping[str, bytes]) -> LocalItem:
        """The same item with other parts (after parameters, rebinding or preserving)."""
        return dataclasses.replace(self, parts=dict(parts))
