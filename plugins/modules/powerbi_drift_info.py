# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_drift_info
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Report how a workspace differs from a folder of Power BI content
description:
  - Compares the current definitions in the service with the folder, as M(community.powerbi.powerbi_deploy) does before it
    writes. This module never writes.
  - Drift is every change that M(community.powerbi.powerbi_deploy) with the same options would make.
notes:
  - Ansible shows the diff of a task only if the task is C(changed), which this one never is. RV(drift[].diff) has the diff of
    each item.
options:
  src:
    description: Folder to compare with, on the host where the task runs.
    type: path
    required: true
  prune:
    description:
      - Items that count as drift because they are in the workspace but not in the folder.
      - V(deployed) are the items that M(community.powerbi.powerbi_deploy) has deployed, V(all) are all items.
  fail_on_drift:
    description: Whether the task fails if the workspace differs from the folder.
    type: bool
    default: false
extends_documentation_fragment:
  - community.powerbi.content
  - community.powerbi.content.selection
  - community.powerbi.content.parameters
  - community.powerbi.content.rules
  - community.powerbi.content.types
  - community.powerbi.content.deployment
  - community.powerbi.content.pruning
  - community.powerbi.content.bulk_api
  - community.powerbi.content.parallel
  - community.powerbi.wait.operations
  - community.powerbi.progress
  - community.powerbi.auth
  - community.powerbi.connection
  - community.powerbi.attributes
  - community.powerbi.attributes.actiongroup_powerbi
  - community.powerbi.attributes.full_support
seealso:
  - module: community.powerbi.powerbi_deploy
  - module: community.powerbi.powerbi_export
"""

EXAMPLES = r"""
- name: Compare production with the repository
  community.powerbi.powerbi_drift_info:
    workspace: Sales
    src: "{{ playbook_dir }}/content"
    environment: PROD
    parameters: "{{ playbook_dir }}/content/parameter.yml"
  register: sales

- name: Show the lines that differ
  ansible.builtin.debug:
    msg: "{{ sales.drift | map(attribute='diff') | join }}"
  when: sales.drifted

- name: Fail a nightly job on any difference, also of items that were not deployed
  community.powerbi.powerbi_drift_info:
    workspace: Sales
    src: "{{ playbook_dir }}/content"
    prune: all
    fail_on_drift: true
"""

RETURN = r"""
workspace_id:
  description: GUID of the workspace, as the Power BI API returns it.
  type: str
  returned: success, or failure once it is known
  sample: f01de400-0000-4000-8000-000000000001
drifted:
  description: Whether the workspace differs from the folder.
  type: bool
  returned: success, or failure because of O(fail_on_drift)
drift:
  description: Items that differ between the workspace and the folder.
  type: list
  elements: dict
  returned: success, or failure because of O(fail_on_drift)
  contains:
    drift:
      description:
        - Kind of the difference. V(missing) in the workspace, V(changed) in the workspace, or V(extra), not in the
          folder.
      type: str
      sample: changed
    type:
      description: Type of the item, as the Fabric API names it.
      type: str
      sample: SemanticModel
    name:
      description: Display name of the item.
      type: str
      sample: Sales
    folder:
      description:
        - Path of the item's workspace folder according to O(src). Empty for the root, and for an item that is only in
          the workspace.
      type: str
      sample: Monthly
    id:
      description: GUID of the item. Empty for an item that is missing in the workspace.
      type: str
      sample: 5a1e0000-0000-4000-8000-000000000001
    changes:
      description: Differences that a deployment would remove, in words.
      type: list
      elements: str
      sample: ["measure Sales[Total] changed (expression)"]
    diff:
      description: Unified diff from the definition in the service to the definition in the folder.
      type: str
content_warnings:
  description: Non-fatal problems of the content, each with its file and line.
  type: list
  elements: str
  returned: success, or failure once it is known
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
from ansible_collections.community.powerbi.plugins.module_utils._deploy.deployment import drift_failure
from ansible_collections.community.powerbi.plugins.module_utils._deploy.options import DeployOptions
from ansible_collections.community.powerbi.plugins.module_utils._deployment_task import (
    deployment_of,
    folder_of,
    warn_of,
)
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._progress.options import PROGRESS
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import auth_argument_spec

ARGUMENT_SPEC: dict[str, t.Any] = auth_argument_spec(
    {
        **options.WORKSPACE,
        "src": {"type": "path", "required": True},
        **options.SELECTION,
        **options.RULES,
        **options.TYPES,
        **options.DEPLOYMENT,
        **options.PRUNING,
        "fail_on_drift": {"type": "bool", "default": False},
        **options.BULK_API,
        **options.PARALLEL,
        **options.WAIT_TIMEOUT,
        **PROGRESS,
    }
)


def run(context: Context) -> Result:
    params = context.params
    context.known["api_calls"] = context.api_calls
    desired = folder_of(context)
    values = {name: params[name] for name in ("preserve", "deployment", "prune", "protect", "bulk_api")}
    options = DeployOptions.of(**values, take_ownership=True, allow_data_loss=True, find_dependents=False)
    deployment = deployment_of(context, desired, options, writes=False)
    deployment.plan()
    found = deployment.drift()
    warn_of(context, deployment.plan_warnings())
    report = {name: deployment.report(None)[name] for name in ("content_warnings", "api_calls")}
    values = {"workspace_id": deployment.live.workspace.id, "drifted": bool(found), "drift": found, **report}
    if found and params["fail_on_drift"]:
        raise drift_failure(found, deployment.live.workspace.name, values)
    return Result(False, values, deployment.diff() or None)


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
