# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.plugin_utils._bytecode import BytecodeFinder, install

OURS = "ansible_collections.community.powerbi.plugins."


def find(name: str, *folders: Path) -> object:
    return BytecodeFinder.find_spec(name, [str(folder) for folder in folders] or None)


class _AnsibleCollectionFinder:
    """Stands for Ansible's own, which has this name."""


def test_it_is_asked_before_ansible_s_finder_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first, ansible, last = object(), _AnsibleCollectionFinder(), object()
    monkeypatch.setattr(sys, "meta_path", [first, ansible, last])
    install()
    install()
    assert sys.meta_path == [first, BytecodeFinder, ansible, last]


def test_without_ansible_s_finder_it_stays_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", [])
    install()
    assert sys.meta_path == []


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
