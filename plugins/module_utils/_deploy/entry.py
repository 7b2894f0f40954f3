# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The entries of a plan, and the options of a deployment."""

from __future__ import annotations

import dataclasses
import typing as t

from .._api.imports import LARGE_FILE
from .._api.items import Item
from .._content import preserve
from .._content.item import SEMANTIC_MODEL, LocalItem
from .._content.ownership_annotation import Ownership
from .._content.package import Package

CREATE, UPDATE, UNCHANGED, DELETE = "create", "update", "unchanged", "delete"


class FileImport(t.NamedTuple):
    """The import of a file.

    ``digest`` is the file's SHA-256 (hex, "" without a fingerprint); ``conflict`` the nameConflict of the import;
    ``targets`` the items in the service that it replaces, semantic models first.
    """

    package: Package
    digest: str
    conflict: str
    targets: tuple[Item, ...] = ()

    def ids(self) -> dict[str, str]:
        """Ids of the semantic model and of the report, as far as they are known, as result values."""
        models = [item.id for item in self.targets if item.type == SEMANTIC_MODEL]
        reports = [item.id for item in self.targets if item.type != SEMANTIC_MODEL]
        return {"model_id": "".join(models[:1]), "report_id": "".join(reports[:1])}


@dataclasses.dataclass
class Entry:
    """One entry of the plan. ``local`` is None for a deletion, ``live`` for a creation.

    ``content``: whether the definition is to be written; ``description``, ``name``, ``folder`` (a path): their new values,
    None for unchanged. ``parts`` is the content as far as it is known beforehand. ``changes`` describes the changes as
    text; ``diffs`` in Ansible's format, by part. ``file`` is set for an item that is imported from a file, ``import_id``
    once it was sent. ``publish`` and ``value_set`` ("" for none) are the following steps for an environment and a variable
    library. ``ownership`` is the item's annotation after the content is written, None for no annotation. ``losses``
    describes rows that an import would delete; ``warnings`` are the warnings of the plan.
    """

    action: str
    local: LocalItem | None
    live: Item | None
    content: bool = False
    description: str | None = None
    name: str | None = None
    folder: str | None = None
    parts: t.Mapping[str, bytes] = dataclasses.field(default_factory=dict)
    live_parts: t.Mapping[str, bytes] = dataclasses.field(default_factory=dict)
    changes: list[str] = dataclasses.field(default_factory=list)
    diffs: list[dict[str, str]] = dataclasses.field(default_factory=list)
    file: FileImport | None = None
    import_id: str = ""
    publish: bool = False
    value_set: str = ""
    ownership: Ownership | None = None
    losses: list[str] = dataclasses.field(default_factory=list)
    warnings: list[str] = dataclasses.field(default_factory=list)

    @property
    def label(self) -> str:
        return str(self.local) if self.local is not None else f"{self.live.name}.{self.live.type}" if self.live else ""

    def to_dict(self) -> dict[str, t.Any]:
        """The entry as a result value."""
        item_type, _sep, name = (
            (self.local.type, "", self.local.display_name)
            if self.local is not None
            else (self.live.type if self.live else "", "", self.live.name if self.live else "")
        )
        return {
            "action": self.action,
            "type": item_type,
            "name": name,
            "folder": self.local.folder if self.local is not None else "",
            "id": self.live.id if self.live else "",
            "changes": self.changes,
        }


class DeployOptions(t.NamedTuple):
    """The user's options. ``prune`` is none, deployed or all; ``protect`` are patterns of Name.Type.

    ``bulk_api``: whether to read definitions in one operation: auto, where that is faster, always or never.

    ``ownership_annotation`` is auto, or never (no annotations are written).

    For files: ``name_conflict`` is auto, abort (replace nothing) or overwrite (create nothing); ``fingerprint``: whether
    to write a fingerprint; ``move``: whether an existing item is moved to its desired folder; ``large_file``: bytes from
    which files are uploaded in blocks; ``wait`` for the end of imports; ``own``: whether to write an ownership annotation
    (for ``prune``), also where no fingerprint is needed.

    ``hard_delete``: deleted items can't be restored. ``take_ownership``: take over models that only their owner may change.
    """

    preserve: t.Sequence[str] = preserve.CHOICES
    allow_data_loss: bool = False
    prune: str = "none"
    protect: t.Sequence[str] = ()
    max_deletions: int | None = None
    bulk_api: str = "auto"
    name_conflict: str = "auto"
    skip_report: bool = False
    fingerprint: bool = True
    move: bool = True
    large_file: int = LARGE_FILE
    wait: bool = True
    own: bool = True
    hard_delete: bool = False
    take_ownership: bool = False
    ownership_annotation: str = "auto"

    @property
    def annotated(self) -> bool:
        """Whether items get an ownership annotation."""
        return self.ownership_annotation != "never"
