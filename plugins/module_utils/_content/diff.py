# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""Readable differences: unified diffs per part, and one line per changed object.

"Before" is the item in the service, "after" are the local files.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import typing as t

from .model import canonical, merge, tmdl_grammar, tmsl
from .model.tree import Node, label
from .normalise import Comparison
from .text import decode

_NOTES = frozenset(("annotation", "extendedProperty", "changedProperty", "excludedArtifact"))
_OWN_LINE = frozenset(("calculationGroup", "refreshPolicy"))
_PAGE = re.compile(r"^definition/pages/([^/]+)/(?:page\.json$|visuals/([^/]+)/)")
_BOOKMARK = re.compile(r"^definition/bookmarks/([^/]+)\.bookmark\.json$")


def describe_binary(data: bytes) -> str:
    """A binary part for a diff: its size and digest."""
    return f"binary, {len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}\n"


def _shown(data: bytes | None) -> str:
    if data is None:
        return ""
    if not data:
        return "(empty)\n"  # else adding or removing an empty part would show no difference
    text = decode(data)
    return describe_binary(data) if text is None else text


def part_diffs(comparison: Comparison, item: str) -> list[dict[str, str]]:
    """The parts that differ in Ansible's diff format: before, after, before_header, after_header.

    ``item`` is the item's name in the headers, such as "Finance/Sales.SemanticModel".
    """
    return [
        {
            "before": _shown(comparison.live.get(path)),
            "after": _shown(comparison.local.get(path)),
            "before_header": f"{item}/{path} (live)" if path in comparison.live else f"{item}/{path} (absent)",
            "after_header": f"{item}/{path}" if path in comparison.local else f"{item}/{path} (removed)",
        }
        for path in comparison.changed
    ]


def unified_text(diffs: t.Iterable[t.Mapping[str, str]], *, context: int = 3) -> str:
    """Differences in Ansible's format as one unified diff."""
    text: list[str] = []
    for entry in diffs:
        lines = difflib.unified_diff(
            entry["before"].splitlines(keepends=True),
            entry["after"].splitlines(keepends=True),
            entry["before_header"],
            entry["after_header"],
            n=context,
        )
        text.extend(line if line.endswith("\n") else line + "\n" for line in lines)
    return "".join(text)


def summary(comparison: Comparison) -> list[str]:
    """The changes, one line per object: ``measure Sales[Total] changed (expression)``, ``page 'Overview' added``."""
    lines = []
    described: set[str] = set()
    if comparison.local_model is not None and comparison.live_model is not None:
        lines = list(_model_changes(comparison.live_model, comparison.local_model, described))
    # A part that differs without a difference of its objects has a line as well: the comparison decides, not the words.
    for path in comparison.changed:
        if path not in described:
            lines.append(f"{_part_name(comparison, path)} {_verb(path in comparison.live, path in comparison.local)}")
    return list(dict.fromkeys(lines))


def _verb(before: bool, after: bool) -> str:
    return "changed" if before and after else "added" if after else "removed"


def _model_changes(before: Node, after: Node, described: set[str]) -> t.Iterator[str]:
    """The lines, and in ``described`` the parts of the objects that they name."""
    old, new = merge.index(before), merge.index(after)
    lines_of: dict[str, list[str]] = {}
    for key in (*old, *(key for key in new if key not in old)):
        chain = new.get(key) or old[key]
        if key not in old or key not in new or _aspects(old[key][-1], new[key][-1]):
            described.update((tmsl.PART, *(canonical.part_of(side[key][0]) for side in (old, new) if key in side)))
        if (key in old) != (key in new):
            if key[:-1] and (key[:-1] in old) != (key[:-1] in new):
                continue  # Its parent was added or removed: one line covers both.
            if _is_own(chain[-1]) or len(chain) == 1:
                lines_of[f"{label(chain)} {_verb(key in old, key in new)}"] = []
                continue
            aspects = [chain[-1].name or chain[-1].kind]
        else:
            aspects = _aspects(old[key][-1], new[key][-1])
            if aspects and not _is_own(chain[-1]):
                aspects = [chain[-1].name or chain[-1].kind]
        if aspects:
            while len(chain) > 1 and not _is_own(chain[-1]):
                chain = chain[:-1]
            lines_of.setdefault(f"{label(chain)} changed", []).extend(aspects)
    for line, parts in lines_of.items():
        yield f"{line} ({', '.join(dict.fromkeys(parts))})" if parts else line


def _is_own(node: Node) -> bool:
    return node.kind in _OWN_LINE or not (node.kind in _NOTES or node.kind in tmdl_grammar.NAMELESS)


def _aspects(old: Node, new: Node) -> list[str]:
    value = "type" if new.kind == "partition" else "value" if new.kind in _NOTES else "expression"
    aspects = [] if old.name == new.name else ["name"]
    aspects += [value] if old.value != new.value else []
    if old.description != new.description:
        aspects.append("description")
    if [child.key for child in old.children if child.kind in tmdl_grammar.ORDERED] != [
        child.key for child in new.children if child.kind in tmdl_grammar.ORDERED
    ]:
        aspects.append("order")
    names = sorted({*old.properties, *new.properties})
    return aspects + [name for name in names if _stated(old, name) != _stated(new, name)]


def _stated(node: Node, name: str) -> tuple[str, bool] | None:
    found = node.properties.get(name)
    return None if found is None else (found.value, found.expression)


def _part_name(comparison: Comparison, path: str) -> str:
    page = _PAGE.match(path)
    if page:
        name = f"page {_title(comparison, f'definition/pages/{page.group(1)}/page.json', page.group(1))}"
        return f"visual {page.group(2)} of {name}" if page.group(2) else name
    bookmark = _BOOKMARK.match(path)
    if bookmark:
        return f"bookmark {_title(comparison, path, bookmark.group(1))}"
    return f"part {path}"


def _title(comparison: Comparison, path: str, otherwise: str) -> str:
    try:
        value = json.loads(comparison.local.get(path) or comparison.live.get(path) or b"")
    except ValueError:
        return repr(otherwise)
    return repr(str(value.get("displayName") or otherwise)) if isinstance(value, dict) else repr(otherwise)
