# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The token provider of a run and its cache: one small file per token, shared by all forks of an Ansible run.

A hit opens one file and imports nothing. A miss takes an advisory lock, reads the cache again, and only then sends a
request to the identity provider, so that any number of forks send one request. The lock ends with its process, so a
killed run blocks no other. Forks that waited for the lock while the request failed raise the same failure and send no
request: a wrong secret or an unreachable host costs one request, not one per host.
"""

from __future__ import annotations

import hashlib
import hmac
import time
import typing as t

from .._errors import AuthError, ConfigError, MissingLibraryError, PowerBIError, TransportError
from .._run_files import RunFiles
from .._secret import Secret
from .._settings.credential import read_file
from .._settings.resolve import Settings
from .tokens import AccessToken

if t.TYPE_CHECKING:
    from .tokens import Login


# The key contains the content of these files, not their path; federated_token_file rotates, so its path is used.
_CONTENT_OPTIONS = {"client_secret_file", "certificate_path"}

# The errors of a token request, by the name that a stored failure has.
_KINDS: dict[str, type[PowerBIError]] = {
    kind.kind: kind for kind in (AuthError, ConfigError, MissingLibraryError, TransportError)
}

_SHAPE = {"access_token": (str,), "scope": (str,), "expires_on": (int, float), "obtained_on": (int, float)}
_TEXTS = ("what", "why", "remedy", "library", "option", "code", "correlation_id", "trace_id", "timestamp")

# Seconds after a failed request in which a token that is still valid is returned without a further request.
_STALE_TOKEN_GRACE = 30.0

# Seconds that a refusal is cached. A person's account is locked after a few wrong passwords, so the hosts of a run must
# not try one after the other. An app's is not, and plays wait with `until` until its new secret has propagated.
_LOCKOUT = 300.0


def cache_key(settings: Settings, scope: str) -> str:
    """A file name for (authority, tenant, client, scope, method), keyed with the credential itself.

    msal's own key leaves the secret out, so that a wrong secret would get the token of the right one. Here the credential
    is the key of the HMAC: no other credential finds the entry, and the file name reveals nothing about the credential.

    Raises ConfigError if a file of the credential can't be read.
    """
    credential = settings.credential
    key = hashlib.sha256()
    for option, value in sorted(credential.options.items()):
        if option in _CONTENT_OPTIONS:
            data = read_file(option, value)
        else:
            data = (value.reveal() if isinstance(value, Secret) else str(value)).encode("utf-8", "surrogatepass")
        key.update(f"{option}\0{len(data)}\0".encode() + data)
    identity = (
        settings.authority,
        credential.tenant_id.lower(),
        credential.client_id.lower(),
        scope,
        credential.method,
    )
    return hmac.new(key.digest(), "\0".join(identity).encode(), hashlib.sha256).hexdigest()


class TokenCache:
    """Tokens in the files of one private directory, or no cache at all where ``directory`` is None."""

    def __init__(self, directory: str | None, now: t.Callable[[], float] = time.time) -> None:
        self._files = RunFiles(directory)
        self._now = now

    def get(self, key: str, min_validity: int) -> AccessToken | None:
        """The cached token if it is valid for ``min_validity`` seconds, else None. Takes no lock."""
        entry = self._files.read(f"{key}.json")
        if any(type(entry.get(name)) not in kinds for name, kinds in _SHAPE.items()):
            return None  # absent, or of another shape
        token = AccessToken(
            Secret(entry["access_token"]), entry["expires_on"], entry["obtained_on"], entry["scope"], "cache"
        )
        try:
            return token if token.is_valid_for(min_validity, self._now()) else None
        except OverflowError:
            return None

    def get_or_acquire(
        self, key: str, min_validity: int, acquire: t.Callable[[], AccessToken], *, negative_ttl: float = 0.0
    ) -> AccessToken:
        """The cached token, or the result of ``acquire()``, for which all other forks that need the token wait.

        Raises what ``acquire`` raises, in forks that waited meanwhile as well, and in calls within ``negative_ttl`` seconds
        after the identity provider refused.
        """
        token = self.get(key, min_validity)
        if token or not self._files.usable():
            return token or acquire()
        arrived = self._now()
        with self._files.lock(f"{key}.lock"):
            token = self.get(key, min_validity)
            if token:
                return token
            enough = min(60, min_validity)
            try:
                grace = _STALE_TOKEN_GRACE if self.get(key, enough) else 0.0
                self._raise_if_failed_since(key, arrived - grace, arrived - negative_ttl)
                try:
                    token = acquire()
                except PowerBIError as error:
                    self._files.write(f"{key}.failed", _failure(error, self._now()))
                    raise
            except PowerBIError as error:
                # An identity provider that is unavailable must not stop a run whose token is still valid.
                transient = isinstance(error, TransportError) or (isinstance(error, AuthError) and error.retryable)
                old = self.get(key, enough) if transient else None
                if old is None:
                    raise
                return old
            self._files.write(f"{key}.json", _entry(token))
            return token

    def replace(self, key: str, token: AccessToken) -> None:
        """Store a token that was acquired without reading the cache first."""
        if self._files.usable():
            self._files.write(f"{key}.json", _entry(token))

    def _raise_if_failed_since(self, key: str, time_of_any: float, time_of_refusal: float) -> None:
        failure = self._files.read(f"{key}.failed")
        try:
            facts = failure["facts"]
            if not all(isinstance(facts.get(name, ""), str) for name in _TEXTS):
                return
            error = _KINDS[failure["kind"]](**facts)
            refusal = isinstance(error, AuthError) and not error.retryable
            counts = failure["at"] > (min(time_of_any, time_of_refusal) if refusal else time_of_any)
        except (KeyError, TypeError, AttributeError, ValueError):  # of another shape
            return
        if counts:
            raise error


def _entry(token: AccessToken) -> dict[str, t.Any]:
    return {
        "access_token": token.value.reveal(),
        "expires_on": token.expires_on,
        "obtained_on": token.obtained_on,
        "scope": token.scope,
    }


def _failure(error: PowerBIError, at: float) -> dict[str, t.Any]:
    facts = error.to_dict()
    kind = facts.pop("kind")
    return {"at": at, "kind": kind, "facts": facts}


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
        from .methods import acquire

        return acquire(self._settings, scope, self._login())
