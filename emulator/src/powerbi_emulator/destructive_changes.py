# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a new definition of a semantic model would delete rows of the model, which the service rejects.

Pure. Removed tables and columns are reported (microsoft/fabric-cicd issues 318 and 626); changed types, changed storage
modes and removed partitions are a guess, as Analysis Services has to drop their data.
"""

from __future__ import annotations

import json
import typing as t

from powerbi_emulator.definition_parts import text_of_part
from powerbi_emulator.model_languages import as_tmsl
from powerbi_emulator.model_languages.vocabulary import Json, TranslationError
from powerbi_emulator.state.items import Parts

_COMPUTED: t.Final = ("calculated", "calculationGroup")


def table_names(parts: Parts) -> frozenset[str]:
    """The tables (in lower case) that a refresh loads: neither calculated tables nor references to other models."""
    return frozenset(name for name, table in _tables(parts).items() if _holds(table))


def deletes_data(before: Parts, after: Parts, loaded: frozenset[str]) -> bool:
    """Whether rows would be deleted. ``loaded``: the tables with rows. False for a model that can't be parsed."""
    if not loaded or before == after:
        return False
    new = _tables(after)
    return any(_loses(table, new.get(name)) for name, table in _tables(before).items() if name in loaded)


def _tables(parts: Parts) -> dict[str, Json]:
    try:
        text = text_of_part(parts if "model.bim" in parts else as_tmsl(parts), "model.bim")
        tables = json.loads(text)["model"].get("tables", [])
    except (TranslationError, ValueError, KeyError, TypeError):
        return {}
    return {str(one.get("name")).lower(): one for one in tables}


def _kind(partition: Json) -> str:
    return str((partition.get("source") or {}).get("type", "m"))


def _holds(table: Json) -> bool:
    return any(
        _kind(one) not in _COMPUTED and str(one.get("mode", "import")).lower() in ("import", "dual", "default")
        for one in table.get("partitions", [])
    )


def _loses(table: Json, new: Json | None) -> bool:
    if new is None or not _holds(new):
        return True
    columns = {str(one.get("name")).lower(): one for one in new.get("columns", [])}
    for column in table.get("columns", []):
        if "expression" in column:
            continue
        other = columns.get(str(column.get("name")).lower())
        if other is None or "expression" in other or other.get("dataType") != column.get("dataType"):
            return True
    kept = {one.get("name") for one in new.get("partitions", [])}
    return any(one.get("name") not in kept for one in table.get("partitions", []) if _kind(one) == "policyRange")
