# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""What is to be deployed: the folder, its parameters and its dependencies, checked before the first request."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._content import graph, parameter_file
from ansible_collections.community.powerbi.plugins.module_utils._content.folder import scan
from ansible_collections.community.powerbi.plugins.module_utils._content.item import DEFINITION, LocalItem
from ansible_collections.community.powerbi.plugins.module_utils._content.parameter_rules import (
    Rules,
    Substitution,
    substitute,
)
from ansible_collections.community.powerbi.plugins.module_utils._content.problem import Problem, refuse


class Desired(t.NamedTuple):
    """The items, in the graph's order, with the rules of the environment applied as far as that needs no service.

    ``warnings`` are findings that stop nothing.
    """

    graph: graph.Graph
    substitutions: dict[int, Substitution]
    rules: Rules
    warnings: tuple[Problem, ...]

    @property
    def items(self) -> tuple[LocalItem, ...]:
        return self.graph.items

    def substitution(self, item: LocalItem) -> Substitution:
        return self.substitutions[id(item)]


def read(
    src: str,
    *,
    include: t.Sequence[str] = (),
    exclude: t.Sequence[str] = (),
    environment: str = "",
    parameters: t.Any = None,
    environ: t.Mapping[str, str],
) -> Desired:
    """Scan ``src`` and apply ``parameters`` (a parameter.yml's path, or rules as a module option).

    Raises ContentError with every problem that was found, before anything is sent.
    """
    found = scan(src, include, exclude)
    rules, rule_problems = _rules(parameters, environment, environ)
    items = found.check()
    substitutions = {id(item): substitute(item, rules) for item in items if item.kind == DEFINITION}
    extra = _needs_of_variables(items, substitutions)
    order, cycles = graph.build(items, found.outside, extra)
    problems = [*found.problems, *rule_problems, *rules.unused_filters(items), *cycles]
    problems += [problem for substitution in substitutions.values() for problem in substitution.problems]
    refuse(problems)
    return Desired(order, substitutions, rules, tuple(problems))


def _rules(parameters: t.Any, environment: str, environ: t.Mapping[str, str]) -> tuple[Rules, tuple[Problem, ...]]:
    if not parameters:
        return Rules(), ()
    if isinstance(parameters, str):
        built = parameter_file.from_file(os.path.expanduser(parameters), environment, environ)
    else:
        built = parameter_file.from_option(parameters, environment, environ)
    refuse(built.problems, option="parameters")
    return built


def _needs_of_variables(
    items: t.Sequence[LocalItem], substitutions: t.Mapping[int, Substitution]
) -> dict[LocalItem, list[LocalItem]]:
    """An item whose parameters ask for another's id needs that one first."""
    by_key = {item.key: item for item in items}
    needs: dict[LocalItem, list[LocalItem]] = {}
    for item in items:
        substitution = substitutions.get(id(item))
        for variable in substitution.pending if substitution else ():
            target = by_key.get((variable.item_type, variable.item_name.casefold()))
            if target is not None and not variable.workspace:
                needs.setdefault(item, []).append(target)
    return needs
