# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Errors of items that are not in the service, or several times."""

from __future__ import annotations

import typing as t

from .._api.items import Item
from .._content.item import LocalItem
from .._errors import ConfigError, listed


def no_such_item(name: str, workspace: str) -> ConfigError:
    return ConfigError(
        f"there is no item {name!r} in the workspace {workspace!r} that this caller can see",
        option="src",
        remedy="deploy it first, correct the name, or give the service principal a role in that workspace",
    )


def ambiguous_owner(local: LocalItem, others: t.Sequence[Item]) -> ConfigError:
    """The error for several items that were deployed from one local item, or are copies of such an item."""
    found = (f"{item.name} ({item.id})" for item in sorted(others, key=lambda item: (item.name, item.id)))
    return ConfigError(
        f"{len(others)} items of the workspace were deployed from {local}, or are copies of it",
        option="src",
        why=f"Their ownership annotations have the same logical id: {listed(found)}",
        remedy="delete those that are copies or leftovers, or name the items to keep in protect; nothing was written",
    )
