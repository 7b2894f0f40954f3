# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_api
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Call any operation of the Power BI and Fabric REST APIs
description:
  - Calls an operation that has no module of its own. Authentication, retries, paging, long-running operations and error
    messages are those of the other modules.
  - The token is sent to the hosts of the API only, also if a response contains a URL of another host.
  - With O(wait), the task waits for the operation that the request starts. This covers long-running operations, on-demand
    jobs and capacity assignments of Fabric, and refreshes (also enhanced refreshes), exports to a file, imports, deployments
    of a pipeline, scans and capacity assignments of Power BI.
notes:
  - The task is C(changed) for every O(method) except V(GET) and V(HEAD), and except for V(POST) requests that only read, see
    O(check_mode_safe). Override it with C(changed_when).
  - In check mode only requests that read are sent. For other requests RV(json) is V(null), and a V(POST) causes a warning.
  - Passwords, keys, tokens, connection strings and signed URLs in O(body), O(query), O(headers) and the query of O(path) are
    masked in the invocation and in the result.
  - A result that contains a signed URL, a key, a password or a token, such as that of C(createTemporaryUploadLocation),
    is hidden
    from the output like that of M(community.powerbi.powerbi_token). C(register) keeps it for later tasks. O(show_secrets)
    shows it.
  - A request that writes is not sent if a segment of O(path) is empty or is V(None), V(null) or V(undefined), which is the
    result of a template with an empty variable.
options:
  path:
    description:
      - The path below the API, such as V(/groups) or V(/workspaces/{id}/items), percent-encoded where it needs to be.
      - It may include the prefix of O(api), such as V(/v1.0/myorg).
    type: str
    required: true
  method:
    description: The HTTP method.
    type: str
    choices: [GET, HEAD, POST, PUT, PATCH, DELETE]
    default: GET
  api:
    description:
      - V(powerbi) is C(https://api.powerbi.com/v1.0/myorg), V(admin) is its C(/admin).
      - V(fabric) is C(https://api.fabric.microsoft.com/v1).
      - In other clouds, the corresponding URLs of O(cloud). With O(api_url), these paths below that URL.
    type: str
    choices: [powerbi, admin, fabric]
    default: powerbi
  query:
    description: Query parameters, such as C($filter).
    type: dict
    default: {}
  body:
    description: Body of the request, sent as JSON. A string is parsed as JSON.
    type: raw
  src:
    description: Path of a file to upload as C(multipart/form-data), the content type of imports.
    type: path
  dest:
    description:
      - Path of a file to write the response to, for exports and other downloads. The response is streamed.
      - The file is replaced if the content differs, and only after the download is complete.
    type: path
  paginate:
    description:
      - Read all pages of a list, and return the entries in RV(entries).
      - Lists with C($top) and C($skip) are paged if O(query) has a C($top).
    type: bool
    default: false
  status_code:
    description: HTTP status codes that are not an error. If not set, 200 to 299.
    type: list
    elements: int
  headers:
    description:
      - Additional request headers, such as C(X-PowerBI-Profile-Id), with which a service principal acts as one of its profiles.
      - They are sent to the hosts of the API only. C(Authorization) and headers that HTTP itself needs are an error.
    type: dict
    default: {}
  check_mode_safe:
    description:
      - Whether the request only reads, although O(method) is not V(GET). It is then also sent in check mode, and the
        task is not
        C(changed).
      - If not set, this is V(true) for C(executeQueries), C(getInfo) of the admin API, C(getDefinition),
        C(bulkExportDefinitions), C(executeQuery) of dataflows, C(testConnection), C(checkStatus) and C(catalog/search).
    type: bool
  show_secrets:
    description: Show a result that contains a signed URL, a key, a password or a token.
    type: bool
    default: false
attributes:
  check_mode:
    support: partial
    details:
      - A request that writes is reported as C(changed) and not sent, so there is no response.
  diff_mode:
    support: none
  async:
    support: partial
    details:
      - C(GenerateToken), C(createTemporaryUploadLocation) and the connections of eventstreams are refused without
        O(show_secrets), because Ansible would store the secret of the response on disk unencrypted.
extends_documentation_fragment:
  - community.powerbi.progress
  - community.powerbi.auth
  - community.powerbi.connection
  - community.powerbi.wait
  - community.powerbi.attributes
  - community.powerbi.attributes.actiongroup_powerbi
seealso:
  - plugin: community.powerbi.powerbi_api
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: List all reports of a workspace
  community.powerbi.powerbi_api:
    path: /groups/f01de400-0000-4000-8000-000000000001/reports
    paginate: true
  register: reports

- name: Create a folder in a Fabric workspace
  community.powerbi.powerbi_api:
    api: fabric
    method: POST
    path: /workspaces/f01de400-0000-4000-8000-000000000002/folders
    body:
      displayName: Monthly

- name: Refresh a semantic model, wait for its completion, and fail if the refresh fails
  community.powerbi.powerbi_api:
    method: POST
    path: /groups/{{ workspace_id }}/datasets/{{ model_id }}/refreshes
    body:
      notifyOption: NoNotification
    wait_timeout: 7200

- name: Query a semantic model, also in check mode
  community.powerbi.powerbi_api:
    method: POST
    path: /groups/{{ workspace_id }}/datasets/{{ model_id }}/executeQueries
    body:
      queries:
        - query: EVALUATE ROW("rows", COUNTROWS(Sales))

- name: List the workspaces of a service principal profile
  community.powerbi.powerbi_api:
    path: /groups
    headers:
      X-PowerBI-Profile-Id: f01de400-0000-4000-8000-000000000009

- name: Download a report
  community.powerbi.powerbi_api:
    path: /groups/{{ workspace_id }}/reports/{{ report_id }}/Export
    dest: /tmp/sales.pbix
"""

RETURN = r"""
status:
  description: HTTP status code of the response.
  type: int
  returned: success, without O(paginate) and O(dest), and not for a write in check mode
  sample: 200
json:
  description:
    - Body of the response, decoded from JSON. With O(wait), the result of a long-running operation of Fabric, or else
      the last state of what was waited for, such as the refresh, the job instance, the export or the import.
    - V(null) for a response without a body, and in check mode for a request that was not sent.
  type: raw
  returned: when O(dest) and O(paginate) are not set
entries:
  description: Entries of the list from all pages, in the order in which the API returns them.
  type: list
  elements: dict
  returned: when O(paginate=true)
location:
  description: URL of the result or of the operation, from the C(Location) header of the response.
  type: str
  returned: success and the response has the header
request_id:
  description: Request ID of the service (GUID), for a support request.
  type: str
  returned: success, without O(paginate) and O(dest), and not for a write in check mode
dest:
  description: Path of the file that the response was written to.
  type: str
  returned: when O(dest) is set
size:
  description: Size of the downloaded content in bytes.
  type: int
  returned: when O(dest) is set
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

from ansible_collections.community.powerbi.plugins.module_utils._api.raw.calls import (
    Call,
    call,
    check,
    download,
    entries,
    full_path,
)
from ansible_collections.community.powerbi.plugins.module_utils._api.raw.headers import checked
from ansible_collections.community.powerbi.plugins.module_utils._api.raw.paths import (
    below_api,
    only_reads,
    refuse_emptied,
)
from ansible_collections.community.powerbi.plugins.module_utils._api.raw.secrets import (
    SHORTEST,
    concealed,
    returns_secret,
    secrets_of,
    secrets_of_response,
)
from ansible_collections.community.powerbi.plugins.module_utils._errors import ApiError
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._progress.options import PROGRESS
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import auth_argument_spec

ARGUMENT_SPEC: dict[str, t.Any] = auth_argument_spec(
    {
        "path": {"type": "str", "required": True},
        "method": {"type": "str", "choices": ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"], "default": "GET"},
        "api": {"type": "str", "choices": ["powerbi", "admin", "fabric"], "default": "powerbi"},
        "query": {"type": "dict", "default": {}},
        "body": {"type": "raw"},
        "src": {"type": "path"},
        "dest": {"type": "path"},
        "paginate": {"type": "bool", "default": False},
        "status_code": {"type": "list", "elements": "int"},
        "headers": {"type": "dict", "default": {}},
        "check_mode_safe": {"type": "bool"},
        "show_secrets": {"type": "bool", "default": False},
        "wait": {"type": "bool", "default": True},
        "wait_timeout": {"type": "float", "default": 1800.0},
        **PROGRESS,
    }
)
RULES: dict[str, t.Any] = {
    "mutually_exclusive": [("body", "src"), ("src", "dest"), ("paginate", "dest"), ("paginate", "src")],
    "conceal": lambda params: concealed(params, ARGUMENT_SPEC),
}


def secrets_in_result(args: t.Mapping[str, t.Any], result: t.Mapping[str, t.Any]) -> list[str]:
    """What the action plugin hides: signed URLs, keys, passwords and tokens, unless the user wants them shown."""
    values = [result.get(key) for key in ("json", "entries", "location")]
    return (
        [] if _shows_secrets(args) else [text for value in values for text in secrets_of_response(_path(args), value)]
    )


def secret_is_expected(args: t.Mapping[str, t.Any]) -> bool:
    """Whether the response to this request is known to hold a secret that the user does not want shown."""
    return returns_secret(_path(args)) and not _shows_secrets(args)


def _shows_secrets(args: t.Mapping[str, t.Any]) -> bool:
    return str(args.get("show_secrets", "")).lower() in ("true", "yes", "on", "1", "y", "t")


def _path(args: t.Mapping[str, t.Any]) -> str:
    return str(args.get("path", ""))


def run(context: Context) -> Result:
    params = context.params
    context.register_secrets(secrets_of(params), SHORTEST)
    desired = Call(**{field: params[field] for field in Call._fields})
    desired = desired._replace(path=below_api(desired.api, desired.path))
    refuse_emptied(desired.method, desired.path)
    check(desired, src=params["src"], dest=params["dest"], paginate=params["paginate"])
    headers = checked(params["headers"])
    reads = params["check_mode_safe"]
    if reads is None:
        reads = only_reads(desired.api, desired.method, full_path(context.client, desired))
    if context.check_mode and not reads:
        if desired.method == "POST":
            context.warn(f"POST {desired.path} is not sent in check mode, so that `json` is null: there is no response")
        return Result(True, {"json": None})
    client = context.client.with_headers(headers)
    if params["dest"]:
        changed, values = download(client, desired, params["dest"], write=not context.check_mode)
        return Result(changed, values)
    if params["paginate"]:
        return Result(values={"entries": entries(client, desired)})
    wait = params["wait_timeout"] if params["wait"] else None
    written = (lambda: None) if reads else context.mark_changed
    try:
        values = call(client, desired, src=params["src"], wait=wait, reads=reads, written=written, warn=context.warn)
    except ApiError as error:
        context.known.update(status=error.status, request_id=error.request_id)
        raise
    return Result(not reads, values)


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run, **RULES)


if __name__ == "__main__":
    main()
