# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Use an access token that was obtained elsewhere, after its audience and expiry were checked."""

from __future__ import annotations

import time
import typing as t

from .._errors import AuthError, ConfigError
from .._secret import Secret
from .._settings.clouds import EQUIVALENT_AUDIENCES
from .._settings.resolve import Settings
from .cache import read_file
from .claims import decode
from .login import Login
from .tokens import AccessToken

_SHORTEST_LIFE = 60  # seconds; with less left, the task would fail in the middle


def acquire(settings: Settings, scope: str, login: Login) -> AccessToken:
    """The token of ``access_token`` or ``access_token_file``; no request. Raises ConfigError, AuthError."""
    option, secret = _read_token(settings)
    claims = decode(secret.reveal(), option=option)
    _check_audience(option, claims.get("aud"), scope)
    expires_on = _check_life(option, claims, login.now())
    return AccessToken(secret, expires_on, int(login.now()), scope, "passthrough")


def _read_token(settings: Settings) -> tuple[str, Secret]:
    secret = settings.credential.secret("access_token")
    if secret:
        option, text = "access_token", secret.reveal()
    else:
        option, path = "access_token_file", str(settings.credential.options["access_token_file"])
        text = read_file(option, path).decode("ascii", "replace")
    token = text.strip()
    if token[:7].lower() == "bearer ":
        token = token[7:].strip()
    if token.startswith("{") and "access_token" in token:
        raise ConfigError(
            f"{option} holds a whole result, not its token",
            option=option,
            remedy="give its key `.access_token`, such as `{{ result.access_token }}`",
        )
    if not token:
        raise ConfigError(f"{option} is empty", option=option, remedy="give the token, without the word Bearer")
    return option, Secret(token)


def _check_audience(option: str, audience: t.Any, scope: str) -> None:
    desired = (scope.removesuffix("/.default")).rstrip("/")
    audiences = {str(item).rstrip("/") for item in (audience if isinstance(audience, list) else [audience])}
    if desired not in audiences and not (desired in EQUIVALENT_AUDIENCES and audiences & EQUIVALENT_AUDIENCES):
        raise AuthError(
            f"the token in {option} is for {audience}, but {desired} is needed",
            code="audience",
            why="each token serves one API only",
            remedy=f"get it for the scope {desired}/.default, or set scope, resource or cloud if the other API is meant",
        )


def _check_life(option: str, claims: t.Mapping[str, t.Any], now: float) -> int:
    try:
        expires_on = int(claims["exp"])
        time.gmtime(expires_on)  # results show it as a date
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        raise ConfigError(
            f"the token in {option} has no expiry (claim exp)",
            option=option,
            remedy="give an access token of Entra ID",
        ) from None
    left = expires_on - now
    if left < _SHORTEST_LIFE:
        when = f"expired {-left:.0f} s ago" if left <= 0 else f"expires in {left:.0f} s"
        raise AuthError(
            f"the token in {option} {when}",
            code="expired",
            why="tokens live for about an hour, or the clock of this machine is wrong" if left <= 0 else "",
            remedy="get a new one; with client_id and a credential instead of a token this happens by itself",
        )
    return expires_on
