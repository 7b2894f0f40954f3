# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Builds rules from the sections of a parameter file, with every problem of them."""

from __future__ import annotations

import re
import typing as t

from .. import json_text, model_bindings
from ..located_yaml import Located
from ..problem import Problem
from . import dynamic_variable, spark_pools
from .dynamic_variable import Variable
from .rules import KeyRule, Rules, TextRule, jsonpath
from .values import Values

SECTIONS = ("find_replace", "key_value_replace", "semantic_model_binding", "gateway_binding", "spark_pool", "extend")

_FILTERS = frozenset(("item_type", "item_name", "file_path"))
_FIND_KEYS = frozenset(("find_value", "replace_value", "is_regex", "ignore_case")) | _FILTERS
_KEY_KEYS = frozenset(("find_key", "replace_value")) | _FILTERS


class Parameters(t.NamedTuple):
    """The rules of one environment and every problem found, warnings included."""

    rules: Rules
    problems: tuple[Problem, ...]


def build(
    sections: t.Mapping[str, Located],
    environment: str,
    environ: t.Mapping[str, str],
    problems: list[Problem],
    strict: bool = False,
) -> Parameters:
    """The rules of these sections; ``problems`` are those found before, and grow.

    With ``strict`` a rule that does not name the environment is an error, otherwise a warning.
    """
    return _Builder(environment, environ, problems, strict).build(sections)


class _Builder(Values):
    def build(self, sections: t.Mapping[str, Located]) -> Parameters:
        for name, section in sections.items():
            if name not in SECTIONS:
                self.add_problem(section, f"{name!r} is no kind of rule", f"Use one of {', '.join(SECTIONS)}")
        if not sections and not self.problems:
            self.problems.append(Problem("parameters", 0, 0, "there are no rules", f"Add {', '.join(SECTIONS[:3])}"))
        texts = [self._text_rule(entry) for entry in self._entries(sections, "find_replace", "find_value", _FIND_KEYS)]
        keys = [self._key_rule(entry) for entry in self._entries(sections, "key_value_replace", "find_key", _KEY_KEYS)]
        pools = [spark_pools.rule(self, entry) for entry in self._entries(sections, *spark_pools.KEYS)]
        named, default = model_bindings.build(self, sections)
        self.check_environment()
        rules = Rules(
            tuple(rule for rule in keys if rule is not None),
            tuple(rule for rule in (*texts, *pools) if rule is not None),
            named,
            default,
            frozenset(self.used),
        )
        return Parameters(rules, tuple(sorted(set(self.problems))))

    def _entries(
        self, sections: t.Mapping[str, Located], name: str, find: str, allowed: frozenset[str]
    ) -> t.Iterator[Located]:
        section = sections.get(name)
        if section is None:
            return
        if not isinstance(section.value, list):
            self.add_problem(section, f"{name} isn't a list of rules", "Start each rule with a dash")
            return
        for entry in section.value:
            if not isinstance(entry.value, dict):
                self.add_problem(entry, f"this rule of {name} isn't a mapping", f"Give it {find} and replace_value")
                continue
            unknown = sorted(set(entry.value) - allowed)
            missing = [key for key in (find, "replace_value") if not self._given(entry.value.get(key))]
            for key in unknown:
                self.add_problem(
                    entry.value[key], f"{key!r} is no key of a rule of {name}", f"Use {', '.join(sorted(allowed))}"
                )
            for key in missing:
                self.add_problem(entry, f"a rule of {name} has no {key}", f"Give it {key}")
            if not unknown and not missing:
                yield entry

    @staticmethod
    def _given(found: Located | None) -> bool:
        return found is not None and found.value not in (None, "", {}, [])

    def _text_rule(self, entry: Located) -> TextRule | None:
        find = self.text(entry.value["find_value"], "find_value")
        regex, ignore_case = self.flag(entry, "is_regex"), self.flag(entry, "ignore_case")
        desired = self._find(entry.value["find_value"], find, regex) if find else None
        chosen = self.filter(entry)
        self.variables_of(entry.value["replace_value"])
        self._texts_only(entry.value["replace_value"])
        at = self.for_environment(entry.value["replace_value"])
        if at is None or desired is None or not isinstance(at.value, str):
            return None
        replacement = self.text(at, "the replacement")
        if not replacement:
            if at.value and not replacement:
                self.add_problem(at, "the replacement is empty", "Give it a value")
            return None
        # The value of an environment variable is always a text, also with a "$": a secret must not be part of a message.
        dynamic = dynamic_variable.is_dynamic(replacement) and replacement == at.value
        value = self.variable(at, replacement) if dynamic else replacement
        return None if value is None else TextRule(desired, value, chosen, entry, regex, ignore_case)

    def _find(self, at: Located, find: str, regex: bool) -> str | Variable | None:
        given = find == at.value  # without the value of an environment variable
        if given and find.startswith(dynamic_variable.ITEMS):
            self.add_problem(
                at, f"{at.value!r} can't be searched for: files don't contain ids of the target", "Give a text"
            )
            return None
        if given and find.startswith(dynamic_variable.WORKSPACE):
            if regex:
                self.add_problem(
                    at, "a variable can't be a regular expression", "Remove is_regex, or give an expression"
                )
                return None
            return self.variable(at, find)
        if regex:
            try:
                groups = re.compile(find).groups
            except re.error as exc:
                self.add_problem(at, f"{at.value!r} isn't a regular expression: {exc.msg}", "Correct it")
                return None
            if groups != 1:
                what = f"the regular expression has {groups} groups, it needs one: the captured text is replaced"
                self.add_problem(at, what, "Use (?:...) for the others")
                return None
        return find

    def _key_rule(self, entry: Located) -> KeyRule | None:
        key = self.text(entry.value["find_key"], "find_key")
        chosen = self.filter(entry)
        self.variables_of(entry.value["replace_value"])
        self._same_types(entry.value["replace_value"])
        at = self.for_environment(entry.value["replace_value"])
        if key is None or not self._is_path(entry.value["find_key"], key) or at is None:
            return None
        given = at.plain
        value = self._with_environment(at, given)
        if isinstance(value, str) and dynamic_variable.is_dynamic(value) and given == value:
            value = self.variable(at, value)
        if value is None:
            return None
        if not isinstance(value, Variable) and not json_text.is_json(value):
            self.add_problem(at, "the value is none of JSON's, such as a date or not a number", "Put it in quotes")
            return None
        return KeyRule(key, value, chosen, entry)

    def _texts_only(self, at: Located) -> None:
        """Problems for environments, also others than the given one, without a text: fabric-cicd refuses the file."""
        for name, found in at.value.items() if isinstance(at.value, dict) else ():
            if found.value in (None, ""):
                self.add_problem(found, f"the replacement for {name!r} is empty", "Give it a value")
            elif not isinstance(found.value, str):
                self.add_problem(found, f"the replacement for {name!r} isn't a text", "Put it in quotes")

    def _with_environment(self, at: Located, value: t.Any) -> t.Any:
        """A JSON value with the environment variables in its texts, also those of lists and mappings."""
        if isinstance(value, str):
            return self.with_environment(at, value)
        if isinstance(value, list):
            return [self._with_environment(at, one) for one in value]
        if isinstance(value, dict):
            return {key: self._with_environment(at, one) for key, one in value.items()}
        return value

    def _is_path(self, at: Located, key: str) -> bool:
        if not key.strip().startswith("$"):
            self.add_problem(at, f"{at.value!r} isn't an absolute JSONPath", "Start it with $")
            return False
        try:
            jsonpath(key)
        except ValueError:
            self.add_problem(at, f"{at.value!r} isn't a JSONPath", "Correct it")
            return False
        return True

    def _same_types(self, at: Located) -> None:
        values = list(at.value.items()) if isinstance(at.value, dict) else []
        for name, found in values:
            if found.value is None:
                self.add_problem(found, f"the environment {name!r} has no value", "Give it one")
            elif type(found.value) is not type(values[0][1].value) and values[0][1].value is not None:
                what = f"the value for {name!r} has another type than the one for {values[0][0]!r}"
                self.add_problem(found, what, "Give all environments values of one type")
