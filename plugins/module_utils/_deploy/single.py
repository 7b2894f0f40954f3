# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Deployments of a single item, and its deletion."""

from __future__ import annotations

import typing as t

from .._api.items import Item
from .._api.workspaces import Workspace
from .._content import item_types, ownership_annotation
from .._content.graph import Graph
from .._content.item import LocalItem
from .._content.parameters.rules import Rules
from .._errors import ConfigError, listed
from .._guid import is_guid, normalise_guid
from .._http.client import Client
from .._jobs import Jobs
from .._progress.progress import Progress
from .changes import CreateItem, DeleteItem, UpdateDefinition, UpdateProperties
from .deletions import dependents, service_items
from .deployment import Deployment
from .desired import Desired, read_item
from .execution import Outcome
from .identity import description_annotation, match_errors
from .identity.live_definitions import LiveDefinitions
from .identity.matching import ANNOTATED_TYPES, match
from .identity.owner import Owner
from .item_plan import DELETE, UNCHANGED, ItemPlan
from .options import DeployOptions
from .remote import Planned, RemoteWorkspace

_PARALLEL = 8

NOTHING = Desired(Graph((), (), ()), {}, Rules(), (), {})


def desired_item(params: t.Mapping[str, t.Any], environ: t.Mapping[str, str]) -> Desired:
    """The item of a module's options ``src``, ``name``, ``folder``, ``environment`` and ``parameters``.

    Without ``src`` there is none; an item to delete is given by name. Raises ContentError, ConfigError.
    """
    if not params["src"]:
        if not params["type"] and not is_guid(params["name"]):
            raise ConfigError(
                "name alone does not identify the item to delete",
                option="type",
                remedy="set type, or give the id as name",
            )
        return NOTHING
    if params["state"] == "present" and is_guid(params["name"] or ""):
        raise ConfigError(
            f"name is {params['name']!r}, which is an id",
            option="name",
            remedy="give the name that the item is to have, or leave name out",
        )
    return read_item(
        params["src"],
        name=params["name"] if params["state"] == "present" and params["name"] else "",
        folder=(params["folder"] or "").strip("/"),
        **{name: params[name] for name in ("environment", "parameters", "allow_unknown_types")},
        strict=params["strict_parameters"],
        environ=environ,
    )


def plan(
    client: Client,
    workspace: Workspace,
    desired: Desired,
    params: t.Mapping[str, t.Any],
    planned: Planned,
    *,
    progress: Progress | None = None,
) -> Deployment:
    """The deployment of that item with its plan made, or of its deletion. ``planned`` as for `RemoteWorkspace`.

    Raises as `planning.make` and `deletion`.
    """
    names = ("preserve", "allow_data_loss", "hard_delete", "take_over", "deployment", "take_ownership")
    annotation = "never" if desired.renamed else params["ownership_annotation"]
    options = DeployOptions.of(
        **{name: params[name] for name in names if name in params},
        ownership_annotation=annotation,
        move=params["folder"] is not None,
    )
    result = Deployment(
        client,
        workspace,
        desired,
        options,
        parallel=1,
        timeout=params["wait_timeout"],
        planned=planned,
        progress=progress,
    )
    if params["state"] == "present":
        result.plan()
        return result
    result.live.read()
    found = _to_delete(result, desired, params, options)
    hard = options.pruning.hard_delete
    plans, warnings = deletion(result.live, found, with_dependents=params["allow_data_loss"], hard=hard)
    result.set_plan(plans, warnings)
    return result


def _to_delete(
    deployment: Deployment, desired: Desired, params: t.Mapping[str, t.Any], options: DeployOptions
) -> Item | None:
    """The item that the options name, None if it does not exist. Raises ConfigError if they contradict each other."""
    live = deployment.live
    local = desired.items[0] if desired.items else None
    item_type = item_types.canonical(params["type"], params["allow_unknown_types"]) if params["type"] else ""
    name = params["name"] or (local.display_name if local else "")
    if local is not None and item_type not in ("", local.type):
        raise _contradiction("type", f"src is a {local.type}, and type is {item_type}")
    if local is not None and not is_guid(name) and name.lower() != local.display_name.lower():
        raise _contradiction("name", f"src is called {local.display_name!r}, and name is {name!r}")
    item_type = item_type or (local.type if local else "")
    if is_guid(name):
        found = live.with_id(normalise_guid(name))
    else:
        found = _in_folder(live, item_type, name, params["folder"]) or live.named(item_type, name)
    if found is not None and item_type not in ("", found.type):
        raise _contradiction("type", f"the item {found.id} is the {found.type} {found.name!r}, and type is {item_type}")
    if found is not None and not _is_in(live, found, params["folder"]):
        raise _elsewhere(found, live.path_of(found), params["folder"])
    if found is not None and local is not None and not options.take_ownership:
        _check_owner(live, local, found, Owner.of(desired, options), options)
    if found is None and local is not None and not is_guid(name):
        with Jobs(_PARALLEL, live.clock) as jobs:
            definitions = LiveDefinitions(live, options.bulk_api, jobs)
            matches, _warnings = match(desired, live, Owner.of(desired, options), options, definitions)
        renamed = matches.one(local)
        if renamed is not None:
            raise ConfigError(
                f"no {local.type} is called {local.display_name!r}",
                option="src",
                why=f"The one that was deployed from this folder is called {renamed.name!r} now",
                remedy=f"to delete it, give its id {renamed.id} as name and leave src out",
            )
    return found


def _check_owner(live: RemoteWorkspace, local: LocalItem, item: Item, owner: Owner, options: DeployOptions) -> None:
    """Raise ConfigError for an item of another deployment, or of another folder, than the one in `src`."""
    if item.type in ANNOTATED_TYPES and not live.is_owner_known(item):
        with Jobs(1, live.clock) as jobs:
            LiveDefinitions(live, options.bulk_api, jobs).read_owners([item])
    found = live.owner(item)
    if found is not None and owner.is_foreign(found, local):
        raise match_errors.foreign_deletion(local, item, found, owner)


def _in_folder(live: RemoteWorkspace, item_type: str, name: str, folder: str | None) -> Item | None:
    """The item of that type and name in the folder, which distinguishes several of one name. None without a folder."""
    if folder is None:
        return None
    named = [item for item in live.all() if item.key == (item_type, name.casefold()) and _is_in(live, item, folder)]
    return named[0] if len(named) == 1 else None


def _is_in(live: RemoteWorkspace, item: Item, folder: str | None) -> bool:
    """Whether an item is in the workspace folder, whose name is case-insensitive. True without a folder."""
    return folder is None or live.path_of(item).casefold() == folder.strip("/").casefold()


def _elsewhere(item: Item, place: str, folder: str) -> ConfigError:
    return ConfigError(
        f"the {item.type} {item.name!r} is in {_shown_folder(place)}, and folder is {folder!r}",
        option="folder",
        why="With state absent, folder names the workspace folder that the item to delete is in",
        remedy=f"set folder to {place or '/'!r} to delete that item, or leave folder out; nothing was deleted",
    )


def _shown_folder(path: str) -> str:
    return f"the folder {path!r}" if path else "the root of the workspace"


def _contradiction(option: str, what: str) -> ConfigError:
    return ConfigError(f"src, name and type contradict each other: {what}", option=option, remedy="give one of them")


def report(deployment: Deployment, outcome: Outcome | None) -> dict[str, t.Any]:
    """The result values; with ``outcome`` None (check mode, or no change) those of a successful run."""
    plan = deployment.plans[0] if deployment.plans else None
    if plan is None or plan.action == DELETE:
        item: dict[str, t.Any] = {}
    else:
        item = shown(deployment.live, plan.live) if outcome else as_planned(deployment.live, plan)
    return {
        "item": item,
        "action": plan.action if plan else UNCHANGED,
        "changes": plan.texts if plan else [],
        "api_calls": deployment.report(outcome)["api_calls"],
    }


def deletion(
    live: RemoteWorkspace, item: Item | None, *, with_dependents: bool, hard: bool = False
) -> tuple[list[ItemPlan], t.Sequence[str]]:
    """The plan to delete an item, empty if it does not exist, and warnings about what can't be known.

    Raises ConfigError for an item with which the service deletes others, unless ``with_dependents`` is set.
    """
    if item is None:
        return [], ()
    with Jobs(_PARALLEL, live.clock) as jobs:
        found = dependents.find(live, [item], jobs)
    labels = [one.label for one in found.dependents]
    if labels and not with_dependents:
        raise ConfigError(
            f"{item.name}.{item.type} is still used by {listed(sorted(labels))}, so it was not deleted",
            option="allow_data_loss",
            why="The service would delete what uses it with it",
            remedy="bind these to another semantic model or delete them first, or set allow_data_loss to true",
        )
    endpoint = service_items.sql_endpoint_of(item, live.all())
    texts = ["deleted", *(["its SQL analytics endpoint is deleted with it"] if endpoint else [])]
    texts += [f"the service deletes {label} with it" for label in sorted(labels)]
    return [ItemPlan(None, (item,), [DeleteItem(hard, texts)])], found.warnings


def as_planned(live: RemoteWorkspace, plan: ItemPlan) -> dict[str, t.Any]:
    """`shown` for a local item after its plan is applied. A new one has an empty id."""
    item = plan.live
    if item is None and plan.local is not None:
        item = Item("", plan.local.type, plan.local.display_name)
    values: dict[str, t.Any] = {}
    for change in plan.changes:
        folder = change.target_folder()
        if folder is not None:
            values["folder"] = folder
        if isinstance(change, (CreateItem, UpdateProperties)) and item is not None and change.description is not None:
            item = item._replace(description=change.description)
        if isinstance(change, UpdateProperties) and item is not None:
            item = item._replace(name=change.names.get(item.id, item.name))
        if isinstance(change, (CreateItem, UpdateDefinition)) and ownership_annotation.has_place(change.local.parts):
            values["deployed"] = change.ownership is not None
            values["logical_id"] = change.ownership.logical_id if change.ownership else ""
    return {**shown(live, item), **values}


def shown(live: RemoteWorkspace, item: Item | None) -> dict[str, t.Any]:
    """An item as a result value; the description is without the annotation.

    Whether it was deployed is None where only its definition contains it, which was not read.
    """
    if item is None:
        return {}
    owner = live.owner(item)
    unknown = owner is None and item.type in ANNOTATED_TYPES and not live.is_owner_known(item)
    return {
        "id": item.id,
        "type": item.type,
        "name": item.name,
        "description": description_annotation.text_of(item.description),
        "folder": live.path_of(item),
        "deployed": None if unknown else owner is not None,
        "logical_id": owner.logical_id if owner else "",
    }
