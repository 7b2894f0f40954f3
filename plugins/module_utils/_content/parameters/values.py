# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Typed values of a parameter file: texts, flags, filters, and the value for the environment."""

from __future__ import annotations

import re
import typing as t

from ..._errors import listed
from .. import item_types
from ..item import ITEM_TYPES
from ..located_yaml import Located
from ..problem import ERROR, WARNING, Problem
from ..problem_codes import ENVIRONMENT
from . import dynamic_variable
from .dynamic_variable import Variable
from .rules import Filter

ALL = "_all_"
_ENV = re.compile(r"\$ENV:(\w+)")


class Values:
    """Reads values for one environment. Defects are added to ``problems``, and a usable default is returned."""

    def __init__(
        self, environment: str, environ: t.Mapping[str, str], problems: list[Problem], strict: bool = False
    ) -> None:
        self.environment = environment
        self.strict = strict
        self.environments: dict[str, None] = {}
        """The environments that rules name, in their order."""
        self.unnamed: list[Located] = []
        """Mappings by environment without the given environment."""
        self.environ = environ
        self.problems = problems
        self.used: set[str] = set()
        """Values of environment variables: pipelines pass secrets in them."""

    def add_problem(self, at: Located, what: str, remedy: str, severity: str = "error", code: str = "") -> None:
        self.problems.append(at.problem(what, remedy, severity, code))

    def text(self, at: Located, name: str) -> str | None:
        if not isinstance(at.value, str):
            self.add_problem(at, f"{name} isn't a text", "Put it in quotes")
            return None
        return self.with_environment(at, at.value)

    def with_environment(self, at: Located, text: str) -> str:
        def value(match: re.Match[str]) -> str:
            found = self.environ.get(match.group(1))
            if found is None:
                what = f"the environment variable {match.group(1)!r} isn't set where the task runs"
                self.add_problem(at, what, "Set it, or give the value here")
                return match.group()
            self.used.add(found)
            return found

        return _ENV.sub(value, text) if "$ENV:" in text else text

    def flag(self, entry: Located, name: str) -> bool:
        found = entry.value.get(name)
        if found is None:
            return False
        if isinstance(found.value, bool) and not found.line:  # of a playbook
            return found.value
        if isinstance(found.value, str) and found.value.lower() in ("true", "false"):
            return found.value.lower() == "true"
        what = f"{name} is a boolean, and fabric-cicd takes a text" if isinstance(found.value, bool) else ""
        self.add_problem(found, what or f"{name} is neither true nor false", 'Write "true", in quotes')
        return False

    def texts(self, entry: Located, name: str) -> tuple[str, ...]:
        found = entry.value.get(name)
        if found is None or found.value in (None, "", []):
            return ()
        values = found.value if isinstance(found.value, list) else [found]
        texts = tuple(self.with_environment(found, value.value) for value in values if isinstance(value.value, str))
        if len(texts) != len(values):
            self.add_problem(found, f"{name} isn't a text or a list of texts", "Put it in quotes")
        return texts

    def filter(self, entry: Located) -> Filter:
        types = self.texts(entry, "item_type")
        for item_type in types:
            if item_type not in ITEM_TYPES:
                meant = item_types.nearest(item_type)
                remedy = f"Did you mean {meant!r}?" if meant else "Write it as Fabric does, such as 'Report'"
                self.add_problem(entry.value["item_type"], f"{item_type!r} isn't an item type", remedy)
        paths = self.texts(entry, "file_path")
        for path in paths:
            if ".." in path.replace("\\", "/").split("/"):
                self.add_problem(
                    entry.value["file_path"], f"{path!r} leaves the source folder", "Give a path inside it"
                )
        return Filter(types, self.texts(entry, "item_name"), paths)

    def for_environment(self, at: Located) -> Located | None:
        """The value of a mapping by environment for the given environment; None if it has none."""
        if not isinstance(at.value, dict):
            self.add_problem(at, "replace_value isn't a mapping by environment", "Write PROD: value, or _ALL_: value")
            return None
        everywhere = [name for name in at.value if name.lower() == ALL]
        if everywhere:
            if len(at.value) > 1:
                self.add_problem(at, f"{everywhere[0]!r} stands beside other environments", "Use it alone")
                return None
            found: Located = at.value[everywhere[0]]
            return found
        self.environments.update(dict.fromkeys(at.value))
        if self.environment not in at.value:
            self.unnamed.append(at)
            return None
        chosen: Located = at.value[self.environment]
        return chosen

    def check_environment(self) -> None:
        """After all rules: an error if none names the environment, else a warning for each rule that does not."""
        known = listed(self.environments)
        if self.environments and self.environment not in self.environments:
            what = f"no rule names the environment {self.environment!r}: the rules have {known}"
            if not self.environment:
                what = f"`environment` is not set, and the rules have values for {known}"
            self.add_problem(self.unnamed[0], what, self._likely(), ERROR, ENVIRONMENT)
            return
        for at in self.unnamed:
            what = f"the rule does nothing for the environment {self.environment!r}: it has {listed(at.value)}"
            remedy = "Give the environment a value, or use _ALL_"
            self.add_problem(at, what, remedy, ERROR if self.strict else WARNING, ENVIRONMENT)

    def _likely(self) -> str:
        """A remedy for an environment that no rule has."""
        if not self.environment:
            return (
                "Give `environment`; a variable behind it may have no value. Values for all environments go under _ALL_"
            )
        same = [name for name in self.environments if name.casefold() == self.environment.casefold()]
        if same:
            return f"Write it as the rules do: {same[0]!r}"
        if self.environment in ("True", "False", "None") or self.environment.isdigit():
            return "Put `environment` in quotes: YAML reads NO, on or 010 as a boolean or a number"
        return "Correct `environment`, or add it to the rules"

    def variable(self, at: Located, text: str) -> Variable | None:
        if text.startswith(dynamic_variable.ENVIRONMENT):
            return None
        try:
            return dynamic_variable.parse(text)
        except ValueError as exc:
            self.add_problem(at, str(exc), "Correct the variable")
            return None

    def variables_of(self, at: Located) -> None:
        """Add problems for malformed variables of every environment, not only the given one."""
        for found in at.value.values() if isinstance(at.value, dict) else ():
            if isinstance(found.value, str) and dynamic_variable.is_dynamic(found.value):
                self.variable(found, found.value)
