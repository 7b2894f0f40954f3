# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The token provider of a run: first the cache, then one login for all forks that wait."""

from __future__ import annotations

import typing as t

from .._secret import Secret
from .._settings.resolve import Settings
from .cache import TokenCache, cache_key
from .tokens import AccessToken

if t.TYPE_CHECKING:
    from .login import Login


# Seconds that a refusal is cached. A person's account is locked after a few wrong passwords, so the hosts of a run must
# not try one after the other. An app's is not, and plays wait with `until` until its new secret has propagated.
_LOCKOUT = 300.0


class CachingTokenProvider:
    """Tokens for ``settings``, as a `TokenProvider`. ``login`` is called only where no cached token is valid."""

    def __init__(self, settings: Settings, cache: TokenCache, login: t.Callable[[], Login]) -> None:
        self._settings = settings
        self._cache = cache
        self._login = login
        self.issued_secrets: list[Secret] = []  # for masking

    def token(self, *, scope: str | None = None, fresh: bool = False) -> AccessToken:
        """A token of ``scope`` (default: ``settings.scope``). ``fresh`` acquires a new one and replaces the cached one.

        Raises ConfigError, AuthError, TransportError, MissingLibraryError.
        """
        token = self._find(scope or self._settings.scope, fresh)
        self.issued_secrets.append(token.value)
        return token

    def _find(self, desired: str, fresh: bool) -> AccessToken:
        settings = self._settings
        if settings.credential.method == "access_token":
            return self._acquire(desired)
        key = cache_key(settings, desired)
        if fresh:
            token = self._acquire(desired)
            self._cache.replace(key, token)
            return token
        negative_ttl = _LOCKOUT if settings.credential.method == "password" else 0.0
        return self._cache.get_or_acquire(
            key, settings.min_validity, lambda: self._acquire(desired), negative_ttl=negative_ttl
        )

    def _acquire(self, scope: str) -> AccessToken:
        from .authenticator import acquire

        return acquire(self._settings, scope, self._login())
