# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""GUIDs: validation, normal form, and search in texts."""

from __future__ import annotations

import re

ZERO_GUID = "00000000-0000-0000-0000-000000000000"
"""The zero GUID. It means no logical id in a `.platform`, no capacity, and in a definition its own workspace."""

_PATTERN = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

GUID = re.compile(_PATTERN)
GUID_IN_BYTES = re.compile(_PATTERN.encode())
_AS_GIVEN = re.compile(r"\{?" + _PATTERN + r"\}?")


def is_guid(text: str) -> bool:
    """Whether a user's or a service's text is a GUID; spaces and braces around it don't matter."""
    return bool(_AS_GIVEN.fullmatch(text.strip()))


def normalise_guid(text: str) -> str:
    """A GUID in this collection's spelling: lower case, without braces."""
    return text.strip().strip("{}").lower()
