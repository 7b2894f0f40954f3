# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""GUIDs in all services: pattern and zero GUID."""

from __future__ import annotations

import re
import typing as t

ZERO_GUID: t.Final = "00000000-0000-0000-0000-000000000000"
"""The GUID that means "none": no logical id in a `.platform`, no capacity of a workspace."""

GUID: t.Final = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


def is_guid(text: str) -> bool:
    return re.fullmatch(GUID, text) is not None
