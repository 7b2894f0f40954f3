# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""tools/test_cores.py: which versions of ansible-core are taken, and what is said of those that can't be had."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
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
    sys.modules[spec.name] = module  # dataclasses need it
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


@pytest.mark.parametrize(("turn", "expected"), [(0, "2.17"), (1, "2.18"), (2, "2.20"), (3, "2.17")])
def test_one_of_those_between_in_turn(
    tool: t.Any, turn: int, expected: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tool, "prepare", lambda series: "")
    assert list(dict(tool.chosen(LISTED, False, turn))) == ["2.16", "2.22", expected]
    assert capsys.readouterr().out == f"==> in turn, by the commit: {expected} of 2.17, 2.18, 2.20\n"


def test_with_the_python_of_venv_only_unit_tests_that_depend_on_the_core(tool: t.Any) -> None:
    ignored = [f"--ignore={folder}" for folder in tool.WITHOUT_ANSIBLE]
    assert [part for part in tool.command("e", "unit", True) if part.startswith("--ignore")] == ignored
    for part in tool.PARTS:
        assert "--ignore" not in " ".join(tool.command("e", part, False))
    assert tool.command("e", "everycore", True) == tool.command("e", "everycore", False)


def test_briefly_the_unit_tests_of_all_that_imports_ansible(tool: t.Any) -> None:
    root = FILE.parents[1]
    plugins = root / "plugins"
    imports = re.compile(r"^\s*(?:from|import) ansible[ .]", re.MULTILINE)
    users = [path for path in plugins.rglob("*.py") if imports.search(path.read_text(encoding="utf-8"))]
    places = {path.relative_to(plugins).parts[0] for path in users} - {"module_utils"}
    assert [path.name for path in users if "module_utils" in path.parts] == ["_module.py"]
    assert places <= {Path(place).name for place in tool.OF_ANSIBLE}
    command = tool.command("e", "unit", True, True)
    assert command[-len(tool.OF_ANSIBLE) :] == list(tool.OF_ANSIBLE)
    assert all((root / place).exists() for place in tool.OF_ANSIBLE)


@pytest.mark.parametrize(
    ("more", "brief", "expected"),
    [
        ("", True, "everycore and not full and not more"),
        ("yes", True, "everycore and not full"),
        ("", False, "everycore"),
        ("yes", False, "everycore"),
    ],
)
def test_everycore_has_as_much_as_make_test(
    tool: t.Any, more: str, brief: bool, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MORE", more)
    command = tool.command("e", "everycore", True, brief)
    assert command[command.index("-m") + 1] == expected


def test_those_that_are_left_out_do_not_load_ansible(tool: t.Any, tmp_path: Path) -> None:
    """They are collected, in a process that can't import ``ansible``; no function of them imports it."""
    root = FILE.parents[1]
    if not (root / ".collections").exists():
        pytest.skip("ansible-test's tree: the collection is imported by Ansible's own loader")
    folders = [root / folder for folder in tool.WITHOUT_ANSIBLE]
    texts = "\n".join(path.read_text(encoding="utf-8") for folder in folders for path in folder.rglob("*.py"))
    assert re.findall(r"^\s*(?:from|import) ansible[ .].*", texts, re.MULTILINE) == []
    code = (
        "import sys; sys.modules['ansible'] = None; import pytest;"
        "sys.exit(pytest.main(['-p', 'pytest_timeout', '-p', 'no:cacheprovider', '--collect-only', *sys.argv[1:]]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, f"--basetemp={tmp_path / 'pytest'}", *map(str, folders)],
        cwd=root,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]


class TestParts:
    """Programs that write down when they run stand for pytest and ansible-test."""

    @pytest.fixture
    def script(self, tool: t.Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        script = tmp_path / "part.sh"
        script.write_text(
            f'echo "$2 begins" >>{tmp_path}/events\n'
            'echo "output of $2"\n'
            'if [ $2 = sanity ]; then echo "SKIPPED: sanity test pylint, since it is on no index"; fi\n'
            f'sleep 0.3; echo "$2 ends" >>{tmp_path}/events\n'
            '[ "$1 $2" != ".venv-core-2.17 unit" ]\n'
        )
        monkeypatch.setattr(tool, "LOGS", tmp_path / "logs")
        monkeypatch.setattr(tool, "command", lambda environment, part, *_unused: ["sh", str(script), environment, part])
        return script

    def test_some_run_at_once_but_only_one_sanity_test(self, tool: t.Any, script: Path) -> None:
        rows = [tool.Row("2.16.1", "3.11.2"), tool.Row("2.17.1", "3.11.2")]
        tool.carry_out([(row, row.core[:4], part) for part in ("sanity", "unit") for row in rows], 2)
        events = (script.parent / "events").read_text().splitlines()
        assert events[:2] in (["sanity begins", "unit begins"], ["unit begins", "sanity begins"])
        assert [event for event in events if "sanity" in event] == ["sanity begins", "sanity ends"] * 2

    def test_a_failed_part_is_printed_and_the_others_run(
        self, tool: t.Any, script: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        rows = [tool.Row("2.16.1", "3.11.2"), tool.Row("2.17.1", "3.11.2")]
        tool.carry_out([(row, row.core[:4], part) for row in rows for part in ("unit", "everycore")], 1)
        assert [[cell.split(",")[0] for cell in row.cells.values()] for row in rows] == [
            ["passed", "passed"],
            ["FAILED", "passed"],
        ]
        assert capsys.readouterr().out.count("output of") == 1

    def test_what_a_part_skips_is_said(self, tool: t.Any, script: Path, capsys: pytest.CaptureFixture[str]) -> None:
        row = tool.Row("2.22.1", "3.13.2")
        tool.carry_out([(row, "2.22", "sanity"), (row, "2.22", "unit")], 2)
        assert row.cells["sanity"].endswith("; SKIPPED: pylint")
        assert "depend on" not in row.cells["unit"]
        assert "SKIPPED" not in row.cells["unit"]
        assert "SKIPPED: sanity test pylint, since it is on no index\n" in capsys.readouterr().out

    def test_what_unit_leaves_out_is_said(self, tool: t.Any, script: Path) -> None:
        row = tool.Row("2.16.1", "3.11.2", same_python=True)
        tool.carry_out([(row, "2.16", "everycore"), (row, "2.16", "unit")], 2)
        assert row.cells["unit"].endswith(
            " (those that depend on ansible-core; the others ran in .venv with this Python)"
        )
        assert "depend on" not in row.cells["everycore"]

    def test_brief_is_said(self, tool: t.Any, script: Path) -> None:
        row = tool.Row("2.16.1", "3.11.2", same_python=True, brief=True)
        tool.carry_out([(row, "2.16", "unit")], 1)
        assert row.cells["unit"].endswith(" (those of what uses Ansible's API; make test-full runs all)")
