# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The files to import, without the other items of their folder."""

from __future__ import annotations

import dataclasses
import os
import typing as t

from .._content import file_checks, folder_rules, graph, item_checks
from .._content.checks import packages_of
from .._content.folder import scan
from .._content.item import DEFINITION, FILE_TYPES, LocalItem
from .._content.parameters.rules import Rules
from .._content.problem import Problem, refuse
from .._errors import ConfigError
from .desired import Desired


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
    return Desired(order, {}, Rules(), tuple(problems), packages_of(items))


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
