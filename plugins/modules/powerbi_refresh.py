#!/usr/bin/python
# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_refresh
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Refresh a semantic model
description:
  - Starts a refresh of a semantic model, follows it by its own request ID, and fails with the reason of the service if it fails.
  - A semantic model has one refresh at a time. If one is running, the module waits for it, or fails; see O(if_running).
  - In a workspace on a capacity the module uses the enhanced refresh, which returns the state of each table and can be cancelled.
    On shared capacity it uses the standard refresh, which has none of the options from O(type) to O(apply_refresh_policy).
  - The lifetime of a token does not limit O(wait_timeout). The module gets a new token during a refresh that takes longer.
options:
  workspace:
    description: Name or ID of the workspace.
    type: str
    required: true
  semantic_model:
    description: Name or ID of the semantic model.
    type: str
    required: true
    aliases: [dataset]
  type:
    description:
      - What is processed. If not set, V(full).
      - V(clear_values) deletes all rows. After it, the service accepts changes of the model that it refuses because rows would be
        lost.
    type: str
    choices: [full, automatic, data_only, calculate, clear_values, defragment]
  objects:
    description: Tables and partitions to refresh. If not set, all of them are refreshed.
    type: list
    elements: dict
    suboptions:
      table:
        description: Name of the table.
        type: str
        required: true
      partition:
        description: Name of a partition of the table. If not set, all of its partitions are refreshed.
        type: str
  commit_mode:
    description:
      - V(transactional) commits all objects together, V(partial_batch) each one when it is done.
      - V(partial_batch) does not apply refresh policies.
    type: str
    choices: [transactional, partial_batch]
  max_parallelism:
    description: Maximum number of threads of the service. If not set, the service uses 10.
    type: int
  retry_count:
    description: Number of times that the service retries a refresh that has failed.
    type: int
  apply_refresh_policy:
    description: Whether the partitions of incremental refresh policies are managed. If not set, they are.
    type: bool
  skip_if_newer_than:
    description:
      - Age in seconds. If the latest successful refresh ended less than this time ago, nothing is started.
      - Without this option each run of the task starts a refresh. A refresh of single O(objects) counts as well.
    type: int
  if_running:
    description:
      - What to do if a refresh is running. V(join) waits for it and starts none. That refresh may have begun before the latest
        change of the data.
      - V(wait) waits for it, and then starts a refresh. V(fail) fails.
    type: str
    choices: [join, wait, fail]
    default: join
  wait:
    description: Whether to wait for the end of the refresh. With V(false) its failure is not noticed.
    type: bool
    default: true
  wait_timeout:
    description:
      - Maximum number of seconds to wait for each refresh, in addition to O(retry_timeout) for the requests themselves.
      - A refresh may take hours. Set it to the time that the semantic model needs.
    type: float
    default: 1800
  cancel_on_timeout:
    description: Whether to cancel the refresh after O(wait_timeout). Needs a workspace on a capacity.
    type: bool
    default: false
extends_documentation_fragment:
  - community.powerbi.progress
  - community.powerbi.auth
  - community.powerbi.connection
  - community.powerbi.attributes
  - community.powerbi.attributes.actiongroup_powerbi
attributes:
  check_mode:
    support: full
    details:
      - The module reads the refresh history, starts nothing, and reports whether it would start a refresh.
  diff_mode:
    support: none
  async:
    support: full
seealso:
  - module: community.powerbi.powerbi_refresh_schedule
  - module: community.powerbi.powerbi_deploy
"""

EXAMPLES = r"""
- name: Refresh the semantic model, and wait
  community.powerbi.powerbi_refresh:
    workspace: Finance
    semantic_model: Sales

- name: Refresh one table, unless it was refreshed within the last hour
  community.powerbi.powerbi_refresh:
    workspace: Finance
    semantic_model: Sales
    type: data_only
    objects:
      - table: Orders
    skip_if_newer_than: 3600
    wait_timeout: 3600
    cancel_on_timeout: true

- name: Delete all rows before a deployment that changes the columns
  community.powerbi.powerbi_refresh:
    workspace: Finance
    semantic_model: Sales
    type: clear_values
"""

RETURN = r"""
refresh:
  description:
    - Refresh that the task started, joined or found to be recent enough. Empty in check mode for a refresh that would be started.
  type: dict
  returned: success, or failure once a refresh is known
  contains:
    id:
      description: Request ID of the refresh, a GUID.
      type: str
      sample: 5a1e0000-0000-4000-8000-000000000001
    status:
      description: State of the refresh, one of V(running), V(completed), V(failed), V(cancelled), V(disabled) and V(timedout).
      type: str
      sample: completed
    started:
      description: Time at which the refresh started, in UTC as ISO 8601. Empty if the service does not return it.
      type: str
      sample: "2026-11-28T10:00:00Z"
    ended:
      description: Time at which the refresh ended, in UTC as ISO 8601. Empty while it runs.
      type: str
      sample: "2026-11-28T10:02:00Z"
    objects:
      description: State of each table and partition, of an enhanced refresh that has ended.
      type: list
      elements: dict
      contains:
        table:
          description: Name of the table in the semantic model.
          type: str
          sample: Orders
        partition:
          description: Name of the partition, empty for a whole table.
          type: str
        status:
          description: State of the object, as O(ignore:status) of the refresh.
          type: str
          sample: completed
    messages:
      description: Errors and warnings of an enhanced refresh, as the service returns them.
      type: list
      elements: dict
      contains:
        type:
          description: Kind of the message, V(Error) or V(Warning).
          type: str
          sample: Error
        code:
          description: Error code of the engine.
          type: str
          sample: "0xC11C0012"
        message:
          description: Text of the message, as the engine returns it.
          type: str
joined:
  description: Whether the task waited for a refresh that was running already, and started none.
  type: bool
  returned: success
  sample: false
skipped_refresh:
  description: Whether no refresh was started because of O(skip_if_newer_than).
  type: bool
  returned: success
  sample: false
semantic_model_id:
  description: GUID of the semantic model, as the Power BI API returns it. Empty in check mode for a model that would be created.
  type: str
  returned: success, or failure once it is known
  sample: 5a1e0000-0000-4000-8000-000000000001
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

from ansible_collections.community.powerbi.plugins.module_utils._api.refreshes import COMMIT_MODES, TYPES
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._planned_workspace import (
    resolve_semantic_model,
    resolve_workspace,
)
from ansible_collections.community.powerbi.plugins.module_utils._progress.options import PROGRESS
from ansible_collections.community.powerbi.plugins.module_utils._refresh_task import RefreshTask
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import auth_argument_spec

ARGUMENT_SPEC: dict[str, t.Any] = auth_argument_spec(
    {
        "workspace": {"type": "str", "required": True},
        "semantic_model": {"type": "str", "required": True, "aliases": ["dataset"]},
        "type": {"type": "str", "choices": list(TYPES)},
        "objects": {
            "type": "list",
            "elements": "dict",
            "options": {"table": {"type": "str", "required": True}, "partition": {"type": "str"}},
        },
        "commit_mode": {"type": "str", "choices": list(COMMIT_MODES)},
        "max_parallelism": {"type": "int"},
        "retry_count": {"type": "int"},
        "apply_refresh_policy": {"type": "bool"},
        "skip_if_newer_than": {"type": "int"},
        "if_running": {"type": "str", "choices": ["join", "wait", "fail"], "default": "join"},
        "wait": {"type": "bool", "default": True},
        "wait_timeout": {"type": "float", "default": 1800.0},
        "cancel_on_timeout": {"type": "bool", "default": False},
        **PROGRESS,
    }
)


def run(context: Context) -> Result:
    workspace = resolve_workspace(context)
    context.known["workspace_id"] = workspace.id
    model = resolve_semantic_model(context, workspace)
    context.known["semantic_model_id"] = model.id
    context.progress.works_on(f"{workspace.name}, {model.name}")
    return RefreshTask(context, workspace, model).run()


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
