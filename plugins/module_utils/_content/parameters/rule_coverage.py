# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Problems for rules without effect: no file passes their filters, no match was found, the model does not exist."""

from __future__ import annotations

import typing as t

from .. import platform
from ..item import DEFINITION, LocalItem
from ..located_yaml import Located
from ..problem import ERROR, WARNING, Problem
from ..problem_codes import NO_EFFECT
from . import platform_rules, spark_pools
from .rules import KeyRule, Rules, TextRule, path_pattern, text_pattern
from .substitution import substitute

Rule = t.Union[KeyRule, TextRule]


def without_effect(
    rules: Rules,
    items: t.Sequence[LocalItem],
    hits: t.Iterable[int],
    *,
    models: t.Iterable[str],
    outside: t.Sequence[LocalItem] = (),
    single: bool = False,
    strict: bool = False,
) -> t.Iterator[Problem]:
    """A finding for each rule that does nothing: a warning, or with ``strict`` an error.

    ``hits`` are those of the substitutions of ``items``; ``models`` the names of all semantic models. A rule for an
    item that the patterns exclude (``outside``) is not one of them. ``single``: the rules are those of a whole folder,
    so filters that don't match the only item are no problem.
    """
    severity = ERROR if strict else WARNING
    found = set(hits)
    every: tuple[Rule, ...] = (*rules.key_rules, *rules.text_rules)
    left = [rule for rule in every if id(rule) not in found]
    if left and outside:
        elsewhere = {hit for item in outside if item.kind == DEFINITION for hit in substitute(item, rules).hits}
        left = [rule for rule in left if id(rule) not in elsewhere]
    everything = (*items, *outside)
    yield from platform_rules.problems_of(every, left, everything)
    refused = {id(rule) for rule in left if platform_rules.is_refused(rule, everything)}
    for rule in left:
        texts = list(_texts(rule, everything))
        if texts and id(rule) not in refused:
            yield rule.place.problem(*_not_found(rule, texts), severity, NO_EFFECT)
        elif not texts and not single:
            what = "the filters of this rule match no file, so it does nothing"
            yield rule.place.problem(what, "Correct item_type, item_name or file_path", severity, NO_EFFECT)
    reported = {id(rule) for rule in left}
    for rule in () if single else every:
        if id(rule) not in reported:
            yield from _unmatched_values(rule, everything, severity)
    known = set(models)
    for name in () if single else sorted(set(rules.connections) - known):
        same = next((model for model in known if model.casefold() == name.casefold()), "")
        remedy = f"Write {same!r}" if same else "Correct semantic_model_name"
        what = f"the folder holds no semantic model {name!r}, so its binding does nothing"
        yield Problem("semantic_model_binding", 0, 0, what, remedy, severity, NO_EFFECT)


def _texts(rule: Rule, items: t.Iterable[LocalItem]) -> t.Iterator[tuple[str, str]]:
    """Path and text of each part that passes the rule's filters."""
    for item in items:
        if rule.filter.takes_item(item):
            for path, data in item.parts.items():
                if rule.filter.takes_path(f"{item.path}/{path}"):
                    yield path, data.decode("utf-8", "replace")


def _unmatched_values(rule: Rule, items: t.Sequence[LocalItem], severity: str) -> t.Iterator[Problem]:
    """Problems for values of a rule's filters that match nothing, beside others that do."""
    given = rule.place.value if isinstance(rule.place.value, dict) else {}
    names = {item.display_name for item in items}
    for raw, name in zip(_raw(given.get("item_name")), rule.filter.item_names):
        if name not in names:
            same = next((other for other in names if other.casefold() == name.casefold()), "")
            remedy = f"Write {same!r}" if same else "Correct item_name"
            what = f"no item has the item_name {raw.value!r}"
            yield raw.problem(what, remedy, severity, NO_EFFECT)
    for raw, path in zip(_raw(given.get("file_path")), rule.filter.paths):
        pattern = path_pattern(path)
        if not any(pattern.match(f"{item.path}/{part}") for item in items for part in item.parts):
            yield raw.problem(f"no file has the file_path {raw.value!r}", "Correct file_path", severity, NO_EFFECT)


def _raw(found: Located | None) -> t.Sequence[Located]:
    """The values of a filter as written: those of environment variables must not be part of a message."""
    if found is None:
        return ()
    return found.value if isinstance(found.value, list) else (found,)


def _not_found(rule: Rule, texts: t.Sequence[tuple[str, str]]) -> tuple[str, str]:
    """The problem of a rule without a hit, and the remedy."""
    if isinstance(rule, KeyRule):
        return "find_key matches nothing, so the rule does nothing", "Correct find_key or the filters"
    if rule.kind == spark_pools.KIND:
        return "no environment has this instance_pool_id, so the rule does nothing", "Correct it, or item_name"
    if isinstance(rule.find, str):
        pattern = text_pattern(rule.find, regex=rule.regex, ignore_case=True)
        hits = {path for path, text in texts if pattern.search(text)}
        if hits == {platform.PART}:
            return "the text is in .platform only, to which rules are not applied", "Change .platform itself"
        if hits - {platform.PART}:
            return "the text is there in other case only, so the rule does nothing", "Correct it, or set ignore_case"
    return "find_value is not found, so the rule does nothing", "Correct find_value or the filters"
