# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: powerbi_redacted
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Redact an API response
description:
  - Keeps the keys, the structure, and the words of the API, such as error codes, states and types. Names, ids, texts, times and
    numbers are replaced by V(<text>), V(<id>), V(<time>) and V(<number>).
  - The result can be attached to an issue. The playbook C(tenant_check.yml) records responses with it.
positional: _input
options:
  _input:
    description: JSON value, such as RV(community.powerbi.powerbi_api#module:json) of a request.
    type: raw
    required: true
seealso:
  - module: community.powerbi.powerbi_api
"""

EXAMPLES = r"""
- name: List the workspaces
  community.powerbi.powerbi_api:
    path: /groups
  register: groups

- name: Show the keys of the response
  ansible.builtin.debug:
    msg: "{{ groups.json | community.powerbi.powerbi_redacted }}"
"""

RETURN = r"""
_value:
  description: Structure of the value without its content. Entries of a list with the same structure are merged into one.
  type: raw
  sample: {"value": [{"id": "<id>", "name": "<text>", "type": "Workspace", "isReadOnly": false}]}
"""

import typing as t

from ansible_collections.community.powerbi.plugins.plugin_utils._redacted_json import redacted


def powerbi_redacted(value: t.Any) -> t.Any:
    return redacted(value)


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"powerbi_redacted": powerbi_redacted}
