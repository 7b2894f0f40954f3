# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_workspace_access
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Manage role assignments of a Power BI workspace
description:
  - Assigns workspace roles to users, groups and service principals, changes them, or removes them.
  - A task manages any number of principals. With O(prune=true), role assignments of all other principals are removed.
options:
  workspace:
    description: Name or ID of the workspace.
    type: str
    required: true
  principals:
    description: Principals to assign roles to, or to remove with O(state=absent).
    type: list
    elements: dict
    default: []
    suboptions:
      principal:
        description:
          - User principal name of a user, or object ID of a group or a service principal.
          - The object ID of a service principal is that of the enterprise application, not of the app registration.
        type: str
        aliases: [id, user]
      client_id:
        description:
          - Application (client) ID of a service principal, instead of O(principals[].principal).
          - Its object ID is read from Microsoft Graph, unless it is the app that the task logs in with.
        type: str
        aliases: [app_id]
      type:
        description:
          - Type of the principal, V(user), V(group) or V(service_principal), not case-sensitive. The names of the APIs, such as
            V(App), are accepted as well.
          - If not set, V(user) for a principal with C(@), and V(service_principal) with O(principals[].client_id). Required with
            O(state=present) otherwise.
        type: str
      role:
        description:
          - Workspace role, V(admin), V(member), V(contributor) or V(viewer), not case-sensitive.
          - Required with O(state=present).
        type: str
  state:
    description:
      - V(present) assigns the roles to the principals.
      - V(absent) removes the role assignments of the principals.
    type: str
    choices: [present, absent]
    default: present
  prune:
    description:
      - Whether to remove the role assignments of all principals that are not in O(principals). Only with O(state=present).
      - The identity of the task keeps its role. An empty list of O(principals) is an error.
    type: bool
    default: false
  allow_lockout:
    description:
      - Whether to allow changes that may lock out the identity of the task. Otherwise such changes are an error.
      - These changes are a lower role or the removal of the role for that identity. If it has no direct role
        assignment, they are
        such changes for a group that is admin or member.
      - If V(true), O(prune) also removes the role of the identity of the task.
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
- name: Set the exact list of role assignments
  community.powerbi.powerbi_workspace_access:
    workspace: Sales
    prune: true
    principals:
      - principal: 90000000-0000-4000-8000-000000000001
        type: group
        role: admin
      - principal: megan@contoso.com
        role: viewer
      - client_id: 11111111-2222-3333-4444-555555555555
        role: contributor

- name: Remove the role assignment of a user
  community.powerbi.powerbi_workspace_access:
    workspace: Sales
    state: absent
    principals:
      - principal: megan@contoso.com
"""

RETURN = r"""
workspace_id:
  description: GUID of the workspace, as the Power BI API returns it.
  type: str
  returned: success, or failure once it is known
  sample: f01de400-0000-4000-8000-000000000001
members:
  description: Role assignments of the workspace after the task, sorted by principal. In check mode, as they would be.
  type: list
  elements: dict
  returned: success, or failure of a write
  contains:
    principal:
      description: User principal name of a user, or object ID (GUID) of a group or service principal, in lower case.
      type: str
      sample: megan@contoso.com
    type:
      description: Type of the principal, V(user), V(group) or V(service_principal).
      type: str
      sample: user
    role:
      description: Role of the principal, V(admin), V(member), V(contributor) or V(viewer).
      type: str
      sample: viewer
added:
  description: Principals that received a role. In check mode, those that would receive one.
  type: list
  elements: str
  returned: success, or failure of a write
changed_roles:
  description: Principals whose role was changed. In check mode, those whose role would be changed.
  type: list
  elements: str
  returned: success, or failure of a write
removed:
  description: Principals whose role was removed. In check mode, those whose role would be removed.
  type: list
  elements: str
  returned: success, or failure of a write
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

from ansible_collections.community.powerbi.plugins.module_utils._api.workspace_access import caller_of
from ansible_collections.community.powerbi.plugins.module_utils._api.workspace_access_state import (
    ManagedAccess,
    desired_members,
)
from ansible_collections.community.powerbi.plugins.module_utils._ensure import ensure
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
                "client_id": {"type": "str", "aliases": ["app_id"]},
                "type": {"type": "str"},
                "role": {"type": "str"},
            },
            "mutually_exclusive": [("principal", "client_id")],
            "required_one_of": [("principal", "client_id")],
        },
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "prune": {"type": "bool", "default": False},
        "allow_lockout": {"type": "bool", "default": False},
    }
)


def run(context: Context) -> Result:
    params = context.params
    present = params["state"] == "present"
    caller = caller_of(context.tokens)
    principals = desired_members(context.client, params["principals"], caller, present=present)
    access = ManagedAccess(
        context.client,
        resolve_workspace(context),
        principals,
        caller,
        present=present,
        prune=params["prune"],
        allow_lockout=params["allow_lockout"],
    )
    return ensure(context, access)


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
