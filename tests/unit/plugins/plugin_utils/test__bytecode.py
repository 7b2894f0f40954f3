# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path

from ansible_collections.community.powerbi.plugins.plugin_utils._bytecode import BytecodeFinder

OURS = "ansible_collections.community.powerbi.plugins."


def find(name: str, *folders: Path) -> object:
    return BytecodeFinder.find_spec(name, [str(folder) for folder in folders] or None)


def test_it_is_asked_first_and_once() -> None:
    assert sys.meta_path.index(BytecodeFinder) == 0
    assert sys.meta_path.count(BytecodeFinder) == 1


def test_our_modules_get_the_loader_that_keeps_bytecode(tmp_path: Path) -> None:
    (tmp_path / "_thing.py").write_text("x = 1\n")
    spec = BytecodeFinder.find_spec(f"{OURS}module_utils._thing", [str(tmp_path / "none"), str(tmp_path)])
    assert isinstance(spec.loader, SourceFileLoader)
    assert spec.origin == str(tmp_path / "_thing.py")


def test_packages_are_left_to_ansible(tmp_path: Path) -> None:
    (tmp_path / "_room").mkdir()
    (tmp_path / "_room" / "__init__.py").touch()
    assert find(f"{OURS}module_utils._room", tmp_path) is None


def test_so_is_what_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "thing.py").touch()
    assert find("thing", tmp_path) is None
    assert find("ansible_collections.community.general.plugins.module_utils.thing", tmp_path) is None
    assert find("ansible_collections.community.powerbi.tests.thing", tmp_path) is None


def test_what_is_not_there_is_nobody_s(tmp_path: Path) -> None:
    assert find(f"{OURS}module_utils.gone", tmp_path) is None
    assert find(f"{OURS}module_utils.gone") is None
