# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Whether to retry, and when: a pure policy. And the end of an ambiguous write, which may have been applied: read the state.

A write is retried only when it is certain that it was not applied: the server can't have received it, or refused it
without processing (429, or 503 with Retry-After). After any other failure, the caller must read the state before it
repeats the write.
"""

from __future__ import annotations

import calendar
import dataclasses
import email.utils
import random
import re
import typing as t

from .._clock import Clock
from .._errors import ApiError, ConflictError, TransportError

THROTTLED = 429
UNAVAILABLE = 503
_TRANSIENT = frozenset((408, 500, 502, 503, 504))
_IDEMPOTENT_METHODS = frozenset(("GET", "HEAD", "OPTIONS", "PUT", "DELETE"))
READBACK_DELAYS = (0.0, 1.0, 3.0)  # seconds: lists may show a new resource late
TRIES = 3  # of a request whose response is lost; the state is read after each
_BLOCKED_UNTIL = re.compile(
    r"until:\s*(\d{1,2})/(\d{1,2})/(\d{4})\s+(\d{1,2}):(\d{2}):(\d{2})\s*([AP]M)", re.IGNORECASE
)
T = t.TypeVar("T")


@dataclasses.dataclass(frozen=True)
class Attempt:
    """The outcome of a try.

    ``number``       of this try, counted from 1
    ``elapsed``      seconds since the first try began
    ``idempotent``   None: by the HTTP method
    ``status``       of the response; None without one
    ``retry_after``  the response's Retry-After in seconds, None without one
    ``sent``         without a response: False only when the server can't have received the request
    ``permanent``    without a response: a retry would fail in the same way (an untrusted certificate, for example)
    ``replayable``   the request's body can be sent again
    """

    number: int
    elapsed: float
    method: str
    idempotent: bool | None = None
    status: int | None = None
    retry_after: float | None = None
    sent: bool = True
    permanent: bool = False
    replayable: bool = True

    @property
    def safe_to_retry(self) -> bool:
        """Whether the request is idempotent, or was certainly not applied."""
        idempotent = self.method.upper() in _IDEMPOTENT_METHODS if self.idempotent is None else self.idempotent
        if self.status is None:
            return idempotent or not self.sent
        return idempotent or self.status == THROTTLED or (self.status == UNAVAILABLE and self.retry_after is not None)


class Decision(t.NamedTuple):
    """``delay`` in seconds before the next try, None to stop; ``reason`` is the reason for stopping, for messages."""

    delay: float | None
    reason: str = ""


@dataclasses.dataclass(frozen=True)
class RetryPolicy:
    """Exponential backoff with jitter, never earlier than Retry-After, within a time budget.

    ``budget``             seconds from the first try to the start of the last (the option ``retry_timeout``); 0: one try
    ``base``, ``cap``      seconds: the first backoff, and the longest
    ``connect_attempts``   tries without a connection: a wrong host name should not use up the whole budget
    ``jitter``             returns numbers in [0, 1)
    """

    budget: float = 300.0
    base: float = 0.5
    cap: float = 30.0
    connect_attempts: int = 4
    jitter: t.Callable[[], float] = random.random

    def decide(self, attempt: Attempt) -> Decision:
        """Try again in ``delay`` seconds, or stop."""
        if attempt.status is not None and attempt.status != THROTTLED and attempt.status not in _TRANSIENT:
            return Decision(None)
        if attempt.status is None and attempt.permanent:
            return Decision(None)
        if not attempt.replayable:
            return Decision(None, "its body can't be sent a second time")
        if not attempt.safe_to_retry:
            return Decision(None, "the service may have done it: it is not repeated unseen")
        if attempt.status is None and not attempt.sent and attempt.number >= self.connect_attempts:
            return Decision(None, f"tried {attempt.number} times within {attempt.elapsed:.0f} s")
        if not self.budget:
            return Decision(None)
        delay = self._delay(attempt)
        left = self.budget - attempt.elapsed
        if delay <= left:
            return Decision(delay)
        if attempt.retry_after and attempt.retry_after > left:
            return Decision(
                None,
                f"the service requires a wait of {attempt.retry_after:.0f} s, and {max(left, 0):.0f} s are left of "
                "`retry_timeout`",
            )
        return Decision(None, f"tried {attempt.number} times, until `retry_timeout` ({self.budget:.0f} s) was used up")

    def _delay(self, attempt: Attempt) -> float:
        if attempt.retry_after:
            return attempt.retry_after + self.jitter() * self.base  # so that many waiting clients don't retry at once
        step = min(self.cap, self.base * 2.0 ** min(attempt.number - 1, 32))
        return float(step / 2 + step / 2 * self.jitter())


def retry_after_seconds(headers: t.Mapping[str, str], now: float) -> float | None:
    """The header Retry-After in seconds from now, never negative; None without a valid one.

    It contains seconds or a date. A date is relative to the response's Date header, else to ``now``, the client's clock in
    seconds since the epoch. ``headers`` is case-insensitive, as in requests.
    """
    value = (headers.get("Retry-After") or "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        until, server_now = _http_date(value), _http_date(headers.get("Date") or "")
        if until is None:
            return None
        seconds = until - (now if server_now is None else server_now)
    return max(seconds, 0.0) if seconds < float("inf") else None


def blocked_seconds(content: bytes, headers: t.Mapping[str, str], now: float) -> float | None:
    """The wait in the text of Fabric's RequestBlocked, "... until: 2/6/2024 12:58:37 PM (UTC)"; None without one.

    Like a date in Retry-After, it is relative to the response's Date header, else to ``now``.
    """
    found = _BLOCKED_UNTIL.search(content.decode("utf-8", "replace"))
    if found is None:
        return None
    month, day, year, hour, minute, second = (int(part) for part in found.groups()[:6])
    hour = hour % 12 + (12 if found[7].upper() == "PM" else 0)
    try:
        until = calendar.timegm((year, month, day, hour, minute, second))
    except (ValueError, OverflowError):
        return None
    server_now = _http_date(headers.get("Date") or "")
    return max(until - (now if server_now is None else server_now), 0.0)


def _http_date(text: str) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def is_lost_response(error: ApiError | TransportError) -> bool:
    """Whether the error does not tell if the request was applied: no usable response, or a server error."""
    return error.sent if isinstance(error, TransportError) else error.status >= 500


def is_ambiguous_write(error: ApiError | TransportError) -> bool:
    """Whether a failed write may have been applied: a lost response, a server error, or an error that it exists already."""
    return is_lost_response(error) or isinstance(error, ConflictError)


def read_back(find: t.Callable[[], T | None], clock: Clock) -> T | None:
    """The result of an ambiguous write, as ``find`` returns it; None if it returns None after all delays."""
    for delay in READBACK_DELAYS:
        clock.sleep(delay)
        found = find()
        if found is not None:
            return found
    return None
