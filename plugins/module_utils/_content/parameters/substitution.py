# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Applies the rules of `rules` to an item, in two steps.

`substitute` applies all rules and inserts placeholders for values that exist only once other items are deployed;
`resolve` replaces these. The first reports all problems of the rules.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import re
import typing as t

from .. import json_text, located_yaml, platform
from ..item import LocalItem
from ..problem import WARNING, Problem
from ..text import suffix
from .dynamic_variable import Variable
from .rules import KeyRule, Rules, TextRule, jsonpath, text_pattern
from .yaml_edit import YamlText

_PLACEHOLDER = "powerbiPendingVariable{:d}x"
_PLACEHOLDERS = re.compile(r"powerbiPendingVariable(\d+)x")
_PLAIN_PLACEHOLDERS = re.compile(r'(?<!")powerbiPendingVariable\d+x(?!")')
_YAML = frozenset((".yml", ".yaml"))


@dataclasses.dataclass(frozen=True)
class Substitution:
    """An item's parts after the rules; ``pending`` are the variables whose placeholders are still in the parts.

    ``hits`` are the identities (``id``) of the rules that found something to replace.
    """

    parts: t.Mapping[str, bytes]
    pending: tuple[Variable, ...]
    problems: tuple[Problem, ...]
    hits: frozenset[int] = frozenset()


def substitute(item: LocalItem, rules: Rules, known: t.Mapping[Variable, str] | None = None) -> Substitution:
    """Apply the rules to an item. ``known`` has the variables with a value already (those of `find` must have one).

    `.platform` and parts that aren't text are unchanged.
    """
    worker = _Worker(item, rules.for_item(item), known or {})
    parts = {}
    for path, data in item.parts.items():
        parts[path] = data if path == platform.PART else worker.part(path, data)
    left = {
        int(placeholder)
        for data in parts.values()
        for placeholder in _PLACEHOLDERS.findall(data.decode("utf-8", "ignore"))
    }
    pending = tuple(variable for place, variable in enumerate(worker.pending) if place in left)
    if pending != tuple(worker.pending):
        # A placeholder that a later rule removed must not shift the remaining ones.
        parts = {path: _renumber(data, sorted(left)) for path, data in parts.items()}
    return Substitution(parts, pending, tuple(worker.problems), frozenset(worker.hits))


def _renumber(data: bytes, left: list[int]) -> bytes:
    if not left or b"powerbiPendingVariable" not in data:
        return data
    return _PLACEHOLDERS.sub(
        lambda placeholder: _PLACEHOLDER.format(left.index(int(placeholder.group(1)))), data.decode()
    ).encode()


def resolve(substitution: Substitution, value_of: t.Callable[[Variable], str]) -> dict[str, bytes]:
    """The parts with every pending variable replaced by ``value_of``, which is called once for each."""
    if not substitution.pending:
        return dict(substitution.parts)
    values = [value_of(variable) for variable in substitution.pending]
    result = {}
    for path, data in substitution.parts.items():
        if b"powerbiPendingVariable" in data:
            quoted = suffix(path) in json_text.SUFFIXES or suffix(path) in _YAML
            data = _PLACEHOLDERS.sub(functools.partial(_fill, values=values, quoted=quoted), data.decode()).encode()
        result[path] = data
    return result


def _fill(placeholder: re.Match[str], values: list[str], quoted: bool) -> str:
    value = values[int(placeholder.group(1))]
    return json.dumps(value, ensure_ascii=False)[1:-1] if quoted else value


class _Worker:
    def __init__(self, item: LocalItem, rules: Rules, known: t.Mapping[Variable, str]) -> None:
        self.item = item
        self.rules = rules
        self.known = known
        self.pending: list[Variable] = []
        self.problems: list[Problem] = []
        self.hits: set[int] = set()

    def part(self, path: str, data: bytes) -> bytes:
        where = f"{self.item.path}/{path}"
        keys = [rule for rule in self.rules.key_rules if rule.filter.takes_path(where)]
        texts = [rule for rule in self.rules.text_rules if rule.filter.takes_path(where)]
        if not (keys or texts) or b"\0" in data:
            return data
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            return data
        before = text
        for key_rule in keys:
            text = self._set_key(key_rule, path, text)
        for text_rule in texts:
            text = self._replace(text_rule, text)
        return data if text == before else text.encode()

    def _value(self, value: t.Any) -> t.Any:
        if not isinstance(value, Variable):
            return value
        if value in self.known:
            return self.known[value]
        if value not in self.pending:
            self.pending.append(value)
        return _PLACEHOLDER.format(self.pending.index(value))

    def _replace(self, rule: TextRule, text: str) -> str:
        find = rule.find
        if isinstance(find, Variable):
            if find not in self.known:
                self.problems.append(rule.place.problem(f"{find} has no value here", "Give find_value as a text"))
                return text
            find = self.known[find]
        if not find:
            return text
        if not rule.regex:
            return self._replace_text(rule, find, text)
        pattern = text_pattern(find, regex=True, ignore_case=rule.ignore_case)
        first = pattern.search(text)
        if first is None:
            return text
        self.hits.add(id(rule))
        if not first.group(1):
            what = f"the regular expression captures nothing in {self.item.path}"
            self.problems.append(rule.place.problem(what, "Let its group match the text to replace"))
            return text
        replacement = str(self._value(rule.replacement))

        def swap(match: re.Match[str]) -> str:
            start, end = match.start(1), match.end(1)
            if start < 0:
                return match.group()
            return match.string[match.start() : start] + replacement + match.string[end : match.end()]

        return pattern.sub(swap, text)

    def _replace_text(self, rule: TextRule, find: str, text: str) -> str:
        pattern = text_pattern(find, ignore_case=rule.ignore_case)
        if not pattern.search(text):
            return text
        self.hits.add(id(rule))
        return pattern.sub(lambda _match: str(self._value(rule.replacement)), text)

    def _set_key(self, rule: KeyRule, path: str, text: str) -> str:
        if suffix(path) in _YAML:
            return self._set_yaml(rule, path, text)
        if text.lstrip("\ufeff \t\r\n")[:1] not in ("{", "["):
            return text
        value, problem = json_text.parse(text.lstrip("\ufeff"), path)
        if problem or not self._update(rule, value):
            return text
        return json_text.dump(value, indent=json_text.indent_of(text))

    def _set_yaml(self, rule: KeyRule, path: str, text: str) -> str:
        # Parsed with limits first: the library itself expands any input.
        problems = located_yaml.read(text, f"{self.item.path}/{path}")[1]
        for problem in problems:
            what = f"rules for keys do not apply to this file, because it can't be read: {problem.what}"
            self.problems.append(dataclasses.replace(problem, what=what, severity=WARNING))
        document = None if problems else YamlText(text)
        if document is None or not isinstance(document.value, (dict, list)):
            return text
        value = self._value(rule.value) if (matches := jsonpath(rule.key).find(document.value)) else None
        for match in matches:
            container = match.context.value if match.context is not None else None
            document.place(container, _step(match.path), value)
        if not self._update(rule, document.value):
            return text
        # A placeholder in a text that was written anew is a plain scalar; its replacement is quoted as JSON.
        return _PLAIN_PLACEHOLDERS.sub(r'"\g<0>"', document.text())

    def _update(self, rule: KeyRule, value: t.Any) -> bool:
        matches = jsonpath(rule.key).find(value)
        for match in matches:
            match.full_path.update(value, self._value(rule.value))
        if matches:
            self.hits.add(id(rule))
        return bool(matches)


def _step(path: t.Any) -> t.Any:
    """The key or index of the last step of a JSONPath match, None for another kind of step."""
    fields = getattr(path, "fields", None) or getattr(path, "indices", None)
    return fields[0] if fields else getattr(path, "index", None)
