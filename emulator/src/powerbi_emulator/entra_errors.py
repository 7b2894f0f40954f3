# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Entra ID's errors: raised by code, returned with the service's body."""

from __future__ import annotations

import datetime
import json
import typing as t

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from powerbi_emulator.emulator_state import emulated_of
from powerbi_emulator.entra_catalogue import CATALOGUE, request_error
from powerbi_emulator.errors import ServiceError
from powerbi_emulator.exchange import Exchange, exchange_of
from powerbi_emulator.guids import ZERO_GUID

# placeholders for facts that a fault with a code does not have
_UNKNOWN: t.Final = "unknown"


class _Facts(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return _UNKNOWN


class EntraError(ServiceError):
    """An error by code; ``facts`` fill the placeholders of its message. None of them may be a secret."""

    def __init__(self, code: int, **facts: str) -> None:
        super().__init__(f"AADSTS{code}")
        self.code = code
        self.facts = facts

    def response(self, request: Request) -> Response:
        exchange = exchange_of(request)
        exchange.note(aadsts=self.code)
        status, body = entra_error_body(self.code, exchange, emulated_of(request).now(), self.facts)
        return JSONResponse(body, status)


def entra_error_body(
    code: int, exchange: Exchange, now: float, facts: t.Mapping[str, str] | None = None
) -> tuple[int, dict[str, t.Any]]:
    """HTTP status and JSON body for a code, keys in Entra ID's order. An unknown code is a 400."""
    entry = CATALOGUE.get(code) or request_error("The request was rejected by a fault of the emulator's user.")
    timestamp = datetime.datetime.fromtimestamp(now, tz=datetime.UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    text = entry.message.format_map(_Facts(facts or {}))
    body: dict[str, t.Any] = {
        "error": entry.error,
        "error_description": f"AADSTS{code}: {text} Trace ID: {exchange.request_id} "
        f"Correlation ID: {exchange.correlation_id} Timestamp: {timestamp}",
        "error_codes": [code],
        "timestamp": timestamp,
        "trace_id": exchange.request_id,
        "correlation_id": exchange.correlation_id,
        "error_uri": f"https://login.microsoftonline.com/error?code={code}",
    }
    if entry.suberror:
        body["suberror"] = entry.suberror
    if entry.suberror == "basic_action":
        body["claims"] = json.dumps({"access_token": {"capolids": {"essential": True, "values": [ZERO_GUID]}}})
    return entry.status, body
