# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Vault's Azure secrets engine, as far as the role uses it. OpenBao has it only as an external plugin, so this is our own fake:
it proves what we ask, and nothing about the engine."""

from __future__ import annotations

import json
import ssl
import threading
import typing as t
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import trustme

LEASE: t.Final = "azure/creds/powerbi/1a2b3c"


class FakeAzureEngine:
    """``GET /v1/azure/creds/powerbi`` gives ``make()``; ``revoked`` has the leases that were given back."""

    def __init__(self, directory: Path, make: t.Callable[[], dict[str, str]]) -> None:
        self.revoked: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path != "/v1/azure/creds/powerbi":
                    self._answer(403, {"errors": ["1 error occurred:\n\t* permission denied\n\n"]})
                    return
                lease = {"lease_id": LEASE, "lease_duration": 3600, "renewable": True}
                self._answer(200, {**lease, "request_id": "r", "data": make(), "wrap_info": None, "auth": None})

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if self.path == "/v1/sys/leases/revoke":
                    outer.revoked.append(body["lease_id"])
                self._answer(204, None)

            do_PUT = do_POST  # noqa: N815

            def _answer(self, status: int, body: t.Any) -> None:
                content = b"" if body is None else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *arguments: t.Any) -> None:
                pass

        ca = trustme.CA()
        self.ca_path = directory / "engine-ca.pem"
        ca.cert_pem.write_to_path(self.ca_path)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca.issue_cert("127.0.0.1").configure_cert(context)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
