# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Reports in PBIR: their pages, visuals and bookmarks by their names, whatever their folders and files are called.

Power BI Desktop lets users rename the folders of pages and visuals and the files of bookmarks; the `name` in the JSON file
identifies the object ("PBIR naming convention" in Microsoft's page on PBIP reports).
"""

from __future__ import annotations

import re
import typing as t

from .. import json_text
from ..problem import WARNING, Problem
from ..text import decode, position

REPORT_PART = "definition/report.json"

_PAGES = "definition/pages/pages.json"
_BOOKMARKS = "definition/bookmarks/bookmarks.json"
_FOLDER = re.compile(r"^(definition/pages/)([^/]+)(/.*)$", re.DOTALL)
_VISUAL_FOLDER = re.compile(r"^(definition/pages/[^/]+/visuals/)([^/]+)(/.*)$", re.DOTALL)
_BOOKMARK_FILE = re.compile(r"^(definition/bookmarks/)([^/]+)(\.bookmark\.json)$")
_NAME = re.compile(r"[\w.-]{1,120}")
_OBJECTS = (
    ("visual", _VISUAL_FOLDER, re.compile(r"/visuals/[^/]+/visual\.json$")),
    ("page", _FOLDER, re.compile(r"^definition/pages/[^/]+/page\.json$")),
    ("bookmark", _BOOKMARK_FILE, _BOOKMARK_FILE),
)

Parts = t.Mapping[str, bytes]


def by_name(parts: Parts) -> dict[str, bytes]:
    """The parts, with each page, visual and bookmark at the path of its name. Unchanged if two objects have one name."""
    result = dict(parts)
    for _kind, place, declaring in _OBJECTS:
        names = {}
        for path in result:
            match = place.match(path) if declaring.search(path) else None
            if match is not None:
                name = _name(result[path], match[2])
                if name and _NAME.fullmatch(name) and name != match[2]:
                    names[match[1] + match[2]] = name
        moved = {_moved(path, place, names): data for path, data in result.items()} if names else result
        result = moved if len(moved) == len(result) else result
    return result


def _moved(path: str, place: re.Pattern[str], names: t.Mapping[str, str]) -> str:
    match = place.match(path)
    name = names.get(match[1] + match[2]) if match is not None else None
    return path if match is None or name is None else match[1] + name + match[3]


def _name(data: bytes, folder: str) -> str:
    """The name in a part; ``folder`` where it has that, so that most parts need no parsing, or none."""
    if re.search(rb'"name"\s*:\s*"' + re.escape(folder.encode()) + rb'"', data):
        return folder
    value = _read(data)
    name = value.get("name") if isinstance(value, dict) else None
    return name if isinstance(name, str) and name else folder


def _read(data: bytes | None) -> t.Any:
    text = decode(data) if data is not None else None
    return json_text.parse(text, "")[0] if text else None


def problems_of(parts: Parts, path: str) -> t.Iterator[Problem]:
    """Problems of a report's pages, visuals and bookmarks: the service rejects such a report. ``path`` is the item's."""
    if REPORT_PART not in parts:
        return
    found: dict[str, set[str]] = {"page": set(), "bookmark": set()}
    first: dict[tuple[str, str], str] = {}
    for kind, place, declaring in _OBJECTS:
        for part in sorted(parts):
            match = place.match(part) if declaring.search(part) else None
            if match is None:
                continue
            name = _name(parts[part], match[2])
            found.setdefault(kind, set()).add(name)
            other = first.setdefault((match[1], name.casefold()), part)
            if other != part:
                what = f"the {kind} has the name {name!r} of {other}"
                yield Problem(
                    f"{path}/{part}", 1, 1, what, f"Give the copy of the {kind} another name", code="duplicate-name"
                )
    problems = list(_order(parts, path, found))
    if not found["page"] and not problems:
        what = "the report has no pages, so the service refuses it"
        problems.append(
            Problem(f"{path}/{REPORT_PART}", 0, 0, what, "Save the project with a page", code="missing-part")
        )
    yield from problems


def _order(parts: Parts, path: str, found: t.Mapping[str, set[str]]) -> t.Iterator[Problem]:
    pages = _read(parts.get(_PAGES))
    if isinstance(pages, dict):
        order = pages.get("pageOrder")
        for name in order if isinstance(order, list) else ():
            if isinstance(name, str) and name not in found["page"]:
                what = f"the page order names {name!r}, which has no page.json"
                yield _at(parts, path, _PAGES, name, what, "Remove the name or add the page")
        active = pages.get("activePageName")
        if isinstance(active, str) and active not in found["page"]:
            what = f"the active page is {active!r}, which has no page.json"
            yield _at(parts, path, _PAGES, active, what, "Name another page", WARNING)
    bookmarks = _read(parts.get(_BOOKMARKS))
    items = bookmarks.get("items") if isinstance(bookmarks, dict) else None
    for item in items if isinstance(items, list) else ():
        children = item.get("children") if isinstance(item, dict) else None
        names = children if isinstance(children, list) else [item.get("name")] if isinstance(item, dict) else []
        for name in names:
            if isinstance(name, str) and name not in found["bookmark"]:
                what = f"the order of bookmarks names {name!r}, which has no .bookmark.json"
                yield _at(parts, path, _BOOKMARKS, name, what, "Remove the name or add the bookmark")


def _at(parts: Parts, path: str, part: str, name: str, what: str, remedy: str, severity: str = "error") -> Problem:
    """The problem of a name in a part, at the name's last occurrence."""
    text = decode(parts[part]) or ""
    offset = max(0, text.rfind(f'"{name}"'))
    return Problem(f"{path}/{part}", *position(text, offset), what, remedy, severity, "reference")
