# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""Preserve data that only the service has when a model is published: members of roles, partitions of a refresh policy.

A project's files contain the filters of a role, but rarely its members; and the service creates the partitions of a
table with a refresh policy, with the data in them. Publishing the files unchanged would remove both.
"""

from __future__ import annotations

import re
import types
import typing as t

from . import json_text
from .model import canonical, read, roles, tmdl_writer, tmsl
from .model.tree import Node
from .text import decode

ROLE_MEMBERS = "role_members"
REFRESH_PARTITIONS = "refresh_partitions"
CHOICES = (ROLE_MEMBERS, REFRESH_PARTITIONS)

_POLICY = "policyrange"


class Preserved(t.NamedTuple):
    """The parts to publish, and what was kept, one line each: ``2 members of role Reader``."""

    parts: dict[str, bytes]
    kept: tuple[str, ...]


def preserve(local: t.Mapping[str, bytes], live: t.Mapping[str, bytes], what: t.Collection[str]) -> Preserved:
    """The local parts with the members and partitions (``what``) of the model in the service.

    Members that only the service has are added; local ones are kept. Those of a role that was renamed go to the new role. A
    table that has a refresh policy on both sides gets the service's partitions of that policy instead of its own. Roles,
    tables and policies that the files don't have are not restored. Both definitions must have the same format; parts that
    can't be parsed are returned unchanged.
    """
    if tmsl.PART in local:
        return _preserve_tmsl(local, live, what)
    words = [
        word for choice, word in ((ROLE_MEMBERS, b"member"), (REFRESH_PARTITIONS, b"refreshPolicy")) if choice in what
    ]
    if not any(word in data for data in live.values() for word in words):
        return Preserved(dict(local), ())  # most models: nothing to preserve, so no parsing
    documents = read.documents(local)
    model = read.read_model(live)
    if not documents or model is None:
        return Preserved(dict(local), ())
    edits = _Edits(local)
    if ROLE_MEMBERS in what:
        renamed = _renamed_roles(model, read.read_model(local))
        for role in model.of_kind("role"):
            _members(edits, documents, role, renamed.get(role.key, role.name))
    if REFRESH_PARTITIONS in what:
        for table in model.of_kind("table"):
            _partitions(edits, documents, table)
    return Preserved(edits.apply(), tuple(edits.kept))


def _declarations(documents: t.Mapping[str, Node], desired: Node) -> list[tuple[str, Node]]:
    """Where local files declare an object: top level, or inside the model."""
    found: list[tuple[str, Node]] = []
    for path, root in documents.items():
        inside = (inner for model in root.of_kind("model") for inner in model.children)
        alike = (node for node in (*root.children, *inside) if node.key == desired.key)
        found.extend((path, node) for node in alike if node.children or not node.reference)
    return found


def _renamed_roles(live: Node | None, local: Node | None) -> dict[tuple[str, str], str]:
    """The new name of each role that was renamed, by its key."""
    if live is None or local is None:
        return {}
    found = roles.renamed(canonical.canonical(live), canonical.canonical(local))
    return {key: role.name for key, role in found.items()}


def _members(edits: _Edits, documents: t.Mapping[str, Node], role: Node, name: str) -> None:
    declared = _declarations(documents, Node("role", name))
    if not declared:
        return
    present = {member.key for _path, node in declared for member in node.of_kind("member")}
    missing = [member for member in role.of_kind("member") if member.key not in present]
    if missing:
        path, node = declared[0]
        edits.insert(path, node, node.end, missing)
        edits.kept.append(f"{_count(missing, 'member')} of role {name}")


def _partitions(edits: _Edits, documents: t.Mapping[str, Node], table: Node) -> None:
    theirs = [part for part in table.of_kind("partition") if (part.value or "").lower() == _POLICY]
    declared = _declarations(documents, table)
    has_policy = any(node.of_kind("refreshPolicy") for _path, node in declared)
    if not theirs or not has_policy or not table.of_kind("refreshPolicy"):
        return
    path, node = declared[0]
    ours = [(file, part) for file, declaration in declared for part in declaration.of_kind("partition")]
    if [part.key for _file, part in ours] == [part.key for part in theirs]:
        return
    for file, part in ours:
        edits.remove(file, part)
    if ours:
        path, node = next((file, declaration) for file, declaration in declared if declaration.of_kind("partition"))
    edits.insert(path, node, ours[0][1].start - 1 if ours else node.end, theirs)
    edits.kept.append(f"{_count(theirs, 'partition')} of table {table.name}")


def _count(things: t.Sequence[t.Any], noun: str) -> str:
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"


class _Edits:
    """Lines to remove from and insert into the texts of parts; line ends and byte order marks are kept."""

    def __init__(self, parts: t.Mapping[str, bytes]) -> None:
        self.parts = parts
        self.kept: list[str] = []
        self.removed: dict[str, set[int]] = {}
        self.inserted: dict[str, dict[int, list[str]]] = {}

    def lines(self, path: str) -> list[str]:
        return (decode(self.parts[path]) or "").split("\n")

    def remove(self, path: str, node: Node) -> None:
        self.removed.setdefault(path, set()).update(range(node.start, node.end + 1))

    def insert(self, path: str, parent: Node, after: int, nodes: t.Sequence[Node]) -> None:
        """Write nodes as children of ``parent`` after a line (from 1), in the indentation that the file uses."""
        lines = self.lines(path)
        lead = _lead(lines[parent.line - 1])
        inner = _lead(lines[parent.children[0].line - 1]) if parent.children else ""
        unit = inner[len(lead) :] or ("\t" if "\t" in lead or not lead else lead)
        for node in nodes:
            text = tmdl_writer.write([node], unit=unit)
            block = [lead + unit + line if line else "" for line in text.rstrip("\n").split("\n")]
            self.inserted.setdefault(path, {}).setdefault(after, []).extend(["", *block])

    def apply(self) -> dict[str, bytes]:
        result = dict(self.parts)
        for path in {*self.removed, *self.inserted}:
            result[path] = self._edited(path)
        return result

    def _edited(self, path: str) -> bytes:
        data = self.parts[path]
        removed, inserted = self.removed.get(path, set()), self.inserted.get(path, {})
        lines: list[str] = []
        lines.extend(inserted.get(0, ()))
        for number, line in enumerate(self.lines(path), 1):
            if number not in removed and not (number - 1 in removed and not line.strip() and lines and not lines[-1]):
                lines.append(line)
            block = inserted.get(number, [])
            lines.extend(block[1:] if lines and not lines[-1].strip() else block)
        newline = "\r\n" if b"\r\n" in data else "\n"
        bom = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
        return bom + newline.join(lines).encode()


def _lead(line: str) -> str:
    return re.sub(r"\S.*$", "", line)


def _preserve_tmsl(local: t.Mapping[str, bytes], live: t.Mapping[str, bytes], what: t.Collection[str]) -> Preserved:
    text = decode(local[tmsl.PART]) or ""
    ours = json_text.parse(text, tmsl.PART)[0]
    theirs = json_text.parse(decode(live.get(tmsl.PART, b"")) or "", tmsl.PART)[0]
    kept: list[str] = []
    if ROLE_MEMBERS in what:
        renamed = _renamed_roles(read.read_model(live), read.read_model(local))
        for mine, other in _pairs(ours, theirs, "roles", {key[1]: name for key, name in renamed.items()}):
            present = {_member(member) for member in mine.get("members", [])}
            missing = [member for member in other.get("members", []) if _member(member) not in present]
            if missing:
                mine["members"] = [*mine.get("members", []), *missing]
                kept.append(f"{_count(missing, 'member')} of role {mine['name']}")
    if REFRESH_PARTITIONS in what:
        for mine, other in _pairs(ours, theirs, "tables"):
            policy = [part for part in other.get("partitions", []) if _source_type(part) == _POLICY]
            if policy and "refreshPolicy" in mine and "refreshPolicy" in other and mine.get("partitions") != policy:
                mine["partitions"] = policy
                kept.append(f"{_count(policy, 'partition')} of table {mine['name']}")
    if not kept:
        return Preserved(dict(local), ())
    written = json_text.dump(ours, indent=json_text.indent_of(text))
    return Preserved({**local, tmsl.PART: written.encode()}, tuple(kept))


def _member(member: t.Any) -> str:
    return str(member.get("memberId") or member.get("memberName", "")).casefold() if isinstance(member, dict) else ""


def _source_type(partition: t.Any) -> str:
    source = partition.get("source") if isinstance(partition, dict) else None
    return str(source.get("type", "")).lower() if isinstance(source, dict) else ""


def _pairs(
    ours: t.Any, theirs: t.Any, collection: str, renamed: t.Mapping[str, str] = types.MappingProxyType({})
) -> t.Iterator[tuple[dict[str, t.Any], dict[str, t.Any]]]:
    """The objects of one name, in any case; ``renamed`` has the new names of the service's objects."""

    def entries(value: t.Any) -> list[dict[str, t.Any]]:
        model = value.get("model") if isinstance(value, dict) else None
        found = model.get(collection) if isinstance(model, dict) else None
        return [entry for entry in found or [] if isinstance(entry, dict) and "name" in entry]

    named = ((str(entry["name"]).casefold(), entry) for entry in entries(theirs))
    others = {renamed.get(name, name).casefold(): entry for name, entry in named}
    for entry in entries(ours):
        other = others.get(str(entry["name"]).casefold())
        if other is not None:
            yield entry, other
