# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The identity that a token belongs to, for errors: a refusal by an API makes sense only together with the caller."""

from __future__ import annotations

import typing as t

from .._errors import ConfigError
from .claims import decode
from .scrub import may_be_secret, tidy
from .tokens import AccessToken

if t.TYPE_CHECKING:
    from .._settings.resolve import Settings

_USER_NAMES = ("upn", "preferred_username", "unique_name", "email")


def caller_of(token: AccessToken | None, settings: Settings | None = None) -> dict[str, str]:
    """Type (app or user), client_id, user, object_id, tenant_id and auth_source, as far as they are known.

    The token's claims (unverified) take precedence over the settings. Contains no secrets.
    """
    claims: dict[str, t.Any] = {}
    if token is not None:
        try:
            claims = decode(token.value.reveal())
        except ConfigError:  # other providers than Entra may issue opaque tokens
            claims = {}
    user = next((claims[name] for name in _USER_NAMES if claims.get(name)), "")
    person = bool(user or claims.get("scp")) and claims.get("idtyp") != "app"
    fields = {
        "client_id": claims.get("appid") or claims.get("azp"),
        "user": user if person else "",
        "object_id": claims.get("oid"),
        "tenant_id": claims.get("tid"),
    }
    if settings is not None:
        credential = settings.credential
        fields["client_id"] = fields["client_id"] or credential.client_id
        fields["tenant_id"] = fields["tenant_id"] or credential.tenant_id
        fields["auth_source"] = credential.source
        username = credential.options.get("username")
        if not claims and credential.method == "password" and isinstance(username, str):
            fields["user"], person = username, True
    texts = {name: _shown(value) for name, value in fields.items() if isinstance(value, str) and value}
    return {"type": "user" if person else "app", **texts} if texts else {}


def _shown(value: str) -> str:
    """An id for a message. A user may have put a secret there by mistake."""
    text = tidy(value)
    return f"a text of {len(text)} characters that may be a secret" if may_be_secret(text) else text[:200]
