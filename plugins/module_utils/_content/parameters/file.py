# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""Parses a fabric-cicd ``parameter.yml``, or the same rules as a module option.

It supports what fabric-cicd 1.4 documents: find_replace, key_value_replace, spark_pool, semantic_model_binding (both forms),
gateway_binding (its former name), extend, ``_ALL_``, ``$ENV:``, dynamic variables. Differences: every problem is
reported, with its line, instead of the first; a template that can't be used is an error instead of a log line;
GUIDs are found in any case; `$ENV:` needs no feature flag; a JSON or YAML file that no key matches is unchanged. What fabric-cicd
refuses is refused.
"""

from __future__ import annotations

import os
import typing as t

from .. import located_yaml
from ..located_yaml import Located, locate, read
from ..problem import Problem
from .build import SECTIONS, Parameters, build
from .rules import Rules

_SHORT_NAMES = {
    "find": "find_value", "replace": "replace_value", "key": "find_key", "value": "replace_value", "regex": "is_regex",
    "path": "file_path",
}  # fmt: skip


def from_file(
    path: str, environment: str = "", environ: t.Mapping[str, str] | None = None, *, strict: bool = False
) -> Parameters:
    """The rules of a parameter file for an environment. ``environ`` has the values of ``$ENV:NAME``.

    ``strict`` as for `build`. Raises MissingLibraryError where PyYAML (or, for key_value_replace, jsonpath-ng) is absent.
    """
    problems: list[Problem] = []
    document = _document(path, os.path.basename(path), problems)
    sections = dict(document.value) if document and isinstance(document.value, dict) else {}
    if document and document.value is not None and not isinstance(document.value, dict):
        problems.append(document.problem("the file isn't a mapping of rule kinds", f"Use {', '.join(SECTIONS)}"))
    for template in _templates(path, sections, problems):
        for name, section in template.items():
            sections[name] = _joined(sections[name], section, problems) if name in sections else section
    return build(sections, environment, environ or {}, problems, strict)


def from_option(
    value: t.Any, environment: str = "", environ: t.Mapping[str, str] | None = None, *, strict: bool = False
) -> Parameters:
    """The rules of a module option: the file's own mapping, or a list of rules in short names.

    A rule in short names is ``{find, replace}`` or ``{key, value}``, with regex, ignore_case, item_type, item_name and
    path. Its replacement is one value, or a mapping by environment.
    """
    if isinstance(value, (list, tuple)):
        sections: dict[str, Located] = {}
        texts: list[Located] = []
        keys: list[Located] = []
        for index, entry in enumerate(value):
            place = f"parameters[{index}]"
            if not isinstance(entry, dict):
                what = Problem(place, 0, 0, "the rule isn't a mapping", "Write {find: ..., replace: ...}")
                return Parameters(Rules(), (what,))
            named = {_SHORT_NAMES.get(str(name), str(name)): found for name, found in entry.items()}
            replacement = named.get("replace_value")
            if replacement is not None and not isinstance(replacement, dict):
                named["replace_value"] = {"_ALL_": replacement}
            (keys if "find_key" in named else texts).append(locate(named, place))
        if texts:
            sections["find_replace"] = Located(texts, "parameters")
        if keys:
            sections["key_value_replace"] = Located(keys, "parameters")
        return build(sections, environment, environ or {}, [], strict)
    located = locate(value, "parameters")
    found = located.value if isinstance(located.value, dict) else {}
    problems = (
        [] if isinstance(located.value, dict) else [located.problem("no rules are given", "Give a list of rules")]
    )
    return build(found, environment, environ or {}, problems, strict)


def _document(path: str, file: str, problems: list[Problem]) -> Located | None:
    try:
        with open(path, encoding="utf-8") as handle:
            text = handle.read(located_yaml.MAX_TEXT + 1)
    except ValueError as exc:
        encoded = isinstance(exc, UnicodeDecodeError)
        what = "the file isn't UTF-8 text" if encoded else "the path has a character that no path can have"
        problems.append(Problem(file, 0, 0, what, "Save it as UTF-8" if encoded else "Correct the path"))
        return None
    except OSError as exc:
        problems.append(Problem(file, 0, 0, f"the file can't be read: {exc.strerror or exc}", "Correct the path"))
        return None
    document, found = read(text, file)
    problems.extend(found)
    if document.value is None and not found:
        problems.append(Problem(file, 0, 0, "the file is empty", f"Add rules: {', '.join(SECTIONS[:3])}"))
    return document


def _templates(path: str, sections: dict[str, Located], problems: list[Problem]) -> t.Iterator[t.Mapping[str, Located]]:
    extend = sections.pop("extend", None)
    if extend is None:
        return
    if not isinstance(extend.value, list):
        problems.append(extend.problem("extend isn't a list of files", "Write a list of paths"))
        return
    paths = [entry for entry in extend.value if isinstance(entry.value, str) and entry.value]
    problems += [
        entry.problem("this entry of extend isn't a file's path", "Write a list of paths")
        for entry in extend.value
        if entry not in paths
    ]
    for name in dict.fromkeys(entry.value for entry in paths):
        document = _document(os.path.join(os.path.dirname(path), name), name, problems)
        if document is None or document.value is None:
            continue  # reported by _document
        if not isinstance(document.value, dict):
            what = f"the template is {_shape(document.value)}, not a mapping of rule kinds"
            problems.append(document.problem(what, f"Use {', '.join(SECTIONS[:4])}"))
            continue
        if "extend" in document.value:
            what = "a template can't extend another one"
            problems.append(document.value["extend"].problem(what, "Name that file in the main file's extend"))
            continue
        yield document.value


def _shape(value: t.Any) -> str:
    return "a list" if isinstance(value, list) else "a text" if isinstance(value, str) else "a single value"


def _joined(first: Located, second: Located, problems: list[Problem]) -> Located:
    if isinstance(first.value, list) and isinstance(second.value, list):
        return Located(first.value + second.value, first.file, first.line, first.column)
    if isinstance(first.value, dict) and isinstance(second.value, dict):
        joined = dict(first.value)
        for name, found in second.value.items():
            joined[name] = _joined(joined[name], found, problems) if name in joined else found
        return Located(joined, first.file, first.line, first.column)
    problems.append(second.problem("this has another form than in the file that extends it", "Use one form in both"))
    return first
