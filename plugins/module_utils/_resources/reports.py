# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Reports of a workspace, of both kinds, as the Power BI API knows them: what they are bound to, and their files."""

from __future__ import annotations

import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._http.answer import value_of
from ansible_collections.community.powerbi.plugins.module_utils._http.client import Client
from ansible_collections.community.powerbi.plugins.module_utils._http.hosts import quoted_path
from ansible_collections.community.powerbi.plugins.module_utils._resources.names import guid


class Report(t.NamedTuple):
    """``model_id`` is the semantic model that it shows, empty for a paginated report."""

    id: str
    name: str
    model_id: str
    paginated: bool


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
        """GET .../Export: its .pbix or .rdl into a file; the number of bytes.

        ``live_connection``: without the semantic model, only with a connection to it.
        """
        query = {"preferClientRouting": "true"}
        if live_connection:
            query["downloadType"] = "LiveConnect"
        path = f"{self._path}{quoted_path(report_id)}/Export"
        return int(self._client.download(path, target, query=query).body)


def _report(entry: t.Mapping[str, t.Any]) -> Report:
    return Report(
        guid(str(value_of(entry, "id", ""))),
        str(value_of(entry, "name", "")),
        guid(str(value_of(entry, "datasetId") or "")),
        str(value_of(entry, "reportType", "")) == "PaginatedReport",
    )
