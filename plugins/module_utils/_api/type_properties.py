# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Operations of single Fabric item types: publishing of environments, active value sets of variable libraries, endpoints."""

from __future__ import annotations

import typing as t

from .._errors import OperationFailedError
from .._http.client import Client
from .._http.hosts import quoted_path
from .._http.response import value_of
from .._operation import Operation, Phase, PollResult
from .items import Item

_COLLECTIONS = {
    "Lakehouse": "lakehouses",
    "MirroredDatabase": "mirroredDatabases",
    "Warehouse": "warehouses",
    "WarehouseSnapshot": "warehouseSnapshots",
    "SQLDatabase": "sqlDatabases",
    "Eventhouse": "eventhouses",
}
_CREATION = {
    "Lakehouse": ("defaultSchema",),
    "Warehouse": ("defaultCollation", "collationType"),
    "WarehouseSnapshot": ("parentWarehouseId", "snapshotDateTime"),
}
"""Properties that only the creation sets; git integration writes them for the types that have no definition."""
_PHASES = {"success": Phase.SUCCEEDED, "failed": Phase.FAILED, "cancelled": Phase.CANCELLED}


class TypeProperties:
    """The operations on the items of one workspace, at the paths of their types."""

    def __init__(self, client: Client, workspace_id: str, *, timeout: float) -> None:
        self._client = client
        self._workspace_id = workspace_id
        self._timeout = timeout

    def publish_state(self, item: Item) -> str:
        """GET /environments/{id}: the state of the last publishing, in lower case; empty if there was none."""
        return str(value_of(value_of(self._get("environments", item), "publishDetails"), "state") or "").lower()

    def publish(self, item: Item) -> Operation:
        """POST /environments/{id}/staging/publish; the operation ends with the publishing."""
        path = f"{self._path('environments', item)}/staging/publish"
        self._client.request("POST", path, api="fabric", query={"beta": "false"}, idempotent=True)

        def poll() -> PollResult:
            word = self.publish_state(item)
            return PollResult(_PHASES.get(word, Phase.RUNNING), word=word)

        name = f"publishing of {item.name}.{item.type}"
        return Operation(poll, name=name, timeout=self._timeout, clock=self._client.sender.clock)

    def active_value_set(self, item: Item) -> str:
        """GET /variableLibraries/{id}."""
        return str(value_of(self._get("variableLibraries", item), "activeValueSetName") or "")

    def activate_value_set(self, item: Item, name: str) -> None:
        """PATCH /variableLibraries/{id}."""
        body = {"properties": {"activeValueSetName": name}}
        path = self._path("variableLibraries", item)
        self._client.request("PATCH", path, api="fabric", body=body, idempotent=True)

    def creation_payload(self, item: Item) -> dict[str, t.Any]:
        """GET /warehouses/{id} and the like: the properties that only the creation can set; none for other types."""
        if item.type not in _CREATION:
            return {}
        properties = self._get(_COLLECTIONS[item.type], item)
        values = {name: value_of(properties, name) for name in _CREATION[item.type]}
        return {name: value for name, value in values.items() if value}

    def endpoint(self, item: Item, path: t.Sequence[str]) -> str:
        """GET /lakehouses/{id} and the like: the text at this path of the properties; empty as long as there is none.

        Raises OperationFailedError if the service could not provision the endpoint.
        """
        properties = self._get(_COLLECTIONS[item.type], item)
        if str(value_of(value_of(properties, path[0]), "provisioningStatus") or "").lower() == "failed":
            raise OperationFailedError(
                f"The service could not provision the SQL endpoint of {item.name}.{item.type}",
                remedy="delete the item and deploy it again, or report the problem to the support of Fabric",
            )
        value = properties
        for name in path:
            value = value_of(value, name)
        return value if isinstance(value, str) else ""

    def endpoint_operation(self, item: Item, path: t.Sequence[str]) -> Operation:
        """The provisioning of an endpoint as an operation, whose result is the text of `endpoint`."""

        def poll() -> PollResult:
            text = self.endpoint(item, path)
            return PollResult(Phase.SUCCEEDED if text else Phase.RUNNING, text)

        name = f"provisioning of the endpoint of {item.name}.{item.type}"
        return Operation(poll, name=name, timeout=self._timeout, clock=self._client.sender.clock)

    def spark_pools(self) -> list[tuple[str, str, str]]:
        """GET /spark/pools: type, name and id of each pool."""
        pools = self._client.pages(quoted_path("workspaces", self._workspace_id, "spark", "pools"), api="fabric")
        return [(str(pool.get("type")), str(pool.get("name")), str(pool.get("id"))) for pool in pools]

    def _get(self, collection: str, item: Item) -> object:
        response = self._client.request("GET", self._path(collection, item), api="fabric")
        return value_of(response.body, "properties")

    def _path(self, collection: str, item: Item) -> str:
        return quoted_path("workspaces", self._workspace_id, collection, item.id)
