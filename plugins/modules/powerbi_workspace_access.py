# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_workspace_access
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Manage who may use a Power BI workspace
description:
  - Gives users, groups and service principals a role in a workspace, changes it, or takes it away.
  - One task sets any number of principals. With O(purge=true), the list is exact.
options:
  workspace:
    description: Name or id of the workspace.
    type: str
    required: true
  principals:
    description: Who.
    type: list
    elements: dict
    default: []
    suboptions:
      principal:
        description:
          - A user's user principal name, or the object id of a group or a service principal.
          - Of a service principal it is the object id of the enterprise application, not of the app registration.
        type: str
        aliases: [id, user]
      app_id:
        description:
          - The application (client) ID of a service principal, instead of O(principals[].principal).
          - It is looked up in Microsoft Graph, unless it is the app that runs the task.
        type: str
      type:
        description:
          - What O(principals[].principal) is.
          - When it is not set, V(user) for a name with C(@), and V(service_principal) with O(principals[].app_id).
            Required with O(state=present) otherwise.
          - V(user), V(group) or V(service_principal), in upper or lower case, or as an API spells it, such as V(App).
        type: str
      role:
        description:
          - V(admin), V(member), V(contributor) or V(viewer), also in upper case as the portal and the API spell it.
          - Required with O(state=present).
        type: str
  state:
    description:
      - V(present) makes sure that the principals have their roles.
      - V(absent) makes sure that they have none.
    type: str
    choices: [present, absent]
    default: present
  purge:
    description:
      - Take the role from everybody who is not in O(principals). Only with O(state=present).
      - The identity that runs the task keeps its role. An empty list of O(principals) is an error.
    type: bool
    default: false
  purge_self:
    description:
      - Allow changes that may lock out the identity that runs the task. Without it, such changes are refused.
      - They are a lower role or none for that identity or, while it has no role of its own, for a group that is admin or
        member.
      - With it, O(purge) also removes the identity that runs the task.
    type: bool
    default: false
extends_documentation_fragment:
  - community.powerbi.auth
  - community.powerbi.connection
  - community.powerbi.attributes
  - community.powerbi.attributes.actiongroup_powerbi
  - community.powerbi.attributes.full_support
seealso:
  - module: community.powerbi.powerbi_workspace
"""

EXAMPLES = r"""
- name: The deployers are admins, the analysts are viewers, and no one else has access
  community.powerbi.powerbi_workspace_access:
    workspace: Sales
    purge: true
    principals:
      - principal: 90000000-0000-4000-8000-000000000001
        type: group
        role: admin
      - principal: megan@contoso.com
        role: viewer
      - app_id: 11111111-2222-3333-4444-555555555555
        role: contributor

- name: Megan has left
  community.powerbi.powerbi_workspace_access:
    workspace: Sales
    state: absent
    principals:
      - principal: megan@contoso.com
"""

RETURN = r"""
workspace_id:
  description: The id of the workspace.
  type: str
  returned: success
  sample: f01de400-0000-4000-8000-000000000001
members:
  description: Everybody who has a role after the task, by principal. In check mode, as it would be.
  type: list
  elements: dict
  returned: success
  contains:
    principal:
      description: User principal name or object id, in lower case.
      type: str
      sample: megan@contoso.com
    type:
      description: What it is.
      type: str
      sample: user
    role:
      description: The role.
      type: str
      sample: viewer
added:
  description: The principals that got a role.
  type: list
  elements: str
  returned: success
changed_roles:
  description: The principals whose role was changed.
  type: list
  elements: str
  returned: success
removed:
  description: The principals whose role was taken away.
  type: list
  elements: str
  returned: success
"""

import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._api.workspace_access import WorkspaceAccess, caller_of
from ansible_collections.community.powerbi.plugins.module_utils._api.workspace_access_state import (
    VERBS,
    apply_access,
    desired_members,
    plan_access,
)
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._planned_workspace import resolve_workspace
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import auth_argument_spec

ARGUMENT_SPEC: dict[str, t.Any] = auth_argument_spec(
    {
        "workspace": {"type": "str", "required": True},
        "principals": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "principal": {"type": "str", "aliases": ["id", "user"]},
                "app_id": {"type": "str"},
                "type": {"type": "str"},
                "role": {"type": "str"},
            },
            "mutually_exclusive": [("principal", "app_id")],
            "required_one_of": [("principal", "app_id")],
        },
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "purge": {"type": "bool", "default": False},
        "purge_self": {"type": "bool", "default": False},
    }
)


def run(context: Context) -> Result:
    params = context.params
    present = params["state"] == "present"
    caller = caller_of(context.tokens)
    desired = desired_members(context.client, params["principals"], caller, present=present)
    workspace = resolve_workspace(context)
    access = WorkspaceAccess(context.client, workspace.id)
    todo = plan_access(
        access.members() if workspace.id else caller.as_creator(),
        desired,
        present=present,
        purge=params["purge"],
        caller=() if params["purge_self"] else caller.names,
    )
    if not context.check_mode:
        apply_access(access, todo, context.mark_changed)
    members = [{"principal": name, **state} for name, state in sorted(todo.after.items())]
    done = {verb: todo.principals(action) for action, verb in VERBS.items()}
    values = {"workspace_id": workspace.id, "members": members, **done}
    return Result(todo.changed, values, todo.diff(params["workspace"]))


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
