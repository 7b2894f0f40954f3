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
  description: GUID of the workspace, as the Power BI API returns it.
  type: str
  returned: success, or failure of single items
  sample: f01de400-0000-4000-8000-000000000001
exported:
  description: Items that were exported; in check mode, that would be exported.
  type: list
  elements: dict
  returned: success, or failure of single items
  contains:
    type:
      description: Type of the item, as the Fabric API names it.
      type: str
      sample: SemanticModel
    name:
      description: Display name of the item.
      type: str
      sample: Sales
    id:
      description: GUID of the item, as the Fabric API returns it.
      type: str
      sample: 5a1e0000-0000-4000-8000-000000000001
    path:
      description: Path of the item's folder or file, relative to O(dest).
      type: str
      sample: Monthly/Sales.SemanticModel
    action:
      description: Action for the files of the item, V(create), V(update) or V(unchanged).
      type: str
      sample: update
    files:
      description: Paths of the files that were written or removed, relative to RV(exported[].path).
      type: list
      elements: str
      sample: ["definition/tables/Orders.tmdl"]
    kept_files:
      description:
        - Files in the item's folder that neither the service nor an earlier export has. They are not removed.
      type: list
      elements: str
      sample: ["README.md"]
stale:
  description:
    - Files and folders that an earlier export of this workspace wrote to O(dest), and whose item was deleted, renamed
      or moved since. They are not removed.
  type: list
  elements: dict
  returned: success, or failure of single items
  contains:
    path:
      description: Path of the folder or file, relative to O(dest).
      type: str
      sample: Monthly/Sales 2019.Report
    item:
      description: GUID of the item that was exported to this path.
      type: str
      sample: 5a1e0000-0000-4000-8000-000000000001
    why:
      description: Reason why the path is stale, in words.
      type: str
      sample: the item is not in the workspace any more
skipped_items:
  description:
    - Items without a definition, or that can't be rendered in the format of O(content). Each entry has the name as
      V(Name.Type) in C(item) and the reason in C(why).
  type: list
  elements: dict
  returned: success, or failure of single items
failed_items:
  description:
    - Items that failed. Each entry has the name as V(Name.Type) in C(item) and the keys of RV(error). Empty on
      success.
  type: list
  elements: dict
  returned: success, or failure of single items
api_calls:
  description: Number of HTTP requests that the task sent to the APIs, retries included.
  type: int
  returned: success, or failure of single items
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
          C(auth_source), as far as they are known.
      type: dict
    problems:
      description:
        - Problems of the content, each with C(file), C(line), C(column), C(what), C(remedy) and C(severity).
      type: list
      elements: dict
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
