# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Imports of a workspace: .pbix, .xlsx and .rdl files that become semantic models and reports."""

from __future__ import annotations

import contextlib
import datetime as dt
import email.utils
import os
import re
import threading
import typing as t

from .._errors import ApiError, PowerBIError, TransportError
from .._guid import normalise_guid
from .._http.client import Client
from .._http.hosts import quoted_path
from .._http.response import ApiResponse, objects_of, value_of
from .._http.upload import MultipartFile, upload_blocks
from .._operation import Operation, OperationGroup, PollResult
from .._poll_intervals import PollInterval
from .._polling import poll_state
from .._secret import Secret

ABORT, OVERWRITE, CREATE_OR_OVERWRITE = "Abort", "Overwrite", "CreateOrOverwrite"
LARGE_FILE = 1 << 30  # bytes: the service accepts no larger file in one request

_ISO = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,7})?Z?\Z")
_POLL_INTERVAL = PollInterval(first=0.07, steady=8, growth=1.3, start=0.5)  # no import completes earlier
_DATE_RESOLUTION = 2.0  # seconds: the header Date has a resolution of one second
_SECONDS, _BYTES_A_SECOND = 10.0, 5e6  # that an import is expected to take, besides its upload
_UPLOADS = 2  # upload locations to try: one may expire before a large file is uploaded


def seconds_of_import(path: str) -> float:
    """The seconds that the import of a file is expected to take: larger ones take longer."""
    with contextlib.suppress(OSError):  # reported when it is sent
        return _SECONDS + os.path.getsize(path) / _BYTES_A_SECOND
    return _SECONDS


class ImportedItem(t.NamedTuple):
    """An item that an import created or replaced; ``type`` is its Fabric item type."""

    id: str
    type: str
    name: str


class Imports:
    """The imports of one workspace. ``timeout``: seconds for one import in the service. Threads may share it."""

    def __init__(self, client: Client, workspace_id: str, *, timeout: float) -> None:
        self._client = client
        self._path = quoted_path("groups", workspace_id, "imports")
        self._timeout = timeout
        self._states: dict[str, t.Any] = {}
        self._read_at = float("-inf")  # when the request began that gave the states
        self._error: PowerBIError | None = None
        self._running = OperationGroup(self._read_list, client.sender.clock)
        self.before: set[str] | None = None
        self._before_lock = threading.Lock()

    def known_before(self) -> set[str]:
        """GET /groups/{id}/imports: the ids of the imports that existed at the first call; sends one request in all."""
        with self._before_lock:
            if self.before is None:
                entries = self._client.request("GET", self._path).get("value")
                self.before = {normalise_guid(str(value_of(one, "id", ""))) for one in objects_of(entries)}
            return self.before

    def started_since(self, moment: float) -> list[dict[str, t.Any]]:
        """GET /groups/{id}/imports: the imports created after a moment of the client's monotonic clock, newest last.

        The comparison uses the service's clock (header Date), as the two may differ.
        """
        clock = self._client.sender.clock
        response = self._client.request("GET", self._path)
        now = epoch(response.headers.get("Date", "")) or clock.time()
        earliest = now - (clock.monotonic() - moment) - _DATE_RESOLUTION
        entries = response.get("value")
        dated = [(epoch(str(value_of(one, "createdDateTime") or "")), one) for one in objects_of(entries)]
        recent = [(created, number) for number, (created, _one) in enumerate(dated) if created and created >= earliest]
        return [dated[number][1] for _created, number in sorted(recent)]

    def post(
        self,
        source: str,
        display_name: str,
        conflict: str,
        *,
        skip_report: bool = False,
        folder_id: str = "",
        large_file: int = LARGE_FILE,
        content: bytes | None = None,
    ) -> str:
        """POST .../imports: send a file; the import's id. ``display_name`` has the extension. ``content`` is sent in place
        of the file's, if given.

        Files of ``large_file`` bytes and more go to a temporary upload location, in blocks. An ambiguous request is not
        retried: the caller checks `started_since` first. Raises ApiError, TransportError, OSError.
        """
        query = {"datasetDisplayName": display_name, "nameConflict": conflict}
        query.update({"skipReport": "true"} if skip_report else {})
        query.update({"subfolderObjectId": folder_id} if folder_id else {})
        if content is None and os.path.getsize(source) >= large_file:
            url = self._upload(source)
            response = self._client.request("POST", self._path, query=query, body={"fileUrl": url.reveal()})
        else:
            with MultipartFile(source, content) as data:
                response = self._client.request("POST", self._path, query=query, data=data, headers=data.headers)
        import_id = normalise_guid(str(response.get("id") or ""))
        if not import_id:
            raise TransportError(f"The import of {display_name} was accepted, but the response has no id to poll")
        return import_id

    def wait(self, import_id: str, display_name: str) -> t.Any:
        """Block until the import is done. Returns its entry, for `imported_items`.

        Raises OperationFailedError, OperationTimeoutError, and what polling raises.
        """
        clock = self._client.sender.clock
        started = clock.monotonic()
        operation = Operation(
            lambda: self._poll(import_id, started),
            name=f"import of {display_name}",
            timeout=self._timeout,
            clock=clock,
            interval=_POLL_INTERVAL,
        )
        return self._running.wait(import_id, operation)

    def _read_list(self) -> t.Container[str]:
        """GET /groups/{id}/imports. The list has no pages: one request gives the state of all imports."""
        start = self._client.sender.clock.monotonic()
        try:
            response = self._client.request("GET", self._path, budget=0)
        except PowerBIError as error:
            self._error = error  # of every import that waits for this list
            return ()
        self._states = {
            normalise_guid(str(value_of(entry, "id", ""))): entry for entry in objects_of(response.get("value"))
        }
        self._read_at, self._error = start, None
        return self._states

    def _poll(self, import_id: str, started: float) -> PollResult:
        """The state in the list of all imports; GET /groups/{id}/imports/{id} where the list lacks it."""
        if self._error is not None:
            raise self._error
        entry = self._states.get(import_id)
        if entry is None and self._read_at > started:
            path = f"{self._path}{quoted_path(import_id)}"
            return poll_state(lambda: self._client.request("GET", path, budget=0))()
        return poll_state(lambda: ApiResponse(200, {}, entry, self._client.origin("powerbi")))()

    def _upload(self, source: str) -> Secret:
        """POST .../createTemporaryUploadLocation, then upload the file in blocks: its URL, a secret (SAS)."""
        for attempt in range(1, _UPLOADS + 1):
            response = self._client.request("POST", f"{self._path}/createTemporaryUploadLocation", idempotent=True)
            url = Secret(str(response.get("url") or ""))
            if not url.reveal():
                raise TransportError("The service's response has no upload location for the file")
            try:
                upload_blocks(self._client.sender, url, source)
            except ApiError as error:
                if error.status != 403 or attempt == _UPLOADS:
                    raise
                continue  # the upload location has expired
            return url
        raise AssertionError("unreachable")


def imported_items(entry: t.Any) -> list[ImportedItem]:
    """The items of a finished import: semantic models first."""
    models = [_made(one, "SemanticModel") for one in objects_of(value_of(entry, "datasets"))]
    paginated = {True: "PaginatedReport", False: "Report"}
    reports = objects_of(value_of(entry, "reports"))
    return models + [_made(one, paginated[value_of(one, "reportType") == "PaginatedReport"]) for one in reports]


def epoch(text: str) -> float:
    """Seconds since the epoch for a time of the service: ISO 8601 in UTC (JSON) or an HTTP date; 0 for neither."""
    match = _ISO.match(text)
    try:
        if match is None:
            return email.utils.parsedate_to_datetime(text).timestamp()
        whole = dt.datetime.strptime(match[1], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=dt.timezone.utc)
        return whole.timestamp() + float(match[2] or 0)
    except (TypeError, ValueError, IndexError, OverflowError):
        return 0.0


def _made(entry: t.Any, item_type: str) -> ImportedItem:
    return ImportedItem(normalise_guid(str(value_of(entry, "id", ""))), item_type, str(value_of(entry, "name", "")))
