# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Reads items and their definitions, many at once, for read-only modules and drift."""

from __future__ import annotations

import typing as t

from .._api.items import Item, parts_of
from .._api.names import matching
from .._content import item_types, patterns, platform
from .._content.digest import definition_digest
from .._content.item_types import definition_format
from .._errors import PowerBIError
from .._jobs import Jobs
from .remote import RemoteWorkspace
from .single import shown

Read = t.Union[t.Mapping[str, bytes], PowerBIError]


def chosen(live: RemoteWorkspace, item_type: str | None, name_or_id: str | None) -> list[Item]:
    """The items of a type and with a name (in any case) or id, as far as these are given, sorted by both.

    Raises ConfigError for a type that is neither known nor in the workspace.
    """
    items = live.all()
    desired = item_types.canonical(item_type, [item.type for item in items]) if item_type else ""
    return sorted(
        (item for item in matching(items, name_or_id) if desired in ("", item.type)),
        key=lambda item: (item.type, item.name.casefold(), item.id),
    )


def matches(item: Item, folder: str, include: t.Sequence[str], exclude: t.Sequence[str]) -> bool:
    """Whether patterns select an item, as those of a deployment do: Name.Type, Folder/Name.Type, or Folder/."""

    def fits(pattern: str) -> bool:
        full = f"{folder}/{item.name}.{item.type}" if folder else f"{item.name}.{item.type}"
        if pattern.endswith("/"):
            return full.startswith(pattern)
        return any(patterns.fits(name, pattern) for name in (full, f"{item.name}.{item.type}"))

    return (not include or any(map(fits, include))) and not any(map(fits, exclude))


def definitions(
    live: RemoteWorkspace, items: t.Sequence[Item], jobs: Jobs, formats: t.Mapping[str, str] | None = None
) -> dict[str, Read]:
    """The parts of each item by its id, or the error why the service does not return them. ``formats`` by type."""

    def read(item: Item) -> Read:
        try:
            parts = parts_of(live.items.definition(item, (formats or {}).get(item.type, "")).wait())
        except PowerBIError as error:
            return error
        live.record_owner_in(item.id, parts)
        return parts

    return dict(zip((item.id for item in items), jobs.map(read, items)))


def summary(live: RemoteWorkspace, item: Item, read: Read | None) -> dict[str, t.Any]:
    """An item as a result value, with the parts of its definition if that was read."""
    described = shown(live, item)
    if read is None:
        return described
    if isinstance(read, PowerBIError):
        return {**described, "definition": None, "definition_error": read.what}
    parts = {path: data for path, data in read.items() if path != platform.PART}
    return {
        **described,
        "definition": {
            "format": definition_format(item.type, parts),
            "sha256": definition_digest(parts, item.type),
            "parts": [{"path": path, "size": len(data)} for path, data in sorted(parts.items())],
        },
        "definition_error": "",
    }
