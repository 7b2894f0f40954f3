# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The plan of a deployment: the action of each item, compared concurrently."""

from __future__ import annotations

import contextlib
import typing as t

from .._api.items import Item
from .._content import data_loss
from .._content.item import DEFINITION, SEMANTIC_MODEL, LocalItem
from .._errors import ConfigError, PowerBIError, listed
from .._jobs import Jobs
from . import bulk_reading, ownership_reading
from .comparison import compare
from .desired import Desired
from .entry import DeployOptions, Entry
from .file_planning import compare_file, unreadable
from .file_targets import targets_of
from .fingerprint import Content, is_known
from .fingerprint_reading import read_together
from .pruning import prune
from .remote import RemoteWorkspace


class Plan(t.NamedTuple):
    """The entries of a plan, and its warnings."""

    entries: list[Entry]
    warnings: list[str]


def make(desired: Desired, live: RemoteWorkspace, choices: DeployOptions, jobs: Jobs) -> Plan:
    """Read the items in the service concurrently, and compare. Writes nothing.

    Raises ConfigError for changes that are not allowed (loss of data, too many deletions), ContentError, and the errors of
    reading.
    """
    if choices.fingerprint:
        live.read()
    else:
        live.read_without_fabric()
    live.match_by_name(ownership_reading.local_keys(desired))
    warnings = ownership_reading.read_owners(desired, live, choices, jobs)
    found = _compare_all(desired, live, choices, jobs)
    if not choices.allow_data_loss:
        _refuse_losses(found)
    entries = [*found, *prune(desired, found, live, choices)]
    warnings += [*(text for entry in found for text in entry.warnings), *_never_pruned(choices)]
    return Plan(entries, [*warnings, *ownership_reading.damaged(entries, live)])


def _never_pruned(choices: DeployOptions) -> list[str]:
    if choices.annotated or choices.prune != "deployed":
        return []
    what = "prune is deployed, but ownership_annotation is never"
    return [f"{what}: items that are deployed without an annotation are not recognised later, so they are never pruned"]


def _compare_all(desired: Desired, live: RemoteWorkspace, choices: DeployOptions, jobs: Jobs) -> list[Entry]:
    """The entries of the local items. What can be read in few operations is read before the comparisons."""
    definitions = [item for item in desired.items if item.kind == DEFINITION]
    batches = bulk_reading.batches(live, definitions, choices.bulk_api)
    parts: dict[str, dict[str, bytes]] = {}
    for read in jobs.map(lambda batch: bulk_reading.read(live, batch, choices.bulk_api), batches):
        parts.update(read)
    contents = _read_targets(desired, live, choices)

    def compare_one(item: LocalItem) -> Entry:
        try:
            if item.kind == DEFINITION:
                return compare(desired, live, choices, item, parts)
            return compare_file(live, choices, item, desired.packages[id(item)], contents)
        except OSError as error:
            raise unreadable(item, error) from error
        except ConfigError:
            raise
        except PowerBIError as error:
            error.what = f"{item} can't be compared with the service: {error.what}"
            error.details.setdefault("item", str(item))
            raise

    return jobs.map(compare_one, desired.items)


def _read_targets(desired: Desired, live: RemoteWorkspace, choices: DeployOptions) -> dict[str, Content]:
    """Read together the contents that fingerprints need, of the items that were imported from the files."""
    if not choices.fingerprint or choices.bulk_api == "never":
        return {}
    targets: list[Item] = []
    for item in desired.items:
        if item.kind != DEFINITION:
            with contextlib.suppress(ConfigError):  # raised when the file itself is compared
                found = targets_of(live, choices, item, desired.packages[id(item)])
                targets += found if is_known(found) else ()
    return read_together(live, targets, choices.bulk_api)


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
