# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The definitions of live items: each is read once, whether matching, comparing or pruning needs it first."""

from __future__ import annotations

import typing as t

from ..._api.items import Item, parts_of
from ..._content import creation
from ..._content.item import LocalItem
from ..._content.item_types import definition_format, reading_format
from ..._errors import ApiError, ForbiddenError, NotFoundError, OperationFailedError, PowerBIError
from ..._jobs import Jobs
from .. import bulk_reading
from ..files import fingerprint
from ..files.fingerprint import is_unreadable
from ..remote import RemoteWorkspace

Parts = t.Mapping[str, bytes]


class LiveDefinitions:
    """Reads definitions, and keeps them and the owners in them. ``bulk_api`` is auto, always or never. Threads may share it."""

    def __init__(self, live: RemoteWorkspace, bulk_api: str, jobs: Jobs) -> None:
        self._live = live
        self._bulk_api = bulk_api
        self._jobs = jobs
        self._exported: dict[str, Parts] = {}  # by item id
        self._read: dict[tuple[str, str], Parts] = {}  # by item id and format

    def exported(self, item: Item) -> Parts | None:
        """The definition in a bulk export, if there was one: only proof that an item is unchanged."""
        return self._exported.get(item.id)

    def definition(self, item: Item, content: str) -> Parts:
        """The definition in that format, or in the item's own where the service can't convert it. Raises PowerBIError."""
        found = self._kept(item, content)
        if found is None:
            found = self._read[item.id, content] = self._request(item, content)
            self._live.record_owner_in(item.id, found)
        return found

    def read_counterparts(self, pairs: t.Iterable[tuple[LocalItem, Item]]) -> None:
        """Read the live items that local ones are compared with, in few operations where possible.

        Raises PowerBIError, ConfigError with ``bulk_api`` always where the service refuses.
        """
        compared = [(local, item) for local, item in pairs if creation.has_content(local)]
        for read in self._jobs.map(self._export, bulk_reading.batches(compared, self._bulk_api)):
            self._exported.update(read)
        for item_id, parts in self._exported.items():
            self._live.record_owner_in(item_id, parts)
        rest = [pair for pair in compared if pair[1].id not in self._exported]
        self._live.items.expect(len(rest))
        self._jobs.map(self._read_counterpart, rest)

    def read_owners(self, items: t.Sequence[Item]) -> list[str]:
        """Read the annotations of items, in few operations where possible. Returns warnings about those that can't be read.

        Raises PowerBIError, ConfigError with ``bulk_api`` always where the service refuses.
        """
        read = bulk_reading.read_contents(self._live, items, self._bulk_api)
        for item_id, found in read.items():
            self._live.record_owner_in(item_id, found.parts)
        warnings = self._jobs.map(self._read_owner, [item for item in items if item.id not in read])
        return [warning for warning in warnings if warning]

    def _kept(self, item: Item, content: str) -> Parts | None:
        """A definition that was read in that format, or in the item's own format, if that is the same."""
        own = self._read.get((item.id, ""))
        if own is not None and content in ("", definition_format(item.type, own)):
            return own
        return self._read.get((item.id, content))

    def _request(self, item: Item, content: str) -> Parts:
        try:
            return parts_of(self._live.items.definition(item, content).wait())
        except (ApiError, OperationFailedError) as error:
            if not content or isinstance(error, ForbiddenError) or not is_unreadable(error):
                raise
        return self._request(item, "")

    def _export(self, batch: list[tuple[LocalItem, Item]]) -> dict[str, dict[str, bytes]]:
        return bulk_reading.read_parts(self._live, batch, self._bulk_api)

    def _read_counterpart(self, pair: tuple[LocalItem, Item]) -> None:
        local, item = pair
        try:
            self.definition(item, reading_format(local.type, local.parts))
        except PowerBIError as error:
            name_item(local, error)
            raise

    def _read_owner(self, item: Item) -> str:
        """An item whose definition the service does not return has no owner."""
        try:
            parts = self._kept(item, "")
            if parts is None:
                parts = self._read[item.id, ""] = fingerprint.parts(self._live, item)
            self._live.record_owner_in(item.id, parts)
        except NotFoundError:
            self._live.record_owner(item.id, None)  # deleted meanwhile
        except PowerBIError as error:
            if not is_unreadable(error):
                raise
            self._live.record_owner(item.id, None)
            return f"{item.name}.{item.type} counts as an item that no deployment owns: {error.what}"
        return ""


def name_item(local: LocalItem, error: PowerBIError) -> None:
    """Put the name of an item that can't be compared into the error."""
    if "item" not in error.details:
        error.what = f"{local} can't be compared with the service: {error.what}"
        error.details["item"] = str(local)
