# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The plan of a deployment: local and live items are matched, then the changes of each are planned. Writes nothing."""

from __future__ import annotations

import typing as t

from .._content import item_types
from .._content.item import DEFINITION, LocalItem
from .._content.problem import Problem, refuse
from .._errors import ConfigError, PowerBIError, listed
from .._jobs import Jobs
from . import bulk_reading
from .changes import ImportFile
from .definition_planning import DefinitionPlanner
from .deletions import dependents
from .deletions.pruning import kept_without_source, prune
from .desired import Desired
from .files.file_import import unreadable
from .files.file_planning import FilePlanner
from .files.fingerprint import Content, is_known
from .identity import description_annotation
from .identity.live_definitions import LiveDefinitions, name_item
from .identity.matches import Matches
from .identity.matching import match
from .identity.owner import Owner
from .item_plan import DELETE, UNCHANGED, ItemPlan
from .options import DeployOptions
from .remote import RemoteWorkspace
from .renaming import leftovers

MAX_ITEMS = 1000


class Plan(t.NamedTuple):
    """The plan of each item, the warnings, and which live items are which local ones."""

    items: list[ItemPlan]
    warnings: list[str]
    matches: Matches


def make(desired: Desired, live: RemoteWorkspace, options: DeployOptions, jobs: Jobs) -> Plan:
    """Read the items in the service concurrently, match, and plan.

    Raises ConfigError for changes that are not allowed (loss of data, too many deletions), ContentError, and the errors of
    reading.
    """
    if options.files.fingerprint:
        live.read()
    else:
        live.read_without_fabric()
    owner = Owner.of(desired, options)
    definitions = LiveDefinitions(live, options.bulk_api, jobs)
    matches, warnings = match(desired, live, owner, options, definitions)
    plans = _Planning(desired, live, matches, owner, options, definitions).items(jobs)
    if not options.allow_data_loss:
        _refuse_losses(plans)
    warnings += (text for plan in plans for text in plan.warnings)
    warnings += kept_without_source(desired, matches, live, owner, options.pruning)
    deletions = prune(desired, matches, plans, live, owner, options.pruning)
    deletions, about_dependents = dependents.complete(desired, matches, plans, deletions, live, options, jobs)
    plans += deletions
    warnings += (*about_dependents, *_never_pruned(options), *_damaged(plans, live), *leftovers(plans, live))
    return Plan(plans, warnings, matches)


def _never_pruned(options: DeployOptions) -> list[str]:
    if options.annotate or options.pruning.prune != "deployed":
        return []
    what = "prune is deployed, but ownership_annotation is never"
    return [f"{what}: items that are deployed without an annotation are not recognised later, so they are never pruned"]


class _Planning:
    """The plans of the local items, whose live ones are known."""

    def __init__(
        self,
        desired: Desired,
        live: RemoteWorkspace,
        matches: Matches,
        owner: Owner,
        options: DeployOptions,
        definitions: LiveDefinitions,
    ) -> None:
        self._desired = desired
        self._live = live
        self._matches = matches
        self._options = options
        contents = self._read_targets()
        self._of_definitions = DefinitionPlanner(desired, live, matches, owner, options, definitions)
        self._of_files = FilePlanner(
            live, matches, owner, options.files, contents, annotate=options.annotate, move=options.move
        )

    def items(self, jobs: Jobs) -> list[ItemPlan]:
        return jobs.map(self._plan, self._desired.items)

    def _plan(self, item: LocalItem) -> ItemPlan:
        try:
            if item.kind == DEFINITION:
                return self._of_definitions.plan(item, self._matches.one(item))
            return self._of_files.plan(item, self._desired.packages[item], self._matches.of(item))
        except OSError as error:
            raise unreadable(item, error) from error
        except ConfigError:
            raise
        except PowerBIError as error:
            name_item(item, error)
            raise

    def _read_targets(self) -> dict[str, Content]:
        """Read together the contents that fingerprints need, of the items that were imported from the files."""
        options = self._options
        if not options.files.fingerprint or options.bulk_api == "never":
            return {}
        files = [self._matches.of(item) for item in self._desired.items if item.kind != DEFINITION]
        known = [item for found in files if is_known(found) for item in found]
        return bulk_reading.read_contents(self._live, known, options.bulk_api)


def _refuse_losses(plans: t.Iterable[ItemPlan]) -> None:
    """Raise ConfigError for definitions and files that would delete rows of a semantic model."""
    changes = [(plan, change) for plan in plans for change in plan.changes]
    losses = [(plan, change, loss) for plan, change in changes for loss in change.losses()]
    if not losses:
        return
    remedy = (
        "correct the model, or set allow_data_loss to true; if the service still refuses the change because the model holds "
        "rows, clear them first with powerbi_refresh and type=clear_values, which needs a capacity (see docs/deploying.md)"
    )
    if any(isinstance(change, ImportFile) for _plan, change, _loss in losses):
        remedy = (
            "deploy the model as a definition (TMDL), which keeps what it has, and leave the file out with exclude; or set "
            "allow_data_loss to true and refresh it afterwards"
        )
    raise ConfigError(
        "the deployment would lose data or access rules, so nothing was written",
        option="allow_data_loss",
        why=listed([f"{plan.label}: {loss}" for plan, _change, loss in losses], separator="; "),
        remedy=remedy,
    )


def _damaged(plans: t.Sequence[ItemPlan], live: RemoteWorkspace) -> list[str]:
    """A warning for each item that is not in the plan, whose annotation was read and is malformed."""
    planned = {item.id for plan in plans for item in plan.before}
    return [
        f"the ownership annotation of {item.name}.{item.type} can't be read: something other than this collection has changed "
        "it. No deployment owns the item, so it is neither recognised in another name nor deleted by prune. Delete it by "
        "hand, or deploy an item of its name"
        for item in live.all()
        if item.id not in planned and (item.id in live.damaged or description_annotation.is_damaged(item.description))
    ]


def check_limits(live: RemoteWorkspace, plans: t.Sequence[ItemPlan]) -> None:
    """Raise ContentError with every limit that the plan exceeds."""
    problems = []
    in_need = [plan.local for plan in plans if plan.local is not None and _needs_capacity(plan)]
    if live.workspace.id and not live.workspace.capacity_id and in_need:
        problems.append(_without_capacity(live, in_need))
    made = sum(change.new_items() for plan in plans for change in plan.changes)
    present = len(live.all())
    if made and present + made > MAX_ITEMS:
        gone = sum(plan.action == DELETE for plan in plans)
        what = f"the workspace has {present} items and would get {made} more, the service takes {MAX_ITEMS}"
        remedy = "Delete items first, or spread the content over workspaces"
        if gone:
            what += f"; the {gone} that are to be deleted go last, and count until they are deleted permanently"
        problems.append(Problem("", 0, 0, what, remedy))
    refuse(problems)


def _needs_capacity(plan: ItemPlan) -> bool:
    local = plan.local
    return (
        local is not None
        and plan.action != UNCHANGED
        and local.kind == DEFINITION
        and item_types.of(local.type).needs_capacity
    )


def _without_capacity(live: RemoteWorkspace, items: t.Sequence[LocalItem]) -> Problem:
    what = (
        f"the workspace {live.workspace.name!r} is on no capacity, which items of other types than semantic models and "
        f"reports need: {listed(item.path for item in items)}"
    )
    remedy = "Assign the workspace to a capacity (option capacity of powerbi_workspace), or leave them out with exclude"
    return Problem("", 0, 0, what, remedy)
