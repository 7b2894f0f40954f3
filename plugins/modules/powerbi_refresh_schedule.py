#!/usr/bin/python
# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_refresh_schedule
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Manage the refresh schedule of a semantic model
description:
  - Sets the days and times of the scheduled refresh of a semantic model, and enables or disables it. Options that are not set are
    not changed.
  - Only the owner of the semantic model can change its schedule. The service refuses all other callers.
  - Each semantic model has a schedule, disabled at first, so that there is no O(ignore:state).
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
  enabled:
    description:
      - Whether the scheduled refresh is enabled. An enabled schedule has at least one day and one time.
      - The service itself disables a schedule after repeated failures of the refresh, or if the model is not used for two months.
        V(true) enables it again.
    type: bool
  days:
    description: Days of the week on which the semantic model is refreshed. The list replaces the current one.
    type: list
    elements: str
    choices: [Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday]
  times:
    description:
      - Times of day as C(hh:mm), on the hour or the half hour. The list replaces the current one.
      - At most 8 times on shared capacity, and 48 in a workspace on a capacity.
    type: list
    elements: str
  time_zone:
    description:
      - Time zone of O(times), as an ID of Windows such as V(UTC) or V(W. Europe Standard Time), not case-sensitive.
      - IANA names, such as V(Europe/Berlin), are an error.
    type: str
  notify:
    description:
      - Whether the owner gets a mail if a scheduled refresh fails. The service accepts only V(no_notification) from a service
        principal.
    type: str
    choices: [no_notification, mail_on_failure]
extends_documentation_fragment:
  - community.powerbi.auth
  - community.powerbi.connection
  - community.powerbi.attributes
  - community.powerbi.attributes.actiongroup_powerbi
  - community.powerbi.attributes.full_support
seealso:
  - module: community.powerbi.powerbi_workspace
"""

EXAMPLES = r"""
- name: Refresh on working days, in the morning and in the afternoon
  community.powerbi.powerbi_refresh_schedule:
    workspace: Sales
    semantic_model: Sales
    enabled: true
    days: [Monday, Tuesday, Wednesday, Thursday, Friday]
    times: ["07:00", "16:30"]
    time_zone: W. Europe Standard Time

- name: Disable the scheduled refresh
  community.powerbi.powerbi_refresh_schedule:
    workspace: Sales
    semantic_model: Sales
    enabled: false
"""

RETURN = r"""
refresh_schedule:
  description:
    - Schedule after the task; in check mode, as it would be after the task. If a write has failed, as it was before the task.
  type: dict
  returned: success, or failure of a write
  contains:
    enabled:
      description: Whether the scheduled refresh is enabled.
      type: bool
      sample: true
    days:
      description: Days of the week in English, from Monday to Sunday.
      type: list
      elements: str
      sample: [Monday, Friday]
    times:
      description: Times of day as C(hh:mm), sorted.
      type: list
      elements: str
      sample: ["07:00", "16:30"]
    time_zone:
      description: Time zone of the times, as an ID of Windows.
      type: str
      sample: W. Europe Standard Time
    notify:
      description: Notification of the owner about failed refreshes, V(no_notification) or V(mail_on_failure).
      type: str
      sample: no_notification
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

from ansible_collections.community.powerbi.plugins.module_utils._api.refresh_schedules import (
    DAYS,
    NOTIFY,
    DesiredSchedule,
    ManagedRefreshSchedule,
)
from ansible_collections.community.powerbi.plugins.module_utils._api.workspace_access import caller_of
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
        "enabled": {"type": "bool"},
        "days": {"type": "list", "elements": "str", "choices": list(DAYS)},
        "times": {"type": "list", "elements": "str"},
        "time_zone": {"type": "str"},
        "notify": {"type": "str", "choices": list(NOTIFY)},
    }
)


def run(context: Context) -> Result:
    workspace = resolve_workspace(context)
    model = resolve_semantic_model(context, workspace)
    requested = DesiredSchedule(**{field: context.params[field] for field in DesiredSchedule._fields})
    is_app = bool(caller_of(context.tokens).app_id)
    return ensure(context, ManagedRefreshSchedule(context.client, workspace, model, requested, is_app=is_app))


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
