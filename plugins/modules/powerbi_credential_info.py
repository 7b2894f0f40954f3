# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_credential_info
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Report when the secrets and certificates of an app expire
description:
  - Reports when the credential that logs in expires, and lists the other credentials of the app.
  - A certificate contains its expiry. That of a secret is read from Microsoft Graph, which needs the application permission
    C(Application.Read.All) or C(Application.ReadWrite.OwnedBy), or is given in O(expires_on).
  - This module changes nothing.
options:
  application:
    description:
      - Application (client) ID, object ID or unique display name of the app registration.
      - If not set, the app that the task logs in with.
    type: str
  graph:
    description:
      - Whether to call Microsoft Graph. V(auto) calls it only if the expiry is not known otherwise, and accepts that
        the identity
        has no permission.
    type: str
    choices: [auto, always, never]
    default: auto
  key_id:
    description: Key ID of the secret in use.
    type: str
  hint:
    description:
      - The first three characters of the secret in use, which Microsoft Graph shows as C(hint). If not set, they are taken from
        the secret that logs in.
    type: str
  expires_on:
    description: Time at which the secret in use expires, ISO 8601 in UTC, for example from the vault that has the secret.
    type: str
  warn_days:
    description: Number of days before the expiry from which the task issues a warning.
    type: int
  validate:
    description:
      - Also log in three times in a row, each time with a new client, and wait until these logins succeed. A new secret is
        accepted by all servers of Microsoft Entra ID only after seconds to minutes.
    type: bool
    default: false
  propagation_timeout:
    description: Number of seconds to wait until these logins succeed.
    type: float
    default: 300
extends_documentation_fragment:
  - community.powerbi.auth
  - community.powerbi.connection
  - community.powerbi.attributes
  - community.powerbi.attributes.actiongroup_powerbi
  - community.powerbi.attributes.info_module
"""

EXAMPLES = r"""
- name: Warn a month before the secret expires
  community.powerbi.powerbi_credential_info:
    auth_profile: prod
    warn_days: 30

- name: List the credentials of an app with an identity that has the permission to read them
  community.powerbi.powerbi_credential_info:
    auth_profile: directory-reader
    application: 11111111-2222-3333-4444-555555555555
    graph: always
  register: credentials

- name: Show the credentials that expire within a quarter
  ansible.builtin.debug:
    msg: "{{ (credentials.secrets + credentials.certificates) | selectattr('expires_in_days', 'lt', 90) }}"
"""

RETURN = r"""
in_use:
  description: Credential that the identity of the task logs in with.
  type: dict
  returned: success or failure, if its expiry is known
  contains:
    type:
      description: Type of the credential, V(client_secret) or V(certificate).
      type: str
    expires_on:
      description: Time at which the credential expires, ISO 8601 in UTC.
      type: str
      sample: "2027-05-23T12:00:00Z"
    expires_in_days:
      description: Number of whole days until the credential expires. Negative if it has expired.
      type: int
    known_from:
      description: Source of the expiry, V(certificate), V(option) (O(expires_on)) or V(graph) (Microsoft Graph).
      type: str
graph_readable:
  description: Whether Microsoft Graph allows the identity to read the app registration.
  type: bool
  returned: success or failure, if Microsoft Graph was called
application:
  description: App registration that the credentials belong to.
  type: dict
  returned: success or failure, if Microsoft Graph returned the app registration
  contains:
    id:
      description: Object ID (GUID) of the app registration, as Microsoft Graph returns it.
      type: str
    client_id:
      description: Application (client) ID of the app registration, a GUID.
      type: str
    display_name:
      description: Display name of the app registration.
      type: str
secrets:
  description: Client secrets of the app registration, with key ID and validity, never their value.
  type: list
  elements: dict
  returned: success or failure, if Microsoft Graph returned the app registration
  sample:
    - {key_id: 5ec00000-0000-4000-8000-000000000001, display_name: ansible, starts_on: "2026-11-24T12:00:00Z",
       expires_on: "2027-05-23T12:00:00Z", expires_in_days: 180}
certificates:
  description: Certificates of the app registration, with key ID, validity and SHA-1 thumbprint.
  type: list
  elements: dict
  returned: success or failure, if Microsoft Graph returned the app registration
propagation_seconds:
  description: Number of seconds until the credential was accepted three times in a row.
  type: float
  returned: when O(validate=true)
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

from ansible_collections.community.powerbi.plugins.module_utils._app_credentials.expiry import describe
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import auth_argument_spec

ARGUMENT_SPEC: dict[str, t.Any] = auth_argument_spec(
    {
        "application": {"type": "str"},
        "graph": {"type": "str", "choices": ["auto", "always", "never"], "default": "auto"},
        "key_id": {"type": "str", "no_log": False},
        "hint": {"type": "str", "no_log": False},
        "expires_on": {"type": "str"},
        "warn_days": {"type": "int"},
        "validate": {"type": "bool", "default": False},
        "propagation_timeout": {"type": "float", "default": 300.0},
    }
)


def run(context: Context) -> Result:
    return Result(values=describe(context))


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
