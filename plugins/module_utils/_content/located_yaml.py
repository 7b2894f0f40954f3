# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""YAML with the place of every value, for messages; a duplicate key is an error.

Keys are not converted: ``NO`` (Norway) is not False, ``010`` is not 8.
"""

from __future__ import annotations

import dataclasses
import importlib
import typing as t

from .._requirements import missing
from .problem import Problem
from .text import position

MAX_TEXT = 4 * 1024 * 1024  # characters
_MAX_NODES = 100_000
_MAX_DEPTH = 100
_MAX_BITS = 1024


@dataclasses.dataclass(frozen=True)
class Located:
    """A value and where it is. ``value`` is a scalar, a list of Located, or a dict from key to Located."""

    value: t.Any
    file: str
    line: int = 0
    column: int = 0

    def problem(self, what: str, remedy: str, severity: str = "error", code: str = "") -> Problem:
        return Problem(self.file, self.line, self.column, what, remedy, severity, code)

    @property
    def plain(self) -> t.Any:
        """The value as ordinary Python data."""
        if isinstance(self.value, dict):
            return {key: found.plain for key, found in self.value.items()}
        if isinstance(self.value, list):
            return [found.plain for found in self.value]
        return self.value


def locate(value: t.Any, place: str) -> Located:
    """Python data (a module option) as `Located`; ``place`` is its name in messages, such as ``parameters[2]``."""
    if isinstance(value, dict):
        return Located({str(key): locate(found, f"{place}.{key}") for key, found in value.items()}, place)
    if isinstance(value, (list, tuple)):
        return Located([locate(found, f"{place}[{index}]") for index, found in enumerate(value)], place)
    return Located(value, place)


def load_library() -> t.Any:
    """PyYAML, a requirement of ansible-core on the controller. Raises MissingLibraryError where it is absent."""
    try:
        return importlib.import_module("yaml")
    except ImportError as exc:
        raise missing("parameter_file", exc) from exc


def read(text: str, file: str) -> tuple[Located, tuple[Problem, ...]]:
    """The document of a YAML text and the problems of it; with problems the value may be incomplete.

    Raises no exception of the library. Small texts that expand to large ones (nested aliases) are a problem as well.
    """
    if len(text) > MAX_TEXT:
        return Located(None, file), (Problem(file, 0, 0, f"the YAML has more than {MAX_TEXT} characters", "Split it"),)
    yaml = load_library()
    loader = None
    try:
        loader = yaml.SafeLoader(text)
        _limit_depth(loader, file)
        node = loader.get_single_node()
        if node is None:
            return Located(None, file), ()
        _Measure(file, yaml).of(node)
        reader = _Reader(loader, file, yaml)
        found = reader.convert(node)
        return found, tuple(reader.problems)
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        return Located(None, file), (Problem(file, line, column, f"invalid YAML: {exc.problem}", "Correct the YAML"),)
    except yaml.reader.ReaderError as exc:
        place = position(text, exc.position)
        what = f"invalid YAML: the character U+{ord(text[exc.position]):04X} is not allowed"
        return Located(None, file), (
            Problem(file, *place, what, "Remove it, or write it as an escape in double quotes"),
        )
    except yaml.YAMLError as exc:
        return Located(None, file), (Problem(file, 0, 0, f"invalid YAML: {exc}", "Correct the YAML"),)
    except _RefusedError as exc:
        return Located(None, file), (exc.problem,)
    except RecursionError:
        return Located(None, file), (Problem(file, 1, 1, "the YAML is nested too deeply to be read", "Flatten it"),)
    finally:
        if loader is not None:
            loader.dispose()


def plain(text: str, file: str) -> tuple[t.Any, tuple[Problem, ...]]:
    """The value of a YAML text as ordinary Python data, with the limits of `read`; None with its problems."""
    found, problems = read(text, file)
    return (None, problems) if problems else (found.plain, ())


def _limit_depth(loader: t.Any, file: str) -> None:
    """Refuse a text once it is nested too deeply: the library needs a time that is the square of the depth."""
    compose, depth = loader.compose_node, 0

    def compose_node(parent: t.Any, index: t.Any) -> t.Any:
        nonlocal depth
        depth += 1
        if depth > _MAX_DEPTH + 1:
            what = f"this is nested more than {_MAX_DEPTH} deep"
            raise _RefusedError(file, loader.peek_event(), what, "Flatten it")
        node = compose(parent, index)
        depth -= 1
        return node

    loader.compose_node = compose_node


class _RefusedError(Exception):
    def __init__(self, file: str, node: t.Any, what: str, remedy: str) -> None:
        super().__init__(what)
        mark = node.start_mark
        self.problem = Problem(file, mark.line + 1, mark.column + 1, what, remedy)


class _Measure:
    """The size of a document with all aliases expanded. Raises _RefusedError above a limit.

    Counted without expanding: 400 bytes of nested aliases can expand to more than the memory.
    """

    def __init__(self, file: str, yaml: t.Any) -> None:
        self._file = file
        self._yaml = yaml
        self._known: dict[int, tuple[int, int, int] | None] = {}

    def of(self, node: t.Any) -> tuple[int, int, int]:
        """Nodes, characters and depth."""
        if id(node) in self._known:
            known = self._known[id(node)]
            if known is None:
                raise _RefusedError(
                    self._file, node, "an alias here refers to its own container", "Write the value out"
                )
            return known
        self._known[id(node)] = None
        nodes, characters, depth = 1, 0, 0
        for child in self._children(node):
            size = self.of(child)
            nodes, characters, depth = nodes + size[0], characters + size[1], max(depth, size[2])
        if isinstance(node, self._yaml.ScalarNode):
            characters = len(node.value)
        if nodes > _MAX_NODES or characters > MAX_TEXT:
            what = f"with its aliases this has more than {_MAX_NODES} values or {MAX_TEXT} characters"
            raise _RefusedError(self._file, node, what, "Use fewer aliases")
        if depth >= _MAX_DEPTH:
            raise _RefusedError(self._file, node, f"this is nested more than {_MAX_DEPTH} deep", "Flatten it")
        self._known[id(node)] = (nodes, characters, depth + 1)
        return nodes, characters, depth + 1

    def _children(self, node: t.Any) -> t.Iterator[t.Any]:
        if isinstance(node, self._yaml.MappingNode):
            for key, value in node.value:
                yield key
                yield value
        elif isinstance(node, self._yaml.SequenceNode):
            yield from node.value


class _Reader:
    def __init__(self, loader: t.Any, file: str, yaml: t.Any) -> None:
        self.loader = loader
        self.file = file
        self.yaml = yaml
        self.problems: list[Problem] = []
        self.seen: dict[int, Located] = {}

    def convert(self, node: t.Any) -> Located:
        # Each use of an alias is the same node, which is converted once.
        known = self.seen.get(id(node))
        if known is None:
            known = Located(self._value(node), self.file, node.start_mark.line + 1, node.start_mark.column + 1)
            self.seen[id(node)] = known
        return known

    def _value(self, node: t.Any) -> t.Any:
        if isinstance(node, self.yaml.SequenceNode):
            return [self.convert(entry) for entry in node.value]
        if not isinstance(node, self.yaml.MappingNode):
            return self._scalar(node)
        self._duplicates(node)
        self.loader.flatten_mapping(node)
        return {self._key(key): self.convert(value) for key, value in node.value}

    def _key(self, node: t.Any) -> str:
        if isinstance(node, self.yaml.ScalarNode):
            return str(node.value)
        raise _RefusedError(self.file, node, "a key is a list or a mapping", "Use a text as key")

    def _scalar(self, node: t.Any) -> t.Any:
        """The value of a scalar. PyYAML detects numbers and dates by their form; if it can't convert one, Python's
        constructors raise exceptions of any kind."""
        kind = node.tag.rpartition(":")[2]
        try:
            value = self.loader.construct_object(node)
        except self.yaml.YAMLError:
            raise
        except Exception:  # pylint: disable=broad-exception-caught  # of int(), date(), a failed match and others
            raise _RefusedError(self.file, node, f"the value is no valid {kind}", "Put it in quotes") from None
        if isinstance(value, int) and value.bit_length() > _MAX_BITS:
            raise _RefusedError(self.file, node, "the number is too long", "Put it in quotes")
        return value

    def _duplicates(self, node: t.Any) -> None:
        first: dict[str, t.Any] = {}
        for key, _value in node.value:
            name = str(key.value)
            other = first.setdefault(name.casefold(), key)
            if other is not key and key.tag != "tag:yaml.org,2002:merge":
                what = f"the key {name!r} is repeated (first in line {other.start_mark.line + 1})"
                mark = key.start_mark
                self.problems.append(Problem(self.file, mark.line + 1, mark.column + 1, what, "Remove one of the two"))
