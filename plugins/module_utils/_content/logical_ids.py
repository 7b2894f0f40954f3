# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""Ids of the git format in files (`logicalId`, the zero workspace) made into ids of the target."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._content import platform

_WORKSPACE = re.compile(
    rb"(\"?(?:default_lakehouse_workspace_id|workspaceId|workspace)\"?\s*[:=]\s*\")"
    + platform.NO_LOGICAL_ID.encode()
    + rb"(?=\")"
)
"""Where git integration writes the zero GUID for "the workspace that this item is in"."""


def in_target(parts: t.Mapping[str, bytes], ids: t.Mapping[str, str], workspace_id: str) -> dict[str, bytes]:
    """The parts with the logical ids of other items as those items' ids in the target, and its workspace's id.

    ``ids`` maps logical ids, in lower case, to item ids. `.platform` keeps its own logical id; binary parts stay.
    """
    result = dict(parts)
    wanted = {logical.encode(): item.encode() for logical, item in ids.items() if logical != platform.NO_LOGICAL_ID}
    pattern = re.compile(b"|".join(map(re.escape, wanted)), re.IGNORECASE) if wanted else None
    for path, data in parts.items():
        if path == platform.PART or b"\0" in data:
            continue
        if pattern is not None:
            data = pattern.sub(lambda found: wanted[found.group().lower()], data)
        if platform.NO_LOGICAL_ID.encode() in data:
            data = _WORKSPACE.sub(lambda found: found.group(1) + workspace_id.encode(), data)
        result[path] = data
    return result
