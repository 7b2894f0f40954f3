# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Ownership annotation and fingerprint at the end of a description, for items whose definition can't hold them.

A definition that can hold the ownership annotation contains it (`_content.ownership_annotation`). For other types, and
for imports from files, the description is the only property that is kept with the item, can be read from any
controller and survives edits in the portal. Earlier versions wrote it there for all types.

The fingerprint identifies the imported content: the digest of the file, and those of the definitions that the service
created from it, so that a changed file and an edit in the portal are detected.
"""

from __future__ import annotations

import base64
import hashlib
import re
import typing as t
from urllib.parse import quote, unquote

from ..._content.ownership_annotation import DEFAULT_DEPLOYMENT, Ownership
from ..._guid import GUID

NO_OWNER = "-"  # in place of a deployment's name
LONGEST_DESCRIPTION = 256  # characters, by the Fabric API

_ANNOTATION = re.compile(r"\s*\[powerbi_deploy((?: [^\s\]]+)*)\]\Z")
_INSIDE = re.compile(r"\s*\[powerbi_deploy((?: [^\s\]]+)+)\]")
_CUT = re.compile(r"\s*\[powerbi_deploy(?:[ \t][^\]]*)?\Z")
_HASHED = "~"  # begins a source of which only the digest is known
_PART = 11  # characters of the digest of a definition: 66 of its bits
_KEYS = {
    "f": "file",
    "m": "model",
    "r": "report",
    "o": "outline",
    "d": "definition",
    "b": "bound",
    "n": "deployment",
    "a": "name",
    "i": "report_id",
    "s": "source",
    "k": "kept",
}
_QUOTED = ("deployment",)  # fields that may have any character
_SOURCE = 6  # characters of the digest of a source


class Annotation(t.NamedTuple):
    """The fields of the annotation, each as far as it is known.

    ``logical_id``  of the `.platform` that the item was deployed from
    ``file``        `short` SHA-256 of the file that was imported
    ``model``       digest of the semantic model right after that import, without what the service changes (`shorter`)
    ``report``      digest of the report, of the same length
    ``outline``     digest of the outline of a report in the legacy format: it may be converted later
    ``definition``  `short` digest of both definitions, as earlier versions wrote it
    ``bound``       id of the semantic model to bind a report to again, while it is being overwritten
    ``deployment``  name of the deployment that owns the item, empty for the default, `NO_OWNER` for none
    ``name``        short digest of the name under which the file was imported: the item may have been renamed
    ``report_id``   the beginning of the id of the report that the import created with this semantic model
    ``source``      short digest of the source of the deployment's content, see `hashed`
    ``kept``        the record of properties that the service keeps otherwise, see `kept_properties`
    """

    logical_id: str = ""
    file: str = ""
    model: str = ""
    report: str = ""
    outline: str = ""
    definition: str = ""
    bound: str = ""
    deployment: str = ""
    name: str = ""
    report_id: str = ""
    source: str = ""
    kept: str = ""

    @property
    def ownership(self) -> Ownership | None:
        """The owner; None for a file that no deployment has imported."""
        if self.deployment == NO_OWNER:
            return None
        source = f"{_HASHED}{self.source}" if self.source else ""
        return Ownership(self.deployment or DEFAULT_DEPLOYMENT, self.logical_id, source=source, kept=self.kept)

    def owned_by(self, ownership: Ownership) -> Annotation:
        """The annotation with another owner. An id is not recorded: descriptions have little room."""
        name = "" if ownership.deployment == DEFAULT_DEPLOYMENT else ownership.deployment
        source = hashed(ownership.source)[len(_HASHED) :] if ownership.source else ""
        return self._replace(logical_id=ownership.logical_id, deployment=name, source=source, kept=ownership.kept)

    def owned_as(self, previous: Annotation | None) -> Annotation:
        """The annotation with the owner of the ``previous`` one, or without an owner."""
        if previous is None:
            return self._replace(deployment=NO_OWNER)
        return self._replace(logical_id=previous.logical_id, deployment=previous.deployment, source=previous.source)


class Described(t.NamedTuple):
    """Parse a description: the user's text, and the annotation if there is one."""

    text: str
    annotation: Annotation | None


def read(description: str) -> Described:
    """The last annotation; one that is followed by a user's text must have a field."""
    match = _ANNOTATION.search(description)
    inside = [] if match else [found for found in _INSIDE.finditer(description) if any(_annotation(found.group(1)))]
    match = match or (inside[-1] if inside else None)
    if match is None:
        return Described(description, None)
    text = description[: match.start()] + description[match.end() :]
    return Described(text if match.start() else text.lstrip(), _annotation(match.group(1)))


def _annotation(content: str) -> Annotation:
    words = content.split()
    named = {_KEYS[word[0]]: word[2:] for word in words if word[1:2] == ":" and word[0] in _KEYS}
    named.update((name, unquote(named[name])) for name in _QUOTED if name in named)
    return Annotation(next((word.lower() for word in words if GUID.fullmatch(word)), ""), **named)


def is_damaged(description: str) -> bool:
    """Whether there is an annotation that is truncated or has no valid field: it names no owner."""
    match = _ANNOTATION.search(description)
    if match is None:
        return read(description).annotation is None and _CUT.search(description) is not None
    return bool(match.group(1).strip()) and not any(_annotation(match.group(1)))


def text_of(description: str) -> str:
    """The user's text, without an annotation, valid or malformed."""
    return _CUT.sub("", read(description).text)


def imported_file(description: str) -> str:
    """The digest of the file that was imported as the item, by the fingerprint in its description; "" without one."""
    annotation = read(description).annotation
    return annotation.file if annotation is not None else ""


def write(text: str, annotation: Annotation) -> str | None:
    """The text without its annotation, followed by the new annotation; None if both exceed the length limit.

    A text is never truncated.
    """
    values = annotation._asdict()
    values.update((name, quote(values[name], safe="")) for name in _QUOTED)
    words = [annotation.logical_id, *(f"{key}:{values[name]}" for key, name in _KEYS.items() if values[name])]
    written = f"[{' '.join(['powerbi_deploy', *filter(None, words)])}]"
    described = f"{text_of(text)} {written}".strip()
    return described if _length(described) <= LONGEST_DESCRIPTION else None


def without_binding(described: Described) -> str:
    """The description without the field ``bound``, and without an annotation that had no other field."""
    annotation = (described.annotation or Annotation())._replace(bound="")
    return (write(described.text, annotation) if any(annotation) else None) or described.text


def missing_room(text: str, annotation: Annotation) -> int:
    """The number of characters by which the text is too long for the annotation."""
    needed = _length(write("", annotation) or "") + 1
    return max(0, _length(text_of(text)) + needed - LONGEST_DESCRIPTION)


def _length(text: str) -> int:
    """The number of characters as the service may count them, in UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def short(digest: str) -> str:
    """A SHA-256 (hex) in 22 characters: 132 of its bits. Descriptions have little room."""
    return base64.urlsafe_b64encode(bytes.fromhex(digest)).decode()[:22]


def shorter(digest: str) -> str:
    """A SHA-256 (hex) in 11 characters: enough to distinguish the definitions of one item."""
    return short(digest)[:_PART]


def hashed(source: str) -> str:
    """The source of a deployment's content as descriptions have it: they have little room."""
    return f"{_HASHED}{short(hashlib.sha256(source.encode()).hexdigest())[:_SOURCE]}"
