# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The ownership annotation: the deployment that owns an item, in a member of its definition that is made for tools.

A semantic model has it as an annotation of the model (model.tmdl, model.bim), a report in PBIR among the `annotations` of
its report.json. Power BI does not display it. Other definitions have no such member: see `_deploy.description_annotation`.
"""

from __future__ import annotations

import json
import re
import typing as t

from .._guid import GUID
from . import json_text
from .model import rules, tmsl
from .text import decode

NAME = rules.OWNERSHIP_ANNOTATION
DEFAULT_DEPLOYMENT = "default"
MODEL_PART = "definition/model.tmdl"
REPORT_PART = "definition/report.json"

# The value is on the line, or on deeper ones below it, as tools may rewrite it. A malformed one may lack its "=".
_PATTERN = (
    rf"^(?P<indent>[ \t]*)annotation[ \t]+(?:{NAME}|'{NAME}')(?![\w'])[ \t]*(?P<sign>=?)[ \t]*"
    r"(?:(?:```)?[ \t]*(?:\n|\Z)(?P<below>(?:(?P=indent)[ \t]+\S[^\n]*(?:\n|\Z))*)|(?P<value>[^\n]*?)[ \t]*(?:\n|\Z))"
)
_LINE = re.compile(_PATTERN, re.MULTILINE | re.IGNORECASE)
_WITH_BLANK = re.compile(rf"(?:(?<=\n)[ \t]*\n)?{_PATTERN}", re.MULTILINE | re.IGNORECASE)
_MODEL = re.compile(r"(?mi)^model(?:[ \t]+(?:'(?:[^'\n]|'')*'|[^\s=:']+))?[ \t]*$\n?")

_MEMBERS = ("deployment", "logicalId", "itemId", "source", "kept")

Parts = t.Mapping[str, bytes]


class Ownership(t.NamedTuple):
    """The owner of an item.

    ``logical_id`` is that of the `.platform` it was deployed from, ``item_id`` its own id if that was known when the
    annotation was written: a copy of the item has another one. Each of them may be empty. ``source`` is the origin of
    the deployment's content. ``kept``: the record of properties that the service keeps otherwise than they were written.
    """

    deployment: str = DEFAULT_DEPLOYMENT
    logical_id: str = ""
    item_id: str = ""
    source: str = ""
    kept: str = ""


def has_place(paths: t.Collection[str]) -> bool:
    """Whether a definition with these parts can hold the annotation."""
    return any(path in paths for path in (MODEL_PART, tmsl.PART, REPORT_PART))


def read(parts: Parts) -> Ownership | None:
    """The annotation of a definition; None where it is absent or malformed."""
    return next((_ownership(value) for value in _values(parts)), None)


def is_damaged(parts: Parts) -> bool:
    """Whether the annotation of a definition is malformed: then no deployment owns the item."""
    return bool(_values(parts)) and read(parts) is None


def _values(parts: Parts) -> list[t.Any]:
    """The annotation's value: a text, unless it is malformed."""
    for path in (MODEL_PART, tmsl.PART, REPORT_PART):
        data = parts.get(path, b"")
        if NAME.encode().lower() not in data.lower():
            continue
        text = decode(data) or ""
        if path == MODEL_PART:
            return [_value_of(match) for match in _LINE.finditer(text)]
        return [entry.get("value") for entry in _listed(path, json_text.parse(text, path)[0]) if _is_ours(entry)]
    return []


def _value_of(match: re.Match[str]) -> str:
    if not match["sign"]:
        return ""
    return match["value"] or (match["below"] or "").strip().rstrip("`")


def write(parts: Parts, ownership: Ownership) -> dict[str, bytes]:
    """The parts with the annotation, which replaces an existing one. Unchanged for a definition that can't hold it."""
    return _with(remove(parts), json.dumps(_members(ownership), separators=(",", ":")))


def remove(parts: Parts) -> dict[str, bytes]:
    """The parts without the annotation."""
    result = dict(parts)
    for path in (MODEL_PART, tmsl.PART, REPORT_PART):
        data = parts.get(path, b"")
        if NAME.encode().lower() not in data.lower():
            continue
        text = decode(data) or ""
        if path == MODEL_PART:
            result[path] = _encoded(_WITH_BLANK.sub("", text), data)
        else:
            value = json_text.parse(text, path)[0]
            holder = _holder(path, value)
            if holder is not None and isinstance(holder.get("annotations"), list):
                kept = without(holder["annotations"])
                if kept:
                    holder["annotations"] = kept
                else:
                    del holder["annotations"]
                result[path] = _encoded(json_text.dump(value, indent=json_text.indent_of(text)), data)
    return result


def without(annotations: t.Sequence[t.Any]) -> list[t.Any]:
    """A JSON list of annotations without the one of ownership."""
    return [entry for entry in annotations if not _is_ours(entry)]


def _with(parts: dict[str, bytes], value: str) -> dict[str, bytes]:
    if MODEL_PART in parts:
        text = decode(parts[MODEL_PART])
        place = _after_model(text) if text is not None else None
        if text is not None and place is not None:
            before, after = text[:place].rstrip("\n"), text[place:]
            written = f"{before}\n\nannotation {NAME} = {value}\n" + (f"\n{after}" if after else "")
            parts[MODEL_PART] = _encoded(written, parts[MODEL_PART])
        return parts
    for path in (tmsl.PART, REPORT_PART):
        text = decode(parts[path]) if path in parts else None
        document = json_text.parse(text, path)[0] if text is not None else None
        holder = _holder(path, document)
        if text is not None and holder is not None and isinstance(holder.get("annotations", []), list):
            holder["annotations"] = [*holder.get("annotations", []), {"name": NAME, "value": value}]
            parts[path] = _encoded(json_text.dump(document, indent=json_text.indent_of(text)), parts[path])
            return parts
    return parts


def _after_model(text: str) -> int | None:
    """Where the lines of the object `model` end: the first one after it that is neither blank nor indented."""
    match = _MODEL.search(text)
    if match is None:
        return None
    at = match.end()
    while at < len(text):
        end = text.find("\n", at) + 1 or len(text)
        if text[at:end].strip() and text[at] not in " \t":
            break
        at = end
    return at


def _holder(path: str, value: t.Any) -> dict[str, t.Any] | None:
    """The JSON object that has the annotations."""
    if path == tmsl.PART:
        value = value.get("model") if isinstance(value, dict) else None
    return value if isinstance(value, dict) else None


def _listed(path: str, value: t.Any) -> list[dict[str, t.Any]]:
    found = (_holder(path, value) or {}).get("annotations")
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _is_ours(entry: t.Any) -> bool:
    return isinstance(entry, dict) and str(entry.get("name", "")).casefold() == NAME.casefold()


def _members(ownership: Ownership) -> dict[str, str]:
    values = (ownership.deployment, ownership.logical_id, ownership.item_id, ownership.source, ownership.kept)
    return {name: text for name, text in zip(_MEMBERS, values) if text}


def _ownership(value: t.Any) -> Ownership | None:
    """The owner in an annotation's text; None for a malformed text, as a wrong owner would be worse than none."""
    try:
        found = json.loads(value) if isinstance(value, str) else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    texts = [found[name] for name in _MEMBERS if name in found]
    ids = [found[name] for name in ("logicalId", "itemId") if found.get(name, "") != ""]
    if not texts or not all(isinstance(text, str) for text in texts) or not all(GUID.fullmatch(one) for one in ids):
        return None
    deployment, logical_id, item_id, source, kept = (found.get(name, "") for name in _MEMBERS)
    return Ownership(deployment or DEFAULT_DEPLOYMENT, logical_id.lower(), item_id.lower(), source, kept)


def _encoded(text: str, before: bytes) -> bytes:
    """The text with the line ends and the byte order mark that the part had."""
    bom = b"\xef\xbb\xbf" if before.startswith(b"\xef\xbb\xbf") else b""
    return bom + (text.replace("\n", "\r\n") if b"\r\n" in before else text).encode()
