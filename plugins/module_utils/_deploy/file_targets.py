# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The items in the service that a file was imported to, also if a user has renamed them since.

An item is identified by its name. A renamed one is identified by its fingerprint, which contains the name under which
the file was imported, and the report that the import created with a semantic model.
"""

from __future__ import annotations

import base64
import hashlib
import typing as t
import uuid

from .._api.items import Item
from .._content.item import PAGINATED_REPORT, RDL, REPORT, SEMANTIC_MODEL, XLSX, LocalItem
from .._content.package import Package
from .._errors import ConfigError, PowerBIError, listed
from . import description_annotation, fingerprint
from .description_annotation import Annotation
from .entry import DeployOptions
from .remote import RemoteWorkspace

_FEW = 8  # items that may be read to find one that was renamed
_NAME = 6  # characters of the digest of a name, and
_ID = 8  # of an id: 36 and 48 bits, for items of one workspace
_WORDS = {SEMANTIC_MODEL: "semantic model", REPORT: "report", PAGINATED_REPORT: "paginated report"}


def targets_of(live: RemoteWorkspace, choices: DeployOptions, item: LocalItem, package: Package) -> tuple[Item, ...]:
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
    report = None if choices.skip_report else live.named(REPORT, name) or _report_of(live, model)
    if report is not None and model is None:
        raise ConfigError(
            f"there is a report {name!r} already, on another semantic model than the one in {item.path}",
            option="src",
            why=f"The service would make a second report of that name beside {report.id}",
            remedy="delete or rename that report, give the file another name, or import its model alone (skip_report); if its "
            "semantic model was renamed in the service, rename that back",
        )
    return _found(model, report)


def renames(choices: DeployOptions, item: LocalItem, targets: t.Sequence[Item]) -> list[str]:
    """The renames, as texts for the plan. Only the Fabric API renames items."""
    if not choices.fingerprint:
        return []
    return [f"{_WORDS[target.type]} renamed from {target.name}" for target in targets if is_renamed(item, target)]


def is_renamed(item: LocalItem, target: Item) -> bool:
    return target.name.casefold() != item.display_name.casefold()


def look_alikes(live: RemoteWorkspace, choices: DeployOptions, item: LocalItem, digest: str) -> list[str]:
    """Warnings for items without a local one that have the content of a new file: their fingerprint, if any, lacks the name
    under which they were imported, so whether they were renamed in the service is not known."""
    if not choices.fingerprint:
        return []
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


def imported_as(item: LocalItem, annotation: Annotation, report: Item | None = None) -> Annotation:
    """The annotation with the file's import name, and the id of the report that was created with a model."""
    return annotation._replace(name=_name(item.display_name), report_id=_short_id(report.id) if report else "")


def _found(*items: Item | None) -> tuple[Item, ...]:
    return tuple(item for item in items if item is not None)


def _named(live: RemoteWorkspace, item_type: str, item: LocalItem) -> Item | None:
    """The item of that type with the file's name, else the one that was imported under this name and renamed since."""
    found = live.named(item_type, item.display_name)
    if found is not None:
        return found
    digest = _name(item.display_name)
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
    return next((one for one in reports if _short_id(one.id) == annotation.report_id), None)


def _name(name: str) -> str:
    return description_annotation.short(hashlib.sha256(name.casefold().encode()).hexdigest())[:_NAME]


def _short_id(identity: str) -> str:
    return base64.urlsafe_b64encode(uuid.UUID(identity).bytes).decode()[:_ID]
