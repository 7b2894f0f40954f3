# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client of a running emulator, with the standard library only, and a context manager that starts one."""

from __future__ import annotations

import base64
import collections.abc
import contextlib
import json
import socket
import ssl
import subprocess
import sys
import tempfile
import typing as t
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

FINANCE: t.Final = (
    "f01de400-0000-4000-8000-000000000002"  # in the default seed: on a capacity, the deployer is its admin
)
GRAPH: t.Final = "https://graph.microsoft.com"
_POWERBI: t.Final = "https://analysis.windows.net/powerbi/api"


class Answer(t.NamedTuple):
    """``headers`` by lower-case name; ``body`` is the JSON, None for no body or none in JSON."""

    status: int
    headers: dict[str, str]
    body: t.Any
    size: int

    def fields(self) -> set[str]:
        return set(self.body) if isinstance(self.body, dict) else set()


class LiveEmulator:
    """The emulator whose ``--dir`` is ``directory``. Requests are the seed's deployer's."""

    def __init__(self, directory: Path) -> None:
        lines = (directory / "env").read_text(encoding="utf-8").splitlines()
        self.env = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
        self.url = self.env["POWERBI_AUTHORITY"]
        self.port = int(self.url.rpartition(":")[2])
        self._context = ssl.create_default_context(cafile=str(directory / "ca.pem"))
        https = urllib.request.HTTPSHandler(context=self._context)
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), https)
        self._tokens: dict[str, str] = {}
        self._names = 0

    def name(self) -> str:
        """A unique item name."""
        self._names += 1
        return f"Fact_{self._names}"

    def fabric(self, method: str, path: str, body: t.Any = None) -> Answer:
        """``path`` below /v1."""
        return self.call(method, f"/v1{path}", body)

    def powerbi(self, method: str, path: str, body: t.Any = None) -> Answer:
        """``path`` below /v1.0/myorg."""
        return self.call(method, f"/v1.0/myorg{path}", body)

    def control(self, method: str, path: str, body: t.Any = None) -> Answer:
        return self._send(method, f"/_emulator/{path}", body, {})

    def call(self, method: str, path: str, body: t.Any = None, resource: str = _POWERBI) -> Answer:
        return self._send(method, path, body, {"Authorization": f"Bearer {self._token(resource)}"})

    def create(self, kind: str, parts: t.Mapping[str, str] | None = None, **more: t.Any) -> Answer:
        """The response to the creation of an item in the workspace Finance."""
        body: dict[str, t.Any] = {"displayName": self.name(), "type": kind, **more}
        if parts is not None:
            body["definition"] = definition(parts, body.pop("format", None))
        return self.fabric("POST", f"/workspaces/{FINANCE}/items", body)

    def made(self, answer: Answer) -> dict[str, t.Any]:
        """The item or definition in a response, or in the result of its long-running operation."""
        if answer.status == 202:
            answer = self.fabric("GET", f"/operations/{answer.headers['x-ms-operation-id']}/result")
        if answer.status >= 400 or not isinstance(answer.body, dict):
            raise AssertionError(f"{answer.status} {answer.body}")
        return answer.body

    def accepts_name(self, host: str) -> bool:
        """Whether the certificate is valid for that host."""
        try:
            with (
                socket.create_connection(("127.0.0.1", self.port), timeout=10) as plain,
                self._context.wrap_socket(plain, server_hostname=host),
            ):
                return True
        except ssl.SSLCertVerificationError:
            return False

    def _token(self, resource: str) -> str:
        if resource not in self._tokens:
            form = {
                "grant_type": "client_credentials",
                "client_id": self.env["POWERBI_CLIENT_ID"],
                "client_secret": self.env["POWERBI_CLIENT_SECRET"],
                "scope": f"{resource}/.default",
            }
            url = f"{self.url}/{self.env['POWERBI_TENANT_ID']}/oauth2/v2.0/token"
            with self._opener.open(url, urllib.parse.urlencode(form).encode(), timeout=30) as answer:
                self._tokens[resource] = json.load(answer)["access_token"]
        return self._tokens[resource]

    def _send(self, method: str, path: str, body: t.Any, headers: dict[str, str]) -> Answer:
        data = None
        if body is not None:
            data, headers = json.dumps(body).encode(), {**headers, "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}{path}", data, headers, method=method)
        try:
            with self._opener.open(request, timeout=30) as answer:
                return _answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return _answer(error.code, error.headers, error.read())


def definition(parts: t.Mapping[str, str], form: str | None = None) -> dict[str, t.Any]:
    """A definition of texts by path."""
    listed = [
        {"path": path, "payload": base64.b64encode(text.encode()).decode(), "payloadType": "InlineBase64"}
        for path, text in parts.items()
    ]
    return {**({"format": form} if form else {}), "parts": listed}


@contextlib.contextmanager
def started(*arguments: str) -> collections.abc.Iterator[LiveEmulator]:
    """Start an emulator in a temporary directory. Raises RuntimeError if it does not start."""
    with tempfile.TemporaryDirectory(prefix="powerbi-emulator-") as directory:
        command = [sys.executable, "-m", "powerbi_emulator", "--port", "0", "--dir", directory, *arguments]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            try:
                if not process.stdout.readline():
                    raise RuntimeError(process.stderr.read())
                yield LiveEmulator(Path(directory))
            finally:
                process.terminate()


def _answer(status: int, headers: t.Any, data: bytes) -> Answer:
    try:
        body = json.loads(data) if data else None
    except ValueError:
        body = None
    return Answer(status, {name.lower(): value for name, value in headers.items()}, body, len(data))
