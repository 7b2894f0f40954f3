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
          - A user's user principal name, or the object id of a user, a group or a service principal.
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
        type: str
        choices: [user, group, service_principal]
      role:
        description: The role. Required with O(state=present).
        type: str
        choices: [admin, member, contributor, viewer]
  state:
    description:
      - V(present) makes sure that the principals have their roles.
      - V(absent) makes sure that they have none.
    type: str
    choices: [present, absent]
    default: present
  purge:
    description: Take the role from everybody who is not in O(principals). Only with O(state=present).
    type: bool
    default: false
  purge_self:
    description: Let O(purge) and O(state=absent) also remove the identity that runs the task.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  async:
    support: full
extends_documentation_fragment:
  - community.powerbi.auth
  - community.powerbi.connection
  - community.powerbi.attributes
  - community.powerbi.attributes.actiongroup_powerbi
seealso:
  - module: community.powerbi.powerbi_workspace
"""

EXAMPLES = r"""
- name: The deployers are admins, the analysts may look, and nobody else gets in
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
      description: User principal name or object id.
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

from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._options import auth_argument_spec
from ansible_collections.community.powerbi.plugins.module_utils._plan import Plan, plan_each
from ansible_collections.community.powerbi.plugins.module_utils._resources.workspace_access import (
    ROLES,
    TYPES,
    Member,
    WorkspaceAccess,
    caller_of,
    object_id_of_app,
)
from ansible_collections.community.powerbi.plugins.module_utils._resources.workspaces import Workspaces

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
                "type": {"type": "str", "choices": list(TYPES)},
                "role": {"type": "str", "choices": list(ROLES)},
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
    wanted = [_wanted(context, entry) for entry in params["principals"]]
    workspace = Workspaces(context.client).get(params["workspace"])
    access = WorkspaceAccess(context.client, workspace.id)
    current = {member.principal: _state(member) for member in access.members()}
    plans = _plans(context, wanted, current)
    if not context.check_mode:
        for principal, todo in plans.items():
            _carry_out(context, access, principal, todo)
    after = {**current, **{name: todo.after for name, todo in plans.items()}}
    members = [{"principal": name, **state} for name, state in sorted(after.items()) if state]
    by_action = {action: [name for name, todo in plans.items() if todo.action == action] for action in _VERBS}
    return Result(
        any(todo.changed for todo in plans.values()),
        {
            "workspace_id": workspace.id,
            "members": members,
            **{_VERBS[action]: names for action, names in by_action.items()},
        },
        _diff(context, current, after),
    )


def _diff(context: Context, before: dict[str, t.Any], after: dict[str, t.Any]) -> dict[str, t.Any]:
    shown = [{name: state["role"] for name, state in sorted(side.items()) if state} for side in (before, after)]
    header = f"access to workspace {context.params['workspace']}"
    return {"before": shown[0], "after": shown[1], "before_header": header, "after_header": header}


_VERBS = {"create": "added", "update": "changed_roles", "delete": "removed"}


def _wanted(context: Context, entry: dict[str, t.Any]) -> Member:
    """One entry of the option, checked. Raises ConfigError."""
    name, kind = entry["principal"] or "", entry["type"]
    if entry["app_id"]:
        name, kind = object_id_of_app(context.client, entry["app_id"], "principals[].app_id"), "service_principal"
    if not kind and "@" not in name:
        raise ConfigError(
            f"principals has {name!r} without a type",
            option="principals",
            remedy="set its type: user, group or service_principal",
        )
    if context.params["state"] == "present" and not entry["role"]:
        raise ConfigError(f"principals has {name!r} without a role", option="principals", remedy="set its role")
    return Member.of(name, kind or "user", entry["role"] or "")


def _plans(context: Context, wanted: list[Member], current: dict[str, dict[str, t.Any]]) -> dict[str, Plan]:
    params = context.params
    label = "access of {}".format
    spared = () if params["purge_self"] else caller_of(context.tokens)
    if params["state"] == "present":
        desired = {member.principal: _state(member) for member in wanted}
        plans = plan_each(desired, current, purge=params["purge"], keep=spared, label=label)
        _refuse_to_lock_out(plans, {*map(str.lower, (*desired, *current))}, spared)
        return plans
    gone = {member.principal.lower() for member in wanted} - {name.lower() for name in spared}
    kept = [name for name in current if name.lower() not in gone]
    return plan_each({}, current, purge=True, keep=kept, label=label)


def _refuse_to_lock_out(plans: dict[str, Plan], known: set[str], caller: tuple[str, ...]) -> None:
    """purge must not remove the caller, nor the group that lets it in, of which nothing tells the members."""
    groups = [
        name for name, todo in plans.items() if todo.action == "delete" and (todo.before or {})["type"] == "group"
    ]
    if groups and caller and known.isdisjoint(map(str.lower, caller)):
        raise ConfigError(
            f"purge would remove the group {groups[0]}, through which this caller may have its access",
            option="purge",
            why="The caller has no role of its own in the workspace",
            remedy="add that group, or the caller, to principals; or set purge_self",
        )


def _state(member: Member) -> dict[str, t.Any]:
    return {"type": member.type, "role": member.role}


def _carry_out(context: Context, access: WorkspaceAccess, principal: str, todo: Plan) -> None:
    if todo.action == "delete":
        access.remove(principal)
    elif todo.action != "none":
        member = Member(principal, **t.cast("dict[str, str]", todo.after))
        (access.add if todo.action == "create" else access.change)(member)
    context.changed = context.changed or todo.changed


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
