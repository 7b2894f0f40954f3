# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""How the two APIs report the state of a long-running operation: names of states, Fabric's operations, failures."""

from __future__ import annotations

import dataclasses
import time
import typing as t
from urllib.parse import unquote, urlsplit

from ._errors import ApiError, OperationFailedError, TransportError
from ._http.api_errors import to_operation_error
from ._http.failure import read_error
from ._http.hosts import quoted_path
from ._http.response import ApiResponse, printable, value_of
from ._http.retry import retry_after_seconds
from ._operation import Operation, Phase, PollResult

if t.TYPE_CHECKING:
    from ._http.client import Client

# All names of states of the APIs, in lower case. An unknown name counts as running.
PHASES: dict[str, Phase] = {
    **dict.fromkeys(("succeeded", "completed", "completedsuccessfully"), Phase.SUCCEEDED),
    **dict.fromkeys(("failed", "assignmentfailed", "disabled", "timedout", "invalid", "error"), Phase.FAILED),
    **dict.fromkeys(("cancelled", "canceled", "deduped"), Phase.CANCELLED),
}
_STATE_KEYS = ("importState", "status", "state", "capacityAssignmentProgress", "extendedStatus")


def poll_state(
    read: t.Callable[[], ApiResponse], pick: t.Callable[[t.Any], t.Any] = lambda body: body
) -> t.Callable[[], PollResult]:
    """A poll function for resources with a state in a field, which all long-running operations of Power BI have.

    ``read`` sends one request without retries (``budget=0``); ``pick`` selects the resource in the response's body (an
    entry of a list, for example; None while the list does not contain it).
    """

    def poll() -> PollResult:
        response = read()
        thing = pick(response.body)
        word = state_name(thing)
        phase = PHASES.get(word.lower(), Phase.RUNNING)

        def failure(name: str, how: str) -> OperationFailedError:
            failed = read_error(thing, response.headers, secrets=response.origin.secrets())
            return to_operation_error(name, failed, response.origin, thing, word=how)

        pause = retry_after_seconds(response.headers, time.time())
        return PollResult(phase, thing, retry_after=pause, word=printable(word, 60), failure=failure)

    return poll


def fabric_operation(
    client: Client,
    response: ApiResponse,
    *,
    name: str,
    timeout: float,
    find: t.Callable[[], t.Any] = lambda: None,
    **options: t.Any,
) -> Operation:
    """The operation of a response of Fabric with status 202; for other statuses one that has ended, with the response's body.

    Its result is that of Get Operation Result (an item, a definition), None for operations without one. It is polled by
    its id on the configured host, although ``Location`` names a regional one. ``find`` may know the result otherwise,
    which saves the request for it. ``options`` as for Operation. Raises TransportError for a 202 response without an
    operation id.
    """
    if response.status != 202:
        return Operation.finished(response.body, name=name)
    operation_id = response.headers.get("x-ms-operation-id") or location_id(response.headers, "operations")
    if not operation_id:
        raise TransportError(f"The {name} was accepted, but the response has no operation id to poll")
    path = quoted_path("operations", operation_id)

    def poll() -> PollResult:
        state = client.request("GET", path, api="fabric", budget=0)
        seen = poll_state(lambda: state)()
        if seen.phase is not Phase.SUCCEEDED:
            return seen
        return dataclasses.replace(seen, result=find() or _fabric_result(client, path, state))

    first = retry_after_seconds(response.headers, client.sender.clock.time())
    options.setdefault("clock", client.sender.clock)
    return Operation(poll, name=name, timeout=timeout, retry_after=first, **options)


def _fabric_result(client: Client, path: str, state: ApiResponse) -> t.Any:
    """GET /operations/{id}/result, None without a result: operations without one may still have the header Location."""
    if not state.headers.get("Location"):
        return None
    try:
        return client.request("GET", f"{path}/result", api="fabric", budget=0).body
    except ApiError as exc:
        if exc.code == "OperationHasNoResult":
            return None
        raise


def state_name(thing: t.Any) -> str:
    """The name of the state in a resource of either API; empty without one.

    Of several fields, the one with a final state: a refresh that was cancelled has the status Unknown as well.
    """
    words = [word for word in (value_of(thing, key) for key in _STATE_KEYS) if isinstance(word, str) and word]
    return next((word for word in words if word.lower() in PHASES), words[0] if words else "")


def location_id(headers: t.Mapping[str, str], parent: str) -> str:
    """The id at the end of a Location header, ``.../{parent}/{id}``; empty if it does not end so."""
    try:
        segments = urlsplit(headers.get("Location", "")).path.rstrip("/").split("/")
    except ValueError:
        return ""
    return unquote(segments[-1]) if len(segments) > 1 and segments[-2] == parent else ""
