# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""How a deployed item is recognised in the service: by a mark at the end of its description.

The service answers definitions without their logical id, and knows no tags of ours that every licence allows. A
description travels with the item, is seen from any controller, and survives edits of the content in the portal.
"""

from __future__ import annotations

import re
import typing as t

LONGEST_DESCRIPTION = 256  # characters, by the Fabric API

_MARK = re.compile(r"\s*\[powerbi_deploy(?: ([0-9a-f-]{36}))?\]\Z")


class Marked(t.NamedTuple):
    """A description taken apart: the user's text, whether the item is ours, and the logical id it was deployed from."""

    text: str
    ours: bool
    logical_id: str = ""


def read(description: str) -> Marked:
    match = _MARK.search(description)
    if match is None:
        return Marked(description, False)
    return Marked(description[: match.start()], True, match.group(1) or "")


def write(text: str, logical_id: str) -> str:
    """The description to give an item; a text that is too long with the mark is cut."""
    mark = f"[powerbi_deploy {logical_id}]" if logical_id else "[powerbi_deploy]"
    room = LONGEST_DESCRIPTION - len(mark) - 1
    text = text if len(text) <= room else text[: room - 3] + "..."
    return f"{text} {mark}".strip()
