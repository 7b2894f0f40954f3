# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""The lines of a TMDL text: their indentation, and the end of expressions of several lines."""

from __future__ import annotations

import re

from . import tmdl_expression, tmdl_grammar

FENCE = "```"
WORD = re.compile(r"([A-Za-z_]\w*)\s*")
INDENT = re.compile(r"[ \t]*")


class Lines:
    """``unit`` is the width of one level: a tab, or the least number of blanks that a line of the text starts with."""

    def __init__(self, text: str) -> None:
        self.all = text.split("\n")
        self.tabs, self.unit = self._unit()

    def _unit(self) -> tuple[bool, int]:
        widths = []
        for line in self.all:
            if line[:1] in ("\t", " ") and line.strip():
                if line[0] == "\t":
                    return True, 1
                widths.append(len(line) - len(line.lstrip(" ")))
        return False, min(widths, default=4)

    def width(self, line: str) -> int:
        """The indentation of a line that belongs to an expression, in tabs or blanks."""
        return len(line) - len(line.lstrip("\t" if self.tabs else " "))

    def mixed(self, lead: str) -> bool:
        """Whether an indentation has tabs in a text that is indented with spaces, or spaces in one with tabs."""
        return (" " if self.tabs else "\t") in lead

    def meant_width(self, lead: str) -> int:
        """The width of an indentation, and a guess for a mixed one, so that one defect is reported once."""
        spaces, tabs = lead.count(" "), lead.count("\t")
        if self.tabs:
            return tabs + (max(1, spaces // 4) if spaces else 0)
        return spaces + tabs * self.unit

    def block(self, at: int, width: int, wide: int) -> tuple[str, int]:
        """The expression below the line ``at``, and its last line; ``wide`` is how much deeper it should be."""
        end = self._block_end(at, width, wide)
        lines = self.all[at + 1 : end]
        while end > at + 1 and not self.all[end - 1].strip():
            end -= 1
        boundary = ("\t" if self.tabs else " ") * (width + wide)
        return tmdl_expression.expression(lines, boundary), end - 1

    def _block_end(self, at: int, width: int, wide: int) -> int:
        first = next((i for i in range(at + 1, len(self.all)) if self.all[i].strip()), len(self.all))
        if first == len(self.all):
            return at + 1
        threshold = width + wide
        if self.width(self.all[first]) < threshold and self._may_be_expression(first, width):
            # Indented like the object's properties, not deeper: the service accepts it as long as no property follows.
            threshold = self.width(self.all[first])
        end = first
        while end < len(self.all):
            line = self.all[end]
            here = self.width(line)
            shallow = here == threshold < width + wide
            if line.strip() and (here < threshold or (shallow and not self._may_be_expression(end, width))):
                break
            end += 1
        return end

    def _may_be_expression(self, index: int, width: int) -> bool:
        body = self.all[index].strip()
        if self.width(self.all[index]) <= width:
            return False
        word = WORD.match(body)
        if not word:
            return not body.startswith("///")
        keyword, rest = word.group(1).lower(), body[word.end() :]
        if rest.startswith(":") or (not rest and keyword.startswith("is")):
            return False
        return keyword not in tmdl_grammar.KINDS or rest[:1] in ("[", "(", ".")

    def fenced(self, opened: int) -> tuple[str, int]:
        """The expression between the ``` that ends line ``opened`` and the next, and the line of that; -1 for none."""
        for index in range(opened + 1, len(self.all)):
            if self.all[index].strip() == FENCE:
                boundary = INDENT.match(self.all[index])
                lines = self.all[opened + 1 : index]
                return tmdl_expression.expression(lines, boundary.group() if boundary else ""), index
        return tmdl_expression.expression(self.all[opened + 1 :]), -1
