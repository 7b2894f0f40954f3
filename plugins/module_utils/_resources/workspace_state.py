# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""A workspace as it is to be: the plan, and carrying it out."""

from __future__ import annotations

import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError
from ansible_collections.community.powerbi.plugins.module_utils._http.client import Client
from ansible_collections.community.powerbi.plugins.module_utils._plan import Plan, plan, same_guid
from ansible_collections.community.powerbi.plugins.module_utils._resources.capacities import Capacities
from ansible_collections.community.powerbi.plugins.module_utils._resources.workspaces import NO_CAPACITY, Workspaces

Tell = t.Callable[[], None]


class Wanted(t.NamedTuple):
    """What is asked of a workspace; None is "not managed". ``capacity`` by name or id, or "none"."""

    name: str | None = None
    id: str | None = None
    description: str | None = None
    capacity: str | None = None
    storage_format: str | None = None


def plan_workspace(client: Client, wanted: Wanted, *, present: bool) -> Plan:
    """States have the keys id, name, capacity_id, storage_format, and description where it is managed.

    Raises ConfigError for an unknown id or capacity, and for a name that is not unique.
    """
    current = _current(client, wanted, present)
    desired = _desired(client, wanted, current) if present else None
    return plan(desired, current, same={"capacity_id": same_guid}, label=f"workspace {wanted.name or wanted.id}")


def carry_out(client: Client, todo: Plan, *, wait: float, written: Tell) -> dict[str, t.Any]:
    """Write what differs, in the order that the service needs: a large storage format needs a capacity first.

    ``wait`` seconds for the assignment to a capacity, 0 for not at all. ``written`` is called once something is written.
    Returns the state after it, empty after a deletion.
    """
    workspaces = Workspaces(client)
    before, changes = todo.before or {}, dict(todo.changes)
    if todo.action == "delete":
        workspaces.delete(before["id"])
        written()
        return {}
    if todo.action == "none":
        return dict(todo.after or {})
    identity = before["id"] if before else workspaces.create(changes.pop("name")).id
    if not before:
        written()
        changes = {key: value for key, value in changes.items() if value != ""}
    if "name" in changes:
        workspaces.update(identity, name=changes["name"])
        written()
    if "description" in changes:
        workspaces.describe(identity, changes["description"])
        written()
    if "capacity_id" in changes:
        workspaces.assign(identity, changes["capacity_id"] or NO_CAPACITY, timeout=wait)
        written()
    if "storage_format" in changes:
        workspaces.update(identity, storage_format=changes["storage_format"])
    written()
    return {**(todo.after or {}), "id": identity}


def _current(client: Client, wanted: Wanted, present: bool) -> dict[str, t.Any] | None:
    workspaces = Workspaces(client)
    found = workspaces.find(wanted.id or wanted.name or "", "id" if wanted.id else "name")
    if found is None:
        if wanted.id and present:
            raise ConfigError(
                f"there is no workspace with the id {wanted.id} that this caller can see",
                option="id",
                remedy="check the id, give the service principal a role in it, or leave the id out to create one",
            )
        return None
    state = {key: value for key, value in found._asdict().items() if key != "type"}
    if wanted.description is not None and present:
        state["description"] = workspaces.description(found.id)
    return state


def _desired(client: Client, wanted: Wanted, current: dict[str, t.Any] | None) -> dict[str, t.Any]:
    capacity = wanted.capacity
    if capacity:
        capacity = "" if capacity.lower() == "none" else Capacities(client).get(capacity).id
    desired = {
        "name": wanted.name,
        "description": wanted.description,
        "capacity_id": capacity,
        "storage_format": wanted.storage_format,
    }
    if current is None:  # a new one has all keys, as an existing one has
        set_ones = {key: value for key, value in desired.items() if value is not None}
        desired = {"id": "", "capacity_id": "", "storage_format": "", **set_ones}
    return desired
