# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Workspaces, which the Power BI API calls groups. Their descriptions are known to the Fabric API alone."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._errors import ApiError, NotFoundError, TransportError
from ansible_collections.community.powerbi.plugins.module_utils._http.answer import value_of
from ansible_collections.community.powerbi.plugins.module_utils._http.client import Client
from ansible_collections.community.powerbi.plugins.module_utils._http.clock import Clock
from ansible_collections.community.powerbi.plugins.module_utils._http.hosts import quoted_path
from ansible_collections.community.powerbi.plugins.module_utils._operation import Operation
from ansible_collections.community.powerbi.plugins.module_utils._operation_looks import state_look
from ansible_collections.community.powerbi.plugins.module_utils._resources.names import (
    guid,
    is_guid,
    missing,
    odata,
    only,
)

NO_CAPACITY = "00000000-0000-0000-0000-000000000000"  # assigning to it takes a workspace off its capacity

_LOOK_AGAIN = (0.0, 1.0, 3.0)  # seconds


class Workspace(t.NamedTuple):
    """``capacity_id`` is empty on shared capacity, ``storage_format`` is small, large or empty (unknown)."""

    id: str
    name: str
    capacity_id: str
    storage_format: str
    type: str


class Workspaces:
    def __init__(self, client: Client) -> None:
        self._client = client

    def all(self, filter: str = "") -> list[Workspace]:
        """Those that the caller has a role in. GET /groups."""
        query = {"$filter": filter} if filter else {}
        return [
            _workspace(entry) for entry in self._client.pages("/groups", query=query, top=5000, short_page_ends=True)
        ]

    def find(self, name_or_id: str, option: str = "workspace") -> Workspace | None:
        """One by name or id, None if the caller can't see any. Raises ConfigError if several have the name."""
        return only(self.all(selector(name_or_id)), "workspace", name_or_id, lambda item: item.id, option)

    def get(self, name_or_id: str, option: str = "workspace") -> Workspace:
        """One that must be there. Raises ConfigError."""
        workspace = self.find(name_or_id, option)
        if workspace is None:
            raise missing(
                "workspace",
                name_or_id,
                option,
                "check the name; give the service principal a role in it; or create it with powerbi_workspace",
            )
        return workspace

    def create(self, name: str) -> Workspace:
        """POST /groups?workspaceV2=true. If the answer got lost, the workspace that was made is taken, not a second made."""
        try:
            answer = self._client.request("POST", "/groups", query={"workspaceV2": "true"}, body={"name": name})
        except (ApiError, TransportError) as error:
            made = self._made_all_the_same(name) if _ambiguous(error) else None
            if made is None:
                raise
            return made
        return _workspace(answer.body)

    def _made_all_the_same(self, name: str) -> Workspace | None:
        for pause in _LOOK_AGAIN:  # a new workspace takes a moment to appear in the list
            self._client.sender.clock.sleep(pause)
            made = self.find(name)
            if made is not None:
                return made
        return None

    def update(self, workspace_id: str, *, name: str | None = None, storage_format: str | None = None) -> None:
        """PATCH /groups/{id}."""
        body = {"name": name, "defaultDatasetStorageFormat": storage_format.capitalize() if storage_format else None}
        self._client.request(
            "PATCH",
            quoted_path("groups", workspace_id),
            body={key: value for key, value in body.items() if value is not None},
            idempotent=True,
        )

    def delete(self, workspace_id: str) -> None:
        """DELETE /groups/{id}; one that is gone already is fine."""
        with contextlib.suppress(NotFoundError):
            self._client.request("DELETE", quoted_path("groups", workspace_id))

    def description(self, workspace_id: str) -> str:
        """GET /v1/workspaces/{id} of Fabric."""
        answer = self._client.request("GET", quoted_path("workspaces", workspace_id), api="fabric")
        return str(answer.get("description") or "")

    def describe(self, workspace_id: str, description: str) -> None:
        """PATCH /v1/workspaces/{id} of Fabric."""
        self._client.request(
            "PATCH",
            quoted_path("workspaces", workspace_id),
            api="fabric",
            body={"description": description},
            idempotent=True,
        )

    def assign(self, workspace_id: str, capacity_id: str, *, timeout: float, clock: Clock | None = None) -> None:
        """POST /groups/{id}/AssignToCapacity, then wait until CapacityAssignmentStatus says that it is done.

        Raises OperationFailedError, OperationTimeoutError.
        """
        path = quoted_path("groups", workspace_id)
        self._client.request("POST", f"{path}/AssignToCapacity", body={"capacityId": capacity_id}, idempotent=True)
        if timeout <= 0 or capacity_id == NO_CAPACITY:
            return

        look = state_look(lambda: self._client.request("GET", f"{path}/CapacityAssignmentStatus"))
        Operation(look, name="assignment of the workspace to its capacity", timeout=timeout, clock=clock).wait()


def selector(name_or_id: str) -> str:
    """The OData filter for a name or an id."""
    return f"id eq {odata(guid(name_or_id))}" if is_guid(name_or_id) else f"name eq {odata(name_or_id)}"


def _ambiguous(error: ApiError | TransportError) -> bool:
    """Whether the service may have done what it was asked although the answer says, or is, nothing of the kind."""
    return error.sent if isinstance(error, TransportError) else error.status >= 500


def _workspace(entry: t.Mapping[str, t.Any]) -> Workspace:
    capacity = value_of(entry, "capacityId") if value_of(entry, "isOnDedicatedCapacity") else ""
    return Workspace(
        guid(str(value_of(entry, "id"))),
        str(value_of(entry, "name", "")),
        guid(str(capacity or "")),
        str(value_of(entry, "defaultDatasetStorageFormat") or "").lower(),
        str(value_of(entry, "type") or "Workspace"),
    )
