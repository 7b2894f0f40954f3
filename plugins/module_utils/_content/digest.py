# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""Digests of content: the same content has the same digest on every controller."""

from __future__ import annotations

import hashlib
import typing as t

from . import json_text, service_changes
from .model import canonical, read
from .normalise import normalise
from .report import report_outline

_BLOCK = 1 << 20


def definition_digest(parts: t.Mapping[str, bytes], item_type: str = "") -> str:
    """SHA-256 (hex) of a definition's canonical form: layout and order of parts don't change it."""
    total = hashlib.sha256()
    for path, data in sorted(normalise(parts, item_type).parts.items()):
        name = path.encode()
        total.update(b"%d:%s%d:" % (len(name), name, len(data)))
        total.update(data)
    return total.hexdigest()


def model_digest(parts: t.Mapping[str, bytes]) -> str:
    """SHA-256 (hex) of a semantic model without the changes of the service and of API calls (`service_changes`).

    For a model that can't be parsed unambiguously: of its whole definition.
    """
    root = read.read_model(parts)
    if root is None:
        return definition_digest(parts, "SemanticModel")
    total = hashlib.sha256()
    for path, text in canonical.documents(service_changes.stable(canonical.canonical(root))).items():
        total.update(f"{len(path)}:{path}{len(text)}:{text}".encode("utf-8", "surrogatepass"))
    return total.hexdigest()


def outline_digest(parts: t.Mapping[str, bytes]) -> str:
    """SHA-256 (hex) of a report's outline, the same for both of its formats; "" where it can't be parsed."""
    found = report_outline.outline(parts)
    text = "" if found is None else json_text.dump(found, indent=None, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def file_digest(path: str) -> str:
    """SHA-256 (hex) of a file, read in blocks of 1 MiB: a .pbix may be larger than the memory. Raises OSError."""
    total = hashlib.sha256()
    with open(path, "rb") as handle:
        while block := handle.read(_BLOCK):
            total.update(block)
    return total.hexdigest()
