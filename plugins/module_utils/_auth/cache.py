# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The run's token cache: one small file per token, shared by all forks of an Ansible run.

A hit opens one file and imports nothing. A miss takes an advisory lock, looks again, and only then asks the identity
provider, so that any number of forks ask once. The lock goes with its process, so a killed run blocks nobody. Those
who waited for the lock while the request failed share that failure instead of asking again: a wrong secret or an
unreachable host costs one request, not one per host.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import time
import typing as t

from .._errors import AuthError, ConfigError, MissingLibraryError, PowerBIError, TransportError
from .._run.files import RunFiles
from .._secret import Secret
from .._settings.resolve import Settings
from .tokens import AccessToken

# Their content, not their name, is the credential; federated_token_file rotates, so there the name counts.
_CONTENT_OPTIONS = {"client_secret_file", "certificate_path"}

# What may go wrong while a token is got, by the name that a stored failure has.
_KINDS: dict[str, type[PowerBIError]] = {
    kind.kind: kind for kind in (AuthError, ConfigError, MissingLibraryError, TransportError)
}

_SHAPE = {"access_token": (str,), "scope": (str,), "expires_on": (int, float), "obtained_on": (int, float)}
_TEXTS = ("what", "why", "remedy", "library", "option", "code", "correlation_id", "trace_id", "timestamp")

# Seconds for which a token that still serves is given out, without asking again, after the provider did not answer.
_STALE_TOKEN_GRACE = 30.0


def cache_key(settings: Settings, scope: str) -> str:
    """A file name for (authority, tenant, client, scope, method), keyed with the credential itself.

    msal's own key leaves the secret out, so that a wrong secret would be given the token of the right one. Here the
    credential is the key of the HMAC: no other credential finds the entry, and the name tells nothing about it.

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


def read_file(option: str, path: str) -> bytes:
    """The content of a credential's file. Raises ConfigError that names the option."""
    try:
        with open(os.path.expanduser(path), "rb") as file:
            return file.read()
    except OSError as error:
        raise ConfigError(
            f"{option} is {path!r}, which can't be read: {error.strerror}",
            option=option,
            remedy="check the path and its permissions, on the host where the task runs",
        ) from error


class TokenCache:
    """Tokens in the files of one private directory, or no cache at all where ``directory`` is None."""

    def __init__(self, directory: str | None, now: t.Callable[[], float] = time.time) -> None:
        self._files = RunFiles(directory)
        self._now = now

    def get(self, key: str, min_validity: int) -> AccessToken | None:
        """The cached token if enough of it is left, else None. Takes no lock."""
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
        self, key: str, min_validity: int, acquire: t.Callable[[], AccessToken], *, refusal_stands: float = 0.0
    ) -> AccessToken:
        """The cached token, or the one that ``acquire()`` brings while all others who need it wait.

        Raises what ``acquire`` raises; those who waited meanwhile get an equal error. So do those who come within
        ``refusal_stands`` seconds after the identity provider refused.
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
                patience = _STALE_TOKEN_GRACE if self.get(key, enough) else 0.0
                self._raise_if_failed_since(key, arrived - patience, arrived - refusal_stands)
                try:
                    token = acquire()
                except PowerBIError as error:
                    self._files.write(f"{key}.failed", _failure(error, self._now()))
                    raise
            except PowerBIError as error:
                # An identity provider that is out of order must not stop a run whose token still serves.
                passing = isinstance(error, TransportError) or (isinstance(error, AuthError) and error.retryable)
                old = self.get(key, enough) if passing else None
                if old is None:
                    raise
                return old
            self._files.write(f"{key}.json", _entry(token))
            return token

    def replace(self, key: str, token: AccessToken) -> None:
        """Store a token that was got without asking the cache first."""
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
