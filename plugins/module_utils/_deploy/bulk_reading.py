# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Reads the definitions of many items in one operation, which reduces the cost of a deployment without changes.

The API for it is a beta, without a `format` parameter. Its result is only used as proof that an item is unchanged: an
item that is missing in it, has another format or differs is read again with getDefinition, and if the API is not
available, all items are, unless `bulk_api` is always: then that is an error.
"""

from __future__ import annotations

import posixpath
import typing as t

from .._api.items import Exported, Item, exported_of
from .._content import rebind
from .._content.item import REPORT, LocalItem
from .._content.item_types import definition_format
from .._errors import ConfigError, PowerBIError
from .remote import RemoteWorkspace

_FEW = 8  # items that getDefinition reads in the same time
_BATCH = 200  # items of one operation, to bound the size of a response
_OTHER_FORMATS = ("TMSL", "PBIR-Legacy")  # bulk exports may return others


def is_worthwhile(number: int, bulk_api: str) -> bool:
    """Whether to read so many definitions in one operation."""
    return number > 0 and (bulk_api == "always" or (bulk_api == "auto" and number > _FEW))


def raise_if_required(error: PowerBIError, bulk_api: str) -> None:
    """With `bulk_api` always, what the service refuses is an error; otherwise the definitions are read item by item."""
    if bulk_api == "always":
        raise ConfigError(
            "bulk_api is always, but the definitions can't be read in one operation",
            option="bulk_api",
            why=str(error),
            remedy="set bulk_api to auto, which then reads them item by item",
        ) from error


def batches(live: RemoteWorkspace, items: t.Iterable[LocalItem], bulk_api: str) -> list[list[LocalItem]]:
    """The items to read in one operation; with auto, none where that would not be faster."""
    fit = [
        item
        for item in items
        if live.of(item) is not None and definition_format(item.type, item.parts) not in _OTHER_FORMATS
    ]
    if not is_worthwhile(len(fit), bulk_api):
        return []
    return [fit[start : start + _BATCH] for start in range(0, len(fit), _BATCH)]


def read(live: RemoteWorkspace, items: t.Sequence[LocalItem], bulk_api: str) -> dict[str, dict[str, bytes]]:
    """The parts in the service by item id, for those items that could be read: possibly none.

    Raises ConfigError with `bulk_api` always where the service refuses.
    """
    desired = {
        current.id: (current, definition_format(item.type, item.parts))
        for item in items
        for current in (live.of(item),)
        if current is not None
    }
    try:
        exported = exported_of(live.items.export([current for current, _format in desired.values()]).wait())
    except PowerBIError as error:
        raise_if_required(error, bulk_api)
        return {}  # not in this tenant, for this caller or for one of these items: getDefinition reports the reason
    read = {identity: _bound(desired[identity][0], exported) for identity in desired if identity in exported}
    return {
        identity: parts
        for identity, parts in read.items()
        if parts is not None and definition_format(desired[identity][0].type, parts) == desired[identity][1]
    }


def _bound(item: Item, exported: t.Mapping[str, Exported]) -> dict[str, bytes] | None:
    """The parts in the form of getDefinition: a report has its model's id. None where the model is unknown."""
    root, parts = exported[item.id]
    if item.type != REPORT or rebind.PART not in parts:
        return parts
    bound, problem = rebind.read(parts[rebind.PART], rebind.PART)
    if problem is not None:
        return None
    if not bound.path:
        return parts
    place = posixpath.normpath(posixpath.join(root, bound.path.replace("\\", "/")))
    model = next((identity for identity, other in exported.items() if other.root == place), None)
    return {**parts, rebind.PART: rebind.rebind(parts[rebind.PART], model)} if model else None
