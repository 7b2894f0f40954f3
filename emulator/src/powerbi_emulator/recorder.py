# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""``--record FILE``: the requests to Power BI and Fabric and their responses, as JSON lines without secrets.

``python -m powerbi_emulator.conformance FILE`` compares such a file with the official documents.
"""

from __future__ import annotations

import json
import os
import re
import typing as t
import urllib.parse
from pathlib import Path

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from powerbi_emulator.exchange import Exchange

_LARGEST: t.Final = 8 << 20  # bytes of a body that is recorded
_SECRET: t.Final = re.compile(
    r"password|secret$|^secret|secretText|privateKey|passphrase|^key$|^keys$|^credentials$|encryptedCredentials|"
    r"^(?!continuation).*token$|identityBlob",
    re.IGNORECASE,
)
LEFT_OUT: t.Final = "(left out)"


class Recorder:
    """Appends a line for each exchange to ``path``, which only its owner can read."""

    def __init__(self, path: Path) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._file = os.fdopen(descriptor, "w", encoding="utf-8")

    def tap(self, scope: Scope, receive: Receive, send: Send) -> Tap:
        return Tap(scope, receive, send)

    def write(self, tap: Tap, exchange: Exchange) -> None:
        """Record a completed exchange; one without a response, after a reset, is not recorded."""
        if tap.status is not None:
            self._file.write(json.dumps(tap.line(exchange)) + "\n")
            self._file.flush()


class Tap:
    """Records one request and its response while they are transferred."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self.status: int | None = None
        self._headers: list[tuple[str, str]] = []
        self._request_body, self._response_body = bytearray(), bytearray()
        self._request_type = Headers(scope=scope).get("content-type", "")

    async def receive(self) -> Message:
        message = await self._receive()
        if "json" in self._request_type and len(self._request_body) <= _LARGEST:
            self._request_body += message.get("body", b"")
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._headers = [(key.decode("latin-1"), value.decode("latin-1")) for key, value in message["headers"]]
        elif len(self._response_body) <= _LARGEST:
            self._response_body += message.get("body", b"")
        await self._send(message)

    def line(self, exchange: Exchange) -> dict[str, t.Any]:
        headers = {key.lower(): value for key, value in self._headers if key.lower() != "set-cookie"}
        return {
            "method": self._scope["method"],
            "path": self._scope["path"],
            "query": urllib.parse.parse_qsl(self._scope["query_string"].decode("latin-1"), keep_blank_values=True),
            "content_type": self._request_type,
            "request": _body(self._request_body, self._request_type),
            "status": self.status,
            "headers": headers,
            "answer": _body(self._response_body, headers.get("content-type", "")),
            "empty": not self._response_body,
            "fault": "fault" in exchange.entry,
        }


def _body(data: bytearray, content_type: str) -> t.Any:
    """A JSON body without its secrets; None for any other body."""
    if "json" not in content_type or not data or len(data) > _LARGEST:
        return None
    try:
        return without_secrets(json.loads(bytes(data)))
    except (ValueError, RecursionError):
        return None


def without_secrets(value: t.Any) -> t.Any:
    """``value`` with the texts under keys of secrets replaced."""
    if isinstance(value, dict):
        return {
            key: LEFT_OUT if isinstance(item, str) and _SECRET.search(key) else without_secrets(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(item) for item in value]
    return value
