# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""Rules of the service for workspace folders: characters, length, depth, reserved names (Learn, "Create folders")."""

from __future__ import annotations

import re
import typing as t

from .problem import Problem

MAX_NAME = 255
DEEPEST = 10
RESERVED = ("$recycle.bin", "recycled", "recycler")
_REFUSED = re.compile(r'[~"#.%&*:<>?/\\{|}]')
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def problems_of(folders: t.Iterable[str]) -> t.Iterator[Problem]:
    """Every problem of the workspace folders of these paths ("Monthly/Europe"), each folder once."""
    seen: set[str] = set()
    spelled: dict[str, str] = {}
    for folder in folders:
        steps = folder.split("/") if folder else []
        for depth, step in enumerate(steps, 1):
            path = "/".join(steps[:depth])
            if path in seen:
                continue
            seen.add(path)
            yield from _name(step, path)
            first = spelled.setdefault(path.casefold(), path)
            if first != path:
                what = (
                    f"the workspace folder differs from {first!r} only in case, so the two have one name in the service"
                )
                yield Problem(path, 0, 0, what, "Write both the same")
            if depth == DEEPEST + 1:
                what = f"the workspace folder is nested {depth} deep, the service takes {DEEPEST}"
                yield Problem(path, 0, 0, what, "Move it up")


def _name(name: str, path: str) -> t.Iterator[Problem]:
    what = "the workspace folder's name"
    if len(name) > MAX_NAME:
        yield Problem(path, 0, 0, f"{what} has {len(name)} characters, the service takes {MAX_NAME}", "Shorten it")
    if not name.strip():
        yield Problem(path, 0, 0, f"{what} is empty", "Name it")
    elif name != name.strip():
        yield Problem(path, 0, 0, f"{what} {name!r} starts or ends with a blank", "Remove the blank")
    if _CONTROL.search(name):
        yield Problem(path, 0, 0, f"{what} {name!r} has a control character", "Remove the character")
    refused = _REFUSED.search(name)
    if refused:
        yield Problem(path, 0, 0, f"{what} has {refused.group()!r}, which the service refuses", "Rename the folder")
    if name.lower() in RESERVED:
        yield Problem(path, 0, 0, f"{what} {name!r} is reserved by the service", "Rename the folder")
