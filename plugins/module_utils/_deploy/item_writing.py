# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Writes one item: created at most once, also when a response is lost; updated, described and moved."""

from __future__ import annotations

import typing as t

from .._api.items import Item, item_of
from .._content import creation
from .._content.item import PAGINATED_REPORT, LocalItem
from .._content.item_types import definition_format
from .._errors import ApiError, OperationFailedError, PowerBIError, ServiceError, TransportError
from .._http.retry import READBACK_DELAYS, TRIES, is_ambiguous_write, is_lost_response, read_back
from .._operation import Operation
from .._progress.activity import NAME, waiting_for
from .remote import RemoteWorkspace

_NAME_RESERVED = "ItemDisplayNameNotAvailableYet"  # for some minutes after an item of that name was deleted
_UNTIL_NAME_IS_FREE = 10.0  # seconds between two tries
_NAME_TAKEN = "ItemDisplayNameAlreadyInUse"
_IMPORT_AGAIN = (2.0, 5.0, 15.0)  # seconds before a paginated report is sent again that "failed to import"


class ItemWriter:
    """The writes of items. ``written`` is called after each; ``timeout`` in seconds is how long to wait for a name that is
    still reserved.
    """

    def __init__(self, live: RemoteWorkspace, written: t.Callable[[], None], timeout: float) -> None:
        self._live = live
        self._written = written
        self._timeout = timeout

    def describe(self, item: Item, name: str | None, description: str | None) -> Item:
        """PATCH /workspaces/{id}/items/{id}, with what is not None, once the name is free. Returns the item afterwards."""
        if name is None and description is None:
            return item
        deadline = self._live.clock.monotonic() + self._timeout
        while True:
            try:
                answer = self._live.items.describe(item, name=name, description=description)
                break
            except ApiError as error:
                if error.code != _NAME_RESERVED or self._live.clock.monotonic() >= deadline:
                    raise
            self._wait_for_name()
        self._written()
        given = {"name": name or None, "description": description}
        return self._confirmed(item, answer, {key: text for key, text in given.items() if text is not None})

    def move(self, item: Item, folder_id: str) -> Item:
        """POST /workspaces/{id}/items/{id}/move. Returns the item afterwards."""
        answer = self._live.items.move(item, folder_id)
        self._written()
        return self._confirmed(item, answer, {"folder_id": folder_id})

    def _confirmed(self, item: Item, answer: Item | None, given: dict[str, str]) -> Item:
        """The item after properties were written: with these, unless the response and a read show others."""
        if answer is None or all(getattr(answer, name) == text for name, text in given.items()):
            return item._replace(**given)
        found = self._live.items.get(item.id)
        return item._replace(**{name: getattr(found, name) for name in given})

    def update(self, item: Item, local: LocalItem, parts: dict[str, bytes]) -> None:
        """POST /workspaces/{id}/items/{id}/updateDefinition, until its end."""
        content = definition_format(local.type, parts)
        self._importing(local, lambda: self._live.items.update(item, parts, content))

    def create(
        self,
        local: LocalItem,
        description: str,
        folder_id: str,
        parts: dict[str, bytes],
        created: t.Callable[[Item], None] = lambda _item: None,
        *,
        may_exist: bool = False,
    ) -> Item | None:
        """POST /workspaces/{id}/items, at most once. After a lost response, an item that was created nevertheless is used and
        updated. ``may_exist``: the response to an earlier request was lost. None if the service reports a success, but does
        not show the item.

        Where the service has not kept the name, the description or the folder, they are written again: it creates paginated
        reports in the root, and has created items without their description. ``created`` is called once the item is there.
        """
        item = self._create(local, description, folder_id, parts, created, may_exist)
        if item is None:
            return None
        created(item)
        return self.complete(item, local, description, folder_id)

    def complete(self, item: Item, local: LocalItem, description: str, folder_id: str) -> Item:
        """Write the name, the description and the folder of a new item, as far as the service has not kept them."""
        name = local.display_name if item.name != local.display_name else None
        item = self.describe(item, name, description if description and item.description != description else None)
        return item if item.folder_id == folder_id else self.move(item, folder_id)

    def _importing(self, local: LocalItem, begin: t.Callable[[], Operation]) -> t.Any:
        """Start an operation and return its result; a paginated report that failed to import is sent again."""
        for pause in (*_IMPORT_AGAIN, None):
            try:
                operation = begin()
                self._written()
                return operation.wait()
            except (ApiError, OperationFailedError) as error:
                if pause is None or not _fails_to_import(local, error):
                    raise
            self._live.clock.sleep(pause)
        raise AssertionError("unreachable")

    def _create(
        self,
        local: LocalItem,
        description: str,
        folder_id: str,
        parts: dict[str, bytes],
        created: t.Callable[[Item], None],
        may_exist: bool,
    ) -> Item | None:
        payload = creation.payload_of(parts)
        content = definition_format(local.type, parts)
        deadline = self._live.clock.monotonic() + self._timeout

        def create() -> Operation:
            return self._live.items.create(
                local.type, local.display_name, description, folder_id, parts, content, payload
            )

        attempt = 0  # number of failed attempts, without those that wait for the name
        while True:
            try:
                result = self._importing(local, create)
                item = item_of(result) if result else self.find(local)
                break
            except (ApiError, TransportError, OperationFailedError) as error:
                if _error_code(error) == _NAME_RESERVED:
                    if self._live.clock.monotonic() >= deadline:
                        raise
                    self._wait_for_name()
                    continue
                attempt += 1
                may_exist = may_exist or _is_lost(error)
                item = self._created_before(local, error, may_exist=may_exist)
                if item is not None:
                    self._written()
                    created(item)
                    if parts:
                        self.update(item, local, parts)
                    break
                if _is_final(error) or attempt == TRIES:
                    raise
        return item

    def _created_before(self, local: LocalItem, error: PowerBIError, *, may_exist: bool) -> Item | None:
        """The item that an attempt has created although its response was lost, after an error of the last attempt.

        Unless there was such an attempt, an item of that name is another client's, which is not overwritten.
        """
        is_taken = _error_code(error) == _NAME_TAKEN
        if may_exist and (is_taken or not _is_final(error)):
            return self.find(local)
        if is_taken:
            error.why = "An item of that type and name exists, which was not there when the plan was made"
            error.remedy = "run the task again, which compares that item with the folder"
        elif not _is_final(error):
            self._live.clock.sleep(READBACK_DELAYS[-1])
        return None

    def _wait_for_name(self) -> None:
        with waiting_for(NAME):
            self._live.clock.sleep(_UNTIL_NAME_IS_FREE)

    def find(self, local: LocalItem) -> Item | None:
        """The item of that type and name, once lists of the workspace have it; None if they don't."""

        def find() -> Item | None:
            return next((item for item in self._live.items.all(local.type) if item.key == local.key), None)

        return read_back(find, self._live.clock)


def _error_code(error: PowerBIError) -> str:
    """The service's error code, of a response as of an operation that failed."""
    return error.code if isinstance(error, ServiceError) else ""


def _is_lost(error: PowerBIError) -> bool:
    """Whether a creation that failed may nevertheless have been applied."""
    return isinstance(error, (ApiError, TransportError)) and is_lost_response(error)


def _is_final(error: PowerBIError) -> bool:
    """Whether another attempt would fail as well."""
    if _error_code(error) == _NAME_TAKEN or not isinstance(error, (ApiError, TransportError)):
        return True
    return not is_ambiguous_write(error)


def _fails_to_import(local: LocalItem, error: ApiError | OperationFailedError) -> bool:
    """Whether it is the transient failure of paginated reports (fabric-cicd issue 1065)."""
    text = f"{error.what} {error.details.get('message', '')}"
    return local.type == PAGINATED_REPORT and "failed to import" in text.lower()
