# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""On-premises gateways that the caller administers, and their data sources."""

from __future__ import annotations

import typing as t

from .._guid import normalise_guid
from .._http.client import Client
from .._http.hosts import quoted_path
from .._http.response import value_of


class Gateway(t.NamedTuple):
    """``status`` is gatewayStatus as last known to the service: Live, or empty where the response has none."""

    id: str
    name: str
    type: str
    status: str


class GatewaySource(t.NamedTuple):
    """A data source of a gateway. ``connection`` is connectionDetails, a JSON text such as {"server": ..., "database": ...}."""

    id: str
    name: str
    type: str
    connection: str
    credential_type: str


class Gateways:
    def __init__(self, client: Client) -> None:
        self._client = client

    def all(self) -> list[Gateway]:
        """GET /gateways."""
        return [
            Gateway(
                normalise_guid(str(value_of(entry, "id"))),
                str(value_of(entry, "name", "")),
                str(value_of(entry, "type", "")),
                str(value_of(entry, "gatewayStatus") or ""),
            )
            for entry in self._client.pages("/gateways")
        ]

    def sources(self, gateway_id: str) -> list[GatewaySource]:
        """GET /gateways/{id}/datasources."""
        return [
            GatewaySource(
                normalise_guid(str(value_of(entry, "id"))),
                str(value_of(entry, "datasourceName") or ""),
                str(value_of(entry, "datasourceType", "")),
                str(value_of(entry, "connectionDetails") or ""),
                str(value_of(entry, "credentialType", "")),
            )
            for entry in self._client.pages(quoted_path("gateways", gateway_id, "datasources"))
        ]
