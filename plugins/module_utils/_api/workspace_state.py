# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The desired state of a workspace: the plan, and its application."""

from __future__ import annotations

import typing as t

from .._content.texts import canonical
from .._empty_values import is_emptied
from .._errors import ConfigError
from .._guid import ZERO_GUID, is_guid, normalise_guid
from .._http.client import Client
from .._plan import Plan, State, same_guid
from .._resource import StateResource, Task
from .capacities import Capacities
from .workspaces import Workspace, Workspaces


class DesiredWorkspace(t.NamedTuple):
    """The desired workspace; None is "not managed". ``capacity`` by name or id, or "none"."""

    name: str | None = None
    id: str | None = None
    description: str | None = None
    capacity: str | None = None
    storage_format: str | None = None


class ManagedWorkspace(StateResource):
    """States have the keys id, name, capacity_id, storage_format, and description where it is managed.

    ``wait``: until a new workspace is listed and its assignment to a capacity has completed; what the next write of the
    same task depends on is always waited for. ``timeout``: seconds for each of these.

    The plan raises ConfigError for what the service would reject, so that check mode reports it: an unknown id, a
    capacity that is unknown or does not run, a name that is in use or not unique, a large storage format without a
    capacity.
    """

    same: t.Mapping[str, t.Any] = {"capacity_id": same_guid}

    def __init__(
        self, client: Client, requested: DesiredWorkspace, *, present: bool, wait: bool = True, timeout: float = 1800.0
    ) -> None:
        self._client = client
        self._workspaces = Workspaces(client)
        self._requested = requested
        self._present = present
        self._wait = wait
        self._timeout = timeout
        self._created_id = ""
        self.label = f"workspace {requested.name or requested.id}"

    def read(self) -> State | None:
        _check(self._client, self._requested, self._present)
        return _current(self._client, self._requested, self._present)

    def desired(self, current: State | None) -> State | None:
        return _desired(self._client, self._requested, current) if self._present else None

    def apply(self, change: Plan, task: Task) -> None:
        """Write in the order that the service needs: a large storage format needs a capacity first."""
        workspaces, before, changes = self._workspaces, change.before or {}, dict(change.changes)
        identity, storage = before.get("id", ""), changes.pop("storage_format", "")
        if change.action == "delete":
            workspaces.delete(identity)
            return task.mark_changed()
        if storage == (before.get("storage_format") or "small"):  # the format that the service sets with a capacity
            storage = ""
        if change.action == "create":
            made = workspaces.create(changes.pop("name"))
            identity = self._created_id = made.id
            task.mark_changed()
            changes = {key: value for key, value in changes.items() if value != ""}
            if self._wait or changes:
                workspaces.wait_until_listed(made, timeout=self._timeout)
        if "name" in changes:
            workspaces.update(identity, name=changes["name"])
            task.mark_changed()
        if "description" in changes:
            self._describe(identity, changes["description"], change, task)
        if "capacity_id" in changes:
            workspaces.assign_to_capacity(identity, changes["capacity_id"] or ZERO_GUID)
            task.mark_changed()
            if self._wait or storage:
                workspaces.wait_until_assigned(identity, timeout=self._timeout)
        if storage:
            workspaces.update(identity, storage_format=storage)
            task.mark_changed()
        return None

    def _describe(self, identity: str, description: str, change: Plan, task: Task) -> None:
        """Write the description. One that the service keeps otherwise is a warning."""
        kept = self._workspaces.set_description(identity, description)
        task.mark_changed()
        if kept in (None, description):
            return
        name = (change.after or {}).get("name") or self._requested.name or identity
        is_equal = canonical(str(kept)) == canonical(description)
        later = "that is no difference for later runs" if is_equal else "each run writes it again; change it"
        what = f"the service keeps the description of the workspace {name!r} otherwise than it was written"
        task.warn(f"{what}: {kept!r}; {later}")

    def values(self, change: Plan) -> dict[str, t.Any]:
        state = dict(change.after or {})
        return {"workspace": {**state, "id": self._created_id} if self._created_id else state}


def _check(client: Client, requested: DesiredWorkspace, present: bool) -> None:
    if requested.id is not None and not is_guid(requested.id):
        raise ConfigError(f"id is {requested.id!r}, which is not a GUID", option="id", remedy="use `name` for a name")
    if requested.name is not None and (not requested.name or requested.name != requested.name.strip()):
        raise ConfigError(
            f"name is {requested.name!r}: it is empty, or begins or ends with a space",
            option="name",
            remedy="remove the spaces, as the service does",
        )
    if requested.id and requested.name and present and is_guid(requested.name):
        raise ConfigError(
            f"name is {requested.name!r}, which is an id",
            option="name",
            why="A workspace whose name is an id could be confused with the workspace of that id",
            remedy="give the name that the workspace is to have, or leave name out",
        )
    if requested.capacity is not None and requested.capacity != "none" and is_emptied(requested.capacity):
        raise ConfigError(
            f"capacity is {requested.capacity!r}, which may be a variable without a value",
            option="capacity",
            remedy="give the name or id of a capacity, `none` in lower case to remove the workspace from its capacity, "
            "or leave capacity out to keep it",
        )
    if present and requested.description is not None and not Workspaces(client).have_descriptions:
        raise ConfigError(
            "description can't be managed in this cloud",
            option="description",
            why="Only the Fabric API has descriptions, and its host in this cloud is not known",
            remedy="leave description out, or set `api_url` to a host that serves Fabric's API, too",
        )


def _current(client: Client, requested: DesiredWorkspace, present: bool) -> dict[str, t.Any] | None:
    workspaces = Workspaces(client)
    found = workspaces.find(requested.id or requested.name or "", "name")
    if requested.id and requested.name and not present:
        _refuse_contradiction(workspaces, requested.name, requested.id, found)
    if found is None:
        if present and is_guid(requested.id or requested.name or ""):
            raise ConfigError(
                f"there is no workspace with the id {requested.id or requested.name} that this caller can see",
                option="id" if requested.id else "name",
                remedy="check the id, give the service principal a role in it, or give a name alone to create one",
            )
        if present and requested.name and is_emptied(requested.name):
            raise ConfigError(
                f"name is {requested.name!r}, which may be a variable without a value",
                option="name",
                remedy="give the name of the workspace to create",
            )
        return None
    if requested.id and requested.name and present:
        _check_that_free(workspaces, requested.name, found)
    state = {key: value for key, value in found._asdict().items() if key != "type"}
    if requested.description is not None and present:
        state["description"] = workspaces.description(found.id)
    return state


def _refuse_contradiction(workspaces: Workspaces, name: str, identity: str, found: Workspace | None) -> None:
    """Check before a deletion that id and name belong to one workspace. Raises ConfigError."""
    other = found if found is not None else next(iter(workspaces.all(name)), None)
    if other is None or (
        found is not None
        and (name.lower() == found.name.lower() or (is_guid(name) and normalise_guid(name) == found.id))
    ):
        return
    raise ConfigError(
        f"id and name contradict each other: the workspace {other.id} is called {other.name!r}",
        option="name",
        why=f"The task is to delete the workspace with the id {identity} and the name {name!r}",
        remedy="give one of them",
    )


def _check_that_free(workspaces: Workspaces, name: str, mine: Workspace) -> None:
    """Check before a rename that the name is free. The service checks workspaces that the caller can't see."""
    if name.lower() == mine.name.lower():
        return
    others = workspaces.all_named(name)
    if others:
        raise ConfigError(
            f"the name {name!r} is taken by the workspace {others[0].id}",
            option="name",
            remedy="use another name, or rename or delete that workspace first",
        )


def _desired(client: Client, requested: DesiredWorkspace, current: State | None) -> dict[str, t.Any]:
    had = (current or {}).get("capacity_id", "")
    capacity = _capacity_id(client, requested.capacity, had)
    on_capacity = had if capacity is None else capacity
    storage = requested.storage_format if on_capacity else ""
    if requested.storage_format == "large" and not on_capacity:
        raise ConfigError(
            "storage_format is large, but the workspace is on no capacity",
            option="storage_format",
            remedy="set `capacity`, too, or leave storage_format out",
        )
    if on_capacity and not had:
        storage = storage or "small"
    desired = {
        # Without an id the name only selects the workspace; its case is not changed.
        "name": requested.name if requested.id or current is None else None,
        "description": _description(requested.description, (current or {}).get("description")),
        "capacity_id": capacity,
        "storage_format": storage,
    }
    if current is None:  # a new workspace has all keys that an existing one has
        set_ones = {key: value for key, value in desired.items() if value is not None}
        desired = {"id": "", "capacity_id": "", "storage_format": "", **set_ones}
    return desired


def _description(requested: str | None, current: str | None) -> str | None:
    """The desired description: the current one, if they differ only in what the service normalises."""
    same = requested is not None and current is not None and canonical(requested) == canonical(current)
    return current if same else requested


def _capacity_id(client: Client, capacity: str | None, had: str) -> str | None:
    """The desired capacity's id, "" for none, None for "unchanged". Raises ConfigError if it is unknown or not running."""
    if not capacity:
        return None
    if capacity == "none":
        return ""
    found = Capacities(client).get(capacity)
    if found.id != had and found.state.lower() not in ("active", ""):
        raise ConfigError(
            f"the capacity {found.name!r} does not run: its state is {found.state}",
            option="capacity",
            remedy="resume it in the Azure portal, or use another one",
        )
    return found.id
