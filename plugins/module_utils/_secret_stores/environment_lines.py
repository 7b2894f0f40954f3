# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Lines of an environment file, as systemd, shells and `docker --env-file` read them, and the managed block of one profile
between two comment lines. Pure."""

from __future__ import annotations

import re
import typing as t

from .._errors import ConfigError
from .._settings.options import ENVIRONMENT

STYLES = ("systemd", "plain")
_VARIABLES = {option: names[0] for option, names in ENVIRONMENT["POWERBI"].items()}
_OWN_PREFIX = "POWERBI_"
_LINE = re.compile(r"\s*(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)=(?P<value>.*)\Z", re.DOTALL)
_ESCAPED = '"\\$`'
_CONTINUED = re.compile(r"((?<!\\)(?:\\\\)*)\\\r?\n")
# Of each quote: a text up to its end
_QUOTES = {"'": re.compile(r"[^']*'"), '"': re.compile(r'(?:\\.|[^"\\])*"', re.DOTALL)}
# A value up to a quote that begins: for systemd only where the value begins or another quote has ended
_OPENS = re.compile(r"\s*(?P<quote>['\"])")
_OPENS_IN_SHELL = re.compile(r"(?:\\.|(?<!\s)#|[^\\'\"#])*(?P<quote>['\"])")
_GOES_ON = re.compile(r"(?<!\\)(?:\\\\)*\\\Z")
_NO_END = "a quoted value has no end: close the quote, or write the value without quotes"
# Where a reader may end a line, besides the line feed that a certificate has.
_BREAKS = ("\r", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\0")


def line(option: str, value: str, style: str) -> str:
    """The line that sets an option, line feeds as ``\\n``. Raises ValueError for a value that no line can contain."""
    text = value.replace("\r\n", "\n")
    if any(character in text for character in _BREAKS):
        raise ValueError(option)
    text = text.replace("\n", "\\n")
    if style == "systemd":
        # In double quotes, systemd and a shell take a backslash before these four alike.
        text = '"' + "".join(f"\\{character}" if character in _ESCAPED else character for character in text) + '"'
    return f"{_VARIABLES[option]}={text}\n"


def has_variable(option: str) -> bool:
    """Whether an option can be set by an environment variable."""
    return option in _VARIABLES


def sets(text: str) -> str:
    """The name of the variable that a line sets, empty if it sets none."""
    match = _LINE.match(text)
    return match["name"] if match else ""


def is_own(text: str) -> bool:
    """Whether a line sets a variable that this collection writes."""
    return sets(text) in _VARIABLES.values()


class Entry(t.NamedTuple):
    """A variable, a comment or an empty line: ``number`` is its first line. ``is_open``: its value has no end."""

    number: int
    text: str
    is_open: bool = False


class QuoteError(ValueError):
    """A defect in the quotes of a value; ``what`` is the defect and its remedy, without any text of the value."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def lines_of(text: str) -> list[str]:
    """The lines of a text with their line feeds; no other character ends a line."""
    return re.findall(r"[^\n]*\n|[^\n]+\Z", text)


def entries(lines: t.Iterable[str], *, as_shell: bool = False) -> t.Iterator[Entry]:
    """The lines by entries, as systemd reads them: a value in quotes, or with a backslash at the end of a line, goes on.

    ``as_shell``: quotes count within a value as well. Only the last entry can be open.
    """
    first, parts, state = 0, [], ""
    for number, text in enumerate(lines, start=1):
        first = first or number
        parts.append(text)
        state = _state_after(text.rstrip("\r\n"), state, as_shell)
        if not state:
            yield Entry(first, "".join(parts))
            first, parts = 0, []
    if parts:
        yield Entry(first, "".join(parts), is_open=True)


def open_line(text: str, *, as_shell: bool = False) -> int:
    """The line in which a value begins that is not closed at the end of the text, 0 if there is none."""
    return next((entry.number for entry in entries(lines_of(text), as_shell=as_shell) if entry.is_open), 0)


def _state_after(text: str, state: str, as_shell: bool) -> str:
    """How a value continues in the next line: within a quote (that quote), after a backslash ("value"), or not (empty)."""
    if not state:
        match = None if text.lstrip()[:1] in ("#", ";") else _LINE.match(text)
        if not match:
            return ""
        text, state = match["value"], "before"
    while True:
        if state in _QUOTES:
            end = _QUOTES[state].match(text)
            if not end:
                return state
            text, state = text[end.end() :], "before"
        begin = _OPENS_IN_SHELL.match(text) if as_shell else _OPENS.match(text) if state == "before" else None
        if not begin:
            return "value" if _GOES_ON.search(text) else ""
        text, state = text[begin.end() :], begin["quote"]


def parse(text: str) -> tuple[str, str] | None:
    """Name and value of a line, None for an empty one and a comment. Raises ValueError for anything else."""
    if not text.strip() or text.lstrip()[0] in "#;":
        return None
    match = _LINE.match(text)
    if not match:
        raise ValueError("no line of an environment file")
    return match["name"], unquoted(match["value"])


def unquoted(value: str) -> str:
    """A value without its quotes, if it has some. Raises QuoteError for quotes without an end."""
    text = value.strip()
    if text[:1] != "'":
        text = _CONTINUED.sub(r"\1", text)
    if text[:1] == "'":
        if len(text) < 2 or text[-1] != "'":
            raise QuoteError(_NO_END)
        return text[1:-1]
    if text[:1] != '"':
        return text
    result: list[str] = []
    index = 1
    while index < len(text):
        character = text[index]
        if character == '"':
            if text[index + 1 :].strip():
                raise QuoteError(
                    "there is text behind the closing quote: write a backslash before each quote of the value"
                )
            return "".join(result)
        if character == "\\" and index + 1 < len(text) and text[index + 1] in _ESCAPED:
            index += 1
            character = text[index]
        result.append(character)
        index += 1
    raise QuoteError(_NO_END)


def options_of(values: t.Mapping[str, str], prefix: str) -> dict[str, str]:
    """The options that variables with a prefix set; empty ones are left out."""
    options = {}
    for option, name in _VARIABLES.items():
        value = values.get(f"{prefix}{name[len(_OWN_PREFIX) :]}", "")
        if value:
            options[option] = value.replace("\\n", "\n") if option == "certificate_data" else value
    return options


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
