# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The plan for items that come as files: which live items a file replaces, and whether it has to be sent at all."""

from __future__ import annotations

import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._content import diff, normalise
from ansible_collections.community.powerbi.plugins.module_utils._content.digest import file_digest
from ansible_collections.community.powerbi.plugins.module_utils._content.item import (
    PAGINATED_REPORT,
    RDL,
    REPORT,
    SEMANTIC_MODEL,
    XLSX,
    LocalItem,
)
from ansible_collections.community.powerbi.plugins.module_utils._content.package import Package
from ansible_collections.community.powerbi.plugins.module_utils._deploy import ledger, marker
from ansible_collections.community.powerbi.plugins.module_utils._deploy.entry import (
    CREATE,
    UNCHANGED,
    UPDATE,
    Choices,
    Entry,
    FileImport,
)
from ansible_collections.community.powerbi.plugins.module_utils._deploy.live import Live
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError, PowerBIError
from ansible_collections.community.powerbi.plugins.module_utils._resources.imports import (
    ABORT,
    CREATE_OR_OVERWRITE,
    OVERWRITE,
)
from ansible_collections.community.powerbi.plugins.module_utils._resources.items import Item
from ansible_collections.community.powerbi.plugins.module_utils._scheduler import Call, Job


def compare_file(
    live: Live, choices: Choices, item: LocalItem, package: Package, read: t.Mapping[str, ledger.Content]
) -> Job:
    """The entry of a file. ``read`` is what is known already of live items, by their ids.

    Raises ConfigError for names that make the import ambiguous, OSError.
    """
    targets = targets_of(live, choices, item, package)
    digest = (yield Call(lambda: file_digest(item.source))) if choices.ledger else ""
    conflict = _conflict(choices, item, targets)
    import_of = FileImport(package, digest, conflict, targets)
    if not targets:
        entry = Entry(CREATE, item, None, True, folder=item.folder, changes=["imported"], file=import_of)
        entry.diffs = [_file_diff(item, "", digest)]
        return entry
    entry = Entry(UNCHANGED, item, targets[-1], file=import_of)
    if choices.ledger:
        yield from _compare_content(live, choices, entry, read)
    else:
        entry.changes = ["imported again, as nothing is remembered of the last time"]
        entry.diffs = [_file_diff(item, "", "")]
    if entry.changes:
        entry.content, entry.action = True, UPDATE
        if choices.name_conflict == "abort":
            raise ConfigError(
                f"there is an item {item.display_name!r} already, and it differs from {item.path}",
                option="name_conflict",
                why="; ".join(entry.changes),
                remedy="let name_conflict be auto to replace it, or give another name",
            )
    folder = live.path_of(targets[-1])
    if choices.move and folder != item.folder:
        entry.folder, entry.action = item.folder, UPDATE
        entry.changes.append(f"moved from {folder or 'the root'} to {item.folder or 'the root'}")
    return entry


def targets_of(live: Live, choices: Choices, item: LocalItem, package: Package) -> tuple[Item, ...]:
    """The live items that the import would replace, semantic models first."""
    name = item.display_name
    if item.kind == RDL:
        found = live.named(PAGINATED_REPORT, name)
        return (found,) if found else ()
    model = live.named(SEMANTIC_MODEL, name) if package.has_model else None
    if item.kind == XLSX:
        return (model,) if model else ()  # a report that the service may make of it, too, says nothing of the workbook
    report = None if choices.skip_report and package.has_model else live.named(REPORT, name)
    if not package.has_model:
        return (report,) if report else ()
    if report is not None and model is None:
        raise ConfigError(
            f"there is a report {name!r} already, on another semantic model than {item.path} brings",
            option="src",
            why=f"The service would make a second report of that name beside {report.id}",
            remedy="delete or rename that report, give the file another name, or import its model alone (skip_report)",
        )
    return tuple(filter(None, (model, report)))


def _conflict(choices: Choices, item: LocalItem, targets: t.Sequence[Item]) -> str:
    """The nameConflict that does what is meant and nothing else: Abort, where nothing is to be replaced, makes sure
    that nothing is made twice; an .rdl knows no CreateOrOverwrite."""
    if targets:
        return OVERWRITE if item.kind == RDL or choices.name_conflict == "overwrite" else CREATE_OR_OVERWRITE
    if choices.name_conflict == "overwrite":
        raise ConfigError(
            f"there is no item {item.display_name!r} that {item.path} could replace",
            option="name_conflict",
            remedy="correct the name, or let name_conflict be auto to create it",
        )
    return ABORT


def _compare_content(
    live: Live, choices: Choices, entry: Entry, read: t.Mapping[str, ledger.Content]
) -> t.Generator[t.Any, t.Any, None]:
    """Whether the targets are what the file made of them, and nobody has edited them since."""
    item, file = t.cast("LocalItem", entry.local), t.cast("FileImport", entry.file)
    targets = file.targets
    if file.package.has_model and item.kind != XLSX and len(targets) == 1 and not choices.skip_report:
        entry.changes.append("the report is missing")
    found = ledger.findings(targets, file.digest, None)
    if item.kind == RDL and (yield Call(lambda: _same_report(entry, read.get(targets[0].id)))):
        found = []
    elif not found:
        known = [read.get(target.id) for target in targets]
        found = yield Call(lambda: ledger.findings(targets, file.digest, known))
        if found:
            contents = yield from _contents(live, targets)
            found = yield Call(lambda: ledger.findings(targets, file.digest, contents))
    if found and item.kind == RDL:
        contents = yield from _contents(live, targets)
        if (yield Call(lambda: _same_report(entry, contents[0]))):
            found = []
    entry.changes += found
    if not entry.changes:
        entry.diffs = []
    elif not entry.diffs:
        mark = marker.read(targets[0].description).mark
        entry.diffs = [_file_diff(item, mark.file if mark else "", file.digest, entry.changes)]


def _contents(live: Live, targets: t.Sequence[Item]) -> ledger.Steps[list[ledger.Content | None]]:
    found: list[ledger.Content | None] = []
    for target in targets:
        content: ledger.Content | None = None
        try:
            content = yield from ledger.content(live, target)
        except PowerBIError as error:
            if not ledger.is_unreadable(error):
                raise
        found.append(content)
    return found


def _same_report(entry: Entry, found: ledger.Content | None) -> bool:
    """Whether a paginated report is the file itself, without asking any ledger; else its lines are the diff."""
    item, file = t.cast("LocalItem", entry.local), t.cast("FileImport", entry.file)
    path = next((path for path in found.parts if path.lower().endswith(".rdl")), "") if found else ""
    if found is None or not path:
        return False
    if ledger.tells_itself(found, item.source, file.digest):
        return True
    with open(item.source, "rb") as handle:
        comparison = normalise.compare({path: handle.read()}, {path: found.parts[path]}, PAGINATED_REPORT)
    entry.diffs = diff.part_diffs(comparison, f"{item.folder}/{item}" if item.folder else str(item))
    return comparison.equal


def _file_diff(item: LocalItem, before: str, digest: str, notes: t.Sequence[str] = ()) -> dict[str, str]:
    """Of a file that has no lines to compare: its size and digest, and what is known of what is live."""
    after = f"{item.size} bytes" + (f", sha256 {marker.short(digest)}" if digest else "")
    lines = [f"sha256 {before}\n"] if before else []
    return {
        "before": "".join([*lines, *(f"{note}\n" for note in notes)]),
        "after": f"{after}\n",
        "before_header": f"{item} (live)",
        "after_header": item.path,
    }


def unreadable(item: LocalItem, error: OSError) -> ConfigError:
    """The error for a file that could be read a moment ago."""
    return ConfigError(
        f"{item.path} can't be read: {error.strerror or error}",
        option="src",
        remedy="check that the file is there and may be read while the task runs",
    )
