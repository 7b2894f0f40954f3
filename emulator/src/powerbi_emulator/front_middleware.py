# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Middleware around each request: the log, latency, faults, the service's headers, the clock."""

from __future__ import annotations

import math
import typing as t
import urllib.parse

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from powerbi_emulator.control_guard import refusal
from powerbi_emulator.emulator_state import EmulatorState, StateResetError
from powerbi_emulator.exchange import SCOPE_KEY, Exchange
from powerbi_emulator.fault_player import play, reset_connection
from powerbi_emulator.services import FABRIC, IDENTITY, POWERBI, Service, http_date, service_of

CONTROL_PREFIX = "/_emulator/"


class FrontMiddleware:
    """ASGI middleware. Control routes bypass it: they are neither logged nor subject to faults."""

    def __init__(self, app: ASGIApp, emulated: EmulatorState) -> None:
        self._app = app
        self._emulated = emulated

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")
        if scope["type"] != "http":
            return
        emulated = self._emulated
        emulated.timers.run_due()
        if path.startswith(CONTROL_PREFIX):
            await (refusal(scope) or self._app)(scope, receive, send)
            return
        began = emulated.clock.time()
        service = service_of(path)
        if scope["scheme"] == "http" and service is not IDENTITY:
            await Response("Only managed identities are served without TLS.\n", 404)(scope, receive, send)
            return
        headers = Headers(scope=scope)
        query = [name for name, _ in urllib.parse.parse_qsl(scope["query_string"].decode("latin-1"), True)]
        exchange = Exchange(
            client_request_id=headers.get("client-request-id") or headers.get("x-ms-client-request-id"),
            entry=emulated.log.open(scope["method"], path, query, headers.get("host", "")),
        )
        exchange.note(
            authorization=headers.get("authorization", "").partition(" ")[0].lower() or None,
            client_port=(scope.get("client") or (None, None))[1],  # the same for all requests of a connection
        )
        scope[SCOPE_KEY] = exchange

        recorder = emulated.recorder if service in (POWERBI, FABRIC) else None
        tap = recorder.tap(scope, receive, send) if recorder else None
        if tap:
            receive, send = tap.receive, tap.send

        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.note(status=message["status"], duration=round(emulated.clock.time() - began, 4))
                present = [_in_real_seconds(emulated, *header) for header in message.get("headers", ())]
                names = {name.lower() for name, _ in present}
                ours = [("Date", http_date(emulated.now())), *service.headers(exchange)]
                present += [
                    (name.encode("latin-1"), value.encode("latin-1"))
                    for name, value in ours
                    if name.lower().encode("latin-1") not in names
                ]
                message = {**message, "headers": present}
            await send(message)

        try:
            latency = _latency(emulated, service, scope["method"])
            if latency:
                await emulated.pause(latency)
            fault = emulated.faults.take(scope["method"], path)
            if fault is None:
                await self._app(scope, receive, stamped)
            else:
                await play(fault, self._app, service, exchange, emulated, scope, receive, stamped)
        except StateResetError:
            exchange.note(outcome="dropped by reset")
            await reset_connection(scope, receive)
        finally:
            if recorder and tap:
                recorder.write(tap, exchange)


def _latency(emulated: EmulatorState, service: Service, method: str) -> float:
    switches = emulated.switches
    if service in (POWERBI, FABRIC) and method != "GET" and switches.write_latency is not None:
        return switches.write_latency
    return t.cast("float", getattr(switches, service.latency))


def _in_real_seconds(emulated: EmulatorState, name: bytes, value: bytes) -> tuple[bytes, bytes]:
    """Retry-After in seconds of the client's clock, which is another one with `--time-scale`."""
    if name.lower() != b"retry-after" or not value.isdigit():
        return name, value
    return name, str(math.ceil(emulated.clock.real_seconds(int(value)))).encode()
