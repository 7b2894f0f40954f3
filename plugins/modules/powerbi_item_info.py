# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_item_info
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: List the items of a workspace, and what their definitions are made of
description:
  - Lists semantic models, reports, paginated reports and all other items of a workspace.
  - On demand it also tells of each item's definition which parts it has, and a digest that changes with the content.
options:
  type:
    description: Only items of this type, such as V(SemanticModel), in any case.
    type: str
  name:
    description: Only items with this name, in any case, or with this id.
    type: str
  definition:
    description: Read the definitions, too. That takes the role Contributor, and some requests for each item.
    type: bool
    default: false
  wait_timeout:
    description: How many seconds the service may take to give one definition.
    type: float
    default: 600
extends_documentation_fragment:
  - community.powerbi.content
  - community.powerbi.content.parallel
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
- name: Which reports are there?
  community.powerbi.powerbi_item_info:
    workspace: Sales
    type: Report
  register: reports

- name: Has the semantic model changed since yesterday?
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
  description: The id of the workspace.
  type: str
  returned: success
  sample: f01de400-0000-4000-8000-000000000001
workspace_items:
  description: The items, ordered by type and name.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: The id.
      type: str
      sample: 5a1e0000-0000-4000-8000-000000000001
    type:
      description: The type.
      type: str
      sample: SemanticModel
    name:
      description: The name.
      type: str
      sample: Sales
    description:
      description: The description, without an annotation.
      type: str
      sample: What Sales looks at
    folder:
      description: The folder of the workspace, empty for none.
      type: str
      sample: Monthly
    deployed:
      description:
        - Whether it bears the ownership annotation of a deployment.
        - Semantic models and reports have it in their definition. Without O(definition=true) it is null for these, unless
          an earlier version has written it to the description.
      type: bool
      sample: true
    logical_id:
      description: The logical id of the C(.platform) that it was deployed from.
      type: str
      sample: 10000000-0000-4000-8000-000000000001
    definition:
      description: What it is made of, with O(definition=true). Null if the service does not give it.
      type: dict
      contains:
        format:
          description: The format, such as V(TMDL) or V(PBIR). Empty where there is only one.
          type: str
          sample: TMDL
        sha256:
          description: A digest of the content, not of its layout.
          type: str
        parts:
          description: Path and size in bytes of each part.
          type: list
          elements: dict
    definition_error:
      description: Why the service does not give the definition, empty if it does.
      type: str
api_calls:
  description: How many requests were sent.
  type: int
  returned: success
"""

from ansible_collections.community.powerbi.plugins.module_utils._deploy import options
from ansible_collections.community.powerbi.plugins.module_utils._deploy.item_reading import chosen, definitions, summary
from ansible_collections.community.powerbi.plugins.module_utils._deploy.remote import RemoteWorkspace
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._planned_workspace import resolve_workspace
from ansible_collections.community.powerbi.plugins.module_utils._scheduler import Scheduler
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import auth_argument_spec

ARGUMENT_SPEC = auth_argument_spec(
    {
        **options.WORKSPACE,
        "type": {"type": "str"},
        "name": {"type": "str"},
        "definition": {"type": "bool", "default": False},
        **options.PARALLEL,
        "wait_timeout": {"type": "float", "default": 600.0},
    }
)


def run(context: Context) -> Result:
    params, client = context.params, context.client
    workspace = resolve_workspace(context)
    live = RemoteWorkspace(client, workspace, timeout=params["wait_timeout"])
    live.read()
    found = chosen(live, params["type"], params["name"])
    read = {}
    if params["definition"]:
        read = definitions(live, found, Scheduler(params["parallel"], client.sender.clock))
    items = [summary(live, item, read.get(item.id)) for item in found]
    calls = client.sender.counters.requests
    return Result(False, {"workspace_id": workspace.id, "workspace_items": items, "api_calls": calls})


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
