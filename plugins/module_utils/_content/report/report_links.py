# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Names of pages, bookmarks, visuals and filters that the parts of a PBIR report use, and that the report doesn't have.

The service accepts such a report, and the button or bookmark then does nothing, so these are warnings.
"""

from __future__ import annotations

import re
import typing as t

from .. import json_text
from ..problem import WARNING, Problem
from ..text import decode, position

_PAGE = re.compile(r"definition/pages/[^/]+/page\.json")
_VISUAL = re.compile(r"(definition/pages/[^/]+/visuals/)[^/]+/visual\.json")
_BOOKMARK = re.compile(r"definition/bookmarks/[^/]+\.bookmark\.json")
_ORDER = "definition/bookmarks/bookmarks.json"
_LINKS = {
    "PageNavigation": ("page", "navigationSection"),
    "Drillthrough": ("page", "drillthroughSection"),
    "Bookmark": ("bookmark", "bookmark"),
}
"""Type of an action (``visualLink``) -> the kind of object that it names, and the property that names it. Power BI Desktop
keeps the properties of other types, which have no effect."""

_USES = (b"visualLink", b"boundFilter", b"parentGroupName", b"activeSection")

Parts = t.Mapping[str, bytes]


def problems_of(parts: Parts, path: str) -> t.Iterator[Problem]:
    """Warnings for a report in PBIR; ``path`` is the item's."""
    if not any(use in data for data in parts.values() for use in _USES):
        return
    values = {part: _read(parts[part]) for part in sorted(parts) if part.startswith("definition/")}
    names = {"page": set(_names(values, _PAGE)), "bookmark": set(_names(values, _BOOKMARK))}
    names["bookmark"].update(_groups_of_bookmarks(values.get(_ORDER)))
    missing: dict[tuple[str, str], list[str]] = {}
    for part, value in values.items():
        if not isinstance(value, dict):
            continue
        used: list[tuple[str, t.Any]] = [*_of_actions(value)]
        if _PAGE.fullmatch(part):
            yield from _bound_filters(parts[part], f"{path}/{part}", value)
        elif _BOOKMARK.fullmatch(part):
            state = value.get("explorationState")
            used += [("page", state.get("activeSection"))] if isinstance(state, dict) else []
        match = _VISUAL.fullmatch(part)
        if match:
            siblings = {found: values[found] for found in values if found.startswith(match[1])}
            names["group"] = set(_names(siblings, _VISUAL))
            used.append(("group", value.get("parentGroupName")))
        for kind, name in used:
            if isinstance(name, str) and name and name not in names[kind]:
                missing.setdefault((kind, name), []).append(part)
    for (kind, name), files in missing.items():
        what = f"the {kind} {name!r} that it names is not in the report"
        what += f" (named in {len(files)} files)" if len(files) > 1 else ""
        remedy = "Correct the name, or remove the reference"
        yield _warning(parts[files[0]], f"{path}/{files[0]}", name, what, remedy)


def _read(data: bytes) -> t.Any:
    text = decode(data)
    return json_text.parse(text, "")[0] if text else None


def _names(values: t.Mapping[str, t.Any], place: re.Pattern[str]) -> t.Iterator[str]:
    for part, value in values.items():
        name = value.get("name") if isinstance(value, dict) and place.fullmatch(part) else None
        if isinstance(name, str):
            yield name


def _groups_of_bookmarks(order: t.Any) -> t.Iterator[str]:
    items = order.get("items") if isinstance(order, dict) else None
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and isinstance(item.get("name"), str):
            yield item["name"]


def _of_actions(value: t.Any) -> t.Iterator[tuple[str, str]]:
    """Kind and name of what the actions of a visual name as a constant."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, list):
            waiting.extend(found)
        elif isinstance(found, dict):
            waiting.extend(found.values())
            entries = found.get("visualLink")
            for entry in entries if isinstance(entries, list) else ():
                properties = entry.get("properties") if isinstance(entry, dict) else None
                kind = _literal(properties.get("type")) if isinstance(properties, dict) else ""
                if isinstance(properties, dict) and kind in _LINKS:
                    yield _LINKS[kind][0], _literal(properties.get(_LINKS[kind][1]))


def _literal(value: t.Any) -> str:
    """The text of a constant such as ``'page'``, "" for an expression of another kind."""
    for key in ("expr", "Literal", "Value"):
        value = value.get(key) if isinstance(value, dict) else None
    quoted = isinstance(value, str) and len(value) > 1 and value[0] == value[-1] == "'"
    return value[1:-1].replace("''", "'") if quoted else ""


def _bound_filters(data: bytes, file: str, page: t.Mapping[str, t.Any]) -> t.Iterator[Problem]:
    """The parameters of a drillthrough page name filters of the page."""
    filters = page.get("filterConfig")
    entries = filters.get("filters") if isinstance(filters, dict) else None
    names = [entry.get("name") for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    known = {name for name in names if isinstance(name, str)}
    binding = page.get("pageBinding")
    parameters = binding.get("parameters") if isinstance(binding, dict) else None
    for parameter in parameters if isinstance(parameters, list) else ():
        name = parameter.get("boundFilter") if isinstance(parameter, dict) else None
        if isinstance(name, str) and name and name not in known:
            what = f"the filter {name!r} of a drillthrough parameter is not on the page"
            yield _warning(data, file, name, what, "Correct the name, or remove the parameter")


def _warning(data: bytes, file: str, name: str, what: str, remedy: str) -> Problem:
    text = decode(data) or ""
    return Problem(file, *position(text, max(0, text.rfind(name))), what, remedy, WARNING, "reference")
