# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""YAML with the place of every value, so that a message can point at it; a key that is there twice is an error.

Keys are texts as they are written: ``NO`` (Norway) is not False, ``010`` is not 8.
"""

from __future__ import annotations

import dataclasses
import importlib
import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._content.problem import Problem
from ansible_collections.community.powerbi.plugins.module_utils._errors import MissingLibraryError


@dataclasses.dataclass(frozen=True)
class Located:
    """A value and where it is. ``value`` is a scalar, a list of Located, or a dict from key to Located."""

    value: t.Any
    file: str
    line: int = 0
    column: int = 0

    def problem(self, what: str, remedy: str, severity: str = "error") -> Problem:
        return Problem(self.file, self.line, self.column, what, remedy, severity)

    @property
    def plain(self) -> t.Any:
        """The value as ordinary Python data."""
        if isinstance(self.value, dict):
            return {key: found.plain for key, found in self.value.items()}
        if isinstance(self.value, list):
            return [found.plain for found in self.value]
        return self.value


def locate(value: t.Any, place: str) -> Located:
    """Python data (a module option) as if it had been read; ``place`` names it, such as ``parameters[2]``."""
    if isinstance(value, dict):
        return Located({str(key): locate(found, f"{place}.{key}") for key, found in value.items()}, place)
    if isinstance(value, (list, tuple)):
        return Located([locate(found, f"{place}[{index}]") for index, found in enumerate(value)], place)
    return Located(value, place)


def load_library() -> t.Any:
    """PyYAML, which ansible-core brings to the controller. Raises MissingLibraryError where it is absent."""
    try:
        return importlib.import_module("yaml")
    except ImportError as exc:
        raise MissingLibraryError("PyYAML", "Reading YAML needs the Python library PyYAML.") from exc


def read(text: str, file: str) -> tuple[Located, tuple[Problem, ...]]:
    """The document of a YAML text and the problems of it; with problems the value may be incomplete."""
    yaml = load_library()
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return Located(None, file), ()
        reader = _Reader(loader, file, yaml)
        found = reader.convert(node)
        return found, tuple(reader.problems)
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        return Located(None, file), (Problem(file, line, column, f"invalid YAML: {exc.problem}", "Correct the YAML"),)
    except yaml.YAMLError as exc:
        return Located(None, file), (Problem(file, 0, 0, f"invalid YAML: {exc}", "Correct the YAML"),)
    finally:
        loader.dispose()


class _Reader:
    def __init__(self, loader: t.Any, file: str, yaml: t.Any) -> None:
        self.loader = loader
        self.file = file
        self.yaml = yaml
        self.problems: list[Problem] = []
        self.seen: dict[int, Located] = {}

    def convert(self, node: t.Any) -> Located:
        # An alias is the same node again: converted once, however often it is used.
        known = self.seen.get(id(node))
        if known is None:
            known = Located(self._value(node), self.file, node.start_mark.line + 1, node.start_mark.column + 1)
            self.seen[id(node)] = known
        return known

    def _value(self, node: t.Any) -> t.Any:
        if isinstance(node, self.yaml.SequenceNode):
            return [self.convert(entry) for entry in node.value]
        if not isinstance(node, self.yaml.MappingNode):
            return self.loader.construct_object(node)
        self._duplicates(node)
        self.loader.flatten_mapping(node)
        return {self._key(key): self.convert(value) for key, value in node.value}

    def _key(self, node: t.Any) -> str:
        if isinstance(node, self.yaml.ScalarNode):
            return str(node.value)
        return str(self.loader.construct_object(node, deep=True))

    def _duplicates(self, node: t.Any) -> None:
        first: dict[str, t.Any] = {}
        for key, _value in node.value:
            name = str(key.value)
            other = first.setdefault(name.casefold(), key)
            if other is not key and key.tag != "tag:yaml.org,2002:merge":
                what = f"the key {name!r} is there twice (first in line {other.start_mark.line + 1})"
                mark = key.start_mark
                self.problems.append(Problem(self.file, mark.line + 1, mark.column + 1, what, "Remove one of the two"))
