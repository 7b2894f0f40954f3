# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Fabric's connections to data sources, and which of them the data sources of a semantic model use."""

from __future__ import annotations

import typing as t

from .._guid import normalise_guid
from .._http.client import Client
from .._http.hosts import quoted_path
from .._http.response import value_of


class Source(t.NamedTuple):
    """A data source: its type as Fabric names it (SQL, Web, ...), and its path, such as "server;database"."""

    type: str
    path: str

    @property
    def key(self) -> tuple[str, str]:
        """The key by which the service compares data sources: type and path, case-insensitive."""
        return (self.type.casefold(), self.path.casefold())

    def __str__(self) -> str:
        return f"{self.type} {self.path}"


class Connection(t.NamedTuple):
    """``connectivity`` is ShareableCloud, OnPremisesGateway, VirtualNetworkGateway and the like."""

    id: str
    name: str
    connectivity: str
    source: Source


class Reference(t.NamedTuple):
    """A data source of a model, and the id of the connection that it uses; "" without one.

    ``connectivity`` as of Connection, and PersonalCloud, Automatic (single sign-on) or None without a shared connection.
    """

    source: Source
    connection_id: str
    connectivity: str = ""


class Connections:
    """Connections by id. ``get`` reads each connection once and keeps it, as many models use the same."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._known: dict[str, Connection] = {}

    def get(self, connection_id: str) -> Connection:
        """GET /connections/{id}. Raises NotFoundError, also for a connection that the caller may not use."""
        if connection_id not in self._known:
            entry = self._client.request("GET", quoted_path("connections", connection_id), api="fabric").body
            self._known[connection_id] = Connection(
                normalise_guid(str(value_of(entry, "id", connection_id))),
                str(value_of(entry, "displayName") or connection_id),
                str(value_of(entry, "connectivityType", "")),
                _source(entry),
            )
        return self._known[connection_id]

    def of_model(self, workspace_id: str, model_id: str) -> list[Reference]:
        """GET /workspaces/{id}/items/{id}/connections."""
        path = quoted_path("workspaces", workspace_id, "items", model_id, "connections")
        entries = self._client.pages(path, api="fabric")
        return [
            Reference(
                _source(entry),
                normalise_guid(str(value_of(entry, "id") or "")),
                str(value_of(entry, "connectivityType") or ""),
            )
            for entry in entries
        ]

    def bind(self, workspace_id: str, model_id: str, connection: Connection) -> None:
        """POST /workspaces/{id}/semanticModels/{id}/bindConnection, for the data source of that connection.

        Raises ForbiddenError for a caller who does not own the model.
        """
        details = {"type": connection.source.type, "path": connection.source.path}
        binding = {"id": connection.id, "connectivityType": connection.connectivity, "connectionDetails": details}
        path = quoted_path("workspaces", workspace_id, "semanticModels", model_id, "bindConnection")
        self._client.request("POST", path, api="fabric", body={"connectionBinding": binding}, idempotent=True)

    def take_over(self, workspace_id: str, model_id: str) -> None:
        """POST /groups/{id}/datasets/{id}/Default.TakeOver: the caller owns the model from then on."""
        path = quoted_path("groups", workspace_id, "datasets", model_id, "Default.TakeOver")
        self._client.request("POST", path, idempotent=True)


def _source(entry: t.Any) -> Source:
    details = value_of(entry, "connectionDetails")
    return Source(str(value_of(details, "type", "")), str(value_of(details, "path", "")))
