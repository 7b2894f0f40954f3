# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The emulator's app in this process, as what answers the requests of ``fakes.wire.wire``: no server, no TLS, no waiting.

service = EmulatedService()
client = wire(service).client
service.fault(method="POST", path="/items$", status=500, acted=True, times=1)
"""

from __future__ import annotations

import asyncio
import functools
import json as json_module
import re
import tempfile
import threading
import time
import typing as t
from pathlib import Path
from urllib.parse import unquote, urlencode, urlsplit

import requests

from ansible_collections.community.powerbi.plugins.module_utils._errors import TransportError
from fakes.wire import Sent, reply
from powerbi_emulator.app import build_app, build_state
from powerbi_emulator.emulator_state import EmulatorState, Store
from powerbi_emulator.keys import Keyring
from powerbi_emulator.seed import Seed

TENANT: t.Final = "5a1e0000-c0de-4000-8000-000000000001"
CLIENT_ID: t.Final = "a9900000-0000-4000-8000-000000000001"
DEPLOY_OBJECT_ID: t.Final = "0b1ec700-0000-4000-8000-000000000001"  # its service principal
FINANCE: t.Final = "f01de400-0000-4000-8000-000000000002"  # the workspace of the seed that is on a capacity
CAPACITY: t.Final = "ca900000-0000-4000-8000-00000000000f"
_URL: t.Final = "https://emulator.test"

_RENEWED: t.Final = 1800.0  # seconds, half of the lifetime of a token
_bearers: list[tuple[float, str]] = []  # with the time of the request

S = t.TypeVar("S", bound=Store)


@functools.cache
def _loop() -> asyncio.AbstractEventLoop:
    """One for all emulators of the process: they may be used by several threads at once."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    return loop


@functools.cache
def _keyring() -> Keyring:
    with tempfile.TemporaryDirectory() as folder:
        return Keyring.load_or_make(Path(folder), Path(folder) / "client.pem")


@functools.cache
def _seed() -> Seed:
    return Seed.load(None)


class EmulatedService:
    """A tenant as the emulator's default seed describes it, for the seed's app "Ansible Deploy".

    Operations end at once, and definitions come back as they were written, unless ``switches`` change that.
    """

    def __init__(self, **switches: t.Any) -> None:
        self.emulated: EmulatorState = build_state(_seed(), _keyring(), _URL, _URL)
        self.emulated.switches.update({"long_running": False, "definition_rewrite": False, **switches})
        self.unreachable: dict[str, TransportError] = {}  # by expression of the path: raised instead of a response
        self._app = build_app(self.emulated)
        # One token serves all of them, as they have the same keys and the same seed.
        if not _bearers or time.monotonic() - _bearers[-1][0] > _RENEWED:
            _bearers.append((time.monotonic(), f"Bearer {self._token()}"))

    def __call__(self, sent: Sent) -> requests.Response:
        """The response to a request of the collection, whatever token it carries."""
        for pattern, error in self.unreachable.items():
            if sent.method != "GET" and re.search(pattern, urlsplit(sent.url).path):
                raise error
        return self._answer(
            sent.method, sent.url, {**sent.headers, "Authorization": _bearers[-1][1]}, sent.json, sent.data
        )

    def call(self, method: str, path: str, json: t.Any = None) -> t.Any:
        """The body of the response to another client, which has to succeed. ``path`` such as /v1/workspaces."""
        response = self._answer(method, f"{_URL}{path}", {"Authorization": _bearers[-1][1]}, json)
        assert response.ok, response.text
        return response.json() if response.content else None

    def fault(self, **rule: t.Any) -> None:
        """Add a fault, as ``POST /_emulator/faults`` takes it: path, method, status, code, body, acted, times, skip."""
        self.emulated.faults.add(rule)

    def clear_faults(self) -> None:
        self.emulated.faults.clear()

    def store(self, store_type: type[S]) -> S:
        """A part of the emulator's state, for what its APIs can't do."""
        return self.emulated.store(store_type)

    def _token(self) -> str:
        form = {
            "grant_type": "client_credentials",
            "client_id": CLIENT_ID,
            "client_secret": _secret(),
            "scope": "https://analysis.windows.net/powerbi/api/.default",
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        url = f"{_URL}/{TENANT}/oauth2/v2.0/token"
        response = self._answer("POST", url, headers, data=urlencode(form).encode())
        return str(response.json()["access_token"])

    def _answer(
        self, method: str, url: str, headers: t.Mapping[str, str], json: t.Any = None, data: t.Any = None
    ) -> requests.Response:
        address = urlsplit(url)
        body = json_module.dumps(json).encode() if json is not None else data or b""
        given = {"Host": address.netloc, "Content-Length": str(len(body)), **headers}
        if json is not None:
            given["Content-Type"] = "application/json"
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "https",
            "path": unquote(address.path),
            "raw_path": address.path.encode(),
            "query_string": address.query.encode(),
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in given.items()],
            "client": ("127.0.0.1", 1),
            "server": ("emulator.test", 443),
        }
        messages = asyncio.run_coroutine_threadsafe(_run(self._app, scope, body), _loop()).result()
        if not messages:
            raise TransportError("the connection was reset", sent=True)
        start, *rest = messages
        content = b"".join(message.get("body", b"") for message in rest)
        response = reply(start["status"], content=content)
        response.headers.clear()
        response.headers.update({name.decode(): value.decode("latin-1") for name, value in start["headers"]})
        return response


@functools.cache
def _secret() -> str:
    apps = _seed().root({"url": _URL}).sections("apps")
    return apps[0].sections("secrets")[0].text("value")


async def _run(app: t.Any, scope: dict[str, t.Any], body: bytes) -> list[dict[str, t.Any]]:
    incoming = [{"type": "http.request", "body": body, "more_body": False}]
    messages: list[dict[str, t.Any]] = []

    async def receive() -> dict[str, t.Any]:
        return incoming.pop() if incoming else {"type": "http.disconnect"}

    async def send(message: dict[str, t.Any]) -> None:
        messages.append(message)

    await app(scope, receive, send)
    return messages
