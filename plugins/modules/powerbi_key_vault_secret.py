# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_key_vault_secret
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Write a secret, or a certificate with its key, to Azure Key Vault
description:
  - Writes a new version if the value differs from that of the current version. If only tags or expiry differ, the
    current version
    is updated.
  - With O(type=certificate), the value is imported as a certificate, so that Key Vault shows its expiry.
  - Uses the authentication options of this collection. The Azure SDK is not needed.
options:
  vault_url:
    description: URL of the vault, such as V(https://contoso-kv.vault.azure.net).
    type: str
    required: true
  name:
    description: Name of the secret or of the certificate.
    type: str
    required: true
  type:
    description: Kind of the object in the vault.
    type: str
    choices: [secret, certificate]
    default: secret
  value:
    description:
      - Value of the secret, or the certificate with its private key in PEM format.
      - An empty value is an error, as is the result of a template with a variable that has no value, such as V(None).
      - A value of less than four characters causes a warning, because it can't be masked within other texts.
      - If not set, only O(content_type), O(tags) and O(expires_on) of the current version are changed.
    type: str
  content_type:
    description:
      - Content type of a secret. If not set, it is not changed; a new secret gets V(text/plain).
    type: str
  tags:
    description: Tags of the secret or certificate, which are not secret. If not set, the tags are not changed.
    type: dict
  expires_on:
    description:
      - Time at which the secret expires, ISO 8601 in UTC. If not set, the expiry of the current version is kept, also for a new
        value, with a warning if it has passed. For a certificate, its own expiry applies.
    type: str
extends_documentation_fragment:
  - community.powerbi.auth
  - community.powerbi.connection
  - community.powerbi.attributes
  - community.powerbi.attributes.actiongroup_powerbi
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - The value is replaced by a placeholder that shows only whether it differs.
  async:
    support: full
seealso:
  - module: community.powerbi.powerbi_key_vault_secret_info
"""

EXAMPLES = r"""
- name: Write the client secret of the app
  community.powerbi.powerbi_key_vault_secret:
    auth_method: managed_identity
    vault_url: https://contoso-kv.vault.azure.net
    name: powerbi-client-secret
    value: "{{ renewed.client_secret }}"
    expires_on: "{{ renewed.expires_on }}"
    tags:
      key_id: "{{ renewed.key_id }}"
"""

RETURN = r"""
version:
  description: Version of the secret or certificate after the task. In check mode, the current version.
  type: str
  returned: success, except in check mode for a secret that does not exist yet
  sample: 4387e9f3d6e14c459867679a90fd0f79
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
from ansible_collections.community.powerbi.plugins.module_utils._ensure import ensure
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._secret_stores.key_vault_writes import (
    ManagedVaultSecret,
)
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import auth_argument_spec

ARGUMENT_SPEC: dict[str, t.Any] = auth_argument_spec(
    {
        "vault_url": {"type": "str", "required": True},
        "name": {"type": "str", "required": True},
        "type": {"type": "str", "choices": ["secret", "certificate"], "default": "secret"},
        "value": {"type": "str", "no_log": True},
        "content_type": {"type": "str"},
        "tags": {"type": "dict"},
        "expires_on": {"type": "str"},
    }
)


def run(context: Context) -> Result:
    return ensure(context, ManagedVaultSecret(KeyVault(context.session, context.params["vault_url"]), context.params))


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
