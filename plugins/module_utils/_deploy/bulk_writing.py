# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Creates many items in one operation, with the option `bulk_import`.

The result of the API has a status for each item and no reason. So it creates only: what exists is compared and updated item
by item, and so is what it has not created or not finished, which then reports the reason. Items of one request do not depend
on each other, because the API refuses all of them if it can't resolve one dependency.
"""

from __future__ import annotations

import contextlib
import typing as t

from .._api.items import Item, statuses_of
from .._content import creation, item_types, platform
from .._content.item_types import definition_format
from .._errors import ApiError, OperationFailedError, OperationTimeoutError, PowerBIError, TransportError
from .._http.retry import is_lost_response
from .change import Run
from .changes import CreateItem
from .item_plan import ItemPlan

_FORMATS = ("", "TMDL", "PBIR")  # the API takes no format: of other formats it might expect another
_BATCH = 200  # items of one operation
_BATCH_BYTES = 60_000_000  # of their definitions: the API takes 128 MB, in base64 and with the JSON around it
_SUCCEEDED = "Succeeded"

Batch = list[tuple[CreateItem, dict[str, bytes]]]


class BulkCreation:
    """The bulk imports of one run. ``created`` is the number of items they have created, ``reason`` why others were not."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.created = 0
        self.reason = ""
        self._is_refused = False

    def fits(self, plan: ItemPlan) -> bool:
        """Whether the plan creates an item that the API can create."""
        change = _creation_of(plan)
        if change is None or self._is_refused:
            return False
        local = change.local
        return (
            creation.has_content(local)
            and all(map(_is_path_segment, (local.display_name, *filter(None, change.folder.split("/")))))
            and definition_format(local.type, local.parts) in _FORMATS
            and not item_types.of(local.type).in_root
        )

    def create(self, plans: t.Sequence[ItemPlan]) -> None:
        """Create the items of the plans, as far as the API does; `CreateItem.apply` finishes and creates the rest."""
        try:
            for batch in self._batches(filter(None, map(_creation_of, plans))):
                if not self._is_refused:
                    self._import(batch)
        except PowerBIError as error:  # of an item that can't be sent, or of the list of items
            self.reason = str(error)

    def _batches(self, changes: t.Iterable[CreateItem]) -> t.Iterator[Batch]:
        batch: Batch = []
        size = 0
        for change in changes:
            parts = change.new_parts(self._run)
            added = sum(map(len, parts.values()))
            if batch and (len(batch) == _BATCH or size + added > _BATCH_BYTES):
                yield batch
                batch, size = [], 0
            batch.append((change, parts))
            size += added
        if batch:
            yield batch

    def _import(self, batch: Batch) -> None:
        statuses: dict[tuple[str, str], str] = {}
        is_lost = False
        try:
            tree = {path: data for change, parts in batch for path, data in _tree(change, parts)}
            operation = self._run.live.items.bulk_import(tree)
            self._run.written()
            is_lost = True  # until its end is known
            statuses = statuses_of(operation.wait())
            is_lost = False
        except PowerBIError as error:
            self._is_refused, self.reason = True, str(error)
            is_lost = _is_lost(error) or (is_lost and not isinstance(error, OperationFailedError))
        missing = self._begin(batch, statuses, is_lost=is_lost)
        if missing and not self.reason:
            self.reason = f"the bulk import has not created {missing} of {len(batch)} items, and returned no reason"

    def _begin(self, batch: Batch, statuses: t.Mapping[tuple[str, str], str], *, is_lost: bool) -> int:
        """Give the changes what was created. Returns the number of items that were not.

        An item that was neither reported as created, nor of a request whose response was lost, is another client's.
        """
        found: dict[tuple[str, str], Item] = {}
        if is_lost or _SUCCEEDED in statuses.values():
            with contextlib.suppress(PowerBIError):  # the changes look for their items, and report the reason
                found = {item.key: item for item in self._run.live.items.all()}
        missing = 0
        for change, _parts in batch:
            key = change.local.key
            is_complete = statuses.get(key) == _SUCCEEDED
            item = found.get(key)
            if is_complete or is_lost:
                change.begin_with(item, is_complete=is_complete)
            is_created = is_complete or (is_lost and item is not None)
            self.created += is_created
            missing += not is_created
        return missing


def _is_lost(error: PowerBIError) -> bool:
    """Whether the import may have been applied, or may still run."""
    if isinstance(error, (ApiError, TransportError)):
        return is_lost_response(error)
    return isinstance(error, OperationTimeoutError)


def _is_path_segment(name: str) -> bool:
    """Whether the API takes the name of an item or a folder as one segment of a path."""
    return not set(name) & set("/\\") and bool(name.strip(". "))


def _creation_of(plan: ItemPlan) -> CreateItem | None:
    first = next(iter(plan.changes), None)
    return first if isinstance(first, CreateItem) else None


def _tree(change: CreateItem, parts: t.Mapping[str, bytes]) -> t.Iterator[tuple[str, bytes]]:
    """The parts of an item by their paths in the request: /Folder/Name.Type/part."""
    local = change.local
    root = "/".join(filter(None, ("", change.folder, f"{local.display_name}.{local.type}")))
    for path, data in parts.items():
        yield f"/{root}/{path}", data
    yield f"/{root}/{platform.PART}", platform.without_id(local.type, local.display_name, change.description)
