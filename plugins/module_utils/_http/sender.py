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
from .._errors import ThrottledError, TransportError
from .retry import THROTTLED, Attempt, RetryPolicy, retry_after_seconds
from .throttle import Throttle

if t.TYPE_CHECKING:
    import requests

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
        throttle: Throttle | None = None,
    ) -> None:
        self.transport = transport
        self.policy = policy or RetryPolicy()
        self.clock: Clock = clock or SystemClock()
        self.counters = Counters()
        self._throttle = throttle or Throttle(self.clock)
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
        endpoint: str = "",
        budget: float | None = None,
        data: t.Any = None,
        **request: t.Any,
    ) -> SendResult:
        """As ``send``, with the reason why the last try was not retried.

        ``budget`` in seconds replaces the policy's; with 0 there is no retry and no wait.
        ``data`` may be a function that returns a fresh body for each try; a stream is sent only once.
        ``endpoint`` is the key under which requests are throttled together; empty for no throttling.
        """
        policy = self.policy if budget is None else dataclasses.replace(self.policy, budget=budget)
        replayable = callable(data) or not hasattr(data, "read")
        start, number = self.clock.monotonic(), 0
        while True:
            number += 1
            self._wait_for_turn(endpoint, policy.budget - (self.clock.monotonic() - start))
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
                retry_after=None if response is None else retry_after_seconds(response.headers, self.clock.time()),
                sent=failure is None or failure.sent,
                permanent=failure is not None and not failure.retryable,
                replayable=replayable,
            )
            self._learn(endpoint, attempt)
            delay, reason = policy.decide(attempt)
            if response is None:
                if delay is None:
                    raise _with_reason(t.cast("TransportError", failure), reason)
            elif delay is None:
                return SendResult(response, reason, attempt.retry_after)
            else:
                response.close()
            self._sleep(delay)

    def _wait_for_turn(self, endpoint: str, left: float) -> None:
        if not endpoint:
            self._sleep(0.0)
            return
        wait = self._throttle.wait_for(endpoint)
        if wait > max(left, 0.0):
            raise ThrottledError(
                f"The service throttles {endpoint}",
                status=THROTTLED,
                retry_after=wait,
                why=f"It requires a wait of {wait:.0f} s, which is longer than `retry_timeout` allows",
                remedy="run it later, or raise `retry_timeout`",
            )
        self._sleep(self._throttle.reserve_slot(endpoint))

    def _learn(self, endpoint: str, attempt: Attempt) -> None:
        if endpoint and attempt.status == THROTTLED:
            self._throttle.on_throttled(endpoint, attempt.retry_after or 0.0)
        elif endpoint and attempt.status is not None:
            self._throttle.on_success(endpoint)

    def _sleep(self, seconds: float) -> None:
        """Busy, as a request that waits for another try still is one. No time: a job that is to stop stops here."""
        if seconds > 0:
            self._count(waited=seconds)
        self.clock.sleep(seconds, busy=True)

    def _count(self, **increments: float) -> None:
        with self._lock:
            for name, increment in increments.items():
                setattr(self.counters, name, getattr(self.counters, name) + increment)


def _with_reason(error: TransportError, reason: str) -> TransportError:
    if reason:
        error.why = f"{error.why}; {reason}" if error.why else reason
        error.details["why_stopped"] = reason
    return error
