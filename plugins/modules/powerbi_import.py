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
  - Imports files that Power BI Desktop, Report Builder or Excel have saved, many at once, and waits until the service
    has published them.
  - Nothing is sent if the service has what the same file made of it before, also from another controller. A file that
    has changed, and an item that was edited in the service since, are imported again.
  - Files are streamed, whatever their size. Large ones go to a temporary upload location in blocks.
  - A report that was bound to another semantic model than that of its file stays bound to it.
notes:
  - A fingerprint of what was imported is written at the end of the description of the semantic model, or of the report
    if there is no model. That is seen from any controller and travels with the item. If the service does not give an
    item's definition, edits can't be seen, so its file is sent each time.
  - What the service or an API call changes is no part of the fingerprint. That is partitions of refresh policies, values
    of parameters, places of data sources, members of roles, and the conversion of a report to PBIR. After any of these
    nothing is sent.
  - A semantic model or report that was renamed in the service gets the name of the file again, and nothing is sent for that.
    It is recognised by the fingerprint.
  - If the description was replaced in the service, the fingerprint is gone. Then the file is sent again, as nothing says that the
    content is the same, and RV(imports[].changes) names the cause. The new description stays, with a new fingerprint.
  - The fingerprint holds digests, nothing that is secret.
  - A paginated report whose definition in the service is the file itself is compared with that, and gets no fingerprint.
options:
  src:
    description:
      - The files to import, and folders with files to import, on the host where the task runs. Subfolders become
        folders of the workspace.
    type: list
    elements: path
    required: true
  name:
    description:
      - The name that report and semantic model get. Only with a single file.
      - Without it the file's name, without its suffix.
    type: str
  folder:
    description:
      - The folder of the workspace for what is new, such as V(Monthly/Europe). It is created if it is missing.
      - Items that are there already stay in their folder.
    type: str
    default: ""
  name_conflict:
    description:
      - What to do if there is an item of the name already.
      - V(auto) replaces it, and creates it otherwise.
      - V(abort) replaces nothing. The task fails if the item differs from the file.
      - V(overwrite) creates nothing. The task fails if there is no such item.
      - More than one item of the name is always an error, which lists their ids.
    type: str
    choices: [auto, abort, overwrite]
    default: auto
  skip_report:
    description: Import only the semantic model of a C(.pbix) that has one.
    type: bool
    default: false
  allow_data_loss:
    description:
      - Also import a file over a semantic model that has partitions of a refresh policy (incremental refresh). The import
        replaces them by what the file has, and rows of earlier periods are gone.
      - Without it such a task fails before anything is sent, in check mode, too.
    type: bool
    default: false
  fingerprint:
    description:
      - Whether to write a fingerprint of what was imported. Without it each run imports all files again.
      - Needed for it are the Fabric API and the role Contributor.
    type: bool
    default: true
    aliases: [ledger]
  large_file_size:
    description: Files of this many bytes and more are sent in blocks. The service takes no larger requests than 1 GiB.
    type: int
    default: 1073741824
  wait:
    description:
      - Wait until the service has published the files. Otherwise return as soon as they were accepted. Then no
        fingerprint is written.
  wait_timeout:
    description: How many seconds the import of one file may take in the service.
extends_documentation_fragment:
  - community.powerbi.content
  - community.powerbi.content.bulk_read
  - community.powerbi.content.parallel
  - community.powerbi.content.on_error
  - community.powerbi.auth
  - community.powerbi.connection
  - community.powerbi.wait
  - community.powerbi.attributes
  - community.powerbi.attributes.actiongroup_powerbi
  - community.powerbi.attributes.full_support
seealso:
  - module: community.powerbi.powerbi_deploy
    description: Deploys a folder of files and definitions, in the order in which they need each other.
"""

EXAMPLES = r"""
- name: Publish a report
  community.powerbi.powerbi_import:
    workspace: Sales
    src: "{{ playbook_dir }}/Sales.pbix"

- name: Publish all reports of a folder, and its subfolders
  community.powerbi.powerbi_import:
    workspace: Sales
    src: "{{ playbook_dir }}/reports"
    parallel: 16

- name: Replace a paginated report that has to be there
  community.powerbi.powerbi_import:
    workspace: Sales
    src: "{{ playbook_dir }}/Invoice.rdl"
    name: Invoice (A4)
    name_conflict: overwrite
"""

RETURN = r"""
workspace_id:
  description: The id of the workspace.
  type: str
  returned: success
  sample: f01de400-0000-4000-8000-000000000001
imports:
  description: What became of each file.
  type: list
  elements: dict
  returned: success
  contains:
    src:
      description: The file.
      type: str
      sample: /repo/reports/Sales.pbix
    name:
      description: The name of what it is in the workspace.
      type: str
      sample: Sales
    action:
      description: V(create), V(update) or V(unchanged).
      type: str
      sample: update
    changes:
      description: Why it was sent, in words.
      type: list
      elements: str
      sample: ["it was edited in the service since its import"]
    name_conflict:
      description: How the service was to treat an existing name. Empty if nothing was sent.
      type: str
      sample: CreateOrOverwrite
    import_id:
      description: The id of the import. Empty if nothing was sent.
      type: str
      sample: 1a900000-0000-4000-8000-000000000001
    model_id:
      description: The id of the semantic model. Empty if there is none, or it is not known yet.
      type: str
      sample: 5a1e0000-0000-4000-8000-000000000001
    report_id:
      description: The id of the report. Empty if there is none, or it is not known yet.
      type: str
      sample: 5a1e0000-0000-4000-8000-000000000002
failed_items:
  description: The files that failed, each with its error. Empty on success.
  type: list
  elements: dict
  returned: always
skipped_items:
  description: The items that were not started because the run was stopped.
  type: list
  elements: str
  returned: always
api_calls:
  description: How many requests were sent.
  type: int
  returned: success
"""

import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._deploy import desired_files, options
from ansible_collections.community.powerbi.plugins.module_utils._deploy.deployment import Deployment
from ansible_collections.community.powerbi.plugins.module_utils._deploy.entry import DeployOptions
from ansible_collections.community.powerbi.plugins.module_utils._deployment_task import (
    deployment_of,
    record_planned_items,
    warn_of,
)
from ansible_collections.community.powerbi.plugins.module_utils._failed_items import FailedItemsError
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
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
        "fingerprint": {"type": "bool", "default": True, "aliases": ["ledger"]},
        "large_file_size": {"type": "int", "default": 1073741824},
        **options.BULK_READ,
        **options.PARALLEL,
        **options.ON_ERROR,
        "wait": {"type": "bool", "default": True},
        "wait_timeout": {"type": "float", "default": 1800.0},
    }
)

_CHOICES = ("allow_data_loss", "name_conflict", "skip_report", "fingerprint", "bulk_read", "wait")


def run(context: Context) -> Result:
    params = context.params
    desired = desired_files.read_files(params["src"], name=params["name"] or "", folder=params["folder"])
    warn_of(context, desired.warnings)
    choices = DeployOptions(
        **{name: params[name] for name in _CHOICES},
        move=False,
        own=False,
        large_file=params["large_file_size"],
    )
    deployment = deployment_of(context, desired, choices)
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
