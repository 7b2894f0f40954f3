# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Content that others have made, where it is at hand: a project (PBIP), .pbix files and an .rdl file, by every way there is."""

from __future__ import annotations

import shutil
import typing as t
from pathlib import Path

import pytest

from harness import conformance, round_trip
from harness.emulator import Emulator
from harness.modules import Modules
from harness.portal import Portal

CONTENT: t.Final = conformance.DATA / "content"
PACKAGES: t.Final = sorted(CONTENT.glob("*/*.pbix"))
PAGINATED: t.Final = sorted(CONTENT.glob("*/*/*.rdl"))
THIN: t.Final = "resource_pbix_report_only.Report"  # its semantic model is in the tenant of its author

pytestmark = pytest.mark.skipif(not PACKAGES, reason=f"there is no real content in {CONTENT}")


@pytest.fixture
def modules(fresh_emulator: Emulator) -> Modules:
    return Modules(fresh_emulator)


@pytest.fixture
def finance(fresh_emulator: Emulator) -> Portal:
    return Portal(fresh_emulator)


def project(folder: Path) -> None:
    shutil.copytree(CONTENT / "pbip", folder)


def packages(folder: Path) -> None:
    folder.mkdir()
    for package in PACKAGES:
        shutil.copy(package, folder)


def paginated(folder: Path) -> None:
    folder.mkdir()
    for number, file in enumerate(PAGINATED):
        shutil.copy(file, folder / f"Paginated {number}.rdl")


def everything(folder: Path) -> None:
    folder.mkdir()
    project(folder / "Project")
    packages(folder / "Packages")
    paginated(folder / "Paginated")


@pytest.mark.parametrize("content", [project, packages, paginated, everything])
def test_real_content_makes_the_round(
    modules: Modules,
    finance: Portal,
    fresh_emulator: Emulator,
    tmp_path: Path,
    content: t.Callable[[Path], None],
) -> None:
    content(tmp_path / "content")
    pinned = [THIN] if content in (packages, everything) else []
    src = tmp_path / "content"
    exported = round_trip.round_trip(modules, finance, fresh_emulator, src, tmp_path, pinned=pinned)
    remaining = exported["remaining_references"]
    assert all("of another workspace" in one["what"] for one in remaining)
    assert [one["path"].rpartition("/")[0].rpartition("/")[2] for one in remaining] == pinned
