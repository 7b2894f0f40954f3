# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The base of all errors that routes raise: each emulated service has its own bodies for them."""

from __future__ import annotations

import abc

from starlette.requests import Request
from starlette.responses import Response


class ServiceError(Exception, abc.ABC):
    """An error that becomes an HTTP response in the format of its service."""

    @abc.abstractmethod
    def response(self, request: Request) -> Response:
        """The response, without the headers that `front_middleware` adds to all responses of the service."""


async def answer_service_error(request: Request, error: Exception) -> Response:
    """Starlette's exception handler for ServiceError."""
    assert isinstance(error, ServiceError)
    return error.response(request)
