# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""All requests and responses of the tests' emulators, in every process, checked against the official documents.

The documents are not part of the collection: without them nothing is judged, and that is said. A finding that no
exception explains fails the run.
"""

from __future__ import annotations

import importlib.util
import os
import typing as t
from pathlib import Path

import pytest

from harness.summary import TABLES

if t.TYPE_CHECKING:
    from powerbi_emulator.conformance.report import Report

DATA: t.Final = Path(os.environ.get("POWERBI_TEST_DATA", "/work/shared/data"))
DOCUMENTS: t.Final = DATA / "specs"
_RECORD: t.Final = "exchanges.jsonl"
_TITLE: t.Final = "Conformance with the official documents"


def record_arguments(folder: Path) -> list[str]:
    """Arguments of an emulator that records into ``folder``; none without the documents to check against."""
    if not DOCUMENTS.is_dir():
        return []
    return ["--record", str(folder / _RECORD)]


def records(folder: Path) -> list[Path]:
    """All records in ``folder`` and below, where the workers of pytest-xdist have theirs."""
    return sorted(folder.rglob(_RECORD))


def check_records(paths: t.Sequence[Path]) -> Report:
    """Of all exchanges. Requests that were refused may be wrong: tests of refusals send such."""
    from powerbi_emulator.conformance.documents import Documents
    from powerbi_emulator.conformance.report import check_records

    return check_records(paths, Documents(DOCUMENTS), refused_requests=False)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In the process that the workers report to, when all have ended."""
    if hasattr(session.config, "workerinput"):
        return
    tables = session.config.stash.setdefault(TABLES, {})
    if not DOCUMENTS.is_dir():
        tables[_TITLE] = [f"skipped: there are no documents in {DOCUMENTS} (POWERBI_TEST_DATA)"]
        return
    found = records(session.config._tmp_path_factory.getbasetemp())  # type: ignore[attr-defined]
    if found and importlib.util.find_spec("jsonschema") is None:  # an environment of `make test-cores` need not have it
        tables[_TITLE] = ["skipped: the library jsonschema is not installed here"]
    elif found:
        report = check_records(found)
        tables[_TITLE] = list(report.lines())
        if report.violations:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
