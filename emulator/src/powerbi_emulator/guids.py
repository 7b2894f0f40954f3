# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a GUID is, in all services."""

from __future__ import annotations

import re
import typing as t

ZERO_GUID: t.Final = "00000000-0000-0000-0000-000000000000"
"""In a `.platform` no logical id, as a workspace's capacity none."""

GUID: t.Final = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


def is_guid(text: str) -> bool:
    return re.fullmatch(GUID, text) is not None
