# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The plan for files: the items in the service that a file replaces, and whether it has to be sent."""

from __future__ import annotations

import typing as t

from .._api.imports import ABORT, CREATE_OR_OVERWRITE, OVERWRITE
from .._api.items import Item
from .._content import data_loss, diff, normalise
from .._content.digest import file_digest
from .._content.item import PAGINATED_REPORT, RDL, REPORT, SEMANTIC_MODEL, XLSX, LocalItem
from .._content.package import Package
from .._errors import ConfigError, PowerBIError, listed
from . import description_annotation, fingerprint
from .entry import CREATE, UNCHANGED, UPDATE, DeployOptions, Entry, FileImport
from .file_targets import imported_as, look_alikes, renames, targets_of
from .remote import RemoteWorkspace


def compare_file(
    live: RemoteWorkspace,
    choices: DeployOptions,
    item: LocalItem,
    package: Package,
    read: t.Mapping[str, fingerprint.Content],
) -> Entry:
    """The entry of a file. ``read`` are the contents of items that were read already, by their ids.

    Raises ConfigError for names that make the import ambiguous, OSError.
    """
    targets = targets_of(live, choices, item, package)
    digest = file_digest(item.source) if choices.fingerprint else ""
    conflict = _conflict(choices, item, targets)
    import_of = FileImport(package, digest, conflict, targets)
    if not targets:
        entry = Entry(CREATE, item, None, True, folder=item.folder, changes=["imported"], file=import_of)
        entry.diffs = [_file_diff(item, "", digest, there=False)]
        entry.warnings += look_alikes(live, choices, item, digest)
        return entry
    entry = Entry(UNCHANGED, item, targets[-1], file=import_of)
    known: dict[str, fingerprint.Content | None] = {}
    if choices.fingerprint:
        known = _compare_content(live, choices, entry, read)
    else:
        entry.changes = ["imported again, as there is no fingerprint of the last import"]
        entry.diffs = [_file_diff(item, "", "")]
    entry.content = bool(entry.changes)
    renamed = renames(choices, item, targets)
    if renamed:
        entry.name = item.display_name
        entry.changes += renamed
        entry.diffs.append(_name_diff(item, targets))
    if entry.changes:
        entry.action = UPDATE
        if choices.name_conflict == "abort":
            raise ConfigError(
                f"there is an item {item.display_name!r} already, and it differs from {item.path}",
                option="name_conflict",
                why="; ".join(entry.changes),
                remedy="let name_conflict be auto to replace it, or give another name",
            )
    if entry.content:
        _find_losses(live, choices, entry, known)
    elif item.kind == RDL and choices.own and choices.fingerprint and choices.annotated:
        _restore_description(entry, known.get(targets[0].id))
    folder = live.path_of(targets[-1])
    if choices.move and folder != item.folder:
        entry.folder, entry.action = item.folder, UPDATE
        entry.changes.append(f"moved from {folder or 'the root'} to {item.folder or 'the root'}")
    return entry


def _conflict(choices: DeployOptions, item: LocalItem, targets: t.Sequence[Item]) -> str:
    """The nameConflict for exactly the intended effect: Abort, where nothing is to be replaced, prevents duplicates; an
    .rdl has no CreateOrOverwrite."""
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
    live: RemoteWorkspace, choices: DeployOptions, entry: Entry, read: t.Mapping[str, fingerprint.Content]
) -> dict[str, fingerprint.Content | None]:
    """Check whether the targets equal the result of the file's import, without edits since. Returns their contents."""
    item, file = t.cast("LocalItem", entry.local), t.cast("FileImport", entry.file)
    targets = file.targets
    if file.package.has_model and item.kind != XLSX and len(targets) == 1 and not choices.skip_report:
        entry.changes.append("the report is missing")
        entry.warnings += _other_reports(live, entry, targets[0])
    contents: dict[str, fingerprint.Content | None] = dict(read)
    found = fingerprint.findings(targets, file.digest, None)
    if item.kind == RDL and _same_report(entry, read.get(targets[0].id)):
        found = []
    elif not found:
        known = [read.get(target.id) for target in targets]
        found = fingerprint.findings(targets, file.digest, known)
        if found:
            contents = _contents(live, targets)
            known = [contents[target.id] for target in targets]
            found = fingerprint.findings(targets, file.digest, known)
    if found and item.kind == RDL:
        contents = _contents(live, targets)
        if _same_report(entry, contents[targets[0].id]):
            found = []
    entry.changes += found
    if not entry.changes:
        entry.diffs = []
    elif not entry.diffs:
        annotation = description_annotation.read(targets[0].description).annotation
        entry.diffs = [_file_diff(item, annotation.file if annotation else "", file.digest, entry.changes)]
    return contents


def _other_reports(live: RemoteWorkspace, entry: Entry, model: Item) -> list[str]:
    """A warning for a fingerprint of an earlier version, which lacks the report's id: the report may have been renamed."""
    annotation = description_annotation.read(model.description).annotation
    if annotation is None or annotation.report_id:
        return []
    bindings = live.bindings()
    others = [
        item.name
        for item in live.all()
        if bindings.get(item.id) == model.id and item.type == REPORT and item.key not in live.local_keys
    ]
    if not others:
        return []
    what = (
        f"the report of {entry.label} is made, although its semantic model has {listed(repr(name) for name in others)}"
    )
    return [f"{what}: if a report was renamed in the service, rename it back first, otherwise a duplicate is created"]


def _restore_description(entry: Entry, content: fingerprint.Content | None) -> None:
    """Write the annotation of a paginated report again, whose definition equals the file, whatever its description is."""
    item, file = t.cast("LocalItem", entry.local), t.cast("FileImport", entry.file)
    description = file.targets[0].description
    damaged = description_annotation.is_damaged(description)
    if content is None or (description_annotation.read(description).annotation is not None and not damaged):
        return
    annotation = imported_as(item, fingerprint.annotation_of(file.digest, [content]))
    entry.description = description_annotation.write(description, annotation)
    if entry.description is None:
        missing = description_annotation.missing_room(description, annotation)
        entry.warnings.append(
            f"the description of {item} leaves no room for the ownership annotation, so prune does not know the item as "
            f"deployed; shorten it by {missing} characters, or set ownership_annotation to never"
        )
        return
    cause = (
        "is damaged" if damaged else "is missing, as the description was replaced in the service or was never written"
    )
    entry.changes.append(
        f"the ownership annotation in the description {cause}: it is written again, the file is not sent"
    )
    entry.action = UPDATE
    entry.diffs.append(
        {
            "before": f"description: {description}\n",
            "after": f"description: {entry.description}\n",
            "before_header": f"{item} (live)",
            "after_header": item.path,
        }
    )


def _find_losses(
    live: RemoteWorkspace, choices: DeployOptions, entry: Entry, known: t.Mapping[str, fingerprint.Content | None]
) -> None:
    """The losses in the semantic model that the import replaces: partitions of refresh policies.

    ``known`` are definitions that were read already, None for one that the service does not return.
    """
    file = t.cast("FileImport", entry.file)
    model = next((target for target in file.targets if target.type == SEMANTIC_MODEL), None)
    if model is None:
        return
    content = known.get(model.id)
    if model.id not in known:
        try:
            content = fingerprint.content(live, model)
        except PowerBIError as error:
            if choices.fingerprint and not fingerprint.is_unreadable(error):
                raise
    if content is None:
        entry.warnings.append(
            f"the service does not return the definition of {model.name}.{model.type}: whether {entry.label} replaces "
            "partitions of a refresh policy, and the rows in them, can't be checked"
        )
        return
    entry.losses = [str(finding) for finding in data_loss.import_loss(content.parts)]


def _contents(live: RemoteWorkspace, targets: t.Sequence[Item]) -> dict[str, fingerprint.Content | None]:
    found: dict[str, fingerprint.Content | None] = {}
    for target in targets:
        content: fingerprint.Content | None = None
        try:
            content = fingerprint.content(live, target)
        except PowerBIError as error:
            if not fingerprint.is_unreadable(error):
                raise
        found[target.id] = content
    return found


def _same_report(entry: Entry, found: fingerprint.Content | None) -> bool:
    """Whether a paginated report's definition equals the file, whatever its fingerprint is; else its lines are the diff."""
    item, file = t.cast("LocalItem", entry.local), t.cast("FileImport", entry.file)
    path = next((path for path in found.parts if path.lower().endswith(".rdl")), "") if found else ""
    if found is None or not path:
        return False
    if fingerprint.is_the_file(found, item.source, file.digest):
        return True
    with open(item.source, "rb") as handle:
        comparison = normalise.compare({path: handle.read()}, {path: found.parts[path]}, PAGINATED_REPORT)
    entry.diffs = diff.part_diffs(comparison, f"{item.folder}/{item}" if item.folder else str(item))
    return comparison.equal


def _file_diff(
    item: LocalItem, before: str, digest: str, notes: t.Sequence[str] = (), *, there: bool = True
) -> dict[str, str]:
    """The diff of a binary file: its size and digest, and the names of the targets."""
    after = f"{item.size} bytes" + (f", sha256 {description_annotation.short(digest)}" if digest else "")
    lines = [f"sha256 {before}\n"] if before else []
    return {
        "before": "".join([*lines, *(f"{note}\n" for note in notes)]),
        "after": f"{after}\n",
        "before_header": f"{item} ({'live' if there else 'absent'})",
        "after_header": item.path,
    }


def _name_diff(item: LocalItem, targets: t.Sequence[Item]) -> dict[str, str]:
    return {
        "before": "".join(f"name: {target.name} ({target.type})\n" for target in targets),
        "after": "".join(f"name: {item.display_name} ({target.type})\n" for target in targets),
        "before_header": f"{item} (live)",
        "after_header": item.path,
    }


def unreadable(item: LocalItem, error: OSError) -> ConfigError:
    """The error for a file that became unreadable after the checks."""
    return ConfigError(
        f"{item.path} can't be read: {error.strerror or error}",
        option="src",
        remedy="check that the file is there and may be read while the task runs",
    )
