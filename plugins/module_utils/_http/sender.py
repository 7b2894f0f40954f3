# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""A transport with retries, used by msal and the API client."""

from __future__ import annotations

import dataclasses
import threading
import typing as t

from .._clock import Clock, SystemClock
from .._errors import TransportError
from .._progress.activity import QUOTA, RETRY, waiting_for
from .quota import Governor, Slot
from .retry import THROTTLED, Attempt, RetryPolicy, blocked_seconds, retry_after_seconds

if t.TYPE_CHECKING:
    import requests

    from .limits import Endpoint
    from .transport import Transport


@dataclasses.dataclass
class Counters:
    """A task's requests: how many were sent, how many of them were retries, seconds of waiting."""

    requests: int = 0
    retries: int = 0
    waited: float = 0.0


class SendResult(t.NamedTuple):
    """The last response, of any status, and the reason why it was not retried, if a retry might have succeeded."""

    response: requests.Response
    stopped: str
    retry_after: float | None


class RetryingSender:
    """``send`` as in `Transport`, with retries by the policy. Thread-safe."""

    def __init__(
        self,
        transport: Transport,
        policy: RetryPolicy | None = None,
        clock: Clock | None = None,
        governor: Governor | None = None,
    ) -> None:
        self.transport = transport
        self.policy = policy or RetryPolicy()
        self.clock: Clock = clock or SystemClock()
        self.counters = Counters()
        self.governor = governor or Governor(self.clock)
        self._lock = threading.Lock()

    def send(self, method: str, url: str, *, idempotent: bool | None = None, **request: t.Any) -> requests.Response:
        """As ``Transport.send``; the response may still be an error. Raises TransportError, ThrottledError."""
        return self.exchange(method, url, idempotent=idempotent, **request).response

    def exchange(
        self,
        method: str,
        url: str,
        *,
        idempotent: bool | None = None,
        endpoint: Endpoint | None = None,
        budget: float | None = None,
        data: t.Any = None,
        **request: t.Any,
    ) -> SendResult:
        """As ``send``, with the reason why the last try was not retried.

        ``budget`` in seconds replaces the policy's; with 0 there is no retry, and no wait but for the quota.
        ``data`` may be a function that returns a fresh body for each try; a stream is sent only once.
        ``endpoint`` says in which quotas the request counts; None for none.
        """
        policy = self.policy if budget is None else dataclasses.replace(self.policy, budget=budget)
        replayable = callable(data) or not hasattr(data, "read")
        start, number = self.clock.monotonic(), 0
        while True:
            number += 1
            slot = self._wait_for_slot(endpoint, policy.budget, start)
            start += slot.wait if slot.limited else 0.0  # `retry_timeout` is for what the service does
            self._count(requests=1, retries=int(number > 1))
            response: requests.Response | None = None
            failure: TransportError | None = None
            try:
                response = self.transport.send(method, url, data=data() if callable(data) else data, **request)
            except TransportError as exc:
                failure = exc
            attempt = Attempt(
                number,
                self.clock.monotonic() - start,
                method,
                idempotent,
                status=None if response is None else response.status_code,
                retry_after=None if response is None else self._retry_after(response),
                sent=failure is None or failure.sent,
                permanent=failure is not None and not failure.retryable,
                replayable=replayable,
            )
            if endpoint is not None:
                if attempt.status == THROTTLED:
                    self.governor.refused(endpoint, slot, attempt.retry_after or 0.0)
                else:
                    self.governor.answered(endpoint, slot)
            delay, reason = policy.decide(attempt)
            if response is None:
                if delay is None:
                    raise _with_reason(t.cast("TransportError", failure), reason)
            elif delay is None:
                return SendResult(response, reason, attempt.retry_after)
            else:
                response.close()
            self._sleep(delay, QUOTA if attempt.status == THROTTLED else RETRY)

    def _wait_for_slot(self, endpoint: Endpoint | None, budget: float, start: float) -> Slot:
        """Wait until the request may be sent. A request that waits for the quota, and any poll, lets other jobs run meanwhile."""
        if endpoint is None:
            self._sleep(0.0)
            return Slot(start, 0.0, False)
        waited = 0.0
        while True:
            slot = self.governor.reserve(endpoint, budget - (self.clock.monotonic() - start - waited))
            try:
                self._sleep(slot.wait, busy=budget > 0 and not slot.limited)
            except BaseException:  # the job is to stop
                self.governor.release(endpoint, slot)
                raise
            waited += slot.wait if slot.limited else 0.0
            if slot.reserved and (not slot.wait or not self.governor.is_held(endpoint)):
                return slot._replace(wait=waited, limited=waited > 0)
            self.governor.release(endpoint, slot)

    def _retry_after(self, response: requests.Response) -> float | None:
        """The wait that the response requires: by its header, else by the text of a 429."""
        seconds = retry_after_seconds(response.headers, self.clock.time())
        if seconds is None and response.status_code == THROTTLED:
            self.transport.complete(response)
            seconds = blocked_seconds(response.content, response.headers, self.clock.time())
        return seconds

    def _sleep(self, seconds: float, reason: str = QUOTA, *, busy: bool = True) -> None:
        """Busy, as a request that waits for another try still is one. No time: a job that is to stop stops here."""
        if seconds <= 0:
            self.clock.sleep(seconds, busy=busy)
            return
        self._count(waited=seconds)
        with waiting_for(reason):
            self.clock.sleep(seconds, busy=busy)

    def _count(self, **increments: float) -> None:
        with self._lock:
            for name, increment in increments.items():
                setattr(self.counters, name, getattr(self.counters, name) + increment)


def _with_reason(error: TransportError, reason: str) -> TransportError:
    if reason:
        error.why = f"{error.why}; {reason}" if error.why else reason
        error.details["why_stopped"] = reason
    return error
