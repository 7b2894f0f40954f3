# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""Check whether a single file has the format of its suffix: .pbix and .xlsx packages, .rdl reports.

A .pbix may have gigabytes: only its central directory and its small parts are read.
"""

from __future__ import annotations

import dataclasses
import typing as t

from . import package, paginated, zip_package
from .item import PBIX, RDL, XLSX, LocalItem
from .problem import Problem

_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_REQUIRED = {PBIX: ("[Content_Types].xml", "Version"), XLSX: ("[Content_Types].xml", "xl/workbook.xml")}
_MAX_SMALL = 16 * 1024 * 1024
_MAX_RDL = 64 * 1024 * 1024


def checked(item: LocalItem) -> tuple[LocalItem, list[Problem]]:
    """The item of a file with the ids of the models that it references, and every problem of the file."""
    try:
        if item.kind != RDL:
            return item, list(_package(item.source, item.path, item.kind))
        with open(item.source, "rb") as handle:
            data = handle.read(_MAX_RDL + 1)
    except OSError as exc:
        what = f"the file can't be read: {exc.strerror or exc}"
        return item, [Problem(item.path, 0, 0, what, "Correct the file's permissions", code="unreadable")]
    if len(data) > _MAX_RDL:
        return item, [Problem(item.path, 0, 0, "the report has more than 64 MiB", "Give an .rdl file")]
    read = paginated.read(data, item.path)
    return dataclasses.replace(item, models=read.models), list(read.problems)


def _package(source: str, file: str, kind: str) -> t.Iterator[Problem]:
    with open(source, "rb") as handle:
        start = handle.read(len(_COMPOUND))
        if start == _COMPOUND:
            what = f"the .{kind} is encrypted (a protected sensitivity label or a password)"
            yield Problem(file, 0, 0, what, "Save it without encryption")
            return
    remedy = f"Save the .{kind} again; a Git LFS pointer must be fetched first (git lfs pull)"
    try:
        with zip_package.opened(source) as archive:
            names = frozenset(archive.namelist())
            for name in _REQUIRED[kind]:
                if name not in names:
                    yield Problem(file, 0, 0, f"this isn't a .{kind}: the package has no {name!r}", remedy)
                    return
                zip_package.read(archive, name, _MAX_SMALL)
        package.read(source, kind)
    except zip_package.PackageError as exc:
        where = f"the part {exc.part!r} can't be read" if exc.part else f"this isn't a .{kind}"
        yield Problem(file, 0, 0, f"{where}: {exc.reason}", remedy)
