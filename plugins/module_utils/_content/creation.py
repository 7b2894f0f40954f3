# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""Items whose type has no definition: their creationPayload, and the files that are not sent."""

from __future__ import annotations

import json
import typing as t

from .._errors import listed
from . import item_types, json_text, platform
from .item import LocalItem
from .problem import WARNING, Problem
from .text import decode

PART = "creationPayload.json"
"""Path of the creationPayload among an item's parts, so that parameters and references apply to it as well."""

_EMPTY: tuple[t.Any, ...] = ({}, [], None)


def prepared(item: LocalItem) -> tuple[LocalItem, list[Problem]]:
    """The item as it is deployed: without the files that its type does not accept, and with its creationPayload."""
    kind = item_types.of(item.type)
    payload, problems = _payload(item, kind)
    if kind.has_definition:
        return item, problems
    unsent = [path for path in item.parts if path not in (platform.PART, kind.payload) and not _is_empty(item, path)]
    if unsent:
        what = (
            f"the service takes no definition for the type {item.type}: only the empty item is deployed, "
            f"not {listed(sorted(unsent))}"
        )
        remedy = "Deploy its content by other means, such as SqlPackage for a warehouse or a database"
        problems.append(Problem(item.path, 0, 0, what, remedy, WARNING))
    kept = {path: data for path, data in item.parts.items() if path == platform.PART}
    if payload:
        kept[PART] = json_text.dump(payload, indent=2).encode()
    return item.with_parts(kept), problems


def payload_of(parts: t.MutableMapping[str, bytes]) -> dict[str, t.Any]:
    """Separate the creationPayload from the parts."""
    data = parts.pop(PART, None)
    payload: dict[str, t.Any] = json.loads(data) if data else {}
    return payload


def has_content(item: LocalItem) -> bool:
    """Whether there is a definition to write and to compare."""
    return item_types.of(item.type).has_definition and bool(set(item.parts) - {platform.PART})


def _payload(item: LocalItem, kind: item_types.ItemType) -> tuple[dict[str, t.Any], list[Problem]]:
    file = f"{item.path}/{platform.PART}"
    given = _member(item, platform.PART, "metadata", "creationPayload")
    if given is not None and kind.payload != item_types.PLATFORM_PAYLOAD:
        what = f"metadata.creationPayload is not used: items of the type {item.type} are created without one"
        return _lakehouse(item, kind), [Problem(file, 0, 0, what, "Remove it", WARNING)]
    if given is not None and not isinstance(given, dict):
        return {}, [Problem(file, 0, 0, "metadata.creationPayload is not an object", "Correct or remove it")]
    return given or _lakehouse(item, kind), []


def _lakehouse(item: LocalItem, kind: item_types.ItemType) -> dict[str, t.Any]:
    """Git integration writes the default schema of a lakehouse that has schemas, and nothing for one without."""
    if kind.payload != item_types.LAKEHOUSE_PAYLOAD:
        return {}
    return {"enableSchemas": True} if _member(item, kind.payload, "defaultSchema") else {}


def _member(item: LocalItem, path: str, *names: str) -> t.Any:
    """A member of a JSON part, None where there is none."""
    value = _json(item, path)
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _json(item: LocalItem, path: str) -> t.Any:
    text = decode(item.parts[path]) if path in item.parts else None
    return json_text.parse(text, path)[0] if text is not None else None


def _is_empty(item: LocalItem, path: str) -> bool:
    """Whether a JSON part has no content: git integration writes ``[]`` for a lakehouse without shortcuts."""
    return path.endswith(".json") and _json(item, path) in _EMPTY and bool(decode(item.parts[path]))
