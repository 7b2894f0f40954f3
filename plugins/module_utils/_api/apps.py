# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Published apps. The service lists them for users only, not for service principals."""

from __future__ import annotations

import typing as t

from .._guid import normalise_guid
from .._http.client import Client
from .._http.response import value_of


class App(t.NamedTuple):
    """``last_update`` as the service writes it, ISO 8601 in UTC."""

    id: str
    name: str
    description: str
    published_by: str
    last_update: str
    workspace_id: str


class Apps:
    def __init__(self, client: Client) -> None:
        self._client = client

    def all(self) -> list[App]:
        """GET /apps."""
        return [
            App(
                normalise_guid(str(value_of(entry, "id"))),
                str(value_of(entry, "name", "")),
                str(value_of(entry, "description") or ""),
                str(value_of(entry, "publishedBy") or ""),
                str(value_of(entry, "lastUpdate") or ""),
                normalise_guid(str(value_of(entry, "workspaceId") or "")),
            )
            for entry in self._client.pages("/apps")
        ]
