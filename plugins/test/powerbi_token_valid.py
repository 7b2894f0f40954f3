# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: powerbi_token_valid
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Test whether an access token is valid
description:
  - Returns V(true) for a token that is valid now according to its own times, and does not expire within O(min) seconds.
  - Returns V(false) for anything else, also for a value that is not a token. The signature is not verified.
positional: _input
options:
  _input:
    description: Access token.
    type: str
    required: true
  min:
    description: Minimum remaining validity in seconds.
    type: int
    default: 0
seealso:
  - plugin: community.powerbi.powerbi_claims
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Get a new token if the current one expires within half an hour
  community.powerbi.powerbi_token:
    auth_profile: prod
    min_validity: 1800
  register: powerbi
  when: powerbi.access_token is not community.powerbi.powerbi_token_valid(min=1800)
"""

RETURN = r"""
_value:
  description: Whether the token is valid for at least O(min) seconds.
  type: bool
"""

import time
import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._auth.claims import decode
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError


def powerbi_token_valid(token: t.Any, min: float = 0) -> bool:
    """Whether ``token`` is a JWT that is valid already and for more than ``min`` further seconds."""
    try:
        claims = decode(token) if isinstance(token, str) else {}
        now = time.time()
        return float(claims["exp"]) - now > float(min) and float(claims.get("nbf", 0)) <= now
    except (ConfigError, KeyError, TypeError, ValueError, OverflowError):
        return False


class TestModule:
    def tests(self) -> dict[str, t.Callable[..., bool]]:
        return {"powerbi_token_valid": powerbi_token_valid}
