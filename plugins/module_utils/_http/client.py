# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Requests to the APIs: with a token, retried and redirected only where that is safe, decoded, errors explained."""

from __future__ import annotations

import copy
import threading
import typing as t

from .._auth.caller import caller_of
from .._auth.tokens import AccessToken, TokenProvider
from .._errors import PowerBIError, TransportError
from .._guid import GUID
from . import hosts as urls
from .api_errors import to_error
from .failure import read_failure
from .hosts import Hosts
from .limits import endpoint_of
from .paging import Pages
from .response import ApiResponse, Origin, decode
from .sender import RetryingSender, SendResult

if t.TYPE_CHECKING:
    import requests

SUCCESS = range(200, 300)
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_MAX_REDIRECTS = 5
_MAX_DOWNLOADS = 3
_MIN_VALIDITY = 120  # seconds that a token must still live to be sent

# Codes of refusals that a fresh token does not change.
_FINAL_REFUSALS = frozenset(("groupnotaccessible", "powerbinotauthorizedexception", "powerbinotlicensedexception"))


class Client:
    """One task's client of the APIs. Thread-safe: threads share token, throttling and connections.

    ``hosts`` has the base URL of each API by name, and so the only hosts that get a token; ``scopes`` the token's scope
    for those APIs that need another one than the provider's default. ``caller`` returns the identity of a token,
    ``secrets`` the texts to redact in responses.
    """

    def __init__(
        self,
        sender: RetryingSender,
        tokens: TokenProvider,
        hosts: t.Mapping[str, str],
        scopes: t.Mapping[str, str] | None = None,
        *,
        caller: t.Callable[[AccessToken | None], dict[str, str]] = caller_of,
        secrets: t.Callable[[], t.Iterable[str]] = tuple,
    ) -> None:
        self.sender = sender
        self.hosts = Hosts(hosts, scopes)
        self.secrets = secrets
        self._tokens = tokens
        self._headers: t.Mapping[str, str] = {}
        self._caller = caller
        self._held: dict[str | None, AccessToken] = {}
        self._lock = threading.Lock()

    def with_headers(self, headers: t.Mapping[str, str]) -> Client:
        """A client that shares all state with this one, and sends further headers to trusted hosts."""
        other = copy.copy(self)
        other._headers = {**self._headers, **headers}
        return other

    def sign_in(self) -> None:
        """Get the token now, before several threads need it. Raises AuthError, TransportError."""
        self._token("powerbi")

    def request(
        self,
        method: str,
        path: str,
        *,
        api: str = "powerbi",
        query: t.Mapping[str, t.Any] | None = None,
        body: t.Any = None,
        data: t.Any = None,
        headers: t.Mapping[str, str] | None = None,
        idempotent: bool | None = None,
        success: t.Container[int] = SUCCESS,
        timeout: float | None = None,
        budget: float | None = None,
    ) -> ApiResponse:
        """Send one request to an API.

        ``path`` is below the API's base, quoted (``hosts.quoted_path``), or an absolute URL on a trusted host.
        ``body`` is sent as JSON; ``data`` as raw bytes, or a function that returns a stream for each try, with its
        Content-Type in ``headers``. ``idempotent`` overrides the HTTP method's. Statuses in ``success`` are no errors.
        ``timeout`` and ``budget`` in seconds replace the options ``timeout`` and ``retry_timeout``; without a budget
        (0) nothing is retried, for callers that poll.

        Raises ApiError (and its kinds), TransportError, AuthError, ConfigError.
        """
        exchanged = self._exchange(
            method,
            self.hosts.url(api, path, query),
            api,
            json=body,
            data=data,
            headers=headers or {},
            idempotent=idempotent,
            timeout=timeout,
            budget=budget,
        )
        response = exchanged.response
        if response.status_code not in success:
            raise self._error(method, exchanged, api)
        whose = f"{method} {self.hosts.redacted_path(str(response.url))}"
        body = decode(response.content, response.headers.get("Content-Type", ""), whose)
        return ApiResponse(response.status_code, response.headers, body, self.origin(api))

    def pages(
        self, path: str, *, api: str = "powerbi", query: t.Mapping[str, t.Any] | None = None, **style: t.Any
    ) -> t.Iterator[dict[str, t.Any]]:
        """All entries of a list, page after page; ``style`` as for ``paging.Pages``. Raises as ``request`` does."""
        return iter(Pages(self, path, api=api, query=query or {}, **style))

    def download(
        self,
        path: str,
        target: t.BinaryIO,
        *,
        api: str = "powerbi",
        query: t.Mapping[str, t.Any] | None = None,
    ) -> ApiResponse:
        """GET a body of any size and type into a seekable file, from its current position. The response's body is its size.

        A redirect to another host (a storage account) is followed without Authorization. A download that breaks off is
        restarted.
        """
        start = target.tell()
        for attempt in range(1, _MAX_DOWNLOADS + 1):
            exchanged = self._exchange("GET", self.hosts.url(api, path, query), api, stream=True, elsewhere=True)
            response = exchanged.response
            if response.status_code not in SUCCESS:
                self.sender.transport.complete(response)
                raise self._error("GET", exchanged, api)
            target.seek(start)
            target.truncate()
            try:
                size = sum(target.write(chunk) for chunk in self.sender.transport.read_stream(response))
            except TransportError:
                if attempt == _MAX_DOWNLOADS:
                    raise
                continue
            return ApiResponse(response.status_code, response.headers, size)
        raise AssertionError("unreachable")

    def _exchange(
        self,
        method: str,
        url: str,
        api: str,
        *,
        headers: t.Mapping[str, str] | None = None,
        elsewhere: bool = False,
        **request: t.Any,
    ) -> SendResult:
        """Send, with a token for trusted hosts only; a refused token is replaced once; redirects are followed if safe."""
        token = self._token(api)
        may_refresh = True
        for _hop in range(_MAX_REDIRECTS + 2):
            own = self.hosts.is_trusted(url, api)
            sent_headers = {"Accept": "*/*" if request.get("stream") else "application/json", **(headers or {})}
            if own:
                sent_headers.update(self._headers)
                sent_headers["Authorization"] = f"{token.token_type} {token.value.reveal()}"
            endpoint = endpoint_of(self.hosts.api_of(url), method, GUID.sub("{id}", self.hosts.redacted_path(url)))
            exchanged = self.sender.exchange(method, url, headers=sent_headers, endpoint=endpoint, **request)
            response = exchanged.response
            if own and may_refresh and self._token_refused(response, bool(request.get("stream"))):
                may_refresh = False
                fresh = self._fresh_token(api, token)
                if fresh is not None and _replayable(request):
                    response.close()
                    token = fresh
                    continue
            if response.status_code not in _REDIRECTS or "Location" not in response.headers:
                return exchanged
            url = self._redirected(method, url, api, response, elsewhere)
            if not _replayable(request):
                raise TransportError(f"{method} was redirected, but its body can't be sent a second time")
            response.close()
        raise TransportError(
            f"{method} {self.hosts.redacted_path(url)} is redirected again and again",
            remedy="check `api_url`",
            retryable=False,
        )

    def _redirected(self, method: str, url: str, api: str, response: requests.Response, elsewhere: bool) -> str:
        """The URL for the same request. Only downloads may leave the trusted hosts, and never over plain HTTP."""
        location = urls.target(url, response.headers["Location"])
        if not (elsewhere and location.startswith("https://")):
            self.hosts.require_trusted(location, api)
        if response.status_code not in (307, 308) and method not in ("GET", "HEAD"):
            raise TransportError(
                f"{method} {self.hosts.redacted_path(url)} was redirected with {response.status_code}",
                why="Such a redirect would send another request than this one, which no API of Power BI does",
                remedy="check `api_url`",
                retryable=False,
            )
        return location

    def _token_refused(self, response: requests.Response, streamed: bool) -> bool:
        """Whether a fresh token may help: 401, or 403 with TokenExpired, but not where the caller lacks a right."""
        if response.status_code not in (401, 403):
            return False
        if streamed:
            self.sender.transport.complete(response)
        code = read_failure(response.status_code, response.headers, response.content).code.lower()
        return code == "tokenexpired" or (response.status_code == 401 and code not in _FINAL_REFUSALS)

    def _token(self, api: str) -> AccessToken:
        """The current token, or a new one shortly before that expires, for example during a wait of two hours."""
        scope = self.hosts.scope(api)
        with self._lock:
            held = self._held.get(scope)
            if held is None or not held.is_valid_for(_MIN_VALIDITY, self.sender.clock.time()):
                held = self._held[scope] = self._tokens.token(scope=scope)
            return held

    def _fresh_token(self, api: str, refused: AccessToken) -> AccessToken | None:
        """A token other than the refused one: another thread's, else a new one; None if no other token can be acquired."""
        scope = self.hosts.scope(api)
        with self._lock:
            held = self._held.get(scope)
            if held is not None and held.value != refused.value:
                return held
            try:
                fresh = self._tokens.token(scope=scope, fresh=True)
            except PowerBIError:
                return None  # the API's refusal is the error to report
            if fresh.value == refused.value:
                return None
            self._held[scope] = fresh
            return fresh

    def origin(self, api: str) -> Origin:
        """The context that explains failures in successful responses of that API: of operations, imports, refreshes."""
        return Origin(api, lambda: self.caller(api), self._hidden)

    def caller(self, api: str) -> dict[str, str]:
        """The identity of requests to that API, as far as the current token and the settings contain it."""
        with self._lock:
            held = self._held.get(self.hosts.scope(api))
        return self._caller(held)

    def _hidden(self) -> tuple[str, ...]:
        """The texts to redact: the current tokens and the secrets."""
        with self._lock:
            held = [token.value.reveal() for token in self._held.values()]
        return (*held, *self.secrets())

    def _error(self, method: str, exchanged: SendResult, api: str) -> PowerBIError:
        response = exchanged.response
        failure = read_failure(response.status_code, response.headers, response.content, self._hidden())
        return to_error(
            failure,
            method,
            self.hosts.redacted_path(str(response.url)),
            api=api,
            caller=self.caller(api),
            stopped=exchanged.stopped,
            retry_after=exchanged.retry_after,
        )


def _replayable(request: t.Mapping[str, t.Any]) -> bool:
    data = request.get("data")
    return callable(data) or not hasattr(data, "read")
