# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The workspace and the semantic model of a task, which in check mode may be planned only."""

from __future__ import annotations

from ._api.semantic_models import SemanticModel, SemanticModels, no_model
from ._api.workspaces import Workspace, Workspaces
from ._empty_values import refuse_emptied
from ._module import Context
from ._run_files import PlannedResources


def record_planned_workspace(context: Context, name: str) -> None:
    """Record that check mode would have created a workspace of that name."""
    planned_resources(context).add(name)


def resolve_workspace(context: Context) -> Workspace:
    """The workspace that the option `workspace` names. Raises ConfigError without one.

    In check mode, one that an earlier task would have created counts as existing, with an empty id and without items. A
    module that was shipped to another host has no record of earlier tasks: it warns, and assumes that it exists.
    """
    name: str = context.params["workspace"]
    workspaces = Workspaces(context.client)
    if context.check_mode:
        found = workspaces.find(name) if name else None
        if found is not None:
            return found
        planned = planned_resources(context).is_planned(name)
        if not planned:
            refuse_emptied({"workspace": name})
        if planned is None:
            context.warn(f"there is no workspace {name!r}: check mode supposes that an earlier task would have made it")
        if planned is not False:
            return Workspace("", name, "", "", "Workspace")
    return workspaces.get(name)


def resolve_semantic_model(context: Context, workspace: Workspace) -> SemanticModel:
    """The model that the option `semantic_model` names. Raises ConfigError without one.

    In check mode, one that an earlier task would have deployed counts as existing, with an empty id, as `resolve_workspace`.
    """
    name: str = context.params["semantic_model"]
    models = SemanticModels(context.client, workspace.id)
    if not context.check_mode:
        return models.get(name, workspace.name)
    found = models.find(name) if workspace.id else None
    if found is None:
        planned = planned_resources(context)
        if planned.is_planned(name) is None:
            context.warn(
                f"there is no semantic model {name!r}: check mode supposes that an earlier task would have made it"
            )
        elif not planned.is_item_planned(workspace.id or workspace.name, "SemanticModel", name):
            raise no_model(name, workspace.name, [one.name for one in models.all()] if workspace.id else [])
    return found or SemanticModel("", name)


def planned_resources(context: Context) -> PlannedResources:
    """The resources that earlier tasks of this check mode run would have created, in this task's service and tenant."""
    settings = context.session.settings
    return PlannedResources(context.cache_directory, f"{settings.api_url}\n{settings.credential.tenant_id}")
