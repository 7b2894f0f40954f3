# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""What was imported from a file, remembered at the item itself, so that the same file is not sent again.

The mark (see `marker`) holds the digest of the file and that of the definition that the service had right after the
import. Only if both are the same still, the item is what the file would make of it. A mark that is missing, damaged or
outdated costs an upload; it never hides a change.
"""

from __future__ import annotations

import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._content import platform, rebind
from ansible_collections.community.powerbi.plugins.module_utils._content.digest import definition_digest
from ansible_collections.community.powerbi.plugins.module_utils._deploy import marker
from ansible_collections.community.powerbi.plugins.module_utils._deploy.live import Live
from ansible_collections.community.powerbi.plugins.module_utils._errors import (
    ApiError,
    NotFoundError,
    OperationFailedError,
    OperationTimeoutError,
    PowerBIError,
    ThrottledError,
)
from ansible_collections.community.powerbi.plugins.module_utils._resources.items import Item, parts_of
from ansible_collections.community.powerbi.plugins.module_utils._scheduler import Call, Pause, Step, Wait

_UNTIL_SEEN = (0.5, 1.0, 2.0, 4.0, 8.0)  # seconds: a new item takes a moment to be found by its id

T = t.TypeVar("T")
Steps = t.Generator[Step, t.Any, T]


class Content(t.NamedTuple):
    """The definition of a live item: its parts, its `marker.short` digest, and the item's description."""

    parts: t.Mapping[str, bytes]
    digest: str
    description: str


def content(live: Live, item: Item) -> Steps[Content]:
    """Read a live item. What a report is bound to is no part of its digest: no file decides it once it is there.

    Raises PowerBIError; see `is_unreadable`.
    """
    pauses = iter(_UNTIL_SEEN)
    while True:
        try:
            operation = yield Call(lambda: live.items.definition(item))
            answer = yield Wait(operation)
            break
        except NotFoundError:
            pause = next(pauses, None)
            if pause is None:
                raise
            yield Pause(pause)
    parts = parts_of(answer)
    described = platform.read(parts[platform.PART], platform.PART)[0] if platform.PART in parts else None
    counted = {path: data for path, data in parts.items() if path not in (platform.PART, rebind.PART)}
    digest = yield Call(lambda: marker.short(definition_digest(counted, item.type)))
    return Content(counted, digest, described.description if described else item.description)


def is_unreadable(error: PowerBIError) -> bool:
    """Whether the service won't give this item's definition, now and later, where it gives others."""
    if isinstance(error, (ThrottledError, NotFoundError, OperationTimeoutError)):
        return False
    return isinstance(error, OperationFailedError) or (isinstance(error, ApiError) and error.status < 500)


def findings(item: Item, digest: str, found: Content | None) -> list[str]:
    """Why an item is not what the file with this SHA-256 would make of it, in words; empty if it is.

    ``found`` is None if its definition can't be read.
    """
    mark = marker.read(item.description).mark
    if mark is None or not mark.file:
        return [f"it is not known which file the {item.type} was imported from"]
    if mark.file != marker.short(digest):
        return ["another file than the one imported before"]
    if mark.bound:
        return [f"the last import of the {item.type} was not finished"]
    if found is None or not mark.definition:
        return [f"the service does not tell what the {item.type} has become since its import"]
    return [] if mark.definition == found.digest else [f"the {item.type} was edited in the service since its import"]
