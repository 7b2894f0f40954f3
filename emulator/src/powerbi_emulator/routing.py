# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A group of routes, one per file in ``routes/``: its routes, their stores, and variables for ``D/env``."""

from __future__ import annotations

import dataclasses
import typing as t

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from powerbi_emulator.emulator_state import EmulatorState, Store

Handler = t.Callable[[Request], t.Awaitable[Response]]


@dataclasses.dataclass(frozen=True)
class RouteGroup:
    """``stores`` are built in the order of the groups.

    ``environment`` adds variables to ``D/env``; ``identity_environment`` adds those of another kind of host or
    pipeline, under a heading, to ``D/identity.env``.
    """

    name: str
    routes: list[Route]
    stores: tuple[type[Store], ...] = ()
    environment: t.Callable[[EmulatorState], dict[str, str]] | None = None
    identity_environment: t.Callable[[EmulatorState], dict[str, dict[str, str]]] | None = None


def route(path: str, methods: str, handler: Handler) -> Route:
    """A route: ``methods`` separated by blanks. HEAD is not added, as the services don't support it."""
    made = Route(path, handler, methods=methods.split())
    made.methods = set(methods.split())
    return made
