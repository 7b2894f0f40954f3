# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The desired content: the folder, its parameters and its dependencies, checked before the first request."""

from __future__ import annotations

import dataclasses
import types
import typing as t

from .._content import checks, folder_rules, graph, item_checks
from .._content.folder import Scan, scan, scan_item
from .._content.item import SEMANTIC_MODEL, LocalItem
from .._content.package import Package
from .._content.parameters.build import Parameters
from .._content.parameters.rules import Rules
from .._content.parameters.substitution import Substitution
from .._content.problem import ERROR, Problem, refuse


class Desired(t.NamedTuple):
    """The items, in the graph's order, with the rules of the environment applied as far as that needs no request.

    ``warnings`` are findings that do not stop the deployment. ``substitutions`` (of definitions) and ``packages`` (of
    files) have the item's identity as key. ``outside`` are items of the folder that the patterns exclude. ``named`` are
    the items that an item (by its identity) references by their logical ids. ``value_sets`` are the value sets to
    activate in variable libraries, by the item's identity.
    """

    graph: graph.Graph
    substitutions: dict[int, Substitution]
    rules: Rules
    warnings: tuple[Problem, ...]
    packages: dict[int, Package]
    outside: tuple[LocalItem, ...] = ()
    named: t.Mapping[int, tuple[LocalItem, ...]] = types.MappingProxyType({})
    value_sets: t.Mapping[int, str] = types.MappingProxyType({})

    @property
    def items(self) -> tuple[LocalItem, ...]:
        return self.graph.items

    def substitution(self, item: LocalItem) -> Substitution:
        return self.substitutions[id(item)]

    def provides(self, item_type: str, name: str) -> bool:
        """Whether the item is among the items, or a file contains it."""
        key = (item_type, name.casefold())
        return any(item.key == key for item in self.items) or (
            item_type == SEMANTIC_MODEL and self.provides_model(name)
        )

    def provides_model(self, name: str) -> bool:
        """Whether a file contains a semantic model of that name."""
        return name.casefold() in checks.models_in_files(self.items, self.packages)


def read(
    src: str,
    *,
    include: t.Sequence[str] = (),
    exclude: t.Sequence[str] = (),
    environment: str = "",
    parameters: t.Any = None,
    strict: bool = False,
    allow_unknown_types: t.Sequence[str] = (),
    environ: t.Mapping[str, str],
) -> Desired:
    """Scan ``src`` and apply ``parameters`` (a parameter.yml's path, or rules as a module option).

    With ``strict`` a rule without effect is an error. Raises ContentError with every problem, before the first request.
    """
    found = scan(src, include, exclude, allow_unknown_types)
    return _desired(found, checks.read_rules(parameters, environment, environ, strict), environment, strict=strict)


def read_item(
    src: str,
    *,
    name: str,
    folder: str,
    environment: str,
    parameters: t.Any,
    strict: bool = False,
    allow_unknown_types: t.Sequence[str] = (),
    environ: t.Mapping[str, str],
) -> Desired:
    """The one item whose folder is ``src``, with another ``name`` if that is not empty. Otherwise as `read`."""
    found = scan_item(src, allow_unknown_types)
    items = [dataclasses.replace(item, display_name=name or item.display_name, folder=folder) for item in found.items]
    problems = [*found.problems, *folder_rules.problems_of([folder])]
    problems += [problem for item in items if name for problem in item_checks.check_display_name(item)]
    scanned = dataclasses.replace(found, items=tuple(items), problems=tuple(problems))
    built = checks.read_rules(parameters, environment, environ, strict)
    return _desired(scanned, built, environment, strict=strict, single=True)


def _desired(
    found: Scan, built: Parameters, environment: str, *, strict: bool = False, single: bool = False
) -> Desired:
    checked = checks.check(found, built, environment, strict=strict, single=single)
    errors = {problem for problem in checked.problems if problem.severity == ERROR}
    refuse(checked.problems, option="parameters" if errors and errors <= set(built.problems) else "src")
    return Desired(
        checked.graph,
        checked.substitutions,
        checked.rules,
        checked.problems,
        checked.packages,
        found.outside,
        checked.named,
        checked.value_sets,
    )
