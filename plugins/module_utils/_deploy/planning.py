# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The plan of a deployment: each item's action, found by comparing with the definition that the service has now."""

from __future__ import annotations

import contextlib
import functools
import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._content import (
    data_loss,
    diff,
    logical_ids,
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
from ansible_collections.community.powerbi.plugins.module_utils._content.problem import refuse
from ansible_collections.community.powerbi.plugins.module_utils._deploy import bulk_reading, marker, model_connections
from ansible_collections.community.powerbi.plugins.module_utils._deploy.desired import Desired
from ansible_collections.community.powerbi.plugins.module_utils._deploy.entry import (
    CREATE,
    UNCHANGED,
    UPDATE,
    Choices,
    Entry,
)
from ansible_collections.community.powerbi.plugins.module_utils._deploy.file_planning import (
    compare_file,
    targets_of,
    unreadable,
)
from ansible_collections.community.powerbi.plugins.module_utils._deploy.ledger import is_remembered, is_unreadable
from ansible_collections.community.powerbi.plugins.module_utils._deploy.ledger_reading import read_together
from ansible_collections.community.powerbi.plugins.module_utils._deploy.live import Live
from ansible_collections.community.powerbi.plugins.module_utils._deploy.pruning import prune
from ansible_collections.community.powerbi.plugins.module_utils._errors import (
    ApiError,
    ConfigError,
    ForbiddenError,
    OperationFailedError,
    PowerBIError,
)
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
    reading = _Reading(desired, live, choices, scheduler)
    reading.begin()
    scheduler.run()
    if reading.errors:
        raise reading.errors[0]
    found = [reading.entries[id(item)] for item in desired.items]
    if not choices.allow_data_loss:
        _refuse_losses(found)
    return [*found, *prune(desired, found, live, choices)]


class _Reading:
    """The comparisons of all items, under way in a scheduler. ``entries`` go by the local item's identity."""

    def __init__(self, desired: Desired, live: Live, choices: Choices, scheduler: Scheduler) -> None:
        self._desired = desired
        self._live = live
        self._choices = choices
        self._scheduler = scheduler
        self.entries: dict[int, Entry] = {}
        self.errors: list[BaseException] = []

    def begin(self) -> None:
        definitions = [item for item in self._desired.items if item.kind == DEFINITION]
        batches = bulk_reading.batches(self._live, definitions) if self._choices.bulk_read else []
        for batch in batches:
            self._scheduler.add(bulk_reading.read(self._live, batch), functools.partial(self._read, batch))
        together = {id(item) for batch in batches for item in batch}
        self._compare([item for item in definitions if id(item) not in together], {})
        files = [item for item in self._desired.items if item.kind != DEFINITION]
        self._scheduler.add(self._read_targets(files), functools.partial(self._compare_files, files))

    def _read_targets(self, files: t.Sequence[LocalItem]) -> Job:
        """What the ledger needs of the live items that the files have made, as far as it can be read together."""
        if not (self._choices.ledger and self._choices.bulk_read):
            return {}
        targets: list[Item] = []
        for item in files:
            with contextlib.suppress(ConfigError):  # told when the file itself is compared
                found = targets_of(self._live, self._choices, item, self._desired.packages[id(item)])
                targets += found if is_remembered(found) else ()
        return (yield from read_together(self._live, targets))

    def _compare_files(self, files: t.Sequence[LocalItem], read: t.Any, error: BaseException | None) -> None:
        if error is not None:
            raise error
        for item in files:
            job = compare_file(self._live, self._choices, item, self._desired.packages[id(item)], read)
            self._scheduler.add(job, functools.partial(self._done, item))

    def _read(self, batch: t.Sequence[LocalItem], read: t.Any, error: BaseException | None) -> None:
        """What was read together goes to the comparisons; what was not is left to them."""
        if error is not None:
            raise error
        self._compare(batch, read)

    def _compare(self, items: t.Iterable[LocalItem], read: t.Mapping[str, t.Mapping[str, bytes]]) -> None:
        for item in items:
            job = _compare(self._desired, self._live, self._choices, item, read)
            self._scheduler.add(job, functools.partial(self._done, item))

    def _done(self, item: LocalItem, entry: t.Any, error: BaseException | None) -> None:
        if error is None:
            self.entries[id(item)] = entry
        else:
            self.errors.append(_told_of(item, error))


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
    named = ((other, live.of(other)) for other in desired.named.get(id(item), ()))
    ids = {other.logical_id: known(found.id if found else None, str(other)) for other, found in named}
    parts = logical_ids.in_target(parts, ids, live.workspace.id)
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
    if target is None and binding.path:
        return _model_beside(desired, live, item)
    if binding.path or not binding:
        return live.model_id(target, binding)
    own = target if target is not None and not (binding.model_id or binding.workspace) else None
    if own is None and not binding.workspace and desired.brings_model(binding.model):
        found = live.named(SEMANTIC_MODEL, binding.model)
        return found.id if found else None
    return live.model_id(own, binding)


def _model_beside(desired: Desired, live: Live, item: LocalItem) -> str:
    """The live model of a folder that a report names by its path, but that is not deployed with it."""
    external = desired.graph.external[desired.items.index(item)]
    beside = next((found.target for found in external if found.target and found.target.type == SEMANTIC_MODEL), None)
    model = live.of(beside) if beside is not None else None
    if model is None:
        raise ConfigError(
            f"the semantic model of {item}, {beside or 'which it names by its path'}, is not in the workspace",
            option="src",
            remedy="deploy it first, or together with the report",
        )
    return model.id


def _compare(
    desired: Desired, live: Live, choices: Choices, item: LocalItem, read: t.Mapping[str, t.Mapping[str, bytes]]
) -> Job:
    """The entry of an item with a definition. ``read`` are live parts that are known already, by item id."""
    current = live.of(item)
    description = _description(item, current)
    if current is None:
        entry = Entry(CREATE, item, None, True, description=description, folder=item.folder, changes=["created"])
        parts = yield Call(lambda: final_parts(desired, live, entry, choices, guess=True))
        entry.diffs = diff.part_diffs(
            normalise.Comparison(normalise.normalise(parts, item.type).parts, {}), _path(item)
        )
        yield from _compare_connections(desired, live, entry)
        return entry
    entry = Entry(UNCHANGED, item, current)
    if set(item.parts) - {platform.PART}:
        yield from _compare_content(desired, live, choices, entry, read.get(current.id))
        yield from _compare_connections(desired, live, entry)
    _compare_properties(live, choices, entry, current, item, description)
    if entry.changes:
        entry.action = UPDATE
    return entry


def _compare_content(
    desired: Desired, live: Live, choices: Choices, entry: Entry, read: t.Mapping[str, bytes] | None
) -> t.Generator[t.Any, t.Any, None]:
    """Only getDefinition is believed about a difference: see `bulk_reading`."""
    item, current = t.cast("LocalItem", entry.local), t.cast("Item", entry.live)
    comparison: normalise.Comparison | None = None
    if read is not None:
        comparison = yield Call(lambda: _comparison(desired, live, choices, entry, read))
    if comparison is None or not comparison.equal:
        answer = yield from _read_definition(live, current, definition_format(item.type, item.parts))
        comparison = yield Call(lambda: _comparison(desired, live, choices, entry, parts_of(answer)))
    if not comparison.equal:
        entry.content = True
        entry.changes = diff.summary(comparison)
        entry.diffs = diff.part_diffs(comparison, _path(item))


def _compare_connections(desired: Desired, live: Live, entry: Entry) -> t.Generator[t.Any, t.Any, None]:
    """What the parameters bind a semantic model to."""
    item = t.cast("LocalItem", entry.local)
    wanted = model_connections.wanted_of(desired, item)
    if wanted.ids:
        found = yield from model_connections.changes(live, item, entry.live, wanted, settled=not entry.content)
        entry.changes += [str(change) for change in found]
        entry.diffs += [model_connections.diff_of(found, _path(item))] if found else []


def _read_definition(live: Live, item: Item, content: str) -> t.Generator[t.Any, t.Any, t.Any]:
    """In the format that the folder has, or the item's own where the service can't translate: then all of it differs."""
    try:
        operation = yield Call(lambda: live.items.definition(item, content))
        return (yield Wait(operation))
    except (ApiError, OperationFailedError) as error:
        if not content or isinstance(error, ForbiddenError) or not is_unreadable(error):
            raise
    return (yield from _read_definition(live, item, ""))


def _description(item: LocalItem, current: Item | None) -> str:
    """What the item's description is to be, with its mark. An item without a `.platform` says nothing of the text."""
    own = item.description if platform.PART in item.parts or current is None else marker.read(current.description).text
    return marker.write(own, marker.Mark(item.logical_id))


def _comparison(
    desired: Desired, live: Live, choices: Choices, entry: Entry, live_parts: t.Mapping[str, bytes]
) -> normalise.Comparison:
    item = t.cast("LocalItem", entry.local)
    entry.live_parts = {path: data for path, data in live_parts.items() if path != platform.PART}
    entry.parts = final_parts(desired, live, entry, choices, guess=True)
    return normalise.compare(entry.parts, entry.live_parts, item.type)


def _compare_properties(
    live: Live, choices: Choices, entry: Entry, current: Item, item: LocalItem, description: str
) -> None:
    """Name, description and folder. A missing mark alone is no change: it comes along with the next one."""
    if current.name != item.display_name:
        entry.name = item.display_name
        entry.changes.append(f"renamed from {current.name}")
    if marker.read(current.description).text != marker.read(description).text:
        entry.changes.append("description")
    folder = live.path_of(current)
    if choices.move and folder != item.folder:
        entry.folder = item.folder
        entry.changes.append(f"moved from {folder or 'the root'} to {item.folder or 'the root'}")
    if entry.changes and current.description != description:
        entry.description = description
    plain = [change for change in entry.changes if change.startswith(("renamed", "moved", "description"))]
    if plain:
        before = {"name": current.name, "folder": folder, "description": marker.read(current.description).text}
        place = folder if entry.folder is None else entry.folder
        after = {"name": item.display_name, "folder": place, "description": marker.read(description).text}
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


def _path(item: LocalItem) -> str:
    return f"{item.folder}/{item}" if item.folder else str(item)
