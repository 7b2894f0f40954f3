# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_workspace_info
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: List Power BI workspaces
description:
  - Lists the workspaces in which the identity of the task has a role.
options:
  workspace:
    description:
      - Name or ID of one workspace. If there is none, the list is empty.
      - If not set, all workspaces are returned.
    type: str
    aliases: [name, id]
  details:
    description: Whether to return the description and the members, which needs two additional requests for each workspace.
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
- name: Get the workspace Sales
  community.powerbi.powerbi_workspace_info:
    workspace: Sales
  register: sales

- name: List all workspaces
  community.powerbi.powerbi_workspace_info:
  register: all

- name: Show the workspaces on a capacity
  ansible.builtin.debug:
    msg: "{{ all.workspaces | selectattr('capacity_id') | map(attribute='name') }}"
"""

RETURN = r"""
workspaces:
  description: Workspaces that match O(workspace), sorted by name.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: GUID of the workspace, as the Power BI API returns it.
      type: str
      sample: f01de400-0000-4000-8000-000000000001
    name:
      description: Name of the workspace, as the Power BI API returns it.
      type: str
      sample: Sales
    capacity_id:
      description: GUID of the capacity that the workspace is assigned to. Empty on shared capacity.
      type: str
      sample: ca900000-0000-4000-8000-00000000000f
    storage_format:
      description:
        - Default storage format of semantic models in the workspace, V(small) or V(large). Empty on shared capacity.
      type: str
      sample: large
    type:
      description: Type of the workspace, as the Power BI API returns it.
      type: str
      sample: Workspace
    description:
      description: Description of the workspace. Empty in clouds whose Fabric API has no known host.
      type: str
      returned: when O(details=true)
      sample: Reports of the sales department
    members:
      description:
        - Role assignments, in the form that M(community.powerbi.powerbi_workspace_access) returns as C(members).
      type: list
      elements: dict
      returned: when O(details=true)
error:
  description:
    - Cause of the failure, for evaluation in a playbook. The same information is in RV(ignore:msg) as text.
    - C(kind), C(what), C(why) and C(remedy) are always present. Other keys are present if their value is known. The pages
      C(docs/errors.md) and C(docs/api_errors.md) of the collection list all of them.
    - A failure that Ansible itself reports, such as an unknown option, has no RV(error).
  type: dict
  returned: failure
  contains:
    kind:
      description:
        - Category of the error, one of V(config), V(content), V(missing_library), V(auth), V(not_propagated),
          V(transport), V(api), V(not_found), V(forbidden), V(conflict), V(throttled), V(operation_failed),
          V(operation_timeout), V(drift), V(error) and V(defect). V(defect) is a defect of the collection.
      type: str
      sample: forbidden
    what:
      description: Statement of what failed, in one sentence.
      type: str
      sample: The client secret has expired (AADSTS7000222)
    why:
      description: Cause of the failure in words. Empty if it is unknown.
      type: str
    remedy:
      description: Action that resolves the failure, in words. Empty if none is known.
      type: str
    option:
      description: Name of the option, environment variable or file whose value caused the error.
      type: str
    library:
      description: Name of the Python library that is missing on the host where the task runs.
      type: str
    code:
      description: Error code of the service. For Microsoft Entra ID, the AADSTS number or the OAuth error code.
      type: str
      sample: PowerBINotAuthorizedException
    status:
      description: HTTP status code of the response that reported the error.
      type: int
      sample: 403
    message:
      description: Error text of the API, in one line and without secrets.
      type: str
    request_id:
      description: Request ID of the API, for a support request.
      type: str
    correlation_id:
      description: Correlation ID of Microsoft Entra ID, for a support request.
      type: str
    timestamp:
      description: Time of the error in UTC, as Microsoft Entra ID reports it.
      type: str
    retryable:
      description: Whether the same token request can succeed later.
      type: bool
    retry_after:
      description: Number of seconds after which the service accepts the request again.
      type: float
    url:
      description: URL of the request that received no usable response.
      type: str
    caller:
      description:
        - Identity that the API refused, with C(type), C(client_id) or C(user), C(object_id), C(tenant_id) and
          C(auth_source). Unknown keys are omitted.
      type: dict
    problems:
      description:
        - Problems of the content, each with C(file), C(line), C(column), C(what), C(remedy), C(severity) and C(code).
      type: list
      elements: dict
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
