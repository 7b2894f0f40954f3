# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Dependents of items to delete: what the service deletes with them, although no request names it.

A semantic model takes along all reports on it, in any workspace, and the tiles of dashboards with its data. They are found
before the first write, as far as the caller sees them: reports in workspaces in which it has a role, tiles in this one.
"""

from __future__ import annotations

import typing as t

from ..._api.dashboards import Dashboards
from ..._api.items import Item
from ..._api.reports import Reports
from ..._api.workspaces import Workspace, Workspaces
from ..._content import rebind
from ..._content.item import REPORT, SEMANTIC_MODEL
from ..._errors import ConfigError, PowerBIError, listed
from ..._jobs import Jobs
from ..changes import CreateItem, DeleteItem, UpdateDefinition
from ..desired import Desired
from ..final_parts import final_parts
from ..identity.matches import Matches
from ..item_plan import ItemPlan
from ..options import DeployOptions
from ..remote import RemoteWorkspace
from ..selection import is_left_out, is_protected
from . import pruning, service_items


class Dependent(t.NamedTuple):
    """``label`` names it, ``cause`` is the item that it is deleted with. ``item`` is None for one of another workspace, and
    for a tile, which is no item (``counted``)."""

    label: str
    cause: Item
    item: Item | None = None
    counted: bool = True

    @property
    def why(self) -> str:
        return f"{self.label} uses {self.cause.name}.{self.cause.type}"


class Found(t.NamedTuple):
    """The dependents, and warnings about what can't be known."""

    dependents: tuple[Dependent, ...]
    warnings: tuple[str, ...]


def find(live: RemoteWorkspace, gone: t.Sequence[Item], jobs: Jobs) -> Found:
    """What the service deletes with these items. No request unless a semantic model is among them.

    Raises the errors of reading the reports of this workspace; dashboards and workspaces that can't be read are warnings.
    """
    models = {item.id: item for item in gone if item.type == SEMANTIC_MODEL}
    found = [Dependent(f"{one.name}.{one.type}", origin, one) for one, origin in _default_models(live, gone)]
    models.update((one.item.id, one.item) for one in found if one.item is not None)
    if not models:
        return Found((), ())
    for report_id, model_id in live.bindings().items():
        report = live.with_id(report_id)
        if model_id in models and report is not None:
            found.append(Dependent(f"{report.name}.{report.type}", models[model_id], report))
    tiles, unknown_tiles = _tiles(live, models)
    others, warnings = _elsewhere(live, models, jobs)
    return Found((*found, *tiles, *others), (*unknown_tiles, *warnings))


def _default_models(live: RemoteWorkspace, gone: t.Sequence[Item]) -> list[tuple[Item, Item]]:
    """The semantic models without an owner that may have been made with a lakehouse to delete, each with that."""
    ids = {item.id for item in gone}
    others = [item for item in live.all() if item.id not in ids and live.owner(item) is None]
    return [(item, origin) for item in others for origin in service_items.made_with(item, gone)]


def _tiles(live: RemoteWorkspace, models: t.Mapping[str, Item]) -> tuple[list[Dependent], list[str]]:
    """The tiles with data of these models on the dashboards of this workspace, and warnings."""
    dashboards = Dashboards(live.client, live.workspace.id)
    try:
        found = [(dashboard, tile) for dashboard in dashboards.all() for tile in dashboards.tiles(dashboard.id)]
    except PowerBIError as error:
        return [], [f"whether dashboards show what is to be deleted is not known: {error.what}"]
    return [
        Dependent(f"the tile {tile.title!r} of the dashboard {dashboard.name!r}", models[tile.model_id], counted=False)
        for dashboard, tile in found
        if tile.model_id in models
    ], []


def _elsewhere(
    live: RemoteWorkspace, models: t.Mapping[str, Item], jobs: Jobs
) -> tuple[list[Dependent], t.Sequence[str]]:
    """The reports on these models in the other workspaces that the caller sees, and warnings."""

    def read(workspace: Workspace) -> list[Dependent] | str:
        try:
            reports = Reports(live.client, workspace.id).all()
        except PowerBIError as error:
            return f"whether reports of the workspace {workspace.name!r} use what is to be deleted is not known: {error.what}"
        where = f"of the workspace {workspace.name!r}"
        return [
            Dependent(f"the report {report.name!r} {where}", models[report.model_id])
            for report in reports
            if report.model_id in models
        ]

    try:
        others = [one for one in Workspaces(live.client).all() if one.id != live.workspace.id]
    except PowerBIError as error:
        return [], [f"whether reports of other workspaces use what is to be deleted is not known: {error.what}"]
    results = jobs.map(read, others)
    return (
        [one for result in results if not isinstance(result, str) for one in result],
        [result for result in results if isinstance(result, str)],
    )


def complete(
    desired: Desired,
    matches: Matches,
    plans: t.Sequence[ItemPlan],
    deletions: list[ItemPlan],
    live: RemoteWorkspace,
    options: DeployOptions,
    jobs: Jobs,
) -> tuple[list[ItemPlan], list[str]]:
    """The plans of the items to delete with those that the service deletes with them, and warnings.

    Raises ConfigError for dependents that have to stay (protected, in the folder, left out by its patterns), for others
    without ``allow_data_loss``, and for more deletions than ``max_deletions``.
    """
    if not deletions or not options.pruning.find_dependents:
        return deletions, []
    gone = [plan.before[0] for plan in deletions]
    for plan in deletions:
        endpoint = service_items.sql_endpoint_of(plan.before[0], live.all())
        if endpoint is not None:
            _add_text(plan, "its SQL analytics endpoint is deleted with it")
    found = find(live, gone, jobs)
    settled = {item.id for item in gone} | _bound_elsewhere(desired, matches, plans, live, {item.id for item in gone})
    open_ = [one for one in found.dependents if one.item is None or one.item.id not in settled]
    open_ += _created_on(desired, matches, plans, live, gone)
    stays = _that_stay(desired, matches, live, options, open_)
    if stays:
        raise _refusal(stays)
    if open_ and not options.allow_data_loss:
        raise _not_owned(open_)
    labels = [plan.label for plan in deletions] + [one.label for one in open_ if one.counted]
    pruning.check_number(labels, options.pruning)
    more = []
    for one in open_:
        if one.item is not None:
            plan = ItemPlan(None, (one.item,), [DeleteItem(options.pruning.hard_delete)])
            _add_text(plan, f"the service deletes it with {one.cause.name}.{one.cause.type}")
            more.append(plan)
        else:
            owner = next(plan for plan in (*deletions, *more) if plan.before[0].id == one.cause.id)
            _add_text(owner, f"the service deletes {one.label} with it")
    warnings = [f"the service deletes {one.label} with {one.cause.name}.{one.cause.type}" for one in open_]
    return pruning.ordered([*deletions, *more]), [*warnings, *found.warnings]


def _add_text(plan: ItemPlan, text: str) -> None:
    for change in plan.changes:
        change.texts = [*change.texts, text]


def _bindings_after(
    desired: Desired, matches: Matches, plans: t.Iterable[ItemPlan], live: RemoteWorkspace
) -> dict[ItemPlan, str]:
    """The semantic model that each report is bound to by its plan, as far as its definition is written."""
    after = {}
    for plan in plans:
        for change in plan.changes:
            parts: t.Mapping[str, bytes] = {}
            if isinstance(change, UpdateDefinition):
                parts = change.parts
            elif isinstance(change, CreateItem) and change.local.type == REPORT:
                parts = final_parts(desired, live, matches, change.local, allow_placeholders=True)
            if rebind.PART in parts:
                after[plan] = rebind.read(parts[rebind.PART], rebind.PART)[0].model_id
    return after


def _bound_elsewhere(
    desired: Desired, matches: Matches, plans: t.Iterable[ItemPlan], live: RemoteWorkspace, gone: t.Container[str]
) -> set[str]:
    """The ids of the reports that the plan binds to another semantic model, before anything is deleted."""
    after = _bindings_after(desired, matches, [plan for plan in plans if plan.before], live)
    return {plan.before[-1].id for plan, model_id in after.items() if model_id not in gone}


def _created_on(
    desired: Desired, matches: Matches, plans: t.Iterable[ItemPlan], live: RemoteWorkspace, gone: t.Iterable[Item]
) -> list[Dependent]:
    """The reports of the folder that would be created on a semantic model to delete."""
    models = {item.id: item for item in gone if item.type == SEMANTIC_MODEL}
    if not models:
        return []
    after = _bindings_after(desired, matches, [plan for plan in plans if not plan.before], live)
    new = ((plan, models[model_id]) for plan, model_id in after.items() if model_id in models)
    return [Dependent(plan.label, model, Item("", REPORT, plan.label)) for plan, model in new]


def _that_stay(
    desired: Desired,
    matches: Matches,
    live: RemoteWorkspace,
    options: DeployOptions,
    found: t.Iterable[Dependent],
) -> list[tuple[Dependent, str]]:
    """The dependents of this workspace that must not be deleted, each with the reason."""
    stays = []
    for one in found:
        if one.item is None:
            continue
        if not one.item.id or matches.local_of(one.item) is not None:
            stays.append((one, "is in the folder"))
        elif is_protected(one.item, options.pruning):
            stays.append((one, "is protected"))
        elif is_left_out(desired, live, one.item):
            stays.append((one, "is left out by include or exclude"))
    return stays


def _refusal(stays: t.Sequence[tuple[Dependent, str]]) -> ConfigError:
    causes = sorted({f"{one.cause.name}.{one.cause.type}" for one, _reason in stays})
    return ConfigError(
        f"the deletion of {listed(causes)} would delete items that have to stay, so nothing was written",
        option="prune",
        why="The service deletes the reports on a semantic model with it: "
        + listed([f"{one.why} and {reason}" for one, reason in stays], separator="; "),
        remedy=f"bind them to another semantic model first, or name {listed(causes)} in protect",
    )


def _not_owned(found: t.Sequence[Dependent]) -> ConfigError:
    causes = sorted({f"{one.cause.name}.{one.cause.type}" for one in found})
    return ConfigError(
        f"the deletion of {listed(causes)} would delete what this deployment does not own, so nothing was written",
        option="allow_data_loss",
        why="The service deletes with it what uses it: " + listed([one.label for one in found], separator="; "),
        remedy=f"bind these to another semantic model, name {listed(causes)} in protect, or set allow_data_loss to true to "
        "delete them, too",
    )
