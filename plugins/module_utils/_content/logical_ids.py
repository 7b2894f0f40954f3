# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""Ids of the git format in files (`logicalId`, the zero workspace) made into ids of the target."""

from __future__ import annotations

import re
import typing as t

from . import platform

_WORKSPACE = re.compile(
    rb"(\"?(?:default_lakehouse_workspace_id|workspaceId|workspace)\"?\s*[:=]\s*\")"
    + platform.NO_LOGICAL_ID.encode()
    + rb"(?=\")"
)
"""Where git integration writes the zero GUID for "the workspace that this item is in"."""


_GUID = re.compile(rb"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


def named_in(parts: t.Mapping[str, bytes], logical_ids: t.Container[str]) -> set[str]:
    """Those of the logical ids (lower case) that the parts name, `.platform` aside."""
    return {
        text
        for path, data in parts.items()
        if path != platform.PART and b"\0" not in data
        for found in _GUID.finditer(data)
        for text in (found.group().decode().lower(),)
        if text in logical_ids and text != platform.NO_LOGICAL_ID
    }


def in_target(parts: t.Mapping[str, bytes], ids: t.Mapping[str, str], workspace_id: str) -> dict[str, bytes]:
    """The parts with the logical ids of other items as those items' ids in the target, and its workspace's id.

    ``ids`` maps logical ids, in lower case, to item ids. `.platform` keeps its own logical id; binary parts stay.
    """

    def replaced(found: re.Match[bytes]) -> bytes:
        logical = found.group().decode().lower()
        return ids.get(logical, "").encode() or found.group() if logical != platform.NO_LOGICAL_ID else found.group()

    result = dict(parts)
    for path, data in parts.items():
        if path == platform.PART or b"\0" in data:
            continue
        text = _GUID.sub(replaced, data) if ids else data
        if platform.NO_LOGICAL_ID.encode() in text:
            text = _WORKSPACE.sub(lambda found: found.group(1) + workspace_id.encode(), text)
        result[path] = text
    return result
