# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The files that a report names as its resources: images and themes."""

from __future__ import annotations

import typing as t

from .. import json_text
from ..problem import WARNING, Problem
from ..text import decode, folded, position

_FOLDER = "StaticResources/RegisteredResources"
_REPORTS = ("definition/report.json", "report.json")
_REGISTERED = ("RegisteredResources", 1)  # the type in PBIR and in the legacy format; shared ones are the service's


def problems_of(parts: t.Mapping[str, bytes], path: str) -> t.Iterator[Problem]:
    """Problems for registered resources whose file is not among the parts. ``path`` is the item's."""
    there = {folded(part) for part in parts}
    for report in _REPORTS:
        text = decode(parts[report]) if report in parts else None
        value = json_text.parse(text, report)[0] if text else None
        yield from _theme(value, text or "", f"{path}/{report}")
        for name, _alias in _registered(value):
            if folded(f"{_FOLDER}/{name}") not in there:
                what = f"the report names the resource {name!r}, but there is no {_FOLDER}/{name}"
                place = position(text or "", max(0, (text or "").find(f'"{name}"')))
                yield Problem(
                    f"{path}/{report}", *place, what, "Add the file, or remove the resource", code="reference"
                )


def _theme(report: t.Any, text: str, file: str) -> t.Iterator[Problem]:
    """A warning for a theme that is no resource of the report: it then has the default theme."""
    themes = report.get("themeCollection") if isinstance(report, dict) else None
    theme = themes.get("customTheme") if isinstance(themes, dict) else None
    name = theme.get("name") if isinstance(theme, dict) and theme.get("type") in _REGISTERED else None
    if isinstance(name, str) and name and not any(name in known for known in _registered(report)):
        what = f"the theme {name!r} is no registered resource of the report"
        place = position(text, max(0, text.find(f'"{name}"')))
        yield Problem(file, *place, what, "Add its resource, or remove the theme", WARNING, "reference")


def _registered(report: t.Any) -> t.Iterator[tuple[str, str]]:
    """Path and name of each registered resource."""
    packages = report.get("resourcePackages") if isinstance(report, dict) else None
    for entry in packages if isinstance(packages, list) else ():
        package = entry.get("resourcePackage", entry) if isinstance(entry, dict) else None
        if not isinstance(package, dict) or package.get("type") not in _REGISTERED or package.get("disabled") is True:
            continue
        items = package.get("items")
        for item in items if isinstance(items, list) else ():
            name = item.get("path") if isinstance(item, dict) else None
            if isinstance(name, str) and name:
                yield name.replace("\\", "/"), str(item.get("name") or "")
