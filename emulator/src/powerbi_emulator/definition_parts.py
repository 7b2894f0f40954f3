# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parts of a definition: in requests, and their content as text and JSON. Pure."""

from __future__ import annotations

import base64
import binascii
import typing as t

from powerbi_emulator.fabric_api import FabricError, bad_request
from powerbi_emulator.json_text import load_json
from powerbi_emulator.state.items import Parts

PLATFORM: t.Final = ".platform"


def requested_parts(definition: t.Any) -> Parts:
    """The parts of a request's ``definition``. Raises FabricError for invalid ones."""
    if not isinstance(definition, dict) or not isinstance(definition.get("parts"), list):
        raise bad_request("The definition field must have a list of parts.")
    parts: Parts = {}
    for part in definition["parts"]:
        if not isinstance(part, dict) or not isinstance(part.get("path"), str) or not part["path"]:
            raise bad_request("Each part of the definition must have a path.")
        path, payload = part["path"], part.get("payload")
        if part.get("payloadType") != "InlineBase64" or not isinstance(payload, str):
            raise bad_request(f"The part '{path}' must have a payload with the payloadType InlineBase64.")
        if path in parts or path.startswith("/") or "\\" in path or ".." in path.split("/"):
            raise FabricError(400, "CorruptedPayload", f"The path '{path}' is a duplicate or not valid.")
        try:
            binascii.a2b_base64(payload, strict_mode=bool(payload))
        except ValueError as error:
            raise FabricError(400, "CorruptedPayload", f"The payload of '{path}' is not base64.") from error
        parts[path] = payload
    if not set(parts) - {PLATFORM}:
        raise FabricError(400, "CorruptedPayload", "Definition parts cannot contain the .platform file only.")
    return parts


def text_of_part(parts: Parts, path: str) -> str:
    """A part's content as text. Raises FabricError if it is not UTF-8."""
    try:
        return base64.b64decode(parts[path]).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise unreadable(path, "The file is not UTF-8 text.") from error


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def json_of_part(parts: Parts, path: str) -> dict[str, t.Any]:
    try:
        content = load_json(text_of_part(parts, path))
    except ValueError as error:
        raise unreadable(path, str(error)) from error
    if not isinstance(content, dict):
        raise unreadable(path, "A JSON object was expected.")
    return content


def unreadable(path: str, text: str) -> FabricError:
    return FabricError(400, "Workload_FailedToParseFile", f"Failed to parse file '{path}'. {text}")
