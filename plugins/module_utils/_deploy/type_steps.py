# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Steps after the definition of some types: an environment is published, a value set is activated."""

from __future__ import annotations

import typing as t

from .._api.items import Item
from .._content import item_types
from .._content.item import LocalItem
from .desired import Desired
from .entry import CREATE, Entry
from .remote import RemoteWorkspace

_RUNNING = "running"
_DONE = "success"


def plan(desired: Desired, live: RemoteWorkspace, entry: Entry, *, content: bool) -> None:
    """Set the steps in the entry. ``content``: whether the folder has a definition of the item."""
    local: LocalItem = t.cast("LocalItem", entry.local)
    after = item_types.of(local.type).after
    new = entry.action == CREATE
    if after == item_types.PUBLISH and content:
        _plan_publishing(live, entry, written=new or entry.content)
    chosen = desired.value_sets.get(id(local), "")
    if after == item_types.VALUE_SET and chosen:
        current = "" if new else live.properties.active_value_set(t.cast("Item", entry.live))
        if current != chosen:
            entry.value_set = chosen
            before = f"changed from {current} to" if current else "is"
            entry.changes.append(f"active value set {before} {chosen}")


def _plan_publishing(live: RemoteWorkspace, entry: Entry, *, written: bool) -> None:
    """Plan to publish the written definition, or one that an earlier run wrote and could not publish."""
    state = _DONE if written else live.properties.publish_state(t.cast("Item", entry.live))
    if written or state not in (_DONE, _RUNNING):
        entry.publish = True
        entry.changes.append("published")


def execute(live: RemoteWorkspace, entry: Entry, written: t.Callable[[], None]) -> None:
    """Run the steps of `plan` for the entry's item. ``written`` is called after each write."""
    item: Item = t.cast("Item", entry.live)
    if entry.publish:
        operation = live.properties.publish(item)
        written()
        operation.wait()
    if entry.value_set:
        live.properties.activate_value_set(item, entry.value_set)
        written()
