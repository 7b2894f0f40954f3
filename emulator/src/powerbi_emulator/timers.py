# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Work that the services do after they have answered, and a way for tests to make the time pass."""

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
    """What is still to be done. Needs a running event loop, but not for what is done at once."""

    def __init__(self) -> None:
        self._pending: list[_Pending] = []

    def later(self, seconds: float, action: t.Callable[[], None]) -> None:
        """Do ``action`` in ``seconds``; at once for 0, so that who doesn't wait sees the end."""
        if seconds <= 0:
            action()
            return
        loop = asyncio.get_running_loop()
        self._schedule(loop, loop.time() + seconds, action)

    def advance(self, seconds: float) -> int:
        """Do now what is due within ``seconds``, in order, and the rest so much earlier. Returns how many were done."""
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
        """Forget it all."""
        for one in self._pending:
            one.handle.cancel()
        self._pending.clear()

    def _schedule(self, loop: asyncio.AbstractEventLoop, due: float, action: t.Callable[[], None]) -> None:
        def run() -> None:
            self._pending.remove(pending)
            action()

        pending = _Pending(due, action, loop.call_at(due, run))
        self._pending.append(pending)
