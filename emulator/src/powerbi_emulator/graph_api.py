# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shared code of the routes of Microsoft Graph: the caller, ``$select``, ``$filter``, paging, responses and errors."""

from __future__ import annotations

import base64
import binascii
import datetime
import json
import typing as t
import urllib.parse

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from powerbi_emulator.callers import Caller, caller_of
from powerbi_emulator.emulator_state import emulated_of
from powerbi_emulator.errors import ServiceError
from powerbi_emulator.exchange import exchange_of
from powerbi_emulator.json_text import load_json
from powerbi_emulator.odata_filter import FilterError, parse_filter
from powerbi_emulator.resources import GRAPH_AUDIENCES
from powerbi_emulator.tokens import Rejection, TokenRejectedError

PREFIX: t.Final = "/v1.0"
Entity = dict[str, t.Any]

_CONTENT_TYPE: t.Final = (
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
)
_PAGE: t.Final = 100
_LARGEST_PAGE: t.Final = 999
_CHALLENGE: t.Final = (
    'Bearer realm="", authorization_uri="{url}/common/oauth2/authorize", '
    'client_id="00000003-0000-0000-c000-000000000000"'
)
_REJECTIONS: t.Final[dict[Rejection, str]] = {
    "missing": "Access token is empty.",
    "malformed": "IDX14100: JWT is not well formed, there are no dots (.).",
    "signature": "Access token validation failure. Invalid signature.",
    "tenant": "Access token validation failure. Invalid issuer.",
    "expired": "Lifetime validation failed, the token is expired.",
    "audience": "Access token validation failure. Invalid audience.",
}


class GraphError(ServiceError):
    """An error. ``details`` are (code, message, target), as the app management policy returns them."""

    def __init__(self, status: int, code: str, message: str, details: t.Sequence[tuple[str, str, str]] = ()) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.message = message
        self.details = details

    def response(self, request: Request) -> Response:
        exchange, emulated = exchange_of(request), emulated_of(request)
        exchange.note(error=self.code)
        error: Entity = {"code": self.code, "message": self.message}
        if self.details:
            error["details"] = [dict(zip(("code", "message", "target"), item, strict=True)) for item in self.details]
        error["innerError"] = {
            "date": datetime.datetime.fromtimestamp(emulated.now(), tz=datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "request-id": exchange.request_id,
            "client-request-id": exchange.correlation_id,
        }
        headers = {"WWW-Authenticate": _CHALLENGE.format(url=emulated.url)} if self.status == 401 else None
        return JSONResponse({"error": error}, self.status, headers)


def denied() -> GraphError:
    return GraphError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")


def not_found(name: str) -> GraphError:
    message = f"Resource '{name}' does not exist or one of its queried reference-property objects are not present."
    return GraphError(404, "Request_ResourceNotFound", message)


def bad_request(message: str) -> GraphError:
    return GraphError(400, "Request_BadRequest", message)


def caller(request: Request) -> Caller:
    """The caller, from a token for Graph. Raises GraphError 401."""
    try:
        return caller_of(request, GRAPH_AUDIENCES)
    except TokenRejectedError as rejected:
        exchange_of(request).note(token=rejected.reason)
        raise GraphError(401, "InvalidAuthenticationToken", _REJECTIONS[rejected.reason]) from rejected


def has_role(who: Caller, *roles: str) -> bool:
    """Whether one of the application permissions ``roles`` is in the caller's token."""
    return not set(roles).isdisjoint(who.claims.get("roles") or ())


async def json_object(request: Request) -> Entity:
    """The request's JSON object; an empty one for an empty body. Raises GraphError for anything else."""
    try:
        body = load_json(await request.body() or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise GraphError(400, "BadRequest", "Unable to read JSON request payload. Please ensure it is valid JSON.")
    return body


def entity_answer(request: Request, entity: Entity, entity_set: str, kind: str) -> Response:
    """One entity of ``entity_set`` (``applications``), with the properties of ``$select``. ``kind``: its OData type."""
    names = selected(request, entity, kind)
    chosen = f"({','.join(names)})" if names else ""
    context = _context(request, f"{entity_set}{chosen}/$entity")
    return _answer({"@odata.context": context, **_reduced(entity, names)})


def collection_answer(request: Request, entities: t.Iterable[Entity], entity_set: str, kind: str) -> Response:
    """A page (``$top``, ``@odata.nextLink``) of the entities matching ``$filter``, reduced to ``$select``."""
    found = list(entities)
    expression = request.query_params.get("$filter")
    if expression:
        try:
            predicate = parse_filter(expression)
        except FilterError as error:
            raise GraphError(400, "BadRequest", f"Invalid filter clause: {error}.") from error
        found = [one for one in found if predicate(one)]
    names = selected(request, found[0], kind) if found else []
    chosen = f"({','.join(names)})" if names else ""
    body: Entity = {"@odata.context": _context(request, f"{entity_set}{chosen}")}
    first, size = _skip(request), _top(request)
    if first + size < len(found):
        token = base64.urlsafe_b64encode(str(first + size).encode()).decode().rstrip("=")
        query = [(key, value) for key, value in request.query_params.multi_items() if key != "$skiptoken"]
        encoded = urllib.parse.urlencode([*query, ("$skiptoken", token)], safe="$")
        body["@odata.nextLink"] = f"{emulated_of(request).url}{request.url.path}?{encoded}"
    body["value"] = [_reduced(one, names) for one in found[first : first + size]]
    return _answer(body)


def complex_answer(request: Request, value: Entity, kind: str) -> Response:
    """A value without an entity set: the ``passwordCredential`` that an action returns."""
    return _answer({"@odata.context": _context(request, f"microsoft.graph.{kind}"), **value})


def selected(request: Request, entity: Entity, kind: str) -> list[str]:
    """The names in ``$select``. Raises GraphError for a property that the type does not have."""
    names = [name.strip() for name in request.query_params.get("$select", "").split(",") if name.strip()]
    for name in names:
        if name not in entity:
            raise GraphError(
                400,
                "BadRequest",
                "Parsing OData Select and Expand failed: Could not find a property named "
                f"'{name}' on type 'microsoft.graph.{kind}'.",
            )
    return names


def timestamp(epoch: float) -> str:
    """``2031-01-31T12:00:00Z``, with a fraction if there is one."""
    moment = datetime.datetime.fromtimestamp(round(epoch, 3), tz=datetime.UTC)
    return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds").replace("+00:00", "Z")


def parse_time(value: t.Any) -> float:
    """Epoch seconds of an Edm.DateTimeOffset. Raises GraphError."""
    try:
        moment = datetime.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise bad_request(f"Cannot convert the literal '{value}' to the expected type 'Edm.DateTimeOffset'.")
    return moment.timestamp()


def _reduced(entity: Entity, names: t.Sequence[str]) -> Entity:
    return {name: entity[name] for name in names} if names else entity


def _context(request: Request, fragment: str) -> str:
    return f"{emulated_of(request).url}{PREFIX}/$metadata#{fragment}"


def _top(request: Request) -> int:
    text = request.query_params.get("$top", str(_PAGE))
    if not text.isdecimal() or not 1 <= int(text) <= _LARGEST_PAGE:
        raise GraphError(
            400, "Request_UnsupportedQuery", f"Invalid page size specified: '{text}'. Must be between 1 and 999."
        )
    return int(text)


def _skip(request: Request) -> int:
    token = request.query_params.get("$skiptoken")
    if token is None:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (binascii.Error, ValueError):
        raise GraphError(400, "Directory_ExpiredPageToken", "The specified page token value is invalid.") from None


def _answer(content: Entity, status: int = 200) -> Response:
    return Response(json.dumps(content), status, {"Content-Type": _CONTENT_TYPE})
