# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""An item's parts as they are sent: all references to the workspace are resolved."""

from __future__ import annotations

import types
import typing as t
from urllib.parse import quote

from .._api.items import Item
from .._content import logical_ids, paginated, platform, preserve, rebind
from .._content.item import PAGINATED_REPORT, REPORT, SEMANTIC_MODEL, LocalItem
from .._content.parameters.dynamic_variable import Variable
from .._content.parameters.substitution import resolve
from .._content.problem import refuse
from .._content.rebind import Binding
from .._errors import ConfigError
from .._guid import ZERO_GUID
from .desired import Desired
from .identity.matches import Matches
from .remote import RemoteWorkspace, no_such_item


def final_parts(
    desired: Desired,
    live: RemoteWorkspace,
    matches: Matches,
    item: LocalItem,
    live_parts: t.Mapping[str, bytes] = types.MappingProxyType({}),
    preserved: t.Sequence[str] = (),
    *,
    allow_placeholders: bool = False,
) -> dict[str, bytes]:
    """An item's parts as they are sent, but for the ownership annotation: variables resolved, the report bound, and what is
    ``preserved`` taken from ``live_parts``.

    With ``allow_placeholders``, ids of items that this run, or an earlier task in check mode, will create are zeros.
    Raises ConfigError for any other missing item.
    """

    def known(value: str | None, what: str) -> str:
        if value is None and not allow_placeholders:
            raise ConfigError(f"{what}, which {item} needs, is not in the workspace", option="src")
        return value or ZERO_GUID

    def value_of(variable: Variable) -> str:
        value = _value(live, matches, variable, wait=not allow_placeholders)
        own = (
            variable.item_type
            and not variable.workspace
            and matches.named(variable.item_type, variable.item_name) is None
        )
        if value is None and own and not _is_deployed_too(desired, live, variable):
            raise ConfigError(
                f"{variable}, which {item} needs, is neither in the workspace nor among what is deployed",
                option="parameters",
                remedy="correct the type or the name, or deploy that item, too",
            )
        return known(value, str(variable))

    parts = resolve(desired.substitution(item), value_of)
    parts.pop(platform.PART, None)  # name and description are sent by `describe`
    named = desired.named.get(item, ())
    ids = {other.logical_id: known(_id_of(desired, live, matches, item, other), str(other)) for other in named}
    own = matches.one(item) if item.logical_id else None
    if own is not None:
        ids[item.logical_id] = own.id
    parts = logical_ids.in_target(parts, ids, live.workspace.id)
    if item.type == REPORT and rebind.PART in parts:
        model = _model_of(desired, live, matches, item, parts)
        parts[rebind.PART] = rebind.rebind(parts[rebind.PART], known(model, "the semantic model"))
    if item.type == SEMANTIC_MODEL and live_parts and preserved:
        parts = preserve.preserve(parts, live_parts, preserved).parts
    if item.type == PAGINATED_REPORT:
        parts = paginated.named_after(parts, item.display_name)
    return parts


def names_itself(item: LocalItem, parts: t.Mapping[str, bytes]) -> bool:
    """Whether final parts contain the logical id of their own item, as its id is known only after the creation."""
    return bool(item.logical_id and logical_ids.named_in(parts, {item.logical_id}))


def _id_of(desired: Desired, live: RemoteWorkspace, matches: Matches, item: LocalItem, other: LocalItem) -> str | None:
    """The id of an item that another one references by its logical id; None if it does not exist yet.

    Raises ConfigError for one that is neither in the workspace nor deployed.
    """
    found = matches.one(other)
    if found is None and other not in desired.items:
        found = matches.named(other.type, other.display_name)  # of another deployment
    if found is None and other not in desired.items and not live.is_planned(other.type, other.display_name):
        raise ConfigError(
            f"{item} refers to {other} by its logical id, which is neither in the workspace nor among what is deployed",
            option="src",
            why=f"{other.path} is in the folder, but not selected",
            remedy="deploy it first, or together with this item",
        )
    return found.id if found else None


def _is_deployed_too(desired: Desired, live: RemoteWorkspace, variable: Variable) -> bool:
    return desired.provides(variable.item_type, variable.item_name) or live.is_planned(
        variable.item_type, variable.item_name
    )


def _model_of(
    desired: Desired, live: RemoteWorkspace, matches: Matches, item: LocalItem, parts: t.Mapping[str, bytes]
) -> str | None:
    binding, problem = rebind.read(parts[rebind.PART], f"{item.path}/{rebind.PART}")
    if problem is not None:
        refuse([problem])
    target = next((other for other in desired.graph.needed_by(item) if other.type == SEMANTIC_MODEL), None)
    if target is None and binding.path:
        return _model_beside(desired, live, matches, item)
    if binding.path or not binding:
        return _model_id(live, matches, target, binding)
    own = target if target is not None and not (binding.model_id or binding.workspace) else None
    if own is None and not binding.workspace and desired.provides_model(binding.model):
        found = matches.named(SEMANTIC_MODEL, binding.model)
        return found.id if found else None
    return _model_id(live, matches, own, binding)


def _model_beside(desired: Desired, live: RemoteWorkspace, matches: Matches, item: LocalItem) -> str | None:
    """The model in the service for a local one that a report references by path, but that is not deployed with it.

    None for one that an earlier task would create (check mode).
    """
    external = desired.graph.external[desired.items.index(item)]
    beside = next((found.target for found in external if found.target and found.target.type == SEMANTIC_MODEL), None)
    model = matches.one(beside) if beside is not None else None
    if model is None and beside is not None and live.is_planned(beside.type, beside.display_name):
        return None
    if model is None:
        raise ConfigError(
            f"the semantic model of {item}, {beside or 'which it names by its path'}, is not in the workspace",
            option="src",
            remedy="deploy it first, or together with the report",
        )
    return model.id


def _model_id(live: RemoteWorkspace, matches: Matches, target: LocalItem | None, binding: Binding) -> str | None:
    """The id of the semantic model that a report needs; None if it does not exist yet.

    Raises ConfigError for a model of another workspace, or a name, that can't be found.
    """
    if target is not None:
        found = matches.one(target)
        return found.id if found else None
    if binding.model_id:
        return binding.model_id
    if not binding.workspace:
        found = matches.named(SEMANTIC_MODEL, binding.model)
        if found is not None:
            return found.id
        if live.is_planned(SEMANTIC_MODEL, binding.model):
            return None
        raise no_such_item(binding.model, live.workspace.name)
    return live.item_elsewhere(binding.workspace, SEMANTIC_MODEL, binding.model)


def _value(live: RemoteWorkspace, matches: Matches, variable: Variable, *, wait: bool) -> str | None:
    """The value of a variable in the parameters; None if its item does not exist yet. Raises ConfigError.

    ``wait`` for an endpoint that is being provisioned, which has no value either.
    """
    if variable.pool_type:
        return live.values.pool(variable, live.workspace.id)
    if not variable.item_type:
        workspace = live.workspace_named(variable.workspace) if variable.workspace else live.workspace
        if workspace is None:
            return None
        names = {"id": workspace.id or None, "name": workspace.name, "name_encoded": quote(workspace.name, safe="")}
        return names[variable.attribute]
    item, place = matches.named(variable.item_type, variable.item_name), live.workspace.id
    if variable.workspace:
        item_id = live.item_elsewhere(variable.workspace, variable.item_type, variable.item_name)
        found = live.workspace_named(variable.workspace) if item_id and variable.attribute != "id" else None
        item = Item(item_id, variable.item_type, variable.item_name) if item_id else None
        place = found.id if found else ""
    if item is None or variable.attribute == "id":
        return item.id if item else None
    return live.values.endpoint(variable, item, place, wait=wait)
