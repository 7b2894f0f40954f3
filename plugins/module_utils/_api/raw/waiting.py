# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Long-running operations that a request starts, and the resource to poll for each kind.

Fabric: long-running operations, on-demand jobs, moves of a workspace to a capacity. Power BI: refreshes, exports,
imports, deployments of a pipeline, scans, moves of a workspace.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t
from urllib.parse import urlsplit

from ..._guid import ZERO_GUID, normalise_guid
from ..._http.client import Client
from ..._http.hosts import quoted_path
from ..._http.response import ApiResponse, objects_of, request_id, value_of
from ..._operation import Operation, Phase, PollResult
from ..._poll_intervals import PollInterval
from ..._polling import fabric_operation, location_id, poll_state
from ..imports import epoch

_RESOLUTION = 1.0  # seconds: the header Date has a resolution of one second
_HISTORY = 20  # entries of a refresh history, newest first, to search for the own one

# The service sends Retry-After: 60 for jobs; polling as for other operations stays far below its quota.
_POLL_INTERVAL = PollInterval(early=1_000_000, cap=20)

_JOB = re.compile(r"/workspaces/[^/?#]+/[^/?#]+/[^/?#]+/jobs/instances/[^/?#]+\Z")
_UNSEEN: t.Final = (
    (re.compile(r"/dataflows/[^/]+/refreshes\Z", re.IGNORECASE), "the list of the dataflow's transactions"),
    (
        re.compile(r"\A/admin/capacities/(un)?assignWorkspaces\Z", re.IGNORECASE),
        "CapacityAssignmentStatus of each workspace",
    ),
    (re.compile(r"/queryScaleOut/sync\Z", re.IGNORECASE), "GET .../queryScaleOut/syncStatus"),
)


class StartedOperation(t.NamedTuple):
    """A request that succeeded. ``path`` is below the base of ``family`` (powerbi or fabric), without a query."""

    family: str
    method: str
    path: str
    body: t.Any
    response: ApiResponse


def operation(client: Client, started: StartedOperation, *, timeout: float) -> Operation | str | None:
    """The operation to wait for, with its last state as result; None if the request started none.

    A text for an operation that can't be polled: where the user can check its state.
    """
    find = _of_fabric if started.family == "fabric" else _of_powerbi
    return find(started, _Maker(client, started, timeout))


class _Maker:
    """Creates the `Operation` of one request."""

    def __init__(self, client: Client, started: StartedOperation, timeout: float) -> None:
        self._client = client
        self._started = started
        self._timeout = timeout

    def name(self, kind: str) -> str:
        return f"{kind} that {self._started.method} {self._started.path} began"

    def now(self) -> float:
        return self._client.sender.clock.time()

    def polled(
        self,
        kind: str,
        path: str,
        *,
        query: t.Mapping[str, t.Any] | None = None,
        pick: t.Callable[[t.Any], t.Any] = lambda body: body,
        any_end: bool = False,
    ) -> Operation:
        """An operation whose state is read from ``path``. ``pick`` as for `poll_state`.

        ``any_end``: any final state is a success, for a request that cancels.
        """
        client, family = self._client, self._started.family
        read = poll_state(lambda: client.request("GET", path, api=family, query=query, budget=0), pick)

        def poll() -> PollResult:
            found = read()
            ended = any_end and found.phase is not Phase.RUNNING
            return dataclasses.replace(found, phase=Phase.SUCCEEDED) if ended else found

        return Operation(
            poll, name=self.name(kind), timeout=self._timeout, clock=client.sender.clock, interval=_POLL_INTERVAL
        )

    def named(self, kind: str, path: str) -> Operation | str:
        """An operation that is polled at ``path``/{id}, with the id in the response's body."""
        identity = str(self._started.response.get("id") or "")
        if not identity:
            return "the response has no id"
        return self.polled(kind, f"{path}{quoted_path(identity)}")

    def fabric(self) -> Operation:
        return fabric_operation(
            self._client, self._started.response, name=self.name("operation"), timeout=self._timeout
        )


def _of_fabric(started: StartedOperation, make: _Maker) -> Operation | str | None:
    response = started.response
    if response.status != 202:
        return None
    if response.headers.get("x-ms-operation-id") or location_id(response.headers, "operations"):
        return make.fabric()
    job = _JOB.search(_location_path(response.headers))
    if job is not None:
        return make.polled("job", job.group(), any_end=_ends(started, "cancel"))
    if _ends(started, "assignToCapacity") or _ends(started, "unassignFromCapacity"):
        desired = value_of(started.body, "capacityId") if _ends(started, "assignToCapacity") else ""
        workspace = started.path.rpartition("/")[0]
        return make.polled("move to the capacity", workspace, pick=_on_capacity(desired))
    return None if started.method == "GET" else "the response names nothing to poll"


def _of_powerbi(started: StartedOperation, make: _Maker) -> Operation | str | None:
    if started.method != "POST":
        return None
    parent = started.path.rpartition("/")[0]
    if re.search(r"/datasets/[^/]+/refreshes\Z", started.path, re.IGNORECASE):
        return _refresh(started, make)
    if _ends(started, "ExportTo"):
        return make.named("export", f"{parent}/exports")
    if re.search(r"(\A|/groups/[^/]+)/imports\Z", started.path, re.IGNORECASE):
        return make.named("import", started.path)
    if re.search(r"\A/pipelines/[^/]+/deploy(All)?\Z", started.path, re.IGNORECASE):
        return make.named("deployment", f"{parent}/operations")
    if started.path.lower() == "/admin/workspaces/getinfo":
        return make.named("scan", f"{parent}/scanStatus")
    if re.search(r"(\A|/groups/[^/]+)/AssignToCapacity\Z", started.path, re.IGNORECASE):
        pick = _on_capacity(value_of(started.body, "capacityId"))
        return make.polled("move to the capacity", f"{parent}/CapacityAssignmentStatus", pick=pick)
    for pattern, place in _UNSEEN:
        if pattern.search(started.path):
            return f"see {place}"
    return "the response names nothing to poll" if started.response.status == 202 else None


def _refresh(started: StartedOperation, make: _Maker) -> Operation:
    """An enhanced refresh has execution details, at Location; any other is an entry of the model's refresh history.

    The entry has the id of the request, or else is the newest that an API call started since.
    """
    headers = started.response.headers
    details = location_id(headers, "refreshes")
    if details and isinstance(started.body, dict) and set(started.body) - {"notifyOption"}:
        return make.polled("refresh", f"{started.path}{quoted_path(details)}")
    ids = {normalise_guid(text) for text in (details, headers.get("x-ms-request-id", ""), request_id(headers)) if text}
    since = epoch(headers.get("Date", "")) or make.now()

    def pick(body: t.Any) -> t.Any:
        found = objects_of(value_of(body, "value"))
        own = next((one for one in found if normalise_guid(str(value_of(one, "requestId", ""))) in ids), None)
        return own or next((one for one in found if _started_by_api(one, since - _RESOLUTION)), None)

    return make.polled("refresh", started.path, query={"$top": _HISTORY}, pick=pick)


def _started_by_api(refresh: t.Any, since: float) -> bool:
    started = epoch(str(value_of(refresh, "startTime") or ""))
    return "api" in str(value_of(refresh, "refreshType") or "").lower() and bool(started) and started >= since


def _on_capacity(desired: t.Any) -> t.Callable[[t.Any], t.Any]:
    """A ``pick`` for which the state is running while the response has the result of an earlier move."""
    capacity = normalise_guid(str(desired or "")).replace(ZERO_GUID, "")

    def pick(body: t.Any) -> t.Any:
        shown = normalise_guid(str(value_of(body, "capacityId") or "")).replace(ZERO_GUID, "")
        failed = "fail" in str(value_of(body, "status") or value_of(body, "capacityAssignmentProgress") or "").lower()
        return body if failed or shown == capacity else None

    return pick


def _ends(started: StartedOperation, last: str) -> bool:
    return started.path.rpartition("/")[2].lower() == last.lower()


def _location_path(headers: t.Mapping[str, str]) -> str:
    try:
        return urlsplit(headers.get("Location", "")).path.rstrip("/")
    except ValueError:
        return ""
