# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The desired content: a folder with its parameters and dependencies, one item, or files, checked before the first request."""

from __future__ import annotations

import dataclasses
import os
import types
import typing as t

from .._content import checks, file_checks, folder_rules, graph, item_checks, patterns
from .._content.folder import Scan, scan, scan_item
from .._content.item import DEFINITION, FILE_TYPES, SEMANTIC_MODEL, LocalItem
from .._content.package import Package
from .._content.parameters.build import Parameters
from .._content.parameters.rules import Rules
from .._content.parameters.substitution import Substitution
from .._content.problem import ERROR, Problem, refuse
from .._errors import ConfigError


class Desired(t.NamedTuple):
    """The items, in the graph's order, with the rules of the environment applied as far as that needs no request.

    ``warnings`` are findings that do not stop the deployment. ``substitutions`` are those of definitions, ``packages``
    those of files. ``outside`` are items of the folder that the patterns exclude. ``named`` are the items that an item
    references by their logical ids. ``value_sets`` are the value sets to activate in variable libraries. ``source`` is the
    name of the folder's root; ``whole``: the items are those of a folder, not a single one; ``renamed``: the single one has
    another name than its folder. ``selection`` are the patterns of the folder, ``empty_folders`` the folders in it that are
    empty.
    """

    graph: graph.Graph
    substitutions: dict[LocalItem, Substitution]
    rules: Rules
    warnings: tuple[Problem, ...]
    packages: dict[LocalItem, Package]
    outside: tuple[LocalItem, ...] = ()
    named: t.Mapping[LocalItem, tuple[LocalItem, ...]] = types.MappingProxyType({})
    value_sets: t.Mapping[LocalItem, str] = types.MappingProxyType({})
    source: str = ""
    whole: bool = True
    renamed: bool = False
    selection: patterns.Selection = patterns.Selection()
    empty_folders: tuple[str, ...] = ()

    @property
    def items(self) -> tuple[LocalItem, ...]:
        return self.graph.items

    def substitution(self, item: LocalItem) -> Substitution:
        return self.substitutions[item]

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
    desired = _desired(found, checks.read_rules(parameters, environment, environ, strict), environment, strict=strict)
    selection = patterns.Selection(tuple(include), tuple(exclude))
    source = os.path.basename(os.path.abspath(src))
    return desired._replace(source=source, selection=selection, empty_folders=found.empty_folders)


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
    """The one item whose folder is ``src``, with another ``name`` if that is not empty. Otherwise as `read`.

    An item of another name is one of its own: it does not have the logical id of the folder.
    """
    found = scan_item(src, allow_unknown_types)
    renamed = bool(name) and any(item.display_name.casefold() != name.casefold() for item in found.items)
    items = [dataclasses.replace(item, display_name=name or item.display_name, folder=folder) for item in found.items]
    items = [dataclasses.replace(item, logical_id="") for item in items] if renamed else items
    problems = [*found.problems, *folder_rules.problems_of([folder])]
    problems += [problem for item in items if name for problem in item_checks.check_display_name(item)]
    scanned = dataclasses.replace(found, items=tuple(items), problems=tuple(problems))
    built = checks.read_rules(parameters, environment, environ, strict)
    desired = _desired(scanned, built, environment, strict=strict, single=True)
    source = os.path.basename(os.path.dirname(os.path.abspath(src)))
    return desired._replace(source=source, whole=False, renamed=renamed)


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


def read_files(paths: t.Sequence[str], *, name: str = "", folder: str = "") -> Desired:
    """The .pbix, .rdl and .xlsx files of ``paths``: files, or folders with their subfolders.

    ``name`` replaces the name of a single file; ``folder`` is the target workspace folder. Raises ContentError as `read`,
    ConfigError for a name with several files.
    """
    if name and (len(paths) != 1 or os.path.isdir(paths[0])):
        raise ConfigError("name is for a single file", option="name", remedy="remove it, or give one file in src")
    items: list[LocalItem] = []
    problems: list[Problem] = []
    for path in paths:
        if os.path.isdir(path):
            scanned = scan(path)
            files = [item for item in scanned.items if item.kind != DEFINITION]
            problems += [problem for problem in scanned.problems if _concerns_files(problem, files)]
            items += [_placed(item, folder) for item in files]
            if not files:
                problems.append(Problem(path, 0, 0, "there is no .pbix, .rdl or .xlsx file in it"))
        else:
            item, found = _check_single(_single(path, name, folder))
            items.append(item)
            problems += found
    problems += folder_rules.problems_of([folder] if folder else [])
    seen: dict[tuple[str, str], LocalItem] = {}
    for item in items:
        first = seen.setdefault(item.key, item)
        if first is not item:
            what = f"{item} has the name of the {first.type} in {first.source}"
            problems.append(Problem(item.source, 0, 0, what, "Rename one: a name is unique per type in a workspace"))
    refuse(problems)
    order, _cycles = graph.build(items)
    return Desired(order, {}, Rules(), tuple(problems), checks.packages_of(items))


def _concerns_files(problem: Problem, files: t.Sequence[LocalItem]) -> bool:
    """Whether a finding of a scan is about a file (and not, for example, a link out of the folder), or its folders."""
    if os.path.splitext(problem.file)[1].lower() in FILE_TYPES:
        return True
    return any(f"{item.path}/".startswith(f"{problem.file}/") for item in files)


def _placed(item: LocalItem, folder: str) -> LocalItem:
    return dataclasses.replace(item, folder="/".join(filter(None, (folder, item.folder))))


def _single(path: str, name: str, folder: str) -> LocalItem:
    stem, suffix = os.path.splitext(os.path.basename(path))
    if suffix.lower() not in FILE_TYPES:
        refuse([Problem(path, 0, 0, "this is no .pbix, .rdl or .xlsx file, and no folder")])
    return LocalItem(
        FILE_TYPES[suffix.lower()],
        name or stem,
        suffix[1:].lower(),
        os.path.abspath(path),
        path,
        folder,
        size=os.path.getsize(path) if os.path.isfile(path) else 0,
    )


def _check_single(item: LocalItem) -> tuple[LocalItem, list[Problem]]:
    if not os.path.isfile(item.source):
        return item, [Problem(item.path, 0, 0, "there is no such file")]
    checked, problems = file_checks.checked(item)
    return checked, [*item_checks.check_name(item.display_name, item.path, "the name"), *problems]
