# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""What is wrong with content, with the place: found all at once, before the first write."""

from __future__ import annotations

import dataclasses
import typing as t

from .._errors import ConfigError

ERROR = "error"
WARNING = "warning"

_OPTIONS = frozenset(("include", "exclude", "protect", "environment"))
"""Options that stand in the place of a file, where a problem is one of them."""

_SHOWN = 20
_MOST = 200
"""How many problems the error's text lists, and how many the result (``problems``) does at most."""


@dataclasses.dataclass(frozen=True, order=True)
class Problem:
    """One finding. ``line`` and ``column`` count from 1, and are 0 where the file as a whole is meant.

    ``file`` is relative to the scanned folder, with forward slashes, or the name of an option. An ``error`` stops the
    deployment before its first write; a ``warning`` is told to the user and passed on as it is.
    """

    file: str
    line: int
    column: int
    what: str
    remedy: str = ""
    severity: str = ERROR

    def __post_init__(self) -> None:
        # Names of files may hold bytes that are no text (halves of surrogate pairs here), which no output can show.
        for name in ("file", "what", "remedy"):
            text = getattr(self, name)
            if not text.isascii():
                object.__setattr__(self, name, text.encode("utf-8", "backslashreplace").decode())

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        remedy = f" Remedy: {self.remedy}" if self.remedy else ""
        return f"{f'{place}: ' if place else ''}{self.what}.{remedy}{'' if not remedy or remedy[-1] in '.?!' else '.'}"

    def to_dict(self) -> dict[str, t.Any]:
        return dataclasses.asdict(self)


class ContentError(ConfigError):
    """The content can't be deployed. ``problems`` holds every finding, sorted by place."""

    kind = "content"

    def __init__(self, problems: t.Sequence[Problem], *, option: str = "src") -> None:
        found = sorted(problems)
        errors = [problem for problem in found if problem.severity == ERROR]
        listed = "; ".join(str(problem).rstrip(".") for problem in errors[:_SHOWN])
        more = f"; and {len(errors) - _SHOWN:,} more" if len(errors) > _SHOWN else ""
        more += f" (error.problems has {min(len(found), _MOST):,} of {len(found):,})" if more else ""
        count = "1 problem was" if len(errors) == 1 else f"{len(errors)} problems were"
        places = {problem.file for problem in errors}
        super().__init__(
            f"{count} found in the content, nothing was written",
            option=places.pop() if len(places) == 1 and places <= _OPTIONS else option,
            why=f"{listed}{more}",
            remedy=""
            if any(problem.remedy for problem in errors)
            else "Correct what is named, then run the task again",
        )
        self.problems = tuple(found)
        self.details["problems"] = [problem.to_dict() for problem in found[:_MOST]]
        self.details["problem_count"] = len(found)


def refuse(problems: t.Iterable[Problem], *, option: str = "src") -> None:
    """Raise ContentError when there is an error among the problems; warnings alone pass."""
    found = tuple(problems)
    if any(problem.severity == ERROR for problem in found):
        raise ContentError(found, option=option)
