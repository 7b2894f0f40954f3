# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""An access token, the interface of its providers, and that of the ways to log in."""

from __future__ import annotations

import typing as t

from .._secret import Secret

if t.TYPE_CHECKING:
    from .._settings.resolve import Settings


class AccessToken(t.NamedTuple):
    """A bearer token. ``expires_on`` and ``obtained_on`` in seconds since the epoch.

    ``source`` is where it came from: ``cache``, ``identity_provider`` or ``passthrough``.
    """

    value: Secret
    expires_on: int
    obtained_on: int
    scope: str
    source: str = "identity_provider"
    token_type: str = "Bearer"

    def is_valid_for(self, min_validity: int, now: float) -> bool:
        """Whether it is valid for ``min_validity`` more seconds, or for half of its lifetime if that is shorter.

        Without the second rule, each task would send a request to a provider of short-lived tokens.
        """
        life = self.expires_on - self.obtained_on
        return self.expires_on - now >= (min_validity if life > min_validity else life / 2)


class TokenProvider(t.Protocol):
    """Provides a token for a scope (default: the Power BI API of the cloud). ``fresh`` bypasses the cache."""

    def token(self, *, scope: str | None = None, fresh: bool = False) -> AccessToken:
        """An access token."""


class HttpResponse(t.Protocol):
    """The part of requests.Response that login methods use."""

    status_code: int

    @property
    def text(self) -> str:
        """The body, decoded."""

    @property
    def headers(self) -> t.Mapping[str, str]:
        """By name, in any case."""


class HttpSender(t.Protocol):
    """Sends a request, with retries. Raises TransportError."""

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: t.Mapping[str, str] | None = None,
        params: t.Mapping[str, str] | None = None,
        data: t.Any = None,
        json: t.Any = None,
        timeout: float | None = None,
        idempotent: bool | None = None,
    ) -> t.Any:
        """Send one request and return its response, of any status."""


class Login(t.NamedTuple):
    """What a login method works with: HTTP, the environment, the clock, and a function that shows a prompt to a person."""

    sender: HttpSender
    environ: t.Mapping[str, str]
    now: t.Callable[[], float]
    sleep: t.Callable[[float], None]
    notify: t.Callable[[str], None] | None = None


class Method(t.Protocol):
    """One login method: requests a token of ``scope`` with ``settings.credential``.

    Raises ConfigError for unusable options, AuthError for a refusal by the identity provider, TransportError without a
    response, MissingLibraryError.
    """

    def __call__(self, settings: Settings, scope: str, login: Login) -> AccessToken:
        """An access token."""
