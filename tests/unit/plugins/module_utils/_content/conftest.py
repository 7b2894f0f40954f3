# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Content for the tests of this room: the project's sample, real files where they are, trees made of a dict."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir

ROOT = Path(__file__).resolve().parents[5]
# Read here, because the tests' private environment takes such variables away.
REAL = Path(os.environ.get("POWERBI_TEST_DATA") or ROOT.parent / "shared" / "data") / "content"


@pytest.fixture
def sample() -> Path:
    """The project's own sample content."""
    return ROOT / "playbooks" / "files" / "sample"


@pytest.fixture
def real_content() -> Path:
    """Real files of other projects, which this one doesn't carry."""
    if not REAL.is_dir():
        pytest.skip(f"no real content in {REAL}: set POWERBI_TEST_DATA to the folder that has content/")
    return REAL


@pytest.fixture
def tree(tmp_path: Path) -> t.Callable[[t.Mapping[str, str | bytes]], str]:
    """Write files below a new folder and give its path."""

    def write(files: t.Mapping[str, str | bytes]) -> str:
        for path, content in files.items():
            file = tmp_path / "src" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        (tmp_path / "src").mkdir(exist_ok=True)
        return str(tmp_path / "src")

    return write


@pytest.fixture
def model_files() -> dict[str, str]:
    """A small model that has nothing wrong."""
    return {
        "Sales.SemanticModel/definition.pbism": '{"version": "4.0", "settings": {}}',
        "Sales.SemanticModel/definition/model.tmdl": "model Model\n\tculture: en-US\n\nref table Sales\n",
        "Sales.SemanticModel/definition/tables/Sales.tmdl": (
            "table Sales\n\n\tmeasure Total = SUM(Sales[Amount])\n\n\tcolumn Amount\n\t\tdataType: int64\n"
            "\t\tsourceColumn: Amount\n\n\tpartition Sales = m\n\t\tmode: import\n\t\tsource = #table({}, {})\n"
        ),
    }


@pytest.fixture
def report_files() -> dict[str, str]:
    """A small report on the model of `model_files`."""
    return {
        "Sales.Report/definition.pbir": (
            '{\n  "version": "4.0",\n  "datasetReference": {\n    "byPath": {\n'
            '      "path": "../Sales.SemanticModel"\n    }\n  }\n}'
        ),
        "Sales.Report/definition/report.json": '{"themeCollection": {}}',
        "Sales.Report/definition/version.json": '{"version": "2.0.0"}',
        "Sales.Report/definition/pages/pages.json": '{"pageOrder": ["p1"]}',
        "Sales.Report/definition/pages/p1/page.json": '{"name": "p1", "displayName": "One"}',
    }


# Its tables of characters go where the other tools keep theirs.
set_hypothesis_home_dir(ROOT / ".cache" / "hypothesis")
settings.register_profile("content", database=None, deadline=None, derandomize=True)
settings.load_profile("content")
