# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The managed block of one profile in an environment file, between two comment lines. Pure."""

from __future__ import annotations

import typing as t

from .._errors import ConfigError
from .environment_lines import Entry, entries, is_own, lines_of, sets


class Block(t.NamedTuple):
    """A file's text around the block. ``own`` are the block's lines, None where there is no block; ``foreign`` are other
    lines between its first and last line, with their line numbers in the file."""

    before: str
    own: list[str] | None
    foreign: list[Entry]
    after: str

    def changed(self, name: str, lines: t.Sequence[str] | None) -> str:
        """The text with these lines as the block, in its place or at the end; None removes it. ``foreign`` is kept, after it."""
        foreign = "".join(entry.text for entry in self.foreign)
        if lines is None:
            return self.before + foreign + self.after
        before = self.before if self.before[-1:] in ("", "\n") else f"{self.before}\n"
        first, last = markers(name)
        return f"{before}{first}\n{''.join(lines)}{last}\n{foreign}{self.after}"


def markers(name: str) -> tuple[str, str]:
    """The lines around the block of a name. Raises ConfigError for a name that is no single line."""
    if not name.strip() or not name.isprintable():
        raise ConfigError(
            f"name is {name!r}, which can't be written in one line",
            option="name",
            remedy="give a word, such as default",
        )
    return tuple(f"# {word} ANSIBLE MANAGED BLOCK community.powerbi {name}" for word in ("BEGIN", "END"))  # type: ignore[return-value]


def split(text: str, name: str) -> Block:
    """Find the block of a name. Raises ValueError if its first or last line is missing or a duplicate."""
    lines = lines_of(text)
    begin, end = ([i for i, text_line in enumerate(lines) if text_line.rstrip() == marker] for marker in markers(name))
    if not begin and not end:
        return Block(text, None, [], "")
    if len(begin) != 1 or len(end) != 1 or begin[0] > end[0]:
        raise ValueError("a damaged block")
    own, foreign = _sorted(lines[begin[0] + 1 : end[0]], begin[0] + 2)
    return Block("".join(lines[: begin[0]]), own, foreign, "".join(lines[end[0] + 1 :]))


def _sorted(lines: t.Sequence[str], number: int) -> tuple[list[str], list[Entry]]:
    """The lines that the module writes, each a variable of this collection, and all others but empty ones."""
    own: list[str] = []
    foreign: list[Entry] = []
    index = 0
    while index < len(lines):
        size = 1
        if is_own(lines[index]):
            own.append(lines[index])
        elif lines[index].strip():
            entry = next(entries(lines[index:]))
            size = entry.text.count("\n")
            if entry.is_open or is_own(
                lines[index + size - 1]
            ):  # the quote is not closed, or only by a line of the module
                size = 1
            foreign.append(Entry(number + index, "".join(lines[index : index + size])))
        index += size
    return own, foreign


def others(text: str, name: str, variables: t.Collection[str]) -> list[int]:
    """The numbers of lines outside of the block that set one of these variables."""
    found, inside = [], False
    first, last = markers(name)
    for number, one in enumerate(text.split("\n"), start=1):
        if one.rstrip() in (first, last):
            inside = one.rstrip() == first
        elif not inside and sets(one) in variables:
            found.append(number)
    return found
