# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The plan of a deployment: each item's action, found by comparing with the definition that the service has now."""

from __future__ import annotations

import fnmatch
import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._content import (
    data_loss,
    diff,
    normalise,
    platform,
    preserve,
    rebind,
)
from ansible_collections.community.powerbi.plugins.module_utils._content.item import (
    DEFINITION,
    REPORT,
    SEMANTIC_MODEL,
    LocalItem,
    definition_format,
)
from ansible_collections.community.powerbi.plugins.module_utils._content.parameter_rules import resolve
from ansible_collections.community.powerbi.plugins.module_utils._content.problem import Problem, refuse
from ansible_collections.community.powerbi.plugins.module_utils._deploy import marker
from ansible_collections.community.powerbi.plugins.module_utils._deploy.desired import Desired
from ansible_collections.community.powerbi.plugins.module_utils._deploy.entry import (
    CREATE,
    DELETE,
    UNCHANGED,
    UPDATE,
    Choices,
    Entry,
)
from ansible_collections.community.powerbi.plugins.module_utils._deploy.file_planning import compare_file, unreadable
from ansible_collections.community.powerbi.plugins.module_utils._deploy.live import Live
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError, PowerBIError
from ansible_collections.community.powerbi.plugins.module_utils._resources.items import Item, parts_of
from ansible_collections.community.powerbi.plugins.module_utils._scheduler import Call, Job, Scheduler, Wait

_PENDING = "00000000-0000-0000-0000-000000000000"  # stands for an id that this run will bring


def make(desired: Desired, live: Live, choices: Choices, scheduler: Scheduler) -> list[Entry]:
    """Read what is live, all items at once, and compare. Nothing is written.

    Raises ConfigError for what must not be done (loss of data, too many deletions), ContentError, and what reading raises.
    """
    if choices.ledger:
        live.read()
    else:
        live.read_without_fabric()
    entries: dict[int, Entry] = {}
    errors: list[BaseException] = []

    def done(item: LocalItem) -> t.Callable[[t.Any, BaseException | None], None]:
        def take(entry: t.Any, error: BaseException | None) -> None:
            if error is not None:
                errors.append(_told_of(item, error))
            else:
                entries[id(item)] = entry

        return take

    for item in desired.items:
        if item.kind == DEFINITION:
            scheduler.add(_compare(desired, live, choices, item), done(item))
        else:
            scheduler.add(compare_file(live, choices, item, desired.packages[id(item)]), done(item))
    scheduler.run()
    if errors:
        raise errors[0]
    found = [entries[id(item)] for item in desired.items if id(item) in entries]
    if not choices.allow_data_loss:
        _refuse_losses(found)
    return [*found, *_prune(found, live, choices)]


def _told_of(item: LocalItem, error: BaseException) -> BaseException:
    """The error, saying which item it was met at: what it tells of itself may be an id."""
    if isinstance(error, OSError):
        return unreadable(item, error)
    if isinstance(error, PowerBIError) and not isinstance(error, ConfigError):
        error.what = f"{item} can't be compared with what is live: {error.what}"
        error.details.setdefault("item", str(item))
    return error


def final_parts(
    desired: Desired, live: Live, entry: Entry, choices: Choices, *, guess: bool = False
) -> dict[str, bytes]:
    """An item's parts as they are sent: variables filled in, the report bound, what is live preserved.

    With ``guess``, ids of items that do not exist yet are zeros. Raises ConfigError for one that is missing otherwise.
    """
    item = t.cast("LocalItem", entry.local)

    def known(value: str | None, what: str) -> str:
        if value is None and not guess:
            raise ConfigError(f"{what}, which {item} needs, is not in the workspace", option="src")
        return value or _PENDING

    parts = resolve(desired.substitution(item), lambda variable: known(live.value(variable), str(variable)))
    parts.pop(platform.PART, None)  # what it says is told to the service in its own words, by `describe`
    if item.type == REPORT and rebind.PART in parts:
        model = _model_of(desired, live, item, parts)
        parts[rebind.PART] = rebind.rebind(parts[rebind.PART], known(model, "the semantic model"))
    if item.type == SEMANTIC_MODEL and entry.live_parts and choices.preserve:
        parts = preserve.preserve(parts, entry.live_parts, choices.preserve).parts
    return parts


def _model_of(desired: Desired, live: Live, item: LocalItem, parts: t.Mapping[str, bytes]) -> str | None:
    binding, problem = rebind.read(parts[rebind.PART], f"{item.path}/{rebind.PART}")
    if problem is not None:
        refuse([problem])
    target = next((other for other in desired.graph.needed_by(item) if other.type == SEMANTIC_MODEL), None)
    if binding.path or not binding:
        if target is None:
            refuse(
                [
                    Problem(
                        f"{item.path}/{rebind.PART}", 0, 0, "the report's model is not deployed with it", "Include it"
                    )
                ]
            )
        return live.model_id(target, binding)
    own = target if target is not None and not (binding.model_id or binding.workspace) else None
    if own is None and not binding.workspace and desired.brings_model(binding.model):
        found = live.named(SEMANTIC_MODEL, binding.model)
        return found.id if found else None
    return live.model_id(own, binding)


def _compare(desired: Desired, live: Live, choices: Choices, item: LocalItem) -> Job:
    current = live.of(item)
    description = _description(item, current)
    if current is None:
        entry = Entry(CREATE, item, None, True, description=description, folder=item.folder, changes=["created"])
        parts = yield Call(lambda: final_parts(desired, live, entry, choices, guess=True))
        entry.diffs = diff.part_diffs(
            normalise.Comparison(normalise.normalise(parts, item.type).parts, {}), _path(item)
        )
        return entry
    entry = Entry(UNCHANGED, item, current)
    if set(item.parts) - {platform.PART}:
        wanted_format = definition_format(item.type, item.parts)
        operation = yield Call(lambda: live.items.definition(current, wanted_format))
        answer = yield Wait(operation)
        entry.live_parts = {path: data for path, data in parts_of(answer).items() if path != platform.PART}
        comparison = yield Call(lambda: _comparison(desired, live, choices, entry))
        if not comparison.equal:
            entry.content = True
            entry.changes = diff.summary(comparison)
            entry.diffs = diff.part_diffs(comparison, _path(item))
    _compare_properties(live, entry, current, item, description)
    if entry.changes:
        entry.action = UPDATE
    return entry


def _description(item: LocalItem, current: Item | None) -> str:
    """What the item's description is to be, with its mark. An item without a `.platform` says nothing of the text."""
    own = item.description if platform.PART in item.parts or current is None else marker.read(current.description).text
    return marker.write(own, marker.Mark(item.logical_id))


def _comparison(desired: Desired, live: Live, choices: Choices, entry: Entry) -> normalise.Comparison:
    item = t.cast("LocalItem", entry.local)
    entry.parts = final_parts(desired, live, entry, choices, guess=True)
    return normalise.compare(entry.parts, entry.live_parts, item.type)


def _compare_properties(live: Live, entry: Entry, current: Item, item: LocalItem, description: str) -> None:
    """Name, description and folder. A missing mark alone is no change: it comes along with the next one."""
    if current.name != item.display_name:
        entry.name = item.display_name
        entry.changes.append(f"renamed from {current.name}")
    if marker.read(current.description).text != marker.read(description).text:
        entry.changes.append("description")
    folder = live.path_of(current)
    if folder != item.folder:
        entry.folder = item.folder
        entry.changes.append(f"moved from {folder or 'the root'} to {item.folder or 'the root'}")
    if entry.changes and current.description != description:
        entry.description = description
    plain = [change for change in entry.changes if change.startswith(("renamed", "moved", "description"))]
    if plain:
        before = {"name": current.name, "folder": folder, "description": marker.read(current.description).text}
        after = {"name": item.display_name, "folder": item.folder, "description": marker.read(description).text}
        entry.diffs.append(
            {
                "before": "".join(f"{key}: {value}\n" for key, value in before.items()),
                "after": "".join(f"{key}: {value}\n" for key, value in after.items()),
                "before_header": f"{_path(item)} (live)",
                "after_header": _path(item),
            }
        )


def _refuse_losses(entries: t.Iterable[Entry]) -> None:
    losses = [
        f"{entry.label}: {finding}"
        for entry in entries
        if entry.content and entry.live_parts and entry.local is not None and entry.local.type == SEMANTIC_MODEL
        for finding in data_loss.data_loss(entry.parts, entry.live_parts)
        if finding.kind == data_loss.DATA
    ]
    if losses:
        raise ConfigError(
            "the deployment would lose data, so nothing was written",
            option="allow_data_loss",
            why="; ".join(losses[:5]) + (f"; and {len(losses) - 5} more" if len(losses) > 5 else ""),
            remedy="correct the model, or set allow_data_loss to true and refresh it afterwards",
        )


def _prune(entries: t.Sequence[Entry], live: Live, choices: Choices) -> list[Entry]:
    """Live items that are not wanted any more. Reports go before the models that they need."""
    if choices.prune == "none":
        return []
    kept = {entry.live.id for entry in entries if entry.live is not None}
    kept |= {item.id for entry in entries if entry.file is not None for item in entry.file.targets}
    doomed = [
        item
        for item in live.all()
        if item.id not in kept
        and (choices.prune == "all" or marker.read(item.description).ours)
        and not any(fnmatch.fnmatchcase(f"{item.name}.{item.type}", pattern) for pattern in choices.protect)
    ]
    if choices.max_deletions is not None and len(doomed) > choices.max_deletions:
        names = ", ".join(f"{item.name}.{item.type}" for item in doomed[:10])
        raise ConfigError(
            f"{len(doomed)} items would be deleted, but max_deletions is {choices.max_deletions}",
            option="max_deletions",
            why=f"They are {names}",
            remedy="raise max_deletions, or name what must stay in protect",
        )
    doomed.sort(key=lambda item: (item.type == SEMANTIC_MODEL, item.type, item.name))
    return [Entry(DELETE, None, item, changes=["deleted"]) for item in doomed]


def _path(item: LocalItem) -> str:
    return f"{item.folder}/{item}" if item.folder else str(item)
