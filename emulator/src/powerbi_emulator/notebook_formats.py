# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Definitions in another format of their type: notebooks as a source file, Spark jobs without their files."""

from __future__ import annotations

import json
import typing as t

from powerbi_emulator.definition_parts import encoded, text_of_part
from powerbi_emulator.state.items import Parts

_HEADER: t.Final = "# Fabric notebook source\n"


def as_source(parts: Parts) -> Parts:
    """A notebook given as .ipynb in the format of git: one source file, cell by cell."""
    path = next(one for one in parts if one.endswith(".ipynb"))
    cells = json.loads(text_of_part(parts, path)).get("cells", [])
    text = _HEADER + "".join(f"\n{_cell(cell)}" for cell in cells)
    rest = {name: payload for name, payload in parts.items() if name != path}
    return {**rest, "notebook-content.py": encoded(text)}


def without_files(parts: Parts) -> Parts:
    """A Spark job in the first version of its format."""
    return {path: payload for path, payload in parts.items() if "/" not in path}


def _cell(cell: dict[str, t.Any]) -> str:
    source = cell.get("source", "")
    text = "".join(source) if isinstance(source, list) else str(source)
    if cell.get("cell_type") == "markdown":
        return "# MARKDOWN ********************\n\n" + "".join(f"# {line}\n" for line in text.splitlines())
    return f"# CELL ********************\n\n{text}\n"
