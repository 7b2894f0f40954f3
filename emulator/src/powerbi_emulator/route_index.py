# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finding a route among hundreds: by the path's first segments, before any regular expression is tried."""

from __future__ import annotations

import collections.abc

from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

_DEPTH = 5  # segments that are looked at; the fifth is a workspace's collection in /v1/workspaces/{id}/{collection}
_ANY = "*"


class IndexedRouter(Router):
    """Starlette's router, narrowed to the routes whose literal segments fit. Their order still decides.

    For each combination of segments that routes have literally there is a router with the few that remain.
    """

    def __init__(self, routes: collections.abc.Sequence[Route]) -> None:
        super().__init__(list(routes), redirect_slashes=False)
        self._segments = [(route, route.path.split("/")) for route in routes]
        self._literals = [
            {segments[index] for _, segments in self._segments if len(segments) > index} for index in range(_DEPTH)
        ]
        self._narrowed: dict[tuple[int, tuple[str, ...]], Router] = {}

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        segments = scope["path"].split("/")
        known = tuple(
            segment if segment in self._literals[index] else _ANY for index, segment in enumerate(segments[:_DEPTH])
        )
        key = len(segments), known
        router = self._narrowed.get(key)
        if router is None:
            fitting = [route for route, pattern in self._segments if _fits(pattern, key)]
            router = self._narrowed[key] = Router(fitting, redirect_slashes=False)
        await router.app(scope, receive, send)


def _fits(pattern: list[str], key: tuple[int, tuple[str, ...]]) -> bool:
    count, known = key
    open_ended = any(segment.endswith(":path}") for segment in pattern)
    if len(pattern) != count and not open_ended:
        return False
    return all("{" in expected or expected == found for expected, found in zip(pattern, known, strict=False))
