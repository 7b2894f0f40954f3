# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_client_certificate
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Add, renew and remove the certificates of an app registration
description:
  - Creates a private key with a self-signed certificate and adds the certificate to the app registration through Microsoft
    Graph. Key and certificate are returned after three successive logins with them, each with a new client, because a new
    certificate is propagated to the servers of Microsoft Entra ID one after the other.
  - Write both to your vault in the next task, read them back, and only then remove the old certificate. The role
    P(community.powerbi.powerbi_credentials#role) with C(tasks_from=rotate) does all of these steps.
  - An app that logs in with a certificate renews its own certificates by proof of possession, which needs no write permission.
    The task reads the app registration in any case, which needs the application permission C(Application.Read.All) of
    Microsoft Graph, or one of the write permissions.
  - Otherwise the caller must be an owner of the app and have C(Application.ReadWrite.OwnedBy), or have
    C(Application.ReadWrite.All).
notes:
  - Do not run two of these tasks for one app at the same time. Without proof of possession, Microsoft Graph requires that the
    whole list of certificates is replaced. It is read immediately before that, but a read of Microsoft Graph may return an
    earlier state.
requirements:
  - cryptography >= 3.4
  - PyJWT >= 2.0
options:
  display_name:
    description:
      - The name of the certificates that this task manages, and their subject. With O(state=absent) every certificate of that
        name is removed, also one that another pipeline or vault has created.
  key_id:
    description: Key ID of the certificate in use. If not set, the certificate that the app itself logs in with.
    type: str
  key_size:
    description: Length of the new RSA key in bits.
    type: int
    choices: [2048, 3072, 4096]
    default: 2048
extends_documentation_fragment:
  - community.powerbi.rotation
  - community.powerbi.auth
  - community.powerbi.connection
  - community.powerbi.attributes
  - community.powerbi.attributes.actiongroup_powerbi
seealso:
  - module: community.powerbi.powerbi_client_secret
"""

EXAMPLES = r"""
- name: Renew the certificate when it expires within a month
  community.powerbi.powerbi_client_certificate:
    tenant_id: contoso.onmicrosoft.com
    client_id: 11111111-2222-3333-4444-555555555555
    certificate_data: "{{ vaulted.value }}"
    display_name: ansible-prod
    state: rotated
    rotate_before: 30
    valid_for: 180
  register: renewed

- name: Write the certificate to the vault
  community.powerbi.powerbi_key_vault_secret:
    auth_method: managed_identity
    vault_url: https://contoso-kv.vault.azure.net
    name: powerbi-client-certificate
    type: certificate
    value: "{{ renewed.certificate_data }}"
  when: renewed is changed
"""

RETURN = r"""
certificate_data:
  description: New private key and certificate in PEM format.
  type: str
  returned: changed with O(state=present) or O(state=rotated), not in check mode
thumbprint:
  description: SHA-1 thumbprint of the new certificate, in hexadecimal.
  type: str
  returned: changed with O(state=present) or O(state=rotated), not in check mode
key_id:
  description: Key ID (GUID) of the new certificate. If none was added, that of the certificate in use.
  type: str
  returned: success with O(state=present) or O(state=rotated), if the certificate is known
  sample: 5ec00000-0000-4000-8000-000000000001
expires_on:
  description: Time at which the certificate of RV(key_id) expires, ISO 8601 in UTC.
  type: str
  returned: when RV(key_id) is returned
  sample: "2027-05-23T12:00:00Z"
former_key_id:
  description: Key ID (GUID) of the certificate that was in use before.
  type: str
  returned: changed with O(state=present) or O(state=rotated), if that certificate is known, not in check mode
reason:
  description: Reason why a new certificate is needed, in words.
  type: str
  returned: changed with O(state=present) or O(state=rotated)
  sample: the one in use expires in 12 days
propagation_seconds:
  description: Number of seconds until the new certificate was accepted three times in a row.
  type: float
  returned: changed with O(state=present) or O(state=rotated), not in check mode
application:
  description: App registration that the task manages.
  type: dict
  returned: success, or failure once it is known
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
certificates:
  description: All certificates of the app registration after the task, as Microsoft Graph returns them.
  type: list
  elements: dict
  returned: success, or failure once it is known
  contains:
    key_id:
      description: Key ID (GUID) of the certificate.
      type: str
    display_name:
      description: Display name of the certificate.
      type: str
    starts_on:
      description: Time from which the certificate is valid, ISO 8601 in UTC.
      type: str
    expires_on:
      description: Time at which the certificate expires, ISO 8601 in UTC.
      type: str
removed:
  description: Key IDs (GUID) of the removed certificates; in check mode, of those that would be removed.
  type: list
  elements: str
  returned: success or failure with O(state=absent)
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

from ansible_collections.community.powerbi.plugins.module_utils._app_credentials.client_certificates import (
    ClientCertificates,
)
from ansible_collections.community.powerbi.plugins.module_utils._app_credentials.options import ROTATION_OPTIONS, RULES
from ansible_collections.community.powerbi.plugins.module_utils._ensure import ensure
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import auth_argument_spec

ARGUMENT_SPEC: dict[str, t.Any] = auth_argument_spec(
    {**ROTATION_OPTIONS, "key_size": {"type": "int", "choices": [2048, 3072, 4096], "default": 2048}}
)
SECRET_VALUES = ("certificate_data",)


def run(context: Context) -> Result:
    return ensure(context, ClientCertificates(context))


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run, secret_result=True, **RULES)


if __name__ == "__main__":
    main()
