# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Dashboards of a workspace and their tiles, in the Power BI API."""

from __future__ import annotations

import typing as t

from .._guid import normalise_guid
from .._http.client import Client
from .._http.hosts import quoted_path
from .._http.response import value_of


class Dashboard(t.NamedTuple):
    id: str
    name: str


class Tile(t.NamedTuple):
    """``model_id`` is the semantic model whose data it shows, empty for a text or an image."""

    title: str
    model_id: str


class Dashboards:
    def __init__(self, client: Client, workspace_id: str) -> None:
        self._client = client
        self._path = quoted_path("groups", workspace_id, "dashboards")

    def all(self) -> list[Dashboard]:
        """GET /groups/{id}/dashboards."""
        return [
            Dashboard(normalise_guid(str(value_of(entry, "id"))), str(value_of(entry, "displayName", "")))
            for entry in self._client.pages(self._path)
        ]

    def tiles(self, dashboard_id: str) -> list[Tile]:
        """GET .../tiles."""
        return [
            Tile(str(value_of(entry, "title") or ""), normalise_guid(str(value_of(entry, "datasetId") or "")))
            for entry in self._client.pages(f"{self._path}{quoted_path(dashboard_id, 'tiles')}")
        ]
