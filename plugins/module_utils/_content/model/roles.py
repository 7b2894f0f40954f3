# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Roles of a model: which one was renamed to which, and what a role hides from its members."""

from __future__ import annotations

import typing as t

from .tree import Node

_ID = "PBI_Id"  # annotation of Power BI Desktop, which stays the same when a role is renamed
_ALL_ROWS = frozenset(("", "true", "true()", "1=1"))


def renamed(before: Node, after: Node) -> dict[tuple[str, str], Node]:
    """The new role for each role (by its key) that was renamed, in canonical models.

    A role that only one side has is the one with the same id of Power BI Desktop, else the only one on either side with the
    same permissions.
    """
    gone = _only_in(before, after)
    new = _only_in(after, before)
    found: dict[tuple[str, str], Node] = {}
    for identify in (_desktop_id, _permissions):
        ours, theirs = _by(identify, new), _by(identify, gone)
        for identity, roles in theirs.items():
            matches = ours.get(identity, [])
            if identity and len(roles) == len(matches) == 1:
                found[roles[0].key] = matches[0]
        taken = {role.key for role in found.values()}
        gone = [role for role in gone if role.key not in found]
        new = [role for role in new if role.key not in taken]
    return found


def _only_in(root: Node, other: Node) -> list[Node]:
    keys = {role.key for role in other.of_kind("role")}
    return [role for role in root.of_kind("role") if role.key not in keys]


def _by(identify: t.Callable[[Node], t.Any], roles: t.Iterable[Node]) -> dict[t.Any, list[Node]]:
    groups: dict[t.Any, list[Node]] = {}
    for role in roles:
        groups.setdefault(identify(role), []).append(role)
    return groups


def _desktop_id(role: Node) -> str:
    return next((found.value or "" for found in role.of_kind("annotation") if found.name == _ID), "")


def _permissions(role: Node) -> t.Any:
    return (role.text("modelPermission"), frozenset(filters(role).items()), frozenset(hidden(role)))


def filters(role: Node) -> dict[str, str]:
    """The filter of each table, by its name in lower case, as far as it leaves out rows."""
    found = {one.key[1]: (one.value or one.text("filterExpression")).strip() for one in role.of_kind("tablePermission")}
    return {table: text for table, text in found.items() if "".join(text.split()).lower() not in _ALL_ROWS}


def hidden(role: Node) -> dict[tuple[str, str], str]:
    """The tables and columns that object-level security hides: (table, column or "") in lower case, with their names."""
    found: dict[tuple[str, str], str] = {}
    for table in role.of_kind("tablePermission"):
        if _is_none(table.text("metadataPermission")):
            found[table.key[1], ""] = f"table {table.name}"
        for column in table.of_kind("columnPermission"):
            if _is_none(column.value or column.text("metadataPermission")):
                found[table.key[1], column.key[1]] = f"column {table.name}[{column.name}]"
    return found


def _is_none(permission: str) -> bool:
    return permission.strip().lower() == "none"
