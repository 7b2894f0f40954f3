# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""Parses a TMDL document into objects, and reports errors with line and column.

It parses the structure (objects, names, properties, expressions as texts), not the expressions: the service validates
DAX and M. Indentation is one tab per level, or the same number of spaces per level, never both.
"""

from __future__ import annotations

import difflib
import re
import typing as t

from ..problem import ERROR, WARNING, Problem
from . import tmdl_expression, tmdl_grammar
from .tmdl_lines import FENCE, WORD, Lines
from .tree import Node, Property

_DEEPEST = 40
"""Levels of objects; a model has fewer than ten."""

_QUOTED = re.compile(r"'((?:[^']|'')*)'")
_PLAIN = re.compile(r"[^\s=:']+")


def read(text: str, file: str) -> tuple[Node, list[Problem]]:
    """The objects of a document (LF line ends), under a node without a kind, and the problems of the text.

    The tree contains all objects that could be parsed, also if there are problems.
    """
    reader = _Reader(text, file)
    reader.run()
    return reader.root, reader.problems


class _Open(t.NamedTuple):
    """An object whose lines have not ended: its node, its indentation, and its children's once known."""

    node: Node
    width: int
    inner: list[int]


class _Reader:
    def __init__(self, text: str, file: str) -> None:
        self.text = Lines(text)
        self.lines = self.text.all
        self.unit = self.text.unit
        self.file = file
        self.problems: list[Problem] = []
        self.root = Node("", file=file)
        self.open: list[_Open] = [_Open(self.root, -1, [0])]
        self.at = 0
        self.description: list[str] = []
        self.described_from = 0

    def add_problem(self, what: str, remedy: str, *, line: int = 0, column: int = 1, severity: str = ERROR) -> None:
        self.problems.append(Problem(self.file, line or self.at + 1, column, what, remedy, severity))

    def run(self) -> None:
        while self.at < len(self.lines):
            line = self.lines[self.at]
            body = line.strip()
            if body:
                self._line(line, body)
            self.at += 1
        self._close(-1)

    def _line(self, line: str, body: str) -> None:
        lead = line[: len(line) - len(line.lstrip(" \t"))]
        if self.text.mixed(lead):
            self.add_problem(
                "tabs and spaces are mixed in the indentation", "Indent with tabs", column=lead.find(" ") + 1 or 1
            )
        width = self.text.meant_width(lead)
        if body.startswith("//"):
            if body.startswith("///"):
                self.described_from = self.described_from or self.at + 1
                self.description.append(body[3:].strip())
            else:
                self.add_problem(
                    "TMDL has no comments", "Describe the object with ///", column=width + 1, severity=WARNING
                )
            return
        self._close(width)
        parent = self.open[-1]
        if not parent.inner:
            parent.inner.append(width)
        if parent.inner[0] != width:
            self.add_problem(
                "unexpected indentation: no object that is open here has its lines at this depth",
                "Indent by one tab per level; put an expression of several lines on the line after the equals sign",
                column=width + 1,
            )
            if parent.node.kind == "":
                return
        self._statement(parent, body, width)

    def _close(self, width: int) -> None:
        while len(self.open) > 1 and self.open[-1].width >= width:
            closed = self.open.pop().node
            above = self.open[-1].node
            above.end = max(above.end, closed.end)

    def _statement(self, parent: _Open, body: str, width: int) -> None:
        word = WORD.match(body)
        column = width + 1
        if not word:
            self.add_problem(f"this isn't TMDL: {_short(body)}", "Start with an object or a property", column=column)
            self._skip_block(width)
            return
        keyword, rest = word.group(1), body[word.end() :]
        if keyword.lower() == "ref" and rest and rest[0] not in ":=":
            inner = WORD.match(rest)
            if inner:
                self._object(parent, inner.group(1), rest[inner.end() :], width, reference=True)
                return
        if rest.startswith(":"):
            self._property(parent, keyword, rest[1:].strip(), width, expression=False)
        elif rest.startswith("="):
            if keyword.lower() in tmdl_grammar.KINDS and parent.node.kind != "":
                self._object(parent, keyword, rest, width)
            else:
                self._property(parent, keyword, rest[1:].strip(), width, expression=True)
        elif rest or self._is_object(keyword, parent):
            self._object(parent, keyword, rest, width)
        else:
            self._property(parent, keyword, "true", width, expression=False)

    def _is_object(self, keyword: str, parent: _Open) -> bool:
        """Whether a keyword alone in its line starts an object, rather than being a flag."""
        if keyword.lower() in tmdl_grammar.KINDS or parent.node.kind == "":
            return True
        if keyword.lower().startswith("is"):
            return False
        rest = (self.lines[index] for index in range(self.at + 1, len(self.lines)))
        following = next((line for line in rest if line.strip()), "")
        return self.text.width(following) > self.text.width(self.lines[self.at])

    def _property(self, parent: _Open, keyword: str, text: str, width: int, *, expression: bool) -> None:
        node = parent.node
        name = keyword[0].lower() + keyword[1:]
        line = self.at + 1
        self._drop_description()
        if node.kind == "":
            self.add_problem(
                f"the property {name!r} belongs to no object", "Indent it below its object", column=width + 1
            )
            self._skip_block(width)
            return
        if text.startswith(FENCE) or (expression and not text):
            value = self._expression(text, width, self.unit)
        else:
            value = text if expression else tmdl_expression.unquote(text)
        if name in node.properties and name in tmdl_grammar.REPEATED_PROPERTIES and node.kind != "level":
            name = f"{name}#{1 + sum(known.partition('#')[0] == name for known in node.properties)}"
        elif name in node.properties:
            first = node.properties[name].line
            self.add_problem(
                f"{name!r} is set again (first in line {first})", "Remove one", line=line, column=width + 1
            )
        node.properties[name] = Property(value, line, expression)
        node.end = self.at + 1

    def _object(self, parent: _Open, keyword: str, rest: str, width: int, *, reference: bool = False) -> None:
        kind = tmdl_grammar.KINDS.get(keyword.lower(), "")
        line = self.at + 1
        node = Node(kind or keyword, file=self.file, line=line, start=self.described_from or line, end=line)
        node.description = "\n".join(self.description)
        node.reference = reference
        self._drop_description()
        rest, named = self._name(node, rest, width)
        self._validate_object(parent.node.kind, keyword, kind, node, width, named=named)
        if rest.startswith("="):
            text = rest[1:].strip()
            # Nothing follows a source's expression, so any indentation is accepted.
            wide = self.unit if kind == "source" else 2 * self.unit
            node.value = text if text and not text.startswith(FENCE) else self._expression(text, width, wide)
            node.end = self.at + 1
        elif rest:
            self.add_problem(
                f"unexpected text after the name {node.name!r}: {_short(rest)}",
                "Put a name that has blanks, dots, colons or equals signs in single quotes",
                column=self.lines[line - 1].rfind(rest) + 1,
            )
        parent.node.children.append(node)
        if len(self.open) > _DEEPEST:
            self.add_problem("objects are nested too deeply", "Correct the indentation", column=width + 1)
            self._skip_block(width)
            return
        self.open.append(_Open(node, width, []))

    def _name(self, node: Node, rest: str, width: int) -> tuple[str, bool]:
        if not rest or rest[0] == "=":
            return rest, False
        if rest[0] == "'":
            quoted = _QUOTED.match(rest)
            if not quoted:
                column = self.lines[self.at].find(rest, width) + 1
                self.add_problem(
                    "the quote of the name isn't closed", "Close it, and double quotes inside a name", column=column
                )
                node.name = rest[1:].split("=")[0].strip()
                return "", True
            node.name = quoted.group(1).replace("''", "'")
            return rest[quoted.end() :].lstrip(), True
        plain = _PLAIN.match(rest)
        if not plain:
            return rest, False
        node.name = plain.group()
        return rest[plain.end() :].lstrip(), True

    def _validate_object(self, above: str, keyword: str, kind: str, node: Node, width: int, *, named: bool) -> None:
        column = width + 1
        if not kind:
            if above in ("translations", "translation") or tmdl_grammar.ANYTHING in tmdl_grammar.CHILDREN.get(
                above, ()
            ):
                return
            if above == "" and keyword.lower() in tmdl_grammar.COMMANDS:
                what = f"this is a TMDL script ({tmdl_grammar.COMMANDS[keyword.lower()]}), not a part of a definition"
                remedy = (
                    "Move it to TMDLScripts/, or keep its objects alone, without the command and one level further out"
                )
                self.add_problem(what, remedy, column=column)
                self._skip_block(width)
                return
            near = difflib.get_close_matches(keyword.lower(), tmdl_grammar.KINDS, n=1, cutoff=0.75)
            if near:
                meant = tmdl_grammar.KINDS[near[0]]
                self.add_problem(f"unknown object {keyword!r}", f"Did you mean {meant!r}?", column=column)
            elif above == "" and not named:
                self.add_problem(f"unknown object {keyword!r}", "Start with an object, such as table", column=column)
            else:
                what = f"unknown object {keyword!r}, sent unchanged"
                self.add_problem(what, "Check its spelling", column=column, severity=WARNING)
        elif not self._fits(above, kind):
            holders = tmdl_grammar.places(kind)
            where = f"it belongs in {' or '.join(holders)}" if holders else "it belongs at the top level"
            here = f"in {above}" if above else "at the top level"
            self.add_problem(
                f"{kind!r} can't stand {here}: {where}", "Correct its indentation or its place", column=column
            )
        elif not named and kind not in tmdl_grammar.NAMELESS and kind not in tmdl_grammar.OPTIONAL_NAME:
            self.add_problem(f"{kind!r} has no name", "Name it", column=column)

    def _fits(self, above: str, kind: str) -> bool:
        # Objects inside translations repeat the model's own tree; an unknown object may contain any kind.
        if tmdl_grammar.allowed(above, kind):
            return True
        known = above == "" or above.lower() in tmdl_grammar.KINDS
        return not known or self._in_translations()

    def _in_translations(self) -> bool:
        return any(entry.node.kind in ("translations", "translation") for entry in self.open)

    def _expression(self, text: str, width: int, wide: int) -> str:
        """The expression that starts at the current line; on return ``at`` is its last line."""
        if not text.startswith(FENCE):
            value, self.at = self.text.block(self.at, width, wide)
            return value
        inline = text[len(FENCE) :]
        column = self.lines[self.at].find(FENCE) + 1
        if inline.endswith(FENCE) and len(inline) > len(FENCE):
            return inline[: -len(FENCE)].strip()
        if inline:
            self.add_problem("text follows the opening ```", "Start the expression on the next line", column=column)
        value, last = self.text.fenced(self.at)
        if last < 0:
            self.add_problem("the ``` isn't closed", "Close it with ``` on a line of its own", column=column)
            last = len(self.lines) - 1
        self.at = last
        return value

    def _skip_block(self, width: int) -> None:
        """Skip the lines that are indented below a line that could not be parsed, so that one defect is reported once."""
        while self.at + 1 < len(self.lines):
            following = self.lines[self.at + 1]
            if following.strip() and self.text.width(following) <= width:
                return
            self.at += 1

    def _drop_description(self) -> None:
        self.description = []
        self.described_from = 0


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")
