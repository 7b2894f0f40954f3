#!/usr/bin/python
# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_semantic_model_info
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: List the semantic models of a workspace
description:
  - Lists the semantic models of a workspace with their owner and settings, optionally with their parameters, data sources and
    last refresh.
  - Requires at least the workspace role Viewer, and Contributor with O(details).
options:
  workspace:
    description: Name or ID of the workspace.
    type: str
    required: true
  semantic_model:
    description:
      - Name or ID of one semantic model. If there is none, the list is empty.
      - If not set, all semantic models of the workspace are returned.
    type: str
    aliases: [dataset]
  details:
    description:
      - Whether to return the parameters, the data sources and the last refresh, which needs three additional requests for each
        semantic model.
      - What the service does not list for a semantic model is a warning, and empty. It lists no parameters of live connections,
        and of models that were changed through the XMLA endpoint.
    type: bool
    default: false
extends_documentation_fragment:
  - community.powerbi.auth
  - community.powerbi.connection
  - community.powerbi.attributes
  - community.powerbi.attributes.actiongroup_powerbi
  - community.powerbi.attributes.info_module
seealso:
  - module: community.powerbi.powerbi_semantic_model
"""

EXAMPLES = r"""
- name: Read the parameters, the data sources and the last refresh of a semantic model
  community.powerbi.powerbi_semantic_model_info:
    workspace: Sales
    semantic_model: Sales
    details: true
  register: found

- name: Stop if the semantic model was never refreshed
  ansible.builtin.assert:
    that: found.semantic_models[0].last_refresh
"""

RETURN = r"""
semantic_models:
  description: Semantic models that match O(semantic_model), sorted by name.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: GUID of the semantic model, as the Power BI API returns it.
      type: str
      sample: 5a1e0000-0000-4000-8000-000000000001
    name:
      description: Name of the semantic model, as the Power BI API returns it.
      type: str
      sample: Sales
    owner:
      description: User principal name of the owner, or a GUID of a service principal, as the Power BI API returns it.
      type: str
      sample: megan.bowen@contoso.onmicrosoft.com
    storage_format:
      description: Storage format, V(small) or V(large).
      type: str
      sample: small
    query_scale_out:
      description:
        - Settings of the read-only replicas. C(max_replicas) is their maximum number, V(-1) for one that the service chooses, and
          C(auto_sync) states whether they are updated after each refresh.
      type: dict
      sample: {"max_replicas": 0, "auto_sync": true}
    created:
      description: Time of creation, ISO 8601 in UTC, as the Power BI API returns it. Empty if the service does not return it.
      type: str
      sample: "2026-11-24T09:00:00Z"
    refreshable:
      description: Whether the semantic model holds data that a refresh loads.
      type: bool
      sample: true
    needs_gateway:
      description: Whether a data source needs an on-premises data gateway.
      type: bool
      sample: false
    needs_identity:
      description: Whether queries need an effective identity, because of row-level security or single sign-on.
      type: bool
      sample: false
    parameters:
      description:
        - With O(details=true), the Power Query parameters, each with C(name), C(type), C(required), C(value) and
          C(suggested_values). C(value) is a text in the format of the Power BI API.
      type: list
      elements: dict
      sample:
        - {"name": "Server", "type": "Text", "required": true, "value": "sql.contoso.example", "suggested_values": []}
    data_sources:
      description:
        - With O(details=true), the data sources, each with C(type), C(connection_details), C(gateway_id) and C(data_source_id) as
          the Power BI API returns them. The IDs are empty for a data source that is not bound.
      type: list
      elements: dict
      sample:
        - type: Sql
          connection_details: {"server": "sql.contoso.example", "database": "Sales"}
          gateway_id: ""
          data_source_id: ""
    last_refresh:
      description:
        - With O(details=true), the latest refresh, with C(id), C(status), C(started) and C(ended). C(status) is V(running),
          V(completed), V(failed), V(cancelled) or V(disabled). The times are ISO 8601 in UTC. C(ended) is empty while it runs.
        - Empty if the semantic model was not refreshed.
      type: dict
      sample:
        id: f1a50000-0000-4000-8000-000000000001
        status: completed
        started: "2026-11-24T07:00:00Z"
        ended: "2026-11-24T07:05:00Z"
workspace_id:
  description: GUID of the workspace, as the Power BI API returns it.
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

from ansible_collections.community.powerbi.plugins.module_utils._api.model_details import ModelDetails
from ansible_collections.community.powerbi.plugins.module_utils._api.names import matching
from ansible_collections.community.powerbi.plugins.module_utils._api.semantic_models import SemanticModels
from ansible_collections.community.powerbi.plugins.module_utils._api.workspaces import Workspaces
from ansible_collections.community.powerbi.plugins.module_utils._empty_values import refuse_emptied
from ansible_collections.community.powerbi.plugins.module_utils._jobs import Jobs
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import auth_argument_spec

ARGUMENT_SPEC: dict[str, t.Any] = auth_argument_spec(
    {
        "workspace": {"type": "str", "required": True},
        "semantic_model": {"type": "str", "aliases": ["dataset"]},
        "details": {"type": "bool", "default": False},
    }
)
_PARALLEL = 8


def run(context: Context) -> Result:
    refuse_emptied(context.params)  # in check mode, too: an empty name would mean all
    workspace = Workspaces(context.client).get(context.params["workspace"])
    context.known["workspace_id"] = workspace.id
    found = dict(SemanticModels(context.client, workspace.id).all_with_settings())
    models = matching(found, context.params["semantic_model"])
    shown = [model.shown(found[model]) for model in models]
    if context.params["details"]:
        details = ModelDetails(context.client, workspace, context.warn)
        with Jobs(_PARALLEL, context.client.sender.clock) as jobs:
            shown = [{**state, **more} for state, more in zip(shown, jobs.map(details.of, models))]
    return Result(values={"workspace_id": workspace.id, "semantic_models": shown})


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
