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
  - Puts the items of a folder, such as semantic models (TMDL, TMSL), reports (PBIR, legacy), paginated reports and any
    other Fabric item with a C(.platform) file, into a workspace.
  - What is in the service now is compared with the folder, item by item. Only what differs is written, models before
    the reports that need them, as much as possible at once. A second run writes nothing.
  - In diff mode the lines that differ are shown, by part.
  - Everything that is wrong with the content is found before the first write, with file and line.
notes:
  - Part order, JSON key order, line ends, properties that the service adds and the like are no differences.
  - A deployed item gets an ownership annotation, so that it is recognised when it is renamed or pruned. See
    O(ownership_annotation). Texts of descriptions are never cut for it.
  - The workspace needs to be known to the Fabric API. Outside of the public cloud O(api_url) has to name its host.
options:
  src:
    description:
      - The folder to deploy, on the host where the task runs. Its subfolders become folders of the workspace.
    type: path
    required: true
  allow_data_loss:
    description:
      - Also write what makes a semantic model lose rows, such as a removed table, another column type, or the import of a
        file over a model with partitions of a refresh policy.
      - The service itself refuses definitions that delete rows while the model holds them, with
        C(Alm_InvalidRequest_PurgeRequired). Clear them first with a refresh of the type C(clearValues), or delete the
        model and deploy it again.
    type: bool
    default: false
  max_deletions:
    description: Write nothing at all if more items than this would be deleted.
    type: int
  wait_timeout:
    description: How many seconds one item may take in the service.
    type: float
    default: 600
extends_documentation_fragment:
  - community.powerbi.content
  - community.powerbi.content.selection
  - community.powerbi.content.rules
  - community.powerbi.content.types
  - community.powerbi.content.ownership
  - community.powerbi.content.deletion
  - community.powerbi.content.pruning
  - community.powerbi.content.annotation
  - community.powerbi.content.bulk_read
  - community.powerbi.content.parallel
  - community.powerbi.content.on_error
  - community.powerbi.auth
  - community.powerbi.connection
  - community.powerbi.attributes
  - community.powerbi.attributes.actiongroup_powerbi
  - community.powerbi.attributes.full_support
seealso:
  - module: community.powerbi.powerbi_drift
"""

EXAMPLES = r"""
- name: Deploy the content of this repository to production
  community.powerbi.powerbi_deploy:
    workspace: Sales
    src: "{{ playbook_dir }}/content"
    environment: prod
    parameters: "{{ playbook_dir }}/content/parameter.yml"
    prune: deployed
    max_deletions: 3

- name: What would change? (run with --check --diff)
  community.powerbi.powerbi_deploy:
    workspace: Sales
    src: "{{ playbook_dir }}/content"

- name: Only the reports, with another server
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
  description: The id of the workspace.
  type: str
  returned: success
  sample: f01de400-0000-4000-8000-000000000001
plan:
  description: What was to be done with each item.
  type: list
  elements: dict
  returned: success
  contains:
    action:
      description: V(create), V(update), V(unchanged) or V(delete).
      type: str
      sample: update
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
      description: The id. Empty in check mode for an item that would be created.
      type: str
      sample: 5a1e0000-0000-4000-8000-000000000001
    changes:
      description: What changes, in words.
      type: list
      elements: str
      sample: ["measure Sales[Total] changed (expression)"]
    seconds:
      description: How long it took. Only for items that were written.
      type: float
      sample: 1.25
created:
  description: The items that were created, as Name.Type.
  type: list
  elements: str
  returned: success
updated:
  description: The items that were changed.
  type: list
  elements: str
  returned: success
unchanged:
  description: The items that were as they should be.
  type: list
  elements: str
  returned: success
deleted:
  description: The items that were deleted.
  type: list
  elements: str
  returned: success
failed_items:
  description: The items that failed, each with its error. Empty on success.
  type: list
  elements: dict
  returned: always
skipped_items:
  description: The items that were not started, because they need one that failed or because the run was stopped.
  type: list
  elements: str
  returned: always
content_warnings:
  description: What is odd in the content, but stops nothing.
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
from ansible_collections.community.powerbi.plugins.module_utils._deploy.entry import DeployOptions
from ansible_collections.community.powerbi.plugins.module_utils._deployment_task import (
    deployment_of,
    folder_of,
    record_planned_items,
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
        **options.OWNERSHIP,
        **options.DELETION,
        "allow_data_loss": {"type": "bool", "default": False},
        **options.PRUNING,
        "max_deletions": {"type": "int"},
        **options.ANNOTATION,
        **options.BULK_READ,
        **options.PARALLEL,
        **options.ON_ERROR,
        "wait_timeout": {"type": "float", "default": 600.0},
    }
)


def run(context: Context) -> Result:
    params = context.params
    desired = folder_of(context)
    choices = DeployOptions(**{name: params[name] for name in DeployOptions._fields if name in params})
    deployment = deployment_of(context, desired, choices)
    deployment.plan()
    warn_of(context, deployment.plan_warnings())
    record_planned_items(context, deployment)
    diff = deployment.diff()
    stop = params["on_error"] == "stop"
    outcome = deployment.apply(context.mark_changed, check_mode=context.check_mode, stop=stop, warn=context.warn)
    return Result(
        deployment.changed, {"workspace_id": deployment.live.workspace.id, **deployment.report(outcome)}, diff or None
    )


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
