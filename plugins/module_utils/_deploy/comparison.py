# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Compares one item with a definition with the definition in the service: its entry of the plan."""

from __future__ import annotations

import typing as t

from .._api.items import Item, parts_of
from .._content import creation, diff, normalise, ownership_annotation, paginated, platform
from .._content.item import PAGINATED_REPORT, LocalItem
from .._content.item_types import definition_format, reading_format
from .._content.ownership_annotation import Ownership
from .._errors import ApiError, ForbiddenError, OperationFailedError
from . import description_annotation, model_connections, type_steps
from .desired import Desired
from .entry import CREATE, UNCHANGED, UPDATE, DeployOptions, Entry
from .final_parts import final_parts
from .fingerprint import is_unreadable
from .remote import RemoteWorkspace


def compare(
    desired: Desired,
    live: RemoteWorkspace,
    choices: DeployOptions,
    item: LocalItem,
    read: t.Mapping[str, t.Mapping[str, bytes]],
) -> Entry:
    """The entry of an item with a definition. ``read`` are parts that were read from the service already, by item id."""
    current = live.of(item)
    ownership = _ownership(item, current) if choices.annotated else None
    if current is None:
        entry = Entry(CREATE, item, None, True, folder=item.folder, changes=["created"], ownership=ownership)
        entry.description = _described(entry, item.description)
        parts = final_parts(desired, live, entry, choices, allow_placeholders=True)
        entry.diffs = diff.part_diffs(
            normalise.Comparison(normalise.normalise(parts, item.type).parts, {}), _path(item)
        )
        _compare_connections(desired, live, entry)
        type_steps.plan(desired, live, entry, content=creation.has_content(item))
        return entry
    entry = Entry(UNCHANGED, item, current, ownership=ownership)
    content = creation.has_content(item)
    if content:
        _compare_content(desired, live, choices, entry, read.get(current.id))
        live.learn_from(current.id, entry.live_parts)
        _compare_connections(desired, live, entry)
    type_steps.plan(desired, live, entry, content=content)
    _compare_properties(live, choices, entry, current, item)
    if entry.changes or entry.content:
        entry.action = UPDATE
    return entry


def _compare_content(
    desired: Desired, live: RemoteWorkspace, choices: DeployOptions, entry: Entry, read: t.Mapping[str, bytes] | None
) -> None:
    """A difference counts only if getDefinition confirms it: see `bulk_reading`."""
    item, current = t.cast("LocalItem", entry.local), t.cast("Item", entry.live)
    comparison: normalise.Comparison | None = None
    if read is not None:
        comparison = _comparison(desired, live, choices, entry, read)
    if comparison is None or not comparison.equal or ownership_annotation.is_damaged(entry.live_parts):
        answer = _read_definition(live, current, reading_format(item.type, item.parts))
        comparison = _comparison(desired, live, choices, entry, parts_of(answer))
    if not comparison.equal:
        entry.content = True
        cause = _conversion(item, entry.live_parts)
        entry.changes = [*cause, *diff.summary(comparison)]
        entry.warnings += [f"{item} was {text}" for text in cause]
        entry.diffs = diff.part_diffs(comparison, _path(item))
    if choices.annotated and ownership_annotation.is_damaged(entry.live_parts):
        entry.content = True
        _repair(entry, "")


def _repair(entry: Entry, where: str) -> None:
    """Replace or remove a malformed ownership annotation of an item that matches a local one by name."""
    item = t.cast("LocalItem", entry.local)
    stays = entry.ownership is not None and bool(where) != ownership_annotation.has_place(item.parts)
    done = "replaced" if stays else "removed"
    entry.changes.append(f"the damaged ownership annotation{where} is {done}")
    entry.warnings.append(
        f"the ownership annotation{where} of {item} can't be read: something other than this collection has changed it. It "
        f"is {done}, as the item is the one of {item.path}"
    )


def _compare_connections(desired: Desired, live: RemoteWorkspace, entry: Entry) -> None:
    """The connections to which the parameters bind a semantic model."""
    item = t.cast("LocalItem", entry.local)
    requested = model_connections.desired_connections(desired, item)
    if requested.ids:
        found = model_connections.changes(live, item, entry.live, requested, settled=not entry.content)
        entry.changes += [str(change) for change in found]
        entry.diffs += [model_connections.diff_of(found, _path(item), there=entry.live is not None)] if found else []


def _read_definition(live: RemoteWorkspace, item: Item, content: str) -> t.Any:
    """Read in the folder's format, or in the item's own where the service can't convert it: then all parts differ."""
    try:
        return live.items.definition(item, content).wait()
    except (ApiError, OperationFailedError) as error:
        if not content or isinstance(error, ForbiddenError) or not is_unreadable(error):
            raise
    return _read_definition(live, item, "")


def _ownership(item: LocalItem, current: Item | None) -> Ownership:
    return Ownership(logical_id=item.logical_id, item_id=current.id if current else "")


def _conversion(item: LocalItem, live_parts: t.Mapping[str, bytes]) -> list[str]:
    """The cause of differences in all parts: the report was converted by the service."""
    formats = (definition_format(item.type, item.parts), definition_format(item.type, live_parts))
    if formats != ("PBIR-Legacy", "PBIR"):
        return []
    what = "converted to PBIR in the service, as happens when a report is edited, and the folder has it in the legacy format"
    return [f"{what}; save it as PBIR in Power BI Desktop, or export the live report"]


def _text(item: LocalItem, current: Item) -> str:
    """The desired description without an annotation; None for an item without a `.platform`."""
    return item.description if platform.PART in item.parts else description_annotation.text_of(current.description)


def _described(entry: Entry, text: str) -> str:
    """The description to write: the text, with the ownership annotation where the definition has no place for it."""
    item = t.cast("LocalItem", entry.local)
    if entry.ownership is None or ownership_annotation.has_place(item.parts):
        return text
    annotation = description_annotation.Annotation(entry.ownership.logical_id)
    written = description_annotation.write(text, annotation)
    if written is None:
        missing = description_annotation.missing_room(text, annotation)
        entry.warnings.append(
            f"the description of {item} leaves no room for the ownership annotation, so the item is not recognised when it "
            f"is renamed, and never pruned as deployed; shorten it by {missing} characters, or set ownership_annotation "
            "to never"
        )
    return text if written is None else written


def _comparison(
    desired: Desired, live: RemoteWorkspace, choices: DeployOptions, entry: Entry, live_parts: t.Mapping[str, bytes]
) -> normalise.Comparison:
    item = t.cast("LocalItem", entry.local)
    entry.live_parts = {path: data for path, data in live_parts.items() if path != platform.PART}
    if item.type == PAGINATED_REPORT:
        entry.live_parts = paginated.named_after(entry.live_parts, item.display_name)
    entry.parts = final_parts(desired, live, entry, choices, allow_placeholders=True)
    return normalise.compare(entry.parts, entry.live_parts, item.type)


def _gets_annotation(entry: Entry) -> bool:
    """Whether the definition is to have an annotation that the one in the service lacks."""
    item = t.cast("LocalItem", entry.local)
    if entry.ownership is None or not ownership_annotation.has_place(item.parts):
        return False
    return ownership_annotation.read(entry.live_parts) is None


def _compare_properties(
    live: RemoteWorkspace, choices: DeployOptions, entry: Entry, current: Item, item: LocalItem
) -> None:
    """Name, description and folder. A missing annotation alone is not a change; it is written with the next update."""
    described = description_annotation.read(current.description)
    text = _text(item, current)
    others = len(entry.changes)
    if current.name != item.display_name:
        entry.name = item.display_name
        entry.changes.append(f"renamed from {current.name}")
    if description_annotation.is_damaged(current.description):
        _repair(entry, " in the description")
        described = described._replace(text=description_annotation.text_of(current.description))
    if described.text != text:
        entry.changes.append("description")
    folder = live.path_of(current)
    if choices.move and folder != item.folder:
        entry.folder = item.folder
        entry.changes.append(f"moved from {folder or 'the root'} to {item.folder or 'the root'}")
    if entry.content or len(entry.changes) > others:
        if described.annotation is not None and not entry.content and _gets_annotation(entry):
            entry.content = True
            entry.changes.append("the ownership annotation moves from the description to the definition")
        written = _described(entry, text)
        entry.description = written if written != current.description else None
    plain = [change for change in entry.changes if change.startswith(("renamed", "moved", "description"))]
    if plain:
        before = {"name": current.name, "folder": folder, "description": described.text}
        place = folder if entry.folder is None else entry.folder
        after = {"name": item.display_name, "folder": place, "description": text}
        entry.diffs.append(
            {
                "before": "".join(f"{key}: {value}\n" for key, value in before.items()),
                "after": "".join(f"{key}: {value}\n" for key, value in after.items()),
                "before_header": f"{_path(item)} (live)",
                "after_header": _path(item),
            }
        )


def _path(item: LocalItem) -> str:
    return f"{item.folder}/{item}" if item.folder else str(item)
