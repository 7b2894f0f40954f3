# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The server: one event loop, a TLS socket for all services, a plain one for the managed-identity endpoints."""

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
from powerbi_emulator.app import build_app, build_state
from powerbi_emulator.clock import ScaledClock
from powerbi_emulator.keys import Keyring
from powerbi_emulator.recorder import Recorder
from powerbi_emulator.seed import Seed
from powerbi_emulator.tls import server_context

HOST: t.Final = "127.0.0.1"


class StartError(Exception):
    """The emulator can't start: the text contains the reason and the remedy."""


class _Protocol(H11Protocol):
    """HTTP/1.1 with the transport in ``scope["state"]``, for faults that act on the connection itself."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class _Server(uvicorn.Server):
    """uvicorn without its signal handling: two servers share one process, and SIGTERM is a clean end."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.is_up.set()

    @contextlib.contextmanager
    def capture_signals(self) -> collections.abc.Generator[None, None, None]:
        yield


def serve(
    port: int,
    directory: Path,
    seed: Seed,
    record: Path | None = None,
    *,
    service_hosts: bool = False,
    profile: str | None = None,
    time_scale: float = 1.0,
) -> None:
    """Serve until SIGTERM or SIGINT; ``record`` is the file for the recorder, if there is to be one.

    With ``service_hosts`` the certificate is valid for the services' own host names as well. ``profile`` is a name of
    `service_profile.names`. ``time_scale`` seconds of the emulator pass in each second of the machine.

    Raises StartError or SeedError before anything is served.
    """
    secure, plain = _listen(port), _listen(0)
    with secure, plain:
        url = f"https://localhost:{secure.getsockname()[1]}"
        try:
            keys = directory_files.prepare(directory)
            context = server_context(directory, keys, service_hosts=service_hosts)
            keyring = Keyring.load_or_make(keys, directory / directory_files.CLIENT_PEM)
            plain_url = f"http://{HOST}:{plain.getsockname()[1]}"
            emulated = build_state(seed, keyring, url, plain_url, profile, ScaledClock(time_scale))
            directory_files.write_files(directory, emulated)
            emulated.recorder = _recorder(record)
        except OSError as error:
            raise StartError(
                f"--dir {directory}: can't write there ({error.strerror or error}); choose a directory you own"
            ) from error
        logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="powerbi-emulator: %(message)s")
        ready = f"powerbi-emulator ready at {url} (variables to export: {directory / 'env'})"
        asyncio.run(_serve(build_app(emulated), {secure: context, plain: None}, ready))


def _recorder(record: Path | None) -> Recorder | None:
    try:
        return Recorder(record) if record else None
    except OSError as error:
        raise StartError(f"--record {record}: can't write there ({error.strerror or error})") from error


async def _serve(app: ASGIApp, sockets: dict[socket.socket, ssl.SSLContext | None], ready: str) -> None:
    """Serve ``app`` on each socket, with TLS where there is a context; print ``ready`` once all of them answer."""
    servers = {sock: _server(app, context) for sock, context in sockets.items()}
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, _stop, list(servers.values()))
    tasks = [asyncio.create_task(server.serve(sockets=[sock])) for sock, server in servers.items()]
    await asyncio.gather(*(server.is_up.wait() for server in servers.values()))
    print(ready, flush=True)
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
    logging.getLogger("uvicorn.error").disabled = True  # open requests are cut off at the end, which is expected
    for server in servers:
        server.should_exit = True


def _listen(port: int) -> socket.socket:
    # with the protocol given, asyncio detects TCP and disables Nagle's algorithm
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((HOST, port))
        sock.listen(1024)  # many processes may connect at once
    except OSError as error:
        sock.close()
        if error.errno == errno.EADDRINUSE:
            raise StartError(
                f"--port {port}: another program listens there; choose another (0: any free one)"
            ) from error
        raise StartError(f"--port {port}: {error.strerror}") from error
    return sock
