# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""What an exported definition still refers to by an id, a name or an address of one workspace or tenant.

Such references stay as they are in the files, and so do they in a deployment to another workspace.
"""

from __future__ import annotations

import re
import typing as t
from urllib.parse import unquote_to_bytes

from .._guid import GUID_IN_BYTES
from . import logical_ids, platform

_GUID = GUID_IN_BYTES.pattern
_OTHER_WORKSPACE = logical_ids.workspace_places(_GUID.decode())
_KEYED = re.compile(
    rb"\b\w*(?P<kind>connection|gateway|capacity|cluster|instance_?pool)(?:(?:object|artifact)?_?id)?"
    rb"""\\*["']?\s*[:=]\s*\\*["']?(?P<id>""" + _GUID + rb")(?![0-9a-fA-F-])",
    re.IGNORECASE,
)
"""Keys of ids that no deployment replaces: as git integration writes them."""
_KINDS = {
    b"gateway": "the gateway",
    b"capacity": "the capacity",
    b"instancepool": "the Spark pool",
    b"instance_pool": "the Spark pool",
}
_ENDPOINT = re.compile(
    rb"[\w-][\w.-]*\.(?:(?:datawarehouse|database|kusto)\.fabric\.microsoft\.com|pbidedicated\.windows\.net)",
    re.IGNORECASE,
)
_XMLA = re.compile(rb"powerbi://[^/\s\"'<>]+/v1\.0/[^/\s\"'<>]+/(?P<name>[^\"'/;<>\\\r\n]+)", re.IGNORECASE)


class Source(t.NamedTuple):
    """The exported workspace. ``others`` are the labels of items without a logical id in the files, by their ids;
    ``items`` are the ids of all items, ``known`` all ids that are no workspace's and no connection's."""

    workspace_id: str
    workspace_name: str
    others: t.Mapping[str, str]
    items: t.Collection[str]
    known: t.Collection[str]


class Reference(t.NamedTuple):
    """A reference that stays: ``file`` is the path of the part, ``what`` it refers to."""

    file: str
    what: str


def remaining(parts: t.Mapping[str, bytes], source: Source) -> list[Reference]:
    """The references of a definition whose ids were replaced (`logical_ids.in_git`), each one once for a file."""
    found: dict[Reference, None] = {}
    for path, data in sorted(parts.items()):
        texts = _in_text(data, source) if logical_ids.is_text(data) else _in_binary(data, source)
        found.update(dict.fromkeys(Reference(path, text) for text in texts))
    return list(found)


def _in_text(data: bytes, source: Source) -> t.Iterator[str]:
    ids = dict.fromkeys(found.group().decode().lower() for found in GUID_IN_BYTES.finditer(data))
    if source.workspace_id in ids:
        yield "the exported workspace, by its id"
    yield from (f"{source.others[one]}, which is not exported" for one in ids if one in source.others)
    for match in _OTHER_WORKSPACE.finditer(data):
        workspace = match["id"].decode().lower()
        if workspace != source.workspace_id and workspace not in source.known:
            yield f"the workspace {workspace}"
    for match in _KEYED.finditer(data):
        identity = match["id"].decode().lower()
        if identity not in source.known:
            yield f"{_KINDS.get(match['kind'].lower(), 'the connection')} {identity}"
    yield from (f"the endpoint {match.group().decode('utf-8', 'replace')}" for match in _ENDPOINT.finditer(data))
    for match in _XMLA.finditer(data):
        name = unquote_to_bytes(match["name"]).decode("utf-8", "replace").strip()
        if name.casefold() == source.workspace_name.casefold():
            yield f"the exported workspace, by its name {name!r}"


def _in_binary(data: bytes, source: Source) -> t.Iterator[str]:
    """Ids in a binary part, as ASCII or UTF-16: they can't be replaced there without knowledge of the format."""
    lower = data.lower()
    if any(one.encode(coding) in lower for one in (source.workspace_id, *source.items) for coding in _CODINGS):
        yield "ids of the exported workspace or its items, in a binary part"


_CODINGS = ("ascii", "utf-16-le", "utf-16-be")


def in_properties(description: str, source: Source) -> list[Reference]:
    """The references of an item's description."""
    ids = {found.group().decode().lower() for found in GUID_IN_BYTES.finditer(description.encode())}
    known = ids & {source.workspace_id, *source.items}
    what = "ids of the exported workspace or its items, in the description"
    return [Reference(platform.PART, what)] if known else []
