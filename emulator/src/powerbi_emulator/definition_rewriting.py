# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Definitions as the service returns them: in its own formatting, with its own ``.platform``. Pure."""

from __future__ import annotations

import base64
import json
import re
import typing as t
import uuid

from powerbi_emulator.definition_parts import PLATFORM, encoded
from powerbi_emulator.guids import ZERO_GUID
from powerbi_emulator.json_text import load_json
from powerbi_emulator.state.items import Item, Parts

_PLATFORM_SCHEMA: t.Final = (
    "https://developer.microsoft.com/json-schemas/fabric/gitIntegration/platformProperties/2.0.0/schema.json"
)
_JSON_SUFFIXES: t.Final = (".json", ".pbir", ".pbism", PLATFORM)


def parts_to_json(item: Item, parts: Parts, *, rewrite: bool) -> list[dict[str, t.Any]]:
    """The item's parts as the service returns them: sorted, with a ``.platform`` of its own.

    ``rewrite``: in the service's formatting, too: JSON indented anew, TMDL with CRLF and a lineage tag for each table
    and column that had none.
    """
    result = {path: payload for path, payload in parts.items() if path != PLATFORM}
    if rewrite:
        result = {path: _rewritten(item, path, payload) for path, payload in result.items()}
    result[PLATFORM] = encoded(_platform_text(item))
    return [{"path": path, "payload": result[path], "payloadType": "InlineBase64"} for path in sorted(result)]


def _platform_text(item: Item) -> str:
    metadata = {"type": item.type, "displayName": item.name}
    if item.description:
        metadata["description"] = item.description
    content = {
        "$schema": _PLATFORM_SCHEMA,
        "metadata": metadata,
        "config": {"version": "2.0", "logicalId": ZERO_GUID},
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def _rewritten(item: Item, path: str, payload: str) -> str:
    if path.endswith(".tmdl"):
        lines = base64.b64decode(payload).decode("utf-8-sig").splitlines()
        return encoded("\r\n".join([*_with_lineage_tags(item.id, lines), ""]))
    if path.endswith(_JSON_SUFFIXES) and not path.startswith("StaticResources/"):
        try:
            content = load_json(base64.b64decode(payload).decode("utf-8-sig"))
        except ValueError:
            return payload
        return encoded(json.dumps(content, indent=2, ensure_ascii=False))
    return payload


def _with_lineage_tags(item_id: str, lines: list[str]) -> t.Iterator[str]:
    """The lines, with a tag under each table and plain column that has none; the same one each time."""
    table = ""
    for number, line in enumerate(lines):
        yield line
        if not line.startswith(("table ", "\tcolumn ")):
            continue
        match = re.fullmatch(r"(table|\tcolumn) (\S.*)", line)
        if match is None or "=" in line:
            continue
        table = line if match[1] == "table" else table
        indent = "\t" * (match[1].count("\t") + 1)
        own: list[str] = []
        for following in lines[number + 1 :]:
            if following.strip() and not following.startswith(indent):
                break
            if following.startswith(indent) and not following[len(indent) :].startswith(("\t", " ")):
                own.append(following.strip())
        if not any(one.startswith("lineageTag:") for one in own):
            yield f"{indent}lineageTag: {uuid.uuid5(uuid.UUID(item_id), table + line)}"
