# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""All checks of a folder that need no connection: its items, its parameters and its dependencies.

The modules that deploy and powerbi_content_info find the same problems, because both call `check`.
"""

from __future__ import annotations

import os
import typing as t

from .._errors import ConfigError
from . import duplicates, graph, logical_ids, package, problem_codes
from .folder import Scan
from .item import DEFINITION, SEMANTIC_MODEL, LocalItem
from .package import Package
from .parameters import file, rule_coverage, value_sets
from .parameters.build import Parameters
from .parameters.rules import Rules
from .parameters.substitution import Substitution, substitute
from .problem import ERROR, WARNING, Problem


class Checked(t.NamedTuple):
    """A folder's content with the rules applied, and every problem, warnings included.

    With an error among the problems, the content may be incomplete. ``substitutions`` are those of definitions, ``packages``
    those of files, ``named`` the items that an item references by their logical ids, ``value_sets`` the value sets to
    activate.
    """

    graph: graph.Graph
    rules: Rules
    problems: tuple[Problem, ...]
    substitutions: dict[LocalItem, Substitution]
    packages: dict[LocalItem, Package]
    named: dict[LocalItem, tuple[LocalItem, ...]]
    value_sets: dict[LocalItem, str]


def read_rules(parameters: t.Any, environment: str, environ: t.Mapping[str, str], strict: bool) -> Parameters:
    """The rules of the option `parameters` for an environment, with their problems.

    Raises ConfigError for an empty path, MissingLibraryError as `file.from_file`.
    """
    if parameters == "":
        raise ConfigError(
            "`parameters` is empty", option="parameters", remedy="name a file, give rules, or leave it out"
        )
    if not parameters:
        return Parameters(Rules(), tuple(_useless(environment, strict)))
    if isinstance(parameters, str):
        built = file.from_file(os.path.expanduser(parameters), environment, environ, strict=strict)
    else:
        built = file.from_option(parameters, environment, environ, strict=strict)
    return built._replace(problems=problem_codes.coded(built.problems, problem_codes.PARAMETERS))


def _useless(environment: str, strict: bool) -> t.Iterator[Problem]:
    if environment:
        what = f"it is {environment!r}, but without `parameters` it does nothing"
        yield Problem("environment", 0, 0, what, "Give parameters, or remove it", ERROR if strict else WARNING)


def check(found: Scan, built: Parameters, environment: str, *, strict: bool = False, single: bool = False) -> Checked:
    """Check the items of a scan with the rules of `read_rules`.

    Where an item or a rule itself has an error, the checks that depend on it are left out: their findings would follow
    from the first ones. ``single``: the scan is that of one item.
    """
    problems = [*found.problems, *built.problems]
    if any(problem.severity == ERROR for problem in problems):
        order, _cycles = graph.build(found.items, found.outside)
        return Checked(order, built.rules, tuple(sorted(set(problems))), {}, {}, {}, {})
    rules, items = built.rules, found.items
    substitutions = {item: substitute(item, rules) for item in items if item.kind == DEFINITION}
    packages = packages_of(items)
    extra = _needs_of_variables(items, substitutions, packages)
    named = _named(items, found.outside, substitutions)
    for item, others in named.items():
        extra.setdefault(item, []).extend(others)
    order, cycles = graph.build(items, found.outside, extra)
    if _add_needs_of_files(order, packages, extra):
        order, cycles = graph.build(items, found.outside, extra)
    active, inactive = value_sets.chosen(items, substitutions, environment)
    if active:  # the environment has an effect, also without parameters
        problems = [problem for problem in problems if problem.file != "environment"]
    problems += [*inactive, *cycles, *_duplicates(items, packages)]
    of_rules = [problem for substitution in substitutions.values() for problem in substitution.problems]
    problems += problem_codes.coded(of_rules, problem_codes.PARAMETERS)
    problems += rule_coverage.without_effect(
        rules,
        items,
        {hit for substitution in substitutions.values() for hit in substitution.hits},
        models={item.display_name for item in (*items, *found.outside) if item.type == SEMANTIC_MODEL}
        | {item.display_name for item in models_in_files(items, packages).values()},
        outside=() if single else found.outside,
        single=single,
        strict=strict,
    )
    return Checked(order, rules, tuple(problems), substitutions, packages, named, active)


def _named(
    items: t.Sequence[LocalItem], outside: t.Sequence[LocalItem], substitutions: t.Mapping[LocalItem, Substitution]
) -> dict[LocalItem, tuple[LocalItem, ...]]:
    """The items that an item references by their logical ids, as git integration writes references. Those ``outside`` are
    not deployed; they may be in the workspace already."""
    everything = (*outside, *items)
    known = {item.logical_id: item for item in everything if item.logical_id and item.kind == DEFINITION}
    named: dict[LocalItem, tuple[LocalItem, ...]] = {}
    for item in items:
        if item in substitutions:
            found = sorted(logical_ids.named_in(substitutions[item].parts, known) - {item.logical_id})
            named.update({item: tuple(known[logical_id] for logical_id in found)} if found else {})
    return named


def packages_of(items: t.Iterable[LocalItem]) -> dict[LocalItem, Package]:
    """The packages of the files."""
    return {item: package.read(item.source, item.kind) for item in items if item.kind != DEFINITION}


def models_in_files(items: t.Iterable[LocalItem], packages: t.Mapping[LocalItem, Package]) -> dict[str, LocalItem]:
    """The files that contain a semantic model, by its name (casefold)."""
    provides = (item for item in items if item in packages and packages[item].has_model)
    return {item.display_name.casefold(): item for item in provides}


def _duplicates(items: t.Sequence[LocalItem], packages: t.Mapping[LocalItem, Package]) -> t.Iterator[Problem]:
    """Problems for semantic models that are given as a definition and in a file as well."""
    models = models_in_files(items, packages)
    for item in items:
        if item.type == SEMANTIC_MODEL and item.display_name.casefold() in models:
            other = models[item.display_name.casefold()]
            if other is not item:
                what = f"{other.path} contains a semantic model of the same name as {item.path}"
                yield Problem(other.path, 0, 0, what, duplicates.remedy_of(item, other), code="duplicate-name")


def _add_needs_of_files(
    order: graph.Graph, packages: t.Mapping[LocalItem, Package], extra: dict[LocalItem, list[LocalItem]]
) -> bool:
    """Add the dependencies of reports on semantic models that a .pbix contains. Returns whether there are any."""
    models = models_in_files(order.items, packages)
    found = False
    for item, references in zip(order.items, order.external):
        for reference in references:
            bound = reference.binding
            target = models.get(bound.model.casefold()) if not (bound.workspace or bound.server) else None
            if target is not None and target is not item:
                extra.setdefault(item, []).append(target)
                found = True
    return found


def _needs_of_variables(
    items: t.Sequence[LocalItem],
    substitutions: t.Mapping[LocalItem, Substitution],
    packages: t.Mapping[LocalItem, Package],
) -> dict[LocalItem, list[LocalItem]]:
    """The dependencies of an item whose parameters refer to the id of another: that item, or the file that contains it."""
    by_key = {(SEMANTIC_MODEL, name): item for name, item in models_in_files(items, packages).items()}
    by_key.update({item.key: item for item in items})
    needs: dict[LocalItem, list[LocalItem]] = {}
    for item in items:
        substitution = substitutions.get(item)
        for variable in substitution.pending if substitution else ():
            target = by_key.get((variable.item_type, variable.item_name.casefold()))
            if target is not None and not variable.workspace:
                needs.setdefault(item, []).append(target)
    return needs
