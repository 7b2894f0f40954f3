# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Serving: one event loop, a TLS socket for everything, a plain one for the managed-identity endpoints."""

from __future__ import annotations

import asyncio
import collections.abc
import contextlib
import errno
import logging
import signal
import socket
import ssl
import sys
import typing as t
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from powerbi_emulator import directory_files
from powerbi_emulator.app import build_app, build_world
from powerbi_emulator.keys import Keyring
from powerbi_emulator.seed import Seed
from powerbi_emulator.tls import server_context

HOST: t.Final = "127.0.0.1"


class StartError(Exception):
    """The emulator can't start: the text says why and what to change."""


class _Protocol(H11Protocol):
    """HTTP/1.1 with the transport in ``scope["state"]``, for faults that act on the connection itself."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class _Server(uvicorn.Server):
    """uvicorn without its signal handling: two servers share one process, and SIGTERM is a clean end."""

    @contextlib.contextmanager
    def capture_signals(self) -> collections.abc.Generator[None, None, None]:
        yield


def serve(port: int, directory: Path, seed: Seed) -> None:
    """Serve until SIGTERM or SIGINT. Raises StartError or SeedError before anything is served."""
    secure, plain = _listen(port), _listen(0)
    with secure, plain:
        url = f"https://localhost:{secure.getsockname()[1]}"
        try:
            keys = directory_files.prepare(directory)
            context = server_context(directory, keys)
            world = build_world(seed, Keyring.load_or_make(keys), url, f"http://{HOST}:{plain.getsockname()[1]}")
            directory_files.write_files(directory, world)
        except OSError as error:
            raise StartError(
                f"--dir {directory}: can't write there ({error.strerror or error}); choose a directory you own"
            ) from error
        logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="powerbi-emulator: %(message)s")
        asyncio.run(_serve(build_app(world), secure, context, plain, f"{url} (variables to export: {directory / 'env'})"))


async def _serve(app: ASGIApp, secure: socket.socket, context: ssl.SSLContext, plain: socket.socket, ready: str) -> None:
    servers = [_server(app, context), _server(app, None)]
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop, servers)
    tasks = [
        asyncio.create_task(server.serve(sockets=[sock]))
        for server, sock in zip(servers, (secure, plain), strict=True)
    ]
    while not all(server.started for server in servers) and not any(task.done() for task in tasks):
        await asyncio.sleep(0.002)
    print(f"powerbi-emulator ready at {ready}", flush=True)
    await asyncio.gather(*tasks)


def _server(app: ASGIApp, context: ssl.SSLContext | None) -> _Server:
    config = uvicorn.Config(
        app,
        http=_Protocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=1,
    )
    config.load()
    config.ssl = context
    return _Server(config)


def _stop(servers: list[_Server]) -> None:
    for server in servers:
        server.should_exit = True


def _listen(port: int) -> socket.socket:
    # the protocol is named so that asyncio sees TCP and turns Nagle's algorithm off
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((HOST, port))
        sock.listen(1024)  # fifty processes may knock at once
    except OSError as error:
        sock.close()
        if error.errno == errno.EADDRINUSE:
            raise StartError(f"--port {port}: another program listens there; choose another, or 0 for any free one") from error
        raise StartError(f"--port {port}: {error.strerror}") from error
    return sock
