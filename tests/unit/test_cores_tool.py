# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""tools/test_cores.py: which versions of ansible-core are taken, and what is said of those that can't be had."""

from __future__ import annotations

import importlib.util
import typing as t
from pathlib import Path

import pytest

FILE: t.Final = Path(__file__).resolve().parents[2] / "tools" / "test_cores.py"
LISTED: t.Final = ["2.16", "2.17", "2.18", "2.20", "2.22"]


@pytest.fixture
def tool() -> t.Any:
    spec = importlib.util.spec_from_file_location("test_cores_tool_of_powerbi", FILE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules[spec.name] = module  # dataclasses look there
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("missing", "everything", "expected"),
    [
        ([], False, ["2.16", "2.22"]),
        (["2.16", "2.22"], False, ["2.16", "2.17", "2.22", "2.20"]),
        (LISTED, False, LISTED),
        (["2.18"], True, LISTED),
    ],
)
def test_the_oldest_and_the_newest_that_can_be_had(
    tool: t.Any, missing: list[str], everything: bool, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tool, "prepare", lambda series: "no Python" if series in missing else "")
    found = dict(tool.chosen(LISTED, everything))
    assert list(found) == expected
    assert {series for series, reason in found.items() if reason} == set(missing)


def test_a_version_that_can_t_be_had_is_said(tool: t.Any) -> None:
    assert tool.Row("2.22", reason="none of Python 3.13 is here").line() == (
        "| 2.22 | - | SKIPPED: none of Python 3.13 is here | | |"
    )


def test_the_list_begins_with_the_oldest_that_meta_allows(tool: t.Any) -> None:
    runtime = (FILE.parents[1] / "meta" / "runtime.yml").read_text()
    assert f'requires_ansible: ">={tool.listed()[0]}.0"' in runtime
    assert tool.listed() == ["2.16", "2.17", "2.18", "2.19", "2.20", "2.21", "2.22"]
