# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""What was imported from a file, remembered at an item that came of it, so that the same file is not sent again.

The mark (see `marker`) of the semantic model, or of the report where there is no model, holds the digest of the file and
that of the definitions that the service had right after the import. Only if both are the same still, the items are what
the file would make of them. A mark that is missing, damaged or outdated costs an upload; it never hides a change.
A paginated report's definition is its file: that tells by itself, so the mark is spared where nothing else needs it.
"""

from __future__ import annotations

import functools
import hashlib
import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._content import normalise, platform, rebind
from ansible_collections.community.powerbi.plugins.module_utils._content.digest import definition_digest
from ansible_collections.community.powerbi.plugins.module_utils._content.item import PAGINATED_REPORT, RDL
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


class Content:
    """The definition of a live item: its parts, and the item's description, which a part ``stated`` may have newer."""

    def __init__(
        self, item_type: str, parts: t.Mapping[str, bytes], description: str, stated: bytes | None = None
    ) -> None:
        self.parts = parts
        self._type = item_type
        self._listed = description
        self._stated = stated

    @functools.cached_property
    def description(self) -> str:
        described = platform.read(self._stated, platform.PART)[0] if self._stated is not None else None
        return described.description if described else self._listed

    @functools.cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of the parts in canonical form: milliseconds for a report, more for a large model."""
        return definition_digest(self.parts, self._type)


def content(live: Live, item: Item) -> Steps[Content]:
    """Read a live item with getDefinition. Raises PowerBIError; see `is_unreadable`."""
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
    return t.cast("Content", (yield Call(lambda: content_of(item, parts_of(answer)))))


def content_of(item: Item, parts: t.Mapping[str, bytes]) -> Content:
    """What a report is bound to is no part of its digest: no file decides it once the report is there."""
    counted = {path: data for path, data in parts.items() if path not in (platform.PART, rebind.PART)}
    return Content(item.type, counted, item.description, parts.get(platform.PART))


def is_unreadable(error: PowerBIError) -> bool:
    """Whether the service won't give this item's definition, now and later, where it gives others."""
    if isinstance(error, (ThrottledError, NotFoundError, OperationTimeoutError)):
        return False
    return isinstance(error, OperationFailedError) or (isinstance(error, ApiError) and error.status < 500)


def mark_of(digest: str, contents: t.Sequence[Content | None]) -> marker.Mark:
    """The ledger's entry: of a file with this SHA-256, and of what it has become, semantic model first.

    Without the definition of one of them there is none of all: then nothing can be said about edits.
    """
    known = [found.digest for found in contents if found is not None]
    if len(known) < len(contents):
        return marker.Mark("", marker.short(digest))
    together = known[0] if len(known) == 1 else hashlib.sha256("".join(known).encode()).hexdigest()
    return marker.Mark("", marker.short(digest), marker.short(together))


def is_remembered(targets: t.Sequence[Item]) -> bool:
    """Whether it is worth to look at what the items are now: there is an entry, or they need none (`tells_itself`)."""
    if targets and targets[0].type == PAGINATED_REPORT:
        return True
    mark = marker.read(targets[0].description).mark if targets else None
    return mark is not None and bool(mark.file and mark.definition)


def tells_itself(found: Content | None, path: str, digest: str) -> bool:
    """Whether a definition is the very file at ``path``, whose SHA-256 (hex) is given, so that it needs no ledger.

    True of paginated reports, as the service keeps them as they are, but for what XML does not tell apart. Raises
    OSError.
    """
    part = next((name for name in found.parts if name.lower().endswith(f".{RDL}")), "") if found else ""
    if found is None or not part:
        return False
    if hashlib.sha256(found.parts[part]).hexdigest() == digest:
        return True
    with open(path, "rb") as handle:
        return normalise.compare({part: handle.read()}, {part: found.parts[part]}, PAGINATED_REPORT).equal


def findings(targets: t.Sequence[Item], digest: str, contents: t.Sequence[Content | None] | None) -> list[str]:
    """Why items are not what the file with this SHA-256 would make of them, in words; empty if they are.

    ``targets`` with the semantic model first; ``contents`` are theirs, None as far as they can't be read, or None as a
    whole to ask what is to be said without them.
    """
    mark = marker.read(targets[0].description).mark
    if mark is None or not mark.file:
        return ["it is not known which file was imported before"]
    if mark.file != marker.short(digest):
        return ["another file than the one imported before"]
    if any(marked.bound for marked in (marker.read(item.description).mark for item in targets) if marked):
        return ["the last import was not finished"]
    if contents is None:
        return []
    if None in contents or not mark.definition:
        return ["the service does not tell what has become of it since its import"]
    wanted = mark_of(digest, contents).definition
    return [] if mark.definition == wanted else ["it was edited in the service since its import"]
