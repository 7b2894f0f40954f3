#!/usr/bin/python
# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_query
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Run DAX queries on a semantic model and check the results
description:
  - Runs DAX queries on a semantic model, and fails if a result is not as expected, for example after a deployment or a refresh.
  - All queries are run before the module fails, so that one run shows all differences. Without an expectation, a query only
    has to succeed.
  - Requires Build permission on the semantic model, which the workspace role Contributor includes, and the tenant setting
    I(Dataset Execute Queries REST API).
  - The service refuses queries of service principals on semantic models with row-level security or single sign-on. It accepts 120
    queries a minute of each identity; the module waits, for up to O(retry_timeout).
  - The service returns at most 100,000 rows, 1,000,000 values or 15 MB for a query. A query that exceeds this fails.
options:
  workspace:
    description: Name or ID of the workspace.
    type: str
    required: true
  semantic_model:
    description: Name or ID of the semantic model.
    type: str
    required: true
    aliases: [dataset]
  queries:
    description: Queries to run, one after the other.
    type: list
    elements: dict
    required: true
    suboptions:
      query:
        description: DAX query, which begins with C(EVALUATE) or C(DEFINE) and returns one table. MDX and DMV are not supported.
        type: str
        required: true
      name:
        description: Name of the query in messages and results. If not set, C(query) and its number.
        type: str
      expect:
        description:
          - Rows that the query has to return, in their order. A mapping is one row, by the names of its columns. A list has
            several rows. A value, or a list of values, is for a query that returns one column.
          - A column is named as the service does (C(Table[Column]) or C([Column])), or by C(Column) alone, not case-sensitive.
            Columns that are not named are not compared.
          - Numbers are compared as numbers, also if they are texts, and V(null) is a blank value. An empty list expects no rows.
          - The number of rows is compared as well. Another number in O(queries[].rows) is an error.
        type: raw
      rows:
        description: Exact number of rows.
        type: int
      min_rows:
        description: Minimum number of rows.
        type: int
      max_rows:
        description: Maximum number of rows.
        type: int
      max_ms:
        description:
          - Maximum time in milliseconds, from the request to its response, without the time that the module waits between
            retries.
        type: int
  impersonate:
    description:
      - User principal name of a user whose row-level security applies to the queries. The service ignores it, with a
        warning of the module, on semantic models without row-level security.
    type: str
extends_documentation_fragment:
  - community.powerbi.auth
  - community.powerbi.connection
  - community.powerbi.attributes
  - community.powerbi.attributes.actiongroup_powerbi
attributes:
  check_mode:
    support: full
    details:
      - Queries only read, so that they are run in check mode. They are not run, with a warning, on a semantic model that an
        earlier task would create.
  diff_mode:
    support: none
  async:
    support: full
seealso:
  - module: community.powerbi.powerbi_refresh
  - module: community.powerbi.powerbi_semantic_model
"""

EXAMPLES = r"""
- name: Check the data after a refresh
  community.powerbi.powerbi_query:
    workspace: Sales
    semantic_model: Sales
    queries:
      - name: There are orders, and each one has an amount
        query: >-
          EVALUATE ROW("Orders", COUNTROWS(Orders), "Without amount", COUNTROWS(FILTER(Orders, ISBLANK(Orders[Amount]))))
        expect: {Orders: 1042, Without amount: null}
      - name: The regions
        query: EVALUATE VALUES(Regions[Region]) ORDER BY Regions[Region]
        expect: [Asia, Europe]
        max_ms: 2000
      - name: Some customers
        query: EVALUATE TOPN(10, Customers)
        min_rows: 1

- name: Check what a user sees
  community.powerbi.powerbi_query:
    workspace: Sales
    semantic_model: Sales
    auth_method: device_code
    impersonate: megan.bowen@contoso.onmicrosoft.com
    queries:
      - query: EVALUATE VALUES(Regions[Region])
        expect: Europe
"""

RETURN = r"""
query_results:
  description:
    - Result of each query that was run, in the order of O(queries). Empty in check mode for a semantic model that would be
      created.
  type: list
  elements: dict
  returned: success, or failure once the semantic model is known
  contains:
    name:
      description: Name of the query, from O(queries[].name) or by its number.
      type: str
      sample: The regions
    rows:
      description:
        - Rows by the names of their columns, as the service returns them, at most 1,000 of each query. Blank values are V(null).
      type: list
      elements: dict
      sample: [{"Regions[Region]": "Asia"}, {"Regions[Region]": "Europe"}]
    row_count:
      description: Number of rows that the service returned.
      type: int
      sample: 2
    truncated:
      description: Whether C(rows) has only the first of them.
      type: bool
      sample: false
    milliseconds:
      description: Time from the request to its response, in milliseconds. V(0) for a query that failed.
      type: int
      sample: 140
    problems:
      description: Differences from what is expected, in sentences. Empty if there are none.
      type: list
      elements: str
      sample: []
semantic_model_id:
  description: GUID of the semantic model, as the Power BI API returns it. Empty in check mode for a model that would be created.
  type: str
  returned: success, or failure once it is known
  sample: 5a1e0000-0000-4000-8000-000000000001
workspace_id:
  description: GUID of the workspace, as the Power BI API returns it. Empty in check mode for a workspace that would be created.
  type: str
  returned: success, or failure once it is known
  sample: f01de400-0000-4000-8000-000000000001
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

from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._planned_workspace import (
    resolve_semantic_model,
    resolve_workspace,
)
from ansible_collections.community.powerbi.plugins.module_utils._query_task import QueryTask
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import auth_argument_spec

ARGUMENT_SPEC: dict[str, t.Any] = auth_argument_spec(
    {
        "workspace": {"type": "str", "required": True},
        "semantic_model": {"type": "str", "required": True, "aliases": ["dataset"]},
        "queries": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {
                "query": {"type": "str", "required": True},
                "name": {"type": "str"},
                "expect": {"type": "raw"},
                "rows": {"type": "int"},
                "min_rows": {"type": "int"},
                "max_rows": {"type": "int"},
                "max_ms": {"type": "int"},
            },
        },
        "impersonate": {"type": "str"},
    }
)


def run(context: Context) -> Result:
    workspace = resolve_workspace(context)
    context.known["workspace_id"] = workspace.id
    model = resolve_semantic_model(context, workspace)
    context.known["semantic_model_id"] = model.id
    return QueryTask(context, workspace, model).run()


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
