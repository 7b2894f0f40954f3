#!/usr/bin/python
# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_semantic_model
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Manage the owner, parameters and settings of a semantic model
description:
  - Takes a semantic model over, sets its parameters, its storage format and its query scale-out, or deletes it. Options that are
    not set are not changed.
  - The module does not create semantic models. M(community.powerbi.powerbi_deploy), M(community.powerbi.powerbi_item) and
    M(community.powerbi.powerbi_import) do.
  - Only the owner of a semantic model can change it, whatever role others have in the workspace. The service refuses all other
    callers. The owner is the account that published or edited the model last; see O(take_over).
  - New values of O(parameters) have an effect after the next refresh (M(community.powerbi.powerbi_refresh)).
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
  take_over:
    description:
      - Whether the identity of the task becomes the owner. If it is the owner, nothing is sent.
      - The service drops the credentials of the data sources and their bindings to connections. The module binds them to the same
        connections again. This needs the role User on each connection.
      - What it can't restore is a warning before the first write, also in check mode. This concerns credentials that belong to
        the former owner alone, and connections that the identity of the task can't use.
    type: bool
    default: false
  parameters:
    description:
      - Values of Power Query parameters by name. Names are case-sensitive. Parameters that are not named are not changed.
      - This is for semantic models from C(.pbix) files, and for those that others deploy. M(community.powerbi.powerbi_deploy) and
        M(community.powerbi.powerbi_item) set the values in the definition again, so that both tasks would be changed at each
        run. For their semantic models set the value with a rule in O(community.powerbi.powerbi_deploy#module:parameters)
        (C(find_replace) or C(key_value_replace)).
      - A value has the type of its parameter (Text, Number, Logical, Date, DateTime ...). A whole number is accepted for a Text.
        Quote other texts that YAML reads as another type, such as V(yes) and V(1.10). A date is V(2026-01-31) or
        V(2026-01-31T08:00:00).
      - Unknown names, other values of another type, and parameters of the types Any and Binary, which the service does not
        change, are errors before the first write. The message lists all of them.
    type: dict
  storage_format:
    description:
      - Storage format, which the API calls C(targetStorageMode). V(large) needs a workspace on a capacity.
    type: str
    choices: [small, large]
  query_scale_out:
    description: Read-only replicas for queries. They need a workspace on a capacity, and the storage format V(large).
    type: dict
    suboptions:
      max_replicas:
        description: Maximum number of replicas, from V(0) to V(64), or V(-1) for a number that the service chooses.
        type: int
      auto_sync:
        description: Whether the service updates the replicas after each refresh.
        type: bool
  allow_data_loss:
    description:
      - Whether O(state=absent) deletes a semantic model that reports or dashboards use. The service deletes the reports and tiles
        with it.
      - Otherwise such a semantic model is an error before the first write, which lists them.
    type: bool
    default: false
  state:
    description:
      - V(present) changes the semantic model. It has to exist.
      - V(absent) deletes it. The other options have no effect then, except O(allow_data_loss).
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - community.powerbi.auth
  - community.powerbi.connection
  - community.powerbi.attributes
  - community.powerbi.attributes.actiongroup_powerbi
  - community.powerbi.attributes.full_support
seealso:
  - module: community.powerbi.powerbi_semantic_model_info
  - module: community.powerbi.powerbi_deploy
  - module: community.powerbi.powerbi_refresh
"""

EXAMPLES = r"""
- name: Own the semantic model, and set its parameters
  community.powerbi.powerbi_semantic_model:
    workspace: Sales
    semantic_model: Sales
    take_over: true
    parameters:
      Server: sql.contoso.example
      Rows: 1000
      From: "2026-01-31"

- name: Large storage format, and replicas for queries
  community.powerbi.powerbi_semantic_model:
    workspace: Sales
    semantic_model: Sales
    storage_format: large
    query_scale_out:
      max_replicas: -1

- name: Delete it, with the reports on it
  community.powerbi.powerbi_semantic_model:
    workspace: Sales
    semantic_model: Sales (old)
    state: absent
    allow_data_loss: true
"""

RETURN = r"""
semantic_model:
  description:
    - State after the task; in check mode, as it would be after the task. If a write has failed, as it was before the task.
  type: dict
  returned: success, or failure of a write; with O(state=present)
  contains:
    id:
      description: GUID of the semantic model, as the Power BI API returns it. Empty in check mode for one that would be created.
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
      sample: large
    query_scale_out:
      description: Settings of the replicas, with C(max_replicas) and C(auto_sync) as in O(query_scale_out).
      type: dict
      sample: {"max_replicas": 0, "auto_sync": true}
    parameters:
      description: Values of all parameters by name, as texts that the Power BI API returns. Only if O(parameters) is set.
      type: dict
      sample: {"Server": "sql.contoso.example", "Rows": "1000"}
changes:
  description: With O(state=absent), what was deleted; in check mode, what would be. Empty if the semantic model does not exist.
  type: list
  elements: str
  returned: success, with O(state=absent)
  sample: [deleted, the service deletes Sales.Report with it]
semantic_model_id:
  description: GUID of the semantic model, as the Power BI API returns it. Empty in check mode for a model that would be created.
  type: str
  returned: success, or failure once it is known; with O(state=present)
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

from ansible_collections.community.powerbi.plugins.module_utils._api.semantic_model_state import (
    DesiredModel,
    ManagedSemanticModel,
)
from ansible_collections.community.powerbi.plugins.module_utils._api.semantic_models import STORAGE_FORMATS
from ansible_collections.community.powerbi.plugins.module_utils._api.workspace_access import caller_of
from ansible_collections.community.powerbi.plugins.module_utils._deployment_task import DeletedItem
from ansible_collections.community.powerbi.plugins.module_utils._ensure import ensure
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._planned_workspace import (
    resolve_semantic_model,
    resolve_workspace,
)
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import auth_argument_spec

ARGUMENT_SPEC: dict[str, t.Any] = auth_argument_spec(
    {
        "workspace": {"type": "str", "required": True},
        "semantic_model": {"type": "str", "required": True, "aliases": ["dataset"]},
        "take_over": {"type": "bool", "default": False},
        "parameters": {"type": "dict"},
        "storage_format": {"type": "str", "choices": list(STORAGE_FORMATS)},
        "query_scale_out": {
            "type": "dict",
            "options": {"max_replicas": {"type": "int"}, "auto_sync": {"type": "bool"}},
        },
        "allow_data_loss": {"type": "bool", "default": False},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    }
)


def run(context: Context) -> Result:
    params = context.params
    if params["state"] == "absent":
        name, allowed = params["semantic_model"], params["allow_data_loss"]
        return ensure(context, DeletedItem(context, "SemanticModel", name, allow_data_loss=allowed))
    workspace = resolve_workspace(context)
    model = resolve_semantic_model(context, workspace)
    requested = DesiredModel(**{field: params[field] for field in DesiredModel._fields})
    caller = caller_of(context.tokens)
    return ensure(context, ManagedSemanticModel(context.client, workspace, model, requested, caller))


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
