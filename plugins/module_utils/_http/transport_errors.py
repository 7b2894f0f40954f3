# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Explains why no response arrived, and names the option at fault.

Pure: it reads exceptions that the transport caught. Of the library that raised them it assumes only that its exceptions
contain the standard library's as cause, context, argument or ``reason``.
"""

from __future__ import annotations

import errno
import socket
import ssl
import traceback
import typing as t

from .._errors import TransportError
from .response import printable

# The phase of the request. Before "wait" the server can't have received it.
Phase = t.Literal["connect", "proxy", "wait", "body"]

# An attribute of exceptions of the TLS handshake, set in `tls`.
HANDSHAKE_FLAG = "in_tls_handshake"


class Exchange(t.NamedTuple):
    """A request, redacted for messages: without query string, headers and the proxy's password."""

    url: str
    endpoint: str
    host: str
    connect_timeout: float
    timeout: float
    proxy: str = ""
    proxy_option: str = ""


class _Text(t.NamedTuple):
    what: str
    why: str
    remedy: str
    retryable: bool = True


_LIBRARIES = ("requests", "urllib3")
_WHERE = "`api_url` or `authority`"

# OpenSSL's verification results (x509_vfy.h)
_NOT_YET_VALID, _EXPIRED = 9, 10
_HOST_MISMATCHES = (62, 64)
_UNKNOWN_ISSUERS = (2, 18, 19, 20, 21)


def explain(exc: BaseException, phase: Phase, exchange: Exchange) -> TransportError:
    """The exception as a TransportError; ``phase`` is the phase by the type of the library's exception."""
    root = _root(exc)
    if phase == "proxy":
        text, sent = _proxy(root, exchange), False
    elif isinstance(root, ssl.SSLCertVerificationError):
        text, sent = _certificate(root, exchange), False
    elif getattr(root, HANDSHAKE_FLAG, False) or isinstance(root, ssl.SSLError):
        text, sent = _tls(root, exchange), not getattr(root, HANDSHAKE_FLAG, False)
    elif phase == "connect":
        text, sent = _connect(root, exchange), False
    elif phase == "wait":
        text, sent = _no_response(root, exchange), True
    else:
        text, sent = _broken_response(root, exchange), True
    error = TransportError(
        printable(text.what),
        why=printable(text.why),
        remedy=text.remedy,
        url=exchange.url,
        sent=sent,
        retryable=text.retryable,
    )
    # Without the library's exception: its text has the URL with the query, its attributes the request with its headers.
    error.__cause__ = None if type(root).__module__.startswith(_LIBRARIES) else root
    return error


def phase_of(exc: BaseException, default: Phase) -> Phase:
    """``connect`` or ``proxy`` where the standard library's exception proves it, else ``default``.

    Name resolution, refused connections and routes fail before anything is sent, and so does a proxy's tunnel.
    """
    root = _root(exc)
    if any(frame.f_code.co_name == "_tunnel" for frame, _line in traceback.walk_tb(root.__traceback__)):
        return "proxy"
    if isinstance(root, (socket.gaierror, ConnectionRefusedError)):
        return "connect"
    if isinstance(root, OSError) and root.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH):
        return "connect"
    return default


def _root(exc: BaseException) -> BaseException:
    """The nearest exception of the standard library that caused it."""
    queue, seen = [exc], set()
    while queue:
        current = queue.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        if not type(current).__module__.startswith(_LIBRARIES):
            return current
        inner = (getattr(current, "reason", None), getattr(current, "original_error", None), current.__cause__)
        queue += [item for item in (*inner, *current.args, current.__context__) if isinstance(item, BaseException)]
    return exc


def _connect(root: BaseException, exchange: Exchange) -> _Text:
    what = f"Cannot reach {exchange.endpoint}"
    if isinstance(root, socket.gaierror):
        return _Text(
            what,
            f"The name {exchange.host} can't be resolved ({root.strerror or root})",
            f"check the spelling of the host in {_WHERE} and the DNS of the machine where the task runs; "
            "where only a proxy has a way out, set `proxy`",
            retryable=root.errno == socket.EAI_AGAIN,
        )
    if isinstance(root, ConnectionRefusedError):
        return _Text(
            what, "Nothing listens there: connection refused", f"check host and port in {_WHERE}, and firewalls"
        )
    if isinstance(root, OSError) and not isinstance(root, socket.timeout) and root.errno:
        return _Text(
            what, root.strerror or "connection failed", f"check the network, `proxy`, and the host in {_WHERE}"
        )
    return _Text(
        what,
        f"No connection within {exchange.connect_timeout:g} s",
        f"a firewall may drop the packets: open the way to {exchange.endpoint}, or set `proxy` if one has to be used",
    )


def _proxy(root: BaseException, exchange: Exchange) -> _Text:
    what = f"The proxy {exchange.proxy} did not connect to {exchange.endpoint}"
    option = f"`{exchange.proxy_option}`" if exchange.proxy_option == "proxy" else exchange.proxy_option
    if isinstance(root, socket.gaierror):
        return _Text(what, "The proxy's own name can't be resolved", f"check the host in {option}", retryable=False)
    if isinstance(root, ConnectionRefusedError):
        return _Text(what, "Nothing listens there: connection refused", f"check host and port in {option}")
    if isinstance(root, socket.timeout):
        return _Text(what, f"No connection within {exchange.connect_timeout:g} s", f"check host and port in {option}")
    if isinstance(root, ssl.SSLCertVerificationError):
        return _Text(
            what, f"The proxy's own certificate is refused: {root.verify_message}", "set `ca_path`", retryable=False
        )
    if isinstance(root, ssl.SSLError):
        return _Text(
            what,
            "It does not support TLS",
            f"write {option} with http:// unless the proxy itself is reached by TLS",
            False,
        )
    text = str(root)
    if "407" in text:
        return _Text(
            what,
            "It requires a user and password (407)",
            f"put them into {option}: http://user:password@host:port",
            False,
        )
    if "Tunnel connection failed" in text:
        status = text.partition("failed:")[2].strip()
        remedy = f"have {exchange.host} allowed on the proxy, or correct {option}"
        return _Text(what, f"It responded with {status}", remedy, retryable=status.startswith("5"))
    return _Text(what, "It closed the connection or is not a proxy", f"check {option}")


def _certificate(root: ssl.SSLCertVerificationError, exchange: Exchange) -> _Text:
    what = f"The TLS certificate of {exchange.endpoint} is refused"
    code, message = root.verify_code, root.verify_message
    if code in _UNKNOWN_ISSUERS:
        issuer = str(getattr(root, "peer_issuer", ""))
        by = f"It is issued by '{issuer}', which is not a CA" if issuer else "Its issuer is not a CA"
        return _Text(
            what,
            f"{by} that is trusted here ({message})",
            "if a private endpoint or a TLS-inspecting proxy has its own CA, set `ca_path` to that CA's PEM file",
            retryable=False,
        )
    if code in _HOST_MISMATCHES:
        return _Text(
            what,
            f"It is for another host than {exchange.host}",
            f"check the host in {_WHERE}, or the server's certificate",
            False,
        )
    if code in (_EXPIRED, _NOT_YET_VALID):
        why = "It has expired" if code == _EXPIRED else "It is not valid yet"
        return _Text(
            what,
            why,
            "have the server's certificate renewed, and check the clock of the machine where the task runs",
            False,
        )
    return _Text(
        what, message, "have the server's certificate, or the CA in `ca_path`, issued as RFC 5280 requires", False
    )


def _tls(root: BaseException, exchange: Exchange) -> _Text:
    reason = str(getattr(root, "reason", None) or "")
    what = f"No TLS connection with {exchange.endpoint}"
    if reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL"):
        return _Text(what, "The server does not support TLS on that port", f"check the port in {_WHERE}", False)
    if "PROTOCOL" in reason:
        return _Text(
            what, "The server knows only versions before TLS 1.2", "have TLS 1.2 or newer enabled on the server", False
        )
    return _Text(what, f"The connection broke ({reason or _text_of(root)})", f"check `proxy`, firewalls and {_WHERE}")


def _no_response(root: BaseException, exchange: Exchange) -> _Text:
    if isinstance(root, socket.timeout):
        return _Text(
            f"No response from {exchange.endpoint} within {exchange.timeout:g} s",
            "The connection was established, but the response did not come or came too slowly",
            "try again, or raise `timeout`",
        )
    return _Text(
        f"{exchange.endpoint} closed the connection before it responded",
        _text_of(root),
        "try again; if it fails again, check proxies and firewalls between the task and the service",
    )


def _broken_response(root: BaseException, exchange: Exchange) -> _Text:
    if isinstance(root, socket.timeout):
        return _no_response(root, exchange)
    from_library = type(root).__module__.startswith(_LIBRARIES)
    return _Text(
        f"The response of {exchange.endpoint} broke off before its end",
        "Fewer bytes came than it announced" if from_library else _text_of(root),
        "try again; if it fails again, check proxies and firewalls between the task and the service",
    )


def _text_of(root: BaseException) -> str:
    return str(getattr(root, "strerror", None) or root or type(root).__name__)
