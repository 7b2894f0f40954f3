# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_key_vault_secret
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Keep a secret, or a certificate with its key, in Azure Key Vault
description:
  - Writes a new version when the value differs from the current one; tags and expiry alone are noted on the current version.
  - With O(kind=certificate), the value is PEM with private key and certificate, and is imported as a certificate, so that Key
    Vault shows its expiry.
  - Logged in by the same options as every module of this collection. No library of Microsoft is needed.
options:
  vault_url:
    description: The vault, as V(https://contoso-kv.vault.azure.net).
    type: str
    required: true
  name:
    description: The secret's or the certificate's name.
    type: str
    required: true
  kind:
    description: What it is.
    type: str
    choices: [secret, certificate]
    default: secret
  value:
    description:
      - The secret, or the certificate with its key in PEM format.
      - An empty value is an error, and so is what a template makes of a variable without a value, such as V(None).
      - Less than four characters are a warning, as they can't be masked within other texts.
      - If not set, only what is noted of the current version is changed.
    type: str
  content_type:
    description:
      - What to note about the form of a secret. If not set, it stays as it is; of a new secret it is V(text/plain).
    type: str
  tags:
    description: Its tags, which are not secret. If not set, the current ones stay.
    type: dict
  expires_on:
    description:
      - When the secret expires, ISO 8601 in UTC. If not set, the time of the current version stays, also for a new value; that is
        a warning if the time has passed. A certificate has its own.
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
      - The value is shown as a mark that tells whether it differs.
  async:
    support: full
seealso:
  - module: community.powerbi.powerbi_key_vault_secret_info
"""

EXAMPLES = r"""
- name: Keep the app's secret
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
          C(auth_source), as far as they are known.
      type: dict
    problems:
      description:
        - Problems of the content, each with C(file), C(line), C(column), C(what), C(remedy) and C(severity).
      type: list
      elements: dict
"""

import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._secret_stores.key_vault_writes import ensure_secret
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import auth_argument_spec

ARGUMENT_SPEC: dict[str, t.Any] = auth_argument_spec(
    {
        "vault_url": {"type": "str", "required": True},
        "name": {"type": "str", "required": True},
        "kind": {"type": "str", "choices": ["secret", "certificate"], "default": "secret"},
        "value": {"type": "str", "no_log": True},
        "content_type": {"type": "str"},
        "tags": {"type": "dict"},
        "expires_on": {"type": "str"},
    }
)


def run(context: Context) -> Result:
    plan, version = ensure_secret(context.session, context.params, context.warn, write=not context.check_mode)
    return Result(plan.changed, {"version": version} if version else {}, plan.diff())


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
