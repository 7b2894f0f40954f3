# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""An item's parts as they are sent: all references to the workspace are resolved."""

from __future__ import annotations

import typing as t

from .._content import logical_ids, ownership_annotation, paginated, platform, preserve, rebind
from .._content.item import PAGINATED_REPORT, REPORT, SEMANTIC_MODEL, LocalItem
from .._content.parameters.dynamic_variable import Variable
from .._content.parameters.substitution import resolve
from .._content.problem import refuse
from .._errors import ConfigError
from .._guid import ZERO_GUID
from .desired import Desired
from .entry import DeployOptions, Entry
from .remote import RemoteWorkspace


def final_parts(
    desired: Desired, live: RemoteWorkspace, entry: Entry, choices: DeployOptions, *, allow_placeholders: bool = False
) -> dict[str, bytes]:
    """An item's parts as they are sent: variables resolved, the report bound, members and partitions preserved.

    With ``allow_placeholders``, ids of items that this run, or an earlier task in check mode, will create are zeros.
    Raises ConfigError for any other missing item.
    """
    item = t.cast("LocalItem", entry.local)

    def known(value: str | None, what: str) -> str:
        if value is None and not allow_placeholders:
            raise ConfigError(f"{what}, which {item} needs, is not in the workspace", option="src")
        return value or ZERO_GUID

    def value_of(variable: Variable) -> str:
        value = live.value(variable, wait=not allow_placeholders)
        own = (
            variable.item_type and not variable.workspace and live.named(variable.item_type, variable.item_name) is None
        )
        if value is None and own and not _comes(desired, live, variable):
            raise ConfigError(
                f"{variable}, which {item} needs, is neither in the workspace nor among what is deployed",
                option="parameters",
                remedy="correct the type or the name, or deploy that item, too",
            )
        return known(value, str(variable))

    parts = resolve(desired.substitution(item), value_of)
    parts.pop(platform.PART, None)  # name and description are sent by `describe`
    named = ((other, live.of(other)) for other in desired.named.get(id(item), ()))
    ids = {other.logical_id: known(found.id if found else None, str(other)) for other, found in named}
    parts = logical_ids.in_target(parts, ids, live.workspace.id)
    if item.type == REPORT and rebind.PART in parts:
        model = _model_of(desired, live, item, parts)
        parts[rebind.PART] = rebind.rebind(parts[rebind.PART], known(model, "the semantic model"))
    if item.type == SEMANTIC_MODEL and entry.live_parts and choices.preserve:
        parts = preserve.preserve(parts, entry.live_parts, choices.preserve).parts
    if item.type == PAGINATED_REPORT:
        parts = paginated.named_after(parts, item.display_name)
    if allow_placeholders:
        return parts  # the annotation is not content: comparisons exclude it
    if entry.ownership is None:
        return ownership_annotation.remove(parts)
    return ownership_annotation.write(parts, entry.ownership)


def _comes(desired: Desired, live: RemoteWorkspace, variable: Variable) -> bool:
    return desired.provides(variable.item_type, variable.item_name) or live.is_planned(
        variable.item_type, variable.item_name
    )


def _model_of(desired: Desired, live: RemoteWorkspace, item: LocalItem, parts: t.Mapping[str, bytes]) -> str | None:
    binding, problem = rebind.read(parts[rebind.PART], f"{item.path}/{rebind.PART}")
    if problem is not None:
        refuse([problem])
    target = next((other for other in desired.graph.needed_by(item) if other.type == SEMANTIC_MODEL), None)
    if target is None and binding.path:
        return _model_beside(desired, live, item)
    if binding.path or not binding:
        return live.model_id(target, binding)
    own = target if target is not None and not (binding.model_id or binding.workspace) else None
    if own is None and not binding.workspace and desired.provides_model(binding.model):
        found = live.named(SEMANTIC_MODEL, binding.model)
        return found.id if found else None
    return live.model_id(own, binding)


def _model_beside(desired: Desired, live: RemoteWorkspace, item: LocalItem) -> str | None:
    """The model in the service for a local one that a report references by path, but that is not deployed with it.

    None for one that an earlier task would create (check mode).
    """
    external = desired.graph.external[desired.items.index(item)]
    beside = next((found.target for found in external if found.target and found.target.type == SEMANTIC_MODEL), None)
    model = live.of(beside) if beside is not None else None
    if model is None and beside is not None and live.is_planned(beside.type, beside.display_name):
        return None
    if model is None:
        raise ConfigError(
            f"the semantic model of {item}, {beside or 'which it names by its path'}, is not in the workspace",
            option="src",
            remedy="deploy it first, or together with the report",
        )
    return model.id
