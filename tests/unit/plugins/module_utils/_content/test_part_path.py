# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Part paths: which may be used, which are ignored, which are one file elsewhere."""

from __future__ import annotations

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content.part_path import collisions, fault, ignored


@pytest.mark.parametrize("path", ["a", "definition/tables/My table.tmdl", ".platform", "a..b/c", "ä/ü", "..."])
def test_paths_that_may_be_used(path: str) -> None:
    assert fault(path) == ""


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("", "is empty"),
        ("/a", "is absolute"),
        ("C:/a", "starts with a drive letter"),
        ("c:a", "starts with a drive letter"),
        ("../a", "leaves its folder"),
        ("a/../b", "leaves its folder"),
        ("a/..", "leaves its folder"),
        ("./a", "leaves its folder"),
        ("a//b", "has an empty step"),
        ("a/", "has an empty step"),
        ("a\\..\\b", "has a backslash"),
        ("a\nb", "has a control character"),
        ("a\0", "has a control character"),
    ],
)
def test_paths_that_are_refused(path: str, why: str) -> None:
    assert fault(path) == why


def test_files_of_a_user_are_ignored() -> None:
    assert all(map(ignored, [".pbi/localSettings.json", "x/.PBI/cache.abf", "a/Thumbs.db", ".git/config", "cache.abf"]))
    assert not any(map(ignored, [".platform", "definition.pbir", "a/.children/b", "pbi/x"]))


def test_paths_that_differ_only_in_case() -> None:
    assert collisions(["b/A", "a", "B/a", "c"]) == [("B/a", "b/A")]
