# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each behaviour has a source; README.md's table is made from the list (UPDATE_DOCS=1)."""

from __future__ import annotations

import dataclasses
import os
import re
from pathlib import Path

from powerbi_emulator.behaviours import KINDS, read_behaviours, table
from powerbi_emulator.switches import Switches

README = Path(__file__).parent.parent / "README.md"
BLOCK = re.compile(r"(<!-- behaviours: [^>]*-->\n).*?(<!-- /behaviours -->)", re.DOTALL)


def test_each_behaviour_is_complete() -> None:
    rows = read_behaviours()
    switches = {field.name for field in dataclasses.fields(Switches)}
    assert len({row.id for row in rows}) == len(rows), "an id is repeated"
    for row in rows:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row.id), row.id
        assert row.kind in KINDS, row.id
        assert row.source.strip(), row.id
        assert row.behaviour.endswith("."), row.id
        assert "|" not in row.behaviour + row.source, row.id
        assert row.switch is None or row.switch in switches, row.id


def test_readme_has_the_table() -> None:
    text = README.read_text(encoding="utf-8")
    updated = BLOCK.sub(lambda match: match[1] + table(read_behaviours()) + match[2], text)
    if os.environ.get("UPDATE_DOCS"):
        README.write_text(updated, encoding="utf-8")
    assert BLOCK.search(text), "README.md has no place for the table"
    assert updated == README.read_text(encoding="utf-8"), "out of date: run this test with UPDATE_DOCS=1"
