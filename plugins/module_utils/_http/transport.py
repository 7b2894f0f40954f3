# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Single HTTP requests. The only file of the collection that imports requests; msal uses the same transport.

It contains no logic for tokens, retries or redirects: one call is one request and one response, or one explained error.
"""

from __future__ import annotations

import http.client
import logging
import os
import typing as t
from urllib.parse import urlsplit

from .._errors import TransportError
from .._requirements import extended, missing, require
from .._urls import may_carry_secrets
from . import tls
from .proxies import Proxies
from .transport_errors import Exchange, Phase, explain, phase_of

try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
except ImportError as import_error:
    REQUESTS_IMPORT_ERROR: ImportError | None = import_error
    HTTPAdapter = object  # type: ignore[assignment,misc]
    _FAILURES: tuple[type[Exception], ...] = (OSError,)
else:
    REQUESTS_IMPORT_ERROR = None
    # Exceptions that those of requests (OSErrors, too) do not wrap in all cases.
    _FAILURES = (OSError, http.client.HTTPException, urllib3.exceptions.HTTPError)

CONNECT_TIMEOUT = 10.0
MAX_BODY = 64 * 1024 * 1024
_CHUNK = 64 * 1024
_POOL_SIZE = 64  # idle connections per host: more than a task has threads; nothing is reserved


class _Adapter(HTTPAdapter):
    """Connections that share one ssl context; requests would read the CA bundle again for each of them."""

    def __init__(self, context: t.Any) -> None:
        self._context = context
        super().__init__(pool_maxsize=_POOL_SIZE, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: t.Any) -> None:
        super().init_poolmanager(connections, maxsize, block, ssl_context=self._context, **pool_kwargs)

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: t.Any) -> t.Any:
        proxy_kwargs["ssl_context"] = self._context
        if proxy.lower().startswith("https:"):
            proxy_kwargs["proxy_ssl_context"] = self._context
        return super().proxy_manager_for(proxy, **proxy_kwargs)

    def cert_verify(self, conn: t.Any, url: str, verify: t.Any, cert: t.Any) -> None:
        """Does nothing, since the context verifies: no bundle is loaded again, and verification can't be switched off."""
        conn.cert_reqs = "CERT_REQUIRED"
        conn.ca_certs = conn.ca_cert_dir = None


class Transport:
    """Sends single requests over keep-alive connections. Thread-safe; a fork must not inherit it in use.

    ``ca_path``    trust only these CAs (PEM file or hashed directory); else REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE or
                   SSL_CERT_FILE of ``environ``, else what requests trusts
    ``proxy``      for all hosts but local ones; else HTTPS_PROXY or ALL_PROXY of ``environ``, as NO_PROXY allows
    ``timeout``    seconds for a connection (at most 10) and, counted separately, for the whole response (without TLS: each
                   read of it)
    ``max_body``   bytes of a response that is not streamed, decoded
    ``environ``    os.environ when not given
    ``client_certificate``  paths of a certificate and its key (None: in the same file) to log in with over TLS

    Raises MissingLibraryError without requests, ConfigError for an unusable ca_path or proxy.
    """

    def __init__(
        self,
        *,
        ca_path: str | None = None,
        proxy: str | None = None,
        timeout: float = 30.0,
        user_agent: str,
        environ: t.Mapping[str, str] | None = None,
        max_body: int = MAX_BODY,
        client_certificate: tuple[str, str | None] | None = None,
    ) -> None:
        environ = os.environ if environ is None else environ
        self._proxies = Proxies(proxy, environ)
        socks = ("socks",) if self._proxies.is_socks else ()
        if REQUESTS_IMPORT_ERROR is not None:
            raise extended(missing("requests", REQUESTS_IMPORT_ERROR), *socks) from REQUESTS_IMPORT_ERROR
        require(*socks)
        logging.getLogger("urllib3").setLevel(logging.CRITICAL)  # urllib3 logs URLs, and an upload URL is a secret
        self.timeout = timeout
        self._max_body = max_body
        # No requests.Session: it would apply netrc, cookies and the environment, and follow redirects.
        context = tls.client_context(ca_path, environ, requests.utils.DEFAULT_CA_BUNDLE_PATH)
        if client_certificate is not None:
            tls.load_client_certificate(context, *client_certificate)
        self._adapter = _Adapter(context)
        self._headers = {"User-Agent": user_agent, "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: t.Mapping[str, str] | None = None,
        params: t.Any = None,
        data: t.Any = None,
        json: t.Any = None,
        files: t.Any = None,
        stream: bool = False,
        timeout: float | None = None,
    ) -> requests.Response:
        """Send one request and return its response, of any status, redirects included. Raises TransportError.

        ``timeout`` replaces the transport's. With ``stream`` only the headers are read, the caller reads the body by
        ``read_stream`` (the timeout applies to each read) and closes the response; otherwise the body is complete.
        """
        timeout = self.timeout if timeout is None else timeout
        exchange, proxy = self._exchange(url, timeout)
        try:
            request = requests.Request(
                method,
                url,
                headers={**self._headers, **(headers or {})},
                params=params,
                data=data,
                json=json,
                files=files,
            ).prepare()
            with tls.response_within(None if stream else timeout):
                response = self._adapter.send(
                    request,
                    stream=True,
                    verify=True,
                    timeout=(exchange.connect_timeout, timeout),
                    proxies={"https": proxy, "http": proxy} if proxy else {},
                )
                response.raw.enforce_content_length = True  # urllib3 1 accepts a body that is cut short by default
                if not stream:
                    self._complete(response, exchange)
        except ValueError as exc:  # an invalid header, method or URL, which the text may quote
            if any(isinstance(arg, urllib3.exceptions.InvalidHeader) for arg in exc.args):
                raise TransportError(
                    f"The response of {exchange.endpoint} has contradictory headers",
                    why="Its Content-Length is given more than once, or is no number",
                    remedy="check proxies and firewalls between the task and the service",
                    url=exchange.url,
                ) from None
            raise TransportError(
                f"The request to {exchange.endpoint} can't be sent: {type(exc).__name__}",
                why="A value in it is no text that can be sent" if isinstance(exc, UnicodeError) else "",
                remedy="check the secrets and other values of the task for half of a surrogate pair, such as \\ud800 in JSON"
                if isinstance(exc, UnicodeError)
                else "",
                url=exchange.url,
                sent=False,
                retryable=False,
            ) from None
        except _FAILURES as exc:
            error = explain(exc, _phase(exc), exchange)
            raise error from error.__cause__
        return response

    def complete(self, response: requests.Response) -> None:
        """Read the whole body of a streamed response. Raises TransportError."""
        exchange, _proxy = self._exchange(str(response.url), self.timeout)
        with tls.response_within(self.timeout):
            self._complete(response, exchange)

    def read_stream(self, response: requests.Response, chunk_size: int = 1024 * 1024) -> t.Iterator[bytes]:
        """The body of a streamed response in chunks of at most that many bytes. Raises TransportError; closes it."""
        exchange, _proxy = self._exchange(str(response.url), self.timeout)
        with response:
            try:
                yield from response.iter_content(chunk_size)
            except _FAILURES as exc:
                error = explain(exc, _phase(exc, "body"), exchange)
                raise error from error.__cause__

    def close(self) -> None:
        """Close the idle connections."""
        self._adapter.close()

    def __enter__(self) -> Transport:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def _exchange(self, url: str, timeout: float) -> tuple[Exchange, str]:
        """The request, redacted for messages, and the proxy's URL. Raises TransportError for URLs without TLS or with a user."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            raise TransportError("Not a URL", sent=False, retryable=False) from None
        shown = f"[{host}]" if ":" in host else host
        endpoint = f"{shown}:{port}"
        safe = f"{parts.scheme}://{shown}{f':{parts.port}' if parts.port else ''}{parts.path}"
        if not host or not may_carry_secrets(parts.scheme, host):
            raise TransportError(
                f"{safe} is not an https URL",
                why="Tokens and secrets are only sent over TLS",
                remedy="write `api_url` and `authority` with https://",
                url=safe,
                sent=False,
                retryable=False,
            )
        if "@" in parts.netloc:
            raise TransportError(
                f"The URL of {endpoint} holds a user or password: remove it", url=safe, sent=False, retryable=False
            )
        proxy = self._proxies.url_for(host, port)
        shown_proxy = (self._proxies.display, self._proxies.source) if proxy else ("", "")
        return Exchange(safe, endpoint, host, min(CONNECT_TIMEOUT, timeout), timeout, *shown_proxy), proxy

    def _complete(self, response: requests.Response, exchange: Exchange) -> None:
        """Read the whole body, within the size limit."""
        chunks: list[bytes] = []
        size = 0
        try:
            for chunk in response.iter_content(_CHUNK):
                size += len(chunk)
                if size > self._max_body:
                    raise TransportError(
                        f"The response of {exchange.endpoint} is larger than {self._max_body // (1024 * 1024)} MiB",
                        remedy="request less at once, or download it to a file",
                        url=exchange.url,
                        retryable=False,
                    )
                chunks.append(chunk)
        except _FAILURES as exc:
            error = explain(exc, _phase(exc, "body"), exchange)
            raise error from error.__cause__
        finally:
            response.close()  # returns the connection to the pool if the body was read to its end, else closes it
        # The state that Response.content leaves, which has no size limit.
        response._content, response._content_consumed = b"".join(chunks), True
        response.encoding = response.encoding or "utf-8"


def _phase(exc: BaseException, default: Phase = "wait") -> Phase:
    if isinstance(exc, requests.exceptions.ProxyError):
        return "proxy"
    if isinstance(exc, requests.exceptions.ConnectTimeout):
        return "connect"
    if isinstance(exc, (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError)):
        return "body"
    return phase_of(exc, default)
