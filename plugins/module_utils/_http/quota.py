# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""How the quota is kept: requests wait for a slot before they are sent, in all forks of a run and all threads of a task.

The service counts the requests of an identity for each kind of API in fixed windows of 60 seconds. Where these begin is
unknown. So no window of 60 seconds, wherever it begins, may receive more requests than the quota: a request waits until
60 seconds have passed since the one that is a quota before it. A run first sends the whole quota at once and then as
much in every further minute, which is as fast as the service allows.

Between its slot and its response a request may arrive at any time. One that takes longer than a margin is therefore
counted at the time of its response.

APIs have limits of their own besides. The documented ones (`limits.py`) are kept in the same way; the others are learned
from responses with status 429. The endpoint is held until the time in the response. After that, its limit is what the
service accepted since the hold before, in the window that ends with this one. As others may have used up the quota as
well, that limit rises by half after each such window. A further 429 at about the same number of calls confirms it, if they
are not too few; then it rises by a fifth after ten windows without a 429. Above 1,000 calls there is no limit any more.

As learned limits change, slots are reserved for about two windows at most; further requests wait for a window and try to
reserve again. Only what the service itself requires can be longer than the caller's patience: a hold, and a documented
limit of an hour. Slots of requests that are not sent are released.

The state is in the run's private folder, a file for each identity and kind of API or endpoint (`shared_numbers.py`);
without that folder each task has its own.
"""

from __future__ import annotations

import array
import bisect
import contextlib
import hashlib
import math
import typing as t

from .._clock import Clock
from .._errors import ThrottledError
from .limits import HOUR, MINUTE, Endpoint, Limit
from .shared_numbers import Numbers, SharedNumbers

_MARGIN = 0.5  # seconds that a request may be on its way without being counted again at the time of its response
_ROOM = 0.9  # of the quota, up to which optional requests may use it
_LONGEST_WINDOW = 2 * MINUTE  # of a limit that is learned; a longer hold says nothing about a rate
_ABOUT = 10.0  # seconds: a learned window that differs less from a minute is one; latency and rounding are in it
_RISE = 1.5  # of a learned limit, after each window
_SLOW_RISE = 1.2  # of a confirmed one, after _QUIET windows
_QUIET = 10
_FEW = 5  # accepted calls: a limit that is learned from less is never confirmed
_MOST = 1000  # calls a window: a learned limit that rises above is none
_CONFIRMED = 0.8  # of the limit before: a limit that is learned again at that height is the real one
_NOTICE = 5.0  # seconds: longer waits are reported

_THROTTLES = "The service throttles {name}"
_WAITS = (
    "This run waited for the quota of {calls:g} calls a minute of the {kind} APIs: see docs/scaling.md for what shortens it "
    "(`rate_limit` sets another number)."
)


class Slot(t.NamedTuple):
    """When a request may be sent, and the seconds until then; ``limited`` if it waits for a quota of this collection.

    If it is not ``reserved``, the request must reserve again then.
    """

    start: float
    wait: float
    limited: bool
    reserved: bool = True


class _Count:
    """The requests that count in one limit. Times are those of ``Clock.monotonic``, which all processes share.

    ``held``       no request is sent before
    ``limit``      the limit; None if there is none
    ``confirmed``  whether a learned limit does not rise any more
    ``starts``     of the requests in the current window, in order; those in the future wait
    """

    def __init__(self, numbers: Numbers, now: float, limit: Limit | None) -> None:
        held, calls, window, confirmed = numbers[:4] if len(numbers) >= 4 else (0.0, 0.0, 0.0, 0.0)
        self.held = held if math.isfinite(held) else 0.0
        self.confirmed = bool(confirmed)
        self.limit = limit or (Limit(calls, window) if 1 <= calls <= _MOST and 0 < window <= _LONGEST_WINDOW else None)
        oldest = bisect.bisect(numbers, now - max(MINUTE, self.window) - _MARGIN, 4) if len(numbers) > 4 else 4
        self.starts = numbers[oldest:]

    @property
    def window(self) -> float:
        return self.limit.window if self.limit else MINUTE

    def numbers(self) -> Numbers:
        calls, window = self.limit or (0.0, 0.0)
        return array.array("d", (self.held, calls, window, float(self.confirmed))) + self.starts

    def earliest(self) -> float:
        """When the limit has room for another request."""
        if self.limit is None or len(self.starts) < int(self.limit.calls):
            return 0.0
        return self.starts[-int(self.limit.calls)] + self.limit.window + _MARGIN

    def rise(self, now: float) -> None:
        """Raise a learned limit after windows in which it was not exceeded."""
        if self.limit and now >= self.held + self.limit.window * (_QUIET if self.confirmed else 1):
            calls = self.limit.calls * (_SLOW_RISE if self.confirmed else _RISE)
            self.limit = self.limit._replace(calls=calls) if calls <= _MOST else None
            self.held = now

    def refuse(self, start: float, now: float, retry_after: float) -> None:
        """Hold the endpoint after a 429, and learn its limit from what was accepted since the hold before."""
        with contextlib.suppress(ValueError):
            self.starts.remove(start)
        if now < self.held:  # of the same burst: one less was accepted
            if self.limit and self.limit.calls > 1:
                self.limit = self.limit._replace(calls=self.limit.calls - 1)
        else:
            accepted = [other for other in self.starts if self.held <= other <= now]
            window = now - accepted[0] + retry_after if accepted else 0.0
            if accepted and retry_after and window <= _LONGEST_WINDOW:
                enough = max(_FEW, _CONFIRMED * self.limit.calls) if self.limit else math.inf
                self.confirmed = len(accepted) >= enough
                self.limit = Limit(min(len(accepted), _MOST), MINUTE if abs(window - MINUTE) < _ABOUT else window)
        self.held = max(self.held, now + retry_after)


class Governor:
    """Gives the slots of one identity.

    ``directory``  the run's private folder; None: the state is that of this task
    ``identity``   a text that names the service and the identity, whose quota it is, or a function that returns it
    ``rate``       calls a minute for each kind of API; 0: there is no quota, and only 429 responses delay requests
    ``notify``     is called with a text when the task waits for some seconds, once
    """

    def __init__(
        self,
        clock: Clock,
        *,
        directory: str | None = None,
        identity: str | t.Callable[[], str] = "",
        rate: float = 0,
        notify: t.Callable[[str], object] | None = None,
        window: float = MINUTE,
    ) -> None:
        self._clock = clock
        self._quota = Limit(rate, window) if rate else None
        self._identity = identity
        self._numbers = SharedNumbers(directory)
        self._files: dict[str, str] = {}
        self._notify = notify

    def reserve(self, endpoint: Endpoint, patience: float) -> Slot:
        """Reserve the next slot of an endpoint.

        Raises ThrottledError, and reserves none, if the service requires a wait longer than ``patience`` seconds. A wait for
        the quota of a minute, or for a learned limit, may be longer: it is no failure.
        """
        now = self._clock.monotonic()
        with self._numbers.lock(self._file("")):
            counts = self._read(endpoint, now)
            own = counts[endpoint.name]
            if endpoint.own is None:
                own.rise(now)
            required = max(own.held, own.earliest() if endpoint.own and own.window >= HOUR else 0.0)
            if required - now > max(patience, 0.0):
                raise _throttled(endpoint, required - now)
            soonest = max(now, required)
            if endpoint.own is None and own.earliest() > soonest + own.window + _MARGIN:
                slot = Slot(soonest + own.window, soonest + own.window - now, limited=True, reserved=False)
            else:
                start = max(soonest, *(count.earliest() for count in counts.values()))
                slot = Slot(start, start - now, limited=start > soonest)
                for count in counts.values():
                    bisect.insort(count.starts, start)
            for name, count in counts.items():
                self._numbers.write(self._file(name), count.numbers())
        if slot.wait > _NOTICE:
            self.report(endpoint, self._quota if slot.limited and endpoint.kind else None)
        return slot

    def release(self, endpoint: Endpoint, slot: Slot) -> None:
        """Give back the slot of a request that is not sent."""
        now = self._clock.monotonic()
        with self._numbers.lock(self._file("")):
            for name, count in self._read(endpoint, now).items():
                if slot.reserved and slot.start in count.starts:
                    count.starts.remove(slot.start)
                    self._numbers.write(self._file(name), count.numbers())

    def is_held(self, endpoint: Endpoint) -> bool:
        """Whether a response to another request has made the endpoint wait meanwhile."""
        now = self._clock.monotonic()
        with self._numbers.lock(self._file("")):
            return _Count(self._numbers.read(self._file(endpoint.name)), now, endpoint.own).held > now

    def answered(self, endpoint: Endpoint, slot: Slot) -> None:
        """After the response: a request that was on its way for long counts at this time."""
        now = self._clock.monotonic()
        if now - slot.start <= _MARGIN:
            return
        with self._numbers.lock(self._file("")):
            for name, count in self._read(endpoint, now).items():
                if slot.start in count.starts:
                    count.starts.remove(slot.start)
                    bisect.insort(count.starts, now - _MARGIN)
                    self._numbers.write(self._file(name), count.numbers())

    def refused(self, endpoint: Endpoint, slot: Slot, retry_after: float) -> None:
        """After a response with 429: the endpoint is held for ``retry_after`` seconds, for all forks and threads."""
        now = self._clock.monotonic()
        with self._numbers.lock(self._file("")):
            count = self._read(endpoint, now)[endpoint.name]
            count.refuse(slot.start, now, retry_after)
            self._numbers.write(self._file(endpoint.name), count.numbers())
        if retry_after > _NOTICE:
            self.report(endpoint, None)

    def room(self, kind: str) -> float:
        """How many requests that could be sent later as well, such as early polls, a kind of API has room for now."""
        if self._quota is None:
            return math.inf
        now = self._clock.monotonic()
        with self._numbers.lock(self._file("")):
            starts = _Count(self._numbers.read(self._file(kind)), now, self._quota).starts
        return _ROOM * self._quota.calls - len(starts)

    def report(self, endpoint: Endpoint, quota: Limit | None) -> None:
        """Report the first long wait of the task. The text has no times, so that Ansible shows that of 50 forks once."""
        notify, self._notify = self._notify, None
        if notify is not None:
            if quota is not None:
                notify(_WAITS.format(calls=quota.calls, kind=endpoint.kind))
            else:
                notify(f"{_THROTTLES.format(name=endpoint.name)}: this run waited as long as it required.")

    def close(self) -> None:
        """Close the files of the state."""
        self._numbers.close()

    def _read(self, endpoint: Endpoint, now: float) -> dict[str, _Count]:
        """The counts in which a request counts, by name: that of the endpoint, and that of its kind of API."""
        counts = {endpoint.name: _Count(self._numbers.read(self._file(endpoint.name)), now, endpoint.own)}
        if endpoint.kind and self._quota is not None:
            counts[endpoint.kind] = _Count(self._numbers.read(self._file(endpoint.kind)), now, self._quota)
        return counts

    def _file(self, name: str) -> str:
        found = self._files.get(name)
        if found is None:
            if callable(self._identity):
                self._identity = self._identity()
            found = self._files[name] = hashlib.sha256(f"{self._identity}\n{name}".encode()).hexdigest() + ".quota"
        return found


def _throttled(endpoint: Endpoint, wait: float) -> ThrottledError:
    return ThrottledError(
        _THROTTLES.format(name=endpoint.name),
        status=429,
        retry_after=wait,
        why=f"It requires a wait of {wait:.0f} s, which is longer than `retry_timeout` allows",
        remedy="run it later, or raise `retry_timeout`",
    )
