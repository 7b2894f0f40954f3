# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: powerbi_token_valid
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Whether an access token serves for some time yet
description:
  - True for a token that is valid by its own times now and does not expire within O(min) seconds.
  - False for anything else, also for what is no token. The signature is not checked.
positional: _input
options:
  _input:
    description: An access token.
    type: str
    required: true
  min:
    description: How many seconds must be left.
    type: int
    default: 0
seealso:
  - plugin: community.powerbi.powerbi_claims
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Get another token before the long part begins
  community.powerbi.powerbi_token:
    profile: prod
    min_validity: 1800
  register: powerbi
  when: powerbi.access_token is not community.powerbi.powerbi_token_valid(min=1800)
"""

RETURN = r"""
_value:
  description: Whether the token serves.
  type: bool
"""

import time
import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._auth.claims import decode
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError


def powerbi_token_valid(token: t.Any, min: float = 0) -> bool:
    """Whether ``token`` is a JWT that has begun and has more than ``min`` seconds left."""
    try:
        claims = decode(token) if isinstance(token, str) else {}
        now = time.time()
        return float(claims["exp"]) - now > float(min) and float(claims.get("nbf", 0)) <= now
    except (ConfigError, KeyError, TypeError, ValueError, OverflowError):
        return False


class TestModule:
    def tests(self) -> dict[str, t.Callable[..., bool]]:
        return {"powerbi_token_valid": powerbi_token_valid}
