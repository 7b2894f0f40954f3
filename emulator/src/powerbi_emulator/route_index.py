# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""An index of the routes by the path's first segments, which reduces the number of regular expressions to try."""

from __future__ import annotations

import collections.abc
import re
import typing as t

from starlette.requests import Request
from starlette.routing import Match, Route, Router
from starlette.types import Receive, Scope, Send

from powerbi_emulator.not_emulated import answer_not_emulated

_DEPTH = 5  # segments in the index; the fifth is a workspace's collection in /v1/workspaces/{id}/{collection}
_ANY = "*"
# Below these the names in a path are case-insensitive; the longer prefix first.
_ANY_CASE: t.Final = ("/v1.0/myorg/", "/v1/")
_GRAPH: t.Final = re.compile(r"/+")


class IndexedRouter(Router):
    """Starlette's router, reduced to the routes whose literal segments match, in their order.

    For each combination of literal segments there is a router with the remaining routes. The response to a path without
    a route is 501.
    """

    def __init__(self, routes: collections.abc.Sequence[Route]) -> None:
        super().__init__(list(routes), redirect_slashes=False)
        self._segments = [(route, route.path.split("/")) for route in routes]
        self._literals = [
            {segments[index] for _, segments in self._segments if len(segments) > index} for index in range(_DEPTH)
        ]
        self._spellings = {prefix: _spellings(prefix, routes) for prefix in _ANY_CASE}
        self._narrowed: dict[tuple[int, tuple[str, ...]], Router] = {}

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["path"] = self._usual(scope["path"])
        segments = scope["path"].split("/")
        known = tuple(
            segment if segment in self._literals[index] else _ANY for index, segment in enumerate(segments[:_DEPTH])
        )
        key = len(segments), known
        router = self._narrowed.get(key)
        if router is None:
            fitting = [route for route, pattern in self._segments if _fits(pattern, key)]
            router = self._narrowed[key] = Router(fitting, redirect_slashes=False)
        if not any(route.matches(scope)[0] is Match.FULL for route in router.routes):
            await (await answer_not_emulated(Request(scope, receive)))(scope, receive, send)
            return
        await router.app(scope, receive, send)

    def _usual(self, path: str) -> str:
        """The path in the spelling of the routes: Fabric and Power BI ignore case, Graph accepts doubled slashes."""
        for prefix in _ANY_CASE:
            if path.startswith(prefix):
                spellings, segments = self._spellings[prefix], path.split("/")
                for index, segment in enumerate(segments):
                    segments[index] = spellings.get((index, segment.lower()), segment)
                return "/".join(segments)
        return _GRAPH.sub("/", path) if path.startswith(("/v1.0/", "/beta/")) else path


def _spellings(prefix: str, routes: collections.abc.Sequence[Route]) -> dict[tuple[int, str], str]:
    """The spelling of a segment in routes, by its position and lower case."""
    return {
        (index, segment.lower()): segment
        for route in routes
        if route.path.startswith(prefix)
        for index, segment in enumerate(route.path.split("/"))
        if "{" not in segment
    }


def _fits(pattern: list[str], key: tuple[int, tuple[str, ...]]) -> bool:
    count, known = key
    open_ended = any(segment.endswith(":path}") for segment in pattern)
    if len(pattern) != count and not open_ended:
        return False
    return all("{" in expected or expected == found for expected, found in zip(pattern, known, strict=False))
