# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: powerbi_api
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Read from the Power BI and Fabric REST APIs
description:
  - Sends GET requests to the API, for use in templates. It never writes.
  - With O(cache=run), a response is requested once per run for all hosts and tasks, until a module of this collection on the
    controller writes. With O(cache=none), it is requested each time.
options:
  _terms:
    description: Paths below the API, such as V(/groups), percent-encoded where needed. They may include the prefix of O(api).
    type: list
    elements: str
    required: true
  api:
    description: API to call, as for M(community.powerbi.powerbi_api).
    type: str
    choices: [powerbi, admin, fabric]
    default: powerbi
  query:
    description: Query parameters, such as C($filter).
    type: dict
    default: {}
  paginate:
    description: Whether to read all pages of a list, and return the entries instead of the response.
    type: bool
    default: false
extends_documentation_fragment:
  - community.powerbi.auth
  - community.powerbi.auth.plugin
  - community.powerbi.connection
  - community.powerbi.connection.plugin
seealso:
  - module: community.powerbi.powerbi_api
"""

EXAMPLES = r"""
- name: Show the names of all workspaces
  ansible.builtin.debug:
    msg: "{{ lookup('community.powerbi.powerbi_api', '/groups', paginate=true) | map(attribute='name') }}"

- name: Show one workspace
  ansible.builtin.debug:
    msg: "{{ lookup('community.powerbi.powerbi_api', '/groups', query={'$filter': \"name eq 'Sales'\"}).value | first }}"
"""

RETURN = r"""
_raw:
  description: Body of the response for each term, decoded from JSON. With O(paginate=true), the list of its entries.
  type: list
  elements: raw
"""

import json
import typing as t

from ansible.errors import AnsibleOptionsError

# The base class first: it installs the bytecode cache for the imports below.
from ansible_collections.community.powerbi.plugins.plugin_utils._lookup import PowerBILookup, boundary, register_options

# isort: split
from ansible_collections.community.powerbi.plugins.module_utils._api.raw.paths import below_api
from ansible_collections.community.powerbi.plugins.module_utils._auth.cache import cache_key
from ansible_collections.community.powerbi.plugins.module_utils._run_files import RunResponseCache
from ansible_collections.community.powerbi.plugins.module_utils._session import Session, api_hosts
from ansible_collections.community.powerbi.plugins.plugin_utils._core_version import unsafe
from ansible_collections.community.powerbi.plugins.plugin_utils._run import token_directory

_APIS = ("powerbi", "admin", "fabric")
_OWN_OPTIONS: dict[str, dict[str, t.Any]] = {
    "_terms": {"type": "list", "required": True},
    "api": {"type": "str", "choices": list(_APIS), "default": "powerbi"},
    "query": {"type": "dict", "default": {}},
    "paginate": {"type": "bool", "default": False},
}

register_options(__name__, _OWN_OPTIONS)


class LookupModule(PowerBILookup):
    OWN_OPTIONS = _OWN_OPTIONS

    def run(self, terms: list[t.Any], variables: dict[str, t.Any] | None = None, **kwargs: t.Any) -> list[t.Any]:
        with boundary():
            paths = [str(term) for term in self._flatten(terms)]
            if not paths:
                raise AnsibleOptionsError("powerbi_api needs a path, such as /groups")
            session = self.session(self.configure(variables, kwargs))
            paths = [below_api(self.get_option("api"), path) for path in paths]
            try:
                cache = RunResponseCache(token_directory() if session.settings.cache == "run" else None)
                return [unsafe(self._response(cache, session, path)) for path in paths]
            finally:
                session.close()

    def _response(self, cache: RunResponseCache, session: Session, path: str) -> t.Any:
        return cache.get_or_fetch(self._key(session, path), lambda: self._fetch(session, path))

    def _key(self, session: Session, path: str) -> str:
        """The cache key: the request and the identity, because another identity may see other content."""
        api, query, paginate = (self.get_option(name) for name in ("api", "query", "paginate"))
        base = api_hosts(session.settings).get(api, "")
        return json.dumps(
            [cache_key(session.settings, session.settings.scope), base, path, query, paginate], sort_keys=True
        )

    def _fetch(self, session: Session, path: str) -> t.Any:
        api, query = self.get_option("api"), self.get_option("query")
        if self.get_option("paginate"):
            return list(session.client.pages(path, api=api, query=query))
        return session.client.request("GET", path, api=api, query=query).body
