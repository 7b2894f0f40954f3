# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_workspace
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Manage a Power BI workspace
description:
  - Creates, changes, renames and deletes a workspace, and puts it on a capacity.
  - Who may use it is managed by M(community.powerbi.powerbi_workspace_access).
options:
  name:
    description:
      - The name of the workspace, in upper or lower case. A GUID is taken as its id.
      - Together with O(id), the name that the workspace with this id is to have; with O(state=absent), both must be those of
        one workspace.
    type: str
  id:
    description: The id of the workspace, as Power BI or Fabric shows it. Needed to rename it.
    type: str
  description:
    description: What the workspace is for. Empty to remove it. Not changed when it is not set.
    type: str
  capacity:
    description:
      - Name or id of the capacity to put the workspace on.
      - V(none), in lower case, removes it from its capacity. Not changed when it is not set. An empty value is an error.
    type: str
  storage_format:
    description:
      - The storage format of semantic models that are made in the workspace. V(large) needs a capacity, without one
        it is always V(small).
      - Not changed when it is not set.
    type: str
    choices: [small, large]
  state:
    description:
      - V(present) makes sure that the workspace exists and is as described.
      - V(absent) deletes it with everything in it.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - community.powerbi.auth
  - community.powerbi.connection
  - community.powerbi.wait
  - community.powerbi.attributes
  - community.powerbi.attributes.actiongroup_powerbi
  - community.powerbi.attributes.full_support
seealso:
  - module: community.powerbi.powerbi_workspace_info
  - module: community.powerbi.powerbi_workspace_access
"""

EXAMPLES = r"""
- name: Workspace Sales exists, on the capacity Contoso F64
  community.powerbi.powerbi_workspace:
    name: Sales
    description: Reports of the sales department
    capacity: Contoso F64

- name: Rename it
  community.powerbi.powerbi_workspace:
    id: f01de400-0000-4000-8000-000000000001
    name: Sales Europe

- name: Workspace Sandbox is gone
  community.powerbi.powerbi_workspace:
    name: Sandbox
    state: absent
"""

RETURN = r"""
workspace:
  description:
    - The workspace as it is after the task. In check mode, as it would be.
    - Empty after O(state=absent).
  type: dict
  returned: success
  contains:
    id:
      description: The id. Empty in check mode for a workspace that would be created.
      type: str
      sample: f01de400-0000-4000-8000-000000000001
    name:
      description: The name.
      type: str
      sample: Sales
    description:
      description: What it is for. Only when O(description) is set.
      type: str
      sample: Reports of the sales department
    capacity_id:
      description: The capacity that it is on. Empty on shared capacity.
      type: str
      sample: ca900000-0000-4000-8000-00000000000f
    storage_format:
      description: V(small) or V(large). Empty on shared capacity.
      type: str
      sample: large
"""

import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._api.workspace_state import (
    DesiredWorkspace,
    apply_workspace,
    plan_workspace,
)
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._planned_workspace import record_planned_workspace
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import auth_argument_spec

ARGUMENT_SPEC: dict[str, t.Any] = auth_argument_spec(
    {
        "name": {"type": "str"},
        "id": {"type": "str"},
        "description": {"type": "str"},
        "capacity": {"type": "str"},
        "storage_format": {"type": "str", "choices": ["small", "large"]},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "wait": {"type": "bool", "default": True},
        "wait_timeout": {"type": "float", "default": 1800.0},
    }
)
RULES: dict[str, t.Any] = {"required_one_of": [("name", "id")]}


def run(context: Context) -> Result:
    params = context.params
    desired = DesiredWorkspace(**{field: params[field] for field in DesiredWorkspace._fields})
    todo = plan_workspace(context.client, desired, present=params["state"] == "present")
    state = dict(todo.after or {})
    if todo.action == "create" and context.check_mode:
        record_planned_workspace(context, state["name"])
    if todo.changed and not context.check_mode:
        wait = {"wait": params["wait"], "timeout": params["wait_timeout"]}
        state = apply_workspace(context.client, todo, **wait, written=context.mark_changed)
    return Result(todo.changed, {"workspace": state}, todo.diff())


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run, **RULES)


if __name__ == "__main__":
    main()
