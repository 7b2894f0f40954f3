# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The live items of files: by name, else by the fingerprint.

The fingerprint contains the name under which the file was imported, and the report that the import created with a semantic
model: a user may have renamed them since.
"""

from __future__ import annotations

import typing as t

from ..._api.items import Item
from ..._content.digest import file_digest
from ..._content.item import PAGINATED_REPORT, RDL, REPORT, SEMANTIC_MODEL, XLSX, LocalItem
from ..._content.package import Package
from ..._errors import ConfigError, PowerBIError, listed
from ..changes import UpdateProperties
from ..desired import Desired
from ..files import fingerprint
from ..item_plan import ItemPlan
from ..remote import RemoteWorkspace
from . import description_annotation
from .description_annotation import imported_file
from .matches import Items, Matches, slots_of
from .owner import Owner, shown

_FEW = 8  # items that may be read to find one that was renamed


class FileMatching:
    """Matches the files of a deployment, once its definitions are matched."""

    def __init__(self, desired: Desired, live: RemoteWorkspace, matches: Matches, owner: Owner | None) -> None:
        """``owner`` is that of the files, None if they get no owner: then they are recognised by their names only."""
        self._desired = desired
        self._live = live
        self._matches = matches
        self._owner = owner
        everything = (*desired.items, *desired.outside)
        self._keys = {slot for item in everything for slot in slots_of(desired, item)}

    def targets(self, item: LocalItem, *, skip_report: bool) -> Items:
        """The items that the import would replace, semantic models first; some may have another name than the file.

        Raises ConfigError for names and fingerprints that are ambiguous.
        """
        package: Package = self._desired.packages[item]
        if item.kind == RDL:
            return _found(self._named(PAGINATED_REPORT, item))
        model = self._named(SEMANTIC_MODEL, item) if package.has_model else None
        if item.kind == XLSX:
            return _found(model)  # a report that the service may create as well does not identify the workbook
        if not package.has_model:
            return _found(self._named(REPORT, item))
        report = None if skip_report else self._of_name(REPORT, item.display_name) or self._report_of(model)
        if report is not None and model is None:
            raise ConfigError(
                f"there is a report {item.display_name!r} already, on another semantic model than the one in {item.path}",
                option="src",
                why=f"The service would make a second report of that name beside {report.id}",
                remedy="delete or rename that report, give the file another name, or import its model alone (skip_report); "
                "if its semantic model was renamed in the service, rename that back",
            )
        return _found(model, report)

    def named(self, item: LocalItem) -> Items:
        """The items that have the name of a file that the patterns exclude."""
        return _found(
            *(self._of_name(item_type, item.display_name) for item_type, _name in slots_of(self._desired, item))
        )

    def _of_name(self, item_type: str, name: str) -> Item | None:
        """The item of that type and name, unless another local item is matched with it."""
        found = self._live.named(item_type, name)
        return None if found is None or self._matches.local_of(found) is not None else found

    def _named(self, item_type: str, item: LocalItem) -> Item | None:
        """The item of that type with the file's name, else the one that was imported under this name and renamed since."""
        found = self._of_name(item_type, item.display_name)
        if found is not None:
            return found
        digest = fingerprint.name_digest(item.display_name)
        others = [one for one in self._free(item_type) if _imported_in(one) == digest]
        if len(others) > 1:
            names = (f"{one.name} ({one.id})" for one in sorted(others, key=lambda one: (one.name, one.id)))
            raise ConfigError(
                f"{len(others)} items of the workspace were imported as {item.display_name!r}, or are copies of it, and "
                "none is called so now",
                option="src",
                why=f"Their fingerprints have the same name: {listed(names)}",
                remedy=f"rename the one that {item.path} is to replace to {item.display_name!r}",
            )
        return others[0] if others else self._with_content(item_type, item)

    def _with_content(self, item_type: str, item: LocalItem) -> Item | None:
        """The item that was imported from this file under another name, which the folder no longer has: it was renamed there."""
        owned = [
            one
            for one in self._free(item_type)
            if imported_file(one.description) and self._owner is not None and self._owner.owns(self._live.owner(one))
        ]
        digest = description_annotation.short(file_digest(item.source)) if owned else ""
        same = [one for one in owned if imported_file(one.description) == digest]
        return same[0] if len(same) == 1 else None

    def _free(self, item_type: str) -> list[Item]:
        """The items of that type that no local item is matched with or has the name of."""
        return [one for one in self._matches.unmatched() if one.type == item_type and one.key not in self._keys]

    def _report_of(self, model: Item | None) -> Item | None:
        """The report that was imported together with the model, if it was renamed since."""
        annotation = description_annotation.read(model.description).annotation if model is not None else None
        if annotation is None or not annotation.report_id:
            return None
        reports = self._free(REPORT)
        return next((one for one in reports if fingerprint.short_id(one.id) == annotation.report_id), None)


def annotate(
    plan: ItemPlan, change: UpdateProperties, item: LocalItem, target: Item, live: RemoteWorkspace, owner: Owner
) -> None:
    """Write the name and the owner of a file that is not sent into the fingerprint of its first item, where they changed."""
    annotation = description_annotation.read(target.description).annotation
    if annotation is None or not annotation.file:
        return
    changed = annotation._replace(name=fingerprint.name_digest(item.display_name) if annotation.name else "")
    found = live.owner(target)
    if found is not None and not owner.owns(found):
        changed = owner.of_file(changed, item)
        change.texts.append(f"taken over from {shown(found)}")
        plan.warnings.append(f"{item} is taken over from {shown(found)}")
    if changed != annotation:
        change.description = description_annotation.write(target.description, changed)


def renamed(item: LocalItem, targets: t.Iterable[Item]) -> list[Item]:
    """Those of a file's items that have another name than the file."""
    return [target for target in targets if target.name.casefold() != item.display_name.casefold()]


def rename_warnings(live: RemoteWorkspace, matches: Matches, item: LocalItem, digest: str) -> list[str]:
    """Warnings for items without a local one that have the content of a new file: their fingerprint, if any, lacks the name
    under which they were imported, so whether they were renamed in the service is not known."""
    types = (PAGINATED_REPORT,) if item.kind == RDL else (SEMANTIC_MODEL, REPORT)
    others = [one for one in matches.unmatched() if one.type in types and not _imported_in(one)]
    same = [one for one in others if imported_file(one.description) == description_annotation.short(digest)]
    unmarked = [one for one in others if item.kind == RDL and not imported_file(one.description)]
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


def _found(*items: Item | None) -> Items:
    return tuple(item for item in items if item is not None)


def _imported_in(item: Item) -> str:
    annotation = description_annotation.read(item.description).annotation
    return annotation.name if annotation is not None and annotation.file else ""
