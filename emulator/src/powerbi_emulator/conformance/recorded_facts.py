# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recorded behaviour of the real services, compared with the emulator: ``make conformance`` prints it as a table.

Each row is computed by requests to a running emulator. A row that is not ok ends the command with 1.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
import typing as t
from pathlib import Path

from powerbi_emulator.conformance.facts_of_items import FACTS as OF_ITEMS
from powerbi_emulator.conformance.facts_of_items import Fact
from powerbi_emulator.conformance.facts_of_operations import FACTS as OF_OPERATIONS
from powerbi_emulator.conformance.live_emulator import LiveEmulator, started

FACTS: t.Final[tuple[Fact, ...]] = (*OF_ITEMS, *OF_OPERATIONS)


class Row(t.NamedTuple):
    """One line of the table; ``emulator`` is the emulator's current response."""

    fact: str
    source: str
    emulator: str
    ok: bool


def rows(emulator: LiveEmulator) -> list[Row]:
    """All facts, each checked against the emulator with its default seed."""
    found = []
    for fact in FACTS:
        emulator.control("POST", "reset")
        try:
            answered, ok = fact.check(emulator)
        except Exception as error:  # a row that can't be computed is a row that is not ok
            answered, ok = f"{type(error).__name__}: {error}"[:200], False
        found.append(Row(fact.text, fact.source, answered, ok))
    emulator.control("POST", "reset")
    return found


def table(found: t.Sequence[Row]) -> str:
    """The rows in columns."""
    widths = (52, 30, 52)
    lines = [_line(("fact", "source", "emulator", "ok"), widths), _line(("-" * 52, "-" * 30, "-" * 52, "--"), widths)]
    for row in found:
        columns = [
            textwrap.wrap(text, width) or [""]
            for text, width in zip((row.fact, row.source, row.emulator), widths, strict=True)
        ]
        for number in range(max(map(len, columns))):
            cells = [column[number] if number < len(column) else "" for column in columns]
            lines.append(_line((*cells, ("yes" if row.ok else "NO") if number == 0 else ""), widths))
    wrong = sum(not row.ok for row in found)
    return "\n".join([*lines, "", f"{len(found)} facts, {wrong} not ok"])


def _line(cells: t.Sequence[str], widths: t.Sequence[int]) -> str:
    padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=False)]
    return "  ".join([*padded, cells[-1]]).rstrip()


def main(arguments: t.Sequence[str] | None = None) -> int:
    """Print the table; 1 if a row is not ok."""
    parser = argparse.ArgumentParser(
        prog="python -m powerbi_emulator.conformance.recorded_facts", description=__doc__.partition("\n")[0]
    )
    text = "--dir of a running emulator with the default seed and --service-hosts, which is reset; default: start one"
    parser.add_argument("--emulator", type=Path, metavar="DIR", help=text)
    options = parser.parse_args(arguments)
    if options.emulator:
        found = rows(LiveEmulator(options.emulator))
    else:
        with started("--service-hosts") as emulator:
            found = rows(emulator)
    print(table(found))
    return 0 if all(row.ok for row in found) else 1


if __name__ == "__main__":
    sys.exit(main())
