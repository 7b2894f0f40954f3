# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""Names and descriptions, which the service may keep with other line breaks, and without blanks at line ends."""

from __future__ import annotations

import unicodedata


def canonical(text: str) -> str:
    """The text with LF, without blanks at line ends and around it, in composed characters (NFC)."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()
