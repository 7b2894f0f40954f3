# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""What a folder holds, as result values: items, references, the rules that apply, problems."""

from __future__ import annotations

import typing as t

from ..checks import Checked
from ..item import SEMANTIC_MODEL, LocalItem
from ..parameters.rules import KeyRule, TextRule
from ..problem import Problem
from ..references import references
from .places import by_severity

MAX_PROBLEMS = 1_000
"""The maximum number of problems in a result."""


def items(found: t.Iterable[LocalItem]) -> list[dict[str, t.Any]]:
    return [
        {
            "name": item.display_name,
            "type": item.type,
            "kind": item.kind,
            "path": item.path,
            "folder": item.folder,
            "logical_id": item.logical_id,
        }
        for item in found
    ]


def dependencies(checked: Checked, outside: t.Sequence[LocalItem]) -> list[dict[str, t.Any]]:
    """The references of the items. Those that only the rules make have the kind "parameter"."""
    graph = checked.graph
    everything = (*graph.items, *outside)
    result = []
    for place, item in enumerate(graph.items):
        named: set[LocalItem | None] = set()
        for reference in references(item, everything):
            target, bound = reference.target, reference.binding
            named.add(target)
            result.append(
                {
                    "source": item.path,
                    "target": target.path if target is not None else "",
                    "kind": reference.how,
                    "model": "" if target is not None else bound.model or bound.path,
                    "model_id": "" if target is not None else bound.model_id,
                    "workspace": "" if target is not None else bound.workspace,
                }
            )
        others = [graph.items[index] for index in sorted(graph.needs[place])]
        result += [
            {
                "source": item.path,
                "target": other.path,
                "kind": "parameter",
                "model": "",
                "model_id": "",
                "workspace": "",
            }
            for other in others
            if other not in named
        ]
    return result


def rules(checked: Checked) -> list[dict[str, t.Any]]:
    """The rules for the environment, each with its place and the items that it changes. Values are left out: secrets."""
    found = checked.rules
    every: list[tuple[str, KeyRule | TextRule]] = [("key_value_replace", rule) for rule in found.key_rules]
    every += [(rule.kind, rule) for rule in found.text_rules]
    result: list[dict[str, t.Any]] = []
    for kind, rule in every:
        changed = [item.path for item, one in checked.substitutions.items() if id(rule) in one.hits]
        result.append({"kind": kind, "file": rule.place.file, "line": rule.place.line, "items": sorted(changed)})
    bound = [
        item.path
        for item in checked.graph.items
        if item.type == SEMANTIC_MODEL and found.connections_of(item.display_name)
    ]
    if bound:
        result.append({"kind": "semantic_model_binding", "file": "", "line": 0, "items": bound})
    return result


def problem_list(problems: t.Iterable[Problem]) -> list[dict[str, t.Any]]:
    """At most `MAX_PROBLEMS` problems, errors first."""
    return [one.to_dict() for one in by_severity(problems)[:MAX_PROBLEMS]]
