# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_content_info
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Check a folder of Power BI content without a connection
description:
  - Reads a folder as M(community.powerbi.powerbi_deploy) does, and returns its items, their references, the rules that apply and
    all problems with file and line, for example to check a pull request before it is merged.
  - The module sends no request and needs no credentials. It finds the problems that M(community.powerbi.powerbi_deploy)
    with the same options reports before its first request. It does not find what only the service knows, such as the name of
    an item that another person has created.
  - The problems can be written as SARIF 2.1.0, which code hosts show beside the lines of a pull request, and as JUnit XML, which
    CI servers show as test results.
notes:
  - The checks of references and rules need items and rules without errors. They are left out as long as an item or a rule
    itself has an error.
options:
  src:
    description: Folder with the content, on the host where the task runs.
    type: path
    required: true
  sarif_path:
    description:
      - File to write with all problems as SARIF 2.1.0. Its folder is created if it does not exist.
      - The file has at most 5000 problems, errors first, because GitHub shows no more. More problems cause a warning.
    type: path
  junit_path:
    description:
      - File to write with a test case for each item, as JUnit XML. Its folder is created if it does not exist.
      - The errors of an item are a failure of its test case. Its warnings are output of the test case, which passes.
    type: path
  root:
    description:
      - Folder to which the paths in O(sarif_path) and O(junit_path) are relative, usually the root of the repository.
      - The default is the nearest folder at or above O(src) with a C(.git), or O(src) itself if there is none.
    type: path
  fail_on:
    description:
      - Problems that make the task fail, after the files were written. V(warnings) are also errors.
      - With V(never) the result has the problems, and the task fails only if O(src) can't be checked at all, for example because
        the folder does not exist.
    type: str
    choices: [never, errors, warnings]
    default: never
extends_documentation_fragment:
  - community.powerbi.content.selection
  - community.powerbi.content.parameters
  - community.powerbi.content.types
  - community.powerbi.attributes
  - community.powerbi.attributes.full_support
seealso:
  - module: community.powerbi.powerbi_deploy
  - module: community.powerbi.powerbi_drift_info
"""

EXAMPLES = r"""
- name: Check the content of this repository in a pull request
  community.powerbi.powerbi_content_info:
    src: "{{ playbook_dir }}/content"
    environment: PROD
    parameters: "{{ playbook_dir }}/content/parameter.yml"
    strict_parameters: true
    sarif_path: "{{ playbook_dir }}/powerbi.sarif"
    junit_path: "{{ playbook_dir }}/powerbi.xml"
    fail_on: errors

- name: List the models of a folder
  community.powerbi.powerbi_content_info:
    src: "{{ playbook_dir }}/content"
    include: ["*.SemanticModel"]
  register: content
"""

RETURN = r"""
valid:
  description: Whether the content has no error, so that M(community.powerbi.powerbi_deploy) would send it.
  type: bool
  returned: success, or failure by O(fail_on)
content_items:
  description: Items of the folder that the patterns include.
  type: list
  elements: dict
  returned: success, or failure by O(fail_on)
  contains:
    name:
      description: Display name of the item.
      type: str
      sample: Sales
    type:
      description: Type of the item, as the Fabric API names it.
      type: str
      sample: SemanticModel
    kind:
      description: Form of the item, V(definition) for a folder, or V(pbix), V(rdl) or V(xlsx) for a single file.
      type: str
      sample: definition
    path:
      description: Path of the item relative to O(src).
      type: str
      sample: Monthly/Sales.SemanticModel
    folder:
      description: Path of the workspace folder of the item. Empty for the root of the workspace.
      type: str
      sample: Monthly
    logical_id:
      description: Logical ID in the C(.platform) of the item. Empty for an item without one.
      type: str
      sample: 5a1e0000-0000-4000-8000-000000000001
references:
  description: References of the items to other items, and to semantic models in the service.
  type: list
  elements: dict
  returned: success, or failure by O(fail_on)
  contains:
    source:
      description: Path of the item that has the reference, relative to O(src).
      type: str
      sample: Monthly/Sales.Report
    target:
      description: Path of the referenced item, relative to O(src). Empty for an item that is not in the folder.
      type: str
      sample: Monthly/Sales.SemanticModel
    kind:
      description:
        - Kind of the reference, V(definition.pbir), V(data source) (of a paginated report), V(logical id) or V(parameter)
          (an C($items) variable in O(parameters)).
      type: str
      sample: definition.pbir
    model:
      description: Name or path of a semantic model that is not in the folder. Empty if it is not known.
      type: str
    model_id:
      description: GUID of a semantic model that is not in the folder. Empty if it is not known.
      type: str
    workspace:
      description: Name of the workspace of a semantic model that is not in the folder. Empty if it is not known.
      type: str
rules:
  description: Rules of O(parameters) for O(environment), in the order in which they apply. Their values are not returned.
  type: list
  elements: dict
  returned: success, or failure by O(fail_on)
  contains:
    kind:
      description: Kind of the rule, V(find_replace), V(key_value_replace), V(spark_pool) or V(semantic_model_binding).
      type: str
      sample: find_replace
    file:
      description: Name of the file with the rule, or its position in O(parameters).
      type: str
      sample: parameter.yml
    line:
      description: Line of the rule in the file. 0 for a rule in the playbook.
      type: int
      sample: 12
    items:
      description: Paths of the items that the rule changes. Empty if an item or a rule has an error.
      type: list
      elements: str
      sample: ["Monthly/Sales.SemanticModel"]
variables:
  description: Variables of the rules whose values exist only in the service.
  type: list
  elements: str
  returned: success, or failure by O(fail_on)
  sample: ["$items.Lakehouse.Staging.$id"]
problems:
  description: Problems of the content, at most 1000, errors first.
  type: list
  elements: dict
  returned: success, or failure by O(fail_on)
  contains:
    code:
      description: Code of the problem, the rule of SARIF. Codes do not change between releases.
      type: str
      sample: missing-model
    severity:
      description: Severity of the problem. V(error) stops a deployment, V(warning) does not.
      type: str
      sample: error
    file:
      description: Path of the file relative to O(src), the name of the file with the rules, or the name of an option.
      type: str
      sample: Monthly/Sales.Report/definition.pbir
    line:
      description: Line of the problem. 0 for the file as a whole.
      type: int
      sample: 4
    column:
      description: Column of the problem. 0 for the line as a whole.
      type: int
      sample: 13
    what:
      description: Statement of what is wrong, in one sentence.
      type: str
      sample: "the report's model isn't there: '../Sales.SemanticModel' is no item of this folder"
    remedy:
      description: Action that resolves the problem, in words. Empty if none is known.
      type: str
      sample: Correct the path, add the model, or bind the report by connection
error_count:
  description: Number of problems with the severity V(error).
  type: int
  returned: success, or failure by O(fail_on)
warning_count:
  description: Number of problems with the severity V(warning).
  type: int
  returned: success, or failure by O(fail_on)
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

from ansible_collections.community.powerbi.plugins.module_utils._content_check import (
    check_folder,
    failure,
    write_reports,
)
from ansible_collections.community.powerbi.plugins.module_utils._deploy import options
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module

ARGUMENT_SPEC: dict[str, t.Any] = {
    "src": {"type": "path", "required": True},
    **options.SELECTION,
    **options.PARAMETERS,
    **options.TYPES,
    "sarif_path": {"type": "path"},
    "junit_path": {"type": "path"},
    "root": {"type": "path"},
    "fail_on": {"type": "str", "choices": ["never", "errors", "warnings"], "default": "never"},
}


def run(context: Context) -> Result:
    found = check_folder(context)
    diffs = write_reports(context, found)
    values = found.values()
    error = failure(found, context.params["fail_on"], values)
    if error is not None:
        raise error
    return Result(bool(diffs), values, diffs or None)


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
