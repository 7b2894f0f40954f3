# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tables that tests want to be read: shown after the run, whatever captures output and whichever process ran them.

A test hands one over with ``record_property(TABLE, text)``, whose first line is the title; what has the same title stands
together. A hook puts lines into ``config.stash[TABLES]``, by title.
"""

from __future__ import annotations

import typing as t

import pytest

TABLE: t.Final = "table"
TABLES: t.Final = pytest.StashKey[dict[str, list[str]]]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    tables: dict[str, list[str]] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, text in getattr(report, "user_properties", ()):
                if name == TABLE and report.when == "call":
                    title, *lines = text.splitlines()
                    tables.setdefault(title, []).extend(lines)
    for title, lines in [*sorted(tables.items()), *config.stash.get(TABLES, {}).items()]:
        terminalreporter.section(title)
        for line in lines:
            terminalreporter.line(line)
