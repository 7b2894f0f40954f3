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
  - Makes a key with a self-signed certificate, adds the certificate through Microsoft Graph, and returns both only when a
    token has been got with them three times in a row by clients of their own, since Microsoft Entra ID's servers learn of
    a new certificate one after the other.
  - Write them to your vault in the next task, read them back, and remove the old one only then. The role
    P(community.powerbi.powerbi_credentials#role) with C(tasks_from=rotate) does all of that.
  - An app that logs in with a certificate renews its own ones by proof of possession, which needs no permission to write. The
    task reads the app in any case, which needs Graph's application permission C(Application.Read.All), or one of those to write.
  - Otherwise the caller must be an owner of the app and have C(Application.ReadWrite.OwnedBy), or have
    C(Application.ReadWrite.All).
notes:
  - Run it once at a time for an app. Without proof of possession the whole list is replaced, as Microsoft Graph wants it. It is
    read right before that, since reads of Microsoft Graph may show changes late.
requirements:
  - cryptography >= 3.4
  - PyJWT >= 2.0
options:
  display_name:
    description:
      - The name of the certificates that this task manages, and their subject. With O(state=absent) every certificate of that
        name is removed, also one that another pipeline or vault made.
  key_id:
    description: The key ID of the certificate in use. If not set, the one that logs in, where the app itself does.
    type: str
  key_size:
    description: The bits of the new RSA key.
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

- name: Keep it
  community.powerbi.powerbi_key_vault_secret:
    auth_method: managed_identity
    vault_url: https://contoso-kv.vault.azure.net
    name: powerbi-client-certificate
    kind: certificate
    value: "{{ renewed.certificate_data }}"
  when: renewed is changed
"""

RETURN = r"""
certificate_data:
  description: The new key and its certificate, PEM.
  type: str
  returned: when one was added
thumbprint:
  description: The SHA-1 of the new certificate.
  type: str
  returned: when one was added
key_id:
  description: The key ID of the new certificate, or else of the one in use.
  type: str
  returned: when there is one
  sample: 5ec00000-0000-4000-8000-000000000001
expires_on:
  description: When that certificate expires, ISO 8601 in UTC.
  type: str
  returned: when there is one
  sample: "2027-05-23T12:00:00Z"
former_key_id:
  description: The key ID of the certificate that was in use until now.
  type: str
  returned: when one was added and that is known
reason:
  description: Why a new certificate was needed.
  type: str
  returned: when one is, in check mode too
  sample: the one in use expires in 12 days
propagation_seconds:
  description: How long it took until the new certificate was accepted three times in a row.
  type: float
  returned: when one was added
application:
  description: The app.
  type: dict
  returned: success
  contains:
    id:
      description: Its object ID.
      type: str
    client_id:
      description: Its application (client) ID.
      type: str
    display_name:
      description: Its name.
      type: str
certificates:
  description: All of the app's certificates as they are now.
  type: list
  elements: dict
  returned: success
  contains:
    key_id:
      description: Its ID.
      type: str
    display_name:
      description: Its name.
      type: str
    starts_on:
      description: From when it is valid.
      type: str
    expires_on:
      description: When it expires.
      type: str
removed:
  description: The key IDs of the certificates that were removed, or in check mode would be.
  type: list
  elements: str
  returned: when O(state=absent)
"""

import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._app_credentials.client_certificates import (
    ensure,
    remove,
)
from ansible_collections.community.powerbi.plugins.module_utils._app_credentials.rotation import ROTATION_OPTIONS, RULES
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import auth_argument_spec

ARGUMENT_SPEC: dict[str, t.Any] = auth_argument_spec(
    {**ROTATION_OPTIONS, "key_size": {"type": "int", "choices": [2048, 3072, 4096], "default": 2048}}
)
SECRET_VALUES = ("certificate_data",)


def run(context: Context) -> Result:
    return remove(context) if context.params["state"] == "absent" else ensure(context)


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run, secret_result=True, **RULES)


if __name__ == "__main__":
    main()
