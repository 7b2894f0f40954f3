# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_export
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Write the content of a workspace to a folder
description:
  - Writes the definitions of a workspace's items to a folder, as M(community.powerbi.powerbi_deploy) takes them, or the
    C(.pbix) and C(.rdl) files of its reports, or the reports as PDF, PowerPoint or PNG.
  - Nothing is rewritten that says the same already, so that version control shows only what has really changed.
notes:
  - In definitions, texts have LF at their line ends, JSON keeps the order of keys that the service gives, and a report
    names its semantic model by path if both are exported.
  - Nothing is changed in the service, also not outside of check mode. In check mode no file is written.
  - Files of items that are not in the workspace any more are left alone.
options:
  dest:
    description:
      - The folder to write to, on the host where the task runs. It is created if it is missing.
      - Folders of the workspace become subfolders.
    type: path
    required: true
  content:
    description:
      - What to write. V(definition) is a folder with the parts of the definition for each item.
      - V(file) is the C(.pbix) of each report, with its semantic model if that is its own, and the C(.rdl) of each
        paginated report. Other items have no file.
      - V(pdf), V(pptx) and V(png) are the rendered pages of each report. That takes a capacity.
    type: str
    choices: [definition, file, pdf, pptx, png]
    default: definition
  model_format:
    description: The format of semantic models' definitions.
    type: str
    choices: [TMDL, TMSL]
    default: TMDL
  report_format:
    description: The format of reports' definitions. Not set, that which the service keeps them in.
    type: str
    choices: [PBIR, PBIR-Legacy]
  wait_timeout:
    description: How many seconds the service may take for one item.
    type: float
    default: 1800
extends_documentation_fragment:
  - community.powerbi.content
  - community.powerbi.content.selection
  - community.powerbi.content.parallel
  - community.powerbi.auth
  - community.powerbi.connection
  - community.powerbi.attributes
  - community.powerbi.attributes.actiongroup_powerbi
  - community.powerbi.attributes.full_support
seealso:
  - module: community.powerbi.powerbi_deploy
  - module: community.powerbi.powerbi_drift
"""

EXAMPLES = r"""
- name: Bring what was edited in the portal into the repository
  community.powerbi.powerbi_export:
    workspace: Sales
    dest: "{{ playbook_dir }}/content"

- name: Keep the files of all reports
  community.powerbi.powerbi_export:
    workspace: Sales
    dest: /backup/Sales
    content: file

- name: The board's report as PDF
  community.powerbi.powerbi_export:
    workspace: Sales
    dest: /srv/board
    include: [Board.Report]
    content: pdf
"""

RETURN = r"""
workspace_id:
  description: The id of the workspace.
  type: str
  returned: success
  sample: f01de400-0000-4000-8000-000000000001
exported:
  description: The items that were exported.
  type: list
  elements: dict
  returned: success
  contains:
    type:
      description: The type of the item.
      type: str
      sample: SemanticModel
    name:
      description: The name of the item.
      type: str
      sample: Sales
    id:
      description: The id of the item.
      type: str
      sample: 5a1e0000-0000-4000-8000-000000000001
    path:
      description: Its folder or file in O(dest).
      type: str
      sample: Monthly/Sales.SemanticModel
    action:
      description: V(create), V(update) or V(unchanged).
      type: str
      sample: update
    files:
      description: The files that were written or removed.
      type: list
      elements: str
      sample: ["definition/tables/Orders.tmdl"]
skipped_items:
  description: The items that there is no definition of, each with the reason.
  type: list
  elements: dict
  returned: success
failed_items:
  description: The items that failed, each with its error. On failure below RV(ignore:error).
  type: list
  elements: dict
  returned: always
api_calls:
  description: How many requests were sent.
  type: int
  returned: success
"""

import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._deploy import options
from ansible_collections.community.powerbi.plugins.module_utils._deploy.export_run import run_export
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._options import auth_argument_spec

_CONTENT = ["definition", "file", "pdf", "pptx", "png"]

ARGUMENT_SPEC: dict[str, t.Any] = auth_argument_spec(
    {
        **options.WORKSPACE,
        "dest": {"type": "path", "required": True},
        **options.SELECTION,
        "content": {"type": "str", "choices": _CONTENT, "default": "definition"},
        "model_format": {"type": "str", "choices": ["TMDL", "TMSL"], "default": "TMDL"},
        "report_format": {"type": "str", "choices": ["PBIR", "PBIR-Legacy"]},
        **options.PARALLEL,
        "wait_timeout": {"type": "float", "default": 1800.0},
    }
)


def run(context: Context) -> Result:
    outcome = run_export(context.client, context.params, check_mode=context.check_mode)
    if outcome.changed and not context.check_mode:
        context.written()
    outcome.refuse_failures()
    return Result(outcome.changed, outcome.values(), outcome.diff() or None)


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
