# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Workspaces, which the Power BI API calls groups. Only the Fabric API has their descriptions."""

from __future__ import annotations

import contextlib
import typing as t

from .._errors import ApiError, ConfigError, NotFoundError, TransportError
from .._guid import is_guid, normalise_guid
from .._http.client import Client
from .._http.hosts import quoted_path
from .._http.response import value_of
from .._http.retry import is_ambiguous_write, read_back
from .._operation import Operation, Phase, PollResult
from .._poll_intervals import PollInterval
from .._polling import poll_state
from .names import not_found, odata_literal, unique


class Workspace(t.NamedTuple):
    """``capacity_id`` and ``storage_format`` (small or large) are empty on shared capacity."""

    id: str
    name: str
    capacity_id: str
    storage_format: str
    type: str


class Workspaces:
    def __init__(self, client: Client) -> None:
        self._client = client

    def all(self, name_or_id: str | None = None) -> list[Workspace]:
        """GET /groups: the workspaces in which the caller has a role, or those of them with this name (in any case) or id."""
        if not name_or_id:
            return [_workspace(entry) for entry in self._client.pages("/groups", top=5000)]
        return self._with_id(name_or_id) if is_guid(name_or_id) else self.all_named(name_or_id)

    def all_named(self, name: str) -> list[Workspace]:
        """GET /groups?$filter: the workspaces with this name, in any case."""
        found = self._filtered(f"tolower(name) eq {odata_literal(name.lower())}")
        return [workspace for workspace in found if workspace.name.lower() == name.lower()]

    def find(self, name_or_id: str, option: str = "workspace") -> Workspace | None:
        """The workspace with this name or id, None if the caller can't see any. Raises ConfigError for several."""
        return self.with_id(name_or_id) if is_guid(name_or_id) else self.named(name_or_id, option)

    def named(self, name: str, option: str = "name") -> Workspace | None:
        """The workspace with this name: the exact case first, then any case. Raises ConfigError for several."""
        found = self.all_named(name)
        spelled_so = [workspace for workspace in found if workspace.name == name]
        return unique(spelled_so or found, "workspace", name, lambda item: item.id, option)

    def with_id(self, workspace_id: str) -> Workspace | None:
        return next(iter(self._with_id(workspace_id)), None)

    def get(self, name_or_id: str, option: str = "workspace") -> Workspace:
        """The workspace with this name or id. Raises ConfigError for none and for several."""
        workspace = self.find(name_or_id, option)
        if workspace is None:
            raise not_found(
                "workspace",
                name_or_id,
                option,
                "check the name; give the service principal a role in it; or create it with powerbi_workspace",
            )
        return workspace

    def create(self, name: str) -> Workspace:
        """POST /groups?workspaceV2=true.

        If the response is lost, or another caller has just created a workspace of this name in which this caller has a
        role, that workspace is used: a duplicate is never created.
        """
        try:
            response = self._client.request("POST", "/groups", query={"workspaceV2": "true"}, body={"name": name})
        except (ApiError, TransportError) as error:
            made = read_back(lambda: self.named(name), self._client.sender.clock) if is_ambiguous_write(error) else None
            if made is None:
                raise
            return made
        return _workspace(response.body)

    def wait_until_listed(self, workspace: Workspace, *, timeout: float) -> None:
        """Wait until GET /groups, which later tasks use, lists a new workspace. Raises OperationTimeoutError."""

        def poll() -> PollResult:
            return PollResult(Phase.RUNNING if self.with_id(workspace.id) is None else Phase.SUCCEEDED)

        self._wait(poll, f"appearance of workspace {workspace.name}", timeout)

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
        """DELETE /groups/{id}; succeeds if it does not exist."""
        with contextlib.suppress(NotFoundError):
            self._client.request("DELETE", quoted_path("groups", workspace_id))

    @property
    def have_descriptions(self) -> bool:
        """Whether the Fabric API's host is known; in some clouds it is not."""
        try:
            self._client.hosts.url("fabric", "/workspaces")
        except ConfigError:
            return False
        return True

    def description(self, workspace_id: str) -> str:
        """GET /v1/workspaces/{id} of Fabric: the description."""
        response = self._client.request("GET", quoted_path("workspaces", workspace_id), api="fabric")
        return str(response.get("description") or "")

    def set_description(self, workspace_id: str, description: str) -> str | None:
        """PATCH /v1/workspaces/{id} of Fabric: set the description. Returns it as the response has it, if it has it."""
        response = self._client.request(
            "PATCH",
            quoted_path("workspaces", workspace_id),
            api="fabric",
            body={"description": description},
            idempotent=True,
        )
        kept = response.get("description")
        return kept if isinstance(kept, str) else None

    def assign_to_capacity(self, workspace_id: str, capacity_id: str) -> None:
        """POST /groups/{id}/AssignToCapacity: start the assignment. The zero GUID as ``capacity_id`` unassigns the workspace."""
        path = quoted_path("groups", workspace_id, "AssignToCapacity")
        self._client.request("POST", path, body={"capacityId": capacity_id}, idempotent=True)

    def wait_until_assigned(self, workspace_id: str, *, timeout: float) -> None:
        """Poll CapacityAssignmentStatus until it is completed. Raises OperationFailedError, OperationTimeoutError."""
        path = quoted_path("groups", workspace_id, "CapacityAssignmentStatus")
        poll = poll_state(lambda: self._client.request("GET", path, budget=0))
        self._wait(poll, "move of the workspace to its capacity", timeout)

    def _wait(self, poll: t.Callable[[], PollResult], name: str, timeout: float) -> None:
        interval = PollInterval(start=0.0)  # usually it is complete at the first poll
        Operation(poll, name=name, timeout=timeout, clock=self._client.sender.clock, interval=interval).wait()

    def _with_id(self, workspace_id: str) -> list[Workspace]:
        found = self._filtered(f"id eq {odata_literal(normalise_guid(workspace_id))}")
        return [workspace for workspace in found if workspace.id == normalise_guid(workspace_id)]

    def _filtered(self, filter: str) -> list[Workspace]:
        pages = self._client.pages("/groups", query={"$filter": filter}, top=5000, short_page_ends=True)
        return [_workspace(entry) for entry in pages]


def _workspace(entry: t.Mapping[str, t.Any]) -> Workspace:
    capacity = value_of(entry, "capacityId") if value_of(entry, "isOnDedicatedCapacity") else ""
    return Workspace(
        normalise_guid(str(value_of(entry, "id"))),
        str(value_of(entry, "name", "")),
        normalise_guid(str(capacity or "")),
        str(value_of(entry, "defaultDatasetStorageFormat") or "small").lower() if capacity else "",
        str(value_of(entry, "type") or "Workspace"),
    )
