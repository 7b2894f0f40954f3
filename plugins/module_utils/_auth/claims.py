# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The claims of a token, read without verifying its signature: for messages and results, never for authorization.

PyJWT would read the same, but its import costs 80 ms, and the path of a cached token otherwise less than 1 ms.
"""

from __future__ import annotations

import base64
import json
import time
import typing as t

from .._clock import timestamp
from .._errors import ConfigError

if t.TYPE_CHECKING:
    from .._settings.resolve import Settings
    from .tokens import AccessToken

# Safe to show: identity, audience and times. No other claim is shown.
_SHOWN = ("aud", "iss", "appid", "oid", "tid", "roles", "idtyp", "exp", "ver")


def decode(token: str, *, option: str = "access_token") -> dict[str, t.Any]:
    """The claims of a signed JWT (three base64url parts), unverified. Times are seconds since the epoch.

    ``option`` names where the token came from. Raises ConfigError, which never quotes the token, if it is not a JWT, is
    an encrypted one (five parts), or has no claims that can be read.
    """
    token = token.strip()
    if not token:
        raise ConfigError(f"{option} is empty", option=option, remedy=f"check that the variable behind {option} is set")
    if token[:7].lower() == "bearer ":
        raise ConfigError(
            f"{option} begins with the word Bearer",
            option=option,
            why="that word belongs to the Authorization header, not to the token",
            remedy=f"give {option} without it",
        )
    parts = token.split(".")
    if len(parts) == 5:
        raise ConfigError(
            f"{option} is an encrypted token, which only the service that it was made for can read",
            option=option,
            why="it has the five parts of a JWE",
            remedy="request a token whose audience is the Power BI API (scope, resource)",
        )
    if len(parts) != 3:
        raise ConfigError(
            f"{option} is not a JSON Web Token",
            option=option,
            why=f"a JWT has three parts with dots between them, this has {len(parts)}: an opaque token, another kind of "
            "secret, or part of a token",
            remedy=f"give the whole access token of Entra ID in {option}",
        )
    try:
        claims = json.loads(_decode_part(parts[1]))
    except (ValueError, RecursionError):
        claims = None
    if not isinstance(claims, dict):
        # No "from": the cause's text would quote bytes of the token.
        raise ConfigError(
            f"{option} is not a JSON Web Token",
            option=option,
            why="its second part is not base64url of a JSON object: the token is damaged, or was cut or masked on its way",
            remedy=f"give the whole access token of Entra ID in {option}",
        )
    return claims


def _decode_part(part: str) -> bytes:
    # RFC 7515 leaves the padding out; with validate, characters outside of base64url are refused instead of skipped.
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)


def safe_claims(claims: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Those claims that may be shown: aud, iss, appid (or azp), oid, tid, roles, idtyp, exp (epoch seconds), ver.

    Absent ones are left out. ``has_scp`` is whether the token has delegated permissions, which only users' tokens have.
    """
    shown = {name: claims[name] for name in _SHOWN if name in claims}
    if "appid" not in shown and "azp" in claims:
        shown["appid"] = claims["azp"]  # its name in version 2.0 of the format
    shown["has_scp"] = bool(claims.get("scp"))
    return shown


def describe(token: AccessToken, settings: Settings) -> dict[str, t.Any]:
    """The documented return values of `powerbi_token`; ``access_token`` in clear."""
    try:
        claims = safe_claims(decode(token.value.reveal()))
    except ConfigError:  # other providers than Entra may issue opaque tokens
        claims = {}
    credential = settings.credential
    return {
        "access_token": token.value.reveal(),
        "token_type": token.token_type,
        "expires_in": max(0, int(token.expires_on - time.time())),
        "expires_on": timestamp(token.expires_on),
        "scope": token.scope,
        "tenant_id": credential.tenant_id or claims.get("tid", ""),
        "client_id": credential.client_id or claims.get("appid", ""),
        "auth_method": credential.method,
        "auth_source": credential.source,
        "source": token.source,
        "claims": claims,
    }
