# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Problems as SARIF 2.1.0, within the limits of GitHub code scanning."""

from __future__ import annotations

import hashlib
import json
import typing as t
import urllib.parse

from ..problem import ERROR, Problem
from ..problem_codes import CODES, code_of
from .places import Paths, by_severity, sentence

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MAX_RESULTS = 5_000
"""GitHub shows no more results of one run, and rejects files with more than 25,000."""

_HELP = "The page docs/deploying.md of the Ansible collection community.powerbi describes the checks."


def render(problems: t.Sequence[Problem], paths: Paths) -> bytes:
    """The SARIF file of these problems, the errors first; the ones beyond `MAX_RESULTS` are left out.

    The same problems give the same bytes.
    """
    shown = by_severity(problems)[:MAX_RESULTS]
    codes = sorted({code_of(problem) for problem in shown})
    index = {code: place for place, code in enumerate(codes)}
    seen: dict[str, int] = {}
    run: dict[str, t.Any] = {
        "tool": {"driver": {"name": "community.powerbi", "rules": [_rule(code) for code in codes]}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem, paths, index, seen) for problem in shown],
    }
    sarif = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return (json.dumps(sarif, indent=2, ensure_ascii=False) + "\n").encode()


def _rule(code: str) -> dict[str, t.Any]:
    text = {"text": f"{CODES[code]}."}
    return {
        "id": code,
        "name": "".join(word.capitalize() for word in code.split("-")),
        "shortDescription": text,
        "fullDescription": text,
        "help": {"text": _HELP},
        "defaultConfiguration": {"level": "error"},
    }


def _result(problem: Problem, paths: Paths, index: t.Mapping[str, int], seen: dict[str, int]) -> dict[str, t.Any]:
    code, uri = code_of(problem), urllib.parse.quote(paths.of(problem))
    region = {"startLine": max(problem.line, 1)}
    if problem.column:
        region["startColumn"] = problem.column
    # Without the line, so that an edit above it makes no new alert.
    digest = hashlib.sha256(f"{code}\0{uri}\0{problem.what}".encode()).hexdigest()[:32]
    seen[digest] = seen.get(digest, 0) + 1
    return {
        "ruleId": code,
        "ruleIndex": index[code],
        "level": "error" if problem.severity == ERROR else "warning",
        "message": {"text": sentence(problem)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"},
                    "region": region,
                }
            }
        ],
        "partialFingerprints": {"problem/v1": f"{digest}:{seen[digest]}"},
    }
