# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_token
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Get an access token for the Power BI or Fabric REST API
description:
  - Gets an access token from Microsoft Entra ID, usually for a service principal, for use in later tasks.
  - All hosts, forks and tasks of a run share one request to the identity provider. A new token is requested only when
    the cached
    one is about to expire.
notes:
  - The result is a secret. Callbacks show it as censored at every verbosity; C(register) keeps it. Do not store it in a cached
    fact, and set C(no_log) on tasks that have it in their arguments or results.
  - With ansible-core before 2.19, a loop without C(no_log) is an error, because Ansible passes the result of the whole
    loop with
    the tokens to callbacks.
  - C(async) is not supported, because Ansible would store the result on disk unencrypted.
  - In check mode, the token is requested as well, because this changes nothing and later tasks need it.
options:
  validate:
    description:
      - Whether to check that the APIs accept the token, with C(GET /groups?$top=1) of Power BI and C(GET /workspaces)
        of Fabric.
        If the token is valid but the tenant setting, the permission or the workspace access is missing, the error states which.
      - Power BI and Fabric have separate tenant settings for service principals, so one API may reject a token that the other
        accepts. The error names the API and its setting.
    type: bool
    default: false
attributes:
  async:
    support: none
extends_documentation_fragment:
  - community.powerbi.auth
  - community.powerbi.connection
  - community.powerbi.attributes
  - community.powerbi.attributes.actiongroup_powerbi
  - community.powerbi.attributes.info_module
seealso:
  - plugin: community.powerbi.powerbi_token
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Get a token with a client secret from Ansible Vault
  community.powerbi.powerbi_token:
    tenant_id: 72f988bf-0000-0000-0000-2d7cd011db47
    client_id: 11111111-2222-3333-4444-555555555555
    client_secret: "{{ vault_powerbi_client_secret }}"
  register: powerbi
  run_once: true

- name: Call the API with the token
  ansible.builtin.uri:
    url: https://api.powerbi.com/v1.0/myorg/groups
    headers:
      Authorization: "Bearer {{ powerbi.access_token }}"
  no_log: true

- name: Check before a deployment that the app can reach Power BI
  community.powerbi.powerbi_token:
    auth_profile: prod
    validate: true

- name: Log in with a certificate, authenticated by subject name and issuer
  community.powerbi.powerbi_token:
    tenant_id: contoso.onmicrosoft.com
    client_id: 11111111-2222-3333-4444-555555555555
    certificate_path: /etc/powerbi/app.pem
    send_certificate_chain: true

- name: Log in with the managed identity of the virtual machine
  community.powerbi.powerbi_token:
    auth_method: managed_identity
"""

RETURN = r"""
access_token:
  description: Bearer token for the C(Authorization) header.
  type: str
  returned: success
  sample: eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiIs...
token_type:
  description: Type of the token, as the C(Authorization) header needs it.
  type: str
  returned: success, or failure of the validation
  sample: Bearer
expires_in:
  description: Number of seconds until the token expires.
  type: int
  returned: success, or failure of the validation
  sample: 3599
expires_on:
  description: Time at which the token expires, ISO 8601 in UTC.
  type: str
  returned: success, or failure of the validation
  sample: "2026-11-24T13:05:00Z"
scope:
  description: Scope that the token was requested for.
  type: str
  returned: success, or failure of the validation
  sample: https://analysis.windows.net/powerbi/api/.default
tenant_id:
  description: Tenant as given in the options. If none was given, the C(tid) claim of the token.
  type: str
  returned: success, or failure of the validation
  sample: 72f988bf-0000-0000-0000-2d7cd011db47
client_id:
  description: Application (client) ID as given in the options. If none was given, the C(appid) claim of the token.
  type: str
  returned: success, or failure of the validation
  sample: 11111111-2222-3333-4444-555555555555
auth_method:
  description: Authentication method that was used, one of the choices of O(auth_method).
  type: str
  returned: success, or failure of the validation
  sample: client_secret
auth_source:
  description:
    - Configuration source that the credential came from, such as V(option), V(env:AZURE_*) or V(profile:prod).
  type: str
  returned: success, or failure of the validation
  sample: env:AZURE_*
source:
  description:
    - Source of the token. V(passthrough) is a token that was given in O(access_token) or O(access_token_file).
  type: str
  returned: success, or failure of the validation
  choices: [cache, identity_provider, passthrough]
claims:
  description:
    - Claims of the token that are not confidential. The signature is not verified, so use them for diagnosis, not for
      decisions.
    - Empty if the token is not a JWT.
  type: dict
  returned: success, or failure of the validation
  sample: {"aud": "https://analysis.windows.net/powerbi/api", "idtyp": "app", "exp": 1795525500}
validation:
  description: Result of the validation calls to the APIs.
  type: dict
  returned: when O(validate=true)
  contains:
    api_url:
      description: Base URL of the Power BI API that was called.
      type: str
      sample: https://api.powerbi.com
    accepted_by:
      description: APIs that accepted the token. A cloud without Fabric has only V(powerbi).
      type: list
      elements: str
      sample: [fabric, powerbi]
    workspaces_visible:
      description:
        - Whether the app has access to at least one workspace. Without one it can call the API, but not change
          anything.
      type: bool
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

from ansible_collections.community.powerbi.plugins.module_utils._auth.claims import describe
from ansible_collections.community.powerbi.plugins.module_utils._errors import ForbiddenError
from ansible_collections.community.powerbi.plugins.module_utils._http.response import ApiResponse
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._session import api_hosts
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import auth_argument_spec

ARGUMENT_SPEC: dict[str, t.Any] = auth_argument_spec({"validate": {"type": "bool", "default": False}})
SECRET_VALUES = ("access_token",)
_NAMES = {"powerbi": "Power BI", "fabric": "Fabric"}
_SETTINGS = {
    "powerbi": "Allow service principals to use Power BI APIs",
    "fabric": "Service principals can call Fabric public APIs",
}


def run(context: Context) -> Result:
    session = context.session
    values = describe(session.tokens.token(), session.settings)
    context.known.update((name, value) for name, value in values.items() if name not in SECRET_VALUES)
    if context.params["validate"]:
        values["validation"] = _validate(context)
    return Result(values=values)


def _validate(context: Context) -> dict[str, t.Any]:
    """Groups_GetGroups with $top=1 and Core_ListWorkspaces: read-only, allowed to every app that may call the API at all."""
    fabric = [("fabric", "/workspaces", None)] if "fabric" in api_hosts(context.session.settings) else []
    results = {
        api: _call(context, api, path, query) for api, path, query in [("powerbi", "/groups", {"$top": "1"}), *fabric]
    }
    accepted = {api: result for api, result in results.items() if isinstance(result, ApiResponse)}
    for api, result in results.items():
        if isinstance(result, ForbiddenError):
            raise _refusal(api, result, accepted)
    visible = bool(accepted["powerbi"].get("value"))
    if not visible:
        context.warn(
            "The token is accepted, but this app is in no workspace. "
            "Add its enterprise application (not the app registration) to the workspaces it must reach"
        )
    settings = context.session.settings
    return {"api_url": settings.api_url, "workspaces_visible": visible, "accepted_by": sorted(accepted)}


def _call(context: Context, api: str, path: str, query: dict[str, str] | None) -> ApiResponse | ForbiddenError:
    try:
        return context.client.request("GET", path, api=api, query=query)
    except ForbiddenError as error:
        return error


def _refusal(api: str, error: ForbiddenError, accepted: t.Container[str]) -> ForbiddenError:
    """The API's refusal, with which API it was and the tenant setting that this API has of its own."""
    other = "fabric" if api == "powerbi" else "powerbi"
    also = f"{_NAMES[other]} accepted it" if other in accepted else f"so did {_NAMES[other]}"
    error.why = f"{_NAMES[api]} refused the token, {also}. {error.why}"
    error.remedy += f"; the tenant setting for service principals that {_NAMES[api]} heeds is '{_SETTINGS[api]}'"
    return error


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run, secret_result=True)


if __name__ == "__main__":
    main()
