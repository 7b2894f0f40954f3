# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever bytes a folder or a service gives: problems and comparisons, never an exception."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.community.powerbi.plugins.module_utils._content import (
    data_loss,
    diff,
    folder,
    graph,
    item_checks,
    normalise,
    preserve,
    references,
)
from ansible_collections.community.powerbi.plugins.module_utils._content.item import LocalItem

SAMPLE = Path(__file__).resolve().parents[5] / "playbooks" / "files" / "sample"
SEEDS = [(item.type, path, data) for item in folder.scan(str(SAMPLE)).items for path, data in item.parts.items()]
BIM = {
    "compatibilityLevel": 1567,
    "model": {
        "tables": [{"name": "A", "columns": [{}], "partitions": [{"source": {"type": "m"}}]}],
        "roles": [{"name": "R", "members": [{"memberName": "x"}]}],
    },
}
SEEDS += [
    ("SemanticModel", "model.bim", json.dumps(BIM).encode()),
    ("Report", "report.json", b'{"config": "{\\"a\\": [1]}", "sections": [{"filters": "[]"}]}'),
]
PATHS = sorted({path for _type, path, _data in SEEDS})
TYPES = ["SemanticModel", "Report", "PaginatedReport"]
BITS = st.sampled_from(
    [b"", b"\n", b"\t", b"    ", b"'", b'"', b"```", b"{", b"}", b"]", b"<", b"\xff", b"\0", b"=", b":", b"/", b"null"]
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A real part with pieces cut out, doubled, or put in."""
    data = draw(st.sampled_from(SEEDS))[2]
    for dummy in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 20)))
        data = data[:start] + draw(BITS) + data[start:end] * draw(st.integers(0, 2)) + data[end:]
    return data


PARTS = st.dictionaries(st.sampled_from(PATHS), damaged() | st.binary(max_size=40), min_size=1, max_size=4)


@given(PARTS, PARTS, st.sampled_from(TYPES))
@settings(max_examples=400)
def test_damaged_definitions_are_compared_and_checked(
    local: dict[str, bytes], live: dict[str, bytes], item_type: str
) -> None:
    once = normalise.normalise(local, item_type).parts
    assert dict(normalise.normalise(once, item_type).parts) == dict(once)
    assert normalise.compare(local, local, item_type).equal

    comparison = normalise.compare(local, live, item_type)
    assert bool(diff.unified_text(diff.part_diffs(comparison, "x"))) == bool(comparison.changed)
    diff.summary(comparison)
    kept = preserve.preserve(local, live, preserve.CHOICES)
    assert kept.parts.keys() == local.keys()
    data_loss.data_loss(local, live)

    item = LocalItem(item_type, "N", "definition", "/x", f"N.{item_type}", parts=local)
    for problem in (*item_checks.check_item(item), *references.problems_of([item], [])):
        assert problem.what and problem.file.startswith(item.path)
        assert problem.line >= 0 and problem.column >= 0
    graph.build([item])


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("a.json", b"[" * 900 + b"]" * 900),
        ("a.json", b'{"a":' * 3000 + b"1" + b"}" * 3000),
        ("a.json", b"9" * 6000),
        ("a.json", b"1e999"),
        ("a.json", b'"\\ud800"'),
        ("report.json", json.dumps({"config": "[" * 5000}).encode()),
        ("model.bim", b'{"model":' * 400 + b"1" + b"}" * 400),
        ("definition/a.tmdl", "".join("\t" * depth + f"table T{depth}\n" for depth in range(500)).encode()),
        ("definition/a.tmdl", b"\t" * 100_000),
        ("definition/a.tmdl", b"table T\n\tmeasure M = " + b"(" * 100_000),
        ("definition/a.tmdl", b"table '" + b"'" * 100_001),
        ("a.rdl", b"<a>" * 20_000),
        ("definition.pbir", b'{"datasetReference": {"byConnection": {"connectionString": "' + b"=;" * 20_000 + b'"}}}'),
        (".platform", b'{"metadata": [], "config": null}'),
    ],
)
def test_extreme_parts(path: str, data: bytes) -> None:
    for item_type in TYPES:
        item = LocalItem(item_type, "N", "definition", "/x", f"N.{item_type}", parts={path: data})
        list(item_checks.check_item(item))
        list(references.problems_of([item], []))
        once = normalise.normalise(item.parts, item_type).parts
        assert dict(normalise.normalise(once, item_type).parts) == dict(once)
