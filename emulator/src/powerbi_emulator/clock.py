# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one clock of an emulator. Operations, quota windows, tokens, timestamps and latencies all follow it."""

from __future__ import annotations

import abc
import asyncio
import collections.abc
import contextlib
import time
import types
import typing as t

from powerbi_emulator.field_checks import CENTURY, FieldError


class Clock(abc.ABC):
    """Seconds, as floats."""

    @abc.abstractmethod
    def time(self) -> float:
        """Seconds since the epoch."""

    @abc.abstractmethod
    async def pause(self, seconds: float) -> None:
        """Return after that many seconds, or as soon as the clock is restarted."""

    @abc.abstractmethod
    def advance(self, seconds: float) -> None:
        """Move the clock forward at once; pauses that end in that time end now. Raises FieldError for too much."""

    @abc.abstractmethod
    def restart(self) -> None:
        """Undo what `advance` did, where this clock can go back."""

    def real_seconds(self, seconds: float) -> float:
        """For how many seconds of its own a client has to wait until this clock has moved by ``seconds``."""
        return seconds


class ScaledClock(Clock):
    """``scale`` seconds pass in each second of the machine. With 0, it only moves by `advance`."""

    def __init__(self, scale: float = 1.0) -> None:
        self._scale = scale
        self._start, self._real_start = time.time(), time.monotonic()
        self._advanced = 0.0
        self._restarts = 0
        self._changed: set[asyncio.Event] = set()

    def time(self) -> float:
        return self._start + (time.monotonic() - self._real_start) * self._scale + self._advanced

    async def pause(self, seconds: float) -> None:
        until, restarts, changed = self.time() + seconds, self._restarts, asyncio.Event()
        self._changed.add(changed)
        try:
            while (left := until - self.time()) > 0 and self._restarts == restarts:
                changed.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), left / self._scale if self._scale else None)
        finally:
            self._changed.discard(changed)

    def advance(self, seconds: float) -> None:
        if self._advanced + seconds > CENTURY:
            raise FieldError("seconds", f"{CENTURY - self._advanced:g} at most until the next reset", seconds)
        self._advanced += seconds
        self._notify()

    def restart(self) -> None:
        self._advanced = 0.0
        self._restarts += 1
        self._notify()

    def real_seconds(self, seconds: float) -> float:
        return seconds / self._scale if self._scale else seconds

    def _notify(self) -> None:
        for changed in self._changed:
            changed.set()


class SharedClock(Clock):
    """A clock of other code in this process, such as the client under test.

    A pause is left to the client that sent the request, as its own waiting time (`in_process`).
    """

    def __init__(self, now: t.Callable[[], float], move: t.Callable[[float], None]) -> None:
        self._now = now
        self._move = move

    def time(self) -> float:
        return self._now()

    async def pause(self, seconds: float) -> None:
        await _suspend(seconds)

    def advance(self, seconds: float) -> None:
        self._move(seconds)

    def restart(self) -> None:
        pass


@types.coroutine
def _suspend(seconds: float) -> collections.abc.Generator[float, None, None]:
    yield seconds
