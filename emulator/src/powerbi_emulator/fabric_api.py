# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shared code of the routes under ``/v1``: the caller, the workspace of a path, Fabric's responses and errors."""

from __future__ import annotations

import base64
import datetime
import json
import typing as t
import uuid

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.callers import Caller, caller_of
from powerbi_emulator.emulator_state import emulated_of
from powerbi_emulator.errors import ServiceError
from powerbi_emulator.exchange import exchange_of
from powerbi_emulator.guids import is_guid
from powerbi_emulator.json_text import load_json
from powerbi_emulator.powerbi_api import setting_allows
from powerbi_emulator.resources import POWERBI_AUDIENCES
from powerbi_emulator.state.workspaces import Workspace, Workspaces
from powerbi_emulator.throttling import Throttle
from powerbi_emulator.tokens import TokenRejectedError

PREFIX: t.Final = "/v1"
_CONTENT_TYPE: t.Final = "application/json; charset=utf-8"
_NO_BODY: t.Final = {"Content-Type": "application/octet-stream"}

T = t.TypeVar("T")


class Related(t.NamedTuple):
    """The resource of an error: ``relatedResource``."""

    type: str
    id: str

    def to_json(self) -> dict[str, str]:
        return {"resourceId": self.id, "resourceType": self.type}


class FabricError(ServiceError):
    """An error. ``details`` are further (code, message) pairs; ``retry_after`` in seconds.

    ``related`` is the error's resource, ``related_details`` are further ones without codes.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: t.Sequence[tuple[str, str]] = (),
        retriable: bool | None = None,
        retry_after: int | None = None,
        related: Related | None = None,
        related_details: t.Sequence[Related] = (),
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.retriable = retriable
        self.retry_after = retry_after
        self.related = related
        self.related_details = related_details

    def body(self, request_id: str) -> dict[str, t.Any]:
        """The ErrorResponse, for a response or for a failed operation."""
        content: dict[str, t.Any] = {"requestId": request_id, "errorCode": self.code}
        details: list[dict[str, t.Any]] = [{"errorCode": code, "message": message} for code, message in self.details]
        details += [{"relatedResource": one.to_json()} for one in self.related_details]
        if details:
            content["moreDetails"] = details
        content["message"] = self.message
        if self.related is not None:
            content["relatedResource"] = self.related.to_json()
        if self.retriable is not None:
            content["isRetriable"] = self.retriable
        return content

    def response(self, request: Request) -> Response:
        exchange = exchange_of(request)
        exchange.note(error=self.code)
        headers = {"x-ms-public-api-error-code": self.code}
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        return answer(self.body(exchange.request_id), self.status, headers)


def caller(request: Request) -> Caller:
    """The caller. Raises FabricError: 401 for an invalid token, 429 RequestBlocked for too many requests."""
    emulated = emulated_of(request)
    try:
        found = caller_of(request, POWERBI_AUDIENCES)
    except TokenRejectedError as rejected:
        exchange_of(request).note(token=rejected.reason)
        if rejected.reason == "expired":
            text = "Access token has expired, resubmit with a new access token"
            raise FabricError(401, "TokenExpired", text) from rejected
        raise FabricError(401, "Unauthorized", "The caller is not authenticated to access this resource") from rejected
    if found.is_app and not setting_allows(emulated, found, fabric=True):
        raise FabricError(401, "Unauthorized", "The caller is not authenticated to access this resource")
    if not found.is_app and emulated.switches.insufficient_scopes:
        raise FabricError(403, "InsufficientScopes", "The caller does not have the scopes that the operation needs.")
    seconds = emulated.store(Throttle).wait(found.object_id, request.url.path)
    if seconds:
        moment = datetime.datetime.fromtimestamp(emulated.now() + seconds, tz=datetime.UTC)
        until = f"{moment.month}/{moment.day}/{moment.year} {moment.hour % 12 or 12}:{moment:%M:%S %p}"
        text = f"Request is blocked by the upstream service until: {until} (UTC)"
        raise FabricError(429, "RequestBlocked", text, retriable=True, retry_after=seconds)
    return found


def workspace_of(request: Request, role: str = "Viewer") -> tuple[Workspace, Caller]:
    """The workspace of ``{workspace_id}`` in the path, for a caller with ``role`` there.

    Raises FabricError: 404 for an unknown id or a caller without a role, 403 for a role with too few permissions.
    """
    who = caller(request)
    if emulated_of(request).switches.inbound_policy:
        text = "Request is denied due to inbound communication policy"
        raise FabricError(403, "RequestDeniedByInboundPolicy", text)
    workspace = emulated_of(request).store(Workspaces).find(request.path_params["workspace_id"])
    if workspace is None or not workspace.allows(who, "Viewer"):
        raise FabricError(404, "WorkspaceNotFound", "The requested workspace was not found.")
    if not workspace.allows(who, role):
        text = f"The caller does not have sufficient workspace permissions: it needs the role {role}."
        raise FabricError(403, "InsufficientPrivileges", text)
    return workspace, who


def answer(content: t.Any, status: int = 200, headers: t.Mapping[str, str] | None = None) -> Response:
    """``content`` as JSON; None is the literal ``null`` that accepted operations have."""
    return Response(json.dumps(content), status, {**(headers or {}), "Content-Type": _CONTENT_TYPE})


def created(request: Request, content: dict[str, t.Any], path: str) -> Response:
    """201 with the Location of the created resource, ``path`` below /v1. Items have none."""
    return answer(content, 201, {"Location": f"{emulated_of(request).url}{PREFIX}{path}"})


def done() -> Response:
    """200 without a body."""
    return Response(status_code=200, headers=_NO_BODY)


def accepted(headers: t.Mapping[str, str] | None = None) -> Response:
    """202 without a body or an operation: its progress is in the resource, which Location may name."""
    return Response(status_code=202, headers={**_NO_BODY, **(headers or {})})


def page(request: Request, values: t.Sequence[T], to_json: t.Callable[[T], dict[str, t.Any]]) -> Response:
    """The page of ``continuationToken``, at most ``page_size`` long; the last has no link to a next one."""
    emulated, token = emulated_of(request), request.query_params.get("continuationToken")
    start = _start(token) if token else 0
    end = start + int(emulated.switches.page_size)
    content: dict[str, t.Any] = {"value": [to_json(one) for one in values[start:end]]}
    if end < len(values):
        following = base64.b64encode(json.dumps({"skip": end}).encode()).decode()
        content["continuationToken"] = following
        url = request.url.include_query_params(continuationToken=following)
        content["continuationUri"] = f"{emulated.url}{url.path}?{url.query}"
    return answer(content)


def _start(token: str) -> int:
    try:
        return int(json.loads(base64.b64decode(token, validate=True))["skip"])
    except (ValueError, KeyError, TypeError) as error:
        raise FabricError(400, "InvalidParameter", "The continuation token is not valid.") from error


async def json_object(request: Request) -> dict[str, t.Any]:
    """The request's JSON object. Raises FabricError for anything else."""
    try:
        body = load_json(await request.body() or b"null")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise bad_request("The request body is not a JSON object.")
    return body


def bad_request(problem: str) -> FabricError:
    """400 with the problem in ``moreDetails``, as Fabric reports a request that violates the contract."""
    return FabricError(400, "InvalidInput", "The request has an invalid input", details=[("InvalidParameter", problem)])


def text_of(body: t.Mapping[str, t.Any], key: str, longest: int, *, required: bool = False) -> str | None:
    """A text of at most ``longest`` characters; None when absent. Raises FabricError."""
    value = body.get(key)
    if value is None and not required:
        return None
    if not isinstance(value, str) or (required and not value.strip()) or len(value) > longest:
        raise bad_request(f"The {key} field must be a string with a maximum length of {longest}.")
    return value


def guid_of(body: t.Mapping[str, t.Any], key: str, *, required: bool = False) -> str | None:
    """A GUID in lower case; None when absent or null. Raises FabricError."""
    value = body.get(key)
    if value is None and not required:
        return None
    if not isinstance(value, str) or not is_guid(value):
        raise bad_request(f"The {key} field must be a GUID.")
    return value.lower()


def new_id() -> str:
    return str(uuid.uuid4())
