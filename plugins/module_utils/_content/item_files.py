# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The files of an item's folder as parts of its definition: formats that tools have written, and files of other tools.

Former formats are accepted as Power BI Desktop accepts them: the files `item.metadata.json` and `item.config.json` of the
first format of git integration, `definition.pbidataset`, the TMDL keyword `culture`, RDL in UTF-16.
"""

from __future__ import annotations

import re
import typing as t

from . import item_types, json_text, paginated, platform
from .problem import WARNING, Problem
from .text import decode, suffix

METADATA = "item.metadata.json"
CONFIG = "item.config.json"

_FORMER_PARTS = {"definition.pbidataset": "definition.pbism"}
_FORMER_KEYWORD = re.compile(r"(?mi)^((?:ref[ \t]+)?)culture(?=[ \t]+[^\s:=])")
_BACKUPS = (".bak", ".orig", ".rej", ".swp", ".swo", ".tmp", ".old", ".gitkeep", ".keep", ".editorconfig")
_TEXTS = re.compile(r"(?:readme|licen[cs]e|changelog|contributing|notice)(?:\.(?:md|txt|rst|adoc))?", re.IGNORECASE)

_SHOWN = 5


def is_stray(path: str) -> bool:
    """Whether a file in an item's folder is one of people and their tools: a README, a backup, the file of an empty folder."""
    name = path.rpartition("/")[2]
    if "/" not in path and _TEXTS.fullmatch(name):
        return True
    backup = name.lower().endswith(_BACKUPS) or name.endswith("~")
    return backup or name.startswith((".#", "~$")) or (name.startswith("#") and name.endswith("#"))


def stray_files(paths: t.Sequence[str]) -> t.Iterator[Problem]:
    """One warning for all stray files of a scan."""
    if paths:
        names = ", ".join(sorted(paths)[:_SHOWN]) + (f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else "")
        count = "1 file is" if len(paths) == 1 else f"{len(paths)} files are"
        what = f"{count} no part of a definition and not sent: {names}"
        remedy = "Nothing needs to be done; files outside of the folders of items cause no warning"
        yield Problem(min(paths), 0, 0, what, remedy, WARNING, "stray-file")


def parts_of(files: t.Mapping[str, bytes], path: str) -> tuple[dict[str, bytes], list[Problem]]:
    """The parts of a definition from the files of an item's folder, whose path is ``path``."""
    problems: list[Problem] = []
    parts = dict(files)
    old = {name: parts.pop(name) for name in (METADATA, CONFIG) if name in parts}
    if platform.PART not in parts and METADATA in old:
        described, problems = _first_version(old, path)
        if described is not None:
            parts[platform.PART] = platform.write(described)
    for former, current in _FORMER_PARTS.items():
        if former in parts:
            parts.setdefault(current, parts.pop(former))
    for part, data in parts.items():
        kind = suffix(part)
        if kind == ".rdl":
            parts[part] = paginated.plain(data)
        elif kind == ".tmdl" and part.startswith("definition/") and b"culture" in data.lower():
            parts[part] = _current_keywords(data)
    return parts, problems


def _current_keywords(data: bytes) -> bytes:
    try:
        return _FORMER_KEYWORD.sub(r"\1cultureInfo", data.decode("utf-8")).encode()
    except UnicodeDecodeError:
        return data  # reported by the part's own check


def _first_version(old: t.Mapping[str, bytes], path: str) -> tuple[platform.Platform | None, list[Problem]]:
    """The members of the two files, in which types may have the spellings of Power BI's API."""
    metadata, problem = _object(old, METADATA, path)
    config, other = _object(old, CONFIG, path)
    problems = [found for found in (problem, other) if found is not None]
    if metadata is None:
        return None, problems
    file = f"{path}/{METADATA}"
    problems += [
        Problem(file, 1, 1, f"{name} is missing or no text", "Correct it, or write a .platform")
        for name in ("type", "displayName")
        if not isinstance(metadata.get(name), str) or not metadata[name]
    ]
    if problems:
        return None, problems
    given = metadata["type"]
    kind = next((one for one in item_types.TYPES if one.lower() == given.lower()), given)
    description, logical_id = metadata.get("description"), (config or {}).get("logicalId")
    return platform.Platform(
        "SemanticModel" if kind.lower() == "dataset" else kind,
        metadata["displayName"],
        description if isinstance(description, str) else None,
        logical_id if isinstance(logical_id, str) else "",
    ), []


def _object(old: t.Mapping[str, bytes], name: str, path: str) -> tuple[dict[str, t.Any] | None, Problem | None]:
    if name not in old:
        return None, None
    value, problem = json_text.parse(decode(old[name]) or "", f"{path}/{name}")
    if problem is None and not isinstance(value, dict):
        problem = Problem(f"{path}/{name}", 1, 1, "this is no JSON object", "Correct it, or write a .platform")
    return (None if problem else value), problem
