# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_drift
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Report how a workspace differs from a folder of Power BI content
description:
  - Compares what is in the service now with the folder, as M(community.powerbi.powerbi_deploy) would before it writes.
    Nothing is ever written.
  - What it calls drift is what M(community.powerbi.powerbi_deploy) with the same options would change.
notes:
  - Ansible shows a task's RV(ignore:diff) only if the task has changed something, which this one never does. The
    differing lines of each item are in RV(drift), too.
options:
  src:
    description: The folder to compare with, on the host where the task runs.
    type: path
    required: true
  prune:
    description:
      - Which items count as drift if they are in the workspace but not in the folder.
      - V(deployed) are those that M(community.powerbi.powerbi_deploy) has deployed, V(all) all of them.
  fail_on_drift:
    description: Whether the task fails if anything differs.
    type: bool
    default: false
  wait_timeout:
    description: How many seconds the service may take to give one definition.
    type: float
    default: 600
extends_documentation_fragment:
  - community.powerbi.content
  - community.powerbi.content.selection
  - community.powerbi.content.rules
  - community.powerbi.content.types
  - community.powerbi.content.pruning
  - community.powerbi.content.bulk_read
  - community.powerbi.content.parallel
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
  community.powerbi.powerbi_drift:
    workspace: Sales
    src: "{{ playbook_dir }}/content"
    environment: prod
    parameters: "{{ playbook_dir }}/content/parameter.yml"
  register: sales

- name: Show the lines that differ
  ansible.builtin.debug:
    msg: "{{ sales.drift | map(attribute='diff') | join }}"
  when: sales.drifted

- name: Fail a nightly job if anything differs, also what was not deployed
  community.powerbi.powerbi_drift:
    workspace: Sales
    src: "{{ playbook_dir }}/content"
    prune: all
    fail_on_drift: true
"""

RETURN = r"""
workspace_id:
  description: The id of the workspace.
  type: str
  returned: success
  sample: f01de400-0000-4000-8000-000000000001
drifted:
  description: Whether anything differs.
  type: bool
  returned: success
drift:
  description: The items that differ.
  type: list
  elements: dict
  returned: success
  contains:
    drift:
      description:
        - V(missing) in the workspace; V(changed), so that it differs from the folder; or V(extra), not in the folder.
      type: str
      sample: changed
    type:
      description: The type of the item.
      type: str
      sample: SemanticModel
    name:
      description: The name of the item.
      type: str
      sample: Sales
    folder:
      description: The folder of the workspace.
      type: str
      sample: Monthly
    id:
      description: The id. Empty for an item that is missing.
      type: str
      sample: 5a1e0000-0000-4000-8000-000000000001
    changes:
      description: What a deployment would change, in words.
      type: list
      elements: str
      sample: ["measure Sales[Total] changed (expression)"]
    diff:
      description: The lines that differ, from what is live to what the folder has, as a unified diff.
      type: str
content_warnings:
  description: What is odd in the content.
  type: list
  elements: str
  returned: success
api_calls:
  description: How many requests were sent.
  type: int
  returned: success
"""

import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._deploy import options
from ansible_collections.community.powerbi.plugins.module_utils._deploy.drift import failure, findings
from ansible_collections.community.powerbi.plugins.module_utils._deploy.entry import DeployOptions
from ansible_collections.community.powerbi.plugins.module_utils._deployment_task import (
    deployment_of,
    folder_of,
    warn_of,
)
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import auth_argument_spec

ARGUMENT_SPEC: dict[str, t.Any] = auth_argument_spec(
    {
        **options.WORKSPACE,
        "src": {"type": "path", "required": True},
        **options.SELECTION,
        **options.RULES,
        **options.TYPES,
        **options.PRUNING,
        "fail_on_drift": {"type": "bool", "default": False},
        **options.BULK_READ,
        **options.PARALLEL,
        "wait_timeout": {"type": "float", "default": 600.0},
    }
)


def run(context: Context) -> Result:
    params = context.params
    desired = folder_of(context)
    choices = DeployOptions(
        params["preserve"],
        allow_data_loss=True,
        prune=params["prune"],
        protect=params["protect"],
        bulk_read=params["bulk_read"],
    )
    deployment = deployment_of(context, desired, choices, writes=False)
    found = findings(deployment.plan())
    warn_of(context, deployment.plan_warnings())
    report = {name: deployment.report(None)[name] for name in ("content_warnings", "api_calls")}
    values = {"workspace_id": deployment.live.workspace.id, "drifted": bool(found), "drift": found, **report}
    if found and params["fail_on_drift"]:
        raise failure(found, deployment.live.workspace.name, values)
    return Result(False, values, deployment.diff() or None)


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
