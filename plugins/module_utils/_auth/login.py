# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""What a way to log in is given to work with, and what it must be."""

from __future__ import annotations

import typing as t

from .._settings.resolve import Settings
from .tokens import AccessToken


class HttpAnswer(t.Protocol):
    """The part of requests.Response that logging in needs."""

    status_code: int

    @property
    def text(self) -> str:
        """The body, decoded."""

    @property
    def headers(self) -> t.Mapping[str, str]:
        """By name, in any case."""


class HttpSender(t.Protocol):
    """Sends a request and repeats it while that can help. Raises TransportError, explained."""

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
        """One request, one answer."""


class Login(t.NamedTuple):
    """The world around a log-in: HTTP, the environment, the clock, and a way to show a prompt to the person."""

    sender: HttpSender
    environ: t.Mapping[str, str]
    now: t.Callable[[], float]
    sleep: t.Callable[[float], None]
    notify: t.Callable[[str], None] | None = None


class Method(t.Protocol):
    """One way to log in: ask for a token of ``scope`` with ``settings.credential``.

    Raises ConfigError for what the user gave, AuthError for what the identity provider refused, TransportError
    where no answer came, MissingLibraryError.
    """

    def __call__(self, settings: Settings, scope: str, login: Login) -> AccessToken:
        """An access token."""
