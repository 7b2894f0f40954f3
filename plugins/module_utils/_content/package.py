# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""The content of a .pbix that its import depends on: a semantic model of its own, or a connection to another."""

from __future__ import annotations

import json
import typing as t

from .._guid import GUID
from . import zip_package
from .item import PBIX, XLSX

_MODELS = frozenset(("DataModel", "DataModelSchema"))
_CONNECTIONS = "Connections"
_MAX_CONNECTIONS = 1024 * 1024  # bytes; it has some hundred


class Package(t.NamedTuple):
    """``has_model``: the file contains a semantic model. If not, ``model_id`` is that of its connection, "" if unknown."""

    has_model: bool
    model_id: str = ""


def read(source: str, kind: str) -> Package:
    """Read a .pbix: the archive's directory and one small part only.

    Raises OSError, and PackageError for a file that is not a package or has a damaged part.
    """
    if kind != PBIX:
        return Package(kind == XLSX)
    with zip_package.opened(source) as archive:
        names = frozenset(archive.namelist())
        if names & _MODELS:
            return Package(True)
        if _CONNECTIONS not in names:
            return Package(False)
        return Package(False, _remote_model(zip_package.read(archive, _CONNECTIONS, _MAX_CONNECTIONS)))


def _remote_model(data: bytes) -> str:
    """The model's id in a `Connections` part, in either of its two places."""
    try:
        value = json.loads(data.decode("utf-16-le" if b"\x00" in data[:4] else "utf-8-sig").lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return ""
    if not isinstance(value, dict):
        return ""
    for section, key in (("RemoteArtifacts", "DatasetId"), ("Connections", "PbiModelDatabaseName")):
        entries = value.get(section)
        for entry in entries if isinstance(entries, list) else ():
            found = GUID.search(str(entry.get(key) or "")) if isinstance(entry, dict) else None
            if found:
                return found.group().lower()
    return ""
