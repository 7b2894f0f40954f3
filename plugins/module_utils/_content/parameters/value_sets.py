# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""The value set to activate in a variable library: the one with the name of the environment."""

from __future__ import annotations

import typing as t

from ..._errors import listed
from .. import item_types, json_text
from ..item import LocalItem
from ..problem import WARNING, Problem
from ..text import decode
from .substitution import Substitution

PART = "settings.json"


def chosen(
    items: t.Iterable[LocalItem], substitutions: t.Mapping[LocalItem, Substitution], environment: str
) -> tuple[dict[LocalItem, str], list[Problem]]:
    """The value set of each library that has one of that name, by its item; warnings for those that don't."""
    active: dict[LocalItem, str] = {}
    problems = []
    for item in items:
        if not environment or item_types.of(item.type).after != item_types.VALUE_SET:
            continue
        names = _names(substitutions[item].parts)
        if environment in names:
            active[item] = environment
        elif names:
            what = f"no value set is called as the environment {environment!r}, so the active one stays"
            remedy = f"Add a value set of that name, or correct environment; there are {listed(names)}"
            problems.append(Problem(f"{item.path}/{PART}", 0, 0, what, remedy, WARNING))
    return active, problems


def _names(parts: t.Mapping[str, bytes]) -> list[str]:
    text = decode(parts[PART]) if PART in parts else None
    value = json_text.parse(text, PART)[0] if text else None
    listed = value.get("valueSetsOrder") if isinstance(value, dict) else None
    return [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []
