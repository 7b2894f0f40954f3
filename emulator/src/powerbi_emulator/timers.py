# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Work that the services do after they have answered."""

from __future__ import annotations

import asyncio
import typing as t


def later(seconds: float, action: t.Callable[[], None]) -> None:
    """Do ``action`` in ``seconds``; at once for 0, so that tests which don't wait see the end. Needs a running loop."""
    if seconds <= 0:
        action()
    else:
        asyncio.get_running_loop().call_later(seconds, action)
