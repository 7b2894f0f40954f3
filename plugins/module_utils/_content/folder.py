# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""Find the items in a folder and their problems, before the first write.

An item is a folder with a `.platform` part, or one named ``<name>.<item type>``, or a .pbix, .rdl or .xlsx file. Other
folders are workspace folders; hidden ones, those of package managers and those without items are skipped.
"""

from __future__ import annotations

import dataclasses
import os
import posixpath
import typing as t

from . import (
    creation,
    duplicates,
    file_checks,
    folder_rules,
    item_checks,
    item_files,
    logical_ids,
    patterns,
    platform,
    rebind,
    references,
)
from .item import DEFINITION, LocalItem
from .problem import WARNING, Problem, refuse
from .walk import Walk


@dataclasses.dataclass(frozen=True)
class Scan:
    """The items of a folder. ``outside`` are items that the patterns exclude; they may still be referenced.

    ``empty_folders`` are folders without any entry, by their path in the workspace.
    """

    items: tuple[LocalItem, ...]
    problems: tuple[Problem, ...]
    outside: tuple[LocalItem, ...] = ()
    empty_folders: tuple[str, ...] = ()

    def check(self) -> tuple[LocalItem, ...]:
        """The items. Raises ContentError with every problem if one of them is an error."""
        refuse(self.problems)
        return self.items


def scan(src: str, include: t.Sequence[str] = (), exclude: t.Sequence[str] = (), allowed: t.Sequence[str] = ()) -> Scan:
    """Scan a folder. Patterns (shell style) match ``Folder/Name.Type``, ``Name.Type`` or a file's path; a pattern that
    ends with "/" matches a folder and its content. Without a pattern in ``include`` all items match. ``allowed`` are
    types that are accepted besides those of the table."""
    walk = Walk(src, allowed)
    if not os.path.isdir(walk.root):
        return Scan((), (Problem(os.path.abspath(src), 0, 0, "this folder does not exist"),))
    if walk.is_item_root():
        remedy = "Give the folder that contains it, and select it with include; or deploy it alone with powerbi_item"
        return Scan((), (Problem(os.path.abspath(src), 0, 0, "this is the folder of one item", remedy),))
    walk.directory("", "")
    chosen: list[LocalItem] = []
    outside: list[LocalItem] = []
    for item in walk.items:
        taken = (not include or patterns.matches(item, include)) and not patterns.matches(item, exclude)
        (chosen if taken else outside).append(item)
    problems = list(walk.problems)
    problems.extend(patterns.unmatched(walk.items, include, exclude))
    if not walk.items and not problems:
        problems.append(
            Problem(src, 0, 0, "the folder holds no item", "give another src, or check out its content", WARNING)
        )
    names = {item.path for item in chosen}
    # Excluded items may be invalid: only the files of selected items, and those outside of items, are reported.
    left_out = tuple(f"{item.path}/" for item in outside if item.path not in names)
    problems = [found for found in problems if not f"{found.file}/".startswith(left_out)]
    problems.extend(item_files.stray_files([path for path in walk.stray if not path.startswith(left_out)]))
    for place, item in enumerate(chosen):
        if item.kind == DEFINITION:
            chosen[place], found = _checked(item, allowed)
        else:
            problems.extend(item_checks.check_name(item.display_name, item.path, "the name"))
            chosen[place], found = file_checks.checked(item)
        problems.extend(found)
    problems.extend(folder_rules.problems_of(item.folder for item in chosen))
    problems.extend(duplicates.problems_of(chosen))
    problems.extend(references.problems_of(chosen, outside))
    return Scan(tuple(chosen), tuple(sorted(set(problems))), tuple(outside), tuple(walk.empty_folders))


def _checked(item: LocalItem, allowed: t.Sequence[str]) -> tuple[LocalItem, list[Problem]]:
    """An item with a definition as it is deployed, and every problem of it."""
    problems = [*item_checks.check_known(item, allowed), *item_checks.check_item(item)]
    item, found = creation.prepared(item)
    return item, [*problems, *found]


def scan_item(path: str, allowed: t.Sequence[str] = ()) -> Scan:
    """Scan the folder of one item. ``outside`` are the items that it references: the semantic model of a report by its path,
    and items beside it by their logical ids."""
    parent, name = os.path.split(os.path.abspath(path))
    walk = Walk(parent, allowed)
    if not os.path.isdir(path):
        return Scan((), (Problem(os.path.abspath(path), 0, 0, "this folder does not exist"),))
    if not walk.is_item(name, name):
        what = "this is no item's folder: it has no .platform, and its name doesn't end in a type such as .Report"
        remedy = "Give the folder of one item, such as Sales.Report; powerbi_deploy deploys a folder of items"
        return Scan((), (Problem(path, 0, 0, what, remedy),))
    walk.item(name, name, "")
    item = next((found for found in walk.items if found.path == name), None)
    problems = [found for found in walk.problems if f"{found.file}/".startswith(f"{name}/")]
    problems.extend(item_files.stray_files(walk.stray))
    if item is None:
        return Scan((), tuple(problems))
    outside = (*_model_by_path(walk, item), *_named_beside(walk, item))
    item, found = _checked(item, allowed)
    problems.extend(found)
    problems.extend(references.problems_of([item], outside))
    return Scan((item,), tuple(sorted(set(problems))), outside)


def _model_by_path(walk: Walk, item: LocalItem) -> tuple[LocalItem, ...]:
    data = item.parts.get(rebind.PART)
    bound = rebind.read(data, rebind.PART)[0] if data is not None else rebind.Binding()
    if not bound.path:
        return ()
    path = walk.spelled(posixpath.normpath(posixpath.join(item.path, bound.path.replace("\\", "/"))))
    name = posixpath.basename(path)
    if not os.path.isdir(os.path.join(walk.root, path)) or not walk.is_item(path, name):
        return ()
    walk.item(path, name, "")
    return tuple(found for found in walk.items if found.path == path)


def _named_beside(walk: Walk, item: LocalItem) -> t.Iterator[LocalItem]:
    """The items in the same folder that an item references by their logical ids."""
    for entry in walk.entries(""):
        if entry.name == item.path or not walk.is_directory(entry) or not walk.is_item(entry.name, entry.name):
            continue
        try:
            with open(os.path.join(entry.path, platform.PART), "rb") as handle:
                described, _problems = platform.read(handle.read(), entry.name)
        except OSError:
            continue
        if described is not None and logical_ids.named_in(item.parts, {described.logical_id} - {"", item.logical_id}):
            source = os.path.join(walk.root, entry.name)
            yield LocalItem(
                described.type, described.display_name, DEFINITION, source, entry.name, "", described.logical_id
            )
