# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path

import pytest
from ansible.utils.collection_loader import _collection_finder

from ansible_collections.community.powerbi.plugins.plugin_utils import _bytecode
from ansible_collections.community.powerbi.plugins.plugin_utils._bytecode import (
    BytecodeFinder,
    caches,
    install,
    is_switched_off,
)

OURS = "ansible_collections.community.powerbi.plugins."


def find(name: str, *folders: Path) -> object:
    return BytecodeFinder.find_spec(name, [str(folder) for folder in folders] or None)


class _AnsibleCollectionFinder:
    """Stands for Ansible's own, which has this name."""


@pytest.fixture
def meta_path(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """sys.meta_path as in a run of Ansible, whose loader has loaded `_bytecode` itself."""
    found: list[object] = [object(), _AnsibleCollectionFinder(), object()]
    monkeypatch.setattr(sys, "meta_path", found)
    monkeypatch.setattr(_bytecode, "__spec__", ModuleSpec("_bytecode", object()))
    monkeypatch.delenv(_bytecode.SWITCH, raising=False)
    return found


def test_it_is_installed_once_and_before_the_finder_of_ansible(meta_path: list[object]) -> None:
    first, ansible, last = meta_path
    install()
    install()
    assert meta_path == [first, BytecodeFinder, ansible, last]


def test_without_the_finder_of_ansible_it_is_not_installed(meta_path: list[object]) -> None:
    del meta_path[1]
    install()
    assert BytecodeFinder not in meta_path


def test_the_environment_variable_switches_it_off(meta_path: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERBI_BYTECODE_CACHE", "false")
    install()
    assert BytecodeFinder not in meta_path


@pytest.mark.parametrize(
    ("text", "off"), [("0", True), (" No ", True), ("off", True), ("", False), ("1", False), ("true", False)]
)
def test_values_of_the_environment_variable(text: str, off: bool) -> None:
    assert is_switched_off({"POWERBI_BYTECODE_CACHE": text}) is off
    assert not is_switched_off({})


def test_where_the_loader_caches_it_is_not_installed(meta_path: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_bytecode, "__spec__", ModuleSpec("_bytecode", SourceFileLoader("_bytecode", "/x.py")))
    install()
    assert BytecodeFinder not in meta_path


def test_the_loader_of_this_ansible_core_does_not_cache() -> None:
    """If this fails, ansible-core caches by itself, and the finder is not needed with this version."""
    assert not caches(_collection_finder._AnsibleCollectionLoader)
    assert caches(SourceFileLoader)


def test_our_modules_get_the_loader_that_keeps_bytecode(tmp_path: Path) -> None:
    (tmp_path / "_thing.py").write_text("x = 1\n")
    spec = BytecodeFinder.find_spec(f"{OURS}module_utils._thing", [str(tmp_path / "none"), str(tmp_path)])
    assert isinstance(spec.loader, SourceFileLoader)
    assert spec.origin == str(tmp_path / "_thing.py")


def test_packages_are_left_to_ansible(tmp_path: Path) -> None:
    (tmp_path / "_room").mkdir()
    (tmp_path / "_room" / "__init__.py").touch()
    assert find(f"{OURS}module_utils._room", tmp_path) is None


def test_modules_of_others_are_not_found(tmp_path: Path) -> None:
    (tmp_path / "thing.py").touch()
    assert find("thing", tmp_path) is None
    assert find("ansible_collections.community.general.plugins.module_utils.thing", tmp_path) is None
    assert find("ansible_collections.community.powerbi.tests.thing", tmp_path) is None


def test_a_module_without_a_file_is_not_found(tmp_path: Path) -> None:
    assert find(f"{OURS}module_utils.gone", tmp_path) is None
    assert find(f"{OURS}module_utils.gone") is None
