# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The JSON body of a control path, with limits, so that no body can stop the emulator."""

from __future__ import annotations

import json
import math
import typing as t

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from powerbi_emulator.field_checks import FieldError, mapping

BODY: t.Final = "the body"
LARGEST: t.Final = 16 << 20  # bytes
DEEPEST: t.Final = 64  # objects and lists in each other
MOST_VALUES: t.Final = 100_000
_INTEGER: t.Final = 1 << 63


class BodyError(ValueError):
    """The body is not JSON, or exceeds a limit."""


async def control_json(request: Request) -> t.Any:
    """The request's JSON, an empty object for none. Raises ValueError with the field and the allowed values."""
    data = bytearray()
    size = 0
    async for chunk in request.stream():  # to its end: a client that is still sending would not read the response
        size += len(chunk)
        if size <= LARGEST:
            data += chunk
    if size > LARGEST:
        raise BodyError(f"`{BODY}`: expected at most {LARGEST >> 20} MiB, got {size} bytes")
    try:
        value = json.loads(bytes(data) or b"{}", object_pairs_hook=_object)
    except RecursionError:
        raise _too_deep() from None
    except FieldError:
        raise
    except ValueError as error:
        raise BodyError(f"`{BODY}`: expected JSON: {error}") from error
    _check_values(value)
    return value


async def control_object(request: Request, known: t.Collection[str] | None = None) -> dict[str, t.Any]:
    """The request's JSON object; with ``known`` other fields are an error."""
    return mapping(BODY, await control_json(request), known)


async def answer_wrong_control_request(request: Request, error: Exception) -> Response:  # noqa: ARG001
    """Starlette's exception handler for FieldError and BodyError, which only control paths raise."""
    return JSONResponse({"error": str(error)}, 400)


def _object(pairs: list[tuple[str, t.Any]]) -> dict[str, t.Any]:
    made: dict[str, t.Any] = {}
    for name, value in pairs:
        if name in made:
            raise FieldError(name[:100], "each field once in an object", "a duplicate field")
        made[name] = value
    return made


def _check_values(value: t.Any) -> None:
    """Reject values that no response, header or clock can represent: NaN, infinities, unpaired surrogates."""
    todo: list[tuple[str, t.Any, int]] = [("", value, 0)]
    count = 0
    while todo:
        name, value, depth = todo.pop()
        count += 1
        if count > MOST_VALUES:
            raise BodyError(f"`{BODY}`: expected at most {MOST_VALUES} values")
        if isinstance(value, (dict, list)):
            if depth >= DEEPEST:
                raise _too_deep()
            if isinstance(value, dict):
                for key, item in value.items():
                    _check_text(name or BODY, key)
                    todo.append((f"{name}.{key[:100]}" if name else key[:100], item, depth + 1))
            else:
                todo += [(f"{name}[{index}]", item, depth + 1) for index, item in enumerate(value)]
        elif isinstance(value, float) and not math.isfinite(value):
            raise FieldError(name or BODY, "a finite number", value)
        elif isinstance(value, int) and not -_INTEGER <= value < _INTEGER:
            raise BodyError(f"`{name or BODY}`: expected a number that fits 64 bits")
        elif isinstance(value, str):
            _check_text(name or BODY, value)


def _check_text(name: str, value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise FieldError(name, "text that UTF-8 can hold (no half of a surrogate pair)", value) from None


def _too_deep() -> BodyError:
    return BodyError(f"`{BODY}`: expected at most {DEEPEST} objects and lists in each other")
