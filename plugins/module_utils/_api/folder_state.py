# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The desired state of a workspace folder: its name and its place; deleted only if it is empty."""

from __future__ import annotations

import typing as t

from .._content import folder_rules
from .._empty_values import is_emptied
from .._errors import ConfigError, listed
from .._guid import is_guid, normalise_guid
from .._http.client import Client
from .._plan import Plan, State, same_text
from .._resource import StateResource, Task
from .folders import Folders, spelled


class DesiredFolder(t.NamedTuple):
    """The desired folder. ``parent`` is a path, "/" for the root of the workspace. None: not managed; root without an id."""

    name: str | None = None
    id: str | None = None
    parent: str | None = None


class ManagedFolder(StateResource):
    """States have the keys id, name and parent, a path that is empty for the root of the workspace.

    ``workspace_id`` is empty for a workspace that check mode has only planned: it has no folder. Missing folders of the
    parent's path are created.
    """

    same: t.Mapping[str, t.Any] = {"parent": same_text}

    def __init__(self, client: Client, workspace_id: str, requested: DesiredFolder, *, present: bool) -> None:
        self._folders = Folders(client, workspace_id)
        self._workspace_id = workspace_id
        self._requested = requested
        self._parent = None if requested.parent is None else requested.parent.strip("/")
        self._present = present
        self._ids: dict[str, str] = {}
        self._created_id = ""
        self.label = f"folder {requested.name or requested.id}"

    def known(self) -> dict[str, t.Any]:
        return {"workspace_id": self._workspace_id}

    def read(self) -> State | None:
        """Raises ConfigError for an option that names no folder."""
        name, identity, _parent = self._requested
        if identity is not None and not is_guid(identity):
            raise ConfigError(f"id is {identity!r}, which is not a GUID", option="id", remedy="use name for a name")
        if "/" in (name or ""):
            raise ConfigError(f"name is {name!r}, a path", option="name", remedy="set parent to the folders above it")
        self._ids = self._folders.all() if self._workspace_id else {}
        for option, text in (("name", name), ("parent", self._parent)):
            if text and is_emptied(text) and spelled(text, self._ids) is None:
                what = f"{option} is {text!r}, which may be a variable without a value"
                raise ConfigError(what, option=option, remedy=f"correct {option}, or leave it out")
        path = self._path_of(identity) if identity else spelled(f"{self._parent or ''}/{name}".strip("/"), self._ids)
        if path is None and identity and self._present:
            raise ConfigError(
                f"there is no folder with the id {identity}", option="id", remedy="check id and workspace"
            )
        if path is None:
            return None
        parent, _sep, name = path.rpartition("/")
        return {"id": self._ids[path], "name": name, "parent": parent}

    def desired(self, current: State | None) -> State | None:
        """Raises ConfigError for what the service would refuse."""
        if not self._present:
            if current is not None:
                self._check_deletion(current)
            return None
        if current is not None and not self._requested.id:
            return {}
        after = {"id": "", "parent": "", **(current or {})}
        after["name"] = self._requested.name or after["name"]
        if self._parent is not None:
            after["parent"] = _existing(self._parent, self._ids)
        self._check_place(after)
        return after

    def apply(self, change: Plan, task: Task) -> None:
        before, after = change.before or {}, change.after or {}
        if change.action == "delete":
            self._folders.delete(before["id"])
            return task.mark_changed()
        parent_id = self._parent_id(after["parent"], task)
        if change.action == "create":
            self._created_id = self._folders.create(_join(after), parent_id)
            return task.mark_changed()
        renamed = spelled(_join({**before, "name": after["name"]}), self._ids)
        # The name first, unless another folder of the old parent has it.
        for key in sorted(change.changes, reverse=renamed not in (None, _join(before))):
            if key == "name":
                self._folders.rename(before["id"], after["name"])
            else:
                self._folders.move(before["id"], parent_id)
            task.mark_changed()
        return None

    def values(self, change: Plan) -> dict[str, t.Any]:
        state = dict(change.after or {})
        return {**self.known(), "folder": {**state, "id": self._created_id} if self._created_id else state}

    def _path_of(self, identity: str) -> str | None:
        return next((path for path, one in self._ids.items() if one == normalise_guid(identity)), None)

    def _parent_id(self, path: str, task: Task) -> str:
        """The id of the parent, "" for the root of the workspace. Creates what is missing of the path."""
        if path and path not in self._ids:
            self._ids[path] = self._folders.create(path, self._parent_id(path.rpartition("/")[0], task))
            task.mark_changed()
        return self._ids[path] if path else ""

    def _check_place(self, after: State) -> None:
        """Check the name and the place that a folder is to have. Raises ConfigError."""
        path, own = _join(after), self._path_of(after["id"])
        if path == own:
            return
        problem = next((one for one in folder_rules.problems_of([path]) if one.file not in self._ids), None)
        if problem is not None:
            option = "name" if problem.file == path else "parent"
            raise ConfigError(problem.what, option=option, remedy=problem.remedy)
        if own is not None and f"{after['parent']}/".lower().startswith(f"{own}/".lower()):
            what = f"the folder {own!r} can't be moved into itself"
            raise ConfigError(what, option="parent", remedy="give a parent that is not in this folder")
        other = spelled(path, self._ids)
        if other not in (None, own):
            what, remedy = f"there is a folder {other!r} already", "use another name or parent, or rename that folder"
            raise ConfigError(what, option="name", remedy=remedy)

    def _check_deletion(self, current: State) -> None:
        """Check that the folder is the one that is meant, and empty. Raises ConfigError."""
        path = _join(current)
        for option, value in (("name", self._requested.name), ("parent", self._parent)):
            if value is not None and not same_text(value, current[option]):
                what = f"id and {option} contradict each other: the folder {current['id']} is {path!r}"
                raise ConfigError(what, option=option, remedy=f"correct id, or leave {option} out; nothing was deleted")
        inside = [one for one in self._ids if one.startswith(f"{path}/")] + self._folders.items(current["id"])
        if inside:
            what, why = f"the folder {path!r} is not empty", f"It holds {listed(sorted(inside))}"
            remedy = "move or delete these first; nothing was deleted"
            raise ConfigError(what, option="state", why=why, remedy=remedy)


def _join(state: State) -> str:
    return f"{state['parent']}/{state['name']}".lstrip("/")


def _existing(path: str, paths: t.Iterable[str]) -> str:
    """The path, in the service's spelling as far as it exists."""
    found = spelled(path, paths)
    if found is not None or not path:
        return found or ""
    parent, _sep, name = path.rpartition("/")
    return _join({"parent": _existing(parent, paths), "name": name})
