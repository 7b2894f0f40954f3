# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The deployment of a task, and items that it refers to, which in check mode may be planned only."""

from __future__ import annotations

import os
import typing as t

from ._content.problem import Problem
from ._deploy import desired, single
from ._deploy.deployment import Deployment
from ._deploy.desired import Desired
from ._deploy.execution import Outcome
from ._deploy.listing import Listing
from ._deploy.options import DeployOptions
from ._deploy.remote import Planned, nothing_planned
from ._errors import ConfigError
from ._guid import is_guid, normalise_guid
from ._module import Context
from ._planned_workspace import planned_resources, resolve_workspace
from ._resource import Resource, Task

_WARNINGS = 10


def folder_of(context: Context) -> Desired:
    """The content of the folder, by the options for selection and rules, with warnings about it.

    Raises as `desired.read`, and ConfigError for a folder without an item where ``prune`` would delete everything.
    """
    params = context.params
    names = ("src", "include", "exclude", "environment", "parameters", "allow_unknown_types")
    values = {name: params[name] for name in names}
    content = desired.read(**values, strict=params["strict_parameters"], environ=context.environ)
    context.register_secrets(content.rules.environment_values)
    if params["prune"] != "none" and not (content.items or content.outside):
        raise ConfigError(
            f"`src` {os.path.abspath(params['src'])} holds no item",
            option="src",
            why=f"With `prune: {params['prune']}` everything would be deleted",
            remedy="correct `src`, check out the content, or delete the items with powerbi_item",
        )
    warn_of(context, content.warnings)
    context.known["content_warnings"] = [str(problem) for problem in content.warnings]
    return content


def warn_of(context: Context, warnings: t.Sequence[Problem | str]) -> None:
    """Report non-fatal problems as Ansible warnings, the first ten of them."""
    for problem in warnings[:_WARNINGS]:
        context.warn(str(problem))
    if len(warnings) > _WARNINGS:
        context.warn(f"{len(warnings) - _WARNINGS} more warnings about the content")


def deployment_of(context: Context, content: Desired, options: DeployOptions, *, writes: bool = True) -> Deployment:
    """The deployment into the task's workspace, not planned yet. Raises as `resolve_workspace`.

    ``writes``: whether the plan may be applied. The requests that planning needs are sent already.
    """
    params, client = context.params, context.client
    files = writes and not context.check_mode and bool(content.packages)

    def listing_of(workspace_id: str) -> Listing | None:
        if not (workspace_id and options.files.fingerprint):  # without fingerprints, the lists are not Fabric's
            return None
        threads = params["parallel"] + 1
        return Listing(client, workspace_id, timeout=params["wait_timeout"], files=files, threads=threads)

    listing: Listing | None = None
    if is_guid(params["workspace"]):  # its lists need not wait for the workspace itself
        client.sign_in()
        listing = listing_of(normalise_guid(params["workspace"]))
    workspace = resolve_workspace(context)
    context.known["workspace_id"] = workspace.id
    context.progress.works_on(workspace.name)
    return Deployment(
        client,
        workspace,
        content,
        options,
        parallel=params["parallel"],
        timeout=params["wait_timeout"],
        planned=planned_by(context),
        listing=listing or listing_of(workspace.id),
        writes=writes,
        progress=context.progress,
    )


def planned_by(context: Context) -> Planned:
    """In check mode, whether earlier tasks would have created an item or workspace, for a `Deployment`."""
    if not context.check_mode:
        return nothing_planned
    plans = planned_resources(context)

    def planned(workspace: str, item_type: str, name: str) -> bool:
        return plans.is_item_planned(workspace, item_type, name) if item_type else bool(plans.is_planned(workspace))

    return planned


def record_planned_items(context: Context, deployment: Deployment) -> None:
    """In check mode, record the items that the deployment would have created, for later tasks."""
    if context.check_mode:
        plans, workspace = planned_resources(context), deployment.live.workspace
        references = {workspace.id, workspace.name}
        for item_type, name in deployment.new_items():
            for reference in sorted(references):
                plans.add_item(reference, item_type, name)


class ManagedItem(Resource[Deployment]):
    """The item of powerbi_item, by its options; the plan is that of a deployment with one item."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._outcome: Outcome | None = None

    def known(self) -> dict[str, t.Any]:
        return {"api_calls": self._context.api_calls}

    def plan(self, task: Task) -> Deployment:
        context, params = self._context, self._context.params
        desired = single.desired_item(params, context.environ)
        task.register_secrets(desired.rules.environment_values)
        warn_of(context, desired.warnings)
        workspace = resolve_workspace(context)
        context.progress.works_on(f"{workspace.name}, {desired.items[0] if desired.items else params['name']}")
        deployment = single.plan(
            context.client, workspace, desired, params, planned_by(context), progress=context.progress
        )
        warn_of(context, deployment.plan_warnings())
        return deployment

    def apply(self, change: Deployment, task: Task) -> None:
        self._outcome = change.execute(task.mark_changed, stop=True, warn=task.warn)
        if self._outcome.failed:
            plan, error = self._outcome.failed[0]
            if plan.half_written:
                error.what = (
                    f"Half written is {plan.half_written}; running the task again continues from there. {error.what}"
                )
            raise error

    def values(self, change: Deployment) -> dict[str, t.Any]:
        return single.report(change, self._outcome)

    def diff(self, change: Deployment) -> t.Any:
        return change.diff() or None


class DeletedItem(ManagedItem):
    """An item to delete, by its type and its name or id, with what the service deletes with it."""

    def __init__(self, context: Context, item_type: str, name_or_id: str, *, allow_data_loss: bool) -> None:
        super().__init__(context)
        self._item: dict[str, t.Any] = {"type": item_type, "name": name_or_id, "allow_data_loss": allow_data_loss}

    def plan(self, task: Task) -> Deployment:
        workspace = resolve_workspace(self._context)
        self._context.known["workspace_id"] = workspace.id
        params = {**_DELETION, **self._item}
        deployment = single.plan(self._context.client, workspace, single.NOTHING, params, planned_by(self._context))
        warn_of(self._context, deployment.plan_warnings())
        return deployment

    def known(self) -> dict[str, t.Any]:
        return {}

    def values(self, change: Deployment) -> dict[str, t.Any]:
        return {"workspace_id": change.live.workspace.id, "changes": single.report(change, self._outcome)["changes"]}


# The options of powerbi_item that a deletion by name has, with their defaults
_DELETION: dict[str, t.Any] = {
    "state": "absent",
    "folder": None,
    "allow_unknown_types": (),
    "hard_delete": False,
    "take_over": False,
    "deployment": "default",
    "take_ownership": False,
    "ownership_annotation": "never",
    "wait_timeout": 60.0,
}
