# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_key_vault_secret_info
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Read a secret, or a certificate with its key, from Azure Key Vault
description:
  - Reads a secret with the authentication options of this collection, so that a managed identity, a federated identity, a
    certificate or a secret needs to be configured only once.
  - A certificate with its key is read as the secret that has the name of the certificate.
  - This module changes nothing.
notes:
  - Callbacks do not show the result; C(register) keeps it. C(async) is not supported, because Ansible would store the result on
    disk unencrypted.
options:
  vault_url:
    description: URL of the vault, such as V(https://contoso-kv.vault.azure.net).
    type: str
    required: true
  name:
    description: Name of the secret or of the certificate.
    type: str
    required: true
  version:
    description: Version to read. If not set, the current version. An empty string is an error.
    type: str
extends_documentation_fragment:
  - community.powerbi.auth
  - community.powerbi.connection
  - community.powerbi.attributes
  - community.powerbi.attributes.actiongroup_powerbi
  - community.powerbi.attributes.info_module
attributes:
  async:
    support: none
seealso:
  - module: community.powerbi.powerbi_key_vault_secret
"""

EXAMPLES = r"""
- name: Read the client secret with the managed identity of the host
  community.powerbi.powerbi_key_vault_secret_info:
    auth_method: managed_identity
    vault_url: https://contoso-kv.vault.azure.net
    name: powerbi-client-secret
  register: vaulted

- name: Get a token with the secret
  community.powerbi.powerbi_token:
    tenant_id: "{{ vaulted.tags.tenant_id }}"
    client_id: "{{ vaulted.tags.client_id }}"
    client_secret: "{{ vaulted.value }}"
"""

RETURN = r"""
value:
  description:
    - Value of the secret. For a certificate, key and certificate as PEM or as PFX in base64, depending on the policy
      of the certificate.
  type: str
  returned: success
version:
  description: Version of the secret, as Key Vault returns it.
  type: str
  returned: success
  sample: 4387e9f3d6e14c459867679a90fd0f79
content_type:
  description: Content type of the secret, such as V(text/plain). Empty if it has none.
  type: str
  returned: success
  sample: text/plain
tags:
  description: Tags of the secret, by name.
  type: dict
  returned: success
  sample: {"client_id": "11111111-2222-3333-4444-555555555555"}
expires_on:
  description:
    - Time at which the secret expires, ISO 8601 in UTC. Empty if it has no expiry. Key Vault also returns expired
      secrets.
  type: str
  returned: success
  sample: "2027-05-23T12:00:00Z"
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

from ansible_collections.community.powerbi.plugins.module_utils._api.key_vault import KeyVault
from ansible_collections.community.powerbi.plugins.module_utils._clock import timestamp
from ansible_collections.community.powerbi.plugins.module_utils._empty_values import is_emptied
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import auth_argument_spec

ARGUMENT_SPEC: dict[str, t.Any] = auth_argument_spec(
    {
        "vault_url": {"type": "str", "required": True},
        "name": {"type": "str", "required": True},
        "version": {"type": "str"},
    }
)
SECRET_VALUES = ("value",)


def run(context: Context) -> Result:
    params = context.params
    version = params["version"]
    if version is not None and is_emptied(version):
        raise ConfigError(
            f"version is {version!r}, which is a variable without a value",
            option="version",
            remedy="name a version, or leave the option out (`omit`) for the current one",
        )
    found = KeyVault(context.session, params["vault_url"]).secret(params["name"], version or "")
    context.register_secrets([found.value.reveal()])
    return Result(
        values={
            "value": found.value.reveal(),
            "version": found.version,
            "content_type": found.content_type,
            "tags": found.tags,
            "expires_on": timestamp(found.expires) if found.expires is not None else "",
        }
    )


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run, secret_result=True)


if __name__ == "__main__":
    main()
