# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The plan of an item with a definition: the definition, name, description and folder are compared with the live item."""

from __future__ import annotations

import typing as t

from .._api.items import Item
from .._content import creation, diff, item_types, normalise, ownership_annotation, paginated, platform
from .._content.item import PAGINATED_REPORT, LocalItem
from .._content.item_types import definition_format, reading_format
from .._content.ownership_annotation import Ownership
from .._content.texts import canonical
from . import model_connections
from .change import Change, Diff
from .changes import (
    ActivateValueSet,
    BindConnections,
    CreateItem,
    Move,
    Publish,
    UpdateDefinition,
    UpdateProperties,
)
from .desired import Desired
from .final_parts import final_parts
from .identity import description_annotation
from .identity.live_definitions import LiveDefinitions
from .identity.matches import Matches
from .identity.owner import Owner
from .item_plan import ItemPlan
from .kept_properties import CheckProperties, Properties, is_kept
from .options import DeployOptions
from .remote import RemoteWorkspace

_UNPUBLISHED = ("success", "running")  # states of an environment that need no publishing


class DefinitionPlanner:
    """Plans items with a definition. ``definitions`` reads those of the service."""

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
        self._owner = owner
        self._options = options.definitions
        self._definitions = definitions
        self._annotate = options.annotate
        self._move = options.move

    def plan(self, item: LocalItem, current: Item | None) -> ItemPlan:
        """The plan of an item, of which ``current`` is the live one. Raises ConfigError and the errors of reading."""
        if current is None:
            return self._creation(item)
        plan = ItemPlan(item, (current,))
        update = UpdateDefinition(item, self._ownership(item, current), self._options.preserve)
        differs = creation.has_content(item) and self._compare(plan, update, current)
        bindings = self._bindings(item, current, differs=differs) if creation.has_content(item) else []
        steps = self._steps(item, current, written=differs)
        place = self._live.path_of(current)
        desired = self._desired_properties(update, current, place)
        ownership = update.ownership
        moves = (
            [Move(place, desired.folder, [_diff_of(item, folder=(place, desired.folder))])]
            if place.casefold() != desired.folder.casefold()
            else []
        )
        properties = self._properties(plan, update, current, desired)
        differs = self._take_over(plan, update, properties, current) or differs
        described = description_annotation.read(current.description)
        if differs or properties.texts or moves:  # an annotation that is missing is written with the next update only
            if described.annotation is not None and not differs and _gets_annotation(update):
                differs = True
                update.texts.append("the ownership annotation moves from the description to the definition")
            written = self._described(plan, item, ownership, desired.description)
            properties.description = written if canonical(written) != canonical(current.description) else None
        writes: list[Change] = [update] if differs else []
        if properties.names or properties.description is not None or properties.texts:
            # The .rdl part of a paginated report must have the item's new name.
            first = item.type == PAGINATED_REPORT and bool(properties.names)
            writes = [properties, *writes] if first else [*writes, properties]
        plan.changes = [*writes, *moves, *bindings, *steps]
        plan.check = CheckProperties(update, desired)
        return plan

    def _desired_properties(self, update: UpdateDefinition, current: Item, place: str) -> Properties:
        """The desired name, description and folder; the live ones where the service keeps these otherwise for good."""
        item, found = update.local, self._live.owner(current)
        desired = Properties(item.display_name, _text(item, current), item.folder if self._move else place)
        live = Properties(current.name, description_annotation.text_of(current.description), place)
        if update.ownership is None or found is None or not is_kept(found.kept, desired, live):
            return desired
        update.ownership = update.ownership._replace(kept=found.kept)
        return live

    def _take_over(self, plan: ItemPlan, update: UpdateDefinition, properties: UpdateProperties, current: Item) -> bool:
        """Note an annotation that is replaced by that of this deployment. Returns whether it is in the definition."""
        item, found = update.local, self._live.owner(current)
        text = self._owner.replaced(found, item) if self._annotate else ""
        if not text:
            return False
        if self._owner.is_foreign(found, item):
            plan.warnings.append(f"{item} is {text}: it is an item of the deployment {self._owner.deployment!r} now")
        is_in_definition = creation.has_content(item) and ownership_annotation.has_place(item.parts)
        (update if is_in_definition else properties).texts.append(text)
        return is_in_definition

    def _creation(self, item: LocalItem) -> ItemPlan:
        plan = ItemPlan(item)
        ownership = self._ownership(item, None)
        description = self._described(plan, item, ownership, _stated(item))
        parts = final_parts(self._desired, self._live, self._matches, item, allow_placeholders=True)
        new = normalise.Comparison(normalise.normalise(parts, item.type).parts, {})
        create = CreateItem(item, description, ownership, item.folder, diff.part_diffs(new, _path(item)))
        content = creation.has_content(item)
        plan.changes = [create, *self._bindings(item, None, differs=True), *self._steps(item, None, written=content)]
        update = UpdateDefinition(item, ownership, self._options.preserve)
        plan.check = CheckProperties(update, Properties(item.display_name, _stated(item), item.folder))
        return plan

    def _ownership(self, item: LocalItem, current: Item | None) -> Ownership | None:
        return self._owner.ownership(item, current.id if current else "") if self._annotate else None

    def _compare(self, plan: ItemPlan, update: UpdateDefinition, current: Item) -> bool:
        """Compare the definition. Returns whether it is to be written.

        A difference counts only if getDefinition confirms it: see `bulk_reading`.
        """
        item, read = update.local, self._definitions.exported(current)
        comparison = self._comparison(update, read) if read is not None else None
        if comparison is None or not comparison.equal or ownership_annotation.is_damaged(update.live_parts):
            content = reading_format(item.type, item.parts)
            comparison = self._comparison(update, self._definitions.definition(current, content))
        if not comparison.equal:
            cause = _conversion(item, update.live_parts)
            update.texts = [*cause, *diff.summary(comparison)]
            update.diffs = diff.part_diffs(comparison, _path(item))
            plan.warnings += [f"{item} was {text}" for text in cause]
        is_damaged = self._annotate and ownership_annotation.is_damaged(update.live_parts)
        if is_damaged:
            update.texts.append(_repair(plan, update, ""))
        return is_damaged or not comparison.equal

    def _comparison(self, update: UpdateDefinition, live_parts: t.Mapping[str, bytes]) -> normalise.Comparison:
        item = update.local
        update.live_parts = {path: data for path, data in live_parts.items() if path != platform.PART}
        if item.type == PAGINATED_REPORT:
            update.live_parts = paginated.named_after(update.live_parts, item.display_name)
        update.parts = final_parts(
            self._desired,
            self._live,
            self._matches,
            item,
            update.live_parts,
            self._options.preserve,
            allow_placeholders=True,
        )
        return normalise.compare(update.parts, update.live_parts, item.type)

    def _properties(
        self, plan: ItemPlan, update: UpdateDefinition, current: Item, desired: Properties
    ) -> UpdateProperties:
        """The changes of the name and of the description's text."""
        item, change = update.local, UpdateProperties()
        before, text = description_annotation.text_of(current.description), desired.description
        lines: dict[str, tuple[str, str]] = {}
        if canonical(current.name) != canonical(desired.name):
            change.names = {current.id: desired.name}
            change.texts.append(f"renamed from {current.name}")
            lines["name"] = (current.name, desired.name)
        if description_annotation.is_damaged(current.description):
            change.texts.append(_repair(plan, update, " in the description"))
        if canonical(before) != canonical(text):
            change.texts.append("description")
            lines["description"] = (before, text)
        if lines:
            change.diffs.append(_diff_of(item, **lines))
        return change

    def _described(self, plan: ItemPlan, item: LocalItem, ownership: Ownership | None, text: str) -> str:
        """The description to write: the text, with the ownership annotation where the definition has no place for it."""
        if ownership is None or ownership_annotation.has_place(item.parts):
            return text
        annotation = description_annotation.Annotation().owned_by(ownership)
        written = description_annotation.write(text, annotation)
        if written is None:
            missing = description_annotation.missing_room(text, annotation)
            plan.warnings.append(
                f"the description of {item} leaves no room for the ownership annotation, so the item is not recognised when "
                f"it is renamed, and never pruned as deployed; shorten it by {missing} characters, or set "
                "ownership_annotation to never"
            )
        return text if written is None else written

    def _bindings(self, item: LocalItem, current: Item | None, *, differs: bool) -> list[Change]:
        """The connections to which the parameters bind a semantic model, known after the update where it ``differs``."""
        requested = model_connections.desired_connections(self._desired, item)
        if not requested.ids:
            return []
        found = model_connections.changes(self._live, item, current, requested, settled=not differs)
        if not found and not differs:
            return []
        diffs = [model_connections.diff_of(found, _path(item), there=current is not None)] if found else []
        texts = [str(change) for change in found]
        return [BindConnections(item, requested, self._options.take_over, texts, diffs)]

    def _steps(self, item: LocalItem, current: Item | None, *, written: bool) -> list[Change]:
        """The steps after the definition of some types: an environment is published, a value set is activated.

        An environment is published where its definition is ``written``, or was in an earlier run that could not publish it.
        """
        steps: list[Change] = []
        after = item_types.of(item.type).after
        if after == item_types.PUBLISH and creation.has_content(item):
            state = self._live.properties.publish_state(current) if current and not written else ""
            steps += [Publish()] if state not in _UNPUBLISHED else []
        chosen = self._desired.value_sets.get(item, "")
        if after == item_types.VALUE_SET and chosen:
            active = self._live.properties.active_value_set(current) if current else ""
            steps += [ActivateValueSet(chosen, active)] if active != chosen else []
        return steps


def _repair(plan: ItemPlan, update: UpdateDefinition, where: str) -> str:
    """The text of the repair of a malformed ownership annotation of an item that matches a local one by name."""
    stays = update.ownership is not None and bool(where) != ownership_annotation.has_place(update.local.parts)
    done = "replaced" if stays else "removed"
    plan.warnings.append(
        f"the ownership annotation{where} of {update.local} can't be read: something other than this collection has changed "
        f"it. It is {done}, as the item is the one of {update.local.path}"
    )
    return f"the damaged ownership annotation{where} is {done}"


def _conversion(item: LocalItem, live_parts: t.Mapping[str, bytes]) -> list[str]:
    """The cause of differences in all parts: the report was converted by the service."""
    formats = (definition_format(item.type, item.parts), definition_format(item.type, live_parts))
    if formats != ("PBIR-Legacy", "PBIR"):
        return []
    what = "converted to PBIR in the service, as happens when a report is edited, and the folder has it in the legacy format"
    return [f"{what}; save it as PBIR in Power BI Desktop, or export the live report"]


def _text(item: LocalItem, current: Item) -> str:
    """The desired description without an annotation: an item without a `.platform` keeps the current one."""
    return description_annotation.text_of(current.description) if item.description is None else _stated(item)


def _stated(item: LocalItem) -> str:
    """The description in the folder, without the annotation with which a workspace connected to git has committed it."""
    return description_annotation.read(item.description or "").text


def _gets_annotation(update: UpdateDefinition) -> bool:
    """Whether the definition is to have an annotation that the one in the service lacks."""
    if update.ownership is None or not ownership_annotation.has_place(update.local.parts):
        return False
    return ownership_annotation.read(update.live_parts) is None


def _diff_of(item: LocalItem, **properties: tuple[str, str]) -> Diff:
    """The diff of properties that change; the values are those before and after."""
    return {
        "before": "".join(f"{name}: {before}\n" for name, (before, _after) in properties.items()),
        "after": "".join(f"{name}: {after}\n" for name, (_before, after) in properties.items()),
        "before_header": f"{_path(item)} (live)",
        "after_header": _path(item),
    }


def _path(item: LocalItem) -> str:
    return f"{item.folder}/{item}" if item.folder else str(item)
