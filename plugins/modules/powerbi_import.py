# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_import
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Publish .pbix, .rdl and .xlsx files to a workspace
description:
  - Imports files of Power BI Desktop, Report Builder or Excel concurrently, and waits until the service has published them.
  - A file is not sent if it was imported before, also by another controller, and its items are unchanged in the service. A file
    that has changed, or whose items were edited in the service, is imported again.
  - Files of any size are streamed. Large files are uploaded to a temporary upload location in blocks.
  - A report that is bound to another semantic model than that of its file stays bound to that model.
notes:
  - A fingerprint of the imported file is written at the end of the description of the semantic model, or of the report if the
    file has no model. Every controller can read it there. If the service does not return the definition of an item, edits can't
    be detected, so its file is sent in every run.
  - Changes by the service or by API calls are not part of the fingerprint, and do not cause a new import. These are partitions
    of refresh policies, values of parameters, locations of data sources, members of roles, and the conversion of a report to
    PBIR.
  - A semantic model or report that was renamed in the service is recognised by its fingerprint. It is renamed to the
    name of the
    file, without sending the file.
  - If the description was replaced in the service, the fingerprint is lost. Then the file is sent again, and
    RV(imports[].changes) states the reason. The new description is kept, with a new fingerprint.
  - The fingerprint contains digests only, nothing secret.
  - A paginated report whose definition in the service equals the file gets no fingerprint, because the two can be compared.
options:
  src:
    description:
      - Files to import, and folders with files to import, on the host where the task runs. Subfolders become folders of the
        workspace.
    type: list
    elements: path
    required: true
  name:
    description:
      - Display name of the report and the semantic model. Only for a single file.
      - If not set, the name of the file without its suffix.
    type: str
  folder:
    description:
      - Workspace folder for new items, such as V(Monthly/Europe). It is created if it does not exist.
      - Existing items stay in their folder.
    type: str
    default: ""
  name_conflict:
    description:
      - Handling of an existing item of the same name.
      - V(auto) replaces an existing item, and creates a missing one.
      - V(abort) never replaces an item. The task fails if an existing item differs from the file.
      - V(overwrite) never creates an item. The task fails if the item does not exist.
      - More than one item of the same name is always an error, which lists their IDs.
    type: str
    choices: [auto, abort, overwrite]
    default: auto
  skip_report:
    description: Whether to import only the semantic model of a C(.pbix), if it has one.
    type: bool
    default: false
  allow_data_loss:
    description:
      - Whether to import a file over a semantic model that has partitions of a refresh policy (incremental refresh), or that was
        deployed from a definition. The import replaces the partitions by those of the file, and rows of earlier periods are lost.
      - Otherwise such a task fails before anything is sent, also in check mode.
    type: bool
    default: false
  fingerprint:
    description:
      - Whether to write a fingerprint of the imported file. Without fingerprints, every run imports all files again.
      - Fingerprints need the Fabric API and the workspace role Contributor.
    type: bool
    default: true
  large_file_size:
    description: Size in bytes from which files are uploaded in blocks. The service accepts requests of up to 1 GiB.
    type: int
    default: 1073741824
  wait:
    description:
      - Whether to wait until the service has published the files. Otherwise the task ends when the service has accepted
        them, and
        no fingerprint is written.
  wait_timeout:
    description:
      - Maximum number of seconds to wait for the import of one file, in addition to O(retry_timeout) for the requests
        themselves.
extends_documentation_fragment:
  - community.powerbi.content
  - community.powerbi.content.bulk_api
  - community.powerbi.content.parallel
  - community.powerbi.content.on_error
  - community.powerbi.progress
  - community.powerbi.auth
  - community.powerbi.connection
  - community.powerbi.wait
  - community.powerbi.attributes
  - community.powerbi.attributes.actiongroup_powerbi
  - community.powerbi.attributes.full_support
seealso:
  - module: community.powerbi.powerbi_deploy
    description: Deploys a folder of files and definitions in the order of their dependencies.
"""

EXAMPLES = r"""
- name: Publish a report
  community.powerbi.powerbi_import:
    workspace: Sales
    src: "{{ playbook_dir }}/Sales.pbix"

- name: Publish all reports of a folder and its subfolders
  community.powerbi.powerbi_import:
    workspace: Sales
    src: "{{ playbook_dir }}/reports"
    parallel: 16

- name: Replace an existing paginated report
  community.powerbi.powerbi_import:
    workspace: Sales
    src: "{{ playbook_dir }}/Invoice.rdl"
    name: Invoice (A4)
    name_conflict: overwrite
"""

RETURN = r"""
workspace_id:
  description: GUID of the workspace, as the Power BI API returns it.
  type: str
  returned: success, or failure once it is known
  sample: f01de400-0000-4000-8000-000000000001
imports:
  description: Files of O(src), each with its planned action and the items that it was imported as.
  type: list
  elements: dict
  returned: always
  contains:
    src:
      description: Path of the file on the host where the task runs.
      type: str
      sample: /repo/reports/Sales.pbix
    name:
      description: Display name of the items that the file is imported as.
      type: str
      sample: Sales
    action:
      description: Action for the file, V(create), V(update) or V(unchanged).
      type: str
      sample: update
    changes:
      description: Reasons why the file is imported, in words.
      type: list
      elements: str
      sample: ["it was edited in the service since its import"]
    name_conflict:
      description: Value of C(nameConflict) in the import request. Empty if the file was not sent.
      type: str
      sample: CreateOrOverwrite
    import_id:
      description: GUID of the import, as the Power BI API returns it. Empty if the file was not sent.
      type: str
      sample: 1a900000-0000-4000-8000-000000000001
    model_id:
      description: GUID of the semantic model. Empty if the file has no model, or the import has not finished.
      type: str
      sample: 5a1e0000-0000-4000-8000-000000000001
    report_id:
      description: GUID of the report. Empty if the file has no report, or the import has not finished.
      type: str
      sample: 5a1e0000-0000-4000-8000-000000000002
failed_items:
  description:
    - Files that failed. Each entry has the name as V(Name.Type) in C(item) and the keys of RV(error). Empty on
      success.
    - C(written) lists what of the item was written before the failure, C(missing) the rest. Both are empty if nothing of it
      was begun.
  type: list
  elements: dict
  returned: always
skipped_items:
  description: Items that were not attempted, as V(Name.Type), because of O(on_error=stop).
  type: list
  elements: str
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
from ansible_collections.community.powerbi.plugins.module_utils._deploy.deployment import Deployment
from ansible_collections.community.powerbi.plugins.module_utils._deploy.desired import read_files
from ansible_collections.community.powerbi.plugins.module_utils._deploy.options import DeployOptions
from ansible_collections.community.powerbi.plugins.module_utils._deployment_task import (
    deployment_of,
    record_planned_items,
    warn_of,
)
from ansible_collections.community.powerbi.plugins.module_utils._failed_items import FailedItemsError
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._progress.options import PROGRESS
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import auth_argument_spec

ARGUMENT_SPEC = auth_argument_spec(
    {
        **options.WORKSPACE,
        "src": {"type": "list", "elements": "path", "required": True},
        "name": {"type": "str"},
        "folder": {"type": "str", "default": ""},
        "name_conflict": {"type": "str", "choices": ["auto", "abort", "overwrite"], "default": "auto"},
        "skip_report": {"type": "bool", "default": False},
        "allow_data_loss": {"type": "bool", "default": False},
        "fingerprint": {"type": "bool", "default": True},
        "large_file_size": {"type": "int", "default": 1073741824},
        **options.BULK_API,
        **options.PARALLEL,
        **options.ON_ERROR,
        "wait": {"type": "bool", "default": True},
        **options.WAIT_TIMEOUT,
        **PROGRESS,
    }
)

_OPTIONS = ("allow_data_loss", "name_conflict", "skip_report", "fingerprint", "bulk_api", "wait")


def run(context: Context) -> Result:
    params = context.params
    context.known.update(imports=[], failed_items=[], skipped_items=[], api_calls=context.api_calls)
    desired = read_files(params["src"], name=params["name"] or "", folder=params["folder"])
    warn_of(context, desired.warnings)
    deploy_options = DeployOptions.of(
        **{name: params[name] for name in _OPTIONS},
        move=False,
        own=False,
        large_file=params["large_file_size"],
    )
    deployment = deployment_of(context, desired, deploy_options)
    deployment.plan()
    warn_of(context, deployment.plan_warnings())
    record_planned_items(context, deployment)
    stop = params["on_error"] == "stop"
    try:
        outcome = deployment.apply(context.mark_changed, check_mode=context.check_mode, stop=stop, warn=context.warn)
    except FailedItemsError as error:
        error.results = _values(deployment, error.results)
        raise
    return Result(deployment.changed, _values(deployment, deployment.report(outcome)), deployment.diff() or None)


def _values(deployment: Deployment, report: dict[str, t.Any]) -> dict[str, t.Any]:
    values = {name: report[name] for name in ("failed_items", "skipped_items", "api_calls")}
    return {**values, "workspace_id": deployment.live.workspace.id, "imports": deployment.imports()}


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
