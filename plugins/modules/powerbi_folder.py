# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_folder
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Manage a folder of a workspace
description:
  - Creates, renames, moves and deletes a folder of a workspace. Folders hold items and other folders.
  - A folder is identified by O(name) and O(parent), or by O(id). It is renamed or moved only if O(id) is set.
  - Requires at least the workspace role Contributor.
  - The service refuses names with more than 255 characters, with spaces at either end, with a control character or one of the
    characters C(~"#.%&*:<>?/\{|}), more than ten levels of folders, and two folders of one name in one place.
options:
  workspace:
    description: Name or ID of the workspace.
    type: str
    required: true
  name:
    description:
      - Name of the folder, not case-sensitive, without its parent. With O(id), the name that the folder is renamed to.
      - Required if O(id) is not set.
    type: str
  id:
    description: GUID of an existing folder, to rename, move or delete it.
    type: str
  parent:
    description:
      - Path of the folder that holds this one, such as V(Monthly/Europe), or V(/) for the root of the workspace. Missing folders
        of the path are created.
      - If not set, the root of the workspace; with O(id), the folder is not moved.
    type: str
  state:
    description:
      - V(present) creates or changes the folder.
      - V(absent) deletes it. A folder that holds items or folders is an error. Items that were deleted and can still be
        restored count for the service, too.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - community.powerbi.auth
  - community.powerbi.connection
  - community.powerbi.attributes
  - community.powerbi.attributes.actiongroup_powerbi
  - community.powerbi.attributes.full_support
seealso:
  - module: community.powerbi.powerbi_deploy
  - module: community.powerbi.powerbi_workspace
"""

EXAMPLES = r"""
- name: Create the folder Monthly/Europe
  community.powerbi.powerbi_folder:
    workspace: Sales
    name: Europe
    parent: Monthly
  register: europe

- name: Rename it, and move it to the root of the workspace
  community.powerbi.powerbi_folder:
    workspace: Sales
    id: "{{ europe.folder.id }}"
    name: Europe (old)
    parent: /

- name: Delete it, if it is empty
  community.powerbi.powerbi_folder:
    workspace: Sales
    name: Europe (old)
    state: absent
"""

RETURN = r"""
folder:
  description:
    - State after the task; in check mode, as it would be after the task. If a write has failed, as it was before the task.
    - Empty with O(state=absent).
  type: dict
  returned: success, or failure of a write
  contains:
    id:
      description: GUID of the folder, as the Fabric API returns it. Empty in check mode for a folder that would be created.
      type: str
      sample: f01d0000-0000-4000-8000-000000000001
    name:
      description: Name of the folder, as the Fabric API returns it.
      type: str
      sample: Europe
    parent:
      description: Path of the folder that holds this one. Empty for the root of the workspace.
      type: str
      sample: Monthly
workspace_id:
  description: GUID of the workspace, as the Power BI API returns it. Empty in check mode for a workspace that would be created.
  type: str
  returned: success, or failure once it is known
  sample: f01de400-0000-4000-8000-000000000001
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

from ansible_collections.community.powerbi.plugins.module_utils._api.folder_state import DesiredFolder, ManagedFolder
from ansible_collections.community.powerbi.plugins.module_utils._ensure import ensure
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._planned_workspace import resolve_workspace
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import auth_argument_spec

ARGUMENT_SPEC: dict[str, t.Any] = auth_argument_spec(
    {
        "workspace": {"type": "str", "required": True},
        "name": {"type": "str"},
        "id": {"type": "str"},
        "parent": {"type": "str"},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    }
)
RULES: dict[str, t.Any] = {"required_one_of": [("name", "id")]}


def run(context: Context) -> Result:
    params = context.params
    requested = DesiredFolder(params["name"], params["id"], params["parent"])
    workspace_id = resolve_workspace(context).id
    return ensure(context, ManagedFolder(context.client, workspace_id, requested, present=params["state"] == "present"))


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run, **RULES)


if __name__ == "__main__":
    main()
