# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The plan of a file: whether it has to be sent, and what else is to be changed in the items that it replaces."""

from __future__ import annotations

import typing as t

from ..._api.imports import ABORT, CREATE_OR_OVERWRITE, OVERWRITE
from ..._api.items import Item
from ..._content import data_loss, diff, normalise, ownership_annotation
from ..._content.digest import file_digest
from ..._content.item import PAGINATED_REPORT, RDL, REPORT, SEMANTIC_MODEL, XLSX, LocalItem
from ..._content.package import Package
from ..._errors import ConfigError, PowerBIError, listed
from ..change import Diff
from ..changes import ImportFile, Move, UpdateProperties
from ..identity import description_annotation
from ..identity.file_matching import annotate, rename_warnings, renamed
from ..identity.matches import Matches
from ..identity.owner import Owner
from ..item_plan import ItemPlan
from ..options import FileOptions
from ..remote import RemoteWorkspace
from . import fingerprint
from .file_import import FileImport

_REPLACED = (
    "the model was deployed from a definition, and the import replaces its tables, measures and roles by the file's"
)
_WORDS = {SEMANTIC_MODEL: "semantic model", REPORT: "report", PAGINATED_REPORT: "paginated report"}

Contents = dict[str, t.Optional[fingerprint.Content]]


class FilePlanner:
    """Plans files. ``read`` are the contents of items that were read already, by their ids.

    ``annotate``: whether items get an ownership annotation; ``move``: whether they are moved to their desired folder.
    """

    def __init__(
        self,
        live: RemoteWorkspace,
        matches: Matches,
        owner: Owner,
        options: FileOptions,
        read: t.Mapping[str, fingerprint.Content],
        *,
        annotate: bool,
        move: bool,
    ) -> None:
        self._live = live
        self._matches = matches
        self._owner = owner
        self._options = options
        self._read = read
        self._annotate = annotate
        self._move = move

    def plan(self, item: LocalItem, package: Package, targets: tuple[Item, ...]) -> ItemPlan:
        """The plan of a file, which replaces ``targets``, semantic model first.

        Raises ConfigError for changes that ``name_conflict`` excludes, OSError, and the errors of reading.
        """
        digest = file_digest(item.source) if self._options.fingerprint else ""
        file = FileImport(package, digest, self._conflict(item, targets))
        plan = ItemPlan(item, targets)
        if not targets:
            plan.changes = [
                ImportFile(item, file, ["imported"], [_file_diff(item, "", digest, there=False)], item.folder)
            ]
            plan.warnings += (
                rename_warnings(self._live, self._matches, item, digest) if self._options.fingerprint else []
            )
            return plan
        load = ImportFile(item, file, [], [])
        contents: Contents = {}
        if self._options.fingerprint:
            contents = self._compare(plan, load, targets)
        else:
            load.texts = ["imported again, as there is no fingerprint of the last import"]
            load.diffs = [_file_diff(item, "", "")]
        properties = self._renames(item, targets)
        if not load.texts and self._options.own and self._annotate:
            annotate(plan, properties, item, targets[0], self._live, self._owner)
        self._check_conflict(item, [*load.texts, *properties.texts])
        if load.texts:
            load.lost = self._losses(plan, item, targets, contents)
        elif item.kind == RDL and self._options.own and self._options.fingerprint and self._annotate:
            self._restore_description(plan, properties, item, targets[0], digest, contents.get(targets[0].id))
        # Imports identify items by their names: a renamed item gets the file's name before the import.
        plan.changes += [properties] if properties.names or properties.description is not None else []
        plan.changes += [load] if load.texts else []
        place = self._live.path_of(targets[-1])
        plan.changes += [Move(place, item.folder)] if self._move and place.casefold() != item.folder.casefold() else []
        return plan

    def _conflict(self, item: LocalItem, targets: t.Sequence[Item]) -> str:
        """The nameConflict for exactly the intended effect: Abort, where nothing is to be replaced, prevents duplicates; an
        .rdl has no CreateOrOverwrite."""
        if targets:
            return OVERWRITE if item.kind == RDL or self._options.name_conflict == "overwrite" else CREATE_OR_OVERWRITE
        if self._options.name_conflict == "overwrite":
            raise ConfigError(
                f"there is no item {item.display_name!r} that {item.path} could replace",
                option="name_conflict",
                remedy="correct the name, or let name_conflict be auto to create it",
            )
        return ABORT

    def _check_conflict(self, item: LocalItem, texts: t.Sequence[str]) -> None:
        if texts and self._options.name_conflict == "abort":
            raise ConfigError(
                f"there is an item {item.display_name!r} already, and it differs from {item.path}",
                option="name_conflict",
                why="; ".join(texts),
                remedy="let name_conflict be auto to replace it, or give another name",
            )

    def _renames(self, item: LocalItem, targets: t.Sequence[Item]) -> UpdateProperties:
        """The renames of items that a user has renamed. Only the Fabric API renames items."""
        others = renamed(item, targets) if self._options.fingerprint else []
        change = UpdateProperties({target.id: item.display_name for target in others})
        change.texts = [f"{_WORDS[target.type]} renamed from {target.name}" for target in others]
        if others:
            change.diffs = [
                {
                    "before": "".join(f"name: {target.name} ({target.type})\n" for target in targets),
                    "after": "".join(f"name: {item.display_name} ({target.type})\n" for target in targets),
                    "before_header": f"{item} (live)",
                    "after_header": item.path,
                }
            ]
        return change

    def _compare(self, plan: ItemPlan, load: ImportFile, targets: t.Sequence[Item]) -> Contents:
        """Check whether the targets equal the result of the file's import, without edits since. Returns their contents."""
        item, digest = load.local, load.file.digest
        contents: Contents = dict(self._read)
        first = self._read.get(targets[0].id)
        if load.file.package.has_model and item.kind != XLSX and len(targets) == 1 and not self._options.skip_report:
            load.texts.append("the report is missing")
            plan.warnings += _other_reports(self._live, self._matches, item, targets[0])
        found = fingerprint.findings(targets, digest, None)
        if item.kind == RDL and _same_report(load, first):
            found = []
        elif not found:
            found = fingerprint.findings(targets, digest, [self._read.get(target.id) for target in targets])
            if found:
                contents = _contents(self._live, targets)
                found = fingerprint.findings(targets, digest, [contents[target.id] for target in targets])
        if found and item.kind == RDL:
            contents = _contents(self._live, targets)
            if _same_report(load, contents[targets[0].id]):
                found = []
        load.texts += found
        if not load.texts:
            load.diffs = []
        elif not load.diffs:
            annotation = description_annotation.read(targets[0].description).annotation
            load.diffs = [_file_diff(item, annotation.file if annotation else "", digest, load.texts)]
        return contents

    def _losses(
        self,
        plan: ItemPlan,
        item: LocalItem,
        targets: t.Sequence[Item],
        contents: t.Mapping[str, fingerprint.Content | None],
    ) -> list[str]:
        """The losses in the semantic model that the import replaces: all of it where it was deployed from a definition,
        and partitions of refresh policies.

        ``contents`` are definitions that were read already, None for one that the service does not return.
        """
        model = next((target for target in targets if target.type == SEMANTIC_MODEL), None)
        if model is None:
            return []
        content = contents.get(model.id)
        if model.id not in contents:
            try:
                content = fingerprint.content(self._live, model)
            except PowerBIError as error:
                if self._options.fingerprint and not fingerprint.is_unreadable(error):
                    raise
        lost = [_REPLACED] if self._is_from_definition(model, content) else []
        if content is not None:
            return [*lost, *(str(finding) for finding in data_loss.import_loss(content.parts))]
        plan.warnings.append(
            f"the service does not return the definition of {model.name}.{model.type}: whether {item} replaces "
            "partitions of a refresh policy, and the rows in them, can't be checked"
        )
        return lost

    def _is_from_definition(self, model: Item, content: fingerprint.Content | None) -> bool:
        """Whether a semantic model was deployed from a definition, and not imported since."""
        annotation = description_annotation.read(model.description).annotation
        if annotation is not None and annotation.file:
            return False
        owner = ownership_annotation.read(content.parts) if content is not None else None
        return owner is not None or self._live.owner(model) is not None

    def _restore_description(
        self,
        plan: ItemPlan,
        change: UpdateProperties,
        item: LocalItem,
        target: Item,
        digest: str,
        content: fingerprint.Content | None,
    ) -> None:
        """Write the annotation of a paginated report again, whose definition equals the file, whatever its description is."""
        description = target.description
        damaged = description_annotation.is_damaged(description)
        if content is None or (description_annotation.read(description).annotation is not None and not damaged):
            return
        annotation = fingerprint.imported_as(item, fingerprint.annotation_of(digest, [content]))
        annotation = self._owner.of_file(annotation, item)
        change.description = description_annotation.write(description, annotation)
        if change.description is None:
            missing = description_annotation.missing_room(description, annotation)
            plan.warnings.append(
                f"the description of {item} leaves no room for the ownership annotation, so prune does not know the item as "
                f"deployed; shorten it by {missing} characters, or set ownership_annotation to never"
            )
            return
        cause = (
            "is damaged"
            if damaged
            else "is missing, as the description was replaced in the service or was never written"
        )
        change.texts.append(
            f"the ownership annotation in the description {cause}: it is written again, the file is not sent"
        )
        change.diffs.append(
            {
                "before": f"description: {description}\n",
                "after": f"description: {change.description}\n",
                "before_header": f"{item} (live)",
                "after_header": item.path,
            }
        )


def _other_reports(live: RemoteWorkspace, matches: Matches, item: LocalItem, model: Item) -> list[str]:
    """A warning for a fingerprint of an earlier version, which lacks the report's id: the report may have been renamed."""
    annotation = description_annotation.read(model.description).annotation
    if annotation is None or annotation.report_id:
        return []
    bindings = live.bindings()
    others = [
        report.name for report in matches.unmatched() if bindings.get(report.id) == model.id and report.type == REPORT
    ]
    if not others:
        return []
    what = f"the report of {item} is made, although its semantic model has {listed(repr(name) for name in others)}"
    return [f"{what}: if a report was renamed in the service, rename it back first, otherwise a duplicate is created"]


def _contents(live: RemoteWorkspace, targets: t.Sequence[Item]) -> Contents:
    found: Contents = {}
    for target in targets:
        content: fingerprint.Content | None = None
        try:
            content = fingerprint.content(live, target)
        except PowerBIError as error:
            if not fingerprint.is_unreadable(error):
                raise
        found[target.id] = content
    return found


def _same_report(load: ImportFile, found: fingerprint.Content | None) -> bool:
    """Whether a paginated report's definition equals the file, whatever its fingerprint is; else its lines are the diff."""
    item = load.local
    path = next((path for path in found.parts if path.lower().endswith(".rdl")), "") if found else ""
    if found is None or not path:
        return False
    if fingerprint.is_the_file(found, item.source, load.file.digest):
        return True
    with open(item.source, "rb") as handle:
        comparison = normalise.compare({path: handle.read()}, {path: found.parts[path]}, PAGINATED_REPORT)
    load.diffs = diff.part_diffs(comparison, f"{item.folder}/{item}" if item.folder else str(item))
    return comparison.equal


def _file_diff(item: LocalItem, before: str, digest: str, notes: t.Sequence[str] = (), *, there: bool = True) -> Diff:
    """The diff of a binary file: its size and digest, and the names of the targets."""
    after = f"{item.size} bytes" + (f", sha256 {description_annotation.short(digest)}" if digest else "")
    return {
        "before": "".join(f"{line}\n" for line in ([f"sha256 {before}", *notes] if before else notes)),
        "after": f"{after}\n",
        "before_header": f"{item} ({'live' if there else 'absent'})",
        "after_header": item.path,
    }
