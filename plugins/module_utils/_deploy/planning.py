# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The plan of a deployment: the action of each item, compared concurrently."""

from __future__ import annotations

import contextlib
import functools
import typing as t

from .._api.items import Item
from .._content import data_loss
from .._content.item import DEFINITION, SEMANTIC_MODEL, LocalItem
from .._errors import ConfigError, PowerBIError, listed
from .._scheduler import Job, Scheduler
from . import bulk_reading, ownership_reading
from .comparison import compare
from .desired import Desired
from .entry import DeployOptions, Entry
from .file_planning import compare_file, unreadable
from .file_targets import targets_of
from .fingerprint import is_known
from .fingerprint_reading import read_together
from .pruning import prune
from .remote import RemoteWorkspace


class Plan(t.NamedTuple):
    """The entries of a plan, and its warnings."""

    entries: list[Entry]
    warnings: list[str]


def make(desired: Desired, live: RemoteWorkspace, choices: DeployOptions, scheduler: Scheduler) -> Plan:
    """Read the items in the service concurrently, and compare. Writes nothing.

    Raises ConfigError for changes that are not allowed (loss of data, too many deletions), ContentError, and the errors of
    reading.
    """
    if choices.fingerprint:
        live.read()
    else:
        live.read_without_fabric()
    live.match_by_name(ownership_reading.local_keys(desired))
    reading = _Reading(desired, live, choices, scheduler)
    reading.begin()
    scheduler.run()
    if reading.errors:
        raise reading.errors[0]
    found = [reading.entries[id(item)] for item in desired.items]
    if not choices.allow_data_loss:
        _refuse_losses(found)
    entries = [*found, *prune(desired, found, live, choices)]
    warn = [*reading.warnings, *(text for entry in found for text in entry.warnings), *_never_pruned(choices)]
    return Plan(entries, [*warn, *ownership_reading.damaged(entries, live)])


def _never_pruned(choices: DeployOptions) -> list[str]:
    if choices.annotated or choices.prune != "deployed":
        return []
    what = "prune is deployed, but ownership_annotation is never"
    return [f"{what}: items that are deployed without an annotation are not recognised later, so they are never pruned"]


class _Reading:
    """The comparisons of all items as jobs of a scheduler. ``entries`` are by the local item's identity.

    The owners that matching and pruning need are read first: those of items that no local one matches by name.
    """

    def __init__(self, desired: Desired, live: RemoteWorkspace, choices: DeployOptions, scheduler: Scheduler) -> None:
        self._desired = desired
        self._live = live
        self._choices = choices
        self._scheduler = scheduler
        self.entries: dict[int, Entry] = {}
        self.errors: list[BaseException] = []
        self.warnings: list[str] = []
        self._unread = 0

    def begin(self) -> None:
        items = ownership_reading.candidates(self._desired, self._live, self._choices)
        if items:
            self._scheduler.add(ownership_reading.read_in_batches(self._live, items, self._choices), self._read_others)
        else:
            self._begin_comparisons()

    def _read_others(self, items: t.Any, error: BaseException | None) -> None:
        if error is not None:
            raise error
        self._unread = len(items)
        for item in items:
            self._scheduler.add(ownership_reading.read_one(self._live, item), self._owner_read)
        if not items:
            self._begin_comparisons()

    def _owner_read(self, warning: t.Any, error: BaseException | None) -> None:
        if error is not None:
            self.errors.append(error)
        elif warning:
            self.warnings.append(warning)
        self._unread -= 1
        if not self._unread and not self.errors:
            self._begin_comparisons()

    def _begin_comparisons(self) -> None:
        definitions = [item for item in self._desired.items if item.kind == DEFINITION]
        bulk_api = self._choices.bulk_api
        batches = bulk_reading.batches(self._live, definitions, bulk_api)
        for batch in batches:
            self._scheduler.add(bulk_reading.read(self._live, batch, bulk_api), functools.partial(self._read, batch))
        together = {id(item) for batch in batches for item in batch}
        self._compare([item for item in definitions if id(item) not in together], {})
        files = [item for item in self._desired.items if item.kind != DEFINITION]
        self._scheduler.add(self._read_targets(files), functools.partial(self._compare_files, files))

    def _read_targets(self, files: t.Sequence[LocalItem]) -> Job:
        """Read together the contents that fingerprints need, of the items that were imported from the files."""
        if not self._choices.fingerprint or self._choices.bulk_api == "never":
            return {}
        targets: list[Item] = []
        for item in files:
            with contextlib.suppress(ConfigError):  # raised when the file itself is compared
                found = targets_of(self._live, self._choices, item, self._desired.packages[id(item)])
                targets += found if is_known(found) else ()
        return (yield from read_together(self._live, targets, self._choices.bulk_api))

    def _compare_files(self, files: t.Sequence[LocalItem], read: t.Any, error: BaseException | None) -> None:
        if error is not None:
            raise error
        for item in files:
            job = compare_file(self._live, self._choices, item, self._desired.packages[id(item)], read)
            self._scheduler.add(job, functools.partial(self._done, item))

    def _read(self, batch: t.Sequence[LocalItem], read: t.Any, error: BaseException | None) -> None:
        """Start the comparisons with the contents that were read together; they read the missing ones."""
        if error is not None:
            raise error
        self._compare(batch, read)

    def _compare(self, items: t.Iterable[LocalItem], read: t.Mapping[str, t.Mapping[str, bytes]]) -> None:
        for item in items:
            job = compare(self._desired, self._live, self._choices, item, read)
            self._scheduler.add(job, functools.partial(self._done, item))

    def _done(self, item: LocalItem, entry: t.Any, error: BaseException | None) -> None:
        if error is None:
            self.entries[id(item)] = entry
        else:
            self.errors.append(_with_item(item, error))


def _with_item(item: LocalItem, error: BaseException) -> BaseException:
    """The error with the item's name: its own text may contain only an id."""
    if isinstance(error, OSError):
        return unreadable(item, error)
    if isinstance(error, PowerBIError) and not isinstance(error, ConfigError):
        error.what = f"{item} can't be compared with the service: {error.what}"
        error.details.setdefault("item", str(item))
    return error


def _refuse_losses(entries: t.Iterable[Entry]) -> None:
    """Raise ConfigError for definitions and files that would delete rows of a semantic model."""
    losses: list[str] = []
    imported = False
    for entry in entries:
        if entry.content and entry.file is not None:
            losses += [f"{entry.label}: {what}" for what in entry.losses]
            imported = imported or bool(entry.losses)
        elif entry.content and entry.live_parts and entry.local is not None and entry.local.type == SEMANTIC_MODEL:
            found = data_loss.data_loss(entry.parts, entry.live_parts)
            losses += [f"{entry.label}: {finding}" for finding in found if finding.kind == data_loss.DATA]
    if losses:
        remedy = (
            "correct the model, or set allow_data_loss to true; the service may refuse it all the same while the model "
        )
        remedy += "holds rows: see docs/deploying.md for how to clear them first"
        if imported:
            remedy = (
                "deploy the model as a definition (TMDL), which keeps these partitions, or set allow_data_loss to true "
            )
            remedy += "and refresh it afterwards"
        raise ConfigError(
            "the deployment would lose data, so nothing was written",
            option="allow_data_loss",
            why=listed(losses, separator="; "),
            remedy=remedy,
        )
