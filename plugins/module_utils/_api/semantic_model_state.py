# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The settings of a semantic model that only its owner changes: storage format, query scale-out, parameters; and the owner."""

from __future__ import annotations

import typing as t

from .._errors import ConfigError
from .._http.client import Client
from .._plan import Plan, State
from .._plan import plan as compared
from .._resource import StateResource, Task
from .connections import Connections
from .model_ownership import TakeOver, is_owner
from .model_parameters import ModelParameters, Parameter, desired_values, texts_of
from .semantic_models import STORAGE_FORMATS, SemanticModel, SemanticModels
from .workspace_access import Caller
from .workspaces import Workspace

_FEWEST, _MOST = -1, 64  # replicas
_SCALE_OUT = {"max_replicas": "maxReadOnlyReplicas", "auto_sync": "autoSyncReadOnlyReplicas"}  # this collection's keys


class DesiredModel(t.NamedTuple):
    """The desired settings; None is "not managed". ``take_over``: the caller becomes the owner."""

    take_over: bool = False
    parameters: t.Mapping[str, t.Any] | None = None
    storage_format: str | None = None
    query_scale_out: t.Mapping[str, t.Any] | None = None


class ManagedSemanticModel(StateResource):
    """States have the keys owner, storage_format, query_scale_out, and parameters if they are managed.

    The id of ``workspace`` or ``model`` is empty for one that check mode has only planned.
    """

    def __init__(
        self, client: Client, workspace: Workspace, model: SemanticModel, requested: DesiredModel, caller: Caller
    ) -> None:
        self._workspace = workspace
        self._model = model
        self._requested = requested
        self._caller = caller
        self._models = SemanticModels(client, workspace.id)
        self._parameters = ModelParameters(client, workspace.id, model.id)
        self.label = f"semantic model {model.name}"
        self._take_over = TakeOver(Connections(client), workspace.id, model.id, self.label)
        self._found: list[Parameter] = []

    def known(self) -> dict[str, t.Any]:
        return {"workspace_id": self._workspace.id, "semantic_model_id": self._model.id}

    def read(self) -> State | None:
        """GET .../datasets/{id}, and its parameters if they are managed."""
        self._check()
        if not self._model.id:
            return {"owner": self._name(), "storage_format": "small", "query_scale_out": _scale_out(0, True), **_NONE}
        found = self._models.settings(self._model.id)
        state: dict[str, t.Any] = {
            "owner": found.owner,
            "storage_format": found.storage_format,
            "query_scale_out": _scale_out(found.replicas, found.auto_sync),
        }
        if self._requested.parameters:
            self._found = self._parameters.all()
            state["parameters"] = {one.name: one.value for one in self._found}
        return state

    def desired(self, current: State | None) -> State:
        requested, before = self._requested, current or {}
        parameters = requested.parameters or None
        if parameters is not None and self._model.id:
            parameters = desired_values(parameters, self._found, self._model.name)
        elif parameters is not None:
            parameters = texts_of(parameters)
        return {
            "owner": self._new_owner(str(before.get("owner") or "")) if requested.take_over else None,
            "storage_format": requested.storage_format,
            "query_scale_out": requested.query_scale_out,
            "parameters": parameters,
        }

    def compare(self, current: State | None) -> Plan:
        change = compared(self.desired(current), current, label=self.label)
        after = change.after or {}
        managed = {"query_scale_out", "storage_format"} & set(change.changes)
        if managed and after["query_scale_out"]["max_replicas"] != 0 and after["storage_format"] == "small":
            raise ConfigError(
                f"the {self.label} would have replicas and the small storage format",
                option="query_scale_out",
                why="The service has query scale-out only for semantic models in the large storage format",
                remedy="set storage_format to large, or query_scale_out.max_replicas to 0",
            )
        theirs = sorted(set(change.changes) - {"owner"})
        owner = str((current or {}).get("owner") or "")
        if theirs and not self._requested.take_over and is_owner(owner, self._caller) is False:
            raise ConfigError(
                f"the {self.label} is owned by {owner}, and only the owner can change {', '.join(theirs)}",
                option="take_over",
                why="The service refuses these changes to all others, administrators of the workspace included",
                remedy="set take_over to true, which makes the caller the owner, or run the task as the owner",
            )
        return change

    def plan(self, task: Task) -> Plan:
        change = super().plan(task)
        if "owner" in change.changes:
            self._take_over.read()
            for warning in self._take_over.warnings():
                task.warn(warning)
        return change

    def apply(self, change: Plan, task: Task) -> None:
        """TakeOver, PATCH .../datasets/{id} for each property, UpdateParameters: in an order that the service accepts."""
        changes, before = dict(change.changes), change.before or {}
        if "owner" in changes:
            self._take_over.apply(task.mark_changed)
            self._check_new_owner(str(before.get("owner")), task)
        properties: list[dict[str, t.Any]] = []
        if "storage_format" in changes:
            properties.append({"targetStorageMode": STORAGE_FORMATS[changes["storage_format"]]})
        if "query_scale_out" in changes:
            after = (change.after or {})["query_scale_out"]
            properties.append({"queryScaleOutSettings": {api: after[key] for key, api in _SCALE_OUT.items()}})
        if changes.get("storage_format") == "small":  # replicas go first
            properties.reverse()
        for one in properties:
            self._models.update(self._model.id, one)
            task.mark_changed()
        current = before.get("parameters", {})
        values = {name: text for name, text in changes.get("parameters", {}).items() if text != current.get(name)}
        self._parameters.update(values, task.mark_changed)

    def values(self, change: Plan) -> dict[str, t.Any]:
        state = {"id": self._model.id, "name": self._model.name, **(change.after or {})}
        return {**self.known(), "semantic_model": state}

    def _check(self) -> None:
        """Raise ConfigError for what the service would refuse whatever the state of the model is."""
        requested = self._requested
        replicas = (requested.query_scale_out or {}).get("max_replicas")
        if replicas is not None and not _FEWEST <= replicas <= _MOST:
            raise ConfigError(
                f"query_scale_out.max_replicas is {replicas}",
                option="query_scale_out",
                why=f"The service allows 0 to {_MOST} replicas, and {_FEWEST} for a number that it chooses",
                remedy=f"give a number from 0 to {_MOST}, or {_FEWEST}",
            )
        needs = "storage_format" if requested.storage_format == "large" else "query_scale_out" if replicas else ""
        if needs and self._workspace.id and not self._workspace.capacity_id:
            raise ConfigError(
                f"{needs} needs a capacity, and the workspace {self._workspace.name!r} is on shared capacity",
                option=needs,
                remedy="assign the workspace to a capacity (option capacity of powerbi_workspace)",
            )

    def _name(self) -> str:
        """The caller, as the service writes an owner."""
        user = "" if self._caller.app_id else next((name for name in self._caller.names if "@" in name), "")
        return user or self._caller.object_id

    def _new_owner(self, owner: str) -> str | None:
        if is_owner(owner, self._caller):
            return None
        if not self._name():
            raise ConfigError(
                f"whether the caller owns the {self.label} can't be known",
                option="take_over",
                why="The access token does not name the caller",
                remedy="give an access token of Entra ID, or leave take_over out",
            )
        return self._name()

    def _check_new_owner(self, before: str, task: Task) -> None:
        after = self._models.settings(self._model.id).owner
        if after and not is_owner(after, self._caller):
            task.warn(
                f"the {self.label} was taken over from {before}, and the service names {after} as its owner. If that is not "
                "the caller, each run takes it over again: leave take_over out after the first one"
            )


_NONE: dict[str, t.Any] = {"parameters": {}}


def _scale_out(replicas: int, auto_sync: bool) -> dict[str, t.Any]:
    return {"max_replicas": replicas, "auto_sync": auto_sync}
