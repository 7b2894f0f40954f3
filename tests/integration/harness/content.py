# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Folders of content of any size, made from the sample that the quickstart deploys."""

from __future__ import annotations

import re
import shutil
import typing as t
import uuid
from pathlib import Path

from harness.ansible_run import REPOSITORY

SAMPLE: t.Final = REPOSITORY / "playbooks" / "files" / "sample"
_GROUP: t.Final = ("Sales.SemanticModel", "Sales.Report", "Sales.Report")  # the first with its own two reports
_LOGICAL_ID: t.Final = re.compile(r'("logicalId": ")[0-9a-f-]{36}')


def sample(folder: Path) -> Path:
    """The sample itself, in a new folder that a test may edit."""
    return Path(shutil.copytree(SAMPLE, folder))


def many_items(folder: Path, count: int) -> Path:
    """``count`` items: semantic models, each with two reports, and a paginated report in every tenth place."""
    for number in range(count):
        if number % 10 == 9:
            _copy("Invoice.PaginatedReport", folder / f"Invoice {number:03}.PaginatedReport")
            continue
        place = number % 10 % 3
        model = f"Sales {number - place:03}"
        name = model if place == 0 else f"{model} view {place}"
        _copy(_GROUP[place], folder / f"{name}.{_GROUP[place].partition('.')[2]}")
        if place:
            _edit(folder / f"{name}.Report" / "definition.pbir", "../Sales.", f"../{model}.")
    return folder


def models_and_reports(folder: Path, models: int, reports: int) -> Path:
    """Semantic models, and reports that are spread evenly over them."""
    for number in range(models):
        _copy("Sales.SemanticModel", folder / f"Sales {number:03}.SemanticModel")
    for number in range(reports):
        target = folder / f"View {number:03}.Report"
        _copy("Sales.Report", target)
        _edit(target / "definition.pbir", "../Sales.", f"../Sales {number % models:03}.")
    return folder


def _copy(source: str, target: Path) -> None:
    shutil.copytree(SAMPLE / source, target)
    name, _dot, _type = target.name.rpartition(".")
    platform = target / ".platform"
    if platform.exists():
        text = platform.read_text(encoding="utf-8")
        text = re.sub(r'("displayName": ")[^"]*', rf"\g<1>{name}", text)
        logical = uuid.uuid5(uuid.NAMESPACE_URL, target.name)
        platform.write_text(_LOGICAL_ID.sub(rf"\g<1>{logical}", text), encoding="utf-8")
    for rdl in target.glob("*.rdl"):
        rdl.rename(rdl.with_name(f"{name}.rdl"))


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, path
    path.write_text(text.replace(old, new), encoding="utf-8")
