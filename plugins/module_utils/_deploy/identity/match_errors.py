# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The errors of matching: several items for one, and items of other owners. All of it is reported before the first write."""

from __future__ import annotations

import typing as t

from ..._api.items import Item
from ..._content.item import LocalItem
from ..._content.ownership_annotation import Ownership
from ..._errors import ConfigError, listed
from .owner import Owner, described, shown

_UNWRITTEN = "; nothing was written"


def refuse(errors: t.Sequence[ConfigError]) -> None:
    """Raise the error, or one with all of them. Nothing is raised if there is none."""
    if not errors:
        return
    if len(errors) == 1:
        raise errors[0]
    remedies = dict.fromkeys(error.remedy.removesuffix(_UNWRITTEN) for error in errors if error.remedy)
    raise ConfigError(
        f"{len(errors)} items can't be matched with those of the workspace, so nothing was written",
        option=errors[0].option,
        why=listed([f"{error.what} ({error.why})" for error in errors], separator="; "),
        remedy="; ".join(remedies),
    )


def ambiguous(local: LocalItem | None, items: t.Sequence[Item]) -> ConfigError:
    """The error for several items that were deployed from one local item, or are copies of such an item."""
    found = (described(item) for item in sorted(items, key=lambda item: (item.name, item.id)))
    return ConfigError(
        f"{len(items)} items of the workspace were deployed from {local or 'one item'}, or are copies of it",
        option="src",
        why=f"Their ownership annotations have the same logical id: {listed(found)}",
        remedy=f"delete those that are copies or leftovers, or name the items to keep in protect{_UNWRITTEN}",
    )


def foreign(local: LocalItem, item: Item, found: Ownership, owner: Owner) -> ConfigError:
    """The error for an item that has the name of a local one, and another owner."""
    return ConfigError(
        f"{local} would overwrite an item of another deployment or folder",
        option="take_ownership",
        why=_owners(local, item, found, owner),
        remedy="rename one of the two, leave the local one out (exclude of powerbi_deploy), set deployment to the name that "
        "the item was deployed with, or set take_ownership to true to make it an item of this deployment" + _UNWRITTEN,
    )


def foreign_deletion(local: LocalItem, item: Item, found: Ownership, owner: Owner) -> ConfigError:
    """The error for an item to delete that has the name of a local one, and another owner."""
    return ConfigError(
        f"{item.name}.{item.type} is an item of another deployment or folder",
        option="take_ownership",
        why=_owners(local, item, found, owner),
        remedy="set deployment to the name that the item was deployed with, give its id as name and leave src out, or set "
        "take_ownership to true to delete it; nothing was deleted",
    )


def _owners(local: LocalItem, item: Item, found: Ownership, owner: Owner) -> str:
    return f"{described(item)} was deployed by {shown(found)}, and this is {shown(owner.ownership(local))}"


def collision(others: t.Sequence[tuple[Item, Ownership]], owner: Owner) -> ConfigError:
    """The error for items that pruning would delete, but that were deployed from another folder with the default name."""
    found = (f"{described(item)} by {shown(ownership)}" for item, ownership in others)
    return ConfigError(
        f"prune is deployed, and another folder was deployed to the workspace under the name {owner.deployment!r}",
        option="deployment",
        why=f"From {owner.source!r} these items would be deleted: {listed(found)}",
        remedy="set deployment to a name of its own for each folder, or name the items to keep in protect; if they are "
        "leftovers, delete them with powerbi_item; nothing was deleted",
    )
