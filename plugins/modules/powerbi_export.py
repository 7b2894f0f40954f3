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
    C(.pbix) and C(.rdl) files of its reports, or the reports as PDF, PowerPoint, PNG, Excel and the like.
  - Nothing is rewritten that says the same already, so that version control shows only what has really changed.
notes:
  - In definitions, texts have LF at their line ends, JSON keeps the order of keys that the service gives, and a report
    names its semantic model by path if both are exported.
  - Nothing is changed in the service, also not outside of check mode. In check mode no file is written.
  - What earlier exports wrote of items that were deleted, renamed or moved in the workspace since is left alone. RV(stale) and a
    warning name it.
  - A C(.pbix), C(.rdl) or rendered file in O(dest) that no export has written, or that was changed since, is not overwritten. If
    it differs from the service's, the task fails before anything is written.
  - C(.powerbi_export.json) in O(dest) lists what was written. Commit it with the files. In the folder of an item, files that
    the service no longer has are removed if they are listed there. All others stay, such as a C(README.md), and a warning
    names them.
  - An item of another workspace that was exported to the same place is not overwritten. Give each workspace a folder of its own.
  - Links below O(dest) are not followed. A link at the place of an item, of a workspace folder or of a file is an error.
  - Each file is written as a whole or not at all. Characters that file systems refuse are replaced by C(_), and long names are
    cut to 200 bytes. The C(.platform) file has the full name.
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
      - All others are rendered reports, which takes a workspace on a capacity. V(pdf) and V(pptx) are made of reports of both
        kinds, V(png) of Power BI reports (several pages as a C(.zip)), and the rest of paginated reports. Reports of the other
        kind are in RV(skipped_items).
    type: str
    choices: [definition, file, pdf, pptx, png, accessible_pdf, csv, docx, image, mhtml, xlsx, xml]
    default: definition
  render:
    description: How reports are rendered. What is not set is as the report has it.
    type: dict
    suboptions:
      pages:
        description:
          - The pages of a Power BI report, in this order. One may be given more than once, with another visual or bookmark.
          - When it is not set, all that are not hidden.
        type: list
        elements: dict
        suboptions:
          page:
            description: The page's name, as a person sees it or as the API knows it.
            type: str
            required: true
          visual:
            description: The name of a single visual, instead of the whole page.
            type: str
          bookmark:
            description: The name of a bookmark to apply, as the API knows it.
            type: str
          bookmark_state:
            description: The state of a bookmark, as Power BI's client library captures it, instead of a name.
            type: str
      bookmark:
        description: The name of the bookmark for the pages of a Power BI report that have none of their own.
        type: str
      bookmark_state:
        description: The state of such a bookmark, instead of a name.
        type: str
      locale:
        description: The language and region for a Power BI report, such as V(de-DE).
        type: str
      hidden_pages:
        description: Whether the hidden pages of a Power BI report are rendered, too, if O(render.pages) is not set.
        type: bool
      filter:
        description:
          - A filter for a whole Power BI report, in the syntax of URL filters, such as V(Store/Territory eq 'NC'). The service
            takes one.
        type: str
      semantic_model:
        description: Name or id of another semantic model to render a Power BI report with. A name is one of the workspace.
        type: str
        aliases: [dataset]
      identities:
        description:
          - As whom the data is seen, where row-level security applies. A paginated report takes a single one.
        type: list
        elements: dict
        suboptions:
          username:
            description: The effective user name.
            type: str
            required: true
          roles:
            description: The roles of the semantic model.
            type: list
            elements: str
          custom_data:
            description: What the semantic model's rules read with C(CUSTOMDATA()).
            type: str
          semantic_models:
            description:
              - Names or ids of the semantic models that this identity is for. If not set, that which the Power BI report shows.
            type: list
            elements: str
            aliases: [datasets]
          identity_blob:
            description: An access token for Azure SQL, for a semantic model that queries it directly.
            type: str
      parameters:
        description: The parameters of a paginated report. A list gives one several values.
        type: dict
      format_settings:
        description:
          - The device information settings of the form that a paginated report gets, such as V({"OutputFormat":"PNG"}) for
            O(content=image), or V({"StartPage":1,"EndPage":4}).
        type: dict
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
- name: Export what was edited in the portal into the repository
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

- name: Two pages of it as the manager of a region sees them
  community.powerbi.powerbi_export:
    workspace: Sales
    dest: /srv/board/north
    include: [Board.Report]
    content: pptx
    render:
      pages:
        - page: Overview
        - page: Revenue by region
          visual: byregion
      locale: de-DE
      filter: Region/Name eq 'North'
      identities:
        - username: north@contoso.example
          roles: [Region manager]

- name: The invoices of a customer as a spreadsheet
  community.powerbi.powerbi_export:
    workspace: Sales
    dest: /srv/invoices
    include: [Invoice.PaginatedReport]
    content: xlsx
    render:
      parameters:
        Customer: 4711
        Status: [open, overdue]
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
    kept_files:
      description: Files in the item's folder that the service does not have and that no export has written. They stay.
      type: list
      elements: str
      sample: ["README.md"]
stale:
  description:
    - What earlier exports of this workspace wrote to O(dest), and whose items were deleted, renamed or moved since. It stays.
  type: list
  elements: dict
  returned: success
  contains:
    path:
      description: The folder or file in O(dest).
      type: str
      sample: Monthly/Sales 2019.Report
    item:
      description: The id of the item that was exported there.
      type: str
      sample: 5a1e0000-0000-4000-8000-000000000001
    why:
      description: What became of the item.
      type: str
      sample: the item is not in the workspace any more
skipped_items:
  description: The items that there is no definition of, or that are not rendered so, each with the reason.
  type: list
  elements: dict
  returned: success
failed_items:
  description: The items that failed, each with its error.
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
from ansible_collections.community.powerbi.plugins.module_utils._deploy.rendering import FORMS, RENDER_OPTION
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import auth_argument_spec

ARGUMENT_SPEC: dict[str, t.Any] = auth_argument_spec(
    {
        **options.WORKSPACE,
        "dest": {"type": "path", "required": True},
        **options.SELECTION,
        "content": {"type": "str", "choices": ["definition", "file", *FORMS], "default": "definition"},
        "render": RENDER_OPTION,
        "model_format": {"type": "str", "choices": ["TMDL", "TMSL"], "default": "TMDL"},
        "report_format": {"type": "str", "choices": ["PBIR", "PBIR-Legacy"]},
        **options.PARALLEL,
        "wait_timeout": {"type": "float", "default": 1800.0},
    }
)


def run(context: Context) -> Result:
    outcome = run_export(context.client, context.params, check_mode=context.check_mode)
    for warning in outcome.warnings[:10]:
        context.warn(warning)
    if outcome.changed and not context.check_mode:
        context.mark_changed()
    outcome.refuse_failures()
    return Result(outcome.changed, outcome.values(), outcome.diff() or None)


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
