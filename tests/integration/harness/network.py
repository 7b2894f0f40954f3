# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands between a task and the service in real networks: proxies that tunnel or refuse, and TLS ends of one's own."""

from __future__ import annotations

import contextlib
import select
import socket
import socketserver
import ssl
import threading
import typing as t
from pathlib import Path

import trustme

Address = tuple[str, int]
_REASONS = {403: "Forbidden", 407: "Proxy Authentication Required", 502: "Bad Gateway"}


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class _Listener:
    """A server on a free port of 127.0.0.1 that gives each connection to ``serve``, until ``stop``."""

    def __init__(self) -> None:
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with contextlib.suppress(OSError):
                    outer.serve(self.request)

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def serve(self, client: socket.socket) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class ConnectProxy(_Listener):
    """An HTTP proxy. It refuses with ``status``, or tunnels every host to ``target``.

    ``requested`` lists the host:port of each CONNECT, ``logins`` the Proxy-Authorization headers.
    """

    def __init__(self, *, status: int | None = None, target: Address | None = None) -> None:
        self._status = status
        self._target = target
        self.requested: list[str] = []
        self.logins: list[str] = []
        super().__init__()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def serve(self, client: socket.socket) -> None:
        head = _read_head(client)
        self.requested.append(head.split(" ")[1])
        self.logins += [line for line in head.splitlines() if line.lower().startswith("proxy-authorization:")]
        if self._status is not None or self._target is None:
            status = self._status or 502
            client.sendall(f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Length: 0\r\n\r\n".encode())
            return
        with socket.create_connection(self._target) as upstream:
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            _pump_both(client, upstream)


class TlsFront(_Listener):
    """TLS with a certificate of its own CA (``ca_path``) for ``names``, before the TLS server at ``target``.

    In the way of a proxy that inspects TLS, or of a private endpoint.
    """

    def __init__(self, directory: Path, names: t.Sequence[str], target: Address, target_ca: Path) -> None:
        ca = trustme.CA(organization_name="A CA of one's own")
        self.ca_path = directory / "proxy-ca.pem"
        ca.cert_pem.write_to_path(self.ca_path)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca.issue_cert(*names).configure_cert(self._context)
        self._target = target
        self._upstream = ssl.create_default_context(cafile=target_ca)
        super().__init__()

    def serve(self, client: socket.socket) -> None:
        with self._context.wrap_socket(client, server_side=True) as inside:
            plain = socket.create_connection(self._target)
            with self._upstream.wrap_socket(plain, server_hostname="localhost") as upstream:
                _pump_both(inside, upstream)


def _read_head(client: socket.socket) -> str:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = client.recv(4096)
        if not piece:
            raise ConnectionError("the client went away")
        data += piece
    return data.decode("latin-1")


def _pump_both(one: socket.socket, other: socket.socket) -> None:
    """Until either ends. In one thread: OpenSSL does not bear that one reads and another writes the same connection."""
    to = {one: other, other: one}
    with contextlib.suppress(OSError):
        over = False
        while not over:
            buffered = [end for end in to if isinstance(end, ssl.SSLSocket) and end.pending()]
            for source in buffered or select.select(list(to), [], [])[0]:
                data = _received(source)
                to[source].sendall(data or b"")
                over = over or data == b""
    for end in to:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def _received(source: socket.socket) -> bytes | None:
    """What there is; None if there is none: a TLS record need not hold any, such as a session ticket."""
    source.settimeout(0)
    try:
        return source.recv(65536)
    except (ssl.SSLWantReadError, BlockingIOError):
        return None
    finally:
        source.settimeout(None)
