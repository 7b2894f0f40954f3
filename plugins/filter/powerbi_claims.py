# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: powerbi_claims
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Read the claims of an access token
description:
  - Returns the claims of a token, such as C(aud), C(appid), C(roles) and C(exp).
  - The signature is not verified. Use the claims for diagnosis, never for access decisions.
positional: _input
options:
  _input:
    description: Access token, with or without the prefix C(Bearer).
    type: str
    required: true
  all:
    description: Whether to return all claims. Otherwise only claims that are not confidential.
    type: bool
    default: false
seealso:
  - plugin: community.powerbi.powerbi_token_valid
    plugin_type: test
"""

EXAMPLES = r"""
- name: Show the audience of the token
  ansible.builtin.debug:
    msg: "{{ (powerbi.access_token | community.powerbi.powerbi_claims).aud }}"
"""

RETURN = r"""
_value:
  description: Claims of the token, by name. Times are in seconds since the epoch.
  type: dict
  sample: {"aud": "https://analysis.windows.net/powerbi/api", "idtyp": "app", "exp": 1795525500}
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.community.powerbi.plugins.module_utils._auth.claims import decode, safe_claims
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError
from ansible_collections.community.powerbi.plugins.plugin_utils._core_version import unsafe


def powerbi_claims(token: t.Any, all: bool = False) -> dict[str, t.Any]:
    """The claims of a token, unverified. Raises AnsibleFilterError for a text that is not a readable JWT."""
    if not isinstance(token, str):
        raise AnsibleFilterError(f"powerbi_claims needs a token as text, not {type(token).__name__}")
    text = token[7:] if token[:7].lower() == "bearer " else token
    try:
        claims = decode(text, option="the input of powerbi_claims")
    except ConfigError as error:
        raise AnsibleFilterError(str(error)) from None
    return t.cast("dict[str, t.Any]", unsafe(claims if all else safe_claims(claims)))


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"powerbi_claims": powerbi_claims}
