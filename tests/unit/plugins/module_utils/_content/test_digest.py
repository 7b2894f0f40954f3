# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Digests and ids of the target."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ansible_collections.community.powerbi.plugins.module_utils._content.digest import definition_digest, file_digest
from ansible_collections.community.powerbi.plugins.module_utils._content.logical_ids import in_target, named_in

ONE, TWO = "6f1f3c1e-6a4b-4a86-9c35-2f3b6f2f7d01", "6f1f3c1e-6a4b-4a86-9c35-2f3b6f2f7d02"
NONE = "00000000-0000-0000-0000-000000000000"


def test_a_definitions_digest_is_of_its_content() -> None:
    first = {"a.json": b'{"a": 1, "b": 2}', "b.txt": b"x"}

    assert definition_digest(first) == definition_digest({"b.txt": b"x\r\n", "a.json": b'{"b":2,"a":1}'})
    assert definition_digest(first) != definition_digest({**first, "b.txt": b"y"})
    assert definition_digest({"a": b"bc"}) != definition_digest({"ab": b"c"})
    assert definition_digest({"a": b"x"}) != definition_digest({"b": b"x"})
    assert definition_digest({"a": b"xy"}) != definition_digest({"a": b"x", "b": b"y"})


def test_a_files_digest(tmp_path: Path) -> None:
    data = b"0123456789abcdef" * 200_000
    (tmp_path / "x").write_bytes(data)

    assert file_digest(str(tmp_path / "x")) == hashlib.sha256(data).hexdigest()


def test_logical_ids_become_ids_of_the_target() -> None:
    parts = {
        ".platform": ONE.encode(),
        "a.json": f'{{"notebookId": "{ONE.upper()}", "other": "{TWO}", "workspaceId": "{NONE}", "x": "{NONE}"}}'.encode(),
        "b.py": f'workspace = "{NONE}"'.encode(),
        "c.png": b"\0" + ONE.encode(),
    }

    assert in_target(parts, {ONE: "item-1", NONE: "never"}, "ws-1") == {
        ".platform": ONE.encode(),
        "a.json": f'{{"notebookId": "item-1", "other": "{TWO}", "workspaceId": "ws-1", "x": "{NONE}"}}'.encode(),
        "b.py": b'workspace = "ws-1"',
        "c.png": b"\0" + ONE.encode(),
    }
    assert in_target({"x": b"a"}, {}, "w") == {"x": b"a"}


def test_the_logical_ids_that_parts_name() -> None:
    parts = {
        "a.json": f'{{"id": "{ONE.upper()}", "other": "{NONE}"}}'.encode(),
        ".platform": b"22222222-2222-4222-8222-222222222222",
        "binary": b"\0" + ONE.encode(),
    }
    known = {ONE: 1, NONE: 2, "22222222-2222-4222-8222-222222222222": 3}
    assert named_in(parts, known) == {ONE}
    assert named_in(parts, {}) == set()
