# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""A report's outline, the same for both of its formats: its pages, their visuals and fields, report-level measures.

The service converts a report in the legacy format to PBIR when it is edited, possibly without any other change. The
definitions before and after can't be compared then, but the outlines can.
"""

from __future__ import annotations

import re
import typing as t

from .. import json_text
from ..text import decode

LEGACY_PART = "report.json"
_PAGE = re.compile(r"definition/pages/([^/]+)/page\.json\Z")
_VISUAL = re.compile(r"definition/pages/([^/]+)/visuals/[^/]+/visual\.json\Z")
_EXTENSIONS = "definition/reportExtensions.json"

Parts = t.Mapping[str, bytes]


def outline(parts: Parts) -> t.Any:
    """The outline as a JSON value, None where the report can't be parsed."""
    try:
        return _legacy(parts) if LEGACY_PART in parts else _pbir(parts)
    except (_UnreadableError, AttributeError, TypeError, ValueError):
        return None


class _UnreadableError(Exception):
    """A part is not a JSON object."""


def _legacy(parts: Parts) -> t.Any:
    report = _json(parts[LEGACY_PART])
    pages = []
    for section in report.get("sections") or []:
        visuals = []
        for container in section.get("visualContainers") or []:
            config = _inner(container.get("config"))
            single = config.get("singleVisual") or {}
            fields = {role: _references(shown) for role, shown in (single.get("projections") or {}).items()}
            visuals.append(_visual(config.get("name"), single.get("visualType"), fields))
        pages.append([str(section.get("name", "")), str(section.get("displayName", "")), sorted(visuals)])
    return {"pages": sorted(pages), "measures": _measures(_inner(report.get("config")).get("modelExtensions") or [])}


def _pbir(parts: Parts) -> t.Any:
    pages: dict[str, list[t.Any]] = {}
    for path, data in parts.items():
        match = _PAGE.match(path)
        if match:
            page = _json(data)
            pages[match.group(1)] = [str(page.get("name", "")), str(page.get("displayName", "")), []]
    for path, data in parts.items():
        match = _VISUAL.match(path)
        if match and match.group(1) in pages:
            found = _json(data)
            shown = found.get("visual") or {}
            state = (shown.get("query") or {}).get("queryState") or {}
            fields = {role: _references(one.get("projections")) for role, one in state.items()}
            pages[match.group(1)][2].append(_visual(found.get("name"), shown.get("visualType"), fields))
    extensions = [_json(parts[_EXTENSIONS])] if _EXTENSIONS in parts else []
    return {
        "pages": sorted([name, title, sorted(visuals)] for name, title, visuals in pages.values()),
        "measures": _measures(extensions),
    }


def _visual(name: t.Any, kind: t.Any, fields: t.Mapping[str, list[str]]) -> list[t.Any]:
    shown = [[role, names] for role, names in sorted(fields.items()) if names]
    return [str(name or ""), str(kind or ""), shown]


def _references(projections: t.Any) -> list[str]:
    return [str(one.get("queryRef", "")) for one in projections or []]


def _measures(extensions: t.Sequence[t.Any]) -> list[list[str]]:
    return sorted(
        [
            str(entity.get("name", "")),
            str(measure.get("name", "")),
            " ".join(str(measure.get("expression", "")).split()),
        ]
        for extension in extensions
        for entity in extension.get("entities") or []
        for measure in entity.get("measures") or []
    )


def _json(data: bytes) -> dict[str, t.Any]:
    value, problem = json_text.parse(decode(data) or "", "")
    if problem or not isinstance(value, dict):
        raise _UnreadableError
    return value


def _inner(text: t.Any) -> dict[str, t.Any]:
    """The JSON object in a text, as the legacy format has it; nothing for no text."""
    if not text:
        return {}
    value, problem = json_text.parse(str(text), "")
    if problem or not isinstance(value, dict):
        raise _UnreadableError
    return value
