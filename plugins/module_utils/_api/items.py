# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Items of a Fabric workspace by definition: semantic models, reports, paginated reports and the rest."""

from __future__ import annotations

import base64
import binascii
import contextlib
import statistics
import typing as t

from .._errors import NotFoundError, TransportError
from .._guid import normalise_guid
from .._http.client import Client
from .._http.hosts import quoted_path
from .._http.limits import OPERATIONS
from .._http.response import ApiResponse, objects_of, value_of
from .._operation import Operation
from .._poll_intervals import Durations, Spread
from .._polling import fabric_operation
from .new_items import NewItems

Parts = t.Mapping[str, bytes]
Find = t.Callable[[], t.Any]


class Exported(t.NamedTuple):
    """An item of a bulk export: where it would be in a repository ("/Monthly/Sales.Report"), and its parts."""

    root: str
    parts: dict[str, bytes]


_BULK = "definitions"
# The seconds in which operations end, recorded by fabric-cli, except for updates and other types: for these a guess.
_RECORDED = {
    ("creation", "SemanticModel"): Spread(10.4, 11.2),
    ("update", "SemanticModel"): Spread(10.4, 11.2),
    ("creation", "Report"): Spread(0.4, 1.2),
    ("update", "Report"): Spread(0.4, 1.2),
    ("export", _BULK): Spread(2.0, 4.0),
    ("import", _BULK): Spread(2.0, 4.0),
}
_RECORDED_OF_READING = Spread(0.2, 0.6)
_OTHERS = Spread(1.0, 3.0)
MANY = 70  # operations from which on new items are found in lists: a result for each exceeds the quota for operations


class Item(t.NamedTuple):
    """An item of a workspace. ``folder_id`` is empty for the root."""

    id: str
    type: str
    name: str
    description: str = ""
    folder_id: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """The unique key in a workspace: the type, and the name in lower case."""
        return (self.type, self.name.casefold())


class Items:
    """The items of one workspace. Methods whose response may be 202 return an `Operation`."""

    def __init__(self, client: Client, workspace_id: str, *, timeout: float) -> None:
        self._client = client
        self._path = quoted_path("workspaces", workspace_id, "items")
        self._timeout = timeout
        self._durations = Durations(lambda: client.sender.governor.room(OPERATIONS))
        self._new = NewItems(self._entries, client.sender.clock)
        self._finds_new = False

    def expect(self, operations: int) -> None:
        """So many operations are about to begin, among which the polls that the quota has room for are divided."""
        self._durations.expect(operations)
        self._finds_new = operations >= MANY

    def all(self, type: str = "") -> list[Item]:
        """GET /workspaces/{id}/items, all pages."""
        return [item_of(entry) for entry in self._entries(type)]

    def get(self, item_id: str) -> Item:
        """GET /items/{id}."""
        return item_of(self._client.request("GET", f"{self._path}{quoted_path(item_id)}", api="fabric").body)

    def definition(self, item: Item, format: str = "") -> Operation:
        """POST .../getDefinition. The operation's result is for `parts_of`."""
        query = {"format": format} if format else {}
        response = self._post(f"{self._path}{quoted_path(item.id)}/getDefinition", query=query, idempotent=True)
        return self._operation(response, "reading", item.type, item.name)

    def export(self, items: t.Iterable[Item]) -> Operation:
        """POST /items/bulkExportDefinitions (beta), of these items. The operation's result is for `exported_of`.

        The service accepts no format, and rejects the request if it rejects one item.
        """
        body = {"mode": "Selective", "items": [{"id": item.id} for item in items]}
        path = f"{self._path}/bulkExportDefinitions"
        response = self._post(path, query={"beta": "true"}, body=body, idempotent=True)
        return self._operation(response, "export", _BULK)

    def bulk_import(self, parts: Parts) -> Operation:
        """POST /items/bulkImportDefinitions (beta), with parts by paths such as "/Monthly/Sales.Report/definition.pbir".

        The operation's result is for `statuses_of`. An existing item of the same type and name makes its import fail.
        """
        body = {**_definition(parts, ""), "options": {"allowPairingByName": False}}
        body["definitionParts"] = body.pop("parts")
        response = self._post(f"{self._path}/bulkImportDefinitions", query={"beta": "true"}, body=body)
        return self._operation(response, "import", _BULK)

    def create(
        self,
        type: str,
        name: str,
        description: str,
        folder_id: str,
        parts: Parts,
        format: str,
        payload: t.Mapping[str, t.Any],
    ) -> Operation:
        """POST /items. The operation's result is for `item_of`, or None where the response has no item.

        ``payload`` is the creationPayload, of types that have no definition.
        """
        body: dict[str, t.Any] = {"displayName": name, "type": type}
        if parts:  # a lakehouse, for example, has none
            body["definition"] = _definition(parts, format)
        elif payload:
            body["creationPayload"] = dict(payload)
        if description:
            body["description"] = description
        if folder_id:
            body["folderId"] = folder_id
        response = self._post(self._path, body=body)
        if not self._finds_new:
            return self._operation(response, "creation", type, name)
        return self._operation(response, "creation", type, name, find=lambda: self._new.find(type, name))

    def update(self, item: Item, parts: Parts, format: str) -> Operation:
        """POST .../updateDefinition: the content alone, without name and description (see `describe`)."""
        body = {"definition": _definition(parts, format)}
        path = f"{self._path}{quoted_path(item.id)}/updateDefinition"
        return self._operation(self._post(path, body=body, idempotent=True), "update", item.type, item.name)

    def describe(self, item: Item, *, name: str | None = None, description: str | None = None) -> Item | None:
        """PATCH /items/{id}. Returns the item as the response has it, None if the response has none."""
        body = {key: value for key, value in (("displayName", name), ("description", description)) if value is not None}
        path = f"{self._path}{quoted_path(item.id)}"
        return _only(item, [self._client.request("PATCH", path, api="fabric", body=body, idempotent=True).body])

    def move(self, item: Item, folder_id: str) -> Item | None:
        """POST /items/{id}/move, to the root with an empty id. Returns the item as the response has it, if it has it."""
        body = {"targetFolderId": folder_id} if folder_id else {}
        answer = self._post(f"{self._path}{quoted_path(item.id)}/move", body=body, idempotent=True)
        moved = value_of(answer.body, "value")
        return _only(item, moved if isinstance(moved, list) else [])

    def delete(self, item: Item, *, hard: bool = False) -> None:
        """DELETE /items/{id}; succeeds if it does not exist. ``hard``: it can't be restored, for admins only."""
        query = {"hardDelete": "true"} if hard else {}
        with contextlib.suppress(NotFoundError):
            self._client.request("DELETE", f"{self._path}{quoted_path(item.id)}", api="fabric", query=query)

    def _entries(self, type: str = "") -> t.Iterator[t.Any]:
        return self._client.pages(self._path, api="fabric", query={"type": type} if type else {})

    def _post(self, path: str, **request: t.Any) -> ApiResponse:
        return self._client.request("POST", path, api="fabric", **request)

    def _operation(
        self, response: ApiResponse, action: str, type: str, name: str = "", find: Find | None = None
    ) -> Operation:
        """The operation in a response. It is polled as others of its action and type have shown to be useful."""
        what = f"{action} of {name}.{type}" if name else f"{action} of the {type}"
        self._durations.begin()
        if response.status != 202:
            return Operation.finished(response.body, name=what)
        recorded = _recorded(action, type)
        interval = self._durations.interval(f"{action} of {type}", recorded, often=type != _BULK)
        options = {"find": find} if find else {}
        return fabric_operation(self._client, response, name=what, timeout=self._timeout, interval=interval, **options)


def seconds_of_operation(action: str, type: str) -> float:
    """The seconds that an operation is expected to take: ``action`` is creation, update or reading."""
    return statistics.fmean(_recorded(action, type))


def _recorded(action: str, type: str) -> Spread:
    return _RECORDED_OF_READING if action == "reading" else _RECORDED.get((action, type), _OTHERS)


def item_of(entry: t.Any) -> Item:
    """An item from its JSON object in a response."""
    return Item(
        normalise_guid(str(value_of(entry, "id", ""))),
        str(value_of(entry, "type", "")),
        str(value_of(entry, "displayName", "")),
        str(value_of(entry, "description") or ""),
        normalise_guid(str(value_of(entry, "folderId") or "")),
    )


def _only(item: Item, entries: t.Iterable[t.Any]) -> Item | None:
    """The item among the JSON objects of a response."""
    found = (item_of(entry) for entry in entries if isinstance(entry, dict) and "displayName" in entry)
    return next((one for one in found if one.id == item.id), None)


def parts_of(body: t.Any) -> dict[str, bytes]:
    """The parts of a definition in the response of getDefinition. Raises TransportError for a malformed one."""
    return _decoded(value_of(value_of(body, "definition"), "parts"))


def statuses_of(body: t.Any) -> dict[tuple[str, str], str]:
    """The statuses of a bulk import's response, such as Succeeded, by the items' types and names (in lower case)."""
    return {
        (str(value_of(one, "itemType")), str(value_of(one, "itemDisplayName")).casefold()): str(
            value_of(one, "operationStatus")
        )
        for one in objects_of(value_of(body, "importItemDefinitionsDetails"))
    }


def exported_of(body: t.Any) -> dict[str, Exported]:
    """The definitions of a bulk export's response, by item id. Raises TransportError for a malformed one."""
    parts = _decoded(value_of(body, "definitionParts"))
    roots: dict[str, str] = {}
    index = value_of(body, "itemDefinitionsIndex")
    for entry in index if isinstance(index, list) else ():
        roots["/" + str(value_of(entry, "rootPath", "")).strip("/")] = normalise_guid(str(value_of(entry, "id", "")))
    found = {identity: Exported(root, {}) for root, identity in roots.items()}
    for path, data in parts.items():
        place = "/" + path.lstrip("/")
        root = place
        while root not in roots and root != "/":
            root = root.rpartition("/")[0] or "/"
        if root in roots:
            found[roots[root]].parts[place[len(root) + 1 :]] = data
    return found


def _decoded(parts: t.Any) -> dict[str, bytes]:
    try:
        return {
            str(value_of(part, "path")): base64.b64decode(value_of(part, "payload", ""), validate=True)
            for part in parts
        }
    except (TypeError, ValueError, binascii.Error) as error:
        raise TransportError(
            "The service returned a definition that can't be read",
            why="It is not a list of parts with a path and a base64 payload",
            remedy="run again; check `api_url` and `proxy` if the error persists",
            retryable=False,
        ) from error


def _definition(parts: Parts, format: str) -> dict[str, t.Any]:
    encoded = [
        {"path": path, "payload": base64.b64encode(data).decode("ascii"), "payloadType": "InlineBase64"}
        for path, data in sorted(parts.items())
    ]
    return {**({"format": format} if format else {}), "parts": encoded}
