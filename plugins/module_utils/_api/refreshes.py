# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Refreshes of a semantic model: one at a time, each followed by its own request id.

An enhanced refresh, which needs a workspace on a capacity, has details by table and can be cancelled. A standard one, which
shared capacity has as well, is only an entry of the model's refresh history.
"""

from __future__ import annotations

import typing as t

from .._clock import timestamp
from .._errors import ApiError, ConflictError, TransportError
from .._guid import normalise_guid
from .._http.client import Client
from .._http.hosts import quoted_path
from .._http.response import objects_of, request_id, value_of
from .._http.retry import is_ambiguous_write, read_back
from .._operation import Operation, PollResult
from .._poll_intervals import PollInterval
from .._polling import location_id, poll_state
from .._progress.activity import refreshed
from .imports import epoch
from .semantic_models import SemanticModel
from .workspaces import Workspace

# This collection's words -> the API's
TYPES = {
    "full": "Full",
    "automatic": "Automatic",
    "data_only": "DataOnly",
    "calculate": "Calculate",
    "clear_values": "ClearValues",
    "defragment": "Defragment",
}
COMMIT_MODES = {"transactional": "Transactional", "partial_batch": "PartialBatch"}

_HISTORY = 20  # entries, newest first
_RESOLUTION = 1.0  # seconds, of the header Date
RUNNING = "running"
_NOT_ENDED = ("", "unknown", "inprogress", "notstarted")  # in lower case
_POLL_INTERVAL = PollInterval(first=1.0, steady=10, early=1_000_000, cap=20.0)


class RefreshRequest(t.NamedTuple):
    """The options of a refresh; None is the default of the service. Objects have ``table`` and maybe ``partition``."""

    type: str | None = None
    objects: t.Sequence[t.Mapping[str, str | None]] | None = None
    commit_mode: str | None = None
    max_parallelism: int | None = None
    retry_count: int | None = None
    apply_refresh_policy: bool | None = None

    def names(self) -> list[str]:
        """The options that are set, all of which need an enhanced refresh."""
        return [name for name, value in self._asdict().items() if value not in (None, [])]

    def body(self, *, enhanced: bool) -> dict[str, t.Any]:
        if not enhanced:
            return {"notifyOption": "NoNotification"}
        policy = self.apply_refresh_policy
        if self.commit_mode == "partial_batch":
            policy = False  # the service requires it
        found = {
            "type": TYPES[self.type or "full"],
            "objects": [{key: value for key, value in one.items() if value} for one in self.objects or ()] or None,
            "commitMode": COMMIT_MODES[self.commit_mode] if self.commit_mode else None,
            "maxParallelism": self.max_parallelism,
            "retryCount": self.retry_count,
            "applyRefreshPolicy": policy,
        }
        return {key: value for key, value in found.items() if value is not None}


class Refresh(t.NamedTuple):
    """``id`` is the request id, ``status`` as from `status_of`. ``enhanced``: it has details.

    ``started`` and ``ended`` are epoch seconds, 0 if unknown.
    """

    id: str
    status: str
    started: float
    ended: float
    enhanced: bool

    @property
    def is_running(self) -> bool:
        return self.status == RUNNING and not self.ended


class Refreshes:
    """The refreshes of one semantic model."""

    def __init__(self, client: Client, workspace: Workspace, model: SemanticModel) -> None:
        self._client = client
        self._name = model.name
        self._path = quoted_path("groups", workspace.id, "datasets", model.id, "refreshes")

    def history(self) -> list[Refresh]:
        """GET .../refreshes: the latest, newest first."""
        body = self._client.request("GET", self._path, query={"$top": _HISTORY}).body
        return [_refresh_of(one) for one in objects_of(value_of(body, "value"))]

    def start(self, requested: RefreshRequest, *, enhanced: bool) -> Refresh | None:
        """POST .../refreshes, at most once. None if another refresh is running.

        After a lost response the refresh is searched for in the history. Raises what the client raises.
        """
        sent = self._client.sender.clock.time()
        try:
            answer = self._client.request("POST", self._path, body=requested.body(enhanced=enhanced))
        except ConflictError:
            return None
        except (ApiError, TransportError) as error:
            if not is_ambiguous_write(error):
                raise
            found = read_back(lambda: self._started_since(sent), self._client.sender.clock)
            if found is None:
                raise
            return found
        headers = answer.headers
        identity = location_id(headers, "refreshes") or headers.get("x-ms-request-id", "") or request_id(headers)
        return Refresh(normalise_guid(identity), RUNNING, epoch(headers.get("Date", "")) or sent, 0.0, enhanced)

    def follow(self, refresh: Refresh, *, timeout: float, cancel: bool) -> Operation:
        """The operation to wait for; its result is for `details_of`. ``cancel``: cancel it after ``timeout`` seconds."""
        path = f"{self._path}{quoted_path(refresh.id)}"
        client = self._client

        def own_entry(body: t.Any) -> t.Any:
            return next((one for one in objects_of(value_of(body, "value")) if _refresh_of(one).id == refresh.id), None)

        def details() -> PollResult:
            seen = poll_state(lambda: client.request("GET", path, budget=0))()
            refreshed(details_of(seen.result)["objects"])
            return seen

        if refresh.enhanced:
            read: t.Callable[[], PollResult] = details
        else:
            read = poll_state(lambda: client.request("GET", self._path, query={"$top": _HISTORY}, budget=0), own_entry)
        return Operation(
            read,
            name=f"refresh of {self._name}",
            timeout=timeout,
            clock=client.sender.clock,
            interval=_POLL_INTERVAL,
            cancel=(lambda: client.request("DELETE", path)) if cancel and refresh.enhanced else None,
        )

    def _started_since(self, sent: float) -> Refresh | None:
        newest = next(iter(self.history()), None)
        return newest if newest is not None and newest.started >= sent - _RESOLUTION else None


def details_of(body: t.Any) -> dict[str, t.Any]:
    """What a refresh has done, from its details or its entry of the history: tables and messages."""
    objects, messages = (value_of(body, key) for key in ("objects", "messages"))
    return {
        "objects": [
            {
                "table": str(value_of(one, "table", "")),
                "partition": str(value_of(one, "partition") or ""),
                "status": str(value_of(one, "status", "")).lower(),
            }
            for one in objects_of(objects)
        ],
        "messages": [
            {key: str(value_of(one, key) or "") for key in ("type", "code", "message")} for one in objects_of(messages)
        ],
    }


def status_of(body: t.Any) -> str:
    """running, completed, failed, cancelled, disabled or timedout."""
    words = [str(value_of(body, key) or "").lower() for key in ("extendedStatus", "status")]
    word = next((one for one in words if one not in _NOT_ENDED), "")
    return word or RUNNING


def times_of(body: t.Any) -> dict[str, str]:
    """The keys started and ended, in UTC; empty if unknown."""
    found = {
        key: epoch(str(value_of(body, api) or "")) for key, api in (("started", "startTime"), ("ended", "endTime"))
    }
    return {key: timestamp(value) if value else "" for key, value in found.items()}


def _refresh_of(entry: t.Mapping[str, t.Any]) -> Refresh:
    return Refresh(
        normalise_guid(str(value_of(entry, "requestId") or value_of(entry, "id") or "")),
        status_of(entry),
        epoch(str(value_of(entry, "startTime") or "")),
        epoch(str(value_of(entry, "endTime") or "")),
        str(value_of(entry, "refreshType") or "").lower() == "viaenhancedapi",
    )
