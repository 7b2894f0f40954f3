# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Applies a fault: around the app, or on the connection itself for faults below HTTP."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import socket
import struct
import typing as t

from starlette.types import ASGIApp, Receive, Scope, Send

from powerbi_emulator.emulator_state import EmulatorState
from powerbi_emulator.entra_errors import entra_error_body
from powerbi_emulator.exchange import Exchange
from powerbi_emulator.fault_bodies import api_body, coded_body, failed_operation
from powerbi_emulator.faults import Fault
from powerbi_emulator.services import LOGIN, Service

_DRIP_TICK: t.Final = 0.05  # seconds between two pieces of a slow response
_CODES_OF_STATUS: t.Final = {429: 90055, 500: 50000, 502: 90033, 503: 90033, 504: 90033}


@dataclasses.dataclass
class _Answer:
    status: int = 200
    headers: list[tuple[bytes, bytes]] = dataclasses.field(default_factory=list)
    body: bytes = b""

    def set_header(self, name: str, value: str) -> None:
        key = name.lower().encode("latin-1")
        self.headers = [item for item in self.headers if item[0].lower() != key]
        self.headers.append((key, value.encode("latin-1")))


async def play(
    fault: Fault,
    app: ASGIApp,
    service: Service,
    exchange: Exchange,
    emulated: EmulatorState,
    scope: Scope,
    receive: Receive,
    send: Send,
) -> None:
    """Respond to one request as ``fault`` defines. Raises StateResetError if the state was reset during its delay."""
    exchange.note(fault=fault.id)
    if fault.delay:
        await emulated.pause(fault.delay)
    if fault.reset == "before":
        exchange.note(outcome="reset before")
        await reset_connection(scope, receive)
        return
    answer = _Answer()
    if fault.acted or not fault.replaces:
        answer = await _run(app, scope, receive)
    if fault.reset == "after":
        exchange.note(outcome="reset after")
        await reset_connection(scope, receive)
        return
    if fault.replaces:
        answer = _replacement(fault, service, exchange, emulated.now())
    for name, value in fault.headers.items():
        answer.set_header(name, value)
    await _send(answer, fault, exchange, emulated, scope, receive, send)


async def _run(app: ASGIApp, scope: Scope, receive: Receive) -> _Answer:
    """Let the app process the request, and keep its response."""
    answer = _Answer()

    async def collect(message: t.MutableMapping[str, t.Any]) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = list(message.get("headers", ()))
        elif message["type"] == "http.response.body":
            answer.body += message.get("body", b"")

    await app(scope, receive, collect)
    return answer


def _replacement(fault: Fault, service: Service, exchange: Exchange, now: float) -> _Answer:
    """The service's body for that status, unless the rule has its own body. ``now`` is the time in error bodies."""
    answer = _Answer(status=fault.status or 200)
    if fault.aadsts is not None or (fault.body is None and service is LOGIN and answer.status >= 400):
        code = fault.aadsts or _CODES_OF_STATUS.get(answer.status, 90033)
        exchange.note(aadsts=code)
        status, content = entra_error_body(code, exchange, now)
        answer.status = fault.status or status
        body: str | None = json.dumps(content)
    elif fault.body is None and fault.operation_error is not None:
        body = failed_operation(fault.operation_error, exchange, now)
    elif fault.body is None and fault.code is not None:
        answer.status = fault.status or 400
        body = coded_body(service, exchange, answer.status, fault.code)
        exchange.note(error=fault.code)
    elif fault.body is None:
        body = api_body(service, exchange, now, answer.status, fault.headers)
    else:
        body = fault.body
    if body:
        answer.body = body.encode()
        may_be_json = body.lstrip()[:1] in "{["
        answer.set_header("content-type", "application/json; charset=utf-8" if may_be_json else "text/html")
    answer.set_header("content-length", str(len(answer.body)))
    return answer


async def _send(
    answer: _Answer,
    fault: Fault,
    exchange: Exchange,
    emulated: EmulatorState,
    scope: Scope,
    receive: Receive,
    send: Send,
) -> None:
    body = answer.body
    if fault.truncate is not None:
        keep = len(body) // 2 if fault.truncate < 0 else min(fault.truncate, len(body))
        if keep == len(body):  # an empty body can be truncated as well: Content-Length is larger than the body
            answer.set_header("content-length", str(len(body) + 1))
        body = body[:keep]
        exchange.note(outcome="truncated")
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    if fault.drip:
        size = max(1, int(fault.drip * _DRIP_TICK))
        for start in range(0, len(body), size):
            await send({"type": "http.response.body", "body": body[start : start + size], "more_body": True})
            await emulated.clock.pause(size / fault.drip)
        body = b""
    if fault.truncate is None:
        await send({"type": "http.response.body", "body": body})
        return
    await send({"type": "http.response.body", "body": body, "more_body": True})
    scope["state"]["transport"].close()
    await _until_disconnected(receive)


async def reset_connection(scope: Scope, receive: Receive) -> None:
    """End the connection with a TCP RST: closing a socket with a linger time of zero sends one."""
    transport: asyncio.Transport = scope["state"]["transport"]
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await _until_disconnected(receive)


async def _until_disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
