# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""JSON parts: parsing with line and column of errors, JSON with comments, and the offsets of members in the text.

Power BI accepts comments and trailing commas, so files with them are valid; a duplicate key is an error: one of the
two values would be lost silently.
"""

from __future__ import annotations

import dataclasses
import json
import re
import typing as t

from .problem import Problem
from .text import position

SUFFIXES = frozenset((".json", ".pbir", ".pbism", ".platform", ".bim"))

_STRING = r'"(?:\\.|[^"\\\n])*"'
_COMMENT = re.compile(rf"({_STRING})|//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_TRAILING_COMMA = re.compile(rf"({_STRING})|,(?=\s*[}}\]])")
_TOKEN = re.compile(rf"{_STRING}|[{{}}\[\]:,]|[^\s{{}}\[\]:,\"]+")


class _DuplicateKeyError(ValueError):
    """An object has a duplicate key."""


def _unique(pairs: list[tuple[str, t.Any]]) -> dict[str, t.Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise _DuplicateKeyError
    return result


class _ConstantError(ValueError):
    """NaN or an infinity, which Python's parser accepts although JSON has none."""


def _refuse_constant(name: str) -> t.NoReturn:
    raise _ConstantError(name)


def _blank(match: re.Match[str]) -> str:
    # Same length and line breaks, so that positions in what remains are positions in the file.
    return match.group(1) or re.sub(r"[^\n]", " ", match.group(0))


def plain(text: str) -> str:
    """JSON with comments as plain JSON of the same length: comments and trailing commas become blanks."""
    return _TRAILING_COMMA.sub(_blank, _COMMENT.sub(_blank, text))


def parse(text: str, file: str) -> tuple[t.Any, Problem | None]:
    """The value of a JSON (or JSON with comments) text, or the problem with its place. Raises no exception."""
    source = text
    for attempt in (0, 1):
        try:
            return json.loads(source, object_pairs_hook=_unique, parse_constant=_refuse_constant), None
        except _DuplicateKeyError:
            return None, _duplicate(source, file)
        except _ConstantError as exc:
            at = re.search(rf"(?<![\w\"]){re.escape(str(exc))}(?![\w\"])", source)
            place = position(source, at.start()) if at else (1, 1)
            return None, Problem(file, *place, f"invalid JSON: {exc} is no value of JSON", "Write a number, or null")
        except RecursionError:
            return None, Problem(file, 1, 1, "the JSON is nested too deeply to be read", "Flatten it")
        except json.JSONDecodeError as exc:
            failure = exc
        except ValueError:  # a number of more digits than Python converts
            long = re.search(r"\d{1000,}", source)
            place = position(source, long.start()) if long else (1, 1)
            return None, Problem(file, *place, "invalid JSON: a number has too many digits", "Shorten the number")
        if not attempt:
            source = plain(text)
            if source == text:
                break
    what = f"invalid JSON: {failure.msg[0].lower()}{failure.msg[1:]}"
    return None, Problem(file, failure.lineno, failure.colno, what, "Correct the JSON at this place")


def _duplicate(text: str, file: str) -> Problem:
    seen: set[tuple[t.Any, ...]] = set()
    for member in members(text):
        if member.path in seen:
            line, column = position(text, member.key_start)
            return Problem(file, line, column, f"the key {member.path[-1]!r} is repeated", "Remove one of the two")
        seen.add(member.path)
    return Problem(file, 0, 0, "a key is repeated", "Remove one of the two")


@dataclasses.dataclass(frozen=True)
class Member:
    """A member of an object in its text: the path of keys (and indexes) to it, and offsets of key and value."""

    path: tuple[t.Any, ...]
    key_start: int
    start: int
    end: int


def members(text: str) -> t.Iterator[Member]:
    """Every object member of a valid JSON text without comments; inner members before the one that contains them."""
    open_ones: list[_Container] = []
    end = 0
    for match in _TOKEN.finditer(text):
        token = match.group()
        at = open_ones[-1] if open_ones else None
        if token == ":":
            continue
        if token in ",]}":
            if at is None:
                return  # Not JSON at all.
            if at.is_object and at.start >= 0:
                yield Member(tuple(entry.key for entry in open_ones), at.key_start, at.start, end)
            at.next()
            if token != ",":
                open_ones.pop()
                end = match.end()
            continue
        if at is not None and at.is_object and at.start < 0 and token[0] == '"' and _COLON.match(text, match.end()):
            at.key, at.key_start = json.loads(token), match.start()
            continue
        if at is not None and at.start < 0:
            at.start = match.start()
        if token in "{[":
            open_ones.append(_Container(token == "{"))
        end = match.end()


class _Container:
    """An open object or array: its current member (or index), and the offset of that member's value."""

    def __init__(self, is_object: bool) -> None:
        self.is_object = is_object
        self.key: t.Any = "" if is_object else 0
        self.key_start = 0
        self.start = -1

    def next(self) -> None:
        self.start = -1
        if not self.is_object:
            self.key += 1


_COLON = re.compile(r"\s*:")


def dump(value: t.Any, *, indent: int | str | None, sort_keys: bool = False) -> str:
    """JSON text without escapes for non-ASCII characters, except for unpaired surrogates, which can't be encoded."""
    text = json.dumps(value, indent=indent, sort_keys=sort_keys, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, indent=indent, sort_keys=sort_keys)
    return text


def is_json(value: t.Any) -> bool:
    """Whether a value can be written as JSON: no dates, no bytes, no NaN."""
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def indent_of(text: str) -> int | str | None:
    """The indentation of a JSON text (number of spaces, a tab, or None for one line), to write it back in that form."""
    found = re.search(r"\n([ \t]+)\S", text)
    if not found:
        return None
    return "\t" if found.group(1)[0] == "\t" else len(found.group(1))
