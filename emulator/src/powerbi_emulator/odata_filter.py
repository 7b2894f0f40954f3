# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""``$filter`` expressions, as far as the emulated services accept them.

Comparisons (eq, ne, gt, ge, lt, le) of a property or of tolower/toupper of one, contains, startswith, endswith, joined
by and, or, not and parentheses. Property names may be paths (``capacity/id``) and are matched in any case.
"""

from __future__ import annotations

import operator
import re
import typing as t

from powerbi_emulator.guids import is_guid

Item = t.Mapping[str, t.Any]
Predicate = t.Callable[[Item], bool]
_Value = t.Callable[[Item], t.Any]

_TOKEN: t.Final = re.compile(r"\s*(?:('(?:[^']|'')*')|([(),])|([^\s(),']+))")
_COMPARE: t.Final[dict[str, t.Callable[[t.Any, t.Any], bool]]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_TEXT_TESTS: t.Final[dict[str, t.Callable[[str, str], bool]]] = {
    "contains": lambda text, part: part in text,
    "startswith": str.startswith,
    "endswith": str.endswith,
}
_TEXT_CHANGES: t.Final[dict[str, t.Callable[[str], str]]] = {"tolower": str.lower, "toupper": str.upper}


class FilterError(ValueError):
    """The expression can't be parsed."""


def parse_filter(text: str) -> Predicate:
    """A predicate for ``text``. Raises FilterError."""
    parser = _Parser(text)
    predicate = parser.disjunction()
    parser.expect_end()
    return predicate


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        position, text = 0, text.rstrip()
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None:
                raise FilterError(f"can't be read at position {position}")
            self._tokens.append(t.cast("str", match[1] or match[2] or match[3]))
            position = match.end()
        self._next = 0

    def disjunction(self) -> Predicate:
        parts = [self._conjunction()]
        while self._take_word("or"):
            parts.append(self._conjunction())
        return lambda item: any(part(item) for part in parts)

    def expect_end(self) -> None:
        if self._next < len(self._tokens):
            raise FilterError(f"unexpected '{self._tokens[self._next]}'")

    def _conjunction(self) -> Predicate:
        parts = [self._term()]
        while self._take_word("and"):
            parts.append(self._term())
        return lambda item: all(part(item) for part in parts)

    def _term(self) -> Predicate:
        if self._take_word("not"):
            term = self._term()
            return lambda item: not term(item)
        if self._take_word("("):
            inner = self.disjunction()
            self._expect(")")
            return inner
        function = self._peek().lower()
        if function in _TEXT_TESTS:
            self._next += 1
            return self._text_test(_TEXT_TESTS[function])
        left = self._value()
        compare = _COMPARE.get(self._take().lower())
        if compare is None:
            raise FilterError(f"expected one of {', '.join(_COMPARE)}")
        right = self._value()
        return lambda item: _safely(compare, left(item), right(item))

    def _text_test(self, test: t.Callable[[str, str], bool]) -> Predicate:
        self._expect("(")
        text = self._value()
        self._expect(",")
        part = self._value()
        self._expect(")")
        return lambda item: _safely(test, text(item), part(item))

    def _value(self) -> _Value:
        token = self._take()
        change = _TEXT_CHANGES.get(token.lower())
        if change is not None:
            self._expect("(")
            inner = self._value()
            self._expect(")")
            return lambda item: change(str(inner(item)))
        if token.startswith("'"):
            literal: t.Any = token[1:-1].replace("''", "'")
            return lambda _item: literal
        if token.lower() in ("true", "false", "null"):
            constant = {"true": True, "false": False, "null": None}[token.lower()]
            return lambda _item: constant
        if re.fullmatch(r"-?\d+(\.\d+)?", token):
            number = float(token)
            return lambda _item: number
        if is_guid(token):
            return lambda _item: token
        if not re.fullmatch(r"[A-Za-z_@][\w@./]*", token):
            raise FilterError(f"unexpected '{token}'")
        path = token.split("/")
        return lambda item: _property(item, path)

    def _peek(self) -> str:
        if self._next >= len(self._tokens):
            raise FilterError("it ends too early")
        return self._tokens[self._next]

    def _take(self) -> str:
        token = self._peek()
        self._next += 1
        return token

    def _take_word(self, word: str) -> bool:
        if self._next < len(self._tokens) and self._tokens[self._next].lower() == word:
            self._next += 1
            return True
        return False

    def _expect(self, token: str) -> None:
        if self._take() != token:
            raise FilterError(f"expected '{token}'")


def _property(item: t.Any, path: t.Sequence[str]) -> t.Any:
    for name in path:
        if not isinstance(item, dict):
            return None
        item = next((value for key, value in item.items() if key.lower() == name.lower()), None)
    return item


def _safely(test: t.Callable[[t.Any, t.Any], bool], left: t.Any, right: t.Any) -> bool:
    """The comparison; GUIDs compare case-insensitively, and values without an order compare as false."""
    if isinstance(left, str) and isinstance(right, str) and is_guid(left) and is_guid(right):
        left, right = left.lower(), right.lower()
    try:
        return bool(test(left, right))
    except TypeError:
        return False
