# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Where a problem is, as reports state it: the path of its file relative to the root of the repository."""

from __future__ import annotations

import os
import typing as t

from .. import platform
from ..problem import ERROR, Problem
from ..problem_codes import ENVIRONMENT, NO_EFFECT, PARAMETERS

_OF_RULES = frozenset((PARAMETERS, NO_EFFECT, ENVIRONMENT))


class Paths(t.NamedTuple):
    """Absolute paths: ``root`` of the repository, ``src`` the folder, ``parameters`` the file with the rules or ""."""

    root: str
    src: str
    parameters: str = ""

    def of(self, problem: Problem) -> str:
        """The path of the problem's file, with forward slashes; the `.platform` of an item, ``src`` for an option.

        A file out of ``root`` has no path there: code hosts reject such paths.
        """
        in_rules = bool(self.parameters) and (problem.code in _OF_RULES or not problem.file)
        if in_rules:
            beside = os.path.join(os.path.dirname(self.parameters), problem.file)
            return self._relative(beside if os.path.isfile(beside) else self.parameters)
        return self.of_item(problem.file if self._is_file(problem.file) else "")

    def of_item(self, path: str) -> str:
        """The path of something in ``src``."""
        return self._relative(os.path.join(self.src, *path.split("/")) if not os.path.isabs(path) else path)

    def _is_file(self, name: str) -> bool:
        """Whether the problem names a file, existing or missing, and not an option."""
        return "/" in name or bool(os.path.splitext(name)[1]) or os.path.lexists(os.path.join(self.src, name))

    def _relative(self, path: str) -> str:
        described = os.path.join(path, platform.PART)
        if os.path.isfile(described):  # code hosts show nothing beside a folder
            path = described
        found = os.path.relpath(path, self.root).replace(os.sep, "/")
        if found == ".." or found.startswith("../"):
            return os.path.relpath(self.src, self.root).replace(os.sep, "/")
        return found


def repository_of(src: str) -> str:
    """The nearest folder at or above ``src`` with a `.git`, or ``src`` itself."""
    folder = os.path.abspath(src)
    while not os.path.lexists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return os.path.abspath(src)
        folder = above
    return folder


def by_severity(problems: t.Iterable[Problem]) -> list[Problem]:
    """Errors first, then by place."""
    return sorted(problems, key=lambda problem: (problem.severity != ERROR, problem))


def sentence(problem: Problem) -> str:
    """What is wrong and the remedy, without the place."""
    remedy = f" Remedy: {problem.remedy}" if problem.remedy else ""
    return f"{problem.what}.{remedy}{'' if not remedy or remedy[-1] in '.?!' else '.'}"
