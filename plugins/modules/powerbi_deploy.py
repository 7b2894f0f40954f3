# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_deploy
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Deploy a folder of Power BI content to a workspace
description:
  - Deploys the items of a folder, such as semantic models (TMDL, TMSL), reports (PBIR, legacy), paginated reports and any
    other Fabric item with a C(.platform) file, to a workspace.
  - The folder is compared with the current definitions in the service, item by item. Only items that differ are written,
    concurrently, and semantic models before the reports that depend on them. A second run writes nothing.
  - Diff mode shows the lines that differ, for each part of the definition.
  - All problems of the content are reported before the first write, with file and line.
notes:
  - The order of parts and of JSON keys, line ends, properties that the service adds and the like are not differences.
  - A deployed item gets an ownership annotation, so that it is recognised after it was renamed, and for pruning. See
    O(ownership_annotation). Descriptions are never shortened for it.
  - The module uses the Fabric API. Outside the public cloud, set O(api_url) to its host.
options:
  src:
    description:
      - Folder to deploy, on the host where the task runs. Its subfolders become folders of the workspace.
    type: path
    required: true
  allow_data_loss:
    description:
      - Whether to write changes that delete rows of a semantic model, such as a removed table, another column type, or the
        import of a file over a model that has partitions of a refresh policy or was deployed from a definition. Otherwise the
        task fails before the first write.
      - The same applies to changes of roles that take access or open data, such as the removal of a role with members, of the
        last role or of a filter, and to deletions with which the service deletes what this deployment does not own, such as
        reports of other workspaces on a semantic model that O(prune) deletes.
      - The service itself rejects a definition that deletes existing rows, with the error C(Alm_InvalidRequest_PurgeRequired).
        Clear the rows first with M(community.powerbi.powerbi_refresh) and
        C(type=clear_values), or delete the model and deploy it again.
    type: bool
    default: false
  max_deletions:
    description:
      - Maximum number of items to delete, with the reports that the service deletes along with semantic models, also in other
        workspaces. If more items would be deleted, the task fails before the first write.
    type: int
extends_documentation_fragment:
  - community.powerbi.content
  - community.powerbi.content.selection
  - community.powerbi.content.parameters
  - community.powerbi.content.rules
  - community.powerbi.content.types
  - community.powerbi.content.take_over
  - community.powerbi.content.deployment
  - community.powerbi.content.ownership
  - community.powerbi.content.deletion
  - community.powerbi.content.pruning
  - community.powerbi.content.annotation
  - community.powerbi.content.bulk_api
  - community.powerbi.content.bulk_import
  - community.powerbi.content.parallel
  - community.powerbi.content.on_error
  - community.powerbi.wait.operations
  - community.powerbi.progress
  - community.powerbi.auth
  - community.powerbi.connection
  - community.powerbi.attributes
  - community.powerbi.attributes.actiongroup_powerbi
  - community.powerbi.attributes.full_support
seealso:
  - module: community.powerbi.powerbi_content_info
  - module: community.powerbi.powerbi_drift_info
  - module: community.powerbi.powerbi_export
  - module: community.powerbi.powerbi_refresh
"""

EXAMPLES = r"""
- name: Deploy the content of this repository to production
  community.powerbi.powerbi_deploy:
    workspace: Sales
    src: "{{ playbook_dir }}/content"
    environment: PROD
    parameters: "{{ playbook_dir }}/content/parameter.yml"
    prune: deployed
    max_deletions: 3

- name: Show the changes (run with --check --diff)
  community.powerbi.powerbi_deploy:
    workspace: Sales
    src: "{{ playbook_dir }}/content"

- name: Deploy only the reports, with another server
  community.powerbi.powerbi_deploy:
    workspace: Sales
    src: "{{ playbook_dir }}/content"
    include: ["*.Report"]
    parameters:
      - find: sql-dev.contoso.example
        replace: sql.contoso.example
"""

RETURN = r"""
workspace_id:
  description: GUID of the workspace, as the Power BI API returns it.
  type: str
  returned: success, or failure once it is known
  sample: f01de400-0000-4000-8000-000000000001
plan:
  description: Planned action for each item of the folder and each item to delete.
  type: list
  elements: dict
  returned: always
  contains:
    action:
      description: Action for the item, V(create), V(update), V(unchanged) or V(delete).
      type: str
      sample: update
    type:
      description: Type of the item, as the Fabric API names it.
      type: str
      sample: SemanticModel
    name:
      description: Display name of the item.
      type: str
      sample: Sales
    folder:
      description: Path of the workspace folder of the item. Empty for the root of the workspace.
      type: str
      sample: Monthly
    id:
      description: GUID of the item. Empty in check mode for an item that would be created.
      type: str
      sample: 5a1e0000-0000-4000-8000-000000000001
    changes:
      description: Differences between the folder and the service, in words.
      type: list
      elements: str
      sample: ["measure Sales[Total] changed (expression)"]
    seconds:
      description: Duration of the write in seconds. Omitted for items that were not written.
      type: float
      sample: 1.25
    begin:
      description:
        - Number of seconds between the moment at which the first item could be written and the beginning of this write. Omitted
          for items that were not written.
      type: float
      sample: 11.4
    waits:
      description:
        - Reasons for which the write of the item waited, without waits of less than 0.05 seconds. Omitted for items that were
          not written.
        - C(kind) is V(dependency) for an item that had to be written first, V(parallel) for a free slot (see O(parallel)),
          V(operation) for an operation of the service, V(quota) for the quota of the identity, V(retry) for the retry of a
          request, and V(name) for a name that the service still reserved for a deleted item. C(what) is the item or the
          operation, and C(seconds) the duration.
        - Waits for V(dependency) and V(parallel) precede C(begin). The others are part of C(seconds).
      type: list
      elements: dict
      sample: [{"kind": "dependency", "what": "Sales.SemanticModel", "seconds": 11.3}]
created:
  description: Items that were created, as V(Name.Type); in check mode, that would be created.
  type: list
  elements: str
  returned: always
updated:
  description: Items that were updated, as V(Name.Type); in check mode, that would be updated.
  type: list
  elements: str
  returned: always
unchanged:
  description: Items that were already up to date, as V(Name.Type).
  type: list
  elements: str
  returned: always
deleted:
  description: Items that were deleted, as V(Name.Type); in check mode, that would be deleted.
  type: list
  elements: str
  returned: always
failed_items:
  description:
    - Items that failed. Each entry has the name as V(Name.Type) in C(item) and the keys of RV(error). Empty on
      success.
    - C(written) lists what of the item was written before the failure, C(missing) the rest. Both are empty if nothing of it
      was begun.
  type: list
  elements: dict
  returned: always
skipped_items:
  description:
    - Items that were not attempted, as V(Name.Type), because they depend on an item that failed or because of
      O(on_error=stop).
  type: list
  elements: str
  returned: always
content_warnings:
  description: Non-fatal problems of the content, each with its file and line.
  type: list
  elements: str
  returned: always
bulk_import:
  description: Number of items that were created in one operation with others, and the reason why the remaining ones were not.
  type: dict
  returned: when O(bulk_import) is V(true) and the plan was applied
  contains:
    created:
      description: Number of items that were created in bulk.
      type: int
      sample: 300
    reason:
      description: Why other items were created one by one. Empty if none were.
      type: str
cost:
  description:
    - Estimate of what the writes of the plan cost, before the first of them. In check mode, what the run would cost.
    - Requests of the plan itself, retries and the time of uploads are not in it. Items that bulk imports create cost less.
  type: dict
  returned: success
  contains:
    calls:
      description: Number of requests of the writes and of polls until they are done.
      type: int
      sample: 140
    seconds:
      description: Least number of seconds that the operations of the service and its quota take.
      type: int
      sample: 45
    text:
      description: The calls and the seconds as text, with O(rate_limit).
      type: str
      sample: about 140 calls, at least 45 s (quota of 200 calls a minute for each kind of API)
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
from ansible_collections.community.powerbi.plugins.module_utils._deploy.cost import estimate
from ansible_collections.community.powerbi.plugins.module_utils._deploy.options import DeployOptions
from ansible_collections.community.powerbi.plugins.module_utils._deployment_task import (
    deployment_of,
    folder_of,
    record_planned_items,
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
        **options.TAKE_OVER,
        **options.DEPLOYMENT,
        **options.OWNERSHIP,
        **options.DELETION,
        "allow_data_loss": {"type": "bool", "default": False},
        **options.PRUNING,
        "max_deletions": {"type": "int"},
        **options.ANNOTATION,
        **options.BULK_API,
        **options.BULK_IMPORT,
        **options.PARALLEL,
        **options.ON_ERROR,
        **options.WAIT_TIMEOUT,
        **PROGRESS,
    }
)

_OPTIONS = (
    *("preserve", "take_over", "hard_delete", "allow_data_loss", "prune", "protect", "max_deletions"),
    *("deployment", "take_ownership", "ownership_annotation", "bulk_api", "bulk_import"),
)


def run(context: Context) -> Result:
    params = context.params
    lists = ("plan", "created", "updated", "unchanged", "deleted", "failed_items", "skipped_items", "content_warnings")
    context.known.update({name: [] for name in lists}, api_calls=context.api_calls)
    desired = folder_of(context)
    deployment = deployment_of(context, desired, DeployOptions.of(**{name: params[name] for name in _OPTIONS}))
    deployment.plan()
    warn_of(context, deployment.plan_warnings())
    record_planned_items(context, deployment)
    diff = deployment.diff()
    cost = estimate(deployment.plans, context.session.settings.rate_limit)
    stop = params["on_error"] == "stop"
    outcome = deployment.apply(context.mark_changed, check_mode=context.check_mode, stop=stop, warn=context.warn)
    return Result(
        deployment.changed,
        {"workspace_id": deployment.live.workspace.id, "cost": cost, **deployment.report(outcome)},
        diff or None,
    )


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
