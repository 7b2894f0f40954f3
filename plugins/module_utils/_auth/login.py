# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The interface between a login method and its caller."""

from __future__ import annotations

import typing as t

from .._settings.resolve import Settings
from .tokens import AccessToken


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
