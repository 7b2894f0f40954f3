# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""The model of a definition's parts as one tree, from TMDL or TMSL."""

from __future__ import annotations

import typing as t

from .. import json_text
from ..problem import ERROR
from ..text import decode, suffix
from . import merge, tmdl, tmsl
from .tree import Node


def tmdl_paths(parts: t.Mapping[str, bytes]) -> list[str]:
    """The parts that declare the model; TMDL scripts and other texts elsewhere don't."""
    return sorted(path for path in parts if path.startswith("definition/") and suffix(path) == ".tmdl")


def documents(parts: t.Mapping[str, bytes]) -> dict[str, Node] | None:
    """The tree of each TMDL part, or None if one of them can't be parsed unambiguously."""
    trees = {}
    for path in tmdl_paths(parts):
        text = decode(parts[path])
        if text is None:
            return None
        tree, problems = tmdl.read(text, path)
        if any(problem.severity == ERROR for problem in problems):
            return None
        trees[path] = tree
    return trees


def read_model(parts: t.Mapping[str, bytes]) -> Node | None:
    """The model of a definition; None if there is none, or it can't be parsed unambiguously."""
    if tmsl.PART in parts:
        text = decode(parts[tmsl.PART])
        value, problem = json_text.parse(text or "", tmsl.PART)
        trees = [] if problem else [tmsl.read(value, tmsl.PART)]
    else:
        trees = list((documents(parts) or {}).values())
    if not trees:
        return None
    root, problems = merge.merge(trees)
    return None if problems else root
