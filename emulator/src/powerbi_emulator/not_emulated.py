# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""501, in the format of each service, for paths that the emulator does not have.

A 404 would mean that an object is missing.
"""

from __future__ import annotations

import json
import typing as t

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.errors import ServiceError
from powerbi_emulator.exchange import exchange_of
from powerbi_emulator.services import BLOB, FABRIC, GRAPH, KEY_VAULT, POWERBI, service_of

CODE: t.Final = "NotEmulated"
_STATUS: t.Final = 501


class NotEmulatedError(ServiceError):
    """The emulator does not have the path, or not the method of the path."""

    def response(self, request: Request) -> Response:
        exchange_of(request).note(error=CODE)
        method, path = request.method, request.url.path
        service, request_id = service_of(path), exchange_of(request).request_id
        text = f"powerbi-emulator does not have {method} {path}. The service may have it."
        if service is BLOB:
            body = f"<Error><Code>{CODE}</Code><Message>powerbi-emulator does not have it.</Message></Error>"
            return Response(body, _STATUS, {"Content-Type": "application/xml", "x-ms-error-code": CODE})
        content: dict[str, t.Any]
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if service is FABRIC:
            content = {"requestId": request_id, "errorCode": CODE, "message": text, "isRetriable": False}
            headers["x-ms-public-api-error-code"] = CODE
        elif service is POWERBI:
            content = {"error": {"code": CODE, "message": text}}
            headers["X-PowerBI-Error-Info"] = CODE
        elif service is GRAPH:
            content = {"error": {"code": CODE, "message": text, "innerError": {"request-id": request_id}}}
        elif service is KEY_VAULT:
            content = {"error": {"code": CODE, "message": text}}
        else:
            content = {"error": "not_implemented", "error_description": text, "trace_id": request_id}
        return Response(json.dumps(content), _STATUS, headers)


async def answer_not_emulated(request: Request, error: Exception | None = None) -> Response:  # noqa: ARG001
    """The response to a path without a route; for control paths, which belong to no service, a plain 404 or 405."""
    if request.url.path.startswith("/_emulator"):
        return Response(
            json.dumps({"error": "no such control path or method"}), 404, {"Content-Type": "application/json"}
        )
    return NotEmulatedError().response(request)
