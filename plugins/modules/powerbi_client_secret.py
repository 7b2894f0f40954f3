# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_client_secret
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Add, renew and remove the client secrets of an app registration
description:
  - Adds a client secret through Microsoft Graph, and returns it only when a token has been got with it three times in a row by
    clients of their own. Microsoft Entra ID's servers learn of a new secret one after the other, so that for seconds to
    minutes some of them refuse it.
  - A secret's text is shown once, when it is made. Write it to your vault in the next task, read it back, and remove the
    old ones only then. The role P(community.powerbi.powerbi_credentials#role) with C(tasks_from=rotate) does all of that.
  - The caller must be an owner of the app and have Graph's application permission C(Application.ReadWrite.OwnedBy); or have
    C(Application.ReadWrite.All). An app can own itself.
notes:
  - Run it once at a time for an app. Two runs at once each add a secret.
options:
  key_id:
    description: The key ID of the secret in use, as it was kept beside it. Without it, the one in use is unknown.
    type: str
  hint:
    description:
      - The first three characters of the secret in use, by which Microsoft Graph tells secrets apart. Finds it where
        O(key_id) is not known, if no other secret begins so.
    type: str
extends_documentation_fragment:
  - community.powerbi.rotation
  - community.powerbi.auth
  - community.powerbi.connection
  - community.powerbi.attributes
  - community.powerbi.attributes.actiongroup_powerbi
seealso:
  - module: community.powerbi.powerbi_client_certificate
"""

EXAMPLES = r"""
- name: Renew the secret when it expires within a month
  community.powerbi.powerbi_client_secret:
    profile: prod
    display_name: ansible-prod
    state: rotated
    key_id: "{{ vaulted.client_secret_key_id }}"
    rotate_before: 30
    valid_for: 90
  register: renewed

- name: Keep it, and leave the other fields of that path as they are
  community.powerbi.powerbi_hashi_vault:
    request: write
    url: https://vault.example.com
    path: powerbi/prod
    data: {client_secret: "{{ renewed.client_secret }}", client_secret_key_id: "{{ renewed.key_id }}"}
  when: renewed is changed

- name: Remove the one before it
  community.powerbi.powerbi_client_secret:
    profile: prod
    state: absent
    key_ids: ["{{ renewed.former_key_id }}"]
  when: renewed.former_key_id is defined
"""

RETURN = r"""
client_secret:
  description: The new secret.
  type: str
  returned: when one was added
key_id:
  description: The key ID of the new secret, or else of the one in use.
  type: str
  returned: when there is one
  sample: 5ec00000-0000-4000-8000-000000000001
expires_on:
  description: When that secret expires, ISO 8601 in UTC.
  type: str
  returned: when there is one
  sample: "2027-05-23T12:00:00Z"
former_key_id:
  description: The key ID of the secret that was in use until now.
  type: str
  returned: when one was added and that is known
reason:
  description: Why a new secret was needed.
  type: str
  returned: when one is, in check mode too
  sample: the one in use expires in 12 days
propagation_seconds:
  description: How long it took until the new secret was accepted three times in a row.
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
secrets:
  description: All of the app's secrets as they are now.
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
  description: The key IDs of the secrets that were removed, or in check mode would be.
  type: list
  elements: str
  returned: when O(state=absent)
"""

import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._app_credentials.client_secrets import ensure, remove
from ansible_collections.community.powerbi.plugins.module_utils._app_credentials.rotation import ROTATION_OPTIONS, RULES
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import auth_argument_spec

ARGUMENT_SPEC: dict[str, t.Any] = auth_argument_spec({**ROTATION_OPTIONS, "hint": {"type": "str", "no_log": False}})
SECRET_VALUES = ("client_secret",)


def run(context: Context) -> Result:
    return remove(context) if context.params["state"] == "absent" else ensure(context)


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run, secret_result=True, **RULES)


if __name__ == "__main__":
    main()
