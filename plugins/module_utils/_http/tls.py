# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The trusted certificates, as one ssl context for all connections of a transport.

A context costs 20 ms of CPU with a full CA bundle, more than forty requests on an open connection: it is built once.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import ssl
import threading
import time
import typing as t

from .._errors import ConfigError
from .transport_errors import HANDSHAKE_FLAG

# The variables of other tools in order of precedence. requests ignores OpenSSL's SSL_CERT_FILE, which users expect.
CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")

_HASHED_NAME = re.compile(r"[0-9a-f]{8}\.\d+")


def client_context(ca_path: str | None, environ: t.Mapping[str, str], default_bundle: str) -> ssl.SSLContext:
    """A context that verifies chain and host name, TLS 1.2 or newer.

    Trusts ``ca_path`` alone when it is given (a PEM file, or a directory that ``openssl rehash`` prepared), else the
    first of CA_VARIABLES that is set, else ``default_bundle``. Raises ConfigError naming the option or variable.
    """
    if ca_path:
        option, path = "ca_path", ca_path
    else:
        option, path = next(((name, environ[name]) for name in CA_VARIABLES if environ.get(name)), ("", default_bundle))
    try:
        if os.path.isdir(path):
            if not any(_HASHED_NAME.fullmatch(name) for name in os.listdir(path)):
                raise _unusable(
                    option, path, "The directory has no hashed certificates", f"run `openssl rehash {path}`"
                )
            context = ssl.create_default_context(capath=path)
        else:
            with open(path, "rb"):  # ssl's own message for a missing file doesn't name it
                pass
            context = ssl.create_default_context(cafile=path)
    except ssl.SSLError as exc:
        raise _unusable(
            option,
            path,
            "The file holds no PEM certificate",
            "give the CA certificates in PEM (-----BEGIN CERTIFICATE-----)",
        ) from exc
    except OSError as exc:
        raise _unusable(
            option,
            path,
            exc.strerror or type(exc).__name__,
            "give a file that exists and can be read where the task runs",
        ) from exc
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # A certificate is valid for the names in its subjectAltName. A common name is ignored (RFC 9525), as in browsers.
    context.hostname_checks_common_name = False
    # An intermediate CA or the server's own certificate is enough of an anchor: Python 3.13's default, now everywhere.
    context.verify_flags |= getattr(ssl, "VERIFY_X509_PARTIAL_CHAIN", 0)
    context.sslsocket_class = _Socket
    return context


def load_client_certificate(context: ssl.SSLContext, certificate: str, key: str | None) -> None:
    """Load the client certificate (and key) into the context. Raises ConfigError, with the paths only."""
    try:
        context.load_cert_chain(certificate, key, password=lambda: "")  # never a prompt at a terminal
    except (OSError, ValueError) as exc:
        why = exc.strerror if isinstance(exc, FileNotFoundError) else "No certificate with its unencrypted key in PEM"
        raise ConfigError(
            f"{certificate} can't be used as a client certificate",
            option="cert_auth_public_key",
            why=why or "",
            remedy="give certificate and private key in PEM, readable where the task runs",
        ) from None


def _unusable(option: str, path: str, why: str, remedy: str) -> ConfigError:
    name = option or "the CA bundle"
    return ConfigError(f"{name}: {path} can't be used as a CA bundle", option=option, why=why, remedy=remedy)


class _ResponseLimit(threading.local):
    seconds: float | None = None
    deadline: float | None = None


_limit = _ResponseLimit()


@contextlib.contextmanager
def response_within(seconds: float | None) -> t.Iterator[None]:
    """In this thread, a response over TLS must be complete within ``seconds`` from the wait for its first byte.

    A socket's own timeout restarts with every byte received, so a server that sends a byte every few seconds would block
    its client forever. None means no such limit.
    """
    _limit.seconds, _limit.deadline = seconds, None
    try:
        yield
    finally:
        _limit.seconds = _limit.deadline = None


class _Socket(ssl.SSLSocket):
    """Applies ``response_within``; tags the exception of a failed handshake as one, with the issuer of a refused
    certificate. The exception is of ssl, so these are attributes (`HANDSHAKE_FLAG`, ``peer_issuer``)."""

    def recv_into(self, buffer: t.Any, nbytes: int | None = None, flags: int = 0) -> int:
        if _limit.seconds is not None:
            now = time.monotonic()
            if _limit.deadline is None:
                _limit.deadline = now + _limit.seconds
            remaining = _limit.deadline - now
            if remaining <= 0:
                raise socket.timeout("the response came too slowly")  # not the same before Python 3.10
            self.settimeout(remaining)
        return super().recv_into(buffer, nbytes, flags)

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except OSError as exc:
            setattr(exc, HANDSHAKE_FLAG, True)
            if isinstance(exc, ssl.SSLCertVerificationError):
                exc.peer_issuer = self._issuer()  # type: ignore[attr-defined]
            raise

    def _issuer(self) -> str:
        """The issuer of the server's certificate, for a message; empty where this Python has no interface for it."""
        try:
            issuer = self._sslobj.get_unverified_chain()[0].get_info()["issuer"]  # type: ignore[attr-defined]
            return ", ".join(str(value) for part in issuer for _name, value in part)
        except Exception:  # pylint: disable=broad-exception-caught  # a private interface of CPython
            return ""
