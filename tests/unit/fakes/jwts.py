# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens without a signature, for code that only reads them."""

from __future__ import annotations

import base64
import json
import time
import typing as t

POWERBI = "https://analysis.windows.net/powerbi/api"


def jwt(**claims: t.Any) -> str:
    """A JWT with these claims and no more."""
    parts = ({"typ": "JWT", "alg": "RS256"}, claims, "signature")
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)


def access_token(*, life: float = 3600, now: float | None = None, **claims: t.Any) -> str:
    """An app's access token for Power BI with ``life`` seconds left."""
    issued = int(time.time() if now is None else now)
    ids = {"appid": "22222222-2222-2222-2222-222222222222", "tid": "11111111-1111-1111-1111-111111111111"}
    return jwt(
        **{"aud": POWERBI, "iat": issued, "nbf": issued, "exp": issued + int(life), "idtyp": "app", **ids, **claims}
    )
