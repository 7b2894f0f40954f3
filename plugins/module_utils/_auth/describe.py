# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""A token as the result of `powerbi_token`, module and lookup alike."""

from __future__ import annotations

import time
import typing as t

from .._clock import timestamp
from .._errors import ConfigError
from .._settings.resolve import Settings
from .claims import decode, safe_claims
from .tokens import AccessToken


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
