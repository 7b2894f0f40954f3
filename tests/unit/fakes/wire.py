# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A scripted wire in place of the transport, and a client on it."""

from __future__ import annotations

import json as json_module
import threading
import typing as t

import requests
from requests.structures import CaseInsensitiveDict

from ansible_collections.community.powerbi.plugins.module_utils._auth.tokens import AccessToken
from ansible_collections.community.powerbi.plugins.module_utils._errors import AuthError, TransportError
from ansible_collections.community.powerbi.plugins.module_utils._http.client import Client
from ansible_collections.community.powerbi.plugins.module_utils._http.retry import RetryPolicy
from ansible_collections.community.powerbi.plugins.module_utils._http.sender import RetryingSender
from ansible_collections.community.powerbi.plugins.module_utils._secret import Secret
from fakes.clock import FakeClock

HOSTS = {
    "powerbi": "https://api.powerbi.test/v1.0/myorg",
    "admin": "https://api.powerbi.test/v1.0/myorg/admin",
    "fabric": "https://api.fabric.test/v1",
    "graph": "https://graph.test/v1.0",
}


class Sent(t.NamedTuple):
    method: str
    url: str
    headers: dict[str, str]
    json: t.Any
    data: t.Any

    @property
    def bearer(self) -> str:
        return self.headers.get("Authorization", "").removeprefix("Bearer ")


Reply = requests.Response | TransportError


def reply(status: int = 200, body: t.Any = None, /, content: bytes | None = None, **headers: str) -> requests.Response:
    """An answer. Header names are written with underscores."""
    response = requests.Response()
    response.status_code = status
    if content is None:
        content = b"" if body is None else json_module.dumps(body).encode()
    response._content, response._content_consumed = content, True
    response.headers = CaseInsensitiveDict({"Content-Type": "application/json"})
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return response


class FakeTransport:
    """Responds as ``script`` does: a list of replies, or a function of what was sent."""

    def __init__(self, script: t.Sequence[Reply] | t.Callable[[Sent], Reply]) -> None:
        self.sent: list[Sent] = []
        self._script = script if callable(script) else iter(script)
        self._lock = threading.Lock()

    def send(self, method: str, url: str, **request: t.Any) -> requests.Response:
        data = request.get("data")
        if hasattr(data, "read"):
            data = data.read()
        with self._lock:
            sent = Sent(method, url, dict(request.get("headers") or {}), request.get("json"), data)
            self.sent.append(sent)
            outcome = self._script(sent) if callable(self._script) else next(self._script)
        if isinstance(outcome, TransportError):
            raise outcome
        outcome.url = url
        return outcome

    def complete(self, response: requests.Response) -> None:
        pass

    def read_stream(self, response: requests.Response) -> t.Iterator[bytes]:
        yield response.content
        if "X-Breaks-Off" in response.headers:
            raise TransportError("broke off")


class FakeTokens:
    """token-1, and token-2 and so on for each fresh one, as long as ``supply`` lasts."""

    def __init__(self, supply: int = 100) -> None:
        self.number = 1
        self.fresh = 0
        self.scopes: list[str | None] = []
        self.expires_on = 2_000_000_000
        self._supply = supply

    def token(self, *, scope: str | None = None, fresh: bool = False) -> AccessToken:
        self.scopes.append(scope)
        if fresh:
            self.fresh += 1
            if self.number >= self._supply:
                raise AuthError("no more tokens")
            self.number += 1
        return AccessToken(Secret(f"token-{self.number}"), self.expires_on, 0, scope or "")


class Wire(t.NamedTuple):
    client: Client
    transport: FakeTransport
    tokens: FakeTokens
    clock: FakeClock

    @property
    def urls(self) -> list[str]:
        return [sent.url for sent in self.transport.sent]


def wire(script: t.Sequence[Reply] | t.Callable[[Sent], Reply], *, budget: float = 60.0, supply: int = 100) -> Wire:
    """A client whose requests get the replies of ``script``, and whose time is the test's."""
    transport, tokens, clock = FakeTransport(script), FakeTokens(supply), FakeClock()
    policy = RetryPolicy(budget=budget, jitter=lambda: 0.5)
    sender = RetryingSender(t.cast("t.Any", transport), policy, clock)
    return Wire(Client(sender, tokens, HOSTS, {"graph": "https://graph.test/.default"}), transport, tokens, clock)
