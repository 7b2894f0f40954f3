# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Work that the services do after their response, and a way for tests to advance the time."""

from __future__ import annotations

import asyncio
import dataclasses
import typing as t


@dataclasses.dataclass(eq=False)
class _Pending:
    """``due`` in seconds of the event loop's clock."""

    due: float
    action: t.Callable[[], None]
    handle: asyncio.TimerHandle


class Timers:
    """The pending work. Needs a running event loop, except for work that is done at once."""

    def __init__(self) -> None:
        self._pending: list[_Pending] = []

    def later(self, seconds: float, action: t.Callable[[], None]) -> None:
        """Run ``action`` in ``seconds``; at once for 0, so that the next request sees the result."""
        if seconds <= 0:
            action()
            return
        loop = asyncio.get_running_loop()
        self._schedule(loop, loop.time() + seconds, action)

    def advance(self, seconds: float) -> int:
        """Run the work that is due within ``seconds``, in order; the rest is due earlier by it. Returns the number."""
        loop = asyncio.get_running_loop()
        waiting, self._pending = sorted(self._pending, key=lambda one: one.due), []
        done = 0
        for one in waiting:
            one.handle.cancel()
            due = one.due - seconds
            if due <= loop.time():
                one.action()
                done += 1
            else:
                self._schedule(loop, due, one.action)
        return done

    def cancel(self) -> None:
        """Discard all pending work."""
        for one in self._pending:
            one.handle.cancel()
        self._pending.clear()

    def _schedule(self, loop: asyncio.AbstractEventLoop, due: float, action: t.Callable[[], None]) -> None:
        def run() -> None:
            self._pending.remove(pending)
            action()

        pending = _Pending(due, action, loop.call_at(due, run))
        self._pending.append(pending)
