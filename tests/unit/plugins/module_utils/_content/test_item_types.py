# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of item types against the official list, and the results of its functions."""

from __future__ import annotations

import json
import os
import re
import typing as t
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content import creation, item_types
from ansible_collections.community.powerbi.plugins.module_utils._content.item import DEFINITION, LocalItem


def item(item_type: str, **parts: str) -> LocalItem:
    """Parts by keyword: a_json is "a.json", _platform is ".platform"."""
    named = {name.replace("_", "."): text.encode() for name, text in parts.items()}
    return LocalItem(item_type, "One", DEFINITION, "/x", f"One.{item_type}", parts=named)


def platform(**metadata: t.Any) -> str:
    return json.dumps({"metadata": metadata})


DATA: t.Final = Path(os.environ.get("POWERBI_TEST_DATA") or Path(__file__).resolve().parents[6] / "shared" / "data")
TYPES_DOCUMENT: t.Final = DATA / "specs" / "fabric" / "common" / "definitions.json"


def test_it_has_every_type_of_the_official_document() -> None:
    if not TYPES_DOCUMENT.exists():
        pytest.skip(f"no {TYPES_DOCUMENT}: set POWERBI_TEST_DATA to the folder that has specs/")
    text = TYPES_DOCUMENT.read_text(encoding="utf-8")
    listed = json.loads(text)["definitions"]["ItemType"]["x-ms-enum"]["values"]
    assert set(item_types.TYPES) == {one["value"] for one in listed}


@pytest.mark.parametrize(
    ("item_type", "paths", "written", "read"),
    [
        ("SemanticModel", ["model.bim"], "TMSL", "TMSL"),
        ("SemanticModel", ["definition/model.tmdl"], "TMDL", "TMDL"),
        ("Report", ["report.json"], "PBIR-Legacy", ""),
        ("Report", ["definition/report.json"], "PBIR", "PBIR"),
        ("Notebook", ["notebook-content.py"], "", ""),
        ("Notebook", ["a.ipynb"], "ipynb", "ipynb"),
        ("SparkJobDefinition", ["SparkJobDefinitionV1.json"], "SparkJobDefinitionV2", "SparkJobDefinitionV2"),
        ("Reflex", ["a.json"], "", ""),
        ("NeverHeardOf", ["a.json"], "", ""),
    ],
)
def test_formats(item_type: str, paths: list[str], written: str, read: str) -> None:
    assert item_types.definition_format(item_type, paths) == written
    assert item_types.reading_format(item_type, paths) == read


def test_name_rules_are_regular_expressions_with_words() -> None:
    for row in item_types.TYPES.values():
        pattern, words = row.name_rule
        assert bool(pattern) is bool(words)
        assert re.compile(pattern)


@pytest.mark.parametrize(
    ("given", "payload", "unsent"),
    [
        (item("Warehouse", _platform=platform(creationPayload={"a": 1}), a_sql="x"), {"a": 1}, "a.sql"),
        (item("Warehouse", _platform=platform()), {}, ""),
        (item("Lakehouse", lakehouse_metadata_json='{"defaultSchema": "dbo"}'), {"enableSchemas": True}, ""),
        (item("Lakehouse", lakehouse_metadata_json="", shortcuts_metadata_json="[]"), {}, ""),
        (item("Lakehouse", shortcuts_metadata_json='[{"a": 1}]'), {}, "shortcuts.metadata.json"),
    ],
)
def test_items_without_a_definition(given: LocalItem, payload: dict[str, t.Any], unsent: str) -> None:
    made, problems = creation.prepared(given)
    parts = dict(made.parts)
    assert creation.payload_of(parts) == payload
    assert set(parts) <= {".platform"}
    assert not creation.has_content(made)
    assert [problem.severity for problem in problems] == (["warning"] if unsent else [])
    assert unsent in "".join(problem.what for problem in problems)


def test_a_payload_that_the_type_does_not_take_is_a_warning() -> None:
    made, problems = creation.prepared(item("Notebook", _platform=platform(creationPayload={}), a_py="x"))
    assert [(problem.severity, "is not used" in problem.what) for problem in problems] == [("warning", True)]
    assert creation.has_content(made)
