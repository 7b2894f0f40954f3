# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shared code of the routes under ``/v1.0/myorg``: the caller, Power BI's responses and errors."""

from __future__ import annotations

import json
import typing as t

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.callers import Caller, caller_of
from powerbi_emulator.emulator_state import EmulatorState, emulated_of
from powerbi_emulator.errors import ServiceError
from powerbi_emulator.exchange import exchange_of
from powerbi_emulator.json_text import load_json
from powerbi_emulator.resources import POWERBI_AUDIENCES
from powerbi_emulator.throttling import Throttle
from powerbi_emulator.tokens import TokenRejectedError

PREFIX: t.Final = "/v1.0/myorg"
_CONTENT_TYPE: t.Final = "application/json; odata.metadata=minimal; odata.streaming=true"
_CLUSTER: t.Final = "http://wabi-north-europe-redirect.analysis.windows.net/v1.0/myorg/$metadata#"


class PowerBIError(ServiceError):
    """An error. Without ``code`` the body contains only the message; with ``empty`` there is only the header.

    ``engine_code`` is that of Analysis Services.
    """

    def __init__(
        self,
        status: int,
        code: str = "",
        message: str = "",
        *,
        empty: bool = False,
        detail: str = "",
        engine_code: str = "",
    ) -> None:
        super().__init__(f"{status} {code or message}")
        self.status = status
        self.code = code
        self.message = message
        self.empty = empty
        self.details = {"DetailsMessage": detail, "AnalysisServicesErrorCode": engine_code}

    def response(self, request: Request) -> Response:
        exchange_of(request).note(error=self.code or None)
        headers = {"X-PowerBI-Error-Info": self.code} if self.code else {}
        if self.empty:
            return Response(status_code=self.status, headers=headers)
        if not self.code:
            return _json({"Message": self.message}, self.status, headers)
        error: dict[str, t.Any] = {"code": self.code}
        if self.message:
            error["message"] = self.message
        details = [
            {"code": code, "detail": {"type": 1, "value": value}} for code, value in self.details.items() if value
        ]
        error["pbi.error"] = {"code": self.code, "parameters": {}, "details": details}
        return _json({"error": error}, self.status, headers)


class _TokenExpiredError(PowerBIError):
    """The only error whose body has no ``pbi.error``."""

    def __init__(self) -> None:
        super().__init__(403, "TokenExpired", "Access token has expired, resubmit with a new access token")

    def response(self, request: Request) -> Response:
        exchange_of(request).note(error=self.code)
        body = {"error": {"code": self.code, "message": self.message}}
        return _json(body, self.status, {"X-PowerBI-Error-Info": self.code})


class _ThrottledError(PowerBIError):
    """429: only a message, and Retry-After in seconds."""

    def __init__(self, seconds: int) -> None:
        text = (
            "You have exceeded the amount of requests allowed in the current time frame and further requests "
            f"will fail. Retry in {seconds} seconds."
        )
        super().__init__(429, message=text)
        self.seconds = seconds

    def response(self, request: Request) -> Response:  # noqa: ARG002
        return _json({"message": self.message}, self.status, {"Retry-After": str(self.seconds)})


def throttled(seconds: int) -> PowerBIError:
    """The refusal of a caller who has to wait."""
    return _ThrottledError(seconds)


def caller(request: Request) -> Caller:
    """The caller, from the bearer token. Raises PowerBIError as the service for invalid tokens and throttling.

    A missing or malformed token is a 403 without a body; an expired token and one for another API are a 403 with the
    code TokenExpired.
    """
    emulated = emulated_of(request)
    try:
        found = caller_of(request, POWERBI_AUDIENCES)
    except TokenRejectedError as rejected:
        exchange_of(request).note(token=rejected.reason)
        if rejected.reason in ("expired", "audience"):
            raise _TokenExpiredError from rejected
        code = "" if rejected.reason == "missing" else "InvalidToken"
        raise PowerBIError(403, code, empty=True) from rejected
    if found.is_app and not setting_allows(emulated, found):
        raise PowerBIError(403, message="API is not accessible for application")
    if not found.is_app and not found.licensed:
        raise PowerBIError(401, "PowerBINotLicensedException", empty=True)
    seconds = emulated.store(Throttle).wait(found.object_id, request.url.path)
    if seconds:
        raise _ThrottledError(seconds)
    return found


def entity(content: dict[str, t.Any], context: str, status: int = 200) -> Response:
    """One entity with its OData context (``groups/$entity``)."""
    return _json({"@odata.context": f"{_CLUSTER}{context}", **content}, status)


def collection(values: t.Sequence[dict[str, t.Any]], context: str) -> Response:
    """A list with its OData context and the number of entries in this response."""
    return _json({"@odata.context": f"{_CLUSTER}{context}", "@odata.count": len(values), "value": list(values)})


def plain(content: dict[str, t.Any], status: int = 200) -> Response:
    """JSON without an OData context, as a few operations return it."""
    return _json(content, status)


def empty() -> Response:
    """200 without a body, the response to most writes."""
    return Response(status_code=200)


async def json_object(request: Request) -> dict[str, t.Any]:
    """The request's JSON object. Raises PowerBIError for anything else."""
    try:
        body = load_json(await request.body() or b"null")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise PowerBIError(400, "InvalidRequest", "The request body is not a JSON object.")
    return body


def page(request: Request, values: t.Sequence[dict[str, t.Any]]) -> list[dict[str, t.Any]]:
    """The part of ``values`` for ``$top`` and ``$skip``, at most the switch ``page_size``."""
    limit = int(emulated_of(request).switches.page_size)
    top, skip = _number(request, "$top", limit), _number(request, "$skip", 0)
    return list(values[skip : skip + min(top, limit)])


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit():
        raise PowerBIError(400, "InvalidRequest", f"The value of the query parameter '{name}' is not a whole number.")
    return int(text)


def setting_allows(emulated: EmulatorState, found: Caller, *, fabric: bool = False) -> bool:
    """Whether the tenant settings allow this service principal; the Fabric API has a setting of its own."""
    switches = emulated.switches
    if not switches.service_principals_enabled:
        return False
    if not (switches.service_principals_fabric if fabric else switches.service_principals_powerbi):
        return False
    allowed = switches.service_principals_allowed
    return allowed is None or any(name in allowed for name in found.names)


def _json(content: dict[str, t.Any], status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps(content), status, {**(headers or {}), "Content-Type": _CONTENT_TYPE})
