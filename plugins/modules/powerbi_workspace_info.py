# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_workspace_info
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Find Power BI workspaces
description:
  - Lists the workspaces that the identity of the task has a role in.
options:
  workspace:
    description:
      - Name or id of one workspace. An unknown one gives an empty list.
      - When it is not set, all of them.
    type: str
    aliases: [name, id]
  details:
    description: Also read the description and the members, with two more requests for each workspace.
    type: bool
    default: false
extends_documentation_fragment:
  - community.powerbi.auth
  - community.powerbi.connection
  - community.powerbi.attributes
  - community.powerbi.attributes.actiongroup_powerbi
  - community.powerbi.attributes.info_module
seealso:
  - module: community.powerbi.powerbi_workspace
"""

EXAMPLES = r"""
- name: Is there a workspace Sales?
  community.powerbi.powerbi_workspace_info:
    workspace: Sales
  register: sales

- name: All workspaces on a capacity
  community.powerbi.powerbi_workspace_info:
  register: all

- name: Show them
  ansible.builtin.debug:
    msg: "{{ all.workspaces | selectattr('capacity_id') | map(attribute='name') }}"
"""

RETURN = r"""
workspaces:
  description: What was found, by name.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: The id.
      type: str
      sample: f01de400-0000-4000-8000-000000000001
    name:
      description: The name.
      type: str
      sample: Sales
    capacity_id:
      description: The capacity that it is on. Empty on shared capacity.
      type: str
      sample: ca900000-0000-4000-8000-00000000000f
    storage_format:
      description: V(small) or V(large). Empty on shared capacity.
      type: str
      sample: large
    type:
      description: What kind of workspace it is.
      type: str
      sample: Workspace
    description:
      description: What it is for. Empty in clouds whose Fabric API has no known host.
      type: str
      returned: when O(details=true)
      sample: Reports of the sales department
    members:
      description: Who has which role, as M(community.powerbi.powerbi_workspace_access) returns it.
      type: list
      elements: dict
      returned: when O(details=true)
"""

import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._api.workspace_access import WorkspaceAccess
from ansible_collections.community.powerbi.plugins.module_utils._api.workspaces import Workspaces
from ansible_collections.community.powerbi.plugins.module_utils._empty_values import refuse_emptied
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import ONE_OR_ALL, auth_argument_spec

ARGUMENT_SPEC: dict[str, t.Any] = auth_argument_spec(
    {
        "workspace": ONE_OR_ALL,
        "details": {"type": "bool", "default": False},
    }
)


def run(context: Context) -> Result:
    refuse_emptied(context.params)  # in check mode, too: an empty name would mean all
    workspaces = Workspaces(context.client)
    found = workspaces.all(context.params["workspace"])
    shown = [workspace._asdict() for workspace in sorted(found, key=lambda item: (item.name, item.id))]
    if context.params["details"]:
        for state in shown:
            members = WorkspaceAccess(context.client, state["id"]).members()
            state["description"] = workspaces.description(state["id"]) if workspaces.have_descriptions else ""
            state["members"] = [member._asdict() for member in sorted(members)]
    return Result(values={"workspaces": shown})


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
