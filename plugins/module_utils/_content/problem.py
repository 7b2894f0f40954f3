# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Problems of content with their places: all are collected before the first write."""

from __future__ import annotations

import dataclasses
import typing as t

from .._errors import ConfigError
from .problem_codes import code_of

ERROR = "error"
WARNING = "warning"

_OPTIONS = frozenset(("include", "exclude", "protect", "environment"))
"""Options that a problem may name instead of a file."""

_SHOWN = 20
_MOST = 200
"""The maximum numbers of problems in the error's text and in the result (``problems``)."""


@dataclasses.dataclass(frozen=True, order=True)
class Problem:
    """One finding. ``line`` and ``column`` count from 1, and are 0 for the file as a whole.

    ``file`` is relative to the scanned folder, with forward slashes, or the name of an option. An ``error`` stops the
    deployment before its first write; a ``warning`` is reported, and the content is sent unchanged.
    """

    file: str
    line: int
    column: int
    what: str
    remedy: str = ""
    severity: str = ERROR
    code: str = dataclasses.field(default="", compare=False)
    """One of `problem_codes`, "" for that of its kind of file."""

    def __post_init__(self) -> None:
        # File names may contain bytes that are not text (unpaired surrogates here), which can't be encoded for output.
        for name in ("file", "what", "remedy"):
            text = getattr(self, name)
            if not text.isascii():
                object.__setattr__(self, name, text.encode("utf-8", "backslashreplace").decode())

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        remedy = f" Remedy: {self.remedy}" if self.remedy else ""
        return f"{f'{place}: ' if place else ''}{self.what}.{remedy}{'' if not remedy or remedy[-1] in '.?!' else '.'}"

    def to_dict(self) -> dict[str, t.Any]:
        return {**dataclasses.asdict(self), "code": code_of(self)}


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
            remedy="" if any(problem.remedy for problem in errors) else "Correct the problems, then run the task again",
        )
        self.problems = tuple(found)
        self.details["problems"] = [problem.to_dict() for problem in found[:_MOST]]
        self.details["problem_count"] = len(found)

    def to_dict(self) -> dict[str, t.Any]:
        """Without the list in ``why``, which is in ``problems``: Ansible prints each text of a result."""
        found = self.details.get("problems")
        why = "" if found is None else f"problems lists {_share(len(found), len(self.problems))}"
        return {**super().to_dict(), "why": why}


def _share(shown: int, number: int) -> str:
    if shown < number:
        return f"the first {shown:,} of {number:,} problems"
    return "the problem" if number == 1 else f"all {number:,} problems"


def refuse(problems: t.Iterable[Problem], *, option: str = "src") -> None:
    """Raise ContentError if one of the problems is an error; warnings alone raise nothing."""
    found = tuple(problems)
    if any(problem.severity == ERROR for problem in found):
        raise ContentError(found, option=option)
