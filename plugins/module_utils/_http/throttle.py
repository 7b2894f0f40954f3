# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Client-side rate limiting, shared by the threads of a task.

The service throttles per user and endpoint, so a 429 response to one thread applies to all of them. After one, all
threads wait; then requests are spaced, at first below the rate that was refused, then faster with every success.
"""

from __future__ import annotations

import collections
import threading
import typing as t

from .._clock import Clock

_HISTORY = 20  # requests from which the refused rate is taken
_SLOWER = 1.5
_FASTER = 0.9
_LONGEST = 2.0
_SHORTEST = 0.005  # seconds: spacing below this is none


class _Endpoint:
    def __init__(self) -> None:
        self.starts: collections.deque[float] = collections.deque(maxlen=_HISTORY)
        self.next_start = 0.0
        self.spacing = 0.0
        self.refused = 0.0


class Throttle:
    """Spaces the requests of an endpoint. ``endpoint`` is any key that the callers agree on. Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._endpoints: dict[str, _Endpoint] = collections.defaultdict(_Endpoint)

    def wait_for(self, endpoint: str) -> float:
        """Seconds that a request would have to wait now; reserves no slot."""
        with self._lock:
            return max(self._endpoints[endpoint].next_start - self._clock.monotonic(), 0.0)

    def reserve_slot(self, endpoint: str) -> float:
        """Reserve the next slot. Returns the seconds to wait before sending, 0 for an endpoint that never throttled."""
        with self._lock:
            state, now = self._endpoints[endpoint], self._clock.monotonic()
            start = max(now, state.next_start)
            state.next_start = start + state.spacing
            state.starts.append(start)
            return start - now

    def on_throttled(self, endpoint: str, retry_after: float) -> None:
        """After a 429 response: no request is sent within the next ``retry_after`` seconds."""
        with self._lock:
            state, now = self._endpoints[endpoint], self._clock.monotonic()
            if now >= state.refused:  # else one of a burst, of which the first one was counted
                gap = _mean_gap(state.starts) * _SLOWER
                # At such a low rate, the request was not throttled for its rate: no spacing.
                state.spacing = min(max(state.spacing * _SLOWER, gap), _LONGEST) if gap <= _LONGEST else 0.0
            state.refused = max(state.refused, now + retry_after)
            state.next_start = max(state.next_start, state.refused)

    def on_success(self, endpoint: str) -> None:
        """After a response that is not 429: reduce the spacing."""
        with self._lock:
            state = self._endpoints[endpoint]
            if state.spacing:
                state.spacing *= _FASTER
                if state.spacing < _SHORTEST:
                    state.spacing, state.next_start = 0.0, state.refused


def _mean_gap(starts: t.Sequence[float]) -> float:
    return (starts[-1] - starts[0]) / (len(starts) - 1) if len(starts) > 1 else 0.0
