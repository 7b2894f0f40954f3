# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""The text of TMDL expressions and property values, without layout.

An expression (DAX, M, JSON) is compared by its text. Three parts of it are layout that parsers and writers of TMDL
change, and that never affects a result: indentation common to all lines, blank lines before and after, blanks at the
end of a line. An expression with a string literal that spans lines is not changed.
"""

from __future__ import annotations

import typing as t


def expression(lines: t.Sequence[str], boundary: str = "") -> str:
    """The content of an expression's lines. ``boundary`` is the indentation that TMDL itself gives them."""
    kept = list(lines)
    while kept and not kept[0].strip():
        del kept[0]
    while kept and not kept[-1].strip():
        del kept[-1]
    if _spanning_literal(kept):
        return "\n".join(_without(line, boundary) for line in kept)
    kept = [line.rstrip() for line in kept]
    shared = _shared_start([line[: len(line) - len(line.lstrip())] for line in kept if line])
    return "\n".join(line[len(shared) :] for line in kept)


def without_blanks(lines: t.Sequence[str]) -> str:
    """A text of TMSL: its lines without the blanks at their ends, and without empty lines at its end."""
    if _spanning_literal(lines):
        return "\n".join(lines)
    return "\n".join(line.rstrip() for line in lines).rstrip("\n")


def _without(line: str, boundary: str) -> str:
    return line[len(_shared_start([line, boundary])) :]


def _shared_start(texts: list[str]) -> str:
    """The longest common prefix: that of the smallest and the largest text is common to all."""
    if not texts:
        return ""
    low, high = min(texts), max(texts)
    for place, char in enumerate(low):
        if char != high[place]:
            return low[:place]
    return low


def _spanning_literal(lines: t.Sequence[str]) -> bool:
    # Both DAX and M double a quote inside a literal, so a line that leaves one open has an odd number of them.
    return any(line.count('"') % 2 for line in lines)


def unquote(text: str) -> str:
    """A property's value from its text: double quotes around it are optional, and doubled inside."""
    if len(text) >= 2 and text[0] == text[-1] == '"':
        inner = text[1:-1].replace('""', "")
        if '"' not in inner:
            return text[1:-1].replace('""', '"')
    return text


def quote(value: str) -> str:
    """A property's text: in double quotes only where it would otherwise be parsed differently."""
    if value != value.strip() or not value or (value[0] == value[-1] == '"') or value.startswith("```"):
        return '"' + value.replace('"', '""') + '"'
    return value


_PLAIN_NAME_STOPS = frozenset(".=:'\"")


def quote_name(name: str) -> str:
    """An object's name as TMDL writes it: in single quotes when it has a dot, equals, colon, quote or whitespace."""
    if not name or any(char in _PLAIN_NAME_STOPS or char.isspace() for char in name):
        return "'" + name.replace("'", "''") + "'"
    return name
