# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: powerbi_token
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Get an access token for the Power BI or Fabric REST API
description:
  - Gets an access token from Microsoft Entra ID, usually for a service principal, and returns it as a string.
  - All hosts, forks, tasks and loop items of a run share one request to the identity provider. A new token is requested
    only when the cached one is about to expire.
  - Options are read from the lookup's keywords, then from variables (V(powerbi_client_secret) and so on), then from the
    section C([powerbi]) of C(ansible.cfg), then from the environment and the profiles file, on the controller.
notes:
  - A token in a template, a loop or a task without C(no_log) is printed by Ansible like any other value. From
    ansible-core 2.22 on the lookup registers its token, so that Ansible masks it; before, set C(no_log) on such tasks.
  - For many hosts, M(community.powerbi.powerbi_token) with C(run_once) and C(register) needs less time.
options:
  _terms:
    description:
      - Names of profiles. Returns one token for each profile, in this order.
      - Without terms, returns one token for the identity in the options, the environment or the default profile.
    type: list
    elements: str
  wantdict:
    description:
      - Whether to return a dictionary with the return values of M(community.powerbi.powerbi_token) instead of a
        string.
    type: bool
    default: false
extends_documentation_fragment:
  - community.powerbi.auth
  - community.powerbi.auth.plugin
  - community.powerbi.connection
  - community.powerbi.connection.plugin
seealso:
  - module: community.powerbi.powerbi_token
  - plugin: community.powerbi.powerbi_claims
    plugin_type: filter
"""

EXAMPLES = r"""
- name: List the workspaces with a token from POWERBI_TENANT_ID, POWERBI_CLIENT_ID and POWERBI_CLIENT_SECRET
  ansible.builtin.uri:
    url: https://api.powerbi.com/v1.0/myorg/groups
    headers:
      Authorization: "Bearer {{ lookup('community.powerbi.powerbi_token') }}"
  no_log: true

- name: List the workspaces with a token for the profile prod of ~/.config/powerbi/profiles.ini
  ansible.builtin.uri:
    url: https://api.powerbi.com/v1.0/myorg/groups
    headers:
      Authorization: "Bearer {{ lookup('community.powerbi.powerbi_token', 'prod') }}"
  no_log: true

- name: Show the app of the token and its expiry
  ansible.builtin.debug:
    msg: "{{ token.client_id }} until {{ token.expires_on }}"
  vars:
    token: "{{ lookup('community.powerbi.powerbi_token', wantdict=true) }}"
"""

RETURN = r"""
_raw:
  description:
    - One access token for each term, or one without terms.
    - With O(wantdict=true), a dictionary for each, as M(community.powerbi.powerbi_token) returns it.
  type: list
  elements: raw
"""

import typing as t

# The base class first: it installs the bytecode cache for the imports below.
from ansible_collections.community.powerbi.plugins.plugin_utils._lookup import PowerBILookup, boundary, register_options

# isort: split
from ansible_collections.community.powerbi.plugins.module_utils._settings.resolve import ConfigSource
from ansible_collections.community.powerbi.plugins.plugin_utils._core_version import unsafe
from ansible_collections.community.powerbi.plugins.plugin_utils._masking import register_secret

_OWN_OPTIONS: dict[str, dict[str, t.Any]] = {"_terms": {"type": "list"}, "wantdict": {"type": "bool", "default": False}}

register_options(__name__, _OWN_OPTIONS)


class LookupModule(PowerBILookup):
    OWN_OPTIONS = _OWN_OPTIONS

    def run(self, terms: list[str], variables: dict[str, t.Any] | None = None, **kwargs: t.Any) -> list[t.Any]:
        with boundary():
            profiles: list[t.Any] = self._flatten(terms)
            if not profiles:
                return [self._token(self.configure(variables, kwargs))]
            return [self._token(self.configure(variables, {**kwargs, "auth_profile": profile})) for profile in profiles]

    def _token(self, sources: list[ConfigSource]) -> t.Any:
        session = self.session(sources)
        try:
            token = session.tokens.token()
            register_secret(token.value.reveal())
            if not self.get_option("wantdict"):
                return token.value.reveal()
            from ansible_collections.community.powerbi.plugins.module_utils._auth.claims import describe

            return unsafe(describe(token, session.settings))
        finally:
            session.close()
