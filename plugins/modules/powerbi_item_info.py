# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_item_info
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: List the items of a workspace, optionally with their definitions
description:
  - Lists semantic models, reports, paginated reports and all other items of a workspace.
  - Optionally returns the parts of each item's definition, and a digest of its content.
options:
  type:
    description: Return only items of this type, such as V(SemanticModel), not case-sensitive.
    type: str
  name:
    description: Return only items with this name, not case-sensitive, or with this ID.
    type: str
  definition:
    description:
      - Whether to read the definitions. This needs the workspace role Contributor, and several requests for each
        item.
    type: bool
    default: false
extends_documentation_fragment:
  - community.powerbi.content
  - community.powerbi.content.parallel
  - community.powerbi.wait.operations
  - community.powerbi.auth
  - community.powerbi.connection
  - community.powerbi.attributes
  - community.powerbi.attributes.actiongroup_powerbi
  - community.powerbi.attributes.info_module
seealso:
  - module: community.powerbi.powerbi_item
  - module: community.powerbi.powerbi_export
"""

EXAMPLES = r"""
- name: List the reports
  community.powerbi.powerbi_item_info:
    workspace: Sales
    type: Report
  register: reports

- name: Fail if the semantic model has changed since yesterday
  community.powerbi.powerbi_item_info:
    workspace: Sales
    type: SemanticModel
    name: Sales
    definition: true
  register: sales
  failed_when: sales.workspace_items[0].definition.sha256 != digest_of_yesterday
"""

RETURN = r"""
workspace_id:
  description: GUID of the workspace, as the Power BI API returns it.
  type: str
  returned: success, or failure once it is known
  sample: f01de400-0000-4000-8000-000000000001
workspace_items:
  description: Items that match O(type) and O(name), sorted by type and name.
  type: list
  elements: dict
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
      description:
        - Whether the item has the ownership annotation of a deployment.
        - Semantic models and reports have the annotation in their definition. Without O(definition=true) it is
          V(null) for these, unless an earlier version of the collection has written the annotation to the
          description.
      type: bool
      sample: true
    logical_id:
      description:
        - Logical ID (GUID) from the C(.platform) file that the item was deployed from. Empty if it is unknown.
      type: str
      sample: 10000000-0000-4000-8000-000000000001
    definition:
      description: Definition of the item. V(null) if the service does not return it.
      type: dict
      contains:
        format:
          description: Format of the definition, such as V(TMDL) or V(PBIR). Empty if the type has one format only.
          type: str
          sample: TMDL
        sha256:
          description:
            - SHA-256 digest of the content of the definition in hexadecimal. Layout that has no meaning does not
              change it.
          type: str
        parts:
          description: Parts of the definition, each with its path and its size in bytes.
          type: list
          elements: dict
    definition_error:
      description: Reason why the service does not return the definition. Empty if it does.
      type: str
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

from ansible_collections.community.powerbi.plugins.module_utils._deploy import options
from ansible_collections.community.powerbi.plugins.module_utils._deploy.item_reading import chosen, definitions, summary
from ansible_collections.community.powerbi.plugins.module_utils._deploy.remote import RemoteWorkspace
from ansible_collections.community.powerbi.plugins.module_utils._jobs import Jobs
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._planned_workspace import resolve_workspace
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import auth_argument_spec

ARGUMENT_SPEC = auth_argument_spec(
    {
        **options.WORKSPACE,
        "type": {"type": "str"},
        "name": {"type": "str"},
        "definition": {"type": "bool", "default": False},
        **options.PARALLEL,
        **options.WAIT_TIMEOUT,
    }
)


def run(context: Context) -> Result:
    context.known["api_calls"] = context.api_calls
    params, client = context.params, context.client
    workspace = resolve_workspace(context)
    context.known["workspace_id"] = workspace.id
    live = RemoteWorkspace(client, workspace, timeout=params["wait_timeout"])
    live.read()
    found = chosen(live, params["type"], params["name"])
    read = {}
    if params["definition"]:
        with Jobs(params["parallel"], client.sender.clock) as jobs:
            read = definitions(live, found, jobs)
    items = [summary(live, item, read.get(item.id)) for item in found]
    calls = client.sender.counters.requests
    return Result(False, {"workspace_id": workspace.id, "workspace_items": items, "api_calls": calls})


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
