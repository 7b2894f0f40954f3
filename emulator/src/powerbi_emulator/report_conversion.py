# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Converts a report in the legacy format to PBIR, as happens when it is edited (powerbi-docs, projects-report.md).

Pure. Pages, visuals and their positions are converted; everything else is dropped.
"""

from __future__ import annotations

import json
import typing as t

from powerbi_emulator.definition_parts import encoded, text_of_part
from powerbi_emulator.state.items import Parts

_SCHEMAS: t.Final = "https://developer.microsoft.com/json-schemas/fabric/item/report/definition"
_DISPLAY: t.Final = {0: "FitToPage", 1: "FitToWidth", 2: "ActualSize"}


def converted(parts: Parts) -> Parts:
    """The parts with ``definition/`` in place of ``report.json``."""
    layout = json.loads(text_of_part(parts, "report.json"))
    sections = sorted(layout.get("sections") or [], key=lambda one: one.get("ordinal", 0))
    pages = [_page(section, number) for number, section in enumerate(sections)]
    names = [str(page["page.json"]["name"]) for page in pages]
    files: dict[str, t.Any] = {
        "version.json": {"$schema": f"{_SCHEMAS}/versionMetadata/1.0.0/schema.json", "version": "2.0.0"},
        "report.json": {"$schema": f"{_SCHEMAS}/report/3.0.0/schema.json", "themeCollection": {}},
        "pages/pages.json": {
            "$schema": f"{_SCHEMAS}/pagesMetadata/1.0.0/schema.json",
            "pageOrder": names,
            **({"activePageName": names[0]} if names else {}),
        },
    }
    for name, page in zip(names, pages, strict=True):
        files.update((f"pages/{name}/{path}", content) for path, content in page.items())
    others = {path: payload for path, payload in parts.items() if path != "report.json"}
    made = {f"definition/{path}": encoded(json.dumps(content, indent=2)) for path, content in files.items()}
    return {**others, **made}


def _page(section: dict[str, t.Any], number: int) -> dict[str, t.Any]:
    """The files of a page, by their path in its folder."""
    page: dict[str, t.Any] = {
        "$schema": f"{_SCHEMAS}/page/2.0.0/schema.json",
        "name": str(section.get("name") or f"ReportSection{number}"),
        "displayName": str(section.get("displayName", f"Page {number + 1}")),
        "displayOption": _DISPLAY.get(section.get("displayOption", 1), "FitToPage"),
        "height": section.get("height", 720),
        "width": section.get("width", 1280),
    }
    files: dict[str, t.Any] = {"page.json": page}
    for place, container in enumerate(section.get("visualContainers") or []):
        config = json.loads(container.get("config") or "{}")
        name = str(config.get("name") or f"visual{place}")
        position = {key: container[key] for key in ("x", "y", "z", "height", "width") if key in container}
        visual = {"$schema": f"{_SCHEMAS}/visualContainer/2.0.0/schema.json", "name": name, "position": position}
        files[f"visuals/{name}/visual.json"] = {**visual, "visual": _visual(config.get("singleVisual") or {})}
    return files


def _visual(single: dict[str, t.Any]) -> dict[str, t.Any]:
    """The query of a visual, which contains its fields in PBIR."""
    fields = {role: {"projections": projections} for role, projections in (single.get("projections") or {}).items()}
    rest = {key: value for key, value in single.items() if key not in ("projections", "prototypeQuery")}
    return {**rest, "query": {"queryState": fields}} if fields else rest
