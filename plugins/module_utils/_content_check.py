# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The check of powerbi_content_info: a folder, its reports, and whether its problems are a failure. Sends no request."""

from __future__ import annotations

import dataclasses
import os
import typing as t

from ._content import checks
from ._content.folder import Scan, scan
from ._content.problem import ERROR, ContentError, Problem
from ._content.problem_reports import files, junit, places, sarif, summary
from ._errors import ConfigError
from ._module import Context


class FolderCheck(t.NamedTuple):
    """``scan`` as read, ``checked`` with the rules applied, ``paths`` for reports."""

    scan: Scan
    checked: checks.Checked
    paths: places.Paths

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self.checked.problems

    def count(self, severity: str) -> int:
        return sum(problem.severity == severity for problem in self.problems)

    def values(self) -> dict[str, t.Any]:
        """The return values of the module."""
        errors = self.count(ERROR)
        return {
            "valid": not errors,
            "content_items": summary.items(self.scan.items),
            "references": summary.dependencies(self.checked, self.scan.outside),
            "rules": summary.rules(self.checked),
            "variables": [str(variable) for variable in self.checked.rules.variables()],
            "problems": summary.problem_list(self.problems),
            "error_count": errors,
            "warning_count": len(self.problems) - errors,
        }


def check_folder(context: Context) -> FolderCheck:
    """Check the folder of the task. Raises ConfigError for a folder that does not exist, MissingLibraryError."""
    params = context.params
    src = os.path.abspath(params["src"])
    if not os.path.isdir(src):
        what = f"`src` {src} is a file, not a folder" if os.path.lexists(src) else f"`src` {src} does not exist"
        raise ConfigError(what, option="src", remedy="give the folder that holds the items")
    found = scan(src, params["include"], params["exclude"], params["allow_unknown_types"])
    strict, environment, parameters = params["strict_parameters"], params["environment"], params["parameters"]
    rules = checks.read_rules(parameters, environment, context.environ, strict)
    context.register_secrets(rules.rules.environment_values)
    checked = checks.check(found, rules, environment, strict=strict)
    file = os.path.abspath(os.path.expanduser(parameters)) if isinstance(parameters, str) else ""
    root = os.path.abspath(params["root"]) if params["root"] else places.repository_of(src)
    return FolderCheck(found, checked, places.Paths(root, src, file))


def write_reports(context: Context, found: FolderCheck) -> list[dict[str, str]]:
    """Write the files of the options, except in check mode. Returns the differences of those that change."""
    written: dict[str, t.Callable[[], bytes]] = {
        "sarif_path": lambda: sarif.render(found.problems, found.paths),
        "junit_path": lambda: junit.render(found.scan.items, found.problems, found.paths),
    }
    diffs = []
    for option, render in written.items():
        path = context.params[option]
        if path:
            diff = files.update(option, path, render(), write=not context.check_mode)
            if diff is not None:
                diffs.append(diff)
                context.mark_changed()
    if context.params["sarif_path"] and len(found.problems) > sarif.MAX_RESULTS:
        context.warn(
            f"{len(found.problems):,} problems were found, and the SARIF file has the first {sarif.MAX_RESULTS:,} of them, "
            "because code hosts accept no more"
        )
    return diffs


def failure(found: FolderCheck, fail_on: str, values: t.Mapping[str, t.Any]) -> ContentError | None:
    """The error for problems that ``fail_on`` names, with the return values; None without such a problem."""
    errors, warnings = found.count(ERROR), len(found.problems) - found.count(ERROR)
    if fail_on == "never" or not (errors or (fail_on == "warnings" and warnings)):
        return None
    shown = found.problems if errors else [dataclasses.replace(one, severity=ERROR) for one in found.problems]
    error = ContentError(shown)
    error.what = f"The content has {_counted(errors, 'error')} and {_counted(warnings, 'warning')}"
    error.results = dict(values)
    del error.details["problems"]  # they are in the return value of the same name
    error.why = error.why.replace("error.problems has", "problems has")
    return error


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
