# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Regular expressions for paths, in linear time: matched in one pass over the text, without backtracking.

The common part of the syntax: literals, ``.``, sets, ``\\d \\w \\s`` and their negations, groups, ``|``, ``* + ?``,
``{n}``, ``{n,m}``, ``^`` and ``$``. No lookaround, back references, flags or lazy quantifiers. An expression becomes a
finite automaton, whose states are created on first use.
"""

from __future__ import annotations

import functools
import typing as t

LONGEST: t.Final = 500  # characters of an expression
_LONGEST_TEXT: t.Final = 4000  # characters of a text that are matched
_DEEPEST: t.Final = 20  # groups in groups
_MOST_NODES: t.Final = 1000
_MOST_STATES: t.Final = 500  # that are cached; then the cache is cleared
_SPECIAL: t.Final = frozenset("\\.[](){}*+?|^$")
_CLASSES: t.Final[dict[str, t.Callable[[str], bool]]] = {
    "d": str.isdigit,
    "w": lambda char: char.isalnum() or char == "_",
    "s": str.isspace,
}

Test = t.Callable[[str], bool]


class PatternError(ValueError):
    """The expression is not in the syntax above, or is too large."""


class _Node:
    """``test`` for a node that consumes a character, ``anchor`` for ``^`` and ``$``; otherwise an empty transition."""

    __slots__ = ("anchor", "following", "test")

    def __init__(self, test: Test | None = None, anchor: str = "") -> None:
        self.test = test
        self.anchor = anchor
        self.following: list[_Node] = []


class _State(t.NamedTuple):
    takers: frozenset[_Node]
    matched: bool
    matched_at_end: bool


class PathPattern:
    """``found_in`` searches a text for a match. Raises PatternError for an unsupported expression."""

    def __init__(self, text: str) -> None:
        self._literal = text if not _SPECIAL & set(text) else None
        self._start, self._end = _Parser(text).parsed()
        self._steps: dict[tuple[_State, str], _State] = {}
        self._first = self._state([self._start], at_start=True)

    def found_in(self, text: str) -> bool:
        if self._literal is not None:
            return self._literal in text
        state = self._first
        for char in text[:_LONGEST_TEXT]:
            if state.matched:
                return True
            state = self._steps.get((state, char)) or self._step(state, char)
        return state.matched or (state.matched_at_end and len(text) <= _LONGEST_TEXT)

    def _step(self, state: _State, char: str) -> _State:
        if len(self._steps) >= _MOST_STATES:
            self._steps.clear()
        seeds = [self._start]  # a match may begin at each character
        for node in state.takers:
            if node.test is not None and node.test(char):
                seeds += node.following
        made = self._steps[state, char] = self._state(seeds, at_start=False)
        return made

    def _state(self, seeds: list[_Node], *, at_start: bool) -> _State:
        here = _reached(seeds, "^" if at_start else "")
        at_end = _reached(seeds, "^$" if at_start else "$")
        return _State(frozenset(one for one in here if one.test), self._end in here, self._end in at_end)


@functools.lru_cache(maxsize=256)
def compiled(text: str) -> PathPattern:
    """The pattern of an expression. Raises PatternError."""
    return PathPattern(text)


def _reached(seeds: list[_Node], anchors: str) -> set[_Node]:
    """The nodes that are reached without consuming a character, where these anchors match."""
    found: set[_Node] = set()
    todo = list(seeds)
    while todo:
        node = todo.pop()
        if node in found:
            continue
        found.add(node)
        if node.test is None and (not node.anchor or node.anchor in anchors):
            todo += node.following
    return found


class _Parser:
    """Recursive descent: alternatives of sequences of repeated atoms. A part is its first and its last node."""

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise PatternError(f"longer than {LONGEST} characters")
        self._text = text
        self._place = 0
        self._nodes = 0
        self._depth = 0

    def parsed(self) -> tuple[_Node, _Node]:
        part = self._alternatives()
        if self._place < len(self._text):
            raise PatternError(f"unbalanced ')' at position {self._place}")
        return part

    def _node(self, test: Test | None = None, anchor: str = "") -> _Node:
        self._nodes += 1
        if self._nodes > _MOST_NODES:
            raise PatternError("too many repetitions")
        return _Node(test, anchor)

    def _peek(self) -> str:
        return self._text[self._place : self._place + 1]

    def _next(self) -> str:
        char = self._peek()
        if not char:
            raise PatternError("it ends too early")
        self._place += 1
        return char

    def _alternatives(self) -> tuple[_Node, _Node]:
        first, last = self._node(), self._node()
        while True:
            start, end = self._sequence()
            first.following.append(start)
            end.following.append(last)
            if self._peek() != "|":
                return first, last
            self._place += 1

    def _sequence(self) -> tuple[_Node, _Node]:
        first = last = self._node()
        while self._peek() not in ("", "|", ")"):
            start, end = self._repeated()
            last.following.append(start)
            last = end
        return first, last

    def _repeated(self) -> tuple[_Node, _Node]:
        place = self._place
        part = self._atom()
        least, most = self._count()
        if (least, most) == (1, 1):
            return part
        if self._peek() in ("*", "+", "?") and self._peek():
            raise PatternError(f"lazy and possessive quantifiers are not supported (position {self._place})")
        after = self._place
        first = last = self._node()
        for number in range(most if most is not None else max(least, 1)):
            self._place = place
            start, end = self._atom()
            last.following.append(start)
            leave = self._node()
            end.following.append(leave)
            if number >= least:  # this one is optional
                last.following.append(leave)
            if most is None and number == max(least, 1) - 1:
                leave.following.append(start)
            last = leave
        self._place = after
        return first, last

    def _count(self) -> tuple[int, int | None]:
        """The smallest and the largest number of repetitions; None for any number."""
        char = self._peek()
        if char in ("*", "+", "?") and char:
            self._place += 1
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[char]
        if char != "{":
            return 1, 1
        inside, brace, _ = self._text[self._place + 1 :].partition("}")
        least, comma, most = inside.partition(",")
        if not brace or not least.isdigit() or (most and not most.isdigit()) or len(inside) > 7:
            raise PatternError(f"'{{' without a count at position {self._place}")
        self._place += len(inside) + 2
        largest = int(most) if most else None if comma else int(least)
        if largest is not None and largest < max(int(least), 1):
            raise PatternError(f"an empty range of counts: {{{inside}}}")
        return int(least), largest

    def _atom(self) -> tuple[_Node, _Node]:
        char = self._next()
        if char == "(":
            return self._group()
        if char in "*+?{":
            raise PatternError(f"nothing to repeat at position {self._place - 1}")
        if char in "^$":
            node = self._node(anchor=char)
            return node, node
        node = self._node(self._test(char))
        after = self._node()
        node.following.append(after)
        return node, after

    def _group(self) -> tuple[_Node, _Node]:
        if self._peek() == "?":
            if self._text[self._place : self._place + 2] != "?:":
                raise PatternError(f"lookaround, names and flags are not supported (position {self._place})")
            self._place += 2
        self._depth += 1
        if self._depth > _DEEPEST:
            raise PatternError(f"more than {_DEEPEST} groups in each other")
        part = self._alternatives()
        if self._peek() != ")":
            raise PatternError("missing ')'")
        self._depth -= 1
        self._place += 1
        return part

    def _test(self, char: str) -> Test:
        if char == ".":
            return lambda found: found != "\n"
        if char == "[":
            return self._set()
        if char == "\\":
            return self._escaped()
        return char.__eq__

    def _escaped(self) -> Test:
        char = self._next()
        if char.lower() in _CLASSES:
            test = _CLASSES[char.lower()]
            return test if char.islower() else lambda found: not test(found)
        if char.isalnum():
            raise PatternError(f"\\{char} is not supported")
        return char.__eq__

    def _set(self) -> Test:
        negated = self._peek() == "^"
        self._place += negated
        tests: list[Test] = []
        while not tests or self._peek() != "]":
            char = self._next()
            if char == "\\":
                tests.append(self._escaped())
            elif self._peek() == "-" and self._text[self._place + 1 : self._place + 2] not in ("", "]"):
                self._place += 1
                low, high = char, self._next()
                tests.append(lambda found, low=low, high=high: low <= found <= high)  # type: ignore[misc]
            else:
                tests.append(char.__eq__)
        self._place += 1
        return lambda found: any(test(found) for test in tests) is not negated
