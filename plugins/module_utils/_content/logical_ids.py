# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""Ids of the git format in files (the `logicalId` of items, the zero GUID of the workspace) and those of a workspace: each
of them replaced by the other.
"""

from __future__ import annotations

import re
import typing as t
import uuid

from .._guid import GUID_IN_BYTES, ZERO_GUID
from . import platform

_NAMESPACE = uuid.UUID("0d6f1c6e-2f0b-5b7c-9a51-6a3c6c8f3a10")

_BEFORE = (
    rb"""(\b\w*workspace(?:(?:object|artifact)?_?id)?\\*["']?\s*[:=]\s*\\*["']?"""  # workspaceId: "..." and the like
    rb"""|\\*"groupId\\*"\s*:\s*\\*\""""  # activities of pipelines
    rb"|\babfss?://|\bonelake[\w.-]*/|/(?:groups|workspaces)/)"  # addresses of OneLake, the portal and the APIs
)
"""What precedes a workspace's id in definitions. Only there the zero GUID means the item's own workspace: elsewhere it may
be a value of the data. fabric-cicd replaces it after three of these keys."""


def workspace_places(guid: str) -> re.Pattern[bytes]:
    """The places of a workspace's id, given as a regular expression; group 1 precedes it."""
    return re.compile(_BEFORE + rb"(?P<id>" + guid.encode() + rb")(?![0-9a-fA-F-])", re.IGNORECASE)


_ZERO = workspace_places(ZERO_GUID)


def derived(item_id: str) -> str:
    """The logical id of an item that has none: always the same for an id, and without a trace of it."""
    return str(uuid.uuid5(_NAMESPACE, item_id))


def is_text(data: bytes) -> bool:
    """Whether ids in a part are replaced."""
    return b"\0" not in data


def named_in(parts: t.Mapping[str, bytes], logical_ids: t.Container[str]) -> set[str]:
    """The logical ids (lower case) that the parts contain, except in `.platform`."""
    return {
        text
        for path, data in parts.items()
        if path != platform.PART and is_text(data)
        for found in GUID_IN_BYTES.finditer(data)
        for text in (found.group().decode().lower(),)
        if text in logical_ids and text != ZERO_GUID
    }


def in_target(parts: t.Mapping[str, bytes], ids: t.Mapping[str, str], workspace_id: str) -> dict[str, bytes]:
    """The parts with the logical ids of other items replaced by their ids in the target, and the zero id by its workspace.

    ``ids`` maps logical ids, in lower case, to item ids. `.platform` keeps its own logical id; binary parts are unchanged.
    """
    known = {logical: found for logical, found in ids.items() if logical != ZERO_GUID}
    return _replaced(parts, known, _ZERO, ZERO_GUID, workspace_id)


def in_git(parts: t.Mapping[str, bytes], ids: t.Mapping[str, str], workspace_id: str) -> dict[str, bytes]:
    """The reverse of `in_target`: the parts with the ids of items replaced by their logical ids, and the id of the workspace
    by the zero GUID. ``ids`` maps ids, in lower case, to logical ids.
    """
    return _replaced(parts, ids, workspace_places(workspace_id), workspace_id, ZERO_GUID)


def _replaced(
    parts: t.Mapping[str, bytes], ids: t.Mapping[str, str], places: re.Pattern[bytes], before: str, after: str
) -> dict[str, bytes]:
    def other(found: re.Match[bytes]) -> bytes:
        return ids.get(found.group().decode().lower(), "").encode() or found.group()

    result = dict(parts)
    for path, data in parts.items():
        if path == platform.PART or not is_text(data):
            continue
        text = GUID_IN_BYTES.sub(other, data) if ids else data
        if before.encode() in text.lower():
            text = places.sub(lambda found: found.group(1) + after.encode(), text)
        result[path] = text
    return result
