# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Codes of problems, by which reports group them and code hosts recognise them. They do not change between releases."""

from __future__ import annotations

import dataclasses
import os
import typing as t

if t.TYPE_CHECKING:
    from .problem import Problem

PARAMETERS = "parameters"
NO_EFFECT = "parameter-without-effect"
ENVIRONMENT = "environment"

CODES: t.Final[dict[str, str]] = {
    "cycle": "Items depend on each other in a cycle",
    "duplicate-logical-id": "Two items have the same logical id",
    "duplicate-name": "Two items of one type have the same name",
    ENVIRONMENT: "No rule, or not every rule, has a value for the environment",
    "item": "The folder of an item is not valid, or the service has no such items",
    "item-type": "The type of an item is unknown",
    "json": "A JSON part of an item is not valid",
    "link": "A link or a special file can't be part of the content",
    "missing-field": "A report uses a field that its semantic model does not have",
    "missing-model": "The semantic model of a report is not there",
    "missing-part": "A required part of an item is not there",
    "name": "The service does not accept a name",
    "package": "A .pbix or .xlsx file is damaged, or is none",
    "paginated-report": "An .rdl file is not valid",
    PARAMETERS: "A rule of the parameters is not valid",
    NO_EFFECT: "A rule of the parameters does nothing",
    "pattern": "A pattern of items matches nothing",
    "platform": "A .platform part is not valid",
    "reference": "An object of a semantic model or a report refers to one that is not there",
    "stray-file": "A file in the folder of an item is no part of its definition",
    "tmdl": "The TMDL of a semantic model is not valid",
    "tmsl": "The TMSL of a semantic model is not valid",
    "unreadable": "A file or a folder can't be read",
    "yaml": "A YAML part of an item is not valid",
}
"""Code -> what all problems of it have in common."""

_BY_OPTION = {ENVIRONMENT: ENVIRONMENT, "include": "pattern", "exclude": "pattern", "protect": "pattern"}
_BY_NAME = {".platform": "platform", "model.bim": "tmsl"}
_BY_SUFFIX = {
    ".bim": "tmsl", ".json": "json", ".pbir": "json", ".pbism": "json", ".pbix": "package", ".rdl": "paginated-report",
    ".tmdl": "tmdl", ".xlsx": "package", ".yaml": "yaml", ".yml": "yaml",
}  # fmt: skip


def code_of(problem: Problem) -> str:
    """The code of a problem; that of its kind of file for a problem without one of its own."""
    if problem.code:
        return problem.code
    name = os.path.basename(problem.file).lower()
    by_name = _BY_OPTION.get(problem.file) or _BY_NAME.get(name)
    return by_name or _BY_SUFFIX.get(os.path.splitext(name)[1], "item")


def coded(problems: t.Iterable[Problem], code: str) -> tuple[Problem, ...]:
    """The problems, with this code where they have none of their own."""
    return tuple(problem if problem.code else dataclasses.replace(problem, code=code) for problem in problems)
