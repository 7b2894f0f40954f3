# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_item
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Manage one item of a workspace by its definition
description:
  - Creates, updates or deletes a semantic model (TMDL, TMSL), a report (PBIR, legacy), a paginated report or any other Fabric
    item with a definition.
  - The folder is compared with the current definition in the service. The item is written only if they differ.
notes:
  - The order of parts and of JSON keys, line ends, properties that the service adds and the like are not differences.
  - The item gets an ownership annotation, so that it is recognised by the logical ID of its C(.platform) file after it was
    renamed. To find a renamed item, the definitions of items of the same type with other names are read.
  - For more than a few items M(community.powerbi.powerbi_deploy) is faster, and deploys them in the order of their
    dependencies.
options:
  src:
    description:
      - Folder of the item, such as C(Sales.SemanticModel), on the host where the task runs.
      - A report that references its semantic model by path is bound to the model of that name in the workspace.
    type: path
  name:
    description:
      - Display name of the item. If not set, the name in the C(.platform) file, or the name of the folder.
      - With O(state=absent), name or ID of the item to delete.
    type: str
  type:
    description: Type of the item to delete, such as V(Report), not case-sensitive. Required if O(name) is a name.
    type: str
  folder:
    description:
      - Workspace folder of the item, such as V(Monthly/Europe), or V(/) for the root of the workspace. If not set, the
        folder is
        not changed.
      - With O(state=absent), workspace folder of the item to delete. An item of that name in another folder is an error, and is
        not deleted. If not set, the item is deleted from any folder.
    type: str
  allow_data_loss:
    description:
      - Whether to write changes that delete rows of a semantic model, such as a removed table or another column type.
        The service
        itself rejects such a definition while the model has rows. See M(community.powerbi.powerbi_deploy).
      - The same applies to changes of roles that take access or open data.
      - With O(state=absent), whether to delete an item with which the service deletes others, such as a semantic model with
        reports, also in other workspaces, and tiles of dashboards.
    type: bool
    default: false
  state:
    description: V(present) creates or updates the item from O(src), V(absent) deletes it.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - community.powerbi.content
  - community.powerbi.content.parameters
  - community.powerbi.content.rules
  - community.powerbi.content.types
  - community.powerbi.content.take_over
  - community.powerbi.content.deployment
  - community.powerbi.content.ownership
  - community.powerbi.content.annotation
  - community.powerbi.content.deletion
  - community.powerbi.wait.operations
  - community.powerbi.progress
  - community.powerbi.auth
  - community.powerbi.connection
  - community.powerbi.attributes
  - community.powerbi.attributes.actiongroup_powerbi
  - community.powerbi.attributes.full_support
seealso:
  - module: community.powerbi.powerbi_deploy
  - module: community.powerbi.powerbi_item_info
"""

EXAMPLES = r"""
- name: Deploy a semantic model
  community.powerbi.powerbi_item:
    workspace: Sales
    src: "{{ playbook_dir }}/content/Sales.SemanticModel"

- name: Deploy a report with another name, in another folder
  community.powerbi.powerbi_item:
    workspace: Sales
    src: "{{ playbook_dir }}/content/Sales.Report"
    name: Sales (preview)
    folder: Preview

- name: Delete a report
  community.powerbi.powerbi_item:
    workspace: Sales
    name: Sales 2019
    type: Report
    state: absent
"""

RETURN = r"""
item:
  description:
    - Item after the task; in check mode, as it would be after the task. Empty if there is no such item.
    - RV(item.id) is empty in check mode for an item that would be created.
  type: dict
  returned: success
  contains:
    id:
      description: GUID of the item, as the Fabric API returns it.
      type: str
      sample: 5a1e0000-0000-4000-8000-000000000001
    type:
      description: Type of the item, as the Fabric API names it.
      type: str
      sample: SemanticModel
    name:
      description: Display name of the item.
      type: str
      sample: Sales
    description:
      description: Description of the item, without an ownership annotation or a fingerprint.
      type: str
      sample: Monthly sales figures
    folder:
      description: Path of the item's workspace folder. Empty for the root of the workspace.
      type: str
      sample: Monthly
    deployed:
      description: Whether the item has the ownership annotation of a deployment.
      type: bool
      sample: true
    logical_id:
      description:
        - Logical ID (GUID) from the C(.platform) file that the item was deployed from. Empty if it is unknown.
      type: str
      sample: 10000000-0000-4000-8000-000000000001
action:
  description: Action of the task, V(create), V(update), V(unchanged) or V(delete).
  type: str
  returned: success
  sample: update
changes:
  description: Differences between the folder and the service, in words.
  type: list
  elements: str
  returned: success
  sample: ["measure Sales[Total] changed (expression)"]
api_calls:
  description:
    - Number of HTTP requests that the task sent to the APIs, retries included. The APIs limit the number of requests of an
      identity.
  type: int
  returned: always
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

from ansible_collections.community.powerbi.plugins.module_utils._deploy import options
from ansible_collections.community.powerbi.plugins.module_utils._deployment_task import (
    ManagedItem,
    record_planned_items,
)
from ansible_collections.community.powerbi.plugins.module_utils._ensure import ensure
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._progress.options import PROGRESS
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import auth_argument_spec

ARGUMENT_SPEC = auth_argument_spec(
    {
        **options.WORKSPACE,
        "src": {"type": "path"},
        "name": {"type": "str"},
        "type": {"type": "str"},
        "folder": {"type": "str"},
        **options.RULES,
        **options.TYPES,
        **options.TAKE_OVER,
        **options.DEPLOYMENT,
        **options.OWNERSHIP,
        **options.DELETION,
        "allow_data_loss": {"type": "bool", "default": False},
        **options.ANNOTATION,
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        **options.WAIT_TIMEOUT,
        **PROGRESS,
    }
)
RULES: dict[str, t.Any] = {"required_if": [("state", "present", ["src"]), ("state", "absent", ["src", "name"], True)]}


def run(context: Context) -> Result:
    return ensure(context, ManagedItem(context), record=lambda change: record_planned_items(context, change))


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run, **RULES)


if __name__ == "__main__":
    main()
