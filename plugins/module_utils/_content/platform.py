# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""The `.platform` part: an item's type, name, description and logical id in the git format."""

from __future__ import annotations

import dataclasses
import re
import types
import typing as t

from .._guid import GUID, ZERO_GUID
from . import json_text
from .problem import Problem
from .text import decode, position, undecodable

PART = ".platform"

_SCHEMA = "https://developer.microsoft.com/json-schemas/fabric/gitIntegration/platformProperties/2.0.0/schema.json"
_ANY = re.compile(r".+", re.DOTALL)
_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_VERSION = re.compile(r"2(?:\.\d+)*")


@dataclasses.dataclass(frozen=True)
class Platform:
    """The content of a `.platform` part. ``logical_id`` is "" where it has none (the zero GUID counts as none), ``description``
    is None."""

    type: str
    display_name: str
    description: str | None = None
    logical_id: str = ""


def read(data: bytes, file: str) -> tuple[Platform | None, tuple[Problem, ...]]:
    """The platform part, or None with every problem of it: not JSON, wrong shape, missing or malformed members."""
    text = decode(data)
    if text is None:
        return None, (undecodable(data, file),)
    value, problem = json_text.parse(text, file)
    if problem:
        return None, (problem,)
    if not isinstance(value, dict):
        return None, (Problem(file, 1, 1, "the .platform part isn't a JSON object", "Export the item from git again"),)
    check = _Check(value, text, file)
    kind = check.member("metadata", "type", _TYPE, "Name an item type, such as Report or SemanticModel")
    name = check.member("metadata", "displayName", _ANY, "Give the item a name")
    description = check.member("metadata", "description", _ANY, "Give it a text", required=False)
    check.member("config", "version", _VERSION, 'Use "2.0"', required=False)
    logical_id = check.member("config", "logicalId", GUID, "Give it a new random GUID", required=False)
    if check.problems:
        return None, tuple(check.problems)
    stated = description if value["metadata"].get("description") is not None else None
    return Platform(kind, name, stated, "" if logical_id == ZERO_GUID else logical_id.lower()), ()


class _Check:
    """Reads members of a part, and collects their problems with their places."""

    def __init__(self, value: dict[str, t.Any], text: str, file: str) -> None:
        self.value = value
        self.file = file
        self.places = {
            found.path: position(text, found.key_start) for found in json_text.members(json_text.plain(text))
        }
        self.problems: list[Problem] = []

    def member(self, section: str, name: str, form: re.Pattern[str], remedy: str, *, required: bool = True) -> str:
        holder = self.value.get(section)
        found = holder.get(name) if isinstance(holder, dict) else None
        if found is None:
            wrong = "is missing" if required else ""
        elif not isinstance(found, str):
            wrong = "isn't a text"
        elif not found:
            wrong = "is empty" if required else ""
        else:
            wrong = "" if form.fullmatch(found) else f"can't be {found!r}"
        if wrong:
            line, column = self.places.get((section, name)) or self.places.get((section,)) or (1, 1)
            self.problems.append(Problem(self.file, line, column, f"{section}.{name} {wrong}", remedy))
        return found if isinstance(found, str) else ""


def write(platform: Platform, creation_payload: t.Mapping[str, t.Any] = types.MappingProxyType({})) -> bytes:
    """The part as Fabric's git integration writes it: two spaces, description and creationPayload only where there is one."""
    metadata: dict[str, t.Any] = {"type": platform.type, "displayName": platform.display_name}
    if platform.description:
        metadata["description"] = platform.description
    if creation_payload:
        metadata["creationPayload"] = dict(creation_payload)
    value = {
        "$schema": _SCHEMA,
        "metadata": metadata,
        "config": {"version": "2.0", "logicalId": platform.logical_id or ZERO_GUID},
    }
    return json_text.dump(value, indent=2).encode()


def without_id(item_type: str, display_name: str, description: str) -> bytes:
    """The part of an item that a bulk import is to create: two items of one logical id would be refused."""
    metadata = {"type": item_type, "displayName": display_name, **({"description": description} if description else {})}
    return json_text.dump({"$schema": _SCHEMA, "metadata": metadata, "config": {"version": "2.0"}}, indent=2).encode()
