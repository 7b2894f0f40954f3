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
  - Writes the definitions of the items of a workspace to a folder that M(community.powerbi.powerbi_deploy) can deploy, or the
    C(.pbix) and C(.rdl) files of its reports, or the reports as PDF, PowerPoint, PNG, Excel and the like.
  - A file is rewritten only if its content differs, so that version control shows real changes only.
notes:
  - In exported definitions, text files have LF line ends, JSON has the order of keys that the service returns, and a report
    references its semantic model by path if both are exported.
  - Exported definitions do not depend on their workspace. Ids of its items become logical ids, which C(.platform) has, and the id
    of the workspace becomes the zero GUID, as Fabric's git integration writes them; a deployment replaces both. References that
    can't be made portable (connections, gateways, capacities, other workspaces, addresses of SQL and KQL endpoints, items
    that are not exported) stay. A warning for each file and RV(remaining_references) list them.
  - Of types without a definition, such as C(Warehouse), the C(.platform) with its C(creationPayload) is exported, of C(Lakehouse)
    also C(lakehouse.metadata.json). Data is not exported.
  - Never changes the service. In check mode no file is written.
  - Files that an earlier export wrote of items that were deleted, renamed or moved in the workspace since are kept.
    RV(stale) and
    a warning list them.
  - A C(.pbix), C(.rdl) or rendered file in O(dest) that no export has written, or that was changed since, is not
    overwritten. If
    it differs from the file of the service, the task fails before anything is written.
  - C(.powerbi_export.json) in O(dest) lists the exported files. Commit it with the files. In the folder of an item, files that
    the service no longer has are removed if they are listed there. All other files are kept, such as a C(README.md), and a
    warning lists them.
  - An item of another workspace that was exported to the same path is not overwritten. Use a separate folder for each
    workspace.
  - Symbolic links below O(dest) are not followed. A link at the path of an item, of a workspace folder or of a file is
    an error.
  - Each file is written atomically. Characters that file systems do not allow are replaced by C(_), and long names are
    shortened
    to 200 bytes. The C(.platform) file has the full name.
options:
  dest:
    description:
      - Folder to write to, on the host where the task runs. It is created if it does not exist.
      - Folders of the workspace become subfolders.
    type: path
    required: true
  content:
    description:
      - Content to write. V(definition) is a folder with the parts of the definition for each item.
      - V(file) is the C(.pbix) of each report, with its semantic model if that was created with the report, and the C(.rdl) of
        each paginated report. Other items have no file.
      - All other values are formats of rendered reports, which need a workspace on a capacity. V(pdf) and V(pptx) apply to
        Power BI reports and paginated reports, V(png) to Power BI reports (several pages as a C(.zip)), and the others to
        paginated reports. Reports of the other kind are listed in RV(unsupported_items).
    type: str
    choices: [definition, file, pdf, pptx, png, accessible_pdf, csv, docx, image, mhtml, xlsx, xml]
    default: definition
  render:
    description: Settings for rendered reports. Unset options keep the report's own settings.
    type: dict
    suboptions:
      pages:
        description:
          - Pages of a Power BI report, in this order. A page can be listed several times, with different visuals or bookmarks.
          - If not set, all pages that are not hidden.
        type: list
        elements: dict
        suboptions:
          page:
            description: Display name of the page, or its name in the API.
            type: str
            required: true
          visual:
            description: Name of a single visual to render instead of the whole page.
            type: str
          bookmark:
            description: Name in the API of a bookmark to apply.
            type: str
          bookmark_state:
            description: State of a bookmark, as captured by the client library of Power BI, instead of a name.
            type: str
      bookmark:
        description: Name of the bookmark for pages of a Power BI report that do not set their own.
        type: str
      bookmark_state:
        description: State of this bookmark, instead of a name.
        type: str
      locale:
        description: Locale for a Power BI report, such as V(de-DE).
        type: str
      hidden_pages:
        description: Whether hidden pages of a Power BI report are rendered if O(render.pages) is not set.
        type: bool
      filter:
        description:
          - Filter for the whole Power BI report, in the syntax of URL filters, such as V(Store/Territory eq 'NC'). The
            API accepts
            one filter.
        type: str
      semantic_model:
        description:
          - Name or ID of another semantic model to render a Power BI report with. A name is looked up in the
            workspace.
        type: str
        aliases: [dataset]
      identities:
        description:
          - Effective identities for row-level security. A paginated report accepts a single identity.
        type: list
        elements: dict
        suboptions:
          username:
            description: Effective user name of the identity.
            type: str
            required: true
          roles:
            description: Roles of the semantic model to apply.
            type: list
            elements: str
          custom_data:
            description: Value that the DAX function C(CUSTOMDATA) returns in the rules of the semantic model.
            type: str
          semantic_models:
            description:
              - Names or IDs of the semantic models that the identity applies to. If not set, the semantic model of the Power BI
                report.
            type: list
            elements: str
            aliases: [datasets]
          identity_blob:
            description: Access token for Azure SQL, for a semantic model in DirectQuery mode.
            type: str
      parameters:
        description: Parameters of a paginated report. A list sets several values of a parameter.
        type: dict
      format_settings:
        description:
          - Device information settings of the format of a paginated report, such as V({"OutputFormat":"PNG"}) for
            O(content=image), or V({"StartPage":1,"EndPage":4}).
        type: dict
  model_format:
    description: Format of the definitions of semantic models.
    type: str
    choices: [TMDL, TMSL]
    default: TMDL
  report_format:
    description: Format of the definitions of reports. If not set, the format that the service stores.
    type: str
    choices: [PBIR, PBIR-Legacy]
extends_documentation_fragment:
  - community.powerbi.content
  - community.powerbi.content.selection
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
  - module: community.powerbi.powerbi_drift_info
"""

EXAMPLES = r"""
- name: Export changes from the portal to the repository
  community.powerbi.powerbi_export:
    workspace: Sales
    dest: "{{ playbook_dir }}/content"

- name: Save the files of all reports
  community.powerbi.powerbi_export:
    workspace: Sales
    dest: /backup/Sales
    content: file

- name: Render the report Board as PDF
  community.powerbi.powerbi_export:
    workspace: Sales
    dest: /srv/board
    include: [Board.Report]
    content: pdf

- name: Render two pages with the row-level security of a regional manager
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

- name: Render the invoices of a customer as a spreadsheet
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
  returned: success, or failure once it is known
  sample: f01de400-0000-4000-8000-000000000001
exported:
  description: Items that were exported; in check mode, that would be exported.
  type: list
  elements: dict
  returned: always
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
  returned: always
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
remaining_references:
  description:
    - References in the exported definitions that point to the exported workspace or to its tenant also after a deployment to
      another workspace. A warning for each file lists them.
  type: list
  elements: dict
  returned: always
  contains:
    path:
      description: Path of the file, relative to O(dest).
      type: str
      sample: Load.DataPipeline/pipeline-content.json
    what:
      description: Object that the file refers to, in words.
      type: str
      sample: the connection 6a3c1a9e-0000-4000-8000-000000000001
unsupported_items:
  description:
    - Items without a definition, that the service creates on its own (such as SQL endpoints and the staging of dataflows), or
      that can't be rendered in the format of O(content). Each entry has the name as
      V(Name.Type) in C(item) and the reason in C(why).
  type: list
  elements: dict
  returned: always
failed_items:
  description:
    - Items that failed. Each entry has the name as V(Name.Type) in C(item) and the keys of RV(error). Empty on
      success.
  type: list
  elements: dict
  returned: always
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
from ansible_collections.community.powerbi.plugins.module_utils._deploy.exports.export_run import run_export
from ansible_collections.community.powerbi.plugins.module_utils._deploy.rendering import FORMS, RENDER_OPTION
from ansible_collections.community.powerbi.plugins.module_utils._deployment_task import warn_of
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._progress.options import PROGRESS
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
        **options.WAIT_TIMEOUT,
        **PROGRESS,
    }
)


def run(context: Context) -> Result:
    def written() -> None:
        if not context.changed:
            context.mark_changed()

    lists = ("exported", "stale", "remaining_references", "unsupported_items", "failed_items")
    context.known.update({name: [] for name in lists}, api_calls=context.api_calls)
    check, known = context.check_mode, context.known
    outcome = run_export(
        context.client, context.params, check_mode=check, on_write=written, known=known, progress=context.progress
    )
    warn_of(context, outcome.warnings)
    outcome.refuse_failures()
    return Result(outcome.changed, outcome.values(), outcome.diff() or None)


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
