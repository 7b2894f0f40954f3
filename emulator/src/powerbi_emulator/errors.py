# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one kind of error that a route raises: each imitated service has its own bodies for it."""

from __future__ import annotations

import abc

from starlette.requests import Request
from starlette.responses import Response


class ServiceError(Exception, abc.ABC):
    """A refusal that becomes an HTTP answer in the words of the service that gives it."""

    @abc.abstractmethod
    def response(self, request: Request) -> Response:
        """The answer, without the headers that `front_middleware` adds to everything the service says."""


async def answer_service_error(request: Request, error: Exception) -> Response:
    """Starlette's exception handler for ServiceError."""
    assert isinstance(error, ServiceError)
    return error.response(request)
