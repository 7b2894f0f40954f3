# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Reports of a workspace, of both kinds, in the Power BI API: their semantic models, pages and files."""

from __future__ import annotations

import typing as t

from .._errors import TransportError
from .._guid import normalise_guid
from .._http.client import Client
from .._http.hosts import quoted_path
from .._http.response import value_of
from .._operation import Operation
from .._polling import poll_state


class Report(t.NamedTuple):
    """``model_id`` is the id of its semantic model, empty for a paginated report."""

    id: str
    name: str
    model_id: str
    paginated: bool


class Page(t.NamedTuple):
    """``name`` identifies the page in the API, ``display_name`` is the text on its tab."""

    name: str
    display_name: str


class Reports:
    def __init__(self, client: Client, workspace_id: str) -> None:
        self._client = client
        self._path = quoted_path("groups", workspace_id, "reports")

    def all(self) -> list[Report]:
        """GET /groups/{id}/reports."""
        return [_report(entry) for entry in self._client.pages(self._path)]

    def rebind(self, report_id: str, model_id: str) -> None:
        """POST .../Rebind."""
        path = f"{self._path}{quoted_path(report_id)}/Rebind"
        self._client.request("POST", path, body={"datasetId": model_id}, idempotent=True)

    def download(self, report_id: str, target: t.BinaryIO, *, live_connection: bool = False) -> int:
        """GET .../Export: write its .pbix or .rdl to a file; returns the number of bytes.

        ``live_connection``: without the semantic model, only with a connection to it.
        """
        query = {"downloadType": "LiveConnect"} if live_connection else {}
        return int(self._client.download(f"{self._path}{quoted_path(report_id, 'Export')}", target, query=query).body)

    def pages(self, report_id: str) -> list[Page]:
        """GET .../pages, in their order. A paginated report has none."""
        path = f"{self._path}{quoted_path(report_id, 'pages')}"
        return [
            Page(str(value_of(entry, "name", "")), str(value_of(entry, "displayName") or ""))
            for entry in self._client.pages(path)
        ]

    def render(self, report_id: str, name: str, request: t.Mapping[str, t.Any], *, timeout: float) -> Operation:
        """POST .../ExportTo: start rendering. The operation's result is for `download_rendered`.

        ``request`` is the API's ExportReportRequest: ``format`` (PDF, PPTX, PNG, XLSX, ...), and a configuration for the
        kind of report. A retry only causes another rendering. ``timeout`` in seconds.
        """
        path = f"{self._path}{quoted_path(report_id)}"
        response = self._client.request("POST", f"{path}/ExportTo", body=dict(request), idempotent=True)
        export_id = str(response.get("id") or "")
        if not export_id:
            raise TransportError(f"The export of {name} was accepted, but the response has no id to poll")
        state = f"{path}/exports{quoted_path(export_id)}"
        return Operation(
            poll_state(lambda: self._client.request("GET", state, budget=0)),
            name=f"export of {name} as {request['format']}",
            timeout=timeout,
            clock=self._client.sender.clock,
        )

    def download_rendered(self, report_id: str, export: t.Any, target: t.BinaryIO) -> str:
        """GET .../exports/{id}/file: write it to a file; returns the suffix in the service's response: ".pdf", ".zip"."""
        export_id = str(value_of(export, "id", ""))
        path = f"{self._path}{quoted_path(report_id)}/exports{quoted_path(export_id)}/file"
        self._client.download(path, target)
        return str(value_of(export, "resourceFileExtension") or "")


def _report(entry: t.Mapping[str, t.Any]) -> Report:
    return Report(
        normalise_guid(str(value_of(entry, "id", ""))),
        str(value_of(entry, "name", "")),
        normalise_guid(str(value_of(entry, "datasetId") or "")),
        str(value_of(entry, "reportType", "")) == "PaginatedReport",
    )
