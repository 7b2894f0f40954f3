# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Settings -> token provider, and transport and API client when they are first used.

Imports of the HTTP layer stay inside the functions: a task whose token is cached must not import requests.
"""

from __future__ import annotations

import os
import time
import typing as t

from ._auth.cache import CachingTokenProvider, TokenCache
from ._errors import ConfigError
from ._requirements import for_method, require
from ._run_files import record_identity
from ._secret import Secret
from ._settings.resolve import ConfigSource, Settings, resolve

if t.TYPE_CHECKING:
    from ._auth.tokens import Login
    from ._clock import Clock
    from ._http.client import Client
    from ._http.quota import Governor
    from ._http.sender import RetryingSender
    from ._http.transport import Transport

VERSION = "0.1.0"
SHORTEST_SECRET = 8  # characters; masking a shorter one would damage unrelated texts
USER_AGENT = f"community.powerbi/{VERSION} (Ansible)"


class Session:
    """The connection of a task: ``settings``, ``tokens``, and lazily ``transport``, ``sender`` and ``client``.

    ``cache_directory`` is the run's private folder, or None for no cache. ``notify`` shows a prompt immediately,
    ``warn`` reports a warning. ``hidden`` returns further texts to redact.
    """

    def __init__(
        self,
        settings: Settings,
        environ: t.Mapping[str, str],
        *,
        cache_directory: str | None = None,
        notify: t.Callable[[str], None] | None = None,
        warn: t.Callable[[str], None] | None = None,
        hidden: t.Callable[[], set[str]] = set,
    ) -> None:
        self.settings = settings
        self._directory = cache_directory
        self._warn = warn
        self._hidden = hidden
        self._environ = environ
        self._notify = notify
        self._transport: Transport | None = None
        self._sender: RetryingSender | None = None
        self._governor: Governor | None = None
        self._client: Client | None = None
        cache = TokenCache(cache_directory if settings.cache == "run" else None)
        self.tokens = CachingTokenProvider(settings, cache, self._login)

    @property
    def transport(self) -> Transport:
        """The transport of the session, created when it is first used. Raises ConfigError, MissingLibraryError."""
        if self._transport is None:
            require(*self.requirements())
            from ._http.transport import Transport

            self._transport = Transport(
                ca_path=self.settings.ca_path,
                proxy=self._proxy(),
                timeout=self.settings.timeout,
                user_agent=USER_AGENT,
                environ=self._environ,
            )
        return self._transport

    @property
    def sender(self) -> RetryingSender:
        """The transport with retries."""
        if self._sender is None:
            from ._clock import SystemClock
            from ._http.quota import Governor
            from ._http.retry import RetryPolicy
            from ._http.sender import RetryingSender

            clock = SystemClock()
            self._governor = Governor(
                clock,
                directory=self._directory,
                identity=self._quota_identity,
                rate=self.settings.rate_limit,
                notify=self._warn,
            )
            policy = RetryPolicy(budget=self.settings.retry_timeout)
            self._sender = RetryingSender(self.transport, policy, clock, self._governor)
        return self._sender

    @property
    def client(self) -> Client:
        """The API client."""
        if self._client is None:
            from ._auth.caller import caller_of
            from ._http.client import Client

            scopes = {"graph": self.settings.cloud.graph_scope}
            self._client = Client(
                self.sender,
                self.tokens,
                api_hosts(self.settings),
                scopes,
                caller=lambda token: caller_of(token, self.settings),
                secrets=self.known_secrets,
            )
        return self._client

    def requirements(self) -> tuple[str, ...]:
        """The features that a request of this session needs, its login included. Raises ConfigError for an invalid proxy."""
        from ._http.proxies import Proxies

        proxies = Proxies(self._proxy(), self._environ)
        return ("requests", *for_method(self.settings.credential.method), *(["socks"] if proxies.is_socks else []))

    def _quota_identity(self) -> str:
        """When it is first needed, the first request has its token."""
        issued = self.tokens.issued_secrets
        return quota_identity(self.settings, issued[-1] if issued else None)

    def _proxy(self) -> str | None:
        return self.settings.proxy.reveal() if self.settings.proxy else None

    def secrets(self) -> set[str]:
        """The secrets and tokens in use, for masking results, without short ones that unrelated texts contain by chance."""
        return {secret for secret in self.known_secrets() if len(secret) >= SHORTEST_SECRET}

    def known_secrets(self) -> set[str]:
        """All secrets and tokens of the task, for redacting texts of servers."""
        options = self.settings.credential.options.values()
        held = [value for value in options if isinstance(value, Secret)] + self.tokens.issued_secrets
        return {secret.reveal() for secret in held if secret} | self._hidden()

    def requests_sent(self) -> int:
        """The number of HTTP requests so far, with those that were repeated."""
        return 0 if self._sender is None else self._sender.counters.requests

    def close(self) -> None:
        """Close the connections and files, as far as they were opened."""
        if self._governor is not None:
            self._governor.close()
        if self._transport is not None:
            self._transport.close()

    def _login(self) -> Login:
        from ._auth.tokens import Login

        if for_method(self.settings.credential.method):
            require(*self.requirements())
        return Login(_LazySender(self), self._environ, time.time, time.sleep, self._notify)


def verify_login(settings: Settings, clock: Clock, timeout: float) -> float:
    """Log in, each time as a new client with its own connection and without a cache. Returns seconds waited.

    Raises NotPropagatedError, AuthError, TransportError.
    """
    from ._auth.propagation import wait_until_propagated

    def log_in() -> None:
        fresh = Session(settings._replace(cache="none"), os.environ)
        try:
            fresh.tokens.token(fresh=True)
        finally:
            fresh.close()

    return wait_until_propagated(log_in, clock, float(timeout))


class _LazySender:
    """The session's sender, created when it is first used: a passed-in token, or that of az, needs no HTTP requests."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def send(self, method: str, url: str, **request: t.Any) -> t.Any:
        return self._session.sender.send(method, url, **request)


def open_session(
    sources: t.Sequence[ConfigSource],
    environ: t.Mapping[str, str],
    *,
    cache_directory: str | None = None,
    notify: t.Callable[[str], None] | None = None,
    warn: t.Callable[[str], None] | None = None,
    hidden: t.Callable[[], set[str]] = set,
) -> Session:
    """Resolve the settings by precedence and create the session. Raises ConfigError.

    ``warn`` is called if the run mixes identities, and if it waits for the quota.
    """
    settings = resolve(
        sources,
        environ,
        lambda name: _read_profile(name, environ),
        _detect_workload,
        lambda name: _read_azure_profile(name, environ),
    )
    mixed = record_identity(cache_directory, settings.credential)
    if mixed and warn is not None:
        warn(mixed)
    return Session(settings, environ, cache_directory=cache_directory, notify=notify, warn=warn, hidden=hidden)


def quota_identity(settings: Settings, token: Secret | None = None) -> str:
    """The service and the identity whose quota requests use: by the claims of the token, however it was acquired.

    With a token that can't be decoded, by the credential, of which a token that was passed in is a part.
    """
    from ._auth.claims import decode

    credential = settings.credential
    passed = credential.secret("access_token")
    token = token or passed
    try:
        claims = decode(token.reveal()) if token else {}
    except ConfigError:
        claims = {}
    identity = claims.get("oid") or claims.get("appid") or claims.get("azp")
    if identity and claims.get("tid"):
        return f"{settings.api_url}\n{claims['tid']}\n{identity}".lower()
    names = ("username", "managed_identity_resource_id", "managed_identity_object_id", "access_token_file")
    options = [credential.text(name) or "" for name in names] + ([passed.reveal()] if passed else [])
    return "\n".join((settings.api_url, credential.tenant_id, credential.client_id, *options)).lower()


def _read_profile(name: str | None, environ: t.Mapping[str, str]) -> dict[str, t.Any] | None:
    from ._settings.profiles import profiles_path, read_profile

    return read_profile(profiles_path(environ), name)


def _read_azure_profile(name: str, environ: t.Mapping[str, str]) -> dict[str, t.Any] | None:
    from ._settings.profiles import azure_credentials_path, read_azure_profile

    return read_azure_profile(azure_credentials_path(environ), name)


def _detect_workload(environ: t.Mapping[str, str]) -> str | None:
    from ._auth.oidc_pipelines import detect

    return detect(environ)


def api_hosts(settings: Settings) -> dict[str, str]:
    """Base URL of each API. With `api_url` all are below it: a private endpoint or the emulator serves them all."""
    own = settings.api_url != settings.cloud.powerbi_url
    powerbi = f"{settings.api_url}/v1.0/myorg"
    fabric = settings.api_url if own else settings.cloud.fabric_url
    graph = settings.api_url if own else settings.cloud.graph_url
    hosts = {"powerbi": powerbi, "admin": f"{powerbi}/admin", "graph": f"{graph}/v1.0"}
    if fabric:
        hosts["fabric"] = f"{fabric}/v1"
    return hosts
