# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Matching: the live items of each local one, all of them before anything is planned.

An item with a definition is identified by type and name, else by the logical id in its ownership annotation. A file is
identified by its name, else by its fingerprint, which contains the name under which the file was imported, and the report
that the import created with a semantic model: a user may have renamed them since.
"""

from __future__ import annotations

import typing as t

from .._api.items import Item
from .._content import patterns
from .._content.item import DEFINITION, PAGINATED_REPORT, RDL, REPORT, SEMANTIC_MODEL, XLSX, LocalItem
from .._content.package import Package
from .._errors import ConfigError, NotFoundError, PowerBIError, listed
from .._jobs import Jobs
from . import description_annotation, fingerprint
from .bulk_reading import read_contents
from .desired import Desired
from .options import DeployOptions, PruneOptions
from .remote import RemoteWorkspace

Matches = dict[LocalItem, tuple[Item, ...]]

ANNOTATED_TYPES = (SEMANTIC_MODEL, REPORT)  # types whose definitions can hold the ownership annotation

_FEW = 8  # items that may be read to find one that was renamed


def match(desired: Desired, live: RemoteWorkspace, options: DeployOptions, jobs: Jobs) -> tuple[Matches, list[str]]:
    """The live items of each local item: none, one, or for a file a semantic model and its report, in this order. Reads the
    owners that this needs, and returns warnings about those that can't be read. Writes nothing.

    Raises ConfigError for names, annotations and fingerprints that are ambiguous, and the errors of reading.
    """
    live.match_by_name(_local_keys(desired))
    warnings = read_owners(desired, live, options.pruning, options.bulk_api, jobs)
    matches: Matches = {}
    for item in desired.items:
        if item.kind == DEFINITION:
            matches[item] = _found(live.counterpart(item))
        else:
            matches[item] = _targets_of(live, item, desired.packages[item], skip_report=options.files.skip_report)
    return matches, warnings


def _targets_of(live: RemoteWorkspace, item: LocalItem, package: Package, *, skip_report: bool) -> tuple[Item, ...]:
    """The items that the import would replace, semantic models first; some may have another name than the file.

    Raises ConfigError for names and fingerprints that are ambiguous.
    """
    name = item.display_name
    if item.kind == RDL:
        return _found(_named(live, PAGINATED_REPORT, item))
    model = _named(live, SEMANTIC_MODEL, item) if package.has_model else None
    if item.kind == XLSX:
        return _found(model)  # a report that the service may create as well does not identify the workbook
    if not package.has_model:
        return _found(_named(live, REPORT, item))
    report = None if skip_report else live.named(REPORT, name) or _report_of(live, model)
    if report is not None and model is None:
        raise ConfigError(
            f"there is a report {name!r} already, on another semantic model than the one in {item.path}",
            option="src",
            why=f"The service would make a second report of that name beside {report.id}",
            remedy="delete or rename that report, give the file another name, or import its model alone (skip_report); if its "
            "semantic model was renamed in the service, rename that back",
        )
    return _found(model, report)


def renamed(item: LocalItem, targets: t.Iterable[Item]) -> list[Item]:
    """Those of a file's items that have another name than the file."""
    return [target for target in targets if target.name.casefold() != item.display_name.casefold()]


def rename_warnings(live: RemoteWorkspace, item: LocalItem, digest: str) -> list[str]:
    """Warnings for items without a local one that have the content of a new file: their fingerprint, if any, lacks the name
    under which they were imported, so whether they were renamed in the service is not known."""
    types = (PAGINATED_REPORT,) if item.kind == RDL else (SEMANTIC_MODEL, REPORT)
    others = [
        one for one in live.all() if one.type in types and one.key not in live.local_keys and not _imported_in(one)
    ]
    same = [one for one in others if _file_of(one) == description_annotation.short(digest)]
    unmarked = [one for one in others if item.kind == RDL and not _file_of(one)]
    for one in unmarked if len(unmarked) <= _FEW else ():
        content = None
        try:
            content = fingerprint.content(live, one)
        except PowerBIError as error:
            if not fingerprint.is_unreadable(error):
                raise
        if fingerprint.is_the_file(content, item.source, digest):
            same.append(one)
    return [
        f"{item} is created, although {one.name}.{one.type} has the content of {item.path}: if that was renamed in the "
        "service, rename it back first, otherwise a duplicate is created"
        for one in same
    ]


def _found(*items: Item | None) -> tuple[Item, ...]:
    return tuple(item for item in items if item is not None)


def _named(live: RemoteWorkspace, item_type: str, item: LocalItem) -> Item | None:
    """The item of that type with the file's name, else the one that was imported under this name and renamed since."""
    found = live.named(item_type, item.display_name)
    if found is not None:
        return found
    digest = fingerprint.name_digest(item.display_name)
    others = [
        one
        for one in live.all()
        if one.type == item_type and one.key not in live.local_keys and _imported_in(one) == digest
    ]
    if len(others) > 1:
        names = (f"{one.name} ({one.id})" for one in sorted(others, key=lambda one: (one.name, one.id)))
        raise ConfigError(
            f"{len(others)} items of the workspace were imported as {item.display_name!r}, or are copies of it, and none is "
            "called so now",
            option="src",
            why=f"Their fingerprints have the same name: {listed(names)}",
            remedy=f"rename the one that {item.path} is to replace to {item.display_name!r}",
        )
    return others[0] if others else None


def _imported_in(item: Item) -> str:
    annotation = description_annotation.read(item.description).annotation
    return annotation.name if annotation is not None and annotation.file else ""


def _file_of(item: Item) -> str:
    annotation = description_annotation.read(item.description).annotation
    return annotation.file if annotation is not None else ""


def _report_of(live: RemoteWorkspace, model: Item | None) -> Item | None:
    """The report that was imported together with the model, if it was renamed since."""
    annotation = description_annotation.read(model.description).annotation if model is not None else None
    if annotation is None or not annotation.report_id:
        return None
    reports = (one for one in live.all() if one.type == REPORT and one.key not in live.local_keys)
    return next((one for one in reports if fingerprint.short_id(one.id) == annotation.report_id), None)


def _local_keys(desired: Desired) -> set[tuple[str, str]]:
    """Type and name of all items of the folder, including those that the patterns exclude."""
    keys = {item.key for item in (*desired.items, *desired.outside)}
    files = [item for item in (*desired.items, *desired.outside) if item.kind != DEFINITION]
    keys.update((item_type, item.display_name.casefold()) for item in files for item_type in ANNOTATED_TYPES)
    return keys


def read_owners(desired: Desired, live: RemoteWorkspace, pruning: PruneOptions, bulk_api: str, jobs: Jobs) -> list[str]:
    """Read the annotations of `candidates`, in few operations where possible. Returns warnings. Raises PowerBIError."""
    items = candidates(desired, live, pruning)
    read = read_contents(live, items, bulk_api)
    for identity, found in read.items():
        live.record_owner_in(identity, found.parts)
    warnings = jobs.map(lambda item: _read_owner(live, item), [item for item in items if item.id not in read])
    return [warning for warning in warnings if warning]


def candidates(desired: Desired, live: RemoteWorkspace, pruning: PruneOptions) -> list[Item]:
    """The items whose owner is needed and is only in their definitions.

    An item that a local one matches by type and name is read for the comparison anyway. The others are items without a
    local one, where a local item may have been renamed, or where pruning needs their owner.
    """
    keys = _local_keys(desired)
    there = {item.key for item in live.all()}
    renamed = {item.type for item in (*desired.items, *desired.outside) if _may_be_renamed(there, item)}
    return [
        item
        for item in live.all()
        if item.type in ANNOTATED_TYPES
        and item.key not in keys
        and not live.is_owner_known(item)
        and (item.type in renamed or (pruning.prune == "deployed" and not is_protected(item, pruning)))
    ]


def is_protected(item: Item, pruning: PruneOptions) -> bool:
    return any(patterns.fits(f"{item.name}.{item.type}", pattern) for pattern in pruning.protect)


def _may_be_renamed(there: t.Container[tuple[str, str]], item: LocalItem) -> bool:
    """Whether a local item has no counterpart of its name, and could be recognised as renamed."""
    return item.kind == DEFINITION and bool(item.logical_id) and item.key not in there


def _read_owner(live: RemoteWorkspace, item: Item) -> str:
    """Read one item's annotation. An item whose definition the service does not return has no owner."""
    try:
        found = fingerprint.content(live, item)
    except NotFoundError:
        live.record_owner(item.id, None)  # deleted meanwhile
    except PowerBIError as error:
        if not fingerprint.is_unreadable(error):
            raise
        live.record_owner(item.id, None)
        return f"{item.name}.{item.type} counts as an item that no deployment owns: {error.what}"
    else:
        live.record_owner_in(item.id, found.parts)
    return ""
