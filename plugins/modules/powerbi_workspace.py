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
  - Creates, updates, renames and deletes a workspace, and assigns it to a capacity.
  - M(community.powerbi.powerbi_workspace_access) manages the role assignments of a workspace.
options:
  name:
    description:
      - Name of the workspace, not case-sensitive. A GUID is interpreted as its ID.
      - With O(id), the workspace with this ID is renamed to O(name). With O(id) and O(state=absent), name and ID must be those
        of the same workspace.
    type: str
  id:
    description: GUID of the workspace, as Power BI or Fabric shows it. Required to rename the workspace.
    type: str
  description:
    description: Description of the workspace. An empty string removes it. If not set, it is not changed.
    type: str
  capacity:
    description:
      - Name or ID of the capacity to assign the workspace to.
      - V(none), in lower case, unassigns the workspace from its capacity. If not set, the assignment is not changed. An empty
        string is an error.
    type: str
  storage_format:
    description:
      - Default storage format of semantic models in the workspace. V(large) needs a capacity. Without a capacity, the format is
        always V(small).
      - If not set, it is not changed.
    type: str
    choices: [small, large]
  state:
    description:
      - V(present) creates or updates the workspace.
      - V(absent) deletes the workspace with all its items.
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
- name: Create the workspace Sales on the capacity Contoso F64
  community.powerbi.powerbi_workspace:
    name: Sales
    description: Reports of the sales department
    capacity: Contoso F64

- name: Rename a workspace
  community.powerbi.powerbi_workspace:
    id: f01de400-0000-4000-8000-000000000001
    name: Sales Europe

- name: Delete the workspace Sandbox
  community.powerbi.powerbi_workspace:
    name: Sandbox
    state: absent
"""

RETURN = r"""
workspace:
  description:
    - Workspace after the task; in check mode, as it would be after the task.
    - Empty with O(state=absent).
    - If a write has failed, the workspace as it was before the task. Of a new workspace, the ID only.
  type: dict
  returned: success, or failure of a write
  contains:
    id:
      description:
        - GUID of the workspace, as the Power BI API returns it. Empty in check mode for a workspace that would be
          created.
      type: str
      sample: f01de400-0000-4000-8000-000000000001
    name:
      description: Name of the workspace, as the Power BI service shows it.
      type: str
      sample: Sales
    description:
      description: Description of the workspace. Omitted if O(description) is not set.
      type: str
      sample: Reports of the sales department
    capacity_id:
      description: GUID of the capacity that the workspace is assigned to. Empty on shared capacity.
      type: str
      sample: ca900000-0000-4000-8000-00000000000f
    storage_format:
      description:
        - Default storage format of semantic models in the workspace, V(small) or V(large). Empty on shared capacity.
      type: str
      sample: large
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

from ansible_collections.community.powerbi.plugins.module_utils._api.workspace_state import (
    DesiredWorkspace,
    ManagedWorkspace,
)
from ansible_collections.community.powerbi.plugins.module_utils._ensure import ensure
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._plan import Plan
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
    workspace = ManagedWorkspace(
        context.client,
        DesiredWorkspace(**{field: params[field] for field in DesiredWorkspace._fields}),
        present=params["state"] == "present",
        wait=params["wait"],
        timeout=params["wait_timeout"],
    )

    def record(change: Plan) -> None:
        if change.action == "create":
            record_planned_workspace(context, change.changes["name"])

    return ensure(context, workspace, record=record)


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run, **RULES)


if __name__ == "__main__":
    main()
