# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers on the loopback interface whose behavior a test scripts, byte by byte, with and without TLS."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import struct
import threading
import typing as t


class Connection:
    """One accepted connection. ``number`` counts them from 1."""

    def __init__(self, sock: socket.socket, number: int) -> None:
        self.sock = sock
        self.number = number
        self._file = sock.makefile("rb")

    def request(self) -> Request | None:
        """The next request on it, None when the client is gone."""
        line = self._file.readline()
        if not line:
            return None
        method, target, _version = line.decode("latin-1").split()
        headers: dict[str, str] = {}
        while (line := self._file.readline().strip()) != b"":
            name, _sep, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        body = self._file.read(int(headers.get("content-length", 0)))
        return Request(method, target, headers, body)

    def send(self, text: bytes) -> None:
        self.sock.sendall(text)

    def answer(self, status: int = 200, body: bytes = b"{}", **headers: str) -> None:
        lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    def reset(self) -> None:
        """Close with RST, as a server does that dies."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._file.close()
        self.sock.close()


class Request(t.NamedTuple):
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Server:
    """Runs ``behave(connection)`` in a thread for each connection. ``requests`` is for the behaviour to fill."""

    def __init__(self, behave: t.Callable[[Server, Connection], None], context: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self._behave = behave
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *exc_info: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                sock, _address = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(sock, self.connections), daemon=True).start()

    def _serve(self, sock: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError, ValueError):
            if self._context:
                sock = self._context.wrap_socket(sock, server_side=True)
            with sock:
                self._behave(self, Connection(sock, number))


def echo(server: Server, connection: Connection) -> None:
    """Answers every request with {} and remembers it."""
    while request := connection.request():
        server.requests.append(request)
        connection.answer()


def tunnel_to(port: int) -> t.Callable[[Server, Connection], None]:
    """A forward proxy that leads every CONNECT, whatever its name, to one port of this machine."""

    def behave(server: Server, connection: Connection) -> None:
        request = connection.request()
        assert request is not None
        server.requests.append(request)
        connection.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with socket.create_connection(("127.0.0.1", port)) as upstream:
            pair = (connection.sock, upstream)
            while True:
                for ready in select.select(pair, (), (), 5)[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    pair[ready is connection.sock].sendall(data)

    return behave
