# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""Checks of an item's parts: required parts, JSON, TMDL, RDL, pages, paths, names."""

from __future__ import annotations

import re
import typing as t

from .._errors import listed
from . import item_types, json_text, paginated, part_path, platform, rebind
from .item import PAGINATED_REPORT, REPORT, SEMANTIC_MODEL, LocalItem
from .model import merge, tmdl, tmsl
from .model import references as model_references
from .model.tree import Node
from .problem import WARNING, Problem
from .report import pbir, report_links, report_resources
from .text import decode, suffix, undecodable

MAX_NAME = 256
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def check_item(item: LocalItem) -> t.Iterator[Problem]:
    """Every problem of one item with a definition."""
    paths = list(item.parts)
    kind = item_types.of(item.type)
    yield from check_display_name(item)
    if not kind.can_be_created:
        what = f"the service creates no items of the type {item.type} through its API"
        yield Problem(item.path, 0, 0, what, "Leave it out with exclude")
    if len(item.description or "") > kind.longest_description:
        what = f"the description has {len(item.description or '')} characters, the service takes {kind.longest_description}"
        yield Problem(f"{item.path}/{platform.PART}", 0, 0, what, "Shorten it")
    for first, second in part_path.collisions(paths):
        what = f"differs from {first!r} only in case, so the two are one file on Windows and in the service"
        yield Problem(f"{item.path}/{second}", 0, 0, what, "Rename or remove one of the two")
    yield from _required(item)
    for path, data in item.parts.items():
        yield from _part(item, path, data)
    yield from _model(item)
    if item.type == REPORT:
        yield from pbir.problems_of(item.parts, item.path)
        yield from report_links.problems_of(item.parts, item.path)
        yield from report_resources.problems_of(item.parts, item.path)


def check_display_name(item: LocalItem) -> t.Iterator[Problem]:
    """Check a display name against the rules of the service for items of that type."""
    file = f"{item.path}/{platform.PART}"
    yield from check_name(item.display_name, file, "the item's name")
    rule, words = item_types.of(item.type).name_rule
    if rule and not re.fullmatch(rule, item.display_name):
        what = f"the name {item.display_name!r} is none for a {item.type}, which {words}"
        yield Problem(file, 0, 0, what, "Rename the item", code="name")


def check_name(name: str, file: str, what: str) -> t.Iterator[Problem]:
    """Check a display name: too long, empty, control characters, leading or trailing blanks."""
    if len(name) > MAX_NAME:
        yield Problem(
            file, 0, 0, f"{what} has {len(name)} characters, the service takes {MAX_NAME}", "Shorten it", code="name"
        )
    if not name.strip():
        yield Problem(file, 0, 0, f"{what} is empty", "Name it", code="name")
    elif name != name.strip():
        yield Problem(file, 0, 0, f"{what} {name!r} starts or ends with a blank", "Remove the blank", code="name")
    if _SURROGATE.search(name):
        yield Problem(file, 0, 0, f"{what} {name!r} has bytes that are no Unicode text", "Rename it", code="name")
    if _CONTROL.search(name):
        yield Problem(file, 0, 0, f"{what} {name!r} has a control character", "Remove the character", code="name")


def check_known(item: LocalItem, allowed: t.Container[str]) -> t.Iterator[Problem]:
    """Check that the type is in the table of types, unless the user allows it."""
    if item.type in item_types.TYPES or item.type in allowed:
        return
    meant = item_types.nearest(item.type)
    what = f"{item.type!r} is not an item type that this collection supports"
    remedy = "Leave it out with exclude, or name the type in allow_unknown_types to send the item unchanged"
    yield Problem(
        f"{item.path}/{platform.PART}", 0, 0, what, f"Write {meant!r}. {remedy}" if meant else remedy, code="item-type"
    )


def _required(item: LocalItem) -> t.Iterator[Problem]:
    checks = {SEMANTIC_MODEL: _model_parts, REPORT: _report_parts, PAGINATED_REPORT: _paginated_parts}
    check = checks.get(item.type)
    return check(item, item.parts.keys()) if check else iter(())


def _missing(item: LocalItem, part: str, remedy: str) -> Problem:
    return Problem(f"{item.path}/{part}", 0, 0, "this required part is missing", remedy, code="missing-part")


def _model_parts(item: LocalItem, paths: t.Collection[str]) -> t.Iterator[Problem]:
    if "definition.pbism" not in paths:
        yield _missing(item, "definition.pbism", 'Add it: {"version": "4.0", "settings": {}}')
    has_tmdl = any(path.startswith("definition/") and suffix(path) == ".tmdl" for path in paths)
    if has_tmdl and tmsl.PART in paths:
        what = "there are two definitions of the model: model.bim (TMSL) and as a definition folder (TMDL)"
        yield Problem(f"{item.path}/{tmsl.PART}", 0, 0, what, "Keep one of the two")
    elif not has_tmdl and tmsl.PART not in paths:
        yield _missing(item, "definition/model.tmdl", "Save the project again, or add model.bim")


def _report_parts(item: LocalItem, paths: t.Collection[str]) -> t.Iterator[Problem]:
    if rebind.PART not in paths:
        yield _missing(item, rebind.PART, "Add it: it names the report's semantic model")
    if "definition/report.json" in paths and "report.json" in paths:
        what = "there are two definitions of the report: report.json (PBIR-Legacy) and as a definition folder (PBIR)"
        yield Problem(f"{item.path}/report.json", 0, 0, what, "Keep one of the two")
    elif "definition/report.json" not in paths and "report.json" not in paths:
        yield _missing(item, "definition/report.json", "Save the project again, or add report.json")
    elif "definition/report.json" in paths and "definition/version.json" not in paths:
        yield _missing(item, "definition/version.json", "Save the project again")
    elif "report.json" in paths:
        what = "the report is in the legacy format; the service converts it to PBIR when it is edited there, and then all of "
        what += "it differs from the folder"
        yield Problem(f"{item.path}/report.json", 0, 0, what, "Save it as PBIR in Power BI Desktop", WARNING)


def _paginated_parts(item: LocalItem, paths: t.Collection[str]) -> t.Iterator[Problem]:
    reports = [path for path in paths if suffix(path) == ".rdl" and "/" not in path]
    if not reports:
        yield _missing(item, f"{item.display_name}.rdl", "Add the report's .rdl file")
    elif len(reports) > 1:
        what = f"a paginated report has one .rdl, this one has {len(reports)}: {listed(sorted(reports))}"
        yield Problem(item.path, 0, 0, what, "Keep one")


def _part(item: LocalItem, path: str, data: bytes) -> t.Iterator[Problem]:
    file = f"{item.path}/{path}"
    kind = suffix(path)
    fault = part_path.fault(path)
    if fault:
        yield Problem(file, 0, 0, f"the file's name {fault}, so it can't be a part", "Rename the file", code="name")
    if kind in json_text.SUFFIXES and path != platform.PART:
        text = decode(data)
        problem = undecodable(data, file) if text is None else json_text.parse(text, file)[1]
        if problem:
            yield problem
    elif kind == ".rdl" and item.type == PAGINATED_REPORT:
        yield from paginated.read(data, file).problems


def _model(item: LocalItem) -> t.Iterator[Problem]:
    if item.type != SEMANTIC_MODEL:
        return
    trees = []
    sound = True
    for path, data in item.parts.items():
        if not (path.startswith("definition/") and suffix(path) == ".tmdl"):
            continue
        text = decode(data)
        if text is None:
            yield undecodable(data, f"{item.path}/{path}")
            sound = False
            continue
        tree, problems = tmdl.read(text, f"{item.path}/{path}")
        yield from problems
        sound = sound and not problems
        trees.append(tree)
    if not trees:  # two definitions are one problem, which is found elsewhere
        trees, problems = _tmsl_trees(item)
        yield from problems
    root, duplicates = merge.merge(trees)
    yield from duplicates
    if trees and sound and not root.of_kind("model"):
        yield _missing(item, "definition/model.tmdl", "Add it: it declares the model")
    if sound:
        # References to an object that could not be parsed would be reported as errors as well.
        yield from model_references.dangling(root)
        yield from model_references.unresolved(trees)


def _tmsl_trees(item: LocalItem) -> tuple[list[Node], list[Problem]]:
    """The model of model.bim, an empty list without one, and problems. Objects have lines where there are problems."""
    file = f"{item.path}/{tmsl.PART}"
    text = decode(item.parts[tmsl.PART]) if tmsl.PART in item.parts else None
    value, problem = json_text.parse(text or "", tmsl.PART)
    if problem is not None:
        return [], []  # a part's own problem
    tree, problems = tmsl.read(value, file), []
    if not isinstance(value, dict) or not isinstance(value.get("model"), dict):
        problems.append(Problem(file, 1, 1, "there is no model in it", "Save the project again"))
    root, duplicates = merge.merge([tree])
    if duplicates or any(True for dummy in model_references.dangling(root)):
        tree = tmsl.read(value, file, json_text.plain(text or ""))
    return [tree], problems
