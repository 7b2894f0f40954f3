# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What our own fakes of other services stand on: JSON over TLS on this machine, in a thread."""

from __future__ import annotations

import json
import ssl
import threading
import typing as t
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import trustme


class JsonHandler(BaseHTTPRequestHandler):
    """Reads and answers JSON; logs nothing."""

    def body(self) -> t.Any:
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def answer(self, status: int, body: t.Any) -> None:
        """With an empty body for None."""
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: t.Any) -> None:
        pass


class FakeServer:
    """Runs ``handler`` until ``stop()``. ``url`` is where; ``ca_path``, the file ``<name>-ca.pem``, is its CA."""

    def __init__(self, directory: Path, name: str, handler: type[JsonHandler]) -> None:
        ca = trustme.CA()
        self.ca_path = directory / f"{name}-ca.pem"
        ca.cert_pem.write_to_path(self.ca_path)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca.issue_cert("127.0.0.1").configure_cert(context)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
