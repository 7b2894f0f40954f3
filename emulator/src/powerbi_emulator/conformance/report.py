# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks all exchanges of one or more records, and counts the findings."""

from __future__ import annotations

import collections
import dataclasses
import json
import typing as t
from pathlib import Path

from powerbi_emulator.conformance.checker import ConformanceChecker, Finding
from powerbi_emulator.conformance.documents import Documents
from powerbi_emulator.conformance.exceptions import Deviation, deviation_of


@dataclasses.dataclass
class Report:
    """``violations`` are findings that no known deviation explains, each kind once with its number."""

    requests: int = 0
    answers: int = 0
    operations: set[str] = dataclasses.field(default_factory=set)
    deviations: collections.Counter[Deviation] = dataclasses.field(default_factory=collections.Counter)
    violations: dict[tuple[str, ...], tuple[Finding, int]] = dataclasses.field(default_factory=dict)

    def lines(self) -> t.Iterator[str]:
        """The lines of the report."""
        yield f"requests checked: {self.requests}; answers checked: {self.answers}; operations: {len(self.operations)}"
        yield f"explained deviations from the documents: {sum(self.deviations.values())}"
        for deviation, count in self.deviations.most_common():
            yield f"  {count:6}  {deviation.reason}"
        yield f"violations: {sum(count for _, count in self.violations.values())}"
        for finding, count in self.violations.values():
            yield f"  {count:6}  {finding}"


def check_records(paths: t.Iterable[Path], documents: Documents, *, refused_requests: bool) -> Report:
    """Check all exchanges in the files.

    ``refused_requests``: check also requests that the server rejected; tests of rejections send invalid ones.
    """
    checker, report = ConformanceChecker(documents), Report()
    for path in paths:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                _add(report, checker, documents, json.loads(line), refused_requests=refused_requests)
    return report


def _add(
    report: Report,
    checker: ConformanceChecker,
    documents: Documents,
    exchange: dict[str, t.Any],
    *,
    refused_requests: bool,
) -> None:
    operation = documents.find(exchange["method"], exchange["path"])
    if operation is not None:
        report.operations.add(f"{operation.api} {operation.id}")
    report.requests += 1
    report.answers += not exchange["fault"]
    for finding in checker.findings(exchange):
        if finding.part == "request" and exchange["status"] >= 400 and not refused_requests:
            continue
        if finding.where == "body" and exchange["fault"] and exchange["request"] is None:
            continue  # a fault may answer before the body was read
        deviation = deviation_of(finding)
        if deviation is not None:
            report.deviations[deviation] += 1
            continue
        key = (finding.part, finding.operation, finding.where, finding.problem)
        first, count = report.violations.get(key, (finding, 0))
        report.violations[key] = first, count + 1
