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
  - Reads a secret, logged in by the same options as every module of this collection, so that a
    managed identity, a federated identity, a certificate or a secret needs to be configured only once.
  - The key of a certificate is read as the secret of the certificate's name.
  - This module changes nothing.
notes:
  - The result is hidden by callbacks, while C(register) keeps it. Does not run with C(async), since Ansible would leave
    the result on disk in clear.
options:
  vault_url:
    description: The vault, as V(https://contoso-kv.vault.azure.net).
    type: str
    required: true
  name:
    description: The secret's or the certificate's name.
    type: str
    required: true
  version:
    description: One of its versions. If not set, the current one. An empty text is an error.
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
- name: Read the app's secret as the machine that runs this
  community.powerbi.powerbi_key_vault_secret_info:
    auth_method: managed_identity
    vault_url: https://contoso-kv.vault.azure.net
    name: powerbi-client-secret
  register: vaulted

- name: Use it
  community.powerbi.powerbi_token:
    tenant_id: "{{ vaulted.tags.tenant_id }}"
    client_id: "{{ vaulted.tags.client_id }}"
    client_secret: "{{ vaulted.value }}"
"""

RETURN = r"""
value:
  description: The secret. Of a certificate, PEM with key and certificate, or a PFX in base64, as its policy says.
  type: str
  returned: success
version:
  description: Its version.
  type: str
  returned: success
  sample: 4387e9f3d6e14c459867679a90fd0f79
content_type:
  description: What was noted about its form.
  type: str
  returned: success
  sample: text/plain
tags:
  description: Its tags.
  type: dict
  returned: success
  sample: {"client_id": "11111111-2222-3333-4444-555555555555"}
expires_on:
  description: When it expires, ISO 8601 in UTC; empty if that is not noted. Key Vault gives it out all the same.
  type: str
  returned: success
  sample: "2027-05-23T12:00:00Z"
"""

import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._api.applications import timestamp
from ansible_collections.community.powerbi.plugins.module_utils._api.key_vault import KeyVault
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
    context.tokens.issued_secrets.append(found.value)
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
