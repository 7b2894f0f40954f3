# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""Rules that adapt a folder to an environment: find and replace in texts, values at keys, connections of models.

`substitution` applies them.
"""

from __future__ import annotations

import dataclasses
import fnmatch
import importlib
import re
import typing as t

from ..._guid import GUID
from ..._requirements import missing
from .. import located_yaml
from ..item import LocalItem
from .dynamic_variable import Variable


@dataclasses.dataclass(frozen=True)
class Filter:
    """The files to which a rule applies; an empty tuple means any. Paths are patterns relative to the source folder."""

    item_types: tuple[str, ...] = ()
    item_names: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()

    def takes_item(self, item: LocalItem) -> bool:
        if self.item_types and item.type not in self.item_types:
            return False
        return not self.item_names or item.display_name in self.item_names

    def takes_path(self, path: str) -> bool:
        return not self.paths or any(path_pattern(pattern).match(path) for pattern in self.paths)


@dataclasses.dataclass(frozen=True)
class TextRule:
    """Replace a text, or the group that a regular expression captures. ``find`` may be a workspace variable.

    Both may be secrets from environment variables: they are excluded from `repr`.
    """

    find: str | Variable = dataclasses.field(repr=False)
    replacement: str | Variable = dataclasses.field(repr=False)
    filter: Filter
    place: located_yaml.Located = dataclasses.field(repr=False)
    regex: bool = False
    ignore_case: bool = False
    kind: str = "find_replace"


@dataclasses.dataclass(frozen=True)
class KeyRule:
    """Set the value at a JSONPath of JSON and YAML parts."""

    key: str = dataclasses.field(repr=False)
    value: t.Any = dataclasses.field(repr=False)
    filter: Filter
    place: located_yaml.Located = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True)
class Rules:
    """All rules for one environment, in the order in which they are applied: keys first, then texts.

    ``environment_values`` are the values of ``$ENV:``. They may be secrets, which are in the content now: a diff of it
    must mask them.
    """

    key_rules: tuple[KeyRule, ...] = ()
    text_rules: tuple[TextRule, ...] = ()
    connections: t.Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    default_connections: tuple[str, ...] = ()
    environment_values: frozenset[str] = dataclasses.field(default=frozenset(), repr=False)

    def connections_of(self, model: str) -> tuple[str, ...]:
        """Ids of the connections to which a semantic model is to be bound; none means: unchanged."""
        return self.connections.get(model, self.default_connections)

    def variables(self) -> tuple[Variable, ...]:
        """All variables in rules, without duplicates."""
        used = [rule.value for rule in self.key_rules] + [rule.replacement for rule in self.text_rules]
        used += [rule.find for rule in self.text_rules]
        return tuple(dict.fromkeys(value for value in used if isinstance(value, Variable)))

    def for_item(self, item: LocalItem) -> Rules:
        return dataclasses.replace(
            self,
            key_rules=tuple(rule for rule in self.key_rules if rule.filter.takes_item(item)),
            text_rules=tuple(rule for rule in self.text_rules if rule.filter.takes_item(item)),
        )

    def merged(self, other: Rules) -> Rules:
        """These rules, then those of ``other``, whose connections take precedence."""
        return Rules(
            self.key_rules + other.key_rules,
            self.text_rules + other.text_rules,
            {**self.connections, **other.connections},
            other.default_connections or self.default_connections,
            self.environment_values | other.environment_values,
        )


def text_pattern(find: str, *, regex: bool = False, ignore_case: bool = False) -> re.Pattern[str]:
    """What a rule searches for. GUIDs are found in any case, as tools write them in either. Raises re.error."""
    flags = re.IGNORECASE if ignore_case else 0
    if not regex:
        pieces = [re.escape(piece) for piece in GUID.split(find)]
        guids = [f"(?i:{guid})" for guid in GUID.findall(find)]
        return re.compile("".join(sum(zip(pieces, [*guids, ""]), ())), flags)
    given = re.compile(find, flags)
    try:
        any_case = re.compile(GUID.sub(lambda found: f"(?i:{found.group()})", find), flags)
    except re.error:  # the GUID is part of a construct such as a group's name
        return given
    return any_case if any_case.groups == given.groups else given


_COMPILED: dict[str, re.Pattern[str]] = {}


def path_pattern(pattern: str) -> re.Pattern[str]:
    """A path with wildcards as a regular expression: ``*`` stays in one folder, ``**`` crosses folders."""
    compiled = _COMPILED.get(pattern)
    if compiled is None:
        text = re.sub(r"^(?:\./|/)+", "", pattern.replace("\\", "/"))
        expression = ""
        for piece in re.split(r"(\*\*/|/\*\*$|\*\*|\*|\?|\[[^\]]*\])", text):
            if piece == "**/":
                expression += "(?:[^/]+/)*"
            elif piece == "/**":
                expression += "/.*"
            elif piece == "**":
                expression += ".*"
            elif piece == "*":
                expression += "[^/]*"
            elif piece == "?":
                expression += "[^/]"
            elif piece[:1] == "[":
                expression += fnmatch.translate(piece)[4:-3]
            else:
                expression += re.escape(piece)
        compiled = _COMPILED[pattern] = re.compile(expression + r"\Z")
    return compiled


def jsonpath(text: str) -> t.Any:
    """A compiled JSONPath. Raises ValueError for a malformed one, MissingLibraryError without jsonpath-ng."""
    try:
        library = importlib.import_module("jsonpath_ng.ext")
    except ImportError as exc:
        raise missing("key_value_replace", exc) from exc
    try:
        return library.parse(text)
    except Exception as exc:  # the library raises several kinds, bare Exception among them
        raise ValueError(str(exc) or "malformed") from exc
