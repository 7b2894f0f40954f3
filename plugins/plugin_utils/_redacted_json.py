# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An API response without its content: its keys, the types of their values, and constants of the API."""

from __future__ import annotations

import re
import typing as t

# Keys whose values are constants of the API, not content of the tenant.
_API_WORDS = frozenset(
    (
        "accessright",
        "code",
        "datasetmode",
        "errorcode",
        "etag",
        "format",
        "groupuseraccessright",
        "importstate",
        "payloadtype",
        "principaltype",
        "publishstate",
        "refreshtype",
        "retry-after",
        "role",
        "state",
        "status",
        "type",
    )
)
_WORD = re.compile(r"[A-Za-z0-9_.-]{1,60}\Z")
_ID = re.compile(r"[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", re.IGNORECASE)  # a GUID, also without dashes
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


def redacted(value: t.Any, key: str = "") -> t.Any:
    """The same structure: texts become ``<id>``, ``<time>``, ``<text>`` or "", numbers ``<number>``.

    Constants of the API (codes, states, types) and statuses stay. Of a list, each structure is returned once.
    """
    if isinstance(value, t.Mapping):
        return {
            "<id>" if _ID.search(str(name)) else str(name): redacted(entry, str(name).lower())
            for name, entry in sorted(value.items(), key=lambda pair: str(pair[0]))
        }
    if isinstance(value, (list, tuple)):
        entries: list[t.Any] = []
        for entry in value:
            shape = redacted(entry, key)
            if shape not in entries:
                entries.append(shape)
        return entries
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return value if key in _API_WORDS else "<number>"
    return _redacted_text(str(value), key)


def _redacted_text(text: str, key: str) -> str:
    if not text:
        return ""
    if _ID.fullmatch(text):
        return "<id>"
    if _TIME.match(text):
        return "<time>"
    if key in _API_WORDS and _WORD.match(text) and not _ID.search(text):
        return text
    return "<text>"
