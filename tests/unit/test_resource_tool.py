# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""tools/make_resource.py: what it writes is complete and clean, and what is left to fill in fails here."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml

ROOT: t.Final = Path(__file__).resolve().parents[2]
FILE: t.Final = ROOT / "tools" / "make_resource.py"
COPIED: t.Final = ("plugins", "meta", "tests", "emulator/src", "README.md", "docs/modules.md", "ruff.toml", "mypy.ini")
PLACE: t.Final = re.compile(r"TODO\([a-z0-9_]+\)")


@pytest.fixture(scope="module")
def tool() -> t.Any:
    spec = importlib.util.spec_from_file_location("make_resource_of_powerbi", FILE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of what the tool reads and writes, as a collection that mypy finds."""
    for name in COPIED:
        source, target = ROOT / name, tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.pyc", "output"))
        else:
            shutil.copy(source, target)
    collections = tmp_path / ".collections" / "ansible_collections" / "community"
    collections.mkdir(parents=True)
    (collections / "powerbi").symlink_to(tmp_path)
    return tmp_path


def places(root: Path) -> list[str]:
    """Each line that is still to be filled in: file, line number and text."""
    folders = ("plugins", "emulator/src", "tests/unit", "tests/integration", "meta", "docs", "README.md")
    files = [
        path for name in folders for path in ((root / name).rglob("*") if (root / name).is_dir() else [root / name])
    ]
    return [
        f"{path.relative_to(root)}:{number}: {line.strip()}"
        for path in sorted(files)
        if path.suffix in (".py", ".yml", ".yaml", ".md") and path.name != Path(__file__).name
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if PLACE.search(line)
    ]


def test_nothing_is_left_to_fill_in() -> None:
    left = places(ROOT)
    if left:
        pytest.fail("After make resource, write what each of these lines names:\n" + "\n".join(left), pytrace=False)


def test_the_new_files_and_rows(tool: t.Any, copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert tool.main(["data_flow", "--root", str(copy)]) == 0
    written = [
        line.removeprefix("wrote ") for line in capsys.readouterr().out.splitlines() if line.startswith("wrote ")
    ]
    new = [path for path in written if not (ROOT / path).exists()]
    assert sorted(new) == [
        "emulator/src/powerbi_emulator/routes/data_flows.py",
        "plugins/module_utils/_api/data_flows.py",
        "plugins/modules/powerbi_data_flow.py",
        "tests/integration/test_data_flows.py",
        "tests/unit/plugins/module_utils/_api/test_data_flows.py",
    ]
    left = places(copy)
    assert {place.partition(":")[0] for place in left} == {*written} - {
        "meta/runtime.yml",
        "emulator/src/powerbi_emulator/app.py",
    }
    assert all("TODO(data_flow)" in place for place in left)
    runtime = yaml.safe_load((copy / "meta" / "runtime.yml").read_text())
    group, routing = runtime["action_groups"]["powerbi"], runtime["plugin_routing"]["modules"]
    assert group == sorted(group) and "powerbi_data_flow" in group
    assert routing["powerbi_data_flow"] == {"action_plugin": "community.powerbi.powerbi_api"}
    app = (copy / "emulator" / "src" / "powerbi_emulator" / "app.py").read_text()
    assert "    data_flows,\n" in app and "    data_flows.GROUP,\n" in app
    for check in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *check, *(path for path in written if path.endswith(".py"))]
        found = subprocess.run(ruff, cwd=copy, capture_output=True, text=True, check=False)
        assert found.returncode == 0, found.stdout + found.stderr
    assert places(ROOT) == [], "the tool wrote into this checkout"


@pytest.mark.slow
@pytest.mark.parametrize("api", ["powerbi", "fabric"])
def test_the_new_files_have_complete_types(tool: t.Any, copy: Path, api: str) -> None:
    tool.make("data_flow", copy, api=api)
    mypy = [sys.executable, "-m", "mypy", "--no-error-summary"]
    packages = ("modules.powerbi_data_flow", "module_utils._api.data_flows")
    modules = [f"-mansible_collections.community.powerbi.plugins.{name}" for name in packages]
    found = subprocess.run([*mypy, *modules], cwd=copy, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize("api", ["powerbi", "fabric"])
def test_the_new_unit_test_passes_and_the_rest_is_listed(tool: t.Any, copy: Path, api: str) -> None:
    """The skeleton works: what fails is what there is to fill in."""
    written = tool.make("data_flow", copy, api=api)
    source = (copy / "plugins/module_utils/_api/data_flows.py").read_text()
    assert ('api="fabric"' in source, "displayName" in source) == (api == "fabric",) * 2
    check = [sys.executable, "-m", "ruff", "check", *(path for path in written if path.endswith(".py"))]
    assert subprocess.run(check, cwd=copy, check=False).returncode == 0
    shutil.copy(ROOT / "pytest.ini", copy)
    tests = ["tests/unit/plugins/module_utils/_api/test_data_flows.py", "tests/unit/test_resource_tool.py"]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-n",
        "0",
        f"--basetemp={copy / 'tmp'}",
        *tests,
        "-k",
    ]
    environ = {**os.environ, "PYTHONPATH": f"{copy / '.collections'}:{copy / 'tests' / 'unit'}"}
    run = subprocess.run(
        [*command, "data_flows or left_to_fill"], cwd=copy, capture_output=True, text=True, check=False, env=environ
    )
    assert re.match(r"\.\.\.F", run.stdout), run.stdout + run.stderr
    assert "After make resource, write what each of these lines names:" in run.stdout
    assert re.search(r"plugins/module_utils/_api/data_flows\.py:\d+: .*TODO\(data_flow\)", run.stdout)


def test_a_route_that_is_there_is_used(tool: t.Any, copy: Path) -> None:
    written = tool.make("data_flow", copy, "refreshes")
    assert not any("emulator" in path for path in written)
    with pytest.raises(tool.ResourceError, match=r"ROUTE is nothing, but there is no .*/nothing\.py"):
        tool.make("other", copy, "nothing")
    with pytest.raises(tool.ResourceError, match="API is graph: use one of powerbi, fabric"):
        tool.make("other", copy, api="graph")


@pytest.mark.parametrize(
    ("noun", "text"),
    [
        ("", "use a noun in lower case"),
        ("Refresh", "use a noun in lower case"),
        ("refresh-schedule", "use a noun in lower case"),
        ("../up", "use a noun in lower case"),
        ("refresh__schedule", "use a noun in lower case"),
        ("powerbi_refresh", "leave out powerbi_"),
        ("lamp_info", "only reads has no state"),
        ("workspace", "plugins/modules/powerbi_workspace.py exists already"),
        ("capacitie", "_api/capacities.py exists already"),
    ],
)
def test_a_name_that_is_refused(tool: t.Any, capsys: pytest.CaptureFixture[str], noun: str, text: str) -> None:
    assert tool.main([noun]) == 2
    captured = capsys.readouterr()
    assert text in captured.err and captured.err.startswith("make resource: ") and not captured.out
    assert places(ROOT) == []
