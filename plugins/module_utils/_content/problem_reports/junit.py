# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Problems as JUnit XML, as Jenkins, GitLab and Azure DevOps read it: a test case for each item.

They read one failure of a test case, and a name only once, so all errors of an item are one failure. Warnings are output of
the test case, which passes.
"""

from __future__ import annotations

import re
import typing as t
from xml.sax.saxutils import escape, quoteattr

from ..item import LocalItem
from ..problem import ERROR, Problem
from ..problem_codes import code_of
from .places import Paths, by_severity, sentence

_SUITE = "Power BI content"
_SHOWN = 100
"""The maximum number of problems in the text of one test case."""

_REFUSED = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not allow, not even as references."""


def render(items: t.Iterable[LocalItem], problems: t.Iterable[Problem], paths: Paths) -> bytes:
    """The JUnit file: a test case for each item, and one for each other file or option with problems.

    The same content and problems give the same bytes.
    """
    owners = {item.path: item.type for item in items}
    found: dict[str, list[Problem]] = {path: [] for path in sorted(owners)}
    for problem in by_severity(problems):
        found.setdefault(_owner(problem.file, owners) or problem.file or "content", []).append(problem)
    cases = [_case(name, owners.get(name, "Content"), of_case, paths) for name, of_case in found.items()]
    failures = sum(any(one.severity == ERROR for one in of_case) for of_case in found.values())
    counts = f'tests="{len(cases)}" failures="{failures}" errors="0" skipped="0" time="0"'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="{_SUITE}" tests="{len(cases)}" failures="{failures}" errors="0" time="0">',
        f'  <testsuite name="{_SUITE}" {counts}>',
        *cases,
        "  </testsuite>",
        "</testsuites>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _owner(file: str, owners: t.Container[str]) -> str:
    """The path of the item to which a file belongs, "" for none."""
    path = file
    while path and path not in owners:
        path = path.rpartition("/")[0]
    return path


def _case(name: str, kind: str, problems: t.Sequence[Problem], paths: Paths) -> str:
    file = paths.of(problems[0]) if problems else paths.of_item(name)
    start = f'    <testcase classname={_quoted(kind)} name={_quoted(name)} file={_quoted(file)} time="0"'
    errors = [problem for problem in problems if problem.severity == ERROR]
    warnings = [problem for problem in problems if problem.severity != ERROR]
    inner = []
    if errors:
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        message = f"{errors[0].what}{more}"
        text = _lines(errors, paths)
        inner.append(
            f"      <failure message={_quoted(message)} type={_quoted(code_of(errors[0]))}>{_escaped(text)}</failure>"
        )
    if warnings:
        inner.append(f"      <system-out>{_escaped(_lines(warnings, paths))}</system-out>")
    return "\n".join((f"{start}>", *inner, "    </testcase>")) if inner else f"{start}/>"


def _lines(problems: t.Sequence[Problem], paths: Paths) -> str:
    lines = []
    for problem in problems[:_SHOWN]:
        place = ":".join(str(part) for part in (paths.of(problem), problem.line, problem.column) if part)
        lines.append(f"{place}: {problem.severity} [{code_of(problem)}] {sentence(problem)}")
    if len(problems) > _SHOWN:
        lines.append(f"and {len(problems) - _SHOWN} more")
    return "\n".join(lines)


def _allowed(text: str) -> str:
    return _REFUSED.sub("\ufffd", text)


def _quoted(text: str) -> str:
    return quoteattr(_allowed(text))


def _escaped(text: str) -> str:
    return escape(_allowed(text))
