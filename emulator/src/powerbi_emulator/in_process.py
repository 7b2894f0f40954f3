# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests to an emulator in the same process: no socket, no event loop, and the time is the client's.

With a `SharedClock` the emulator has no time of its own, so hours of the services take as long as their requests need:

    emulated = build_state(seed, keys, url, url, "service", SharedClock(clock.time, clock.advance))
    send = InProcess(build_app(emulated), wait=clock.sleep).send
"""

from __future__ import annotations

import dataclasses
import threading
import typing as t
from urllib.parse import unquote, urlsplit

from starlette.types import ASGIApp, Message, Scope


@dataclasses.dataclass
class Answer:
    """A response, complete."""

    status: int = 0
    headers: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    body: bytes = b""


class InProcess:
    """Sends requests to ``app``. ``wait`` lets the seconds of a latency pass, on the shared clock.

    Threads may share it: requests are processed one at a time, and wait at the same time.
    """

    def __init__(self, app: ASGIApp, wait: t.Callable[[float], None]) -> None:
        self._app = app
        self._wait = wait
        self._lock = threading.Lock()

    def send(self, method: str, url: str, headers: t.Iterable[tuple[str, str]], body: bytes) -> Answer:
        """Send one request. Raises KeyError for a fault on the connection, as there is none."""
        answer = Answer()

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                found = message.get("headers", ())
                answer.headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in found]
            else:
                answer.body += message.get("body", b"")

        steps = self._app(_scope(method, url, headers), receive, send).__await__()
        while True:
            with self._lock:
                try:
                    seconds: float = next(steps)
                except StopIteration:
                    return answer
            self._wait(seconds)


def _scope(method: str, url: str, headers: t.Iterable[tuple[str, str]]) -> Scope:
    parts = urlsplit(url)
    sent = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": parts.scheme,
        "path": unquote(parts.path),
        "raw_path": parts.path.encode("ascii"),
        "query_string": parts.query.encode("ascii"),
        "root_path": "",
        "headers": [(b"host", parts.netloc.encode("ascii")), *sent],
        "client": ("127.0.0.1", 0),
        "server": (parts.hostname, parts.port or 443),
        "state": {},
    }
