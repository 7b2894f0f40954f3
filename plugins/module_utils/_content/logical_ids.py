# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""Replaces ids of the git format in files (`logicalId`, the zero workspace id) by ids of the target workspace."""

from __future__ import annotations

import re
import typing as t

from .._guid import GUID_IN_BYTES, ZERO_GUID
from . import platform

_WORKSPACE = re.compile(
    rb"(\"?(?:default_lakehouse_workspace_id|workspaceId|workspace)\"?\s*[:=]\s*\")" + ZERO_GUID.encode() + rb"(?=\")"
)
"""The keys for which git integration writes the zero GUID as "the workspace of this item"."""


def named_in(parts: t.Mapping[str, bytes], logical_ids: t.Container[str]) -> set[str]:
    """The logical ids (lower case) that the parts contain, except in `.platform`."""
    return {
        text
        for path, data in parts.items()
        if path != platform.PART and b"\0" not in data
        for found in GUID_IN_BYTES.finditer(data)
        for text in (found.group().decode().lower(),)
        if text in logical_ids and text != ZERO_GUID
    }


def in_target(parts: t.Mapping[str, bytes], ids: t.Mapping[str, str], workspace_id: str) -> dict[str, bytes]:
    """The parts with the logical ids of other items replaced by their ids in the target, and the zero id by its workspace.

    ``ids`` maps logical ids, in lower case, to item ids. `.platform` keeps its own logical id; binary parts are unchanged.
    """

    def replaced(found: re.Match[bytes]) -> bytes:
        logical = found.group().decode().lower()
        return ids.get(logical, "").encode() or found.group() if logical != ZERO_GUID else found.group()

    result = dict(parts)
    for path, data in parts.items():
        if path == platform.PART or b"\0" in data:
            continue
        text = GUID_IN_BYTES.sub(replaced, data) if ids else data
        if ZERO_GUID.encode() in text:
            text = _WORKSPACE.sub(lambda found: found.group(1) + workspace_id.encode(), text)
        result[path] = text
    return result
