# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""How a deployed item is recognised in the service: by a mark at the end of its description.

The service answers definitions without their logical id, and knows no tags of ours that every licence allows. A
description travels with the item, is seen from any controller, and survives edits of the content in the portal.

Of an imported file the mark is also the ledger: it holds the digest of the file and that of the definition which the
service made of it, so that neither a changed file nor an edit in the portal goes unseen. docs/deploying.md shows it.
"""

from __future__ import annotations

import base64
import re
import typing as t

LONGEST_DESCRIPTION = 256  # characters, by the Fabric API

_MARK = re.compile(r"\s*\[powerbi_deploy((?: [^\s\]]+)*)\]\Z")
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")


class Mark(t.NamedTuple):
    """What a mark says beside "ours".

    ``logical_id``  of the `.platform` that the item was deployed from
    ``file``        `short` SHA-256 of the file that was imported
    ``definition``  `short` digest of the definition right after that import
    ``bound``       id of the semantic model to bind a report to again, while it is being overwritten
    """

    logical_id: str = ""
    file: str = ""
    definition: str = ""
    bound: str = ""


class Marked(t.NamedTuple):
    """A description taken apart: the user's text, and the mark of an item that is ours."""

    text: str
    mark: Mark | None

    @property
    def ours(self) -> bool:
        return self.mark is not None

    @property
    def logical_id(self) -> str:
        return self.mark.logical_id if self.mark else ""


def read(description: str) -> Marked:
    match = _MARK.search(description)
    if match is None:
        return Marked(description, None)
    words = match.group(1).split()
    named = {word[0]: word[2:] for word in words if word[1:2] == ":"}
    logical_id = next((word for word in words if _GUID.match(word)), "")
    mark = Mark(logical_id, named.get("f", ""), named.get("d", ""), named.get("b", ""))
    return Marked(description[: match.start()], mark)


def write(text: str, mark: Mark) -> str:
    """The description to give an item: the text, without a mark that it may have had, and the mark.

    A text that is too long with it is cut.
    """
    named = (("f", mark.file), ("d", mark.definition), ("b", mark.bound))
    words = [mark.logical_id, *(f"{name}:{value}" for name, value in named if value)]
    written = f"[{' '.join(['powerbi_deploy', *filter(None, words)])}]"
    room = LONGEST_DESCRIPTION - len(written) - 1
    text = read(text).text
    text = text if len(text) <= room else text[: room - 3] + "..."
    return f"{text} {written}".strip()


def short(digest: str) -> str:
    """A SHA-256 (hex) in 22 characters: 132 of its bits. Descriptions have little room, and nobody forges their own."""
    return base64.urlsafe_b64encode(bytes.fromhex(digest)).decode()[:22]
