# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The desired content: the folder, its parameters and its dependencies, checked before the first request."""

from __future__ import annotations

import dataclasses
import os
import types
import typing as t

from .._content import folder_rules, graph, item_checks, logical_ids, package
from .._content.folder import Scan, scan, scan_item
from .._content.item import DEFINITION, SEMANTIC_MODEL, LocalItem
from .._content.package import Package
from .._content.parameters import file, rule_coverage, value_sets
from .._content.parameters.rules import Rules
from .._content.parameters.substitution import Substitution, substitute
from .._content.problem import ERROR, WARNING, Problem, refuse
from .._errors import ConfigError


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
        return name.casefold() in _models(self.items, self.packages)


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
    return _desired(found, _rules(parameters, environment, environ, strict), environment, strict=strict)


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
    built = _rules(parameters, environment, environ, strict)
    return _desired(scanned, built, environment, strict=strict, single=True)


def _desired(
    found: Scan,
    built: tuple[Rules, tuple[Problem, ...]],
    environment: str,
    *,
    strict: bool = False,
    single: bool = False,
) -> Desired:
    rules, rule_problems = built
    items = found.check()
    substitutions = {id(item): substitute(item, rules) for item in items if item.kind == DEFINITION}
    packages = packages_of(items)
    extra = _needs_of_variables(items, substitutions, packages)
    named = _named(items, substitutions)
    for item, others in named.items():
        extra.setdefault(item, []).extend(others)
    order, cycles = graph.build(items, found.outside, extra)
    if _add_needs_of_files(order, packages, extra):
        order, cycles = graph.build(items, found.outside, extra)
    active, inactive = value_sets.chosen(items, substitutions, environment)
    if active:  # the environment has an effect, also without parameters
        rule_problems = tuple(problem for problem in rule_problems if problem.file != "environment")
    problems = [*found.problems, *rule_problems, *inactive, *cycles, *_duplicates(items, packages)]
    problems += [problem for substitution in substitutions.values() for problem in substitution.problems]
    problems += rule_coverage.without_effect(
        rules,
        items,
        {hit for substitution in substitutions.values() for hit in substitution.hits},
        models={item.display_name for item in (*items, *found.outside) if item.type == SEMANTIC_MODEL}
        | {item.display_name for item in _models(items, packages).values()},
        outside=() if single else found.outside,
        single=single,
        strict=strict,
    )
    refuse(problems)
    by_identity = {id(item): tuple(others) for item, others in named.items()}
    return Desired(order, substitutions, rules, tuple(problems), packages, found.outside, by_identity, active)


def _named(
    items: t.Sequence[LocalItem], substitutions: t.Mapping[int, Substitution]
) -> dict[LocalItem, list[LocalItem]]:
    """The items that an item references by their logical ids, as git integration writes references."""
    known = {item.logical_id: item for item in items if item.logical_id and item.kind == DEFINITION}
    named: dict[LocalItem, list[LocalItem]] = {}
    for item in items:
        if id(item) in substitutions:
            found = sorted(logical_ids.named_in(substitutions[id(item)].parts, known) - {item.logical_id})
            named.update({item: [known[logical_id] for logical_id in found]} if found else {})
    return named


def packages_of(items: t.Iterable[LocalItem]) -> dict[int, Package]:
    """The packages of the files, by their items' identity."""
    return {id(item): package.read(item.source, item.kind) for item in items if item.kind != DEFINITION}


def _models(items: t.Iterable[LocalItem], packages: t.Mapping[int, Package]) -> dict[str, LocalItem]:
    """The files that contain a semantic model, by its name (casefold)."""
    provides = (item for item in items if id(item) in packages and packages[id(item)].has_model)
    return {item.display_name.casefold(): item for item in provides}


def _duplicates(items: t.Sequence[LocalItem], packages: t.Mapping[int, Package]) -> t.Iterator[Problem]:
    """Problems for semantic models that are given as a definition and in a file as well."""
    models = _models(items, packages)
    for item in items:
        if item.type == SEMANTIC_MODEL and item.display_name.casefold() in models:
            other = models[item.display_name.casefold()]
            if other is not item:
                what = f"{other.path} contains a semantic model of the same name as {item.path}"
                yield Problem(other.path, 0, 0, what, "Rename one, or leave one out with exclude")


def _add_needs_of_files(
    order: graph.Graph, packages: t.Mapping[int, Package], extra: dict[LocalItem, list[LocalItem]]
) -> bool:
    """Add the dependencies of reports on semantic models that a .pbix contains. Returns whether there are any."""
    models = _models(order.items, packages)
    found = False
    for item, references in zip(order.items, order.external):
        for reference in references:
            bound = reference.binding
            target = models.get(bound.model.casefold()) if not (bound.workspace or bound.server) else None
            if target is not None and target is not item:
                extra.setdefault(item, []).append(target)
                found = True
    return found


def _rules(
    parameters: t.Any, environment: str, environ: t.Mapping[str, str], strict: bool
) -> tuple[Rules, tuple[Problem, ...]]:
    if parameters == "":
        raise ConfigError(
            "`parameters` is empty", option="parameters", remedy="name a file, give rules, or leave it out"
        )
    if not parameters:
        return Rules(), tuple(_useless(environment, strict))
    if isinstance(parameters, str):
        built = file.from_file(os.path.expanduser(parameters), environment, environ, strict=strict)
    else:
        built = file.from_option(parameters, environment, environ, strict=strict)
    refuse(built.problems, option="parameters")
    return built


def _useless(environment: str, strict: bool) -> t.Iterator[Problem]:
    if environment:
        what = f"it is {environment!r}, but without `parameters` it does nothing"
        yield Problem("environment", 0, 0, what, "Give parameters, or remove it", ERROR if strict else WARNING)


def _needs_of_variables(
    items: t.Sequence[LocalItem], substitutions: t.Mapping[int, Substitution], packages: t.Mapping[int, Package]
) -> dict[LocalItem, list[LocalItem]]:
    """The dependencies of an item whose parameters refer to the id of another: that item, or the file that contains it."""
    by_key = {(SEMANTIC_MODEL, name): item for name, item in _models(items, packages).items()}
    by_key.update({item.key: item for item in items})
    needs: dict[LocalItem, list[LocalItem]] = {}
    for item in items:
        substitution = substitutions.get(id(item))
        for variable in substitution.pending if substitution else ():
            target = by_key.get((variable.item_type, variable.item_name.casefold()))
            if target is not None and not variable.workspace:
                needs.setdefault(item, []).append(target)
    return needs
