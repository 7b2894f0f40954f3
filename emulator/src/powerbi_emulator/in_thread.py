# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Work that would block the server's event loop."""

from __future__ import annotations

import asyncio
import typing as t

T = t.TypeVar("T")


async def in_thread(function: t.Callable[..., T], *arguments: t.Any) -> T:
    """The function's result, from a thread; from this one where no event loop would be blocked (`in_process`)."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return function(*arguments)
    return await asyncio.to_thread(function, *arguments)
