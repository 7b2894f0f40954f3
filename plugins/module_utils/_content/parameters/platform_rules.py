# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Rules and `.platform`: rules do not change names and descriptions, so a rule that is meant to is refused."""

from __future__ import annotations

import re
import typing as t

from ..._errors import listed
from .. import json_text, platform
from ..item import LocalItem
from ..problem import WARNING, Problem
from ..text import decode
from .rules import KeyRule, TextRule, jsonpath, text_pattern

Rule = t.Union[KeyRule, TextRule]

_NAMED = ("displayName", "description")
_REMEDY = "Give the name and the description in .platform, and deploy items of other names from a folder of their own"


def problems_of(
    rules: t.Iterable[Rule], without_hit: t.Sequence[Rule], items: t.Sequence[LocalItem]
) -> t.Iterator[Problem]:
    """An error for each rule that could only change `.platform`; a warning where it finds a name besides its hits."""
    left = {id(rule) for rule in without_hit}
    for rule in rules:
        if id(rule) in left:
            if is_refused(rule, items):
                what = "rules do not change .platform, and this one applies to nothing else"
                yield rule.place.problem(what, _REMEDY)
            continue
        named = _items_named(rule, items)
        if named:
            what = f"the rule also matches the name or the description of {listed(named)}, which rules do not change"
            yield rule.place.problem(what, _REMEDY, WARNING)


def is_refused(rule: Rule, items: t.Sequence[LocalItem]) -> bool:
    """Whether a rule without a hit is aimed at `.platform`: by its filters, or because only a name matches."""
    parts = [
        path
        for item in items
        if rule.filter.takes_item(item)
        for path in item.parts
        if rule.filter.takes_path(f"{item.path}/{path}")
    ]
    return (bool(parts) and set(parts) == {platform.PART}) or bool(_items_named(rule, items))


def _items_named(rule: Rule, items: t.Iterable[LocalItem]) -> list[str]:
    """The items whose display name or description the rule matches."""
    pattern = _pattern(rule)
    return [
        str(item)
        for item in items
        if platform.PART in item.parts
        and rule.filter.takes_item(item)
        and rule.filter.takes_path(f"{item.path}/{platform.PART}")
        and (_has_key(rule, item) if isinstance(rule, KeyRule) else pattern is not None and _has_text(pattern, item))
    ]


def _pattern(rule: Rule) -> re.Pattern[str] | None:
    if isinstance(rule, KeyRule) or not isinstance(rule.find, str) or not rule.find:
        return None
    return text_pattern(rule.find, regex=rule.regex, ignore_case=rule.ignore_case)


def _has_text(pattern: re.Pattern[str], item: LocalItem) -> bool:
    return any(pattern.search(text) for text in (item.display_name, item.description or ""))


def _has_key(rule: KeyRule, item: LocalItem) -> bool:
    value = json_text.parse(decode(item.parts[platform.PART]) or "", platform.PART)[0]
    metadata = value.get("metadata") if isinstance(value, dict) else None
    if not isinstance(metadata, dict):
        return False
    paths = {str(match.full_path) for match in jsonpath(rule.key).find(value)}
    return any(f"metadata.{name}" in paths for name in _NAMED)
